//! The computation of `MultiheadAttention`: projections, the heads between them, and back.

#![allow(clippy::indexing_slicing, reason = "every buffer has the size that the operator stated")]

use super::contract::{Backward, Forward, Mode};
use super::multihead_attention::{Call, Weights};
use crate::tensor::attention::{Dropout, Dropped, Gradients, Head, Kept, Mask, Masking, Place, Rows, RowsMut, Shown};
use crate::tensor::gemm::{Matrix, gemm};
use crate::tensor::reduce::add_row_sums;
use crate::tensor::{Real, Slice, View, ViewMut};
use std::ops::Range;

pub(super) struct Sizes {
    pub(super) n_queries: usize,
    pub(super) n_keys: usize,
    pub(super) batch: usize,
    pub(super) embed: usize,
    pub(super) heads: usize,
    /// Of query, key and value.
    pub(super) widths: [usize; 3],
    pub(super) batch_first: bool,
    pub(super) bias: bool,
    pub(super) dropout: f64,
    pub(super) call: Call,
}

/// The slots of the projections.
struct Slots {
    /// The slots of the weights of queries, keys and values, and where they lie in them.
    weights: [(usize, Range<usize>); 3],
    bias: Option<usize>,
    out: usize,
    out_bias: Option<usize>,
}

/// y = x Wᵀ + b, `[rows, inputs] -> [rows, outputs]`
struct Affine<'a, T> {
    weight: &'a [T],
    inputs: usize,
    outputs: usize,
}

impl<T: Real> Affine<'_, T> {
    fn forward(&self, x: &[T], bias: Option<&[T]>, y: &mut [T]) {
        let rows = y.len().checked_div(self.outputs).unwrap_or(0);
        if let Some(bias) = bias {
            y.chunks_exact_mut(self.outputs.max(1)).for_each(|row| row.copy_from_slice(bias));
        }
        let beta = if bias.is_some() { T::one() } else { T::zero() };
        let weight = Matrix::new(self.weight, self.outputs, self.inputs);
        gemm(Matrix::new(x, rows, self.inputs), weight.t(), beta, y);
    }

    /// Adds to the gradients of x, W and b that are wanted.
    fn backward(&self, x: &[T], grad: &[T], [out, weight, bias]: [Option<&mut [T]>; 3]) {
        let rows = grad.len().checked_div(self.outputs).unwrap_or(0);
        let grads = Matrix::new(grad, rows, self.outputs);
        if let Some(out) = out {
            gemm(grads, Matrix::new(self.weight, self.outputs, self.inputs), T::one(), out);
        }
        if let Some(out) = weight {
            gemm(grads.t(), Matrix::new(x, rows, self.inputs), T::one(), out);
        }
        if let Some(out) = bias {
            add_row_sums(grad, out);
        }
    }
}

impl Sizes {
    /// The weights are one slot or three, whichever the layer was declared with.
    fn slots(&self, count: usize) -> Slots {
        let square = self.embed * self.embed;
        let apart = count > 2 + 2 * usize::from(self.bias);
        let weights = std::array::from_fn(|part| {
            if apart { (part, 0..self.embed * self.widths[part]) } else { (0, part * square..(part + 1) * square) }
        });
        let next = if apart { 3 } else { 1 };
        let out = next + usize::from(self.bias);
        Slots { weights, bias: self.bias.then_some(next), out, out_bias: self.bias.then_some(out + 1) }
    }

    fn head_width(&self) -> usize {
        self.embed.checked_div(self.heads).unwrap_or(0)
    }

    /// Where the rows of a head begin in projections with this many rows, and their distance.
    fn rows(&self, item: usize, head: usize, count: usize) -> (usize, usize) {
        let column = head * self.head_width();
        if self.batch_first {
            (item * count * self.embed + column, self.embed)
        } else {
            (item * self.embed + column, self.batch * self.embed)
        }
    }

