//! `scatter`: values written over elements of an axis that an int tensor names.

use super::indices::{Lookup, bound, check, fits, index_bound, index_of};
use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use crate::ops::shape_rules::{any_operand, as_element};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice, SliceMut, View, reduce};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "scatter",
    form: Form::Function,
    summary: "Writes values over elements along an axis; of several values for one element the last stays.",
    formula: "y = x, but y[i, index[i, j, k], k] = src[i, j, k] for dim = 1",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`."),
        Parameter::required("dim", Type::Int, "The axis."),
        Parameter::operand(
            "index",
            "Indices on that axis, `int`, with the axes of the input and no longer on the others.",
        ),
        Parameter::operand(
            "src",
            "The values, at least as long as `index` on every axis, or a single one, `[]`. Only those that stay have a \
             gradient; PyTorch gives it to all that were written to the same element.",
        ),
    ],
    torch: "torch.scatter",
    onnx: "ScatterElements",
    examples: &[
        "input x: [3, 4]  input i: int[3, 2]  input s: [3, 2]  output scatter(x, 1, i, s)",
        "input x: [3, 4]  input i: int[5, 2]  input s: [6, 3]  output scatter(x, dim=0, index=i, src=s)",
        "input x: [3, 4]  input i: int[3, 2]  input s: []  output scatter(x, -1, i, s)",
        "input x: [3, 4]  input i: int[1, 2]  output scatter(x, 1, i, 0)",
        "input x: bool[3]  input i: int[2]  output scatter(x, 0, i, true)",
    ],
    build: |attributes| Ok(Arc::new(Scatter { dim: attributes.int("dim")? })),
};

#[derive(Debug)]
struct Scatter {
    dim: i64,
}

impl Op for Scatter {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let axis = axis_of(&DEF, "dim", self.dim, 0, input)?;
        let index = index_of(&DEF, facts, inputs, axis)?;
        let src = as_element(&DEF, inputs, 2, input)?;
        if src.shape.rank() > 0 {
            fits(&DEF, facts, [(2, src), (1, index)], None)?;
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    /// For each element of a float result the number of the value that was written there, or -1.
    fn saved(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        let floats = outputs.iter().filter(|output| output.element == Element::Float);
        floats.map(|output| TensorType::new(Element::Int, output.shape.clone())).collect()
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        index_bound(self.dim, operand, inputs)
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

#[allow(clippy::indexing_slicing, reason = "indices are checked, and loops stay inside their tensors")]
impl<T: Real> Kernel<T> for Scatter {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, index, src], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some(axis) = axis(self.dim, x.shape.len()) else { return Ok(()) };
        check(1, index, bound(x.shape, axis))?;
        let lookup = Lookup::of_each(x.shape, axis, index.shape, src.shape);
        let (index, values) = (index.ints(), src.data);
        match (x.data, &mut y.data, values) {
            (Slice::Float(x), SliceMut::Float(y), _) => {
                y.copy_from_slice(x);
                let [written] = cx.saved else { return Ok(()) };
                let written = written.ints();
                written.fill(-1);
                lookup.for_each(index, |to, from| (y[to], written[to]) = (values.at(from), from as i64));
            }
            (Slice::Int(x), SliceMut::Int(y), _) => {
                y.copy_from_slice(x);
                lookup.for_each(index, |to, from| y[to] = values.at(from));
            }
            (Slice::Bool(x), SliceMut::Bool(y), Slice::Bool(values)) => {
                y.copy_from_slice(x);
                lookup.for_each(index, |to, from| y[to] = values[from]);
            }
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([grad], [written], [grad_x, _, grad_src]) = (cx.grad_outputs, cx.saved, cx.grad_inputs) else { return };
        let (grad, written): (&[T], &[i64]) = (grad.floats(), View::ints(written));
        if let Some(out) = grad_x {
            let kept = out.iter_mut().zip(grad).zip(written).filter(|(_, written)| **written < 0);
            kept.for_each(|((out, &grad), _)| *out += grad);
        }
        match grad_src {
            Some([out]) => {
                let value = |at: usize| if written[at] < 0 { 0.0 } else { grad[at].to_f64() };
                *out += T::from_f64(reduce::sum(grad.len(), value));
            }
            Some(out) => {
                for (&grad, &from) in grad.iter().zip(written) {
                    if let Ok(from) = usize::try_from(from) {
                        out[from] += grad;
                    }
                }
            }
            None => {}
        }
    }
}
