//! `matmul`: the product of matrices, of vectors, and of stacks of matrices that broadcast.

use crate::ops::contract::{
    Backward, DataError, Def, Factor, FactorOf, Form, Forward, Grads, Keeps, Kernel, Op, Parameter, Pass,
};
use crate::ops::shape_rules::{broadcast, broadcast_error, numel, operand_of, swap_last};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use crate::tensor::gemm::{Matrix, Products, gemm};
use crate::tensor::panels::{self, Start};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "matmul",
    form: Form::Function,
    summary: "Multiplies matrices; leading axes broadcast, and a vector is a row on the left, a column on the right.",
    formula: "yᵢⱼ = Σₖ aᵢₖ bₖⱼ, [..., m, k] · [..., k, n] -> [..., m, n]",
    parameters: &[
        Parameter::operand("input", "`[..., m, k]` or `[k]`"),
        Parameter::operand("other", "`[..., k, n]` or `[k]`"),
    ],
    torch: "torch.matmul",
    onnx: "MatMul",
    examples: &[
        "input a: [2, 3]  input b: [3, 4]  output matmul(a, b)",
        "input a: [3]  input b: [3]  output matmul(a, b)",
        "input a: [2, 3]  input b: [3]  output matmul(a, b)",
        "input a: [3]  input b: [2, 3, 4]  output matmul(a, b)",
        "input a: [5, 2, 3]  input b: [5, 3, 4]  output matmul(a, b)",
        "input a: [5, 2, 3]  input b: [3, 4]  output matmul(a, b)",
        "input a: [2, 1, 2, 3]  input b: [4, 3, 2]  output matmul(a, b)",
        "input a: [2, 3]  input b: [4, 3, 2]  output matmul(a, b)",
        "input a: [2, 4, 2, 3]  input b: [3]  output matmul(a, b)",
    ],
    build: |_| Ok(Arc::new(MatMul)),
};

#[derive(Debug)]
struct MatMul;

