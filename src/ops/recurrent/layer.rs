//! Layers that go through a sequence step by step: what `RNN`, `LSTM` and `GRU` have in common, and their cells.

use super::layout::{self, Cell, Sequence, Spec};
use crate::ops::contract::{
    Backward, DataError, Def, Forward, Grads, HangsOn, Keeps, Kernel, Literal, Op, Parameter, SlotSpec, Type,
};
use crate::ops::shape_rules::{axes, float_input, operand_of, probability, size};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

/// The most layers that one layer stacks.
const MAX_LAYERS: i64 = 1024;

pub(super) const INPUT: Parameter =
    Parameter::operand("input", "`[T, B, input_size]`, `[B, T, input_size]` if `batch_first`, or `[T, input_size]`");
pub(super) const H0: Parameter = Parameter::optional_operand(
    "h0",
    "h before the first step, `[num_layers * directions, B, hidden_size]`, without B if the input has none; else zeros.",
);
pub(super) const INPUT_SIZE: Parameter =
    Parameter::required("input_size", Type::Size, "The size of the last axis of the input.");
pub(super) const HIDDEN_SIZE: Parameter = Parameter::required("hidden_size", Type::Size, "The size of h.");
pub(super) const NUM_LAYERS: Parameter = Parameter::attribute(
    "num_layers",
    Type::Int,
    Literal::Int(1),
    "How many layers there are, each of which reads the output of the one before.",
);
pub(super) const BIAS: Parameter =
    Parameter::attribute("bias", Type::Bool, Literal::Bool(true), "Whether there are biases.");
pub(super) const BATCH_FIRST: Parameter = Parameter::attribute(
    "batch_first",
    Type::Bool,
    Literal::Bool(false),
    "Whether the batch stands before time in input and output; never in h and c.",
);
pub(super) const DROPOUT: Parameter = Parameter::attribute(
    "dropout",
    Type::Float,
    Literal::Float(0.0),
    "The probability of a 0 in what one layer gives the next, in training.",
);
pub(super) const BIDIRECTIONAL: Parameter = Parameter::attribute(
    "bidirectional",
    Type::Bool,
    Literal::Bool(false),
    "Whether each layer also goes backwards in time; the outputs stand beside each other.",
);
pub(super) const PROJ_SIZE: Parameter = Parameter::attribute(
    "proj_size",
    Type::Size,
    Literal::Int(0),
    "The size of h after a projection by `weight_hr`; 0 for none.",
);

/// `RNN`, `LSTM` or `GRU`.
#[derive(Debug)]
pub(super) struct Recurrent {
    def: &'static Def,
    spec: Spec,
}

impl Recurrent {
    pub(super) fn build(def: &'static Def, cell: Cell, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
        let layers = attributes.int("num_layers")?;
        if !(1..=MAX_LAYERS).contains(&layers) {
            let message = format!("`num_layers` must be between 1 and {MAX_LAYERS}, and is {layers}");
            return Err(AttributeError::new("num_layers", message));
        }
        let dropout = probability(attributes, "dropout")?;
        let hidden = positive(attributes, "hidden_size")?;
        let projection = match cell {
            Cell::Lstm => Some(size(attributes, "proj_size")?).filter(|size| *size != Dim::ZERO),
            _ => None,
        };
        if let (Some(Some(narrow)), Some(wide)) = (projection.as_ref().map(Dim::as_const), hidden.as_const())
            && narrow >= wide
        {
            let message = format!("`proj_size` must be less than `hidden_size`, {wide}, and is {narrow}");
            return Err(AttributeError::new("proj_size", message));
        }
        let spec = Spec {
            cell,
            layers: layers as usize,
            directions: if attributes.bool("bidirectional")? { 2 } else { 1 },
            input: size(attributes, "input_size")?,
            hidden,
            projection,
            bias: attributes.bool("bias")?,
            batch_first: attributes.bool("batch_first")?,
            dropout,
            is_cell: false,
        };
        Ok(Arc::new(Self { def, spec }))
    }

