//! One step of an LSTM.

use super::{parts, parts_mut, sigmoids, tanhs};
use crate::tensor::Real;
use crate::tensor::simd::{self, Loop};

/// The states of one step of an LSTM, `[B, width]` each.
pub struct Lstm<'a, T> {
    pub width: usize,
    /// c before the step.
    pub before: &'a [T],
    /// i, f, g and o in each row, `[B, 4 * width]`
    pub gates: &'a [T],
    /// c after the step.
    pub after: &'a [T],
}

/// c = σ(f) c₀ + σ(i) tanh(g), m = σ(o) tanh(c); the sums `[B, 4 * width]`, to which the bias `[4 * width]` is added, become
/// the gates.
pub fn lstm<T: Real>(width: usize, before: &[T], sums: &mut [T], bias: &[T], [c, m]: [&mut [T]; 2]) {
    if width > 0 {
        simd::run(LstmForward { width, before, sums, bias, c, m });
    }
}

struct LstmForward<'a, T> {
    width: usize,
    before: &'a [T],
    sums: &'a mut [T],
    bias: &'a [T],
    c: &'a mut [T],
    m: &'a mut [T],
}

impl<T: Real> Loop for LstmForward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let width = self.width;
        let rows = self.sums.chunks_exact_mut(4 * width).zip(self.before.chunks_exact(width));
        let rows = rows.zip(self.c.chunks_exact_mut(width).zip(self.m.chunks_exact_mut(width)));
        for ((sums, before), (c, m)) in rows {
            let ([i, f, g, o], [i_bias, f_bias, g_bias, o_bias]) = (parts_mut(sums, width), parts(self.bias, width));
            sigmoids(i, i_bias);
            sigmoids(f, f_bias);
            tanhs(g, g_bias);
            sigmoids(o, o_bias);
            for ((c, &before), ((&i, &f), &g)) in c.iter_mut().zip(before).zip(i.iter().zip(&*f).zip(&*g)) {
                *c = f * before + i * g;
            }
            for ((m, &c), &o) in m.iter_mut().zip(&*c).zip(&*o) {
                *m = o * c.tanh();
            }
        }
    }
}

impl<T: Real> Lstm<'_, T> {
    /// The gradients of the sums, from those of m and c; that of c becomes that of c before the step.
    pub fn backward(&self, grad_m: &[T], grad_c: &mut [T], grad_sums: &mut [T]) {
        if self.width > 0 {
            simd::run(LstmBackward { of: self, grad_m, grad_c, grad_sums });
        }
    }
}

struct LstmBackward<'a, T> {
    of: &'a Lstm<'a, T>,
    grad_m: &'a [T],
    grad_c: &'a mut [T],
    grad_sums: &'a mut [T],
}

impl<T: Real> Loop for LstmBackward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Lstm { width, before, gates, after } = *self.of;
        let states = before.chunks_exact(width).zip(after.chunks_exact(width));
        let rows = self.grad_sums.chunks_exact_mut(4 * width).zip(gates.chunks_exact(4 * width)).zip(states);
        let rows = rows.zip(self.grad_m.chunks_exact(width).zip(self.grad_c.chunks_exact_mut(width)));
        for (((grads, gates), (before, after)), (grad_m, grad_c)) in rows {
            let [i, f, g, o] = parts(gates, width);
            let [grad_i, grad_f, grad_g, grad_o] = parts_mut(grads, width);
            for (((out, carry), &grad), (&o, &after)) in
                grad_o.iter_mut().zip(&mut *grad_c).zip(grad_m).zip(o.iter().zip(after))
            {
                let tanh = after.tanh();
                *out = grad * tanh * o * (T::one() - o);
                *carry += grad * o * (T::one() - tanh * tanh);
            }
            for ((out, &grad), (&i, &g)) in grad_i.iter_mut().zip(&*grad_c).zip(i.iter().zip(g)) {
                *out = grad * g * i * (T::one() - i);
            }
            for ((out, &grad), (&i, &g)) in grad_g.iter_mut().zip(&*grad_c).zip(i.iter().zip(g)) {
                *out = grad * i * (T::one() - g * g);
            }
            for ((out, carry), (&f, &before)) in grad_f.iter_mut().zip(grad_c).zip(f.iter().zip(before)) {
                *out = *carry * before * f * (T::one() - f);
                *carry *= f;
            }
        }
    }
}
