//! The operators: a contract, and one file for each layer, function and loss that holds all that is known of it. The
//! list below is the registry; nothing outside this folder names an operator.

mod axis;
mod binary;
mod channel_norm;
mod channel_norm_kernel;
mod contract;
mod copy;
mod cross_entropy_kernel;
mod embedding_bag_kernel;
mod error;
mod functional;
pub mod init;
mod pointwise;
mod random_mask;
mod reduction;
mod row_norm;
mod shape_rules;
#[cfg(test)]
mod tests;
mod value;

pub use contract::{Backward, Def, Form, Forward, Keeps, Kernel, Literal, Mode, Op, Parameter, ParameterKind, Type};
pub use contract::{DataError, SlotKind, SlotSpec};
pub use error::{AttributeError, Cause, ShapeError, ShapeErrorKind};
pub use init::Init;
pub use value::{Attributes, Value};

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Declares the modules and the registry entries. Each file has a `DEF`, and beside that of a layer there may be a
/// `FUNCTION` that takes its slots as operands.
macro_rules! ops {
    ($($module:ident $(+ $function:ident)?)*) => {
        $(mod $module;)*

        /// Every operator, in the order of the list.
        pub static REGISTRY: &[&Def] = &[$(&$module::DEF, $(&$module::$function,)?)*];
    };
}

ops! {
    linear + FUNCTION
    bilinear + FUNCTION
    embedding + FUNCTION
    embedding_bag + FUNCTION
    identity
    prelu + FUNCTION
    layer_norm + FUNCTION
    rms_norm + FUNCTION
    batch_norm1d
    batch_norm2d
    batch_norm3d
    batch_norm
    group_norm + FUNCTION
    instance_norm1d
    instance_norm2d
    instance_norm3d
    instance_norm
    dropout + FUNCTION
    dropout1d + FUNCTION
    dropout2d + FUNCTION
    dropout3d + FUNCTION
    alpha_dropout + FUNCTION
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
    reshape
    transpose
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

/// The operator that is written before its operand, such as `-`.
#[must_use]
pub fn prefix(symbol: &str) -> Option<&'static Def> {
    REGISTRY.iter().find(|def| matches!(def.form, Form::Prefix) && def.name == symbol).copied()
}
