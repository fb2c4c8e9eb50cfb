//! The weights of a recurrent layer as forward reads them: transposed where many rows meet them, and biases that are added
//! together as one.

#![allow(clippy::indexing_slicing, reason = "every buffer has the size that the operator stated")]

use super::layout::{Cell, Sequence};
use crate::tensor::gemm::Matrix;
use crate::tensor::recurrent::transpose;
use crate::tensor::{Real, View};

/// With fewer rows than this the products don't win back the time of a transposition.
const WORTH: usize = 256;

/// Of one direction of a layer.
pub(super) struct Weights<'a, T> {
    pub(super) features: usize,
    /// `[features, gates * hidden]`
    pub(super) input: Matrix<'a, T>,
    /// `[output, gates * hidden]`
    pub(super) state: Matrix<'a, T>,
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
            rows.map(|rows| rows * self.width())
        };
        let size = |layer: usize| bias + weights(layer).iter().sum::<usize>();
        let below = if layer == 0 { 0 } else { size(0) + (layer - 1) * size(1) };
        Parts { start: below * self.spec.directions + direction * size(layer), bias, weights: weights(layer) }
    }

    fn transposes(&self) -> bool {
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
                if self.transposes() {
                    transpose(slots[slot].floats(), width, inputs);
                    transpose(slots[slot + 1].floats(), width, &mut states[..self.output * width]);
                }
            }
        }
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
        let [input, state] = if self.transposes() {
            [Matrix::new(inputs, features, width), Matrix::new(&states[..weights[1]], self.output, width)]
        } else {
            let weight = |at: usize, columns: usize| Matrix::new(slots[slot + at].floats(), width, columns).t();
            [weight(0, features), weight(1, self.output)]
        };
        let projection =
            self.spec.projects().then(|| Matrix::new(slots[projection].floats(), self.output, self.hidden).t());
        Weights { features, input, state, projection, bias }
    }
}
