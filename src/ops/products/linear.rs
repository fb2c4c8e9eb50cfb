//! `Linear` and `linear`: an affine map of the last axis.

use crate::ops::contract::{
    Backward, DataError, Def, Factor, FactorOf, Form, Forward, Grads, Keeps, Kernel, Literal, Op, Parameter, Pass,
    SlotKind, SlotSpec, Type,
};
use crate::ops::functional::{self, Slot, slot_shape};
use crate::ops::shape_rules::{axes, float_input, numel, operand_of, size, swap_last};
use crate::ops::{Attributes, Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::gemm::{Matrix, gemm};
use crate::tensor::panels::{self, Start};
use crate::tensor::reduce::add_row_sums;
use crate::tensor::{Real, View};
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

pub(super) static FUNCTION: Def = Def {
    name: "linear",
    form: Form::Function,
    summary: "Maps the last axis by a matrix and adds a bias.",
    formula: "y = x Wᵀ + b, W = weight [out_features, in_features], b = bias [out_features]",
    parameters: &[
        Parameter::operand("input", "`[..., in_features]`"),
        Parameter::operand("weight", "`[out_features, in_features]`, or `[in_features]` for a result `[...]`"),
        Parameter::optional_operand("bias", "`[out_features]`, or `[]`"),
    ],
    torch: "torch.nn.functional.linear",
    onnx: "Gemm",
    examples: &[
        "input x: [3, 4]  input w: [5, 4]  input b: [5]  output linear(x, w, b)",
        "input x: [2, 3, 4]  input w: [2, 4]  output linear(x, w)",
        "input x: [3, 4]  input w: [4]  input b: []  output linear(x, w, bias=b)",
        "input x: [4]  input w: [2, 4]  output linear(x, w)",
    ],
    build: |attributes| Ok(Arc::new(LinearFunction { bias: attributes.operand("bias") })),
};

#[derive(Debug)]
struct Linear {
    in_features: Dim,
    out_features: Dim,
    bias: bool,
}

impl Linear {
    fn new(attributes: &Attributes) -> Result<Self, crate::ops::AttributeError> {
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
        let weight = slot("weight", &[&self.out_features, &self.in_features]);
        if self.bias { vec![weight, slot("bias", &[&self.out_features])] } else { vec![weight] }
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let wanted = &self.in_features;
        let cause = (Cause::Attribute("in_features"), format!("it wants {wanted}"));
        let mut output = features(facts, &DEF, inputs, wanted, cause)?;
        output.shape.push(self.out_features.clone());
        Ok(vec![output])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        flops(inputs, outputs, self.bias)
    }

    /// y = x Wᵀ, and dx = dy W
    fn factor(&self, pass: Pass) -> Option<Factor> {
        Some(Factor { of: FactorOf::Slot(0), transposed: pass == Pass::Forward })
    }

    fn finishes(&self) -> bool {
        true
    }

    fn writes(&self) -> Grads {
        Grads::ALL
    }
}

#[derive(Debug)]
struct LinearFunction {
    bias: Option<usize>,
}

impl Op for LinearFunction {
    fn def(&self) -> &'static Def {
        &FUNCTION
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let weight = operand_of(&FUNCTION, inputs, 1, Element::Float)?;
        let (outputs, wanted) = match &*weight.shape {
            [wanted] => (&[][..], wanted),
            [outputs, wanted] => (std::slice::from_ref(outputs), wanted),
            other => {
                let message = format!("`linear` wants a weight [out_features, in_features], and gets {weight}");
                return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(1), format!("this has {}", axes(other.len()))));
            }
        };
        let axis = outputs.len();
        let cause = (Cause::Axis { operand: 1, axis }, format!("axis {axis} of {} is {wanted}", weight.shape));
        let mut output = features(facts, &FUNCTION, inputs, wanted, cause).map_err(|mut error| {
            error.help = transposed(facts, inputs);
            error
        })?;
        outputs.iter().for_each(|outputs| output.shape.push(outputs.clone()));
        let bias = Slot { name: "bias", operand: self.bias };
        let cause = (Cause::Operand(1), format!("this is {weight}"));
        slot_shape(facts, &FUNCTION, inputs, bias, outputs, cause)?;
        Ok(vec![output])
    }

    fn keeps(&self) -> Keeps {
        functional::keeps(1, Some(0))
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        flops(inputs, outputs, self.bias.is_some())
    }

    /// y = x Wᵀ, and dx = dy W
    fn factor(&self, pass: Pass) -> Option<Factor> {
        Some(Factor { of: FactorOf::Input(1), transposed: pass == Pass::Forward })
    }

    fn finishes(&self) -> bool {
        true
    }

    fn writes(&self) -> Grads {
        Grads::ALL
    }
}

