//! The matrix by which a call multiplies: the plan may put it into panels, once for all calls that use it.

use crate::tensor::panels;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor {
    pub of: FactorOf,
    /// Its rows are multiplied as columns.
    pub transposed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactorOf {
    /// The operand with this index.
    Input(usize),
    /// The slot with this index.
    Slot(usize),
}

/// Which pass a call belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    Forward,
    Backward,
}

impl Factor {
    /// How many elements its panels have. `None` if a tensor of this shape isn't a matrix.
    #[must_use]
    pub fn panels(self, shape: &[usize]) -> Option<usize> {
        match (shape, self.transposed) {
            ([rows, columns], false) | ([columns, rows], true) => Some(panels::len(*rows, *columns)),
            _ => None,
        }
    }
}
