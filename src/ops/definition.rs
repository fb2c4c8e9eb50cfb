//! What an operator says of itself before it has attributes: name, parameters, documentation (`Def`).

use super::contract::Op;
use super::{AttributeError, Attributes};
use std::fmt;
use std::sync::Arc;

/// All that is known of an operator before it has attributes.
pub struct Def {
    /// PyTorch's name, or the symbol.
    pub name: &'static str,
    pub form: Form,
    /// One sentence.
    pub summary: &'static str,
    /// As in the paper or in PyTorch's reference, with the shapes of what stands in it.
    pub formula: &'static str,
    /// What stands in its parentheses, in PyTorch's order.
    pub parameters: &'static [Parameter],
    /// What it is in PyTorch, `torch.nn.Linear`.
    pub torch: &'static str,
    /// What it is in ONNX; empty where it takes several nodes.
    pub onnx: &'static str,
    /// Bodies of models with one output. Tests run them forward and backward.
    pub examples: &'static [&'static str],
    /// An instance with these attributes, every one of which is there, of its type, or `none` where that is the default.
    pub build: fn(&Attributes) -> Result<Arc<dyn Op>, AttributeError>,
}

/// How an operator is written.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Declared, `layer a = Name(parameters)`, and called with these operands.
    Layer { call: &'static [Parameter] },
    /// `name(parameters)`
    Function,
    /// `a + b`
    Infix,
    /// `-a`
    Prefix,
    /// `a[subscripts]`
    Subscript,
}

/// One place in the parentheses of a layer, function or call.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: ParameterKind,
    /// One sentence, with the shape in brackets where it is a tensor.
    pub doc: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub enum ParameterKind {
    /// A tensor.
    Operand,
    /// A tensor that may be left out, or `none`.
    OptionalOperand,
    /// A list of tensors, at least one; the last of the operands. They may be written one after another too.
    Operands,
    /// A value known before anything runs. Without a default it must be given.
    Attribute { ty: Type, default: Option<Literal> },
}

/// The type of an attribute. Where its default is `none`, `none` may be written too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// An integer that may hang on symbols.
    Size,
    /// A list of sizes; a single one stands for a list of one.
    Sizes,
    /// An integer.
    Int,
    /// A list of integers; a single one stands for a list of one.
    Ints,
    Float,
    Bool,
    /// An integer, a float or a bool.
    Number,
    /// Any text.
    Str,
    /// One of these words.
    Word(&'static [&'static str]),
    /// What stands between the brackets of `x[…]`: a list whose items are an integer, a list of two (the start and the
    /// end of a range, each an integer or `none`) or the text `...`, at most once.
    Subscripts,
    /// A list of values of this type.
    List(&'static Type),
    /// A value of this type, or `none`.
    Optional(&'static Type),
    /// A value of the first of these types that it has.
    OneOf(&'static [Type]),
}

/// The default of an attribute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'static str),
    List(&'static [Literal]),
}

impl Def {
    #[must_use]
    pub fn is_layer(&self) -> bool {
        matches!(self.form, Form::Layer { .. })
    }

    #[must_use]
    pub fn is_symbol(&self) -> bool {
        matches!(self.form, Form::Infix | Form::Prefix | Form::Subscript)
    }

    /// The parameters of a call: of a layer those that its calls take, of a function its own.
    #[must_use]
    pub fn call(&self) -> &'static [Parameter] {
        match self.form {
            Form::Layer { call } => call,
            _ => self.parameters,
        }
    }
}

impl fmt::Debug for Def {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Def {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Parameter {
    #[must_use]
    pub const fn operand(name: &'static str, doc: &'static str) -> Self {
        Self { name, kind: ParameterKind::Operand, doc }
    }

    #[must_use]
    pub const fn optional_operand(name: &'static str, doc: &'static str) -> Self {
        Self { name, kind: ParameterKind::OptionalOperand, doc }
    }

    #[must_use]
    pub const fn required(name: &'static str, ty: Type, doc: &'static str) -> Self {
        Self { name, kind: ParameterKind::Attribute { ty, default: None }, doc }
    }

    #[must_use]
    pub const fn attribute(name: &'static str, ty: Type, default: Literal, doc: &'static str) -> Self {
        Self { name, kind: ParameterKind::Attribute { ty, default: Some(default) }, doc }
    }

    /// It takes any number of tensors.
    #[must_use]
    pub const fn is_list(&self) -> bool {
        matches!(self.kind, ParameterKind::Operands)
    }

    #[must_use]
    pub fn is_attribute(&self) -> bool {
        matches!(self.kind, ParameterKind::Attribute { .. })
    }
}

impl Type {
    /// As in a sentence: `wants an integer`.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Size | Self::Int => "an integer".to_owned(),
            Self::Sizes | Self::Ints => "an integer or a list of integers".to_owned(),
            Self::Float => "a number".to_owned(),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Number => "a number or a bool".to_owned(),
            Self::Str => "a string".to_owned(),
            Self::Subscripts => "integers, ranges or `...`".to_owned(),
            Self::List(element) => format!("a list, each item {}", element.describe()),
            Self::Optional(other) => format!("{} or `none`", other.describe()),
            Self::OneOf(types) => types.iter().map(|ty| ty.describe()).collect::<Vec<_>>().join(" or "),
            Self::Word(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                words.join(" or ")
            }
        }
    }
}
