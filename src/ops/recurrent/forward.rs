//! Recurrent layers forward. All steps of a direction share one product for their inputs, and a piece of the batch goes
//! through all layers alone.

#![allow(clippy::indexing_slicing, reason = "every buffer has the size that the operator stated")]

use super::layout::{Cell, SAVED, Sequence};
use super::weights::Weights;
use crate::ops::contract::{Forward, Mode};
use crate::tensor::gemm::{Matrix, gemm};
use crate::tensor::recurrent::{gru, lstm};
use crate::tensor::{Real, View, ViewMut, threads};

/// What forward writes for one direction of a layer.
struct Run<'a, T> {
    gates: &'a mut [T],
    h: &'a mut [T],
    c: &'a mut [T],
    inner: &'a mut [T],
    sums: &'a mut [T],
}

/// What the layers of a piece read, `[T, B, features]`: the input; copies of the h of the layers below, or that itself.
pub(super) struct Sources<'a, T> {
    pub(super) input: &'a [T],
    pub(super) between: &'a [T],
    pub(super) h: &'a [T],
}

impl<'a, T> Sources<'a, T> {
    pub(super) fn of(&self, piece: &Sequence<'_>, layer: usize) -> &'a [T] {
        if layer == 0 {
            return self.input;
        }
        if piece.spec.copies() {
            let size = piece.rows() * piece.features(layer);
            return &self.between[(layer - 1) * size..layer * size];
        }
        &self.h[piece.outputs(layer - 1, true)]
    }
}

impl Sequence<'_> {
    /// Results are the output, unless it is a cell; h after the last step; and, of an LSTM, c.
    pub(super) fn forward<T: Real>(&self, cx: Forward<T>) {
        let Forward { inputs, slots, outputs, saved, mode, random, .. } = cx;
        let Ok([gates, h, c, inner, copy, between, mask, sums, prepared]) = <&mut [ViewMut<T>; SAVED]>::try_from(saved)
        else {
            return;
        };
        let [input, given @ ..] = inputs else { return };
        let (out, last) = match outputs {
            [out, last @ ..] if !self.spec.is_cell => (Some(out), last),
            last => (None, last),
        };
        self.prepare(slots, prepared.floats());
        let mask = mask.bools();
        if mode == Mode::Train {
            let mut random = random.stream();
            mask.iter_mut().for_each(|stays| *stays = random.uniform() >= self.spec.dropout);
        }
        let dropped = (mode == Mode::Train && self.spec.dropout > 0.0).then_some(&*mask);
        let prepared = &*prepared.floats();
        let memory = [gates, h, c, inner, copy, between, sums].map(ViewMut::floats);
        self.for_each_piece(memory, |piece, [gates, h, c, inner, copy, between, sums]| {
            let input = input.floats();
            piece.each_row(|row, outer| {
                let width = piece.input;
                copy[row * width..(row + 1) * width].copy_from_slice(&input[outer * width..(outer + 1) * width]);
            });
            let weights = |layer, direction| self.weights(layer, direction, slots, prepared);
            let dropped = dropped.map(|mask| &mask[piece.share(mask.len())]);
            piece.layers(weights, given, dropped, copy, between, &mut Run { gates, h, c, inner, sums });
        });
        let [h, c] = [h, c].map(|states| &*states.floats());
        if let Some(out) = out {
            self.put(h, out.floats());
        }
        for piece in self.pieces() {
            for (result, (all, width)) in last.iter_mut().zip([(h, self.output), (c, self.hidden)]) {
                let all = &all[piece.share(all.len())];
                for index in 0..self.spec.states() {
                    let [_, last] = piece.states(index % self.spec.directions, width);
                    let start = index * (piece.steps + 1) * piece.batch * width;
                    let last = &all[start + last.start..start + last.end];
                    result.floats()[piece.items(index, width)].copy_from_slice(last);
                }
            }
        }
    }

    /// Writes the h of the last layer as the user has them.
    fn put<T: Real>(&self, h: &[T], out: &mut [T]) {
        let (outer, inner) = if self.spec.batch_first { (self.batch, self.steps) } else { (self.steps, self.batch) };
        let piece = threads::piece(outer, 1, 4 * out.len());
        threads::split_rows(outer, piece, [out], |part, [out]| {
            let rows = part.start * inner..part.end * inner;
            for piece in self.pieces() {
                let to = |_, outer| rows.contains(&outer).then(|| outer - rows.start);
                piece.gather(&h[piece.share(h.len())], self.spec.layers - 1, out, to);
            }
        });
    }