impl Op for MatMul {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let a = operand_of(&DEF, inputs, 0, Element::Float)?;
        let b = operand_of(&DEF, inputs, 1, Element::Float)?;
        let (Some(k), Some(other_k)) = (a.shape.last(), inner(&b.shape)) else {
            let scalar = usize::from(a.shape.rank() > 0);
            let message = format!("`matmul` wants at least one axis, and gets {} and {}", a.shape, b.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(scalar), "this is a scalar")
                .help("`*` multiplies by a scalar"));
        };
        if !facts.equal(k, other_k) {
            return Err(inner_mismatch(facts, &a.shape, &b.shape));
        }
        let mut shape = match broadcast(facts, leading(&a.shape), leading(&b.shape)) {
            Ok(shape) => shape,
            Err(back) => return Err(broadcast_error(facts, &DEF, [a, b], back + 2)),
        };
        if let [.., rows, _] = &*a.shape {
            shape.push(rows.clone());
        }
        if let [.., _, columns] = &*b.shape {
            shape.push(columns.clone());
        }
        Ok(vec![TensorType::float(shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let k = inputs.first().and_then(|a| a.shape.last()).cloned().unwrap_or(Dim::ONE);
        numel(outputs).mul(&k).mul(&Dim::from(2i64))
    }

    fn factor(&self, pass: Pass) -> Option<Factor> {
        Some(Factor { of: FactorOf::Input(1), transposed: pass == Pass::Backward })
    }

    fn finishes(&self) -> bool {
        true
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }
}

/// The axes before those of the matrix.
fn leading<D>(shape: &[D]) -> &[D] {
    shape.split_last_chunk::<2>().map_or(&[], |(leading, _)| leading)
}

/// The axis of the second operand that meets the last of the first.
fn inner(shape: &[Dim]) -> Option<&Dim> {
    if let [.., rows, _] = shape { Some(rows) } else { shape.last() }
}

fn inner_mismatch(facts: &Facts, a: &Shape, b: &Shape) -> ShapeError {
    let one = Dim::ONE;
    let (k, other_k) = (a.last().unwrap_or(&one), inner(b).unwrap_or(&one));
    let (axis_a, axis_b) = (a.rank().saturating_sub(1), b.rank().saturating_sub(2));
    let message = format!("`matmul` wants [..., m, k] and [..., k, n], and gets {a} and {b}: k is {k} and {other_k}");
    let mut error = ShapeError::new(ShapeErrorKind::Mismatch, message)
        .cause(Cause::Axis { operand: 1, axis: axis_b }, format!("axis {axis_b} of {b} is {other_k}"))
        .cause(Cause::Axis { operand: 0, axis: axis_a }, format!("axis {axis_a} of {a} is {k}"));
    let fits = |a: &Shape, b: &Shape| a.last().zip(inner(b)).is_some_and(|(x, y)| facts.is_equal(x, y));
    if let Some(swapped) = swap_last(b).filter(|swapped| fits(a, swapped)) {
        error = error.help(format!("transpose the second operand: as {swapped} it fits"));
    } else if let Some(swapped) = swap_last(a).filter(|swapped| fits(swapped, b)) {
        error = error.help(format!("transpose the first operand: as {swapped} it fits"));
    }
    error
}

/// The products that make up the result, and `k` and `n`.
fn products(a: &[usize], b: &[usize], y: &[usize]) -> (Products, usize, usize) {
    let (m, k) = if let [.., m, k] = *a { (m, k) } else { (1, a.last().copied().unwrap_or(1)) };
    let n = if let [.., _, n] = *b { n } else { 1 };
    let matrix_axes = usize::from(a.len() > 1) + usize::from(b.len() > 1);
    let stack = y.get(..y.len().saturating_sub(matrix_axes)).unwrap_or(&[]);
    (Products::new(leading(a), leading(b), stack, [m, k, n]), k, n)
}

#[allow(clippy::indexing_slicing, reason = "a product stays inside the tensors that it was made of")]
impl<T: Real> Kernel<T> for MatMul {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let (products, k, n) = products(a.shape, b.shape, y.shape);
        let (a, b, y) = (a.floats(), b.floats(), y.floats());
        if let Some(panels) = cx.panels {
            let rows = y.len().checked_div(n).unwrap_or(0);
            panels::multiply(a, panels, [rows, k, n], Start::Zero, y, cx.finish);
            return Ok(());
        }
        products.for_each(|at| {
            gemm(Matrix::new(&a[at.a], at.rows, k), Matrix::new(&b[at.b], k, n), T::zero(), &mut y[at.out]);
        });
        (cx.finish)(0, y);
        Ok(())
    }

    /// da = g bᵀ, db = aᵀ g
    fn backward(&self, cx: Backward<T>) {
        let ([a, b], [grad], [grad_a, grad_b]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let (products, k, n) = products(a.shape, b.shape, grad.shape);
        let (a, b, grad) = (a.floats(), b.floats(), grad.floats());
        // With several products, a matrix may stand in more than one of them.
        let single = products.count() == 1;
        let beta = |index: usize, out: &mut Option<&mut [T]>| match out {
            Some(_) if single && cx.fresh.has_input(index) => T::zero(),
            Some(out) if cx.fresh.has_input(index) => {
                out.fill(T::zero());
                T::one()
            }
            _ => T::one(),
        };
        let (beta_a, beta_b) = (beta(0, grad_a), beta(1, grad_b));
        products.for_each(|at| {
            let (a, b, grad) = (&a[at.a.clone()], &b[at.b.clone()], &grad[at.out]);
            let grad_rows = Matrix::new(grad, at.rows, n);
            if let Some(out) = grad_a {
                let out = &mut out[at.a];
                if let Some(panels) = cx.panels {
                    let start = if beta_a == T::zero() { Start::Zero } else { Start::Result };
                    panels::multiply(grad, panels, [at.rows, n, k], start, out, |_, _| {});
                } else {
                    gemm(grad_rows, Matrix::new(b, k, n).t(), beta_a, out);
                }
            }
            if let Some(out) = grad_b {
                gemm(Matrix::new(a, at.rows, k).t(), grad_rows, beta_b, &mut out[at.b]);
            }
        });
    }
}
