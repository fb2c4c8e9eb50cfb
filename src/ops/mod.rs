//! The operators: a contract, and one file for each layer, function and loss that holds all that is known of it. The
//! list below is the registry; nothing outside this folder names an operator.

mod axis;
mod binary;
mod contract;
mod convolution;
mod convolution_kernel;
mod convolution_shape;
mod copy;
mod cross_entropy_kernel;
mod error;
pub mod init;
mod interpolation;
mod padding;
mod pixels;
mod pointwise;
mod pooling;
mod reduction;
mod shape_rules;
#[cfg(test)]
mod tests;
mod value;
mod windows;

pub use contract::{Backward, Def, Form, Forward, Keeps, Kernel, Literal, Mode, Op, Parameter, ParameterKind, Type};
pub use contract::{DataError, SlotKind, SlotSpec};
pub use error::{AttributeError, Cause, ShapeError, ShapeErrorKind};
pub use init::Init;
pub use value::{Attributes, Value};

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Declares the modules and the registry entries. Each file has a `DEF`, and those named after a `+`: the layer that a
/// function is too, the function that a layer is too.
macro_rules! ops {
    ($($module:ident $(+ $more:ident)*)*) => {
        $(mod $module;)*

        /// Every operator, in the order of the list.
        pub static REGISTRY: &[&Def] = &[$(&$module::DEF, $(&$module::$more,)*)*];
    };
}

ops! {
    linear
    embedding
    layer_norm
    dropout
    flatten
    conv1d + FUNCTION
    conv2d + FUNCTION
    conv3d + FUNCTION
    conv_transpose1d + FUNCTION
    conv_transpose2d + FUNCTION
    conv_transpose3d + FUNCTION
    max_pool1d + FUNCTION
    max_pool2d + FUNCTION
    max_pool3d + FUNCTION
    avg_pool1d + FUNCTION
    avg_pool2d + FUNCTION
    avg_pool3d + FUNCTION
    adaptive_max_pool1d + FUNCTION
    adaptive_max_pool2d + FUNCTION
    adaptive_max_pool3d + FUNCTION
    adaptive_avg_pool1d + FUNCTION
    adaptive_avg_pool2d + FUNCTION
    adaptive_avg_pool3d + FUNCTION
    zero_pad1d
    zero_pad2d
    zero_pad3d
    constant_pad1d
    constant_pad2d
    constant_pad3d
    reflection_pad1d
    reflection_pad2d
    reflection_pad3d
    replication_pad1d
    replication_pad2d
    replication_pad3d
    circular_pad1d
    circular_pad2d
    circular_pad3d
    pad
    upsample
    interpolate
    pixel_shuffle + FUNCTION
    pixel_unshuffle + FUNCTION
    unflatten + FUNCTION
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
