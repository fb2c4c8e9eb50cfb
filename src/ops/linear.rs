//! `Linear`: an affine map of the last axis.

use super::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, SlotKind, SlotSpec, Type};
use super::shape_rules::{float_input, size};
use super::{Attributes, Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::gemm::{Matrix, gemm};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "Linear",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., in_features]`")] },
    summary: "Maps the last axis by a matrix and adds a bias.",
    formula: "y = x Wᵀ + b, W = weight [out_features, in_features], b = bias [out_features]",
    parameters: &[
        Parameter::required("in_features", Type::Size, "The size of the last axis of the input."),
        Parameter::required("out_features", Type::Size, "The size of the last axis of the output."),
        Parameter::attribute("bias", Type::Bool, Literal::Bool(true), "Whether a bias is added."),
    ],
    torch: "torch.nn.Linear",
    onnx: "Gemm",
    examples: &[
        "input x: [3, 4]  layer fc = Linear(4, 5)  output fc(x)",
        "input x: [2, 3, 4]  layer fc = Linear(4, 2, bias=false)  output fc(x)",
        "input x: [4]  layer fc = Linear(4, 2)  output fc(x)",
    ],
    build: |attributes| Linear::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct Linear {
    in_features: Dim,
    out_features: Dim,
    bias: bool,
}

impl Linear {
    fn new(attributes: &Attributes) -> Result<Self, super::AttributeError> {
        Ok(Self {
            in_features: size(attributes, "in_features")?,
            out_features: size(attributes, "out_features")?,
            bias: attributes.bool("bias")?,
        })
    }
}

impl Op for Linear {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn slots(&self) -> Vec<SlotSpec> {
        let slot = |name: &'static str, shape: &[&Dim]| SlotSpec {
            name: name.into(),
            shape: shape.iter().map(|dim| (*dim).clone()).collect(),
            init: Init::Inputs(self.in_features.clone()),
            kind: SlotKind::Param,
            scaled: true,
        };
        let mut slots = vec![slot("weight", &[&self.out_features, &self.in_features])];
        if self.bias {
            slots.push(slot("bias", &[&self.out_features]));
        }
        slots
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(&DEF, inputs)?;
        let Some(found) = input.shape.last() else {
            let message = "`Linear` wants at least one axis, and gets a scalar";
            return Err(ShapeError::new(ShapeErrorKind::Rank, message).cause(Cause::Operand(0), "this is a scalar"));
        };
        let wanted = &self.in_features;
        if !facts.equal(wanted, found) {
            let axis = input.shape.rank() - 1;
            let message = format!("`Linear` wants {wanted} features, and gets {found}");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis }, format!("the last axis of {} is {found}", input.shape))
                .cause(Cause::Attribute("in_features"), format!("it wants {wanted}")));
        }
        let mut output = input.clone();
        if let Some(last) = output.shape.last_mut() {
            *last = self.out_features.clone();
        }
        Ok(vec![output])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        let elements = outputs.iter().fold(Dim::ZERO, |sum, output| sum.add(&output.shape.numel()));
        let multiplied = elements.mul(&self.in_features).mul(&Dim::from(2i64));
        if self.bias { multiplied.add(&elements) } else { multiplied }
    }
}

impl<T: Real> Kernel<T> for Linear {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if let ([x], [weight, bias @ ..], [y]) = (cx.inputs, cx.slots, cx.outputs)
            && let [outputs, inputs] = *weight.shape
        {
            let y = y.floats();
            let rows = y.len().checked_div(outputs).unwrap_or(0);
            let beta = match bias {
                [bias] if outputs > 0 => {
                    y.chunks_exact_mut(outputs).for_each(|row| row.copy_from_slice(bias.floats()));
                    T::one()
                }
                _ => T::zero(),
            };
            let weight = Matrix::new(weight.floats(), outputs, inputs);
            gemm(Matrix::new(x.floats(), rows, inputs), weight.t(), beta, y);
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [weight, ..], [grad]) = (cx.inputs, cx.slots, cx.grad_outputs) else { return };
        let [outputs, inputs] = *weight.shape else { return };
        let grad = grad.floats();
        let rows = grad.len().checked_div(outputs).unwrap_or(0);
        let grad_rows = Matrix::new(grad, rows, outputs);
        if let [Some(out)] = cx.grad_inputs {
            gemm(grad_rows, Matrix::new(weight.floats(), outputs, inputs), T::one(), out);
        }
        if let Some(Some(out)) = cx.grad_slots.first_mut() {
            gemm(grad_rows.t(), Matrix::new(x.floats(), rows, inputs), T::one(), out);
        }
        if let Some(Some(out)) = cx.grad_slots.get_mut(1)
            && outputs > 0
        {
            for row in grad.chunks_exact(outputs) {
                out.iter_mut().zip(row).for_each(|(out, &grad)| *out += grad);
            }
        }
    }
}
