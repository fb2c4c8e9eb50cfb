//! The type of a tensor: what its elements are, and its shape.

use super::dim::Dim;
use smallvec::SmallVec;
use std::fmt;

/// What the elements of a tensor are. How wide a float is, the run decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    Float,
    Int,
    Bool,
}

impl Element {
    pub const ALL: [Self; 3] = [Self::Float, Self::Int, Self::Bool];

    /// As in a sentence: `a float tensor`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Int => "int",
            Self::Bool => "bool",
        }
    }
}

/// The sizes of a tensor's axes, the slowest first.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Shape(SmallVec<[Dim; 4]>);

impl Shape {
    /// The shape of a scalar, `[]`.
    #[must_use]
    pub fn scalar() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The number of elements.
    #[must_use]
    pub fn numel(&self) -> Dim {
        self.0.iter().fold(Dim::ONE, |product, dim| product.mul(dim))
    }

    pub fn push(&mut self, dim: Dim) {
        self.0.push(dim);
    }

    #[must_use]
    pub fn map(&self, change: impl FnMut(&Dim) -> Dim) -> Self {
        Self(self.0.iter().map(change).collect())
    }
}

impl std::ops::Deref for Shape {
    type Target = [Dim];

    fn deref(&self) -> &[Dim] {
        &self.0
    }
}

impl std::ops::DerefMut for Shape {
    fn deref_mut(&mut self) -> &mut [Dim] {
        &mut self.0
    }
}

impl<D: Into<Dim>> FromIterator<D> for Shape {
    fn from_iter<I: IntoIterator<Item = D>>(dims: I) -> Self {
        Self(dims.into_iter().map(Into::into).collect())
    }
}

impl From<&[Dim]> for Shape {
    fn from(dims: &[Dim]) -> Self {
        Self(dims.into())
    }
}

impl<const N: usize> From<[Dim; N]> for Shape {
    fn from(dims: [Dim; N]) -> Self {
        dims.into_iter().collect()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, dim) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{dim}")?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Written as in a file: `[batch, 10]`, `int[batch]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TensorType {
    pub element: Element,
    pub shape: Shape,
}

impl TensorType {
    #[must_use]
    pub fn new(element: Element, shape: impl Into<Shape>) -> Self {
        Self { element, shape: shape.into() }
    }

    #[must_use]
    pub fn float(shape: impl Into<Shape>) -> Self {
        Self::new(Element::Float, shape)
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.element {
            Element::Float => write!(f, "{}", self.shape),
            element => write!(f, "{}{}", element.name(), self.shape),
        }
    }
}
