//! The operators: a contract, and one file for each layer, function and loss that holds all that is known of it. The
//! list below is the registry; nothing outside this folder names an operator.

mod axis;
mod binary;
mod contract;
mod copy;
mod cross_entropy_kernel;
mod equation;
mod error;
mod filling;
mod indexing;
pub mod init;
mod movement;
mod picking;
mod pointwise;
mod products;
mod range;
mod reduction;
mod reshaping;
mod series;
mod shape_rules;
#[cfg(test)]
mod tests;
mod triangle;
mod value;

pub use contract::{Backward, Def, Form, Forward, Keeps, Kernel, Literal, Mode, Op, Parameter, ParameterKind, Type};
pub use contract::{DataError, SlotKind, SlotSpec};
pub use error::{AttributeError, Cause, ShapeError, ShapeErrorKind};
pub use init::Init;
pub use value::{Attributes, Value};

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Declares the modules and the registry entries. Each file has a `DEF`.
macro_rules! ops {
    ($($module:ident)*) => {
        $(mod $module;)*

        /// Every operator, in the order of the list.
        pub static REGISTRY: &[&Def] = &[$(&$module::DEF),*];
    };
}

ops! {
    linear
    embedding
    layer_norm
    dropout
    flatten
    relu
    gelu
    tanh
    sigmoid
    softmax
    log_softmax
    add
    sub
    mul
    div
    floor_div
    remainder
    pow
    neg
    matmul
    mm
    bmm
    mv
    dot
    outer
    inner
    tensordot
    addmm
    baddbmm
    cross
    einsum
    reshape
    view
    reshape_as
    view_as
    flatten_function
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
    cat
    concat
    stack
    split
    chunk
    unbind
    index
    narrow
    select
    diagonal
    diag
    tril
    triu
    roll
    flip
    gather
    take_along_dim
    index_select
    scatter
    scatter_add
    index_add
    masked_fill
    one_hot
    clone
    contiguous
    detach
    to
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
    sinusoidal_positions
    rotary
    sum
    mean
    mse_loss
    cross_entropy
}

/// Which operators have a name of their own: layers and functions, not what is written between operands.
static NAMED: LazyLock<BTreeMap<&str, &Def>> =
    LazyLock::new(|| REGISTRY.iter().filter(|def| !def.is_symbol()).map(|def| (def.name, *def)).collect());

/// The layer or function of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Def> {
    NAMED.get(name).copied()
}

/// The operator that is written between two operands, such as `+`.
#[must_use]
pub fn infix(symbol: &str) -> Option<&'static Def> {
    REGISTRY.iter().find(|def| matches!(def.form, Form::Infix) && def.name == symbol).copied()
}

/// The operator that is written with subscripts, `x[:, 0]`.
#[must_use]
pub fn subscript() -> &'static Def {
    &index::DEF
}

/// The operator that is written before its operand, such as `-`.
#[must_use]
pub fn prefix(symbol: &str) -> Option<&'static Def> {
    REGISTRY.iter().find(|def| matches!(def.form, Form::Prefix) && def.name == symbol).copied()
}
