//! `cross`: the product of vectors in three dimensions.

use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::indexing::same_axes;
use crate::ops::shape_rules::{broadcast, broadcast_error, numel, operand_of};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::nest::{Nest, Steps, broadcast_steps, dense_steps};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "cross",
    form: Form::Function,
    summary: "Multiplies vectors of three elements; on the other axes both operands broadcast.",
    formula: "y₀ = a₁ b₂ - a₂ b₁, y₁ = a₂ b₀ - a₀ b₂, y₂ = a₀ b₁ - a₁ b₀",
    parameters: &[
        Parameter::operand("input", "Any shape with an axis of size 3."),
        Parameter::operand("other", "As many axes, of sizes that broadcast."),
        Parameter::attribute("dim", Type::Int, Literal::None, "The axis; without it the first whose size is 3."),
    ],
    torch: "torch.cross",
    onnx: "",
    examples: &[
        "input a: [3]  input b: [3]  output cross(a, b)",
        "input a: [2, 3]  input b: [2, 3]  output cross(a, b, dim=-1)",
        "input a: [3, 4]  input b: [3, 1]  output cross(a, b)",
        "input a: [1, 3, 2]  input b: [4, 3, 1]  output cross(a, b, 1)",
    ],
    build: |attributes| Ok(Arc::new(Cross { dim: attributes.optional_int("dim")? })),
};

#[derive(Debug)]
struct Cross {
    dim: Option<i64>,
}

#[allow(clippy::indexing_slicing, reason = "each of the three tensors has its steps")]
impl Cross {
    /// The axis of the three elements, given the shape of the first operand.
    fn axis(&self, shape: &[usize]) -> Option<usize> {
        match self.dim {
            Some(dim) => axis(dim, shape.len()),
            None => shape.iter().position(|size| *size == 3),
        }
    }

    /// Calls `visit` with the places of the first elements of both operands and the result, and the distances of the
    /// three elements in each.
    fn for_each(&self, shapes: [&[usize]; 3], mut visit: impl FnMut([usize; 3], [usize; 3])) {
        let [a, _, y] = shapes;
        let Some(axis) = self.axis(a) else { return };
        let mut steps: [Steps; 3] = shapes.map(|shape| broadcast_steps(shape, y));
        steps[2] = dense_steps(y);
        let mut others = Steps::from_slice(y);
        others.remove(axis);
        let along = steps.each_mut().map(|steps| steps.remove(axis));
        Nest::new(&others, steps.each_ref().map(|steps| &**steps)).for_each_run(|starts, length, inner| {
            (0..length).for_each(|at| visit(std::array::from_fn(|tensor| starts[tensor] + at * inner[tensor]), along));
        });
    }
}

/// The first axis whose size is 3. An axis before it that is a symbol might have that size too.
fn first_of_three(facts: &Facts, input: &TensorType) -> Result<usize, ShapeError> {
    let sizes = input.shape.iter().map(|size| facts.reduce(size).as_const());
    let known = sizes.clone().take_while(Option::is_some).position(|size| size == Some(3));
    known.ok_or_else(|| {
        let message = format!("`cross` wants an axis of size 3, and gets {}", input.shape);
        let later = sizes.clone().position(|size| size == Some(3));
        let error = ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Operand(0), "none is surely the first whose size is 3");
        if let Some(axis) = later { error.help(format!("`dim={axis}` says which it is")) } else { error }
    })
}

impl Op for Cross {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let a = operand_of(&DEF, inputs, 0, Element::Float)?;
        let b = operand_of(&DEF, inputs, 1, Element::Float)?;
        same_axes(&DEF, [(0, a), (1, b)])?;
        let three = Dim::from(3i64);
        let axis = match self.dim {
            Some(dim) => axis_of(&DEF, "dim", dim, 0, a)?,
            None => first_of_three(facts, a)?,
        };
        for (operand, input) in [a, b].into_iter().enumerate() {
            let size = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
            if !facts.equal(&three, &size) {
                let message = format!("`cross` wants 3 elements on axis {axis}, and gets {}", input.shape);
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand, axis }, format!("axis {axis} is {size}")));
            }
        }
        match broadcast(facts, &a.shape, &b.shape) {
            Ok(mut shape) => {
                if let Some(size) = shape.get_mut(axis) {
                    *size = three;
                }
                Ok(vec![TensorType::float(shape)])
            }
            Err(back) => Err(broadcast_error(facts, &DEF, [a, b], back)),
        }
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// Two products and a difference for each element.
    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(outputs).mul(&Dim::from(3i64))
    }
}

#[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
impl<T: Real> Kernel<T> for Cross {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let shapes = [a.shape, b.shape, y.shape];
        let (a, b, y) = (a.floats(), b.floats(), y.floats());
        self.for_each(shapes, |[i, j, k], steps| {
            let product = product(three_at(a, i, steps[0]), three_at(b, j, steps[1]));
            (0..3).for_each(|at| y[k + at * steps[2]] = product[at]);
        });
        Ok(())
    }

    /// da = b × g, db = g × a
    fn backward(&self, cx: Backward<T>) {
        let ([a, b], [grad], [grad_a, grad_b]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let shapes = [a.shape, b.shape, grad.shape];
        let (a, b, grad) = (a.floats(), b.floats(), grad.floats());
        self.for_each(shapes, |[i, j, k], steps| {
            let grad = three_at(grad, k, steps[2]);
            if let Some(out) = grad_a {
                let product = product(three_at(b, j, steps[1]), grad);
                (0..3).for_each(|at| out[i + at * steps[0]] += product[at]);
            }
            if let Some(out) = grad_b {
                let product = product(grad, three_at(a, i, steps[0]));
                (0..3).for_each(|at| out[j + at * steps[1]] += product[at]);
            }
        });
    }
}

#[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
fn three_at<T: Real>(data: &[T], start: usize, step: usize) -> [T; 3] {
    std::array::from_fn(|at| data[start + at * step])
}

fn product<T: Real>([a, b, c]: [T; 3], [x, y, z]: [T; 3]) -> [T; 3] {
    [b * z - c * y, c * x - a * z, a * y - b * x]
}
