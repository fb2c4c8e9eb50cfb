//! Operators that only move elements, of any type. Such an operator's file gives the shape rule and says which elements
//! go where, as loops over an operand and a result; the kernels stand here. Ints and bools become what the result is of.

use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Forward, Grads, Keeps, Kernel, Op};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::nest::{Nest, Steps, dense_steps};
use crate::tensor::reduce::add_sums;
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice, SliceMut};
use smallvec::SmallVec;
use std::fmt::Debug;

pub(super) type Shapes<'a> = SmallVec<[&'a [usize]; 4]>;

/// Elements that go from an operand to a result.
#[derive(Debug)]
pub(in crate::ops) struct Move {
    pub(in crate::ops) operand: usize,
    pub(in crate::ops) result: usize,
    /// Where the loops over the operand begin.
    pub(in crate::ops) from: usize,
    /// Where the loops over the result begin.
    pub(in crate::ops) to: usize,
    /// The loops over the operand and the result.
    pub(in crate::ops) nest: Nest<2>,
}

pub(in crate::ops) trait Movement: Debug + Send + Sync + 'static {
    fn def(&self) -> &'static Def;

    fn n_results(&self) -> usize {
        1
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError>;

    /// Some elements of the results come from nowhere: they are 0.
    fn leaves_zeros(&self) -> bool {
        false
    }

    /// Operands of which only the shape is read have no gradient.
    fn passes_gradient(&self, _operand: usize) -> bool {
        true
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move));
}

/// The operator that a movement makes.
#[derive(Debug)]
pub(in crate::ops) struct Moved<M>(pub(in crate::ops) M);

impl Move {
    /// From the only operand to the only result, whose elements are visited in their order: `steps` are the distances in
    /// the operand along the axes of the result.
    pub(in crate::ops) fn gather(from: usize, steps: &[usize], result: &[usize]) -> Self {
        let nest = Nest::new(result, [steps, &dense_steps(result)]);
        Self { operand: 0, result: 0, from, to: 0, nest }
    }

    /// A block of this shape that begins at these places of an operand and a result.
    pub(super) fn block(shape: &[usize], [from, to]: [usize; 2], operand: &[usize], result: &[usize]) -> Self {
        let nest = Nest::new(shape, [&dense_steps(operand), &dense_steps(result)]);
        Self { operand: 0, result: 0, from, to, nest }
    }

    /// `pair(from, to)` for each element.
    fn for_each(&self, mut pair: impl FnMut(usize, usize)) {
        self.nest.for_each(|[from, to]| pair(self.from + from, self.to + to));
    }

    #[allow(clippy::indexing_slicing, reason = "a move stays inside the tensors that it was made of")]
    fn copy<E: Copy>(&self, x: &[E], y: &mut [E]) {
        match self.nest.inner_steps() {
            [1, 1] => self.nest.for_each_run(|[from, to], length, _| {
                let (from, to) = (self.from + from, self.to + to);
                y[to..to + length].copy_from_slice(&x[from..from + length]);
            }),
            [0, 1] => self.nest.for_each_run(|[from, to], length, _| {
                y[self.to + to..][..length].fill(x[self.from + from]);
            }),
            _ => self.for_each(|from, to| y[to] = x[from]),
        }
    }

    #[allow(clippy::indexing_slicing, reason = "a move stays inside the tensors that it was made of")]
    pub(in crate::ops) fn add<T: Real>(&self, x: &[T], y: &mut [T]) {
        self.for_each(|from, to| y[to] += x[from]);
    }

    /// It reaches each of these many elements of the operand once.
    fn covers(&self, elements: usize) -> bool {
        self.from == 0 && self.nest.is_dense(0, elements)
    }

    /// As `add_back` where the operand is covered and its gradient holds nothing yet.
    #[allow(clippy::indexing_slicing, reason = "a move stays inside the tensors that it was made of")]
    fn write_back<T: Real>(&self, grad: &[T], out: &mut [T]) {
        if self.nest.inner_steps() == [1, 1] {
            self.nest.for_each_run(|[from, to], length, _| {
                out[from..from + length].copy_from_slice(&grad[self.to + to..][..length]);
            });
        } else {
            self.for_each(|from, to| out[from] = grad[to]);
        }
    }

