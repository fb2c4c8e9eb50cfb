//! The plans of a training run: one for whole batches and one for the rest, for training and for validation.

use super::score::Metric;
use crate::CheckedModel;
use crate::data::{Column, Dataset, Element, Tokens, Wanted};
use crate::diag::Diagnostics;
use crate::infer::Typed;
use crate::ir::{Graph, Input, Node, ValueId};
use crate::plan::{Bindings, Options, Plan, TensorId};
use crate::run::{Purpose, plan_for};
use crate::shape::{self, Dim, SymbolKind};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// The name of the size along which data is cut into batches.
const BATCH: &str = "batch";

/// A plan for batches of one size.
#[derive(Debug)]
pub struct Batched {
    pub size: usize,
    pub plan: Plan,
    /// For each column of the data, where it goes.
    pub columns: Vec<Option<TensorId>>,
    /// What the loss compares, if it is an output of the model with an input.
    pub compared: Option<Compared>,
}

/// Where what a loss compares lies.
#[derive(Clone, Copy, Debug)]
pub enum Compared {
    Classes {
        scores: TensorId,
        labels: TensorId,
        /// How many classes there are.
        count: usize,
        /// How far the scores of an item are from each other.
        inner: usize,
        /// What the loss is told as too.
        measure: Option<Metric>,
    },
    /// Predictions and targets of one shape.
    Numbers { found: TensorId, wanted: TensorId },
}

/// What the inputs of a model want of data.
#[must_use]
pub fn wanted(model: &CheckedModel, sizes: &IndexMap<String, i64>) -> Vec<Wanted> {
    let Some(typed) = model.typed() else { return Vec::new() };
    let bindings = bindings(&typed, sizes);
    let size = |dim: &Dim| bindings.size(&typed.types().dim(dim)).and_then(|size| usize::try_from(size).ok());
    let inputs = typed.graph().inputs.iter();
    inputs
        .map(|input| {
            let batched = is_batched(input);
            Wanted {
                name: input.name.clone(),
                element: match input.ty.element {
                    shape::Element::Float => Element::Float,
                    shape::Element::Int => Element::Int,
                    shape::Element::Bool => Element::Bool,
                },
                batched,
                shape: input.ty.shape.iter().skip(usize::from(batched)).map(size).collect(),
                optional: false,
            }
        })
        .collect()
}

fn is_batched(input: &Input) -> bool {
    let first = input.ty.shape.iter().next().map(Dim::symbols);
    matches!(first.as_deref(), Some([symbol]) if &*symbol.name == BATCH && symbol.kind == SymbolKind::Input)
}

fn bindings(typed: &Typed<'_>, sizes: &IndexMap<String, i64>) -> Bindings {
    let mut bindings = Bindings::new();
    for symbol in
        typed.graph().symbols.iter().filter(|symbol| symbol.kind != SymbolKind::Local && &*symbol.name != BATCH)
    {
        if let Some(size) = sizes.get(&*symbol.name) {
            bindings.set(symbol, *size);
        }
    }
    bindings
}

/// The plans for going through `count` examples of this data in batches: whole ones and, if there is one, the rest.
/// `None` if something is wrong, which is then reported.
pub fn plans(
    model: &CheckedModel,
    sizes: &IndexMap<String, i64>,
    data: &Dataset,
    [count, batch]: [usize; 2],
    purpose: Purpose,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Batched>> {
    let whole = batch.min(count);
    let rest = count.checked_rem(whole).unwrap_or(0);
    let sizes_of = [whole, rest].into_iter().filter(|size| *size > 0);
    sizes_of.map(|size| batched(model, sizes, data, size, purpose, diagnostics)).collect()
}

fn batched(
    model: &CheckedModel,
    sizes: &IndexMap<String, i64>,
    data: &Dataset,
    size: usize,
    purpose: Purpose,
    diagnostics: &mut Diagnostics,
) -> Option<Batched> {
    let typed = model.typed()?;
    let (graph, columns) = (typed.graph(), data.columns());
    let mut bindings = bindings(&typed, sizes);
    let index = |column: &Column| graph.inputs.iter().position(|input| input.name == column.name);
    let mut shapes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for column in columns {
        let first = column.batched.then_some(size);
        shapes.extend(
            index(column).map(|index| (index, first.into_iter().chain(column.shape.iter().copied()).collect())),
        );
    }
    if let Err(error) = bindings.learn(&typed, &model.places, &shapes) {
        diagnostics.push(error);
        return None;
    }
    let options = Options {
        absent: (0..graph.inputs.len()).filter(|index| !shapes.contains_key(index)).collect(),
        ..Options::default()
    };
    let plan = plan_for(model, &typed, &bindings, options, purpose, diagnostics)?;
    let columns = columns.iter().map(|column| Some(plan.inputs.get(index(column)?)?.as_ref()?.tensor)).collect();
    let compared = compared(&typed, &bindings, &plan, data.tokens());
    Some(Batched { size, plan, columns, compared })
}

/// What the loss compares, if that is an output and an input, in whatever shape.
fn compared(typed: &Typed<'_>, bindings: &Bindings, plan: &Plan, tokens: Option<Tokens>) -> Option<Compared> {
    let graph = typed.graph();
    let node = maker(graph, graph.loss?)?;
    let types: Vec<_> = node.operands.iter().map(|operand| typed.of(*operand)).collect();
    let (found, wanted) = (origin(graph, *node.operands.first()?), origin(graph, *node.operands.get(1)?));
    let output = graph.outputs.iter().position(|(_, value)| origin(graph, *value) == found)?;
    let input = graph.inputs.iter().position(|input| input.value == wanted)?;
    let (found, wanted) = (plan.outputs.get(output)?.tensor, plan.inputs.get(input)?.as_ref()?.tensor);
    let op = &node.operator.op;
    let Some(axis) = op.class_axis(&types) else {
        return op.compares_numbers().then_some(Compared::Numbers { found, wanted });
    };
    let size = |dim: &Dim| bindings.size(&typed.types().dim(dim)).and_then(|size| usize::try_from(size).ok());
    let sizes: Option<Vec<usize>> = types.first()?.shape.iter().map(size).collect();
    let (count, inner) = (*sizes.as_ref()?.get(axis)?, sizes.as_ref()?.iter().skip(axis + 1).product());
    let measure = match tokens {
        _ if !op.is_mean_nll(&types) => None,
        Some(Tokens::Characters) => Some(Metric::BitsPerCharacter),
        Some(Tokens::Bytes) => Some(Metric::BitsPerByte),
        // A row of labels for each example.
        None => (plan.tensors[wanted].shape.len() == 2).then_some(Metric::Perplexity),
    };
    Some(Compared::Classes { scores: found, labels: wanted, count, inner, measure })
}

fn maker(graph: &Graph, value: ValueId) -> Option<&Node> {
    graph.nodes.iter().find(|(_, node)| node.results.contains(&value)).map(|(_, node)| node)
}

/// The value that has the same elements in the same order, before it got other shapes.
fn origin(graph: &Graph, mut value: ValueId) -> ValueId {
    while let Some(from) = maker(graph, value).filter(|node| node.operator.op.is_reshape()) {
        let Some(operand) = from.operands.first() else { break };
        value = *operand;
    }
    value
}
