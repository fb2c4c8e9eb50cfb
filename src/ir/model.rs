//! A model as `lower` leaves it: arguments filled in, repeats unrolled, every expression a list of calls. Layers and
//! storages still go by their paths.

use super::path::Path;
use super::query::Assert;
use super::view::View;
use crate::arena::{Arena, Id};
use crate::ops::{self, Attributes, Init, Op};
use crate::shape::{Element, Shape, Symbol, TensorType};
use smallvec::SmallVec;
use std::ops::Range;
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
    /// Instances of blocks, arrays and composite layers; each before those inside it.
    pub scopes: Vec<Scope>,
    /// What blocks want of what they are called with, in the order of the calls.
    pub checks: Vec<Check>,
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

/// What holds several layers: an instance of a block, an array, or a composite layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    pub path: Path,
    pub kind: ScopeKind,
    /// The block; empty for an array or a composite layer.
    pub name: String,
    /// The scope in which it stands.
    pub parent: Option<usize>,
    /// The layers in it, by their indices, at any depth.
    pub layers: Range<usize>,
    /// The params and buffers in it, by their indices, at any depth.
    pub storages: Range<usize>,
    /// How often it is called.
    pub calls: u64,
    /// What its last call gives.
    pub results: Vec<ValueId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    Block,
    Array,
    Chain,
}

impl ScopeKind {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Array => "array",
            Self::Chain => "chain",
        }
    }
}

/// What a block says of one of its inputs, for one call of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub value: ValueId,
    /// The name of the input.
    pub input: String,
    pub element: Element,
    /// Axes of any number stand in front of those that are named.
    pub leading: Option<Leading>,
    pub dims: Shape,
    /// The calls that the block makes, by their indices.
    pub calls: Range<usize>,
}

/// The `...` of a block's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leading {
    /// The first one of a call stands for any axes.
    Any,
    /// The others stand for the same axes: those of this value without so many at its end.
    As(ValueId, usize),
}

/// `param` or `buffer`.
#[derive(Clone, Debug, PartialEq)]
pub struct StorageDecl {
    pub path: Path,
    pub kind: ops::SlotKind,
    pub frozen: bool,
    pub ty: TensorType,
    pub init: Option<Init>,
    /// What it is tied to from outside of its block. It doesn't own its storage then.
    pub ties: Vec<TieDecl>,
    /// The scope in which it is declared.
    pub scope: Option<usize>,
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
    /// The scope in which it stands.
    pub scope: Option<usize>,
}

/// `slot=@reference`
#[derive(Clone, Debug, PartialEq)]
pub struct TieDecl {
    pub slot: String,
    pub target: Reference,
    /// It is written where a block is used, not where the slot is declared, and replaces what the block says.
    pub outside: bool,
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
    pub attributes: Arc<Attributes>,
}

/// A call of a layer or function, or an arithmetic operation.
#[derive(Clone, Debug)]
pub struct Call {
    pub callee: Callee,
    pub operands: ValueIds,
    pub results: ValueIds,
}

#[derive(Clone, Debug)]
pub enum Callee {
    /// The layer with this path, and what this call makes of its operator.
    Layer(Path, Option<Operator>),
    Operator(Operator),
}

pub type ValueId = Id<Value>;

/// Values in their order. So many as most calls have need no allocation.
pub type ValueIds = SmallVec<[ValueId; 4]>;

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
