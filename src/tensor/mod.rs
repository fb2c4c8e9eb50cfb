//! Dense tensors in memory that someone else owns, and the CPU kernels over them. Nothing here knows of operators,
//! symbols or files.

pub mod along;
pub mod attention;
pub mod border;
pub mod contract;
pub mod convolution;
pub mod cover;
pub mod ctc;
pub mod gemm;
pub mod lane;
mod math;
pub mod max_pool;
mod mean_pool;
pub mod nest;
pub mod norm;
pub mod order;
mod outer;
pub mod pad;
pub mod panels;
pub mod pool;
pub mod random;
mod real;
pub mod recurrent;
pub mod reduce;
pub mod resize;
pub mod row;
mod side_by_side;
pub mod simd;
pub mod softmax;
pub mod sweep;
pub mod threads;
pub mod vector;
mod view;
pub mod zip;

pub use real::Real;
pub use view::{Slice, SliceMut, View, ViewMut, indices, place};
