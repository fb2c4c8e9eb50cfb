//! Dense tensors in memory that someone else owns, and the CPU kernels over them. Nothing here knows of operators,
//! symbols or files.

pub mod gemm;
pub mod random;
mod real;
mod view;

pub use real::Real;
pub use view::{Slice, SliceMut, View, ViewMut};
