//! wnet, a language for neural networks in which weight sharing is declared, checked and kept.
//!
//! | stage | takes | gives |
//! |---|---|---|
//! | [`syntax::parse`] | text | [`syntax::ast::File`], a tree with spans |
//! | [`program::collect`] | the first file | [`program::Program`]: the trees of all files that it imports |
//! | [`lower::lower`] | the trees | [`ir::Model`]: arguments filled in, blocks and repeats unrolled, names still names |
//! | [`resolve::resolve`] | the model | [`ir::Graph`]: storages, slots that reach them, nodes, values, uses |
//! | [`infer::infer`] | the graph | [`infer::Types`]: the type of every value, and what sizes must satisfy |
//!
//! Each product is immutable, and each stage takes only the product before it. [`compile`] runs them all.

pub mod arena;
pub mod atomic;
pub mod cli;
mod compile;
pub mod data;
pub mod diag;
pub mod exec;
pub mod explain;
pub mod infer;
pub mod ir;
pub mod lower;
pub mod manual;
pub mod ops;
pub mod optim;
pub mod plan;
pub mod program;
pub mod recipe;
pub mod resolve;
pub mod run;
pub mod sanitize;
pub mod shape;
pub mod span;
pub mod stack;
pub mod syntax;
pub mod tensor;
pub mod train;
pub mod view;
pub mod weights;

pub use compile::{Checked, CheckedModel, check, compile};
pub use lower::Settings;
