//! What `lower` can report: names that mean nothing or two things, arguments that don't fit, values that can't be
//! computed. Each variant holds its words and places, made where the mistake is found.

#![allow(unused_assignments, reason = "the derived code reads the fields where the lint doesn't see it")]

use miette::{Diagnostic, LabeledSpan};
use thiserror::Error;

type Labels = Vec<LabeledSpan>;
type Help = Option<String>;

#[derive(Clone, Debug, Error, Diagnostic)]
pub enum LowerError {
    #[error("{what} `{name}` isn't declared")]
    #[diagnostic(code("unknown-name"))]
    UnknownName {
        what: &'static str,
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("there is no layer or block `{name}`")]
    #[diagnostic(code("unknown-kind"))]
    UnknownKind {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is declared twice")]
    #[diagnostic(code("duplicate-name"))]
    DuplicateName {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{what} `{name}` can't be bound anew")]
    #[diagnostic(code("rebound-declaration"))]
    Rebound {
        what: &'static str,
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is read before it is bound")]
    #[diagnostic(code("unbound-value"))]
    Unbound {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is a kind of layer, and stands in an expression")]
    #[diagnostic(code("layer-in-expression"))]
    LayerInExpression {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("not-callable"))]
    NotCallable {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("not-a-value"))]
    NotAValue {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-missing"))]
    ArgumentMissing {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-unknown"))]
    ArgumentUnknown {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is given twice")]
    #[diagnostic(code("argument-twice"))]
    ArgumentTwice {
        name: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-type"))]
    ArgumentType {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-value"))]
    ArgumentValue {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` has no value, and the structure hangs on it")]
    #[diagnostic(code("unset-argument"))]
    UnsetArgument {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("constant-expression"))]
    Constant {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("dimension"))]
    Dimension {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("the size `{name}` comes with the data, and a {what} must be known before")]
    #[diagnostic(code("input-symbol"))]
    InputSymbol {
        name: String,
        what: &'static str,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("no input tells the size `{name}`")]
    #[diagnostic(code("unsolvable-symbol"))]
    Unsolvable {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("result-count"))]
    ResultCount {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("the output `{name}` is written twice")]
    #[diagnostic(code("duplicate-output"))]
    DuplicateOutput {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("this output has no name")]
    #[diagnostic(code("output-name"), help("write `output NAME = …`; only a single output may go without"))]
    OutputName {
        #[label(collection)]
        labels: Labels,
    },

    #[error("`{name}` has neither {what}")]
    #[diagnostic(code("no-output"), help("name what it computes: `output y`"))]
    NoOutput {
        name: String,
        what: &'static str,
        #[label(collection)]
        labels: Labels,
    },

    #[error("a model has one loss")]
    #[diagnostic(code("second-loss"), help("add the losses up: `loss a + b`"))]
    SecondLoss {
        #[label(collection)]
        labels: Labels,
    },

    #[error("{message}")]
    #[diagnostic(code("reference-form"))]
    ReferenceForm {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("assert-form"))]
    AssertForm {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{model}` has more than {limit} layers and calls")]
    #[diagnostic(
        code("too-many-nodes"),
        help(
            "arrays, loops and repeats are unrolled, so `(f^1000)^1000` is a million calls; `--max-nodes` sets the limit"
        )
    )]
    TooManyNodes {
        model: String,
        limit: u64,
        #[label(collection)]
        labels: Labels,
    },

    #[error("blocks or expressions are nested too deep")]
    #[diagnostic(code("nesting-depth"), help("a block that contains itself needs an `if` that ends it"))]
    TooDeep {
        #[label(collection)]
        labels: Labels,
    },

    #[error("`@{path}` leads to nothing")]
    #[diagnostic(code("unknown-reference"))]
    UnknownReference {
        path: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{layer}` has no slot `{slot}`")]
    #[diagnostic(code("unknown-slot"))]
    NoSlot {
        layer: String,
        slot: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("unknown-part"))]
    NoPart {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{path}` is a layer, and one of its slots is wanted")]
    #[diagnostic(code("reference-to-layer"))]
    WholeForSlot {
        path: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{path}` is a whole layer, and `@{target}` a slot")]
    #[diagnostic(code("layer-tied-to-slot"))]
    SlotForWhole {
        path: String,
        target: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("different-layers"))]
    DifferentLayers {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is a second name of itself")]
    #[diagnostic(code("alias-cycle"), help("one of the names must be a layer of its own: `layer a = Linear(…)`"))]
    AliasCycle {
        name: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("{what} can't be declared in a loop")]
    #[diagnostic(code("declaration-in-loop"))]
    DeclarationInLoop {
        what: &'static str,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("a block has no loss")]
    #[diagnostic(code("loss-in-block"), help("give it away as an output, and let the model say `loss`"))]
    LossInBlock {
        #[label(collection)]
        labels: Labels,
    },

    #[error("the block `{name}` has the name of something built in")]
    #[diagnostic(code("builtin-name"))]
    BuiltinName {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{path}` has no block or const `{name}`")]
    #[diagnostic(code("import-name"))]
    ImportName {
        name: String,
        path: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("this file has no model")]
    #[diagnostic(code("no-model"), severity(Warning), help("a model is `model NAME {{ input …  output … }}`"))]
    NoModel {
        #[label(collection)]
        labels: Labels,
    },
}
