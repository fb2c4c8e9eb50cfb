//! Recurrent layers backward through time. A piece of the batch goes through all steps of a direction alone; then each
//! weight gets its gradient from products over all of them.

#![allow(clippy::indexing_slicing, reason = "every buffer has the size that the operator stated")]

use super::forward::Sources;
use super::layout::{Cell, SAVED, SCRATCH, Sequence, WORKING};
use super::weights::Factor;
use crate::ops::contract::{Backward, Grads, Mode};
use crate::tensor::gemm::{Matrix, gemm};
use crate::tensor::recurrent::{Gru, Lstm};
use crate::tensor::reduce::add_row_sums;
use crate::tensor::{Real, View, ViewMut};

/// What forward left for all directions of all layers.
#[derive(Clone, Copy)]
struct Kept<'a, T> {
    gates: &'a [T],
    h: &'a [T],
    c: &'a [T],
    inner: &'a [T],
    input: &'a [T],
    between: &'a [T],
}

/// What one direction works in.
struct Work<'a, T> {
    /// The gradients of the sums of all steps, and of a GRU those of the sums of states.
    sums: &'a mut [T],
    states: &'a mut [T],
    /// The gradients of the states of one step.
    h: &'a mut [T],
    c: &'a mut [T],
    /// With a projection, that of what is projected, and those of h of all steps.
    inner: &'a mut [T],
    projected: &'a mut [T],
}

fn add<T: Real>(out: &mut [T], grad: &[T]) {
    out.iter_mut().zip(grad).for_each(|(out, &grad)| *out += grad);
}

/// Adds to a gradient, or writes it where it is fresh.
fn give<T: Real>(out: &mut [T], grad: &[T], is_fresh: bool) {
    if is_fresh { out.copy_from_slice(grad) } else { add(out, grad) }
}

impl<T> Kept<'_, T> {
    /// Those of a piece.
    fn of(&self, piece: &Sequence<'_>) -> Self {
        let of = |all| share(all, piece);
        Self {
            gates: of(self.gates),
            h: of(self.h),
            c: of(self.c),
            inner: of(self.inner),
            input: of(self.input),
            between: of(self.between),
        }
    }
}

