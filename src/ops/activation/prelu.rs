//! `prelu` and `PReLU`: a rectified linear unit with learnt slopes, <https://arxiv.org/abs/1502.01852>.

#![allow(
    clippy::indexing_slicing,
    reason = "a place in the input is below its number of elements, a channel below theirs"
)]

use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, SlotKind, SlotSpec, Type,
};
use crate::ops::shape_rules::{axes, float_input, numel, operand_of, size};
use crate::ops::{Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use crate::tensor::nest::Nest;
use crate::tensor::reduce::add_sums;
use std::sync::Arc;

const INPUT: Parameter = Parameter::operand("input", "`[N, C, ...]`, `[C]` or, with a single slope, any shape.");

pub(super) static DEF: Def = Def {
    name: "prelu",
    form: Form::Function,
    summary: "Multiplies every negative element by a slope, one for all or one for each channel.",
    formula: "y = max(x, 0) + w min(x, 0), w = weight, [1] or one for each element of axis 1",
    parameters: &[INPUT, Parameter::operand("weight", "The slopes, `[1]` or `[C]`")],
    torch: "torch.nn.functional.prelu",
    onnx: "PRelu",
    examples: &[
        "input x: [2, 3, 4]  input w: [3]  output prelu(x, w)",
        "input x: [2, 3]  input w: [1]  output prelu(x, w)",
        "input x: [3]  input w: []  output prelu(x, w)",
    ],
    build: |_| Ok(Arc::new(Function)),
};

pub(super) static LAYER: Def = Def {
    name: "PReLU",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[
        Parameter::attribute("num_parameters", Type::Size, Literal::Int(1), "The number of slopes, 1 or C."),
        Parameter::attribute("init", Type::Float, Literal::Float(0.25), "What the slopes begin as."),
    ],
    torch: "torch.nn.PReLU",
    examples: &[
        "input x: [2, 3, 4]  layer act = PReLU()  output act(x)",
        "input x: [2, 3, 4]  layer act = PReLU(3, init=0.1)  output act(x)",
    ],
    build: |attributes| {
        let (count, init) = (size(attributes, "num_parameters")?, attributes.float("init")?);
        Ok(Arc::new(PRelu { count, init }))
    },
    ..DEF
};

#[derive(Debug)]
struct Function;

#[derive(Debug)]
struct PRelu {
    count: Dim,
    init: f64,
}

/// The type of the input, if it has as many channels as there are slopes.
fn infer(
    def: &Def,
    facts: &mut Facts,
    input: &TensorType,
    (slopes, cause): (&Dim, Cause),
) -> Result<Vec<TensorType>, ShapeError> {
    if facts.reduce(slopes) == Dim::ONE {
        return Ok(vec![input.clone()]);
    }
    let axis = usize::from(input.shape.rank() > 1);
    let Some(channels) = input.shape.get(axis) else {
        let message = format!("`{}` wants {slopes} channels, and gets a scalar", def.name);
        return Err(ShapeError::new(ShapeErrorKind::Rank, message).cause(Cause::Operand(0), "this is a scalar"));
    };
    if facts.equal(slopes, channels) {
        return Ok(vec![input.clone()]);
    }
    let message = format!("`{}` has {slopes} slopes, and {} has {channels} channels", def.name, input.shape);
    Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
        .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {channels}"))
        .cause(cause, format!("this makes {slopes} slopes"))
        .help("one slope serves all channels"))
}

impl Op for Function {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(&DEF, inputs)?;
        let weight = operand_of(&DEF, inputs, 1, Element::Float)?;
        if weight.shape.rank() > 1 {
            let message = format!("`prelu` wants slopes [1] or [C], and gets {}", weight.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(1), format!("this has {}", axes(weight.shape.rank()))));
        }
        infer(&DEF, facts, input, (&weight.shape.numel(), Cause::Operand(1)))
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }
}

impl Op for PRelu {
    fn def(&self) -> &'static Def {
        &LAYER
    }

    fn slots(&self) -> Vec<SlotSpec> {
        vec![SlotSpec {
            name: "weight".into(),
            shape: Shape::from([self.count.clone()]),
            init: Init::Constant(self.init),
            kind: SlotKind::Param,
            scaled: false,
        }]
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        infer(&LAYER, facts, float_input(&LAYER, inputs)?, (&self.count, Cause::Attribute("num_parameters")))
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(outputs)
    }
}

/// The loops over the elements of the input, and over the slopes, repeated.
fn nest(shape: &[usize], slopes: usize) -> Nest<2> {
    let axis = usize::from(shape.len() > 1);
    let inner: usize = shape.iter().skip(axis + 1).product();
    let count: usize = shape.iter().product();
    if slopes == 1 {
        return Nest::new(&[count], [&[1], &[0]]);
    }
    let outer: usize = shape.iter().take(axis).product();
    Nest::new(&[outer, slopes, inner], [&[slopes * inner, inner, 1], &[0, 1, 0]])
}

fn forward<T: Real>(shape: &[usize], x: &[T], slopes: &[T], y: &mut [T]) {
    nest(shape, slopes.len()).for_each_run(|[i, j], length, [_, step]| {
        for index in 0..length {
            let x = x[i + index];
            y[i + index] = if x > T::zero() { x } else { slopes[j + index * step] * x };
        }
    });
}

/// dx = g where x > 0, else w g; dw = Σ g min(x, 0)
fn backward<T: Real>(
    shape: &[usize],
    (x, slopes, grad): (&[T], &[T], &[T]),
    (grad_x, grad_slopes): (Option<&mut [T]>, Option<&mut [T]>),
) {
    let nest = nest(shape, slopes.len());
    if let Some(out) = grad_x {
        nest.for_each_run(|[i, j], length, [_, step]| {
            for index in 0..length {
                let slope = if x[i + index] > T::zero() { T::one() } else { slopes[j + index * step] };
                out[i + index] += grad[i + index] * slope;
            }
        });
    }
    if let Some(out) = grad_slopes {
        let value = |[i, _]: [usize; 2]| if x[i] > T::zero() { T::zero() } else { grad[i] * x[i] };
        add_sums(&nest, 1, 1.0, value, out);
    }
}

impl<T: Real> Kernel<T> for Function {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if let ([x, weight], [y]) = (cx.inputs, cx.outputs) {
            forward(x.shape, x.floats(), weight.floats(), y.floats());
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x, weight], [grad], [grad_x, grad_weight]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let gradients = (grad_x.as_deref_mut(), grad_weight.as_deref_mut());
        backward(x.shape, (x.floats(), weight.floats(), grad.floats()), gradients);
    }
}

impl<T: Real> Kernel<T> for PRelu {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if let ([x], [weight], [y]) = (cx.inputs, cx.slots, cx.outputs) {
            forward(x.shape, x.floats(), weight.floats(), y.floats());
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [weight], [grad]) = (cx.inputs, cx.slots, cx.grad_outputs) else { return };
        let ([grad_x], [grad_weight]) = (cx.grad_inputs, cx.grad_slots) else { return };
        let gradients = (grad_x.as_deref_mut(), grad_weight.as_deref_mut());
        backward(x.shape, (x.floats(), weight.floats(), grad.floats()), gradients);
    }
}
