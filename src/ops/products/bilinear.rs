//! `Bilinear` and `bilinear`: a map that is linear in each of two inputs.

#![allow(clippy::indexing_slicing, reason = "rows and their elements are counted from the shapes")]

use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, SlotKind, SlotSpec, Type,
};
use crate::ops::functional::{self, Slot, slot_shape};
use crate::ops::shape_rules::{axes, numel, operand_of, size};
use crate::ops::{AttributeError, Attributes, Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::{Real, View, reduce};
use std::sync::Arc;

const FORMULA: &str =
    "yₒ = Σᵢⱼ aᵢ Wₒᵢⱼ bⱼ + biasₒ, W = weight [out_features, in1_features, in2_features], bias [out_features]";

pub(super) static DEF: Def = Def {
    name: "Bilinear",
    form: Form::Layer {
        call: &[
            Parameter::operand("input1", "`[..., in1_features]`"),
            Parameter::operand("input2", "`[..., in2_features]`"),
        ],
    },
    summary: "Maps the last axes of two inputs by a matrix for each feature, and adds a bias.",
    formula: FORMULA,
    parameters: &[
        Parameter::required("in1_features", Type::Size, "The size of the last axis of the first input."),
        Parameter::required("in2_features", Type::Size, "The size of the last axis of the second input."),
        Parameter::required("out_features", Type::Size, "The size of the last axis of the output."),
        Parameter::attribute("bias", Type::Bool, Literal::Bool(true), "Whether a bias is added."),
    ],
    torch: "torch.nn.Bilinear",
    onnx: "",
    examples: &[
        "input a: [3, 4]  input b: [3, 2]  layer f = Bilinear(4, 2, 5)  output f(a, b)",
        "input a: [4]  input b: [2]  layer f = Bilinear(4, 2, 3, bias=false)  output f(a, b)",
        "input a: [2, 3, 1]  input b: [2, 3, 2]  layer f = Bilinear(1, 2, 1)  output f(a, b)",
    ],
    build: |attributes| Bilinear::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

pub(super) static FUNCTION: Def = Def {
    name: "bilinear",
    form: Form::Function,
    summary: "Maps the last axes of two inputs by a matrix for each feature, and adds a bias.",
    formula: FORMULA,
    parameters: &[
        Parameter::operand("input1", "`[..., in1_features]`"),
        Parameter::operand("input2", "`[..., in2_features]`"),
        Parameter::operand("weight", "`[out_features, in1_features, in2_features]`"),
        Parameter::optional_operand("bias", "`[out_features]`"),
    ],
    torch: "torch.nn.functional.bilinear",
    onnx: "",
    examples: &[
        "input a: [3, 4]  input b: [3, 2]  input w: [5, 4, 2]  output bilinear(a, b, w)",
        "input a: [3, 4]  input b: [3, 2]  input w: [5, 4, 2]  input c: [5]  output bilinear(a, b, w, c)",
    ],
    build: |attributes| Ok(Arc::new(Bilinear { sizes: None, bias: attributes.operand("bias") })),
};

#[derive(Debug)]
struct Bilinear {
    /// `[out_features, in1_features, in2_features]`; a function takes what it gets.
    sizes: Option<[Dim; 3]>,
    /// The operand of a function; of a layer anything.
    bias: Option<usize>,
}

impl Bilinear {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let size = |name| size(attributes, name);
        let sizes = [size("out_features")?, size("in1_features")?, size("in2_features")?];
        Ok(Self { sizes: Some(sizes), bias: attributes.bool("bias")?.then_some(0) })
    }

    /// The sizes, and which attribute or axis of the weight says them.
    fn wanted(&self, inputs: &[TensorType]) -> Result<([Dim; 3], [Cause; 3]), ShapeError> {
        if let Some(sizes) = &self.sizes {
            let causes = ["out_features", "in1_features", "in2_features"].map(Cause::Attribute);
            return Ok((sizes.clone(), causes));
        }
        let weight = operand_of(&FUNCTION, inputs, 2, Element::Float)?;
        let [outputs, first, second] = &*weight.shape else {
            let message =
                format!("`bilinear` wants a weight [out_features, in1_features, in2_features], and gets {weight}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(2), format!("this has {}", axes(weight.shape.rank()))));
        };
        Ok(([outputs.clone(), first.clone(), second.clone()], [0, 1, 2].map(|axis| Cause::Axis { operand: 2, axis })))
    }
}

impl Op for Bilinear {
    fn def(&self) -> &'static Def {
        if self.sizes.is_some() { &DEF } else { &FUNCTION }
    }

    fn slots(&self) -> Vec<SlotSpec> {
        let Some([outputs, first, second]) = &self.sizes else { return Vec::new() };
        let slot = |name: &'static str, shape: &[&Dim]| SlotSpec {
            name: name.into(),
            shape: shape.iter().map(|dim| (*dim).clone()).collect(),
            init: Init::Inputs(first.clone()),
            kind: SlotKind::Param,
            scaled: true,
        };
        let bias = self.bias.map(|_| slot("bias", &[outputs]));
        [slot("weight", &[outputs, first, second])].into_iter().chain(bias).collect()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (def, name) = (self.def(), self.def().name);
        let [a, b] = [operand_of(def, inputs, 0, Element::Float)?, operand_of(def, inputs, 1, Element::Float)?];
        let ([outputs, wanted @ ..], [_, causes @ ..]) = self.wanted(inputs)?;
        for (operand, (input, (wanted, cause))) in [a, b].into_iter().zip(wanted.iter().zip(causes)).enumerate() {
            let Some((found, leading)) = input.shape.split_last() else {
                let message = format!("`{name}` wants at least one axis, and gets a scalar");
                return Err(
                    ShapeError::new(ShapeErrorKind::Rank, message).cause(Cause::Operand(operand), "this is a scalar")
                );
            };
            if !facts.equal(wanted, found) {
                let message = format!("`{name}` wants {wanted} features of `input{}`, and gets {found}", operand + 1);
                let axis = leading.len();
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand, axis }, format!("the last axis of {} is {found}", input.shape))
                    .cause(cause, format!("it wants {wanted}")));
            }
        }
        let [first, second] = [a, b].map(|input| input.shape.split_last().map_or(&[][..], |(_, leading)| leading));
        let differs = first.iter().zip(second).position(|(x, y)| !facts.equal(x, y));
        if first.len() != second.len() || differs.is_some() {
            let message = format!("`{name}` wants inputs that differ in the last axis only, and gets {a} and {b}");
            let at = |operand: usize| differs.map_or(Cause::Operand(operand), |axis| Cause::Axis { operand, axis });
            let kind = if differs.is_some() { ShapeErrorKind::Mismatch } else { ShapeErrorKind::Rank };
            return Err(ShapeError::new(kind, message)
                .cause(at(1), format!("this is {b}"))
                .cause(at(0), format!("this is {a}")));
        }
        if self.sizes.is_none() {
            let cause = (Cause::Axis { operand: 2, axis: 0 }, format!("there are {outputs} features"));
            let bias = Slot { name: "bias", operand: self.bias };
            slot_shape(facts, def, inputs, bias, std::slice::from_ref(&outputs), cause)?;
        }
        let mut output = TensorType::float(first);
        output.shape.push(outputs);
        Ok(vec![output])
    }

    fn keeps(&self) -> Keeps {
        functional::keeps(2, Some(0))
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let features = |index: usize| inputs.get(index).and_then(|input| input.shape.last()).cloned();
        let products = features(0).zip(features(1)).map_or(Dim::ONE, |(first, second)| first.mul(&second));
        numel(outputs).mul(&products).mul(&Dim::from(3i64))
    }
}

