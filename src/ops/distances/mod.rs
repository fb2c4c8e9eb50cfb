//! How near vectors are to one another.

mod p_norm;
mod vector_pairs;

pub(super) use p_norm::{Norm, PNorm};

ops! {
    cosine_similarity + LAYER
    pairwise_distance + LAYER
    cdist
}