    /// T and B of an input.
    fn sizes(&self, input: &Shape) -> [Dim; 2] {
        match &**input {
            [batch, steps, _] if self.spec.batch_first => [steps.clone(), batch.clone()],
            [steps, batch, _] => [steps.clone(), batch.clone()],
            [steps, _] => [steps.clone(), Dim::ONE],
            _ => [Dim::ONE, Dim::ONE],
        }
    }

    /// The layer over a sequence of this shape, for kernels.
    fn sequence(&self, input: &[usize]) -> Option<Sequence<'_>> {
        let [steps, batch] = match *input {
            [batch, steps, _] if self.spec.batch_first => [steps, batch],
            [steps, batch, _] => [steps, batch],
            [steps, _] => [steps, 1],
            _ => return None,
        };
        self.spec.sequence(steps, batch)
    }

    fn check_input<'a>(&self, facts: &mut Facts, inputs: &'a [TensorType]) -> Result<&'a TensorType, ShapeError> {
        let input = float_input(self.def, inputs)?;
        let name = self.def.name;
        let Some(found) = input.shape.last().filter(|_| matches!(input.shape.rank(), 2 | 3)) else {
            let order = if self.spec.batch_first { "B, T" } else { "T, B" };
            let size = &self.spec.input;
            let message = format!("`{name}` wants [{order}, {size}], or [T, {size}] without a batch, and gets {input}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank()))));
        };
        check_features(facts, self.def, "input_size", &self.spec.input, input, found)?;
        Ok(input)
    }

    /// A state that is given: `[layers * directions, B, width]`.
    fn check_state(
        &self,
        facts: &mut Facts,
        inputs: &[TensorType],
        operand: usize,
        wanted: &Shape,
    ) -> Result<(), ShapeError> {
        let state = operand_of(self.def, inputs, operand, Element::Float)?;
        let name = self.def.name;
        let which = self.def.call().get(operand).map_or("", |parameter| parameter.name);
        let message = format!("`{name}` wants {which} {wanted}, and gets {state}");
        if state.shape.rank() != wanted.rank() {
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(operand), format!("this has {}", axes(state.shape.rank())))
                .cause(Cause::Operand(0), format!("the input has {}, so {which} has as many", axes(wanted.rank()))));
        }
        let mut pairs = wanted.iter().zip(state.shape.iter()).enumerate();
        let Some((axis, (size, found))) = pairs.find(|(_, (size, found))| !facts.equal(size, found)) else {
            return Ok(());
        };
        let error = ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Axis { operand, axis }, format!("axis {axis} is {found}"));
        Err(match axis {
            0 => {
                let (layers, directions) = (self.spec.layers, directions(self.spec.directions));
                let text = format!("`num_layers` is {layers} with {directions} in each: that makes {size}");
                error.cause(Cause::Attribute("num_layers"), text)
            }
            1 if wanted.rank() == 3 => {
                let batch = usize::from(!self.spec.batch_first);
                let cause = Cause::Axis { operand: 0, axis: batch };
                let mut error = error.cause(cause, format!("the batch of the input is {size}"));
                let other = inputs.first().and_then(|input| input.shape.get(1 - batch));
                if other.is_some_and(|other| facts.is_equal(other, found)) {
                    let first = if batch == 1 { "first" } else { "second" };
                    let flag = batch == 1;
                    error.help =
                        Some(format!("`batch_first={flag}` says that the batch is the {first} axis of the input"));
                }
                error
            }
            _ => error.cause(Cause::Attribute(self.width_attribute(operand)), format!("it wants {size}")),
        })
    }

    /// Which attribute decides how wide a state is.
    fn width_attribute(&self, operand: usize) -> &'static str {
        if operand == 1 && self.spec.projection.is_some() { "proj_size" } else { "hidden_size" }
    }
}

fn directions(count: usize) -> &'static str {
    if count == 2 { "2 directions" } else { "1 direction" }
}

