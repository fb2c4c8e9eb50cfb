//! The weights of a recurrent layer as forward reads them: in panels where many rows meet them, and biases that are added
//! together as one.

#![allow(clippy::indexing_slicing, reason = "every buffer has the size that the operator stated")]

use super::layout::{Cell, Sequence};
use crate::tensor::gemm::{Matrix, gemm};
use crate::tensor::panels::{self, Start};
use crate::tensor::{Real, View};

/// With fewer rows than this the products don't win back the time that panels take.
const WORTH: usize = 256;

/// A weight `[k, n]` that rows are multiplied by.
#[derive(Clone, Copy)]
pub(super) enum Factor<'a, T> {
    Matrix(Matrix<'a, T>),
    Panels { panels: &'a [T], k: usize, n: usize },
}

impl<T: Real> Factor<'_, T> {
    /// out = x · weight, or out += x · weight, for `rows` rows.
    pub(super) fn multiply(&self, x: &[T], rows: usize, adds: bool, out: &mut [T]) {
        match *self {
            Self::Matrix(matrix) => {
                let [k, _] = matrix.shape();
                gemm(Matrix::new(x, rows, k), matrix, if adds { T::one() } else { T::zero() }, out);
            }
            Self::Panels { panels, k, n } => {
                let start = if adds { Start::Result } else { Start::Zero };
                panels::multiply(x, panels, [rows, k, n], start, out, |_, _| {});
            }
        }
    }
}

/// Of one direction of a layer.
pub(super) struct Weights<'a, T> {
    /// `[features, gates * hidden]`
    pub(super) input: Factor<'a, T>,
    /// `[output, gates * hidden]`
    pub(super) state: Factor<'a, T>,
    /// `[hidden, output]`
    pub(super) projection: Option<Matrix<'a, T>>,
    /// `[gates * hidden]`; of a GRU that of n in the sums of states follows.
    pub(super) bias: &'a [T],
}

/// The parts of what is prepared for one direction of a layer.
struct Parts {
    start: usize,
    bias: usize,
    /// Of the weights of inputs and of states.
    weights: [usize; 2],
}

impl Sequence<'_> {
    fn parts(&self, layer: usize, direction: usize) -> Parts {
        let bias = self.width() + if self.spec.cell == Cell::Gru { self.hidden } else { 0 };
        let weights = |layer: usize| {
            let rows = if self.spec.is_cell { [0, 0] } else { [self.features(layer), self.output] };
            rows.map(|rows| panels::len(rows, self.width()))
        };
        let size = |layer: usize| bias + weights(layer).iter().sum::<usize>();
        let below = if layer == 0 { 0 } else { size(0) + (layer - 1) * size(1) };
        Parts { start: below * self.spec.directions + direction * size(layer), bias, weights: weights(layer) }
    }

    /// There are enough rows that panels of weights pay.
    pub(super) fn packs(&self) -> bool {
        self.rows() >= WORTH && !self.spec.is_cell
    }

    /// Writes what `weights` reads.
    pub(super) fn prepare<T: Real>(&self, slots: &[View<T>], prepared: &mut [T]) {
        let width = self.width();
        for layer in 0..self.spec.layers {
            for direction in 0..self.spec.directions {
                let (slot, _) = self.slots(layer, direction);
                let Parts { start, bias, weights } = self.parts(layer, direction);
                let (sums, rest) = prepared[start..].split_at_mut(bias);
                sums.fill(T::zero());
                if self.spec.bias {
                    let [of_inputs, of_states] = [2, 3].map(|at| slots[slot + at].floats());
                    sums[..width].copy_from_slice(of_inputs);
                    // A GRU multiplies the last of its sums of states before it adds them.
                    let together = 2 * width - bias;
                    sums[..together].iter_mut().zip(of_states).for_each(|(sum, &bias)| *sum += bias);
                    sums[width..].copy_from_slice(&of_states[together..]);
                }
                let (inputs, states) = rest.split_at_mut(weights[0]);
                if self.packs() {
                    let weight = |at: usize, columns: usize| Matrix::new(slots[slot + at].floats(), width, columns).t();
                    panels::pack(weight(0, self.features(layer)), inputs);
                    panels::pack(weight(1, self.output), &mut states[..weights[1]]);
                }
            }
        }
    }

    /// The weight of states as backward reads it, `[gates * hidden, output]`, perhaps in panels, which `memory` has room for.
    pub(super) fn backward_factor<'a, T: Real>(&self, slot: &View<'a, T>, memory: &'a mut [T]) -> Factor<'a, T> {
        let (k, n) = (self.width(), self.output);
        let matrix = Matrix::new(slot.floats(), k, n);
        if !self.packs() {
            return Factor::Matrix(matrix);
        }
        let panels = &mut memory[..panels::len(k, n)];
        panels::pack(matrix, panels);
        Factor::Panels { panels, k, n }
    }

    pub(super) fn weights<'a, T: Real>(
        &self,
        layer: usize,
        direction: usize,
        slots: &[View<'a, T>],
        prepared: &'a [T],
    ) -> Weights<'a, T> {
        let (slot, projection) = self.slots(layer, direction);
        let (width, features) = (self.width(), self.features(layer));
        let Parts { start, bias, weights } = self.parts(layer, direction);
        let (bias, rest) = prepared[start..].split_at(bias);
        let (inputs, states) = rest.split_at(weights[0]);
        let factor = |at: usize, k: usize, panels: &'a [T]| {
            if self.packs() {
                Factor::Panels { panels, k, n: width }
            } else {
                Factor::Matrix(Matrix::new(slots[slot + at].floats(), width, k).t())
            }
        };
        let (input, state) = (factor(0, features, inputs), factor(1, self.output, states));
        let projection =
            self.spec.projects().then(|| Matrix::new(slots[projection].floats(), self.output, self.hidden).t());
        Weights { input, state, projection, bias }
    }
}
