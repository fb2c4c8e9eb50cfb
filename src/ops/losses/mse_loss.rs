//! `mse_loss`: the mean squared error.

use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Grads, Keeps, Kernel, Op, Parameter};
use crate::ops::reduction::{REDUCTION, Reduction};
use crate::ops::shape_rules::{operand_of, same_shape};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::zip::Read;
use crate::tensor::{Real, reduce};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "mse_loss",
    form: Form::Function,
    summary: "Gives the mean squared difference of prediction and target.",
    formula: "l = 1/n Σᵢ (xᵢ - tᵢ)²",
    parameters: &[
        Parameter::operand("input", "The prediction, any shape."),
        Parameter::operand("target", "The shape of the input."),
        REDUCTION,
    ],
    torch: "torch.nn.functional.mse_loss",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output mse_loss(x, t)",
        "input x: [3, 4]  input t: [3, 4]  output mse_loss(x, t, reduction=\"sum\")",
        "input x: [3, 4]  input t: [3, 4]  output mse_loss(x, t, reduction=\"none\")",
    ],
    build: |attributes| Ok(Arc::new(MseLoss(Reduction::new(attributes)?))),
};

#[derive(Debug)]
struct MseLoss(Reduction);

impl Op for MseLoss {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = operand_of(&DEF, inputs, 0, Element::Float)?;
        let target = operand_of(&DEF, inputs, 1, Element::Float)?;
        same_shape(facts, &DEF, [&input.shape, &target.shape])?;
        Ok(vec![TensorType::float(self.0.shape(input.shape.clone()))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    fn compares_numbers(&self) -> bool {
        true
    }

    /// A difference, a square and, unless nothing is reduced, a sum for each element.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let each = if self.0 == Reduction::None { 2i64 } else { 3 };
        inputs.first().map_or(Dim::ZERO, |input| input.shape.numel().mul(&Dim::from(each)))
    }
}

impl<T: Real> Kernel<T> for MseLoss {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, t], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let (x, t, y) = (x.floats(), t.floats(), y.floats());
        let square = |x: T, t: T| (x - t) * (x - t);
        if self.0 == Reduction::None {
            y.iter_mut().zip(x.iter().zip(t)).for_each(|(y, (&x, &t))| *y = square(x, t));
        } else {
            let sum = reduce::sum(x.len(), |index| square(x.at(index), t.at(index)).to_f64());
            y.fill(T::from_f64(sum * self.0.scale(&[x.len()])));
        }
        Ok(())
    }

    /// dx = 2 g (x - t), dt = -dx
    fn backward(&self, cx: Backward<T>) {
        let ([x, t], [grad]) = (cx.inputs, cx.grad_outputs) else { return };
        let (x, t, grad) = (x.floats(), t.floats(), grad.floats());
        let factor = T::from_f64(2.0 * self.0.scale(&[x.len()]));
        for (operand, out) in cx.grad_inputs.iter_mut().enumerate() {
            let Some(out) = out else { continue };
            let factor = if operand == 0 { factor } else { -factor };
            let pairs = x.iter().zip(t).map(|(&x, &t)| x - t);
            let is_fresh = cx.fresh.has_input(operand);
            let give = |out: &mut T, slope: T| *out = if is_fresh { slope } else { *out + slope };
            if self.0 == Reduction::None {
                let each = out.iter_mut().zip(pairs.zip(grad));
                each.for_each(|(out, (difference, &grad))| give(out, factor * grad * difference));
            } else {
                let factor = factor * grad.first().copied().unwrap_or_default();
                out.iter_mut().zip(pairs).for_each(|(out, difference)| give(out, factor * difference));
            }
        }
    }
}
