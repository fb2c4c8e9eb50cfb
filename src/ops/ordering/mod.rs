//! Elements by their order along an axis.

mod choice;

pub(super) use choice::{Choice, Which};

ops! {
    sort
    argsort
    topk
    kthvalue
    median
}
