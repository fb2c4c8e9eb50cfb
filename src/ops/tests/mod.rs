//! What every operator must do, tried on cases of each: shapes, gradients, and what it reads.

mod activations;
mod attention;
mod cases;
mod comparisons;
mod conformance;
mod convolution;
mod creation;
mod ctc;
mod distances;
mod elementwise;
mod harness;
mod images;
mod indexing;
mod initial;
mod kernels;
mod losses;
mod movement;
mod normalization;
mod planted;
mod pooling;
mod positions;
mod products;
mod recurrent;
mod reductions;
mod shapes;
mod tables;
