//! Elements that subscripts, indices or masks name.

mod indices;
mod picking;
mod range;

pub(super) use index::DEF as SUBSCRIPT;
pub(super) use indices::{check, same_axes};

ops! {
    index
    narrow
    select
    gather
    take_along_dim
    index_select
    scatter
    scatter_add
    index_add
    masked_fill
    one_hot
}
