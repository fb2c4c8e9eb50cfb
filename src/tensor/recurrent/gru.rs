//! One step of a GRU.

use super::{parts, parts_mut, sigmoid};
use crate::tensor::Real;
use crate::tensor::simd::{self, Loop};

/// The states of one step of a GRU, `[B, width]` each.
pub struct Gru<'a, T> {
    pub width: usize,
    /// h before the step.
    pub before: &'a [T],
    /// r, z and n in each row, `[B, 3 * width]`
    pub gates: &'a [T],
    /// The sum that r is multiplied by.
    pub reset: &'a [T],
}

/// r = σ(a₁ + b₁), z = σ(a₂ + b₂), n = tanh(a₃ + r b₃), h = (1 - z) n + z h₀, from the sums of inputs a and those of
/// states b, `[B, 3 * width]` each. The bias `[4 * width]` is added to a₁ + b₁, a₂ + b₂, a₃ and b₃. The a become the gates,
/// and b₃ is kept in `reset`.
pub fn gru<T: Real>(
    width: usize,
    before: &[T],
    [inputs, states]: [&mut [T]; 2],
    bias: &[T],
    reset: &mut [T],
    h: &mut [T],
) {
    if width > 0 {
        simd::run(GruForward { width, before, inputs, states, bias, reset, h });
    }
}

struct GruForward<'a, T> {
    width: usize,
    before: &'a [T],
    inputs: &'a mut [T],
    states: &'a [T],
    bias: &'a [T],
    reset: &'a mut [T],
    h: &'a mut [T],
}

impl<T: Real> Loop for GruForward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let width = self.width;
        let rows = self.inputs.chunks_exact_mut(3 * width).zip(self.states.chunks_exact(3 * width));
        let rows = rows.zip(self.before.chunks_exact(width));
        let rows = rows.zip(self.reset.chunks_exact_mut(width).zip(self.h.chunks_exact_mut(width)));
        let [r_bias, z_bias, n_bias, state_bias] = parts(self.bias, width);
        for (((inputs, states), before), (reset, h)) in rows {
            let [r, z, n] = parts_mut(inputs, width);
            let [state_r, state_z, state_n] = parts(states, width);
            sigmoids_of(r, state_r, r_bias);
            sigmoids_of(z, state_z, z_bias);
            for ((reset, &sum), &bias) in reset.iter_mut().zip(state_n).zip(state_bias) {
                *reset = sum + bias;
            }
            // No loop reads and writes parts of one tensor: that these don't overlap the compiler can't see.
            for ((h, &r), &reset) in h.iter_mut().zip(&*r).zip(&*reset) {
                *h = r * reset;
            }
            for ((x, &bias), &product) in n.iter_mut().zip(n_bias).zip(&*h) {
                *x = (*x + bias + product).tanh();
            }
            for ((h, &before), (&z, &n)) in h.iter_mut().zip(before).zip(z.iter().zip(&*n)) {
                *h = (T::one() - z) * n + z * before;
            }
        }
    }
}

/// x = σ(x + state + bias) for each element.
#[inline(always)]
fn sigmoids_of<T: Real>(sums: &mut [T], states: &[T], bias: &[T]) {
    for ((x, &state), &bias) in sums.iter_mut().zip(states).zip(bias) {
        *x = sigmoid(*x + state + bias);
    }
}

impl<T: Real> Gru<'_, T> {
    /// The gradients of the sums of inputs and of states; that of h becomes the part of that of h before the step which
    /// doesn't come through the sums.
    pub fn backward(&self, grad_h: &mut [T], [grad_inputs, grad_states]: [&mut [T]; 2]) {
        if self.width > 0 {
            simd::run(GruBackward { of: self, grad_h, grad_inputs, grad_states });
        }
    }
}

struct GruBackward<'a, T> {
    of: &'a Gru<'a, T>,
    grad_h: &'a mut [T],
    grad_inputs: &'a mut [T],
    grad_states: &'a mut [T],
}

impl<T: Real> Loop for GruBackward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Gru { width, before, gates, reset } = *self.of;
        let kept = before.chunks_exact(width).zip(reset.chunks_exact(width));
        let rows = gates.chunks_exact(3 * width).zip(kept).zip(self.grad_h.chunks_exact_mut(width));
        let grads = self.grad_inputs.chunks_exact_mut(3 * width).zip(self.grad_states.chunks_exact_mut(3 * width));
        for (((gates, (before, reset)), grad_h), (inputs, states)) in rows.zip(grads) {
            let [r, z, n] = parts(gates, width);
            let [grad_r, grad_z, grad_n] = parts_mut(inputs, width);
            let [state_r, state_z, state_n] = parts_mut(states, width);
            for ((grad_z, &grad_h), ((&z, &n), &before)) in
                grad_z.iter_mut().zip(&*grad_h).zip(z.iter().zip(n).zip(before))
            {
                *grad_z = grad_h * (before - n) * z * (T::one() - z);
            }
            for ((grad_n, &grad_h), (&z, &n)) in grad_n.iter_mut().zip(&*grad_h).zip(z.iter().zip(n)) {
                *grad_n = grad_h * (T::one() - z) * (T::one() - n * n);
            }
            for ((state_n, &grad_n), &r) in state_n.iter_mut().zip(&*grad_n).zip(r) {
                *state_n = grad_n * r;
            }
            for ((grad_r, &state_n), (&r, &reset)) in grad_r.iter_mut().zip(&*state_n).zip(r.iter().zip(reset)) {
                *grad_r = state_n * reset * (T::one() - r);
            }
            for (grad_h, &z) in grad_h.iter_mut().zip(z) {
                *grad_h *= z;
            }
            state_r.copy_from_slice(grad_r);
            state_z.copy_from_slice(grad_z);
        }
    }
}
