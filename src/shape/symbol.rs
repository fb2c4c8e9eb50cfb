//! The unknowns that dimensions are made of. Each stands for an integer of at least 1.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Where a symbol comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// An argument of the model that has no value.
    Argument,
    /// A name that an input of the model introduces; its size comes with the data.
    Input,
    /// A name that stands for a dimension of whatever a block is called with, or `_`: bound by what it meets, without
    /// a requirement.
    Local,
}

/// An unknown integer of at least 1. Symbols are equal if their ids are.
#[derive(Clone)]
pub struct Symbol {
    pub id: u32,
    pub kind: SymbolKind,
    pub name: Arc<str>,
}

impl PartialEq for Symbol {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Symbol {}
impl PartialOrd for Symbol {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Symbol {
    fn cmp(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }
}
impl Hash for Symbol {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}
impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)
    }
}