    fn head<'a, T: Real>(
        &self,
        inputs: &[View<'a, T>],
        [queries, keys, values]: [&'a [T]; 3],
        item: usize,
        head: usize,
    ) -> Head<'a, T> {
        let rows = |data: &'a [T], count: usize| {
            let (start, stride) = self.rows(item, head, count);
            Rows { data: data.get(start..).unwrap_or(&[]), stride }
        };
        let padding = self
            .call
            .padding
            .and_then(|operand| mask(&inputs[operand], Place { start: item * self.n_keys, query: 0, key: 1 }));
        let mask = self.call.mask.and_then(|operand| {
            let matrix = if inputs[operand].shape.len() == 3 { item * self.heads + head } else { 0 };
            let start = matrix * self.n_queries * self.n_keys;
            mask(&inputs[operand], Place { start, query: self.n_keys, key: 1 })
        });
        let width = self.head_width();
        Head {
            n_queries: self.n_queries,
            n_keys: self.n_keys,
            width,
            value_width: width,
            queries: rows(queries, self.n_queries),
            keys: rows(keys, self.n_keys),
            values: rows(values, self.n_keys),
            scale: 1.0 / f64::sqrt(width as f64),
            masks: [padding, mask],
            is_causal: self.call.is_causal,
            // As in PyTorch, which computes the weights in another way where they are a result.
            empty_is_zero: self.call.weights == Weights::None,
        }
    }

    /// Where the weights of a head are shown, and with which factor.
    fn shown(&self, item: usize, head: usize) -> Option<(Range<usize>, f64)> {
        let size = self.n_queries * self.n_keys;
        match self.call.weights {
            Weights::None => None,
            Weights::Mean => Some((item * size..(item + 1) * size, 1.0 / self.heads as f64)),
            Weights::EachHead => {
                let matrix = item * self.heads + head;
                Some((matrix * size..(matrix + 1) * size, 1.0))
            }
        }
    }

    pub(super) fn forward<T: Real>(&self, cx: Forward<T>) {
        let Ok([queries, keys, values, results, greatest, sum, work, stays]) =
            <&mut [ViewMut<T>; 8]>::try_from(cx.saved)
        else {
            return;
        };
        let [out, weights @ ..] = cx.outputs else { return };
        let slots = self.slots(cx.slots.len());
        let mut projections = [queries.floats(), keys.floats(), values.floats()];
        for (part, y) in projections.iter_mut().enumerate() {
            let (slot, range) = slots.weights[part].clone();
            let weight = &cx.slots[slot].floats()[range];
            let bias = slots.bias.map(|slot| &cx.slots[slot].floats()[part * self.embed..(part + 1) * self.embed]);
            let affine = Affine { weight, inputs: self.widths[part], outputs: self.embed };
            affine.forward(cx.inputs[part].floats(), bias, y);
        }
        let projections = projections.map(|part| &*part);
        let (results, greatest, sum) = (results.floats(), greatest.floats(), sum.floats());
        let (work, stays, mut random) = (work.floats(), stays.bools(), cx.random.stream());
        let mut weights = weights.first_mut().map(ViewMut::floats);
        if let Some(weights) = &mut weights {
            weights.fill(T::zero());
        }
        work.fill(T::zero());
        results.fill(T::zero());
        for item in 0..self.batch {
            for head in 0..self.heads {
                let number = item * self.heads + head;
                let rows = number * self.n_queries..(number + 1) * self.n_queries;
                let kept = Kept { greatest: &mut greatest[rows.clone()], sum: &mut sum[rows] };
                let dropout = (self.dropout > 0.0 && cx.mode == Mode::Train).then(|| Dropout {
                    p: self.dropout,
                    random: &mut random,
                    stays: &mut stays[self.all_weights(number)],
                });
                let shown = self.shown(item, head).zip(weights.as_deref_mut());
                let shown = shown.map(|((range, factor), weights)| Shown { weights: &mut weights[range], factor });
                let (start, stride) = self.rows(item, head, self.n_queries);
                let data = results.get_mut(start..).unwrap_or_default();
                let head = self.head(cx.inputs, projections, item, head);
                head.forward(work, kept, dropout, shown, RowsMut { data, stride });
            }
        }
        let affine = Affine { weight: cx.slots[slots.out].floats(), inputs: self.embed, outputs: self.embed };
        affine.forward(results, slots.out_bias.map(|slot| cx.slots[slot].floats()), out.floats());
    }

    /// The weights of one head among those of all.
    fn all_weights(&self, number: usize) -> Range<usize> {
        let size = self.n_queries * self.n_keys;
        number * size..(number + 1) * size
    }

    pub(super) fn backward<T: Real>(&self, cx: Backward<T>) {
        let ([queries, keys, values, results, greatest, sum, _, stays], [grad_out, grad_weights @ ..]) =
            (cx.saved, cx.grad_outputs)
        else {
            return;
        };
        let Ok([grad_queries, grad_keys, grad_values, grad_results, work]) =
            <&mut [ViewMut<T>; 5]>::try_from(cx.scratch)
        else {
            return;
        };
        let slots = self.slots(cx.slots.len());
        let mut grads = [grad_queries.floats(), grad_keys.floats(), grad_values.floats()];
        grads.iter_mut().for_each(|grad| grad.fill(T::zero()));
        let (grad_results, work) = (grad_results.floats(), work.floats());
        grad_results.fill(T::zero());
        let affine = Affine { weight: cx.slots[slots.out].floats(), inputs: self.embed, outputs: self.embed };
        let [weight, bias] = two(cx.grad_slots, slots.out, slots.out_bias);
        affine.backward(results.floats(), grad_out.floats(), [Some(&mut *grad_results), weight, bias]);

        let projections = [queries, keys, values].map(View::floats);
        let (operands, grad_masks) = cx.grad_inputs.split_at_mut(3);
        for item in 0..self.batch {
            for number in item * self.heads..(item + 1) * self.heads {
                let head = number - item * self.heads;
                let rows = number * self.n_queries..(number + 1) * self.n_queries;
                let kept = Kept { greatest: &greatest.floats()[rows.clone()], sum: &sum.floats()[rows] };
                let dropped = (self.dropout > 0.0 && cx.mode == Mode::Train)
                    .then(|| Dropped { p: self.dropout, stays: &stays.bools()[self.all_weights(number)] });
                let shown = self.shown(item, head).zip(grad_weights.first());
                let shown = shown.map(|((range, factor), grad)| Shown { weights: &grad.floats()[range], factor });
                let [queries, keys, values] = &mut grads;
                let mut gradients = Gradients {
                    queries: Some(self.rows_of(queries, item, head, self.n_queries)),
                    keys: Some(self.rows_of(keys, item, head, self.n_keys)),
                    values: Some(self.rows_of(values, item, head, self.n_keys)),
                    masks: self.masks(grad_masks),
                };
                let (start, stride) = self.rows(item, head, self.n_queries);
                let grad = Rows { data: grad_results.get(start..).unwrap_or(&[]), stride };
                let head = self.head(cx.inputs, projections, item, head);
                head.backward(work, kept, dropped, shown, grad, &mut gradients);
            }
        }

        for (part, (grad, out)) in grads.into_iter().zip(operands).enumerate() {
            let (slot, range) = slots.weights[part].clone();
            let weight = &cx.slots[slot].floats()[range.clone()];
            let affine = Affine { weight, inputs: self.widths[part], outputs: self.embed };
            let [weight, bias] = two(cx.grad_slots, slot, slots.bias);
            let bias = bias.map(|bias| &mut bias[part * self.embed..(part + 1) * self.embed]);
            let weight = weight.map(|weight| &mut weight[range]);
            affine.backward(cx.inputs[part].floats(), grad, [out.as_deref_mut(), weight, bias]);
        }
    }

    fn rows_of<'a, T>(&self, data: &'a mut [T], item: usize, head: usize, count: usize) -> RowsMut<'a, T> {
        let (start, stride) = self.rows(item, head, count);
        RowsMut { data: data.get_mut(start..).unwrap_or_default(), stride }
    }

    /// The gradients of the masks, which stand behind query, key and value.
    fn masks<'a, T>(&self, grads: &'a mut [Option<&mut [T]>]) -> [Option<&'a mut [T]>; 2] {
        let (first, second) = grads.split_at_mut(grads.len().min(1));
        let mut grads = [first.first_mut(), second.first_mut()].map(|grad| grad.and_then(|grad| grad.as_deref_mut()));
        if self.call.padding.is_none() {
            grads.swap(0, 1);
        }
        grads
    }
}

fn mask<'a, T>(input: &View<'a, T>, place: Place) -> Option<Mask<'a, T>> {
    let masking = match input.data {
        Slice::Float(data) => Masking::Add(data),
        Slice::Bool(data) => Masking::Forbid(data),
        Slice::Int(_) => return None,
    };
    Some(Mask { masking, place })
}

/// The gradients of two slots, as far as they are wanted.
fn two<'a, T>(grads: &'a mut [Option<&mut [T]>], first: usize, second: Option<usize>) -> [Option<&'a mut [T]>; 2] {
    let (low, high) = grads.split_at_mut((first + 1).min(grads.len()));
    let second = second.and_then(|second| high.get_mut(second.checked_sub(first + 1)?)?.as_deref_mut());
    [low.last_mut().and_then(|grad| grad.as_deref_mut()), second]
}
