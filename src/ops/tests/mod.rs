//! What every operator must do, tried on cases of each: shapes, gradients, and what it reads.

mod activations;
mod cases;
mod distances;
mod elementwise;
mod harness;
mod kernels;
mod losses;
mod normalization;
mod planted;
mod shapes;
mod tables;
