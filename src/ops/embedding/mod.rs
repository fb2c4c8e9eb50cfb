//! Vectors for indices and for positions.

mod embedding_bag_kernel;

pub(super) use embedding::index_error;

ops! {
    embedding + FUNCTION
    embedding_bag + FUNCTION
    sinusoidal_positions
    rotary
}
