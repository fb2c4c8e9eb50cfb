//! The computation of `MultiheadAttention`: projections, the heads between them, and back.

#![allow(clippy::indexing_slicing, reason = "every buffer has the size that the operator stated")]

use super::multihead_attention::{Call, Weights};
use crate::ops::contract::{Backward, Forward, Grads, Mode};
use crate::ops::functional;
use crate::tensor::attention::{
    BLOCK, Dropout, Dropped, Gradients, Head, Kept, Mask, Masking, Place, Rows, RowsMut, Shown, blocks, piece,
};
use crate::tensor::gemm::{Matrix, gemm};
use crate::tensor::reduce::add_row_sums;
use crate::tensor::{Real, Slice, View, ViewMut, threads};
use std::ops::Range;
use std::sync::Mutex;

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

/// A gradient that is wanted, and whether it is fresh.
type Target<'a, T> = Option<(&'a mut [T], bool)>;

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

    /// Adds to the gradients of x, W and b that are wanted, and writes those that are fresh.
    fn backward(&self, x: &[T], grad: &[T], [out, weight, bias]: [Target<'_, T>; 3]) {
        let rows = grad.len().checked_div(self.outputs).unwrap_or(0);
        let grads = Matrix::new(grad, rows, self.outputs);
        let beta = |is_fresh: bool| if is_fresh { T::zero() } else { T::one() };
        match out {
            Some((out, true)) if self.outputs == 0 => out.fill(T::zero()),
            Some((out, is_fresh)) => {
                gemm(grads, Matrix::new(self.weight, self.outputs, self.inputs), beta(is_fresh), out);
            }
            None => {}
        }
        if let Some((out, is_fresh)) = weight {
            gemm(grads.t(), Matrix::new(x, rows, self.inputs), beta(is_fresh), out);
        }
        if let Some((out, is_fresh)) = bias {
            if is_fresh {
                out.fill(T::zero());
            }
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
        number: usize,
    ) -> Head<'a, T> {
        let (item, head) = (number / self.heads, number % self.heads);
        let rows = |data: &'a [T], count: usize| {
            let (start, stride) = self.rows(item, head, count);
            Rows { data: data.get(start..).unwrap_or(&[]), stride }
        };
        let padding = self
            .call
            .padding
            .and_then(|operand| mask(&inputs[operand], Place { start: item * self.n_keys, query: 0, key: 1 }));
        let mask = self.call.mask.and_then(|operand| {
            let matrix = if inputs[operand].shape.len() == 3 { number } else { 0 };
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

    /// How many heads are done together at least: those whose weights are added up to a mean.
    fn unit(&self) -> usize {
        if self.call.weights == Weights::Mean { self.heads } else { 1 }
    }

    /// How many units there are, and how many are done together.
    fn units(&self, divides: bool) -> (usize, usize) {
        let each = self.n_queries.saturating_mul(self.n_keys).saturating_mul(2 * self.head_width() + 16);
        let count = (self.batch * self.heads).checked_div(self.unit()).unwrap_or(0);
        (count, piece(count, each.saturating_mul(self.unit()), divides))
    }

    /// Where the weights of a head are shown, counted from the first of its piece, and with which factor.
    fn shown(&self, number: usize, first: usize) -> Option<(Range<usize>, f64)> {
        let (size, matrix) = (self.n_queries * self.n_keys, (number - first) / self.unit());
        let factor = match self.call.weights {
            Weights::None => return None,
            Weights::Mean => 1.0 / self.heads as f64,
            Weights::EachHead => 1.0,
        };
        Some((matrix * size..(matrix + 1) * size, factor))
    }

    fn draws(&self, mode: Mode) -> bool {
        self.dropout > 0.0 && mode == Mode::Train
    }

    pub(super) fn forward<T: Real>(&self, cx: Forward<T>) {
        let Ok([queries, keys, values, results, greatest, sum, stays, work]) =
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
        let drops = self.draws(cx.mode);
        let ((units, piece), blocks) = (self.units(!drops), blocks(work.floats()));
        // Random numbers are drawn in the order of the heads.
        let random = Mutex::new((cx.random.stream(), stays.bools()));
        let all_results = Mutex::new(results.floats());
        let weights = weights.first_mut().map_or(&mut [][..], ViewMut::floats);
        let memory = [greatest.floats(), sum.floats(), weights];
        threads::split_rows(units, piece, memory, |part, [greatest, sum, weights]| {
            let mut block = blocks.get(part.start / piece).and_then(|block| block.lock().ok());
            let work = block.as_deref_mut().map_or(&mut [][..], |block| block);
            let (work, results) = work.split_at_mut(BLOCK * self.n_keys);
            let results = &mut results[..self.n_queries * self.head_width()];
            let mut random = if drops { random.lock().ok() } else { None };
            weights.fill(T::zero());
            let first = part.start * self.unit();
            for number in first..part.end * self.unit() {
                let rows = (number - first) * self.n_queries..(number - first + 1) * self.n_queries;
                let kept = Kept { greatest: &mut greatest[rows.clone()], sum: &mut sum[rows] };
                let dropout = random.as_mut().map(|random| {
                    let (random, stays) = &mut **random;
                    Dropout { p: self.dropout, random, stays: &mut stays[self.all_weights(number)] }
                });
                let shown = self.shown(number, first);
                let shown = shown.map(|(range, factor)| Shown { weights: &mut weights[range], factor });
                results.fill(T::zero());
                let out = RowsMut { data: &mut *results, stride: self.head_width() };
                self.head(cx.inputs, projections, number).forward(work, kept, dropout, shown, out);
                if let Ok(mut all) = all_results.lock() {
                    self.put(results, number, &mut all);
                }
            }
        });
        let affine = Affine { weight: cx.slots[slots.out].floats(), inputs: self.embed, outputs: self.embed };
        let results = all_results.into_inner().unwrap_or_default();
        affine.forward(results, slots.out_bias.map(|slot| cx.slots[slot].floats()), out.floats());
    }

    /// The rows of a head go to their places among those of all.
    fn put<T: Real>(&self, rows: &[T], number: usize, all: &mut [T]) {
        let width = self.head_width();
        let count = rows.len().checked_div(width).unwrap_or(0);
        let (start, stride) = self.rows(number / self.heads, number % self.heads, count);
        for (row, from) in rows.chunks_exact(width.max(1)).enumerate() {
            all[start + row * stride..][..width].copy_from_slice(from);
        }
    }

    /// The weights of one head among those of all.
    fn all_weights(&self, number: usize) -> Range<usize> {
        let size = self.n_queries * self.n_keys;
        number * size..(number + 1) * size
    }

    pub(super) fn backward<T: Real>(&self, cx: Backward<T>) {
        let ([queries, keys, values, results, greatest, sum, stays, _], [grad_out, grad_weights @ ..]) =
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
        let grad_results = grad_results.floats();
        let affine = Affine { weight: cx.slots[slots.out].floats(), inputs: self.embed, outputs: self.embed };
        let [weight, bias] = two(cx.grad_slots, cx.fresh, slots.out, slots.out_bias);
        affine.backward(results.floats(), grad_out.floats(), [Some((&mut *grad_results, true)), weight, bias]);
        let grad_results = &*grad_results;

        let projections = [queries, keys, values].map(View::floats);
        let (operands, masks) = cx.grad_inputs.split_at_mut(3);
        for (_, mask) in masks.iter_mut().enumerate().filter(|(index, _)| cx.fresh.has_input(3 + index)) {
            mask.iter_mut().for_each(|mask| mask.fill(T::zero()));
        }
        // Heads share the gradients of masks.
        let (units, piece) = self.units(masks.iter().all(Option::is_none));
        let grads = Mutex::new([grad_queries.floats(), grad_keys.floats(), grad_values.floats()]);
        let (blocks, masks) = (blocks(work.floats()), Mutex::new(masks));
        threads::split_rows::<T, 0>(units, piece, [], |part, []| {
            let mut block = blocks.get(part.start / piece).and_then(|block| block.lock().ok());
            let work = block.as_deref_mut().map_or(&mut [][..], |block| block);
            let mut masks = if part.len() == units { masks.lock().ok() } else { None };
            for number in part.start * self.unit()..part.end * self.unit() {
                let (work, own) = work.split_at_mut(2 * BLOCK * self.n_keys);
                let (queries, own) = own.split_at_mut(self.n_queries * self.head_width());
                let (keys, values) = own.split_at_mut(self.n_keys * self.head_width());
                let own = [queries, keys, &mut values[..self.n_keys * self.head_width()]];
                let rows = number * self.n_queries..(number + 1) * self.n_queries;
                let kept = Kept { greatest: &greatest.floats()[rows.clone()], sum: &sum.floats()[rows] };
                let dropped = self
                    .draws(cx.mode)
                    .then(|| Dropped { p: self.dropout, stays: &stays.bools()[self.all_weights(number)] });
                let shown = self.shown(number, 0).zip(grad_weights.first());
                let shown = shown.map(|((range, factor), grad)| Shown { weights: &grad.floats()[range], factor });
                let mut gradients = self.gradients(own, masks.as_mut().map(|masks| &mut ***masks));
                let (start, stride) = self.rows(number / self.heads, number % self.heads, self.n_queries);
                let grad = Rows { data: grad_results.get(start..).unwrap_or(&[]), stride };
                let head = self.head(cx.inputs, projections, number);
                head.backward(work, kept, dropped, shown, grad, &mut gradients);
                let Gradients { queries, keys, values, .. } = gradients;
                if let Ok(mut grads) = grads.lock() {
                    for (own, all) in [queries, keys, values].into_iter().zip(&mut *grads) {
                        self.put(own.map_or(&[][..], |own| &*own.data), number, all);
                    }
                }
            }
        });

        for (part, (grad, out)) in grads.into_inner().unwrap_or_default().into_iter().zip(operands).enumerate() {
            let (slot, range) = slots.weights[part].clone();
            let weight = &cx.slots[slot].floats()[range.clone()];
            let affine = Affine { weight, inputs: self.widths[part], outputs: self.embed };
            let out = out.as_deref_mut().map(|out| (out, cx.fresh.has_input(part)));
            let [weight, bias] = two(cx.grad_slots, cx.fresh, slot, slots.bias);
            let bias = bias.map(|(bias, fresh)| (&mut bias[part * self.embed..(part + 1) * self.embed], fresh));
            let weight = weight.map(|(weight, fresh)| (&mut weight[range], fresh));
            affine.backward(cx.inputs[part].floats(), grad, [out, weight, bias]);
        }
    }

    /// Zeros for the gradients of a head, and those of the masks.
    fn gradients<'a, T: Real>(
        &self,
        own: [&'a mut [T]; 3],
        masks: Option<&'a mut [Option<&mut [T]>]>,
    ) -> Gradients<'a, T> {
        let [queries, keys, values] = own.map(|data| {
            data.fill(T::zero());
            Some(RowsMut { data, stride: self.head_width() })
        });
        Gradients { queries, keys, values, masks: masks.map_or([None, None], |masks| self.masks(masks)) }
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
fn two<'a, T>(
    grads: &'a mut [Option<&mut [T]>],
    fresh: Grads,
    first: usize,
    second: Option<usize>,
) -> [Target<'a, T>; 2] {
    let [low, high] = functional::grad_slots(grads, [Some(first), second]);
    let is_fresh = |slot: Option<usize>| slot.is_some_and(|slot| fresh.has_slot(slot));
    [low.map(|grad| (grad, is_fresh(Some(first)))), high.map(|grad| (grad, is_fresh(second)))]
}