    /// All layers of a piece.
    fn layers<'w, T: Real>(
        &self,
        weights: impl Fn(usize, usize) -> Weights<'w, T>,
        given: &[View<T>],
        dropped: Option<&[bool]>,
        input: &[T],
        between: &mut [T],
        all: &mut Run<T>,
    ) {
        let states = self.spec.states();
        // Of one direction of a layer.
        let size = |len: usize| len.checked_div(states).unwrap_or(0);
        let [gates, h, c, inner] = [&*all.gates, all.h, all.c, all.inner].map(|part| size(part.len()));
        for layer in 0..self.spec.layers {
            for direction in 0..self.spec.directions {
                let index = layer * self.spec.directions + direction;
                let part = |size: usize| index * size..(index + 1) * size;
                let (below, own) = all.h.split_at_mut(index * h);
                let mut run = Run {
                    gates: &mut all.gates[part(gates)],
                    h: &mut own[..h],
                    c: &mut all.c[part(c)],
                    inner: &mut all.inner[part(inner)],
                    sums: &mut *all.sums,
                };
                self.start(direction, index, given, &mut run);
                let x = Sources { input, between, h: below }.of(self, layer);
                self.direction(direction, &weights(layer, direction), x, &mut run);
            }
            if layer + 1 < self.spec.layers && self.spec.copies() {
                let size = self.rows() * self.features(layer + 1);
                let part = layer * size..(layer + 1) * size;
                let between = &mut between[part.clone()];
                self.gather(all.h, layer, between, |row, _| Some(row));
                if let Some(mask) = dropped {
                    let scale = T::from_f64(self.scale());
                    for (x, stays) in between.iter_mut().zip(&mask[part]) {
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
                Some(given) => first.copy_from_slice(&given.floats()[self.items(index, width)]),
                None => first.fill(T::zero()),
            }
        }
    }

    /// Puts the h of the directions of a layer beside each other. `to` is given the places of a row in the piece and as
    /// the user has it, and says where it goes.
    fn gather<T: Real>(&self, h: &[T], layer: usize, out: &mut [T], to: impl Fn(usize, usize) -> Option<usize>) {
        let (width, directions) = (self.output, self.spec.directions);
        for direction in 0..directions {
            let h = &h[self.outputs(layer * directions + direction, true)];
            self.each_row(|row, outer| {
                if let Some(to) = to(row, outer) {
                    let to = (to * directions + direction) * width;
                    out[to..to + width].copy_from_slice(&h[row * width..(row + 1) * width]);
                }
            });
        }
    }

    /// All steps of one direction of a layer.
    fn direction<T: Real>(&self, direction: usize, weights: &Weights<T>, x: &[T], run: &mut Run<T>) {
        let (width, batch, hidden) = (self.width(), self.batch, self.hidden);
        if width == 0 || batch == 0 {
            return;
        }
        let &Weights { input, state, projection, bias } = weights;
        input.multiply(x, self.rows(), false, run.gates);
        for step in 0..self.steps {
            let (time, before, after) = self.times(direction, step);
            let slab = time * batch * hidden..(time + 1) * batch * hidden;
            let gates = &mut run.gates[time * batch * width..(time + 1) * batch * width];
            let [h, next] = pair(run.h, batch * self.output, before, after);
            match self.spec.cell {
                Cell::Rnn(nonlinearity) => {
                    state.multiply(h, batch, true, gates);
                    nonlinearity.forward(gates, bias, next);
                }
                Cell::Gru => {
                    state.multiply(h, batch, false, run.sums);
                    gru(hidden, h, [gates, run.sums], bias, &mut run.inner[slab], next);
                }
                Cell::Lstm => {
                    state.multiply(h, batch, true, gates);
                    let [c, next_c] = pair(run.c, batch * hidden, before, after);
                    let Some(projection) = projection else {
                        lstm(hidden, c, gates, bias, [next_c, next]);
                        continue;
                    };
                    let inner = &mut run.inner[slab];
                    lstm(hidden, c, gates, bias, [next_c, inner]);
                    gemm(Matrix::new(&*inner, batch, hidden), projection, T::zero(), next);
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
