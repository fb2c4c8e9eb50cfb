//! What every operator must do, tried on cases of each: shapes, gradients, and what it reads.

mod cases;
mod creation;
mod harness;
mod indexing;
mod kernels;
mod movement;
mod planted;
mod positions;
mod products;
mod shapes;
