//! wnet, a language for neural networks in which weight sharing is declared, checked and kept.

pub mod arena;
pub mod cli;
pub mod diag;
pub mod ir;
pub mod lower;
pub mod ops;
pub mod resolve;
pub mod sanitize;
pub mod shape;
pub mod span;
pub mod syntax;
pub mod tensor;
