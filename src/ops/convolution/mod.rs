//! Convolutions over one to three axes.

mod conv;
mod kernel;
mod shape;

pub(super) use conv::KERNEL_SIZE;

ops! {
    conv1d + FUNCTION
    conv2d + FUNCTION
    conv3d + FUNCTION
    conv_transpose1d + FUNCTION
    conv_transpose2d + FUNCTION
    conv_transpose3d + FUNCTION
}