/// What a step works on, row by row.
struct Rows<'a, T> {
    a: &'a [T],
    b: &'a [T],
    weight: &'a [T],
    outputs: usize,
    first: usize,
    second: usize,
}

impl<'a, T: Real> Rows<'a, T> {
    fn new(inputs: &[View<'a, T>], slots: &[View<'a, T>]) -> Option<Self> {
        let ([a, b], [weight, ..]) = (inputs, slots) else { return None };
        let [outputs, first, second] = *weight.shape else { return None };
        Some(Self { a: a.floats(), b: b.floats(), weight: weight.floats(), outputs, first, second })
    }

    /// Calls `visit` for every row, feature o and i, with the indices of yₒ, aᵢ, Wₒᵢ₀ and b₀.
    fn each(&self, rows: usize, mut visit: impl FnMut(usize, usize, usize, usize)) {
        for row in 0..rows {
            for output in 0..self.outputs {
                for index in 0..self.first {
                    let weight = (output * self.first + index) * self.second;
                    visit(row * self.outputs + output, row * self.first + index, weight, row * self.second);
                }
            }
        }
    }

    /// Σⱼ Wₒᵢⱼ bⱼ
    fn dot(&self, weight: usize, b: usize) -> T {
        let product = |index: usize| (self.weight[weight + index] * self.b[b + index]).to_f64();
        T::from_f64(reduce::sum(self.second, product))
    }
}

