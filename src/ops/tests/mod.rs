//! What every operator must do, tried on cases of each: shapes, gradients, and what it reads.

mod cases;
mod convolution;
mod harness;
mod images;
mod kernels;
mod planted;
mod pooling;
mod shapes;
