//! Arithmetic of two or three tensors that broadcast, element by element.

mod binary;
mod ternary;

pub(super) use binary::{Binary, Elementwise, INPUT, OTHER};
pub(super) use maximum::Maximum;
pub(super) use minimum::Minimum;
pub(super) use ternary::{Ternary, Three};

ops! {
    add + FUNCTION
    sub + FUNCTION
    mul + FUNCTION
    div + FUNCTION
    floor_div + FUNCTION
    remainder + FUNCTION
    pow + FUNCTION
    neg + FUNCTION
    fmod
    maximum
    minimum
    atan2
    hypot
    logaddexp
    xlogy
    clamp
    lerp
    addcmul
    addcdiv
}
