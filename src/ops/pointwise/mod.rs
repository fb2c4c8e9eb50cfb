//! Other functions of one tensor that work on each element alone.

mod map;

pub(super) use map::{ANY_NUMBER, FLOAT_OR_INT, INPUT, Map, Pointwise, Takes};
pub(super) use sign::sign;

ops! {
    exp
    expm1
    exp2
    log
    log1p
    log2
    log10
    sqrt
    rsqrt
    square
    reciprocal
    abs
    sign
    floor
    ceil
    round
    trunc
    frac
    logit
    nan_to_num
    sin
    cos
    tan
    asin
    acos
    atan
    sinh
    cosh
    asinh
    acosh
    atanh
    erf
    erfc
}
