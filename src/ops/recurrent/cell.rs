//! `RNNCell`, `LSTMCell` and `GRUCell`: one step, the same computation as a sequence with a single time.

use super::layer::{both_states, check_features, positive};
use super::layout::{Cell, Sequence, Spec, WORKING};
use crate::ops::contract::{
    Backward, DataError, Def, Forward, Grads, Keeps, Kernel, Literal, Op, Parameter, SlotSpec, Type,
};
use crate::ops::shape_rules::{axes, float_input, operand_of, size};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) const CELL_INPUT: Parameter = Parameter::operand("input", "`[B, input_size]` or `[input_size]`");
pub(super) const CELL_H0: Parameter = Parameter::optional_operand(
    "h0",
    "h before the step, `[B, hidden_size]`, without B if the input has none; else zeros.",
);
pub(super) const CELL_BIAS: Parameter =
    Parameter::attribute("bias", Type::Bool, Literal::Bool(true), "Whether there are biases.");

/// One step of a recurrent layer.
#[derive(Debug)]
pub(super) struct RecurrentCell {
    def: &'static Def,
    spec: Spec,
}

impl RecurrentCell {
    pub(super) fn build(def: &'static Def, cell: Cell, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
        let spec = Spec {
            cell,
            layers: 1,
            directions: 1,
            input: size(attributes, "input_size")?,
            hidden: positive(attributes, "hidden_size")?,
            projection: None,
            bias: attributes.bool("bias")?,
            batch_first: false,
            dropout: 0.0,
            is_cell: true,
        };
        Ok(Arc::new(Self { def, spec }))
    }

    fn batch(input: &Shape) -> Dim {
        if let [batch, _] = &**input { batch.clone() } else { Dim::ONE }
    }

    fn sequence(&self, input: &[usize]) -> Option<Sequence<'_>> {
        self.spec.sequence(1, if let [batch, _] = *input { batch } else { 1 })
    }
}

impl Op for RecurrentCell {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn slots(&self) -> Vec<SlotSpec> {
        self.spec.slots(|text, _, _| text.into())
    }

    fn n_results(&self) -> usize {
        if self.spec.cell == Cell::Lstm { 2 } else { 1 }
    }

    fn at_call(&self, call: &Attributes) -> Result<Option<Arc<dyn Op>>, AttributeError> {
        if self.spec.cell == Cell::Lstm { both_states(call).map(|()| None) } else { Ok(None) }
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (def, name) = (self.def, self.def.name);
        let input = float_input(def, inputs)?;
        let Some(found) = input.shape.last().filter(|_| input.shape.rank() < 3) else {
            let size = &self.spec.input;
            let message = format!("`{name}` wants [B, {size}] or [{size}], and gets {input}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank())))
                .help("a cell takes one step of a sequence"));
        };
        check_features(facts, def, "input_size", &self.spec.input, input, found)?;
        let mut state = input.clone();
        if let Some(last) = state.shape.last_mut() {
            *last = self.spec.hidden.clone();
        }
        for operand in 1..inputs.len() {
            let given = operand_of(def, inputs, operand, Element::Float)?;
            let which = def.call().get(operand).map_or("", |parameter| parameter.name);
            let message = format!("`{name}` wants {which} {state}, and gets {given}");
            if given.shape.rank() != state.shape.rank() {
                return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(operand), format!("this has {}", axes(given.shape.rank())))
                    .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank()))));
            }
            let mut pairs = state.shape.iter().zip(given.shape.iter()).enumerate();
            if let Some((axis, (size, found))) = pairs.find(|(_, (size, found))| !facts.equal(size, found)) {
                let error = ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand, axis }, format!("axis {axis} is {found}"));
                return Err(if axis + 1 == state.shape.rank() {
                    error.cause(Cause::Attribute("hidden_size"), format!("it wants {size}"))
                } else {
                    error.cause(Cause::Axis { operand: 0, axis }, format!("the batch of the input is {size}"))
                });
            }
        }
        Ok(vec![state; self.n_results()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn writes(&self) -> Grads {
        Grads::ALL
    }

    fn n_working(&self) -> usize {
        WORKING
    }

    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let Some(input) = inputs.first() else { return Vec::new() };
        self.spec.saved(&Dim::ONE, &Self::batch(&input.shape))
    }

    fn scratch(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let Some(input) = inputs.first() else { return Vec::new() };
        self.spec.scratch(&Dim::ONE, &Self::batch(&input.shape))
    }

    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let Some(input) = inputs.first() else { return Dim::ZERO };
        self.spec.flops(&Dim::ONE, &Self::batch(&input.shape))
    }
}

impl<T: Real> Kernel<T> for RecurrentCell {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if let Some(sequence) = cx.inputs.first().and_then(|input| self.sequence(input.shape)) {
            sequence.forward(cx);
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        if let Some(sequence) = cx.inputs.first().and_then(|input| self.sequence(input.shape)) {
            sequence.backward(cx);
        }
    }
}
