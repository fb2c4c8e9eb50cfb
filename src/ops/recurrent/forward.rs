//! Recurrent layers forward. All steps of a direction share one product for their inputs.

#![allow(clippy::indexing_slicing, reason = "every buffer has the size that the operator stated")]

use super::super::contract::{Forward, Mode};
use super::layout::{Cell, SAVED, Sequence, is_reverse};
use crate::tensor::gemm::{Matrix, gemm};
use crate::tensor::recurrent::{gru, lstm};
use crate::tensor::{Real, View, ViewMut};

/// What forward writes for one direction of a layer.
struct Run<'a, T> {
    gates: &'a mut [T],
    h: &'a mut [T],
    c: &'a mut [T],
    inner: &'a mut [T],
    sums: &'a mut [T],
}

/// What a layer may read, `[T, B, features]`: the input, if it has the batch first a copy of it; copies of the h of the
/// layers below, or that itself.
pub(super) struct Sources<'a, T> {
    pub(super) input: &'a [T],
    pub(super) copy: &'a [T],
    pub(super) between: &'a [T],
    pub(super) h: &'a [T],
}

impl<'a, T> Sources<'a, T> {
    pub(super) fn of(&self, sequence: &Sequence<'_>, layer: usize) -> &'a [T] {
        if layer == 0 {
            return if sequence.spec.batch_first { self.copy } else { self.input };
        }
        let size = sequence.rows() * sequence.features(layer);
        if sequence.spec.copies() {
            return &self.between[(layer - 1) * size..layer * size];
        }
        let slab = sequence.batch * sequence.output;
        let start = (layer - 1) * (size + slab) + slab;
        &self.h[start..start + size]
    }
}

impl Sequence<'_> {
    /// Results are the output, unless it is a cell; h after the last step; and, of an LSTM, c.
    pub(super) fn forward<T: Real>(&self, cx: Forward<T>) {
        let Forward { inputs, slots, outputs, saved, mode, random, .. } = cx;
        let Ok([gates, h, c, inner, sums, copy, between, mask]) = <&mut [ViewMut<T>; SAVED]>::try_from(saved) else {
            return;
        };
        let [gates, h, c, inner, sums] = [gates, h, c, inner, sums].map(ViewMut::floats);
        let (copy, between, mask) = (copy.floats(), between.floats(), mask.bools());
        let [input, states @ ..] = inputs else { return };
        let (mut out, last) = match outputs {
            [out, last @ ..] if !self.spec.is_cell => (Some(out), last),
            last => (None, last),
        };
        let input = input.floats();
        if self.spec.batch_first {
            let width = self.input;
            self.each_row(|row, outer| {
                copy[row * width..(row + 1) * width].copy_from_slice(&input[outer * width..(outer + 1) * width]);
            });
        }
        sums.fill(T::zero());
        let mut random = random.stream();
        // Of one direction of a layer.
        let all = self.spec.layers * self.spec.directions;
        let size = |len: usize| len.checked_div(all).unwrap_or(0);
        let [gates_size, h_size, c_size, inner_size] = [&*gates, h, c, inner].map(|part| size(part.len()));
        for layer in 0..self.spec.layers {
            for direction in 0..self.spec.directions {
                let index = layer * self.spec.directions + direction;
                let part = |size: usize| index * size..(index + 1) * size;
                let (below, own) = h.split_at_mut(index * h_size);
                let mut run = Run {
                    gates: &mut gates[part(gates_size)],
                    h: &mut own[..h_size],
                    c: &mut c[part(c_size)],
                    inner: &mut inner[part(inner_size)],
                    sums: &mut *sums,
                };
                self.start(direction, index, states, &mut run);
                let sources = Sources { input, copy, between, h: below };
                self.direction(layer, direction, slots, sources.of(self, layer), &mut run);
                self.end(direction, index, &run, last);
            }
            let own = &h[layer * self.spec.directions * h_size..(layer + 1) * self.spec.directions * h_size];
            if layer + 1 == self.spec.layers {
                if let Some(out) = &mut out {
                    self.gather(own, out.floats(), |_, outer| outer);
                }
            } else if self.spec.copies() {
                let size = self.rows() * self.features(layer + 1);
                let between = &mut between[layer * size..(layer + 1) * size];
                self.gather(own, between, |row, _| row);
                if mode == Mode::Train && self.spec.dropout > 0.0 {
                    let scale = T::from_f64(self.scale());
                    for (x, stays) in between.iter_mut().zip(&mut mask[layer * size..(layer + 1) * size]) {
                        *stays = random.uniform() >= self.spec.dropout;
                        *x = if *stays { *x * scale } else { T::zero() };
                    }
                }
            }
        }
    }

