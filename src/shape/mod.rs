//! Dimensions and their algebra: exact polynomials over symbols, what can be proved of them, and the types of tensors.
//! Nothing here knows of source text, operators or memory.

mod bounds;
mod dim;
mod display;
mod divide;
mod facts;
mod quotients;
mod requirement;
mod symbol;
mod tensor_type;
#[cfg(test)]
mod tests;

pub use dim::Dim;
pub use facts::Facts;
pub use requirement::{Relation, Requirement};
pub use symbol::{Symbol, SymbolKind};
pub use tensor_type::{Element, Shape, TensorType};
