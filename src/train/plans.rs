//! The plans of a training run: one for whole batches and one for the rest, for training and for validation.

use crate::CheckedModel;
use crate::data::{Column, Dataset, Element, Wanted};
use crate::diag::Diagnostics;
use crate::infer::Typed;
use crate::ir::Input;
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
    /// Scores and labels, if the model tells classes apart.
    pub classes: Option<Classes>,
}

/// Where the scores of the classes and the labels lie.
#[derive(Clone, Copy, Debug)]
pub struct Classes {
    pub scores: TensorId,
    pub labels: TensorId,
    /// The axis of the scores along which the classes stand.
    pub axis: usize,
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

/// The plans for going through so many examples of this data in batches: whole ones and, if there is one, the rest.
/// `None` if something is wrong, which is then reported.
pub fn plans(
    model: &CheckedModel,
    sizes: &IndexMap<String, i64>,
    data: &Dataset,
    batch: usize,
    purpose: Purpose,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Batched>> {
    let count = data.n_examples();
    let whole = batch.min(count);
    let rest = count.checked_rem(whole).unwrap_or(0);
    let sizes_of = [whole, rest].into_iter().filter(|size| *size > 0);
    sizes_of.map(|size| batched(model, sizes, data.columns(), size, purpose, diagnostics)).collect()
}

fn batched(
    model: &CheckedModel,
    sizes: &IndexMap<String, i64>,
    columns: &[Column],
    size: usize,
    purpose: Purpose,
    diagnostics: &mut Diagnostics,
) -> Option<Batched> {
    let typed = model.typed()?;
    let graph = typed.graph();
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
    let classes = classes(&typed, &plan);
    Some(Batched { size, plan, columns, classes })
}

/// The scores and the labels that the loss compares, if the scores are an output and the labels an input.
fn classes(typed: &Typed<'_>, plan: &Plan) -> Option<Classes> {
    let graph = typed.graph();
    let loss = graph.loss?;
    let (_, node) = graph.nodes.iter().find(|(_, node)| node.results.contains(&loss))?;
    let types: Vec<_> = node.operands.iter().map(|operand| typed.of(*operand)).collect();
    let axis = node.operator.op.class_axis(&types)?;
    let (scores, labels) = (node.operands.first()?, node.operands.get(1)?);
    let output = graph.outputs.iter().position(|(_, value)| value == scores)?;
    let input = graph.inputs.iter().position(|input| input.value == *labels)?;
    Some(Classes { scores: plan.outputs.get(output)?.tensor, labels: plan.inputs.get(input)?.as_ref()?.tensor, axis })
}
