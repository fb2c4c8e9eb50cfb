//! What becomes of all elements, or of those along axes.

mod cumulative;
mod extreme;
mod quantifier;
mod reduce;
mod variance;

pub(super) use extreme::{Extreme, share};
pub(super) use reduce::{Axes, KEEPDIM, ONE_DIM, REDUCTION, Reduction, not_empty};

ops! {
    sum
    mean
    prod
    var
    standard_deviation
    var_mean
    std_mean
    norm
    logsumexp
    amax
    amin
    max
    min
    argmax
    argmin
    any
    all
    cumsum
    cumprod
}