impl<T: Real> Kernel<T> for Bilinear {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let cx = functional::forward(self.def(), cx, 2);
        let (Some(rows), [y]) = (Rows::new(cx.inputs, cx.slots), cx.outputs) else { return Ok(()) };
        let y = y.floats();
        let count = y.len().checked_div(rows.outputs).unwrap_or(0);
        match cx.slots.get(1).map(View::floats) {
            Some(bias) if rows.outputs > 0 => {
                y.chunks_exact_mut(rows.outputs).for_each(|row| row.copy_from_slice(bias));
            }
            _ => y.fill(T::zero()),
        }
        rows.each(count, |y_at, a, weight, b| y[y_at] += rows.a[a] * rows.dot(weight, b));
        Ok(())
    }

    /// daᵢ = Σₒ gₒ Σⱼ Wₒᵢⱼ bⱼ, dbⱼ = Σₒᵢ gₒ aᵢ Wₒᵢⱼ, dWₒᵢⱼ = Σ gₒ aᵢ bⱼ, dbias = Σ g
    fn backward(&self, cx: Backward<T>) {
        let cx = functional::backward(self.def(), cx, 2);
        let Backward { grad_inputs, grad_slots, .. } = cx;
        let (Some(rows), [grad]) = (Rows::new(cx.inputs, cx.slots), cx.grad_outputs) else { return };
        let (grad, width) = (grad.floats(), rows.second);
        let count = grad.len().checked_div(rows.outputs).unwrap_or(0);
        let add = |out: &mut [T], factor: T, from: &[T]| {
            out.iter_mut().zip(from).for_each(|(out, &from)| *out += factor * from);
        };
        let [grad_a, grad_b] = grad_inputs else { return };
        if let Some(out) = grad_a {
            rows.each(count, |g, a, weight, b| out[a] += grad[g] * rows.dot(weight, b));
        }
        if let Some(out) = grad_b {
            rows.each(count, |g, a, weight, b| {
                add(&mut out[b..b + width], grad[g] * rows.a[a], &rows.weight[weight..weight + width]);
            });
        }
        if let Some(Some(out)) = grad_slots.first_mut() {
            rows.each(count, |g, a, weight, b| {
                add(&mut out[weight..weight + width], grad[g] * rows.a[a], &rows.b[b..b + width]);
            });
        }
        if let Some(Some(out)) = grad_slots.get_mut(1)
            && rows.outputs > 0
        {
            grad.chunks_exact(rows.outputs).for_each(|row| add(out, T::one(), row));
        }
    }
}
