//! Arrays in memory, as files hold them.

use indexmap::IndexMap;
use std::collections::BTreeMap;

/// A dense array in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub elements: Elements,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    F32(Vec<f32>),
    F64(Vec<f64>),
    I64(Vec<i64>),
    Bool(Vec<bool>),
}

impl Elements {
    /// As in messages and flags.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
            Self::I64(_) => "int",
            Self::Bool(_) => "bool",
        }
    }

    /// What they take in memory.
    #[must_use]
    pub fn bytes(&self) -> u128 {
        let size = match self {
            Self::F64(_) | Self::I64(_) => 8,
            Self::F32(_) => 4,
            Self::Bool(_) => 1,
        };
        self.len() as u128 * size
    }

    /// Adds elements of the same type; others are left out.
    pub(super) fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::F32(all), Self::F32(mut more)) => all.append(&mut more),
            (Self::F64(all), Self::F64(mut more)) => all.append(&mut more),
            (Self::I64(all), Self::I64(mut more)) => all.append(&mut more),
            (Self::Bool(all), Self::Bool(mut more)) => all.append(&mut more),
            _ => {}
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F32(elements) => elements.len(),
            Self::F64(elements) => elements.len(),
            Self::I64(elements) => elements.len(),
            Self::Bool(elements) => elements.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a file holds, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    pub arrays: IndexMap<String, Array>,
    /// Of safetensors.
    pub metadata: BTreeMap<String, String>,
}

impl Contents {
    /// What all arrays take in memory.
    #[must_use]
    pub fn bytes(&self) -> u128 {
        self.arrays.values().map(|array| array.elements.bytes()).sum()
    }
}