impl Sequence<'_> {
    pub(super) fn backward<T: Real>(&self, cx: Backward<T>) {
        let (Ok(saved), Ok(scratch)) =
            (<&[View<T>; SAVED]>::try_from(cx.saved), <&mut [ViewMut<T>; SCRATCH]>::try_from(cx.scratch))
        else {
            return;
        };
        let [grad_input, grad_states @ ..] = cx.grad_inputs else { return };
        let mask = saved[SAVED - WORKING - 1].bools();
        let [gates, h, c, inner, input, between, ..] = saved.each_ref().map(View::floats);
        let kept = Kept { gates, h, c, inner, input, between };
        let [sums, states, mut output, mut below, input, h, c, inner, projected, panels] =
            scratch.each_mut().map(ViewMut::floats);
        let mut work = Work { sums, states, h, c, inner, projected };
        let grad_last = if self.spec.is_cell {
            output.fill(T::zero());
            cx.grad_outputs
        } else {
            let [grad, last @ ..] = cx.grad_outputs else { return };
            let (grad, width) = (grad.floats(), self.spec.directions * self.output);
            self.for_each_piece([&mut *output], |piece, [output]| {
                piece.each_row(|row, outer| {
                    let from = &grad[outer * width..(outer + 1) * width];
                    output[row * width..(row + 1) * width].copy_from_slice(from);
                });
            });
            last
        };
        for layer in (0..self.spec.layers).rev() {
            for direction in 0..self.spec.directions {
                let index = layer * self.spec.directions + direction;
                for (grad, last) in [&mut *work.h, &mut *work.c].into_iter().zip(grad_last) {
                    grad.copy_from_slice(&last.floats()[index * grad.len()..(index + 1) * grad.len()]);
                }
                let x: &mut [T] = match grad_input {
                    _ if layer > 0 => below,
                    Some(_) => input,
                    None => &mut [],
                };
                let factor = self.backward_factor(&cx.slots[self.slots(layer, direction).0 + 1], panels);
                let Work { sums, states, h, c, inner, projected } = &mut work;
                let memory = [&mut **sums, states, h, c, inner, projected, x];
                self.for_each_piece(memory, |piece, [sums, states, h, c, inner, projected, x]| {
                    let mut work = Work { sums, states, h, c, inner, projected };
                    let output = &output[piece.share(output.len())];
                    piece.steps_back((layer, direction), cx.slots, &factor, output, &kept.of(piece), &mut work);
                    let weight = &cx.slots[piece.slots(layer, direction).0];
                    let weight = Matrix::new(weight.floats(), piece.width(), piece.features(layer));
                    let beta = if direction == 0 { T::zero() } else { T::one() };
                    if !x.is_empty() {
                        gemm(Matrix::new(&*work.sums, piece.rows(), piece.width()), weight, beta, x);
                    }
                });
                for (at, (grad, out)) in [&*work.h, &*work.c].into_iter().zip(&mut *grad_states).enumerate() {
                    if let Some(out) = out {
                        let out = &mut out[index * grad.len()..(index + 1) * grad.len()];
                        give(out, grad, cx.fresh.has_input(1 + at));
                    }
                }
                self.grad_weights(layer, direction, &kept, &work, cx.grad_slots, cx.fresh);
            }
            if layer > 0 && self.spec.dropout > 0.0 && cx.mode == Mode::Train {
                let scale = T::from_f64(self.scale());
                for piece in self.pieces() {
                    let below = &mut below[piece.share(mask.len() / (self.spec.layers - 1))];
                    let mask = &mask[piece.share(mask.len())][(layer - 1) * below.len()..];
                    for (grad, &stays) in below.iter_mut().zip(mask) {
                        *grad = if stays { *grad * scale } else { T::zero() };
                    }
                }
            }
            std::mem::swap(&mut output, &mut below);
        }
        if let Some(grad_input) = grad_input {
            let width = self.input;
            for piece in self.pieces() {
                let input = &input[piece.share(input.len())];
                piece.each_row(|row, outer| {
                    let (out, grad) = (outer * width..(outer + 1) * width, row * width..(row + 1) * width);
                    give(&mut grad_input[out], &input[grad], cx.fresh.has_input(0));
                });
            }
        }
    }

    /// The gradients of the sums of all steps of one direction of a piece. Those of the states go from after the last step
    /// to before the first.
    fn steps_back<T: Real>(
        &self,
        (layer, direction): (usize, usize),
        slots: &[View<T>],
        weight: &Factor<T>,
        output: &[T],
        kept: &Kept<T>,
        work: &mut Work<T>,
    ) {
        let (_, projection) = self.slots(layer, direction);
        let index = layer * self.spec.directions + direction;
        let (width, batch, hidden) = (self.width(), self.batch, self.hidden);
        if width == 0 || batch == 0 {
            return;
        }
        let slab = |at: usize, width: usize| at * batch * width..(at + 1) * batch * width;
        let state = |at: usize| slab(index * (self.steps + 1) + at, hidden);
        for step in (0..self.steps).rev() {
            let (time, before, after) = self.times(direction, step);
            for (item, grad) in work.h.chunks_exact_mut(self.output.max(1)).enumerate() {
                let start = ((time * batch + item) * self.spec.directions + direction) * self.output;
                add(grad, &output[start..start + self.output]);
            }
            let gates = &kept.gates[slab(index * self.steps + time, width)];
            let sums = &mut work.sums[slab(time, width)];
            match self.spec.cell {
                Cell::Rnn(nonlinearity) => nonlinearity.backward(gates, work.h, sums),
                Cell::Gru => {
                    let reset = &kept.inner[slab(index * self.steps + time, hidden)];
                    let cell = Gru { width: hidden, before: &kept.h[state(before)], gates, reset };
                    let states = &mut work.states[slab(time, width)];
                    cell.backward(work.h, [sums, states]);
                    weight.multiply(states, batch, true, work.h);
                    continue;
                }
                Cell::Lstm => {
                    let (before, after) = (&kept.c[state(before)], &kept.c[state(after)]);
                    let cell = Lstm { width: hidden, before, gates, after };
                    if self.spec.projects() {
                        work.projected[slab(time, self.output)].copy_from_slice(work.h);
                        let projection = Matrix::new(slots[projection].floats(), self.output, hidden);
                        gemm(Matrix::new(&*work.h, batch, self.output), projection, T::zero(), work.inner);
                        cell.backward(work.inner, work.c, sums);
                    } else {
                        cell.backward(work.h, work.c, sums);
                    }
                }
            }
            weight.multiply(sums, batch, false, work.h);
        }
    }

    fn grad_weights<T: Real>(
        &self,
        layer: usize,
        direction: usize,
        kept: &Kept<T>,
        work: &Work<T>,
        grads: &mut [Option<&mut [T]>],
        fresh: Grads,
    ) {
        let (slot, projection) = self.slots(layer, direction);
        let index = layer * self.spec.directions + direction;
        let width = self.width();
        let sums = &*work.sums;
        let states = if self.spec.cell == Cell::Gru { &*work.states } else { sums };
        let mut is_first = true;
        for piece in self.pieces() {
            let (rows, kept) = (piece.rows(), kept.of(&piece));
            let beta = |slot: usize| if is_first && fresh.has_slot(slot) { T::zero() } else { T::one() };
            let of = |grads, width| Matrix::new(share(grads, &piece), rows, width).t();
            if let Some(out) = &mut grads[slot] {
                let x = Sources { input: kept.input, between: kept.between, h: kept.h }.of(&piece, layer);
                gemm(of(sums, width), Matrix::new(x, rows, self.features(layer)), beta(slot), out);
            }
            if let Some(out) = &mut grads[slot + 1] {
                let h = &kept.h[piece.outputs(index, false)];
                gemm(of(states, width), Matrix::new(h, rows, self.output), beta(slot + 1), out);
            }
            if self.spec.projects()
                && let Some(out) = &mut grads[projection]
            {
                let size = rows * self.hidden;
                let inner = Matrix::new(&kept.inner[index * size..(index + 1) * size], rows, self.hidden);
                gemm(of(work.projected, self.output), inner, beta(projection), out);
            }
            is_first = false;
        }
        if self.spec.bias {
            for (at, grad) in [(slot + 2, sums), (slot + 3, states)] {
                if let Some(out) = &mut grads[at] {
                    if fresh.has_slot(at) {
                        out.fill(T::zero());
                    }
                    add_row_sums(grad, out);
                }
            }
        }
    }
}

fn share<'a, T>(all: &'a [T], piece: &Sequence<'_>) -> &'a [T] {
    &all[piece.share(all.len())]
}
