//! What names mean in one body: what was declared anywhere in it, which is fixed, and what was bound so far.

use super::errors::LowerError;
use crate::diag::{label, primary};
use crate::ir::{Path, Reference, ValueId};
use crate::ops::{Def, Value};
use crate::shape::Symbol;
use crate::span::Span;
use crate::syntax::ast;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::rc::Rc;
use std::sync::Arc;

/// What an expression stands for.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// Known before anything runs.
    Const(Value),
    Value(ValueId),
    /// The results of a call that has several, or none.
    Results(Vec<ValueId>),
    /// A param, buffer or slot.
    Storage(Reference),
    /// What can be called.
    Unit(Unit),
    List(Vec<Self>),
    /// It was reported; nothing more is said of it.
    Unknown,
}

impl Item {
    /// The number of items in it, in all depths, and lists among them.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::List(items) => items.iter().fold(items.len(), |sum, item| sum.saturating_add(item.size())),
            Self::Const(value) => size(value),
            Self::Results(values) => values.len(),
            _ => 0,
        }
    }
}

/// The same of a constant.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().fold(items.len(), |sum, item| sum.saturating_add(size(item))),
        _ => 0,
    }
}

/// What a `layer` declares.
#[derive(Clone, Debug)]
pub(super) enum Unit {
    /// A built-in layer, by its index in the model.
    Layer(usize),
    /// An instance of a block, by its index.
    Block(usize),
    /// A function in a composite layer.
    Function(Rc<Function>),
    /// An array or a composite layer, or a part of one.
    Many(Rc<Many>),
    /// It was reported.
    Broken,
}

#[derive(Debug)]
pub(super) struct Function {
    pub(super) def: &'static Def,
    pub(super) given: Vec<(&'static str, Value)>,
    pub(super) places: Vec<(&'static str, Span)>,
}

#[derive(Debug)]
pub(super) struct Many {
    pub(super) path: Path,
    /// An array's elements are layers of one declaration, which stand one after another as those of a composite do.
    pub(super) is_array: bool,
    pub(super) parts: Vec<Unit>,
    /// Its scope in the model; a part of an array has none.
    pub(super) scope: Option<usize>,
}

/// What a name of a body was declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Argument,
    Param,
    Buffer,
    Layer,
    Block,
}

impl Declared {
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Argument => "the argument",
            Self::Param => "the param",
            Self::Buffer => "the buffer",
            Self::Layer => "the layer",
            Self::Block => "the block",
        }
    }
}

/// What is the same in every call of an instance.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    /// The instance's own path; empty for a model.
    pub(super) path: Path,
    /// The name of the model or block.
    pub(super) name: String,
    pub(super) is_model: bool,
    /// The file whose names it sees.
    pub(super) file: usize,
    /// Its scope in the model.
    pub(super) scope: Option<usize>,
    /// The blocks of the bodies around and of its own, by their index; none if there are none.
    pub(super) nest: Option<usize>,
    /// Those of the bodies around alone.
    pub(super) around: Option<usize>,
    /// Arguments, params, buffers, layers and blocks: declared anywhere, each once.
    pub(super) declared: HashMap<String, (Declared, Span)>,
    /// `None` for an argument that was reported.
    pub(super) arguments: HashMap<String, Option<Value>>,
    pub(super) units: HashMap<String, Unit>,
    /// Layers that are second names of others.
    pub(super) aliases: HashSet<String>,
    /// Names that a value gets somewhere in the body.
    pub(super) later: HashMap<String, Span>,
    /// Names declared by text that isn't valid.
    pub(super) broken: HashMap<String, Span>,
}

impl Fixed {
    pub(super) fn new(path: Path, name: &str, is_model: bool, file: usize, scope: Option<usize>) -> Self {
        Self {
            path,
            name: name.to_owned(),
            is_model,
            file,
            scope,
            nest: None,
            around: None,
            declared: HashMap::new(),
            arguments: HashMap::new(),
            units: HashMap::new(),
            aliases: HashSet::new(),
            later: HashMap::new(),
            broken: HashMap::new(),
        }
    }
}

/// The names of one body while it is read.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) fixed: Rc<Fixed>,
    /// Its number among the calls of blocks; 0 for a model.
    pub(super) frame: usize,
    pub(super) symbols: HashMap<String, Symbol>,
    /// Inputs and values, bound so far.
    pub(super) values: HashMap<Arc<str>, Item>,
    /// The variables of loops and array elements, the innermost last.
    pub(super) loops: Vec<(String, Item, Span)>,
    /// Unknown names that were reported; what follows from them is silent.
    pub(super) unknown: HashSet<String>,
    /// The names among the values, in the order in which they were first bound, and where.
    pub(super) fresh: Vec<(String, Span)>,
    /// Names bound in branches and loops that are over, and where.
    pub(super) inner: HashMap<String, Span>,
    /// What is given away so far.
    pub(super) outputs: Vec<(String, ValueId, Span)>,
    /// Where the outputs' names stand.
    pub(super) given: HashMap<String, Span>,
    pub(super) loss: Option<(Option<ValueId>, Span)>,
}

impl Scope {
    pub(super) fn new(fixed: Rc<Fixed>, frame: usize) -> Self {
        Self {
            fixed,
            frame,
            symbols: HashMap::new(),
            values: HashMap::new(),
            loops: Vec::new(),
            unknown: HashSet::new(),
            fresh: Vec::new(),
            inner: HashMap::new(),
            outputs: Vec::new(),
            given: HashMap::new(),
            loss: None,
        }
    }

    /// Whether something was said of this name already, so that no more need be.
    pub(super) fn is_broken(&self, name: &str) -> bool {
        self.fixed.broken.contains_key(name) || self.unknown.contains(name)
    }

    /// The name gets a value, but not here.
    pub(super) fn is_bound_elsewhere(&self, name: &str) -> bool {
        self.inner.contains_key(name) || self.fixed.later.contains_key(name)
    }

    /// The variable of a loop.
    pub(super) fn variable(&self, name: &str) -> Option<&Item> {
        self.loops.iter().rev().find(|(other, _, _)| other == name).map(|(_, item, _)| item)
    }

    /// What was bound to a name: by a loop, or as a value.
    pub(super) fn bound(&self, name: &str) -> Option<&Item> {
        self.variable(name).or_else(|| self.values.get(name))
    }

    /// The text of a name that a value gets, shared by all that get it.
    pub(super) fn value_name(&self, name: &str) -> Arc<str> {
        self.values.get_key_value(name).map_or_else(|| name.into(), |(known, _)| known.clone())
    }

    /// The layer of this name, unless something else was bound to it.
    pub(super) fn unit(&self, name: &str) -> Option<Unit> {
        match self.bound(name) {
            Some(Item::Unit(unit)) => Some(unit.clone()),
            Some(_) => None,
            None => self.fixed.units.get(name).cloned(),
        }
    }
}

pub(super) fn duplicate(name: &ast::Name, first: Span) -> LowerError {
    LowerError::DuplicateName {
        name: name.text.clone(),
        labels: vec![primary(name.span, "declared again here"), label(first, "first declared here")],
        help: Some("give one of them another name".to_owned()),
    }
}