    #[allow(clippy::indexing_slicing, reason = "a move stays inside the tensors that it was made of")]
    pub(in crate::ops) fn add_back<T: Real>(&self, grad: &[T], out: &mut [T]) {
        let (_, repeated) = self.nest.split(0);
        if !repeated.is_single() {
            let out = out.get_mut(self.from..).unwrap_or_default();
            add_sums(&self.nest, 0, 1.0, |[_, to]| grad[self.to + to], out);
        } else if self.nest.inner_steps() == [1, 1] {
            self.nest.for_each_run(|[from, to], length, _| {
                let (out, grad) = (&mut out[self.from + from..][..length], &grad[self.to + to..][..length]);
                out.iter_mut().zip(grad).for_each(|(out, &grad)| *out += grad);
            });
        } else {
            self.for_each(|from, to| out[from] += grad[to]);
        }
    }
}

/// The distances along the axes that a permutation names, in its order.
pub(super) fn permuted(shape: &[usize], axes: impl IntoIterator<Item = usize>) -> Steps {
    let steps = dense_steps(shape);
    axes.into_iter().filter_map(|axis| steps.get(axis).copied()).collect()
}

impl<M: Movement> Op for Moved<M> {
    fn def(&self) -> &'static Def {
        self.0.def()
    }

    fn n_results(&self) -> usize {
        self.0.n_results()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        self.0.infer(facts, inputs)
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    fn passes_gradient(&self, operand: usize) -> bool {
        self.0.passes_gradient(operand)
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

#[allow(clippy::indexing_slicing, reason = "a move stays inside the tensors that it was made of")]
impl<M: Movement, T: Real> Kernel<T> for Moved<M> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if self.0.leaves_zeros() {
            for output in cx.outputs.iter_mut() {
                match &mut output.data {
                    SliceMut::Float(y) => y.fill(T::zero()),
                    SliceMut::Int(y) => y.fill(0),
                    SliceMut::Bool(y) => y.fill(false),
                }
            }
        }
        let inputs: Shapes<'_> = cx.inputs.iter().map(|input| input.shape).collect();
        let results: Shapes<'_> = cx.outputs.iter().map(|output| output.shape).collect();
        self.0.moves(&inputs, &results, &mut |one| {
            let (Some(x), Some(y)) = (cx.inputs.get(one.operand), cx.outputs.get_mut(one.result)) else { return };
            match (x.data, &mut y.data) {
                (Slice::Float(x), SliceMut::Float(y)) => one.copy(x, y),
                (Slice::Int(x), SliceMut::Int(y)) => one.copy(x, y),
                (Slice::Bool(x), SliceMut::Bool(y)) => one.copy(x, y),
                (x, SliceMut::Float(y)) => one.for_each(|from, to| y[to] = x.at(from)),
                (x, SliceMut::Int(y)) => one.for_each(|from, to| y[to] = x.at(from)),
                (_, SliceMut::Bool(_)) => {}
            }
        });
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let inputs: Shapes<'_> = cx.inputs.iter().map(|input| input.shape).collect();
        let results: Shapes<'_> = cx.grad_outputs.iter().map(|grad| grad.shape).collect();
        let mut fresh: SmallVec<[bool; 4]> = (0..inputs.len()).map(|index| cx.fresh.has_input(index)).collect();
        self.0.moves(&inputs, &results, &mut |one| {
            if let (Some(grad), Some(Some(out))) =
                (cx.grad_outputs.get(one.result), cx.grad_inputs.get_mut(one.operand))
            {
                let is_fresh = std::mem::take(&mut fresh[one.operand]);
                if is_fresh && one.covers(out.len()) {
                    return one.write_back(grad.floats(), out);
                }
                if is_fresh {
                    out.fill(T::zero());
                }
                one.add_back(grad.floats(), out);
            }
        });
        // Of operands from which nothing is moved.
        for (out, _) in cx.grad_inputs.iter_mut().zip(fresh).filter(|(_, is_fresh)| *is_fresh) {
            out.iter_mut().for_each(|out| out.fill(T::zero()));
        }
    }
}
