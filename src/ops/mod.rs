//! The operators: a contract, what the families share, and a folder for each family. There every layer, function and loss
//! has one file that holds all that is known of it. Nothing outside this folder names an operator.

/// Declares the modules of a family's operators and lists what they define. Each file has a `DEF`, and those named after a
/// `+`: the layer that a function is too, the function that a symbol is too.
macro_rules! ops {
    ($($module:ident $(+ $more:ident)*)*) => {
        $(mod $module;)*

        /// The operators of this family, in the order of the list.
        pub(super) const OPERATORS: &[&$crate::ops::Def] = &[$(&$module::DEF, $(&$module::$more,)*)*];
    };
}

mod activation;
mod arithmetic;
mod attention;
mod axis;
mod comparison;
mod contract;
mod convolution;
mod creation;
mod definition;
mod distances;
mod dropout;
mod embedding;
mod error;
mod factor;
mod functional;
mod images;
mod indexing;
pub mod init;
mod init_fill;
mod lookup;
mod losses;
mod movement;
mod normalization;
mod ordering;
mod padding;
mod pointwise;
mod pooling;
mod products;
mod recurrent;
mod reduction;
mod shape_rules;
#[cfg(test)]
mod tests;
mod value;
mod windows;

pub use contract::{
    Backward, Def, Factor, FactorOf, Follow, Form, Forward, Grads, Keeps, Kernel, Literal, Mode, Op, Parameter,
    ParameterKind, Pass, Type,
};
pub use contract::{DataError, HangsOn, SlotKind, SlotSpec};
pub use error::{AttributeError, Cause, ShapeError, ShapeErrorKind};
pub use init::Init;
pub use lookup::{infix, loss_of_class, named, prefix, subscript};
pub use value::{Attributes, Value};

/// The families in the order of `docs/operators.md`.
const FAMILIES: &[&[&Def]] = &[
    products::OPERATORS,
    embedding::OPERATORS,
    normalization::OPERATORS,
    distances::OPERATORS,
    dropout::OPERATORS,
    recurrent::OPERATORS,
    attention::OPERATORS,
    activation::OPERATORS,
    pointwise::OPERATORS,
    arithmetic::OPERATORS,
    comparison::OPERATORS,
    convolution::OPERATORS,
    pooling::OPERATORS,
    padding::OPERATORS,
    images::OPERATORS,
    movement::OPERATORS,
    indexing::OPERATORS,
    creation::OPERATORS,
    reduction::OPERATORS,
    ordering::OPERATORS,
    losses::OPERATORS,
];

/// Every operator, family by family.
pub static REGISTRY: &[&Def] = &joined();

const fn count() -> usize {
    let (mut count, mut families) = (0, FAMILIES);
    while let [family, rest @ ..] = families {
        count += family.len();
        families = rest;
    }
    count
}

#[allow(clippy::indexing_slicing, reason = "the compiler runs it")]
const fn joined() -> [&'static Def; count()] {
    let (mut all, mut at) = ([FAMILIES[0][0]; count()], 0);
    let mut families = FAMILIES;
    while let [family, rest @ ..] = families {
        let mut family = *family;
        while let [def, more @ ..] = family {
            all[at] = *def;
            at += 1;
            family = more;
        }
        families = rest;
    }
    all
}
