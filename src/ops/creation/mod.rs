//! Tensors made of nothing: of a number, of their places, or drawn at random.

mod filling;
mod series;

pub(super) use filling::element;

ops! {
    zeros
    ones
    full
    zeros_like
    ones_like
    full_like
    eye
    arange
    linspace
    rand
    randn
    rand_like
    randn_like
}