/// That a weight has its axes the other way round.
fn transposed(facts: &Facts, inputs: &[TensorType]) -> Option<String> {
    let [input, weight, ..] = inputs else { return None };
    let [first, _] = &*weight.shape else { return None };
    let swapped =
        swap_last(&weight.shape).filter(|_| facts.is_equal(input.shape.last().unwrap_or(&Dim::ONE), first))?;
    Some(format!("the weight is [out_features, in_features]: transposed, as {swapped}, it fits"))
}

/// The input without its last axis, which must be of the size that is wanted. `cause` says why.
fn features(
    facts: &mut Facts,
    def: &Def,
    inputs: &[TensorType],
    wanted: &Dim,
    cause: (Cause, String),
) -> Result<TensorType, ShapeError> {
    let (input, name) = (float_input(def, inputs)?, def.name);
    let Some((found, leading)) = input.shape.split_last() else {
        let message = format!("`{name}` wants at least one axis, and gets a scalar");
        return Err(ShapeError::new(ShapeErrorKind::Rank, message).cause(Cause::Operand(0), "this is a scalar"));
    };
    if !facts.equal(wanted, found) {
        let message = format!("`{name}` wants {wanted} features, and gets {found}");
        return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(
                Cause::Axis { operand: 0, axis: leading.len() },
                format!("the last axis of {} is {found}", input.shape),
            )
            .cause(cause.0, cause.1));
    }
    Ok(TensorType::float(leading))
}

fn flops(inputs: &[TensorType], outputs: &[TensorType], bias: bool) -> Dim {
    let elements = numel(outputs);
    let features = inputs.first().and_then(|input| input.shape.last()).cloned().unwrap_or(Dim::ONE);
    let multiplied = elements.mul(&features).mul(&Dim::from(2i64));
    if bias { multiplied.add(&elements) } else { multiplied }
}

/// The sizes `[out_features, in_features]` of a weight.
fn sizes(weight: &[usize]) -> Option<[usize; 2]> {
    match *weight {
        [inputs] => Some([1, inputs]),
        [outputs, inputs] => Some([outputs, inputs]),
        _ => None,
    }
}

impl<T: Real> Kernel<T> for Linear {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        forward(cx);
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        backward(cx);
    }
}

impl<T: Real> Kernel<T> for LinearFunction {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        forward(functional::forward(&FUNCTION, cx, 1));
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        backward(functional::backward(&FUNCTION, cx, 1));
    }
}

fn forward<T: Real>(cx: Forward<T>) {
    let ([x], [weight, bias @ ..], [y]) = (cx.inputs, cx.slots, cx.outputs) else { return };
    let Some([outputs, inputs]) = sizes(weight.shape) else { return };
    let (x, y) = (x.floats(), y.floats());
    let rows = y.len().checked_div(outputs).unwrap_or(0);
    let bias = bias.first().filter(|_| outputs > 0).map(View::floats);
    if let Some(panels) = cx.panels {
        let start = bias.map_or(Start::Zero, Start::Row);
        return panels::multiply(x, panels, [rows, inputs, outputs], start, y, cx.finish);
    }
    if let Some(bias) = bias {
        y.chunks_exact_mut(outputs).for_each(|row| row.copy_from_slice(bias));
    }
    let beta = if bias.is_some() { T::one() } else { T::zero() };
    let weight = Matrix::new(weight.floats(), outputs, inputs);
    gemm(Matrix::new(x, rows, inputs), weight.t(), beta, y);
    (cx.finish)(0, y);
}

/// dx = dy W, dW = dyᵀ x, db = Σ dy
fn backward<T: Real>(cx: Backward<T>) {
    let Backward { grad_inputs, grad_slots, panels, fresh, .. } = cx;
    let ([x], [weight, ..], [grad]) = (cx.inputs, cx.slots, cx.grad_outputs) else { return };
    let Some([outputs, inputs]) = sizes(weight.shape) else { return };
    let (x, grad) = (x.floats(), grad.floats());
    let rows = grad.len().checked_div(outputs).or(x.len().checked_div(inputs)).unwrap_or(0);
    let grad_rows = Matrix::new(grad, rows, outputs);
    let beta = |is_fresh: bool| if is_fresh { T::zero() } else { T::one() };
    if let [Some(out)] = grad_inputs {
        let is_fresh = fresh.has_input(0);
        if let Some(panels) = panels {
            let start = if is_fresh { Start::Zero } else { Start::Result };
            panels::multiply(grad, panels, [rows, outputs, inputs], start, out, |_, _| {});
        } else {
            gemm(grad_rows, Matrix::new(weight.floats(), outputs, inputs), beta(is_fresh), out);
        }
    }
    if let Some(Some(out)) = grad_slots.first_mut() {
        gemm(grad_rows.t(), Matrix::new(x, rows, inputs), beta(fresh.has_slot(0)), out);
    }
    if let Some(Some(out)) = grad_slots.get_mut(1) {
        if fresh.has_slot(1) {
            out.fill(T::zero());
        }
        add_row_sums(grad, out);
    }
}
