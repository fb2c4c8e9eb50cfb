//! A model as `lower` leaves it: arguments filled in, repeats unrolled, every expression a list of calls. Layers and
//! storages still go by their paths.

use super::path::Path;
use super::query::Assert;
use super::view::View;
use crate::arena::{Arena, Id};
use crate::ops::{self, Attributes, Init, Op};
use crate::shape::{Symbol, TensorType};
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub name: String,
    /// Every argument with its value; one without a value is symbolic.
    pub arguments: Vec<(String, ops::Value)>,
    /// Every symbol that dimensions may hold.
    pub symbols: Vec<Symbol>,
    pub inputs: Vec<Input>,
    pub storages: Vec<StorageDecl>,
    pub layers: Vec<LayerDecl>,
    /// In the order in which they are computed.
    pub calls: Vec<Call>,
    pub values: Arena<Value>,
    /// Names and values of the outputs, in their order.
    pub outputs: Vec<(String, ValueId)>,
    pub loss: Option<ValueId>,
    pub asserts: Vec<Assert>,
    /// Some of it was wrong and left out, so nothing can be said of what isn't there.
    pub partial: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub name: String,
    pub ty: TensorType,
    pub value: ValueId,
}

/// `param` or `buffer`.
#[derive(Clone, Debug, PartialEq)]
pub struct StorageDecl {
    pub path: Path,
    pub kind: ops::SlotKind,
    pub frozen: bool,
    pub ty: TensorType,
    pub init: Option<Init>,
}

/// One instance of a built-in layer.
#[derive(Clone, Debug)]
pub struct LayerDecl {
    pub path: Path,
    pub operator: Operator,
    pub frozen: bool,
    /// Initializers written in the parentheses, by slot.
    pub inits: Vec<(String, Init)>,
    pub ties: Vec<TieDecl>,
}

/// `slot=@reference`
#[derive(Clone, Debug, PartialEq)]
pub struct TieDecl {
    pub slot: String,
    pub target: Reference,
}

/// A param, buffer or slot, perhaps through a view.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub path: Path,
    pub view: View,
}

/// An operator and the attributes that it was built from.
#[derive(Clone, Debug)]
pub struct Operator {
    pub op: Arc<dyn Op>,
    pub attributes: Attributes,
}

/// A call of a layer or function, or an arithmetic operation.
#[derive(Clone, Debug)]
pub struct Call {
    pub callee: Callee,
    pub operands: Vec<ValueId>,
    pub results: Vec<ValueId>,
}

#[derive(Clone, Debug)]
pub enum Callee {
    /// The layer with this path, and what this call makes of its operator.
    Layer(Path, Option<Operator>),
    Operator(Operator),
}

pub type ValueId = Id<Value>;

/// Something that is computed, or known from the start.
#[derive(Clone, Debug)]
pub struct Value {
    /// The name that it was bound to last.
    pub name: Option<Arc<str>>,
    pub of: ValueOf,
}

#[derive(Clone, Debug)]
pub enum ValueOf {
    /// The index of the input.
    Input(usize),
    /// The call and the index among its results.
    Result(usize, usize),
    /// A param, buffer or slot used as a value.
    Storage(Reference),
    /// A number in an expression.
    Scalar(ops::Value),
}
