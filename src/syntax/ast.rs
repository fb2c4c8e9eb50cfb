//! The syntax tree: the file as written, with a span on every part. It holds the whole language; what a later
//! stage can't use yet, that stage refuses. Nothing here is resolved or evaluated.

pub use super::operator::{Binary, Unary};
use crate::span::Span;
use serde::Serialize;

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Name {
    pub text: String,
    #[serde(skip)]
    pub span: Span,
}

/// One source file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct File {
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    Use(Use),
    Const(Const),
    Block(Definition),
    Model(Definition),
    Train(Train),
    /// Text that is no item. It was reported; the names are those it would have declared.
    Error(Broken),
}

/// `use "path" (A, B as C)` or `use "path" as m`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Use {
    pub path: Name,
    pub imports: Imports,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Imports {
    Module(Name),
    Names(Vec<Import>),
}

/// `A` or `A as C`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Import {
    pub name: Name,
    pub alias: Option<Name>,
}

/// `const NAME = value`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Const {
    pub name: Name,
    pub value: Expr,
    #[serde(skip)]
    pub span: Span,
}

/// `block Name(arguments) { … }` or `model Name(arguments) { … }`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Definition {
    pub name: Name,
    pub arguments: Vec<ArgumentDeclaration>,
    pub body: Vec<Statement>,
    #[serde(skip)]
    pub span: Span,
}

/// `name`, `name = default`, `name: type` or `name: type = default`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArgumentDeclaration {
    pub name: Name,
    pub ty: Option<ArgumentType>,
    pub default: Option<Expr>,
    #[serde(skip)]
    pub span: Span,
}

/// `int`, `float`, `bool`, `string`, or a list of one of them. Which names exist is checked later.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArgumentType {
    pub name: Name,
    pub list: bool,
    #[serde(skip)]
    pub span: Span,
}

/// `train { … }` or `train NAME { … }`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Train {
    pub name: Option<Name>,
    pub fields: Vec<Binding>,
    #[serde(skip)]
    pub span: Span,
}

/// `name = value`, or `a, b = value`. A target `_` throws its result away.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Binding {
    pub targets: Vec<Name>,
    pub value: Expr,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Statement {
    Input(Input),
    /// `param` and `buffer`.
    Storage(StorageDeclaration),
    Layer(Layer),
    Let(Binding),
    Output(Output),
    Loss(Loss),
    Assert(Assert),
    For(For),
    If(If),
    /// A block that is known in this body alone.
    Block(Definition),
    /// Text that is no statement. It was reported; the names are those it would have declared.
    Error(Broken),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Broken {
    pub declares: Vec<Name>,
    #[serde(skip)]
    pub span: Span,
}

/// `input name: type`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Input {
    pub name: Name,
    pub ty: TypeExpr,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageKind {
    Param,
    Buffer,
}

/// `[frozen] param name: type [= init]`, `buffer name: type [= init]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StorageDeclaration {
    pub kind: StorageKind,
    pub frozen: bool,
    pub name: Name,
    pub ty: TypeExpr,
    pub init: Option<Expr>,
    #[serde(skip)]
    pub span: Span,
}

/// `[batch, 10]`, `int[batch, seq]`, `[..., d]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TypeExpr {
    /// `int` or `bool`, as written; float when absent.
    pub element: Option<Name>,
    /// The `...` in front, if there is one.
    #[serde(skip)]
    pub leading: Option<Span>,
    pub dims: Vec<DimExpr>,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DimExpr {
    /// `_`
    Anonymous(#[serde(skip)] Span),
    Expr(Expr),
}

/// `[frozen] layer name[count] = …`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    pub frozen: bool,
    pub name: Name,
    pub count: Option<Count>,
    pub body: LayerBody,
    #[serde(skip)]
    pub span: Span,
}

/// The `[n]` or `[i in n]` of an array.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Count {
    pub index: Option<Name>,
    pub count: Expr,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerBody {
    /// `@other`
    Alias(Reference),
    /// `Kind(…)`, or several joined by `->`. Never empty.
    Chain(Vec<LayerKind>),
}

/// `Kind(arguments) slot=@ref …`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerKind {
    /// One name, or `module.Name`.
    pub path: Vec<Name>,
    pub arguments: Vec<Argument>,
    pub ties: Vec<Tie>,
    /// From the name to the closing parenthesis.
    #[serde(skip)]
    pub span: Span,
}

/// `slot=@ref`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tie {
    /// Names, fields and indices (`*` included) only.
    pub slot: Expr,
    pub target: Reference,
    #[serde(skip)]
    pub span: Span,
}

/// `@path` with the views after it. The `@` belongs to the span, and not to the expression.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reference {
    pub expr: Expr,
    #[serde(skip)]
    pub span: Span,
}

/// `output a, b`, `output expr` or `output name = expr`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Output {
    pub name: Option<Name>,
    /// More than one only without a name.
    pub values: Vec<Expr>,
    #[serde(skip)]
    pub span: Span,
}

/// `loss expr`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Loss {
    pub value: Expr,
    #[serde(skip)]
    pub span: Span,
}

/// `assert expr`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assert {
    pub condition: Expr,
    #[serde(skip)]
    pub span: Span,
}

/// `for name in lo..hi { … }` or `for name in list { … }`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct For {
    pub name: Name,
    pub over: Over,
    pub body: Vec<Statement>,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    Range(Expr, Expr),
    Each(Expr),
}

/// `if … { … } else if … { … } else { … }`; an `else if` is an `If` alone in `otherwise`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct If {
    pub condition: Expr,
    pub then: Vec<Statement>,
    pub otherwise: Vec<Statement>,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expr {
    #[serde(flatten)]
    pub kind: ExprKind,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExprKind {
    Int(i64),
    Float(f64),
    Bool(bool),
    /// The text between the quotes, escapes resolved.
    Str(String),
    None,
    Name(String),
    List(Vec<Expr>),
    /// `f(x)`, `blocks[i](x)`, `v.f(x)`, `m.A(x)`.
    Call(Box<Call>),
    /// `base.name`
    Field(Box<Expr>, Name),
    /// `base[i, 0:k, ...]`
    Index(Box<Expr>, Vec<Subscript>),
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<(Expr, Expr)>),
    /// `then if condition else otherwise`
    Conditional(Box<Conditional>),
    /// `head -> stage -> …`
    Pipeline(Box<Expr>, Vec<Stage>),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Call {
    pub callee: Expr,
    pub arguments: Vec<Argument>,
}

/// `value` or `name=value`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Argument {
    pub name: Option<Name>,
    pub value: Expr,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subscript {
    At(Expr),
    Range(Option<Expr>, Option<Expr>),
    /// `...`
    Ellipsis(#[serde(skip)] Span),
    /// `*`, in the slot path of a tie.
    Every(#[serde(skip)] Span),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conditional {
    pub then: Expr,
    pub condition: Expr,
    pub otherwise: Expr,
}

/// `callee`, `callee(arguments)` or `(stage -> stage)`, each perhaps with `^n`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    pub kind: StageKind,
    pub repeat: Option<Expr>,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// The left side becomes the first argument of the call.
    Call {
        callee: Expr,
        arguments: Vec<Argument>,
    },
    Group(Vec<Stage>),
}
