//! Images: other sizes, pixels and channels, patches.

mod interpolation;
mod patches;
mod pixels;

ops! {
    upsample
    upsampling_nearest2d
    upsampling_bilinear2d
    interpolate
    pixel_shuffle + FUNCTION
    pixel_unshuffle + FUNCTION
    channel_shuffle + FUNCTION
    unfold + FUNCTION
    fold + FUNCTION
}
