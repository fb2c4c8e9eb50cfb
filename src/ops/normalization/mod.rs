//! Mean and variance, sizes and lengths brought to fixed values.

mod channel_norm;
mod channel_norm_kernel;
mod channel_norm_loops;
mod row_norm;

ops! {
    layer_norm + FUNCTION
    rms_norm + FUNCTION
    batch_norm1d
    batch_norm2d
    batch_norm3d
    batch_norm
    group_norm + FUNCTION
    instance_norm1d
    instance_norm2d
    instance_norm3d
    instance_norm
    local_response_norm + LAYER
    normalize
}