    /// The states before the first step: those that are given, or zeros.
    fn start<T: Real>(&self, direction: usize, index: usize, given: &[View<T>], run: &mut Run<T>) {
        for (state, (all, width)) in [(&mut *run.h, self.output), (&mut *run.c, self.hidden)].into_iter().enumerate() {
            let [first, _] = self.states(direction, width);
            let Some(first) = all.get_mut(first) else { continue };
            match given.get(state) {
                Some(given) => first.copy_from_slice(&given.floats()[index * first.len()..(index + 1) * first.len()]),
                None => first.fill(T::zero()),
            }
        }
    }

    /// The states after the last step are results.
    fn end<T: Real>(&self, direction: usize, index: usize, run: &Run<T>, results: &mut [ViewMut<T>]) {
        for (result, (all, width)) in results.iter_mut().zip([(&*run.h, self.output), (&*run.c, self.hidden)]) {
            let [_, last] = self.states(direction, width);
            result.floats()[index * last.len()..(index + 1) * last.len()].copy_from_slice(&all[last]);
        }
    }

    /// Puts the h of the directions of a layer beside each other. `row` is given the places of a row in order of time and
    /// as the user has it.
    fn gather<T: Real>(&self, h: &[T], out: &mut [T], to: impl Fn(usize, usize) -> usize) {
        let (width, slab) = (self.output, self.batch * self.output);
        for direction in 0..self.spec.directions {
            let skip = direction * (self.steps + 1) * slab + if is_reverse(direction) { 0 } else { slab };
            self.each_row(|row, outer| {
                let to = (to(row, outer) * self.spec.directions + direction) * width;
                out[to..to + width].copy_from_slice(&h[skip + row * width..skip + (row + 1) * width]);
            });
        }
    }

    /// All steps of one direction of a layer.
    fn direction<T: Real>(&self, layer: usize, direction: usize, slots: &[View<T>], x: &[T], run: &mut Run<T>) {
        let (slot, projection) = self.slots(layer, direction);
        let (width, batch, hidden) = (self.width(), self.batch, self.hidden);
        if width == 0 || batch == 0 {
            return;
        }
        // A GRU multiplies the sums of states before it adds them to those of inputs, so their biases stay apart.
        let together = self.spec.cell != Cell::Gru;
        let bias = self.spec.bias.then(|| [slots[slot + 2].floats(), slots[slot + 3].floats()]);
        if let Some([input, state]) = bias {
            for row in run.gates.chunks_exact_mut(width) {
                for (sum, (&input, &state)) in row.iter_mut().zip(input.iter().zip(state)) {
                    *sum = if together { input + state } else { input };
                }
            }
        }
        let beta = if self.spec.bias { T::one() } else { T::zero() };
        let features = self.features(layer);
        let weight = Matrix::new(slots[slot].floats(), width, features);
        gemm(Matrix::new(x, self.rows(), features), weight.t(), beta, run.gates);
        let weight = Matrix::new(slots[slot + 1].floats(), width, self.output);
        for step in 0..self.steps {
            let (time, before, after) = self.times(direction, step);
            let slab = time * batch * hidden..(time + 1) * batch * hidden;
            let gates = &mut run.gates[time * batch * width..(time + 1) * batch * width];
            let [h, next] = pair(run.h, batch * self.output, before, after);
            let states = Matrix::new(&*h, batch, self.output);
            match self.spec.cell {
                Cell::Rnn(nonlinearity) => {
                    gemm(states, weight.t(), T::one(), gates);
                    nonlinearity.forward(gates, next);
                }
                Cell::Gru => {
                    if let Some([_, state]) = bias {
                        run.sums.chunks_exact_mut(width).for_each(|row| row.copy_from_slice(state));
                    }
                    gemm(states, weight.t(), beta, run.sums);
                    gru(hidden, h, [gates, run.sums], &mut run.inner[slab], next);
                }
                Cell::Lstm => {
                    gemm(states, weight.t(), T::one(), gates);
                    let [c, next_c] = pair(run.c, batch * hidden, before, after);
                    if !self.spec.projects() {
                        lstm(hidden, c, gates, next_c, next);
                        continue;
                    }
                    let inner = &mut run.inner[slab];
                    lstm(hidden, c, gates, next_c, inner);
                    let projection = Matrix::new(slots[projection].floats(), self.output, hidden);
                    gemm(Matrix::new(&*inner, batch, hidden), projection.t(), T::zero(), next);
                }
            }
        }
    }
}

/// Two neighbours among slabs of one size.
fn pair<T>(all: &mut [T], slab: usize, first: usize, second: usize) -> [&mut [T]; 2] {
    let (low, high) = all.split_at_mut(first.max(second) * slab);
    let (low, high) = (&mut low[first.min(second) * slab..], &mut high[..slab]);
    if first < second { [low, high] } else { [high, low] }
}
