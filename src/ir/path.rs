//! Names of layers, slots and storages, as they are written and as they are keys in files.

use std::fmt;
use std::sync::Arc;

/// A path such as `blocks[3].attn.q.weight`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Arc<str>);

impl Path {
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The path of what has this name inside.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        if self.0.is_empty() { Self::new(name) } else { Self([&self.0, ".", name].concat().into()) }
    }

    /// The path of the element with this index.
    #[must_use]
    pub fn index(&self, index: u64) -> Self {
        Self(format!("{}[{index}]", self.0).into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its text, which stays one with it.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        self.0.clone()
    }

    /// As in files of weights: `blocks.3.attn.q.weight`.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.replace('[', ".").replace(']', "")
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Path {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Path {
    fn borrow(&self) -> &str {
        &self.0
    }
}
