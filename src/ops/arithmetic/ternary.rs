//! Functions of three tensors, element by element, whose shapes broadcast: what elements and shapes meet, and the
//! kernels. Such an operator's file gives the function and its three derivatives.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::ops::shape_rules::{any_operand, broadcast, broadcast_error};
use crate::ops::{Cause, ShapeError};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::nest::{Nest, broadcast_steps, dense_steps};
use crate::tensor::reduce::add_sums;
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice, SliceMut};
use std::fmt::Debug;
use std::sync::Arc;

/// y = f(a, b, c) for each triple of elements.
pub(in crate::ops) trait Ternary: Debug + Send + Sync + 'static {
    /// The operands that the derivatives are told from.
    const KEEPS: Keeps;

    /// The element of the result, or what is wrong with the operands'.
    fn element(&self, def: &Def, inputs: [&TensorType; 3]) -> Result<Element, ShapeError>;

    fn float<T: Real>(&self, operands: [T; 3]) -> T;

    /// Only asked for where the result is an int or, with 0 and 1, a bool.
    fn int(&self, operands: [i64; 3]) -> i64;

    /// `grad` times the derivative by the operand with this index.
    fn grad<T: Real>(&self, operand: usize, grad: T, operands: [T; 3]) -> T;
}

/// The operator that a function of three elements makes.
#[derive(Debug)]
pub(in crate::ops) struct Three<F> {
    def: &'static Def,
    function: F,
}

impl<F: Ternary> Three<F> {
    #[allow(clippy::new_ret_no_self, reason = "only the contract of an operator is of use")]
    pub(in crate::ops) fn new(def: &'static Def, function: F) -> Arc<dyn Op> {
        Arc::new(Self { def, function })
    }
}

impl<F: Ternary> Op for Three<F> {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let at = |operand: usize| any_operand(self.def, inputs, operand);
        let operands = [at(0)?, at(1)?, at(2)?];
        let element = self.function.element(self.def, operands)?;
        Ok(vec![TensorType::new(element, broadcast_three(self.def, facts, operands)?)])
    }

    fn keeps(&self) -> Keeps {
        F::KEEPS
    }
}

/// The shape that three operands broadcast to.
fn broadcast_three(def: &Def, facts: &mut Facts, inputs: [&TensorType; 3]) -> Result<Shape, ShapeError> {
    let [a, b, c] = inputs;
    let pair = broadcast(facts, &a.shape, &b.shape).map_err(|back| broadcast_error(facts, def, [a, b], back))?;
    broadcast(facts, &pair, &c.shape).map_err(|back| {
        // The axis is of one of the first two, the one where it isn't repeated.
        let repeated = |shape: &Shape| {
            let size = shape.rank().checked_sub(back).and_then(|axis| shape.get(axis));
            size.is_none_or(|size| facts.reduce(size) == Dim::ONE)
        };
        let first = usize::from(repeated(&a.shape));
        let mut error = broadcast_error(facts, def, [inputs[first], c], back);
        for (cause, _) in &mut error.causes {
            if let Cause::Axis { operand, .. } = cause {
                *operand = if *operand == 0 { first } else { 2 };
            }
        }
        error
    })
}

/// The loops over the operands and the result.
fn nest([a, b, c]: [&[usize]; 3], to: &[usize]) -> Nest<4> {
    let steps = |shape: &[usize]| broadcast_steps(shape, to);
    Nest::new(to, [&steps(a), &steps(b), &steps(c), &dense_steps(to)])
}

fn each<E, R>(
    nest: &Nest<4>,
    (a, b, c): (impl Read<E>, impl Read<E>, impl Read<E>),
    y: &mut [R],
    of: impl Fn([E; 3]) -> R,
) {
    nest.for_each_run(|[i, j, k, at], length, [step_a, step_b, step_c, _]| {
        for (index, y) in y[at..at + length].iter_mut().enumerate() {
            *y = of([a.at(i + index * step_a), b.at(j + index * step_b), c.at(k + index * step_c)]);
        }
    });
}

impl<F: Ternary, T: Real> Kernel<T> for Three<F> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b, c], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let nest = nest([a.shape, b.shape, c.shape], y.shape);
        let function = &self.function;
        match (&mut y.data, a.data, b.data, c.data) {
            (SliceMut::Float(y), Slice::Float(a), Slice::Float(b), Slice::Float(c)) => {
                each(&nest, (a, b, c), y, |operands: [T; 3]| function.float(operands));
            }
            (SliceMut::Float(y), a, b, c) => each(&nest, (a, b, c), y, |operands: [T; 3]| function.float(operands)),
            (SliceMut::Int(y), a, b, c) => each(&nest, (a, b, c), y, |operands: [i64; 3]| function.int(operands)),
            (SliceMut::Bool(y), a, b, c) => {
                each(&nest, (a, b, c), y, |operands: [i64; 3]| function.int(operands) != 0);
            }
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([a, b, c], [grad]) = (cx.inputs, cx.grad_outputs) else { return };
        let nest = nest([a.shape, b.shape, c.shape], grad.shape);
        let grad = grad.floats();
        let read = |input: usize, data: Slice<'_, T>, index: usize| {
            if F::KEEPS.has_input(input) { data.at(index) } else { T::zero() }
        };
        for (operand, out) in cx.grad_inputs.iter_mut().enumerate() {
            let Some(out) = out else { continue };
            let value = |[i, j, k, at]: [usize; 4]| {
                self.function.grad(operand, grad[at], [read(0, a.data, i), read(1, b.data, j), read(2, c.data, k)])
            };
            add_sums(&nest, operand, 1.0, value, out);
        }
    }
}
