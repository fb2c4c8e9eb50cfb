//! One time step of recurrent cells, for a batch of rows: from sums of inputs to states, and back. Products with the
//! weights are done before and after.

use super::Real;

fn sigmoid<T: Real>(x: T) -> T {
    T::one() / (T::one() + (-x).exp())
}

/// The parts of a row that is `N` times as wide as a state.
fn parts<T, const N: usize>(row: &[T], width: usize) -> [&[T]; N] {
    let mut rest = row;
    std::array::from_fn(|_| {
        let (part, others) = rest.split_at(width.min(rest.len()));
        rest = others;
        part
    })
}

fn parts_mut<T, const N: usize>(row: &mut [T], width: usize) -> [&mut [T]; N] {
    let mut rest = row;
    std::array::from_fn(|_| {
        let middle = width.min(rest.len());
        let (part, others) = std::mem::take(&mut rest).split_at_mut(middle);
        rest = others;
        part
    })
}

/// What an RNN applies to the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonlinearity {
    Tanh,
    Relu,
}

impl Nonlinearity {
    /// h = f(sums); the sums become h too.
    pub fn forward<T: Real>(self, sums: &mut [T], h: &mut [T]) {
        for (sum, h) in sums.iter_mut().zip(h) {
            *sum = match self {
                Self::Tanh => sum.tanh(),
                Self::Relu => T::zero().maximum(*sum),
            };
            *h = *sum;
        }
    }

    /// The gradients of the sums.
    pub fn backward<T: Real>(self, h: &[T], grad_h: &[T], grad_sums: &mut [T]) {
        for ((out, &h), &grad) in grad_sums.iter_mut().zip(h).zip(grad_h) {
            *out = match self {
                Self::Tanh => grad * (T::one() - h * h),
                Self::Relu if h > T::zero() => grad,
                Self::Relu => T::zero(),
            };
        }
    }
}

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

/// c = σ(f) c₀ + σ(i) tanh(g), m = σ(o) tanh(c); the sums `[B, 4 * width]` become the gates.
pub fn lstm<T: Real>(width: usize, before: &[T], sums: &mut [T], c: &mut [T], m: &mut [T]) {
    if width == 0 {
        return;
    }
    let rows = sums.chunks_exact_mut(4 * width).zip(before.chunks_exact(width));
    let rows = rows.zip(c.chunks_exact_mut(width).zip(m.chunks_exact_mut(width)));
    for ((sums, before), (c, m)) in rows {
        let [i, f, g, o] = parts_mut(sums, width);
        for gate in [&mut *i, &mut *f, &mut *o] {
            gate.iter_mut().for_each(|x| *x = sigmoid(*x));
        }
        g.iter_mut().for_each(|x| *x = x.tanh());
        for ((c, &before), ((&i, &f), &g)) in c.iter_mut().zip(before).zip(i.iter().zip(&*f).zip(&*g)) {
            *c = f * before + i * g;
        }
        for ((m, &c), &o) in m.iter_mut().zip(&*c).zip(&*o) {
            *m = o * c.tanh();
        }
    }
}

impl<T: Real> Lstm<'_, T> {
    /// The gradients of the sums, from those of m and c; that of c becomes that of c before the step.
    pub fn backward(&self, grad_m: &[T], grad_c: &mut [T], grad_sums: &mut [T]) {
        let width = self.width;
        if width == 0 {
            return;
        }
        let states = self.before.chunks_exact(width).zip(self.after.chunks_exact(width));
        let rows = grad_sums.chunks_exact_mut(4 * width).zip(self.gates.chunks_exact(4 * width)).zip(states);
        let rows = rows.zip(grad_m.chunks_exact(width).zip(grad_c.chunks_exact_mut(width)));
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
/// states b, `[B, 3 * width]` each. The a become the gates, and b₃ is kept in `reset`.
pub fn gru<T: Real>(width: usize, before: &[T], [inputs, states]: [&mut [T]; 2], reset: &mut [T], h: &mut [T]) {
    if width == 0 {
        return;
    }
    let rows = inputs.chunks_exact_mut(3 * width).zip(states.chunks_exact(3 * width)).zip(before.chunks_exact(width));
    let rows = rows.zip(reset.chunks_exact_mut(width).zip(h.chunks_exact_mut(width)));
    for (((inputs, states), before), (reset, h)) in rows {
        let [r, z, n] = parts_mut(inputs, width);
        let [state_r, state_z, state_n] = parts(states, width);
        r.iter_mut().zip(state_r).for_each(|(x, &state)| *x = sigmoid(*x + state));
        z.iter_mut().zip(state_z).for_each(|(x, &state)| *x = sigmoid(*x + state));
        n.iter_mut().zip(&*r).zip(state_n).for_each(|((x, &r), &state)| *x = (*x + r * state).tanh());
        reset.copy_from_slice(state_n);
        for ((h, &before), (&z, &n)) in h.iter_mut().zip(before).zip(z.iter().zip(&*n)) {
            *h = (T::one() - z) * n + z * before;
        }
    }
}

impl<T: Real> Gru<'_, T> {
    /// The gradients of the sums of inputs and of states; that of h becomes the part of that of h before the step which
    /// doesn't come through the sums.
    pub fn backward(&self, grad_h: &mut [T], [grad_inputs, grad_states]: [&mut [T]; 2]) {
        let width = self.width;
        if width == 0 {
            return;
        }
        let kept = self.before.chunks_exact(width).zip(self.reset.chunks_exact(width));
        let rows = self.gates.chunks_exact(3 * width).zip(kept).zip(grad_h.chunks_exact_mut(width));
        let grads = grad_inputs.chunks_exact_mut(3 * width).zip(grad_states.chunks_exact_mut(3 * width));
        for (((gates, (before, reset)), grad_h), (inputs, states)) in rows.zip(grads) {
            let [r, z, n] = parts(gates, width);
            let [grad_r, grad_z, grad_n] = parts_mut(inputs, width);
            let [state_r, state_z, state_n] = parts_mut(states, width);
            let sums = grad_z.iter_mut().zip(&mut *grad_n);
            for (((grad_z, grad_n), grad_h), ((&z, &n), &before)) in sums.zip(grad_h).zip(z.iter().zip(n).zip(before)) {
                *grad_z = *grad_h * (before - n) * z * (T::one() - z);
                *grad_n = *grad_h * (T::one() - z) * (T::one() - n * n);
                *grad_h *= z;
            }
            let sums = grad_r.iter_mut().zip(&mut *state_n);
            for (((grad_r, state_n), &grad_n), (&r, &reset)) in sums.zip(&*grad_n).zip(r.iter().zip(reset)) {
                *state_n = grad_n * r;
                *grad_r = grad_n * reset * r * (T::one() - r);
            }
            state_r.copy_from_slice(grad_r);
            state_z.copy_from_slice(grad_z);
        }
    }
}
