//! A model as `resolve` leaves it: every name is an id, and every slot knows its storage. This is what is run.

use super::model::{Check, Input, Operator, Reference, Scope, Value, ValueId, ValueIds};
use super::path::Path;
use super::query::Assert;
use super::view::View;
use crate::arena::{Arena, Id};
use crate::ops::{self, Init};
use crate::shape::{Shape, Symbol, TensorType};
use foldhash::HashMap;
use smallvec::SmallVec;

pub type StorageId = Id<Storage>;
pub type SlotId = Id<Slot>;
/// Slots in their order. So many as most layers have need no allocation.
pub type SlotIds = SmallVec<[SlotId; 4]>;
pub type LayerId = Id<Layer>;
pub type NodeId = Id<Node>;

#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub name: String,
    pub arguments: Vec<(String, ops::Value)>,
    pub symbols: Vec<Symbol>,
    pub inputs: Vec<Input>,
    pub storages: Arena<Storage>,
    pub slots: Arena<Slot>,
    pub layers: Arena<Layer>,
    pub scopes: Vec<Scope>,
    pub checks: Vec<Check>,
    /// In the order in which they are computed.
    pub nodes: Arena<Node>,
    pub values: Arena<Value>,
    /// For each value that is a param, buffer or slot, what it reaches; in the order of the values.
    pub value_storages: Vec<(ValueId, StorageId, View)>,
    pub outputs: Vec<(String, ValueId)>,
    pub loss: Option<ValueId>,
    pub asserts: Vec<Assert>,
    /// Every use of a storage, in source order within the order of computation.
    pub uses: Vec<Use>,
    /// Params, buffers, layers and scopes by their paths; slots are found through [`Graph::find`].
    pub names: HashMap<Path, Target>,
}

impl Graph {
    /// What a path names.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Target> {
        if let Some(target) = self.names.get(path) {
            return Some(*target);
        }
        path.match_indices('.').find_map(|(dot, _)| {
            let Some(Target::Layer(layer)) = self.names.get(path.get(..dot)?) else { return None };
            let layer = self.layers.find(*layer)?;
            let slot = layer.slots.iter().find(|slot| self.slots[**slot].path.as_str() == path)?;
            Some(Target::Slot(*slot))
        })
    }
}

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Storage(StorageId),
    Slot(SlotId),
    Layer(LayerId),
    /// The index of a block, array or composite layer.
    Scope(usize),
}

/// Elements with one owner: one gradient, one entry in a file of weights.
#[derive(Clone, Debug)]
pub struct Storage {
    /// The path of the owner.
    pub path: Path,
    pub kind: StorageKind,
    pub ty: TensorType,
    pub init: Init,
    /// It has a gradient.
    pub trainable: bool,
    /// Every slot that reaches it, in the order of the layers.
    pub members: SlotIds,
    /// How often it is used, by calls and as a value.
    pub use_count: u64,
    /// The index of its declaration, if it is a param or buffer.
    pub declaration: Option<usize>,
}

/// What owns a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    Param,
    /// A trained slot of a layer.
    Slot,
    /// A `buffer`, or a slot that isn't trained.
    Buffer,
}

impl StorageKind {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Param => "param",
            Self::Slot => "slot",
            Self::Buffer => "buffer",
        }
    }
}

/// A place in a layer that holds storage.
#[derive(Clone, Debug)]
pub struct Slot {
    pub path: Path,
    pub of: SlotOf,
    /// The shape that is wanted.
    pub shape: Shape,
    pub kind: ops::SlotKind,
    pub storage: StorageId,
    /// What it sees of the storage.
    pub view: View,
    /// The tie that binds it, if one does.
    pub tie: Option<Tie>,
}

/// Whose slot it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotOf {
    /// A layer's, and the index among its slots.
    Layer(LayerId, usize),
    /// A block's, whose param or buffer with this index is tied from outside.
    Declaration(usize),
}

impl Slot {
    #[must_use]
    pub fn layer(&self) -> Option<LayerId> {
        match self.of {
            SlotOf::Layer(layer, _) => Some(layer),
            SlotOf::Declaration(_) => None,
        }
    }
}

/// How a slot came to share a storage.
#[derive(Clone, Debug)]
pub struct Tie {
    /// Its index among the ties of its layer or declaration.
    pub index: usize,
    /// What is written, which may be another slot that is tied in its turn.
    pub target: Reference,
}

#[derive(Clone, Debug)]
pub struct Layer {
    pub path: Path,
    pub operator: Operator,
    /// In the operator's order.
    pub slots: SlotIds,
    /// How often it is called.
    pub calls: u64,
    /// The scope in which it stands.
    pub scope: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct Node {
    /// The layer that is called; its operator is the node's.
    pub layer: Option<LayerId>,
    pub operator: Operator,
    pub operands: ValueIds,
    pub results: ValueIds,
}

/// One or several uses of a storage at one place.
#[derive(Clone, Debug)]
pub struct Use {
    pub storage: StorageId,
    /// The layer that is called, or the path used as a value.
    pub path: Path,
    /// The slot, or the path used as a value.
    pub via: Path,
    pub kind: UseKind,
    pub count: u64,
    /// The first call at that place, or the value.
    pub at: UseSite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseKind {
    Call,
    Value,
}

/// Which call or value a use is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseSite {
    Node(NodeId),
    Value(ValueId),
}