/// The size of the features of an input.
pub(super) fn check_features(
    facts: &mut Facts,
    def: &Def,
    attribute: &'static str,
    wanted: &Dim,
    input: &TensorType,
    found: &Dim,
) -> Result<(), ShapeError> {
    if facts.equal(wanted, found) {
        return Ok(());
    }
    let axis = input.shape.rank().saturating_sub(1);
    let message = format!("`{}` wants {wanted} features, and gets {found}", def.name);
    Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
        .cause(Cause::Axis { operand: 0, axis }, format!("the last axis of {} is {found}", input.shape))
        .cause(Cause::Attribute(attribute), format!("it wants {wanted}")))
}

/// A size of at least 1, as far as it is known.
pub(super) fn positive(attributes: &Attributes, name: &'static str) -> Result<Dim, AttributeError> {
    let size = attributes.size(name)?;
    match size.as_const() {
        Some(value) if value < 1 => {
            Err(AttributeError::new(name, format!("`{name}` must be at least 1, and is {value}")))
        }
        _ => Ok(size),
    }
}

/// The states of an LSTM come together.
pub(super) fn both_states(call: &Attributes) -> Result<(), AttributeError> {
    let (given, missing) = match (call.operand("h0"), call.operand("c0")) {
        (Some(_), None) => ("h0", "c0"),
        (None, Some(_)) => ("c0", "h0"),
        _ => return Ok(()),
    };
    let mut error = AttributeError::new(missing, format!("`{missing}` must be given where `{given}` is"));
    error.help = Some("the states of an LSTM come together: `f(x, h0, c0)`".to_owned());
    Err(error)
}

impl Op for Recurrent {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn slots(&self) -> Vec<SlotSpec> {
        self.spec.slots(|text, layer, direction| {
            format!("{text}_l{layer}{}", if layout::is_reverse(direction) { "_reverse" } else { "" }).into()
        })
    }

    fn n_results(&self) -> usize {
        if self.spec.cell == Cell::Lstm { 3 } else { 2 }
    }

    fn at_call(&self, call: &Attributes) -> Result<Option<Arc<dyn Op>>, AttributeError> {
        if self.spec.cell == Cell::Lstm { both_states(call).map(|()| None) } else { Ok(None) }
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = self.check_input(facts, inputs)?;
        let [_, batch] = self.sizes(&input.shape);
        let state = |width: &Dim| -> Shape {
            let all = Dim::from(self.spec.states());
            if input.shape.rank() == 3 {
                [all, batch.clone(), width.clone()].into()
            } else {
                [all, width.clone()].into()
            }
        };
        let states = [state(self.spec.output()), state(&self.spec.hidden)];
        for (operand, wanted) in (1..inputs.len()).zip(&states) {
            self.check_state(facts, inputs, operand, wanted)?;
        }
        let mut output = input.clone();
        if let Some(last) = output.shape.last_mut() {
            *last = self.spec.features(1);
        }
        let mut results = vec![output];
        results.extend(states.into_iter().take(self.n_results() - 1).map(TensorType::float));
        Ok(results)
    }

    fn keeps(&self) -> Keeps {
        // A copy of the input is saved.
        Keeps::NOTHING
    }

    fn hangs_on(&self) -> HangsOn {
        HangsOn::Random
    }

    fn writes(&self) -> Grads {
        Grads::ALL
    }

    fn n_working(&self) -> usize {
        layout::WORKING
    }

    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let Some(input) = inputs.first() else { return Vec::new() };
        let [steps, batch] = self.sizes(&input.shape);
        self.spec.saved(&steps, &batch)
    }

    fn scratch(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let Some(input) = inputs.first() else { return Vec::new() };
        let [steps, batch] = self.sizes(&input.shape);
        self.spec.scratch(&steps, &batch)
    }

    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let Some(input) = inputs.first() else { return Dim::ZERO };
        let [steps, batch] = self.sizes(&input.shape);
        self.spec.flops(&steps, &batch)
    }
}

impl<T: Real> Kernel<T> for Recurrent {
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
