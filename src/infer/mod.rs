//! Shape inference over a graph: the type of every value, what the sizes must satisfy, and whether the assertions hold.
//! A value whose type isn't known silences all that follows from it.

mod asserts;
mod blocks;
mod errors;
mod explain;
mod origin;
mod print;
mod requirements;
mod shared;
mod ties;
mod typed;
mod views;

pub use errors::InferError;
pub use print::{flops, relation_name, typed_json, typed_text};
pub use requirements::Required;
pub use typed::Typed;

use crate::arena::Table;
use crate::diag::{Diagnostics, label, primary};
use crate::ir::{Graph, NodeId, Places, Value, ValueId, ValueOf};
use crate::ops;
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::span::Span;
use requirements::Requirements;

/// What inference learnt of a graph.
#[derive(Clone, Debug, Default)]
pub struct Types {
    values: Table<Value, Option<TensorType>>,
    /// What the sizes must satisfy, in the order in which it arose.
    pub required: Vec<Required>,
    facts: Facts,
}

impl Types {
    /// The type of a value, with everything put in that is known of the sizes; `None` if it was silenced.
    #[must_use]
    pub fn of(&self, value: ValueId) -> Option<TensorType> {
        let ty = self.values[value].as_ref()?;
        Some(TensorType { element: ty.element, shape: self.reduce(&ty.shape) })
    }

    #[must_use]
    pub fn reduce(&self, shape: &Shape) -> Shape {
        shape.map(|dim| self.facts.reduce(dim))
    }

    /// A dimension with everything put in that is known of its symbols.
    #[must_use]
    pub fn dim(&self, dim: &Dim) -> Dim {
        self.facts.reduce(dim)
    }
}

struct Inference<'a> {
    graph: &'a Graph,
    places: &'a Places,
    diagnostics: &'a mut Diagnostics,
    types: Table<Value, Option<TensorType>>,
    facts: Facts,
    required: Requirements,
}

/// The types of all values, the requirements, and a report of everything that can't fit.
pub fn infer(graph: &Graph, places: &Places, diagnostics: &mut Diagnostics) -> Types {
    let mut inference = Inference {
        graph,
        places,
        diagnostics,
        types: Table::filled(&graph.values, None),
        facts: Facts::new(),
        required: Requirements::default(),
    };
    inference.storages();
    inference.ties();
    inference.overlaps();
    inference.leaves();
    inference.nodes();
    inference.loss();
    inference.asserts();
    inference.check_requirements();
    let required = inference.required.into_list(&inference.facts);
    Types { values: inference.types, required, facts: inference.facts }
}

impl Inference<'_> {
    /// No storage may have more elements than can be counted.
    fn storages(&mut self) {
        for (_, storage) in self.graph.storages.iter() {
            if storage.ty.shape.numel().is_invalid() {
                let place = ties::owner_place(self.places, self.graph, storage);
                let text = format!("`{}` would be {}", storage.path, storage.ty);
                self.diagnostics.push(InferError::SizeOverflow { labels: vec![primary(place, text)] });
            }
        }
    }

    /// The values that no node computes.
    fn leaves(&mut self) {
        for (id, value) in self.graph.values.iter() {
            self.types[id] = match &value.of {
                ValueOf::Input(index) => self.graph.inputs.get(*index).map(|input| input.ty.clone()),
                ValueOf::Scalar(value) => scalar(value),
                ValueOf::Result(..) | ValueOf::Storage(_) => None,
            };
        }
        for (id, storage, view) in &self.graph.value_storages {
            let storage = &self.graph.storages[*storage];
            let place = self.place(*id);
            if let Some(shape) = self.seen(storage, view, place) {
                self.types[*id] = Some(TensorType { element: storage.ty.element, shape });
            }
        }
    }

    fn node(&mut self, id: NodeId) {
        let node = &self.graph.nodes[id];
        let inputs: Option<Vec<TensorType>> =
            node.operands.iter().map(|operand| self.types[*operand].clone()).collect();
        let Some(inputs) = inputs else { return };
        match node.operator.op.infer(&mut self.facts, &inputs) {
            Ok(results) => {
                let too_large = results.iter().any(|ty| ty.shape.iter().any(Dim::is_invalid));
                if too_large {
                    let labels = vec![primary(self.call(id), "its result would have too many elements")];
                    self.diagnostics.push(InferError::SizeOverflow { labels });
                    return;
                }
                for (result, ty) in node.results.iter().zip(results) {
                    self.types[*result] = Some(ty);
                }
            }
            Err(error) => self.shape_error(id, &inputs, error),
        }
        self.take_required(self.call(id));
    }

    fn loss(&mut self) {
        let (Some(loss), Some(place)) = (self.graph.loss, self.places.loss) else { return };
        let Some(ty) = &self.types[loss] else { return };
        if ty.element == Element::Float && ty.shape.rank() == 0 {
            return;
        }
        let help = match ty.element {
            Element::Float => "add its elements up with `sum` or `mean`, or let the loss do it: `reduction=\"mean\"`",
            _ => "gradients start from a float",
        };
        self.diagnostics.push(InferError::LossNotScalar {
            found: ty.to_string(),
            labels: vec![primary(place, format!("this is {ty}"))],
            help: help.to_owned(),
        });
    }

    fn call(&self, id: NodeId) -> Span {
        self.places.calls.get(id.index()).map_or(Span::default(), |place| place.whole)
    }

    fn place(&self, id: ValueId) -> Span {
        self.places.values.get(id.index()).copied().unwrap_or_default()
    }

    /// Records what the last step took for granted, as needed at this place.
    fn take_required(&mut self, place: Span) {
        for requirement in self.facts.take_required() {
            if let Some((symbol, size)) = requirements::fixed(&requirement) {
                let declared = self.places.symbols.get(symbol.id as usize).copied().unwrap_or(place);
                let known = self.graph.arguments.iter().map(|(name, _)| name.as_str());
                let others = self.graph.symbols.iter().map(|other| &*other.name);
                let near = self.diagnostics.nearest(&symbol.name, known.chain(others));
                self.diagnostics.push(InferError::FixedSymbol {
                    symbol: symbol.name.to_string(),
                    size: size.to_string(),
                    labels: vec![
                        primary(declared, "any size, by its name"),
                        label(place, format!("{size} is needed here")),
                    ],
                    help: Some(match near {
                        Some(near) => format!("`{near}` is near to it; or write {size}"),
                        None => format!("write {size} if no other size is meant"),
                    }),
                });
            }
            self.required.push(requirement, place);
        }
    }
}

fn scalar(value: &ops::Value) -> Option<TensorType> {
    let element = match value {
        ops::Value::Int(_) => Element::Int,
        ops::Value::Float(_) => Element::Float,
        ops::Value::Bool(_) => Element::Bool,
        _ => return None,
    };
    Some(TensorType::new(element, Shape::scalar()))
}
