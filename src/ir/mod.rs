//! The two intermediate representations, [`Model`] with names and [`Graph`] with ids, how they are printed, and the
//! checks that hold between stages. Places in the source stand beside them in [`Places`], never in them.

mod graph;
mod json;
mod model;
pub mod overlap;
mod path;
mod places;
mod print;
mod query;
mod sentence;
pub mod sharing;
mod verify;
mod view;

pub use graph::{Graph, Layer, LayerId, Node, NodeId, Slot, SlotId, SlotIds, SlotOf, Storage, StorageId, StorageKind};
pub use graph::{Target, Tie, Use, UseKind, UseSite};
pub use json::{arguments_json, dim_json, graph_json, model_json, shape_json, value_json};
pub use model::{Call, Callee, Check, Input, LayerDecl, Leading, Model, Operator, Reference, Scope, ScopeKind};
pub use model::{StorageDecl, TieDecl};
pub use model::{Value, ValueId, ValueIds, ValueOf};
pub use path::Path;
pub use places::{AssertPlace, CallPlace, CheckPlace, FramePlace, InputPlace, LayerPlace, Places, ScopePlace};
pub use places::{StoragePlace, TiePlace};
pub use print::{graph_text, model_text};
pub use query::{Assert, Binary, Query};
pub use sentence::{Answer, answer};
pub use verify::{verify_graph, verify_model};
pub use view::{View, ViewKind, ViewStep};
