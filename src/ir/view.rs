//! How a slot or value sees the storage that it reaches.

use crate::shape::{Dim, Shape};
use std::fmt;

/// Steps from a storage to what is seen of it, the first nearest to the storage. None: the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View(pub Vec<ViewStep>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewStep {
    /// Both axes of a matrix exchanged.
    Transpose,
    /// For each axis a half-open range; axes past the list are whole.
    Slice(Vec<Option<(Dim, Dim)>>),
    /// The same elements in another shape.
    Reshape(Shape),
}

/// What kind of view it is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewKind {
    Whole,
    Transpose,
    Slice,
    Reshape,
    Chain,
}

impl ViewKind {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Transpose => "T",
            Self::Slice => "slice",
            Self::Reshape => "reshape",
            Self::Chain => "chain",
        }
    }
}

impl View {
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn kind(&self) -> ViewKind {
        match self.0.as_slice() {
            [] => ViewKind::Whole,
            [ViewStep::Transpose] => ViewKind::Transpose,
            [ViewStep::Slice(_)] => ViewKind::Slice,
            [ViewStep::Reshape(_)] => ViewKind::Reshape,
            _ => ViewKind::Chain,
        }
    }

    /// This view, seen through another one.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let mut steps = self.0.clone();
        for step in &next.0 {
            if *step == ViewStep::Transpose && steps.last() == Some(step) {
                steps.pop();
            } else {
                steps.push(step.clone());
            }
        }
        Self(steps)
    }

    /// The shape of what is seen of a storage of this shape; `None` if a step doesn't fit what it is applied to.
    #[must_use]
    pub fn shape(&self, storage: &Shape) -> Option<Shape> {
        self.0.iter().try_fold(storage.clone(), |shape, step| match step {
            ViewStep::Transpose => match &*shape {
                [rows, columns] => Some(Shape::from([columns.clone(), rows.clone()])),
                _ => None,
            },
            ViewStep::Slice(ranges) => {
                let mut shape = shape;
                if ranges.len() > shape.rank() {
                    return None;
                }
                for (dim, range) in shape.iter_mut().zip(ranges) {
                    if let Some((start, end)) = range {
                        *dim = end.sub(start);
                    }
                }
                Some(shape)
            }
            ViewStep::Reshape(shape) => Some(shape.clone()),
        })
    }
}

/// As it is written after the name of a storage.
impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step {
                ViewStep::Transpose => f.write_str(".T")?,
                ViewStep::Slice(ranges) => {
                    f.write_str("[")?;
                    for (axis, range) in ranges.iter().enumerate() {
                        f.write_str(if axis > 0 { ", " } else { "" })?;
                        match range {
                            Some((start, end)) => write!(f, "{start}:{end}")?,
                            None => f.write_str(":")?,
                        }
                    }
                    f.write_str("]")?;
                }
                ViewStep::Reshape(shape) => {
                    let dims: Vec<String> = shape.iter().map(ToString::to_string).collect();
                    write!(f, ".reshape({})", dims.join(", "))?;
                }
            }
        }
        Ok(())
    }
}
