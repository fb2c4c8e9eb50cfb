//! What every operator must do, tried on cases of each: shapes, gradients, and what it reads.

mod activations;
mod attention;
mod cases;
mod convolution;
mod creation;
mod ctc;
mod distances;
mod elementwise;
mod harness;
mod indexing;
mod kernels;
mod movement;
mod normalization;
mod planted;
mod recurrent;
mod reductions;
mod shapes;
mod tables;
