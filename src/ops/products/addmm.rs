//! `addmm`: a product of matrices, and something that is added to it.

use super::contraction::{Fixed, GRAD_FIRST, GRAD_SECOND, Product, VALUE, contraction, loops, operations};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::{broadcast, numel, operand_of};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::nest::{Nest, broadcast_steps, dense_steps};
use crate::tensor::reduce::add_sums;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "addmm",
    form: Form::Function,
    summary: "Multiplies two matrices and adds a tensor that broadcasts.",
    formula: "y = beta · input + alpha · mat1 mat2, [n, m] · [m, p] -> [n, p]",
    parameters: &[
        Parameter::operand("input", "A shape that broadcasts to `[n, p]`"),
        Parameter::operand("mat1", "`[n, m]`"),
        Parameter::operand("mat2", "`[m, p]`"),
        BETA,
        ALPHA,
    ],
    torch: "torch.addmm",
    onnx: "Gemm",
    examples: &[
        "input c: [2, 4]  input a: [2, 3]  input b: [3, 4]  output addmm(c, a, b)",
        "input c: [4]  input a: [2, 3]  input b: [3, 4]  output addmm(c, a, b, beta=0.5, alpha=-2)",
        "input c: [2, 1]  input a: [2, 3]  input b: [3, 2]  output addmm(c, mat1=a, mat2=b, beta=0)",
    ],
    build: |attributes| build(&DEF, ["nm", "mp", "np"], attributes),
};

pub(super) const BETA: Parameter =
    Parameter::attribute("beta", Type::Float, Literal::Float(1.0), "What `input` is multiplied by; 0 ignores it.");
pub(super) const ALPHA: Parameter =
    Parameter::attribute("alpha", Type::Float, Literal::Float(1.0), "What the product is multiplied by.");

/// The operator whose two factors and result have these letters, and which has the attributes `beta` and `alpha`.
pub(super) fn build(
    def: &'static Def,
    letters: [&'static str; 3],
    attributes: &Attributes,
) -> Result<Arc<dyn Op>, AttributeError> {
    let (beta, alpha) = (attributes.float("beta")?, attributes.float("alpha")?);
    Ok(Arc::new(AddProduct { product: Fixed { def, letters, first: 1 }, beta, alpha }))
}

#[derive(Debug)]
struct AddProduct {
    product: Fixed,
    beta: f64,
    alpha: f64,
}

impl Op for AddProduct {
    fn def(&self) -> &'static Def {
        self.product.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let def = self.product.def;
        let input = operand_of(def, inputs, 0, Element::Float)?;
        let a = operand_of(def, inputs, 1, Element::Float)?;
        let b = operand_of(def, inputs, 2, Element::Float)?;
        let output = TensorType::float(self.product.shape(facts, [a, b])?);
        // What is added can't make the result larger.
        let longer = input.shape.rank() > output.shape.rank();
        let both = broadcast(facts, &output.shape, &input.shape).ok();
        let fits = both.is_some_and(|both| both.iter().zip(output.shape.iter()).all(|(x, y)| facts.is_equal(x, y)));
        if fits && !longer {
            return Ok(vec![output]);
        }
        let (name, added, product) = (def.name, &input.shape, &output.shape);
        let message = format!("`{name}` adds {added} to the product {product}, to which it can't broadcast");
        Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Operand(0), format!("this is {added}"))
            .cause(Cause::Operand(1), format!("the product is {product}")))
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: 0b110, outputs: false }
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let ([_, a, b], [y]) = (inputs, outputs) else { return Dim::ZERO };
        let [la, lb, ly] = self.product.letters([0; 2]);
        operations([&la, &lb, &ly], [&a.shape, &b.shape, &y.shape]).add(&numel(outputs))
    }
}

/// The loops over the result and what is added to it.
fn added(input: &[usize], y: &[usize]) -> Nest<2> {
    Nest::new(y, [&broadcast_steps(input, y), &dense_steps(y)])
}

#[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
impl<T: Real> Kernel<T> for AddProduct {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([input, a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let [la, lb, ly] = self.product.letters([0; 2]);
        let axes = loops([&la, &lb, &ly], [a.shape, b.shape, y.shape]);
        let (shape, y) = (y.shape, y.floats());
        if self.beta == 0.0 {
            y.fill(T::zero());
        } else {
            let (beta, input_data) = (T::from_f64(self.beta), input.floats());
            added(input.shape, shape).for_each_run(|[i, j], length, [from, to]| {
                (0..length).for_each(|at| y[j + at * to] = beta * input_data[i + at * from]);
            });
        }
        contraction(&axes, VALUE).add(T::from_f64(self.alpha), a.floats(), b.floats(), y);
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([input, a, b], [grad], [grad_input, grad_a, grad_b]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else {
            return;
        };
        let [la, lb, ly] = self.product.letters([0; 2]);
        let axes = loops([&la, &lb, &ly], [a.shape, b.shape, grad.shape]);
        let alpha = T::from_f64(self.alpha);
        if let Some(out) = grad_input {
            let data = grad.floats();
            add_sums(&added(input.shape, grad.shape), 0, self.beta, |[_, j]| data[j], out);
        }
        if let Some(out) = grad_a {
            contraction(&axes, GRAD_FIRST).add(alpha, grad.floats(), b.floats(), out);
        }
        if let Some(out) = grad_b {
            contraction(&axes, GRAD_SECOND).add(alpha, a.floats(), grad.floats(), out);
        }
    }
}
