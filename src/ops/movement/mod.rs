//! The same elements in other shapes, orders, numbers and pieces, or as they are.

mod moves;
mod reshaping;
mod triangle;

pub(super) use moves::{Move, Moved, Movement};
pub(super) use split::piece;

ops! {
    flatten + FUNCTION
    unflatten + FUNCTION
    reshape
    view
    reshape_as
    view_as
    squeeze
    unsqueeze
    transpose
    t
    permute
    movedim
    expand
    broadcast_to
    expand_as
    repeat
    tile
    repeat_interleave
    meshgrid
    cat
    concat
    stack
    split
    chunk
    unbind
    diagonal
    diag
    tril
    triu
    roll
    flip
    identity
    clone
    contiguous
    detach
    to
}
