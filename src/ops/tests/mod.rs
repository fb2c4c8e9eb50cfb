//! What every operator must do, tried on cases of each: shapes, gradients, and what it reads.

mod activations;
mod attention;
mod cases;
mod elementwise;
mod harness;
mod kernels;
mod normalization;
mod planted;
mod recurrent;
mod shapes;
mod tables;
