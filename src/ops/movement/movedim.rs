//! `movedim`: axes go to other places, the others keep their order.

use super::moves::{Move, Moved, Movement, permuted};
use crate::ops::axis::{axes_in_order, axis};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Facts, Shape, TensorType};
use smallvec::SmallVec;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "movedim",
    form: Form::Function,
    summary: "Moves axes to other places; the others keep their order.",
    formula: "axis destination[i] of y is axis source[i] of x",
    parameters: &[
        Parameter::operand("input", "Any shape with the axes."),
        Parameter::required("source", Type::Ints, "The axes that move."),
        Parameter::required("destination", Type::Ints, "Where each of them goes."),
    ],
    torch: "torch.movedim",
    onnx: "Transpose",
    examples: &[
        "input x: [2, 3, 4]  output movedim(x, 0, -1)",
        "input x: [2, 3, 4, 5]  output movedim(x, [0, 1], [2, 0])",
        "input x: int[2, 3]  output movedim(x, source=-1, destination=0)",
    ],
    build: |attributes| MoveDim::new(attributes).map(|op| Arc::new(Moved(op)) as Arc<dyn crate::ops::Op>),
};

#[derive(Debug)]
struct MoveDim {
    source: Vec<i64>,
    destination: Vec<i64>,
}

impl MoveDim {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let (source, destination) = (attributes.ints("source")?, attributes.ints("destination")?);
        if source.len() != destination.len() {
            let (n, found) = (source.len(), destination.len());
            let message = format!("`destination` must have a place for each axis of `source`, {n}, and has {found}");
            return Err(AttributeError::new("destination", message));
        }
        Ok(Self { source, destination })
    }

    /// For each axis of the result, the axis of the input that comes there.
    fn order(&self, rank: usize) -> SmallVec<[usize; 8]> {
        let axes = |dims: &[i64]| -> SmallVec<[usize; 8]> { dims.iter().filter_map(|dim| axis(*dim, rank)).collect() };
        let (source, destination) = (axes(&self.source), axes(&self.destination));
        let mut others = (0..rank).filter(|axis| !source.contains(axis));
        let moved = |place: usize| destination.iter().position(|other| *other == place);
        (0..rank).filter_map(|place| moved(place).map_or_else(|| others.next(), |at| source.get(at).copied())).collect()
    }
}

impl Movement for MoveDim {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        axes_in_order(&DEF, "source", &self.source, input)?;
        axes_in_order(&DEF, "destination", &self.destination, input)?;
        let order = self.order(input.shape.rank());
        let shape: Shape = order.iter().filter_map(|axis| input.shape.get(*axis).cloned()).collect();
        Ok(vec![TensorType::new(input.element, shape)])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        visit(&Move::gather(0, &permuted(input, self.order(input.len())), result));
    }
}
