//! What must be computed to be told: the storage of a layer, the number of results, the types in the examples.

use crate::compile::check;
use crate::lower::Settings;
use crate::ops::{Attributes, Def, Literal, ParameterKind, SlotSpec, Type, Value};
use crate::shape::{Dim, Symbol, SymbolKind, TensorType};
use crate::span::SourceMap;

/// What an operator's definition doesn't say in so many words.
#[derive(Debug, Default)]
pub struct Facts {
    /// The storage of a layer. Sizes bear the names of the attributes that must be given.
    pub slots: Vec<Slot>,
    /// How many results calls have, in ascending order: one number unless it hangs on their arguments.
    pub results: Vec<usize>,
    pub shapes: Vec<Shapes>,
}

/// Storage of a layer.
#[derive(Debug)]
pub struct Slot {
    pub spec: SlotSpec,
    /// What its being there hangs on, such as `bias=true`.
    pub when: Option<String>,
}

/// The types in an example.
#[derive(Debug)]
pub struct Shapes {
    /// What is written.
    pub text: String,
    /// Those of the operands.
    pub inputs: Vec<TensorType>,
    /// Those of the results.
    pub outputs: Vec<TensorType>,
}

impl Facts {
    #[must_use]
    pub fn of(def: &'static Def) -> Self {
        let shapes: Vec<Shapes> = def.examples.iter().filter_map(|example| shapes(def, example)).collect();
        let mut results: Vec<usize> = shapes.iter().map(|shapes| shapes.outputs.len()).collect();
        results.sort_unstable();
        results.dedup();
        let slots = if def.is_layer() { slots(def) } else { Vec::new() };
        Self { slots, results, shapes }
    }
}

/// An example, compiled. Two blanks separate its statements.
fn shapes(def: &'static Def, example: &str) -> Option<Shapes> {
    let mut map = SourceMap::new();
    map.add("example", format!("model Example {{\n{}\n}}\n", example.replace("  ", "\n")))?;
    let checked = check(map.files().first()?, &Settings::default());
    let model = checked.models.first()?;
    let (typed, graph) = (model.typed()?, &model.graph);
    let (_, node) = graph.nodes.iter().find(|(_, node)| node.operator.op.def() == def)?;
    let types = |ids: &[crate::ir::ValueId]| ids.iter().map(|id| typed.of(*id)).collect();
    Some(Shapes { text: text(example), inputs: types(&node.operands), outputs: types(&node.results) })
}

/// The statements of an example but for its inputs, and but for outputs of a name.
fn text(example: &str) -> String {
    let is_name = |text: &str| text.split(", ").all(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let statements = example.split("  ").map(str::trim).filter(|statement| !statement.starts_with("input "));
    let told: Vec<&str> = statements
        .filter_map(|statement| match statement.strip_prefix("output ") {
            Some(value) => (!is_name(value)).then_some(value),
            None => Some(statement),
        })
        .collect();
    told.join("; ")
}

/// The slots of a layer with symbols for the sizes that must be given; none if it can't be built so.
fn slots(def: &'static Def) -> Vec<Slot> {
    let usual = build(def, None).unwrap_or_default();
    let mut slots: Vec<Slot> = usual.into_iter().map(|spec| Slot { spec, when: None }).collect();
    for parameter in def.parameters {
        let ParameterKind::Attribute { ty: Type::Bool, default: Some(Literal::Bool(usual)) } = parameter.kind else {
            continue;
        };
        let Some(other) = build(def, Some((parameter.name, !usual))) else { continue };
        let when = |value: bool| format!("{}={value}", parameter.name);
        for slot in slots.iter_mut().filter(|slot| slot.when.is_none()) {
            if !other.iter().any(|spec| spec.name == slot.spec.name) {
                slot.when = Some(when(usual));
            }
        }
        for spec in other {
            if !slots.iter().any(|slot| slot.spec.name == spec.name) {
                slots.push(Slot { spec, when: Some(when(!usual)) });
            }
        }
    }
    slots
}

/// The slots of a layer in which one optional attribute may not have its default.
fn build(def: &'static Def, changed: Option<(&str, bool)>) -> Option<Vec<SlotSpec>> {
    let value = |name: &str| {
        if let Some((other, value)) = changed
            && other == name
        {
            return Some(Value::Bool(value));
        }
        let index = def.parameters.iter().position(|parameter| parameter.name == name)?;
        let parameter = def.parameters.get(index)?;
        let ParameterKind::Attribute { ty, default: None } = parameter.kind else { return None };
        let id = u32::try_from(index).ok()?;
        standing_for(ty, Dim::symbol(Symbol { id, kind: SymbolKind::Argument, name: parameter.name.into() }))
    };
    let attributes = Attributes::complete(def.parameters, value).ok()?;
    Some((def.build)(&attributes).ok()?.slots())
}

/// A value of this type; the size, if it can be one.
fn standing_for(ty: Type, size: Dim) -> Option<Value> {
    match ty {
        Type::Size => Some(Value::Int(size)),
        Type::Sizes => Some(Value::List(vec![Value::Int(size)])),
        Type::Int | Type::Number => Some(Value::Int(Dim::ONE)),
        Type::Ints => Some(Value::List(vec![Value::Int(Dim::ONE)])),
        Type::Float => Some(Value::Float(1.0)),
        Type::Bool => Some(Value::Bool(true)),
        Type::Word(words) => words.first().map(|word| Value::Str((*word).into())),
        Type::List(ty) => standing_for(*ty, size).map(|value| Value::List(vec![value])),
        Type::Optional(ty) => standing_for(*ty, size),
        Type::OneOf(types) => types.first().and_then(|ty| standing_for(*ty, size)),
        Type::Str | Type::Subscripts => None,
    }
}
