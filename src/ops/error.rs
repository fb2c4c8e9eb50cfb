//! How an operator says what is wrong with its attributes or operands. It knows no places in the source: it names the
//! operand, axis or attribute, and whoever asked adds the places.

/// Attributes that don't make an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeError {
    /// The attribute that is wrong.
    pub attribute: &'static str,
    /// `p must be between 0 and 1, and is 2`
    pub message: String,
    pub help: Option<String>,
}

impl AttributeError {
    #[must_use]
    pub fn new(attribute: &'static str, message: impl Into<String>) -> Self {
        Self { attribute, message: message.into(), help: None }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Operands that don't fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError {
    pub kind: ShapeErrorKind,
    /// What was found and what was expected, in one sentence.
    pub message: String,
    /// What took part, the culprit first.
    pub causes: Vec<(Cause, String)>,
    pub help: Option<String>,
}

/// What took part in a shape error. The text beside it says what it contributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A dimension of an operand; the place where it came from is shown too.
    Axis {
        operand: usize,
        axis: usize,
    },
    Operand(usize),
    /// An attribute of the layer or call.
    Attribute(&'static str),
}

/// Which page of the error index explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeErrorKind {
    /// Two dimensions that must be equal never are.
    Mismatch,
    /// Too few or too many axes.
    Rank,
    /// Floats where ints are wanted, and the like.
    Element,
    /// An axis that the operand doesn't have.
    Axis,
    /// An index or a range that leaves its axis.
    Range,
    /// A reshape that would change the number of elements.
    Reshape,
}

impl ShapeError {
    #[must_use]
    pub fn new(kind: ShapeErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), help: None }
    }

    #[must_use]
    pub fn cause(mut self, cause: Cause, text: impl Into<String>) -> Self {
        self.causes.push((cause, text.into()));
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
