//! Pooling over one to three axes, and the way back from the greatest elements.

mod pool;
mod unpool;

ops! {
    max_pool1d + FUNCTION
    max_pool2d + FUNCTION
    max_pool3d + FUNCTION
    max_unpool1d + FUNCTION
    max_unpool2d + FUNCTION
    max_unpool3d + FUNCTION
    avg_pool1d + FUNCTION
    avg_pool2d + FUNCTION
    avg_pool3d + FUNCTION
    adaptive_max_pool1d + FUNCTION
    adaptive_max_pool2d + FUNCTION
    adaptive_max_pool3d + FUNCTION
    adaptive_avg_pool1d + FUNCTION
    adaptive_avg_pool2d + FUNCTION
    adaptive_avg_pool3d + FUNCTION
}
