//! Each step against its formula, one element after another.

use super::*;

fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
    (0..len).map(|at| T::from_f64((((at + seed) * 37 % 101) as f64 - 50.0) / 17.0)).collect()
}

fn close<T: Real>(found: T, wanted: f64) {
    let error = (found.to_f64() - wanted).abs();
    assert!(error <= 16.0 * T::EPSILON.to_f64() * wanted.abs().max(1.0), "{found} is not {wanted}");
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn f64s<T: Real>(x: &[T]) -> Vec<f64> {
    x.iter().map(|x| x.to_f64()).collect()
}

fn lstm_step<T: Real>(rows: usize, width: usize) {
    let (before, bias, sums) =
        (numbers::<T>(rows * width, 1), numbers::<T>(4 * width, 2), numbers(4 * rows * width, 3));
    // One element further, so that nothing is aligned.
    let (mut gates, mut c, mut m) =
        ([&[T::one()], &*sums].concat(), numbers(1 + rows * width, 0), numbers(1 + rows * width, 0));
    lstm(width, &before, &mut gates[1..], &bias, [&mut c[1..], &mut m[1..]]);
    let (grad_m, mut grad_c) = (numbers::<T>(rows * width, 4), numbers(rows * width, 5));
    let (carried, mut grads) = (grad_c.clone(), vec![T::zero(); 4 * rows * width]);
    Lstm { width, before: &before, gates: &gates[1..], after: &c[1..] }.backward(&grad_m, &mut grad_c, &mut grads);
    let [before, bias, sums, grad_m, carried] = [&before, &bias, &sums, &grad_m, &carried].map(|x| f64s(x));
    for at in 0..rows * width {
        let (row, column) = (at / width, at % width);
        let place = |gate: usize| row * 4 * width + gate * width + column;
        let sum = |gate: usize| sums[place(gate)] + bias[gate * width + column];
        let [i, f, g, o] = [logistic(sum(0)), logistic(sum(1)), sum(2).tanh(), logistic(sum(3))];
        let state = f * before[at] + i * g;
        close(c[1 + at], state);
        close(m[1 + at], o * state.tanh());
        let grad_state = carried[at] + grad_m[at] * o * (1.0 - state.tanh() * state.tanh());
        close(grads[place(0)], grad_state * g * i * (1.0 - i));
        close(grads[place(1)], grad_state * before[at] * f * (1.0 - f));
        close(grads[place(2)], grad_state * i * (1.0 - g * g));
        close(grads[place(3)], grad_m[at] * state.tanh() * o * (1.0 - o));
        close(grad_c[at], grad_state * f);
    }
}

fn gru_step<T: Real>(rows: usize, width: usize) {
    let (before, bias) = (numbers::<T>(rows * width, 1), numbers::<T>(4 * width, 2));
    let (inputs, states) = (numbers::<T>(3 * rows * width, 3), numbers::<T>(3 * rows * width, 7));
    let (mut gates, mut sums) = ([&[T::one()], &*inputs].concat(), states.clone());
    let (mut reset, mut h) = (numbers(1 + rows * width, 0), numbers(1 + rows * width, 0));
    gru(width, &before, [&mut gates[1..], &mut sums], &bias, &mut reset[1..], &mut h[1..]);
    let mut grad_h = numbers(rows * width, 4);
    let (grad, mut grads) = (grad_h.clone(), [vec![T::zero(); 3 * rows * width], vec![T::zero(); 3 * rows * width]]);
    let [of_inputs, of_states] = &mut grads;
    let cell = Gru { width, before: &before, gates: &gates[1..], reset: &reset[1..] };
    cell.backward(&mut grad_h, [of_inputs, of_states]);
    let [before, bias, inputs, states, grad] = [&before, &bias, &inputs, &states, &grad].map(|x| f64s(x));
    for at in 0..rows * width {
        let (row, column) = (at / width, at % width);
        let place = |gate: usize| row * 3 * width + gate * width + column;
        let sum = |gate: usize| inputs[place(gate)] + bias[gate * width + column];
        let (r, z) = (logistic(sum(0) + states[place(0)]), logistic(sum(1) + states[place(1)]));
        let inner = states[place(2)] + bias[3 * width + column];
        let n = (sum(2) + r * inner).tanh();
        close(h[1 + at], (1.0 - z) * n + z * before[at]);
        let grad_n = grad[at] * (1.0 - z) * (1.0 - n * n);
        let grad_r = grad_n * inner * r * (1.0 - r);
        close(grads[0][place(0)], grad_r);
        close(grads[0][place(1)], grad[at] * (before[at] - n) * z * (1.0 - z));
        close(grads[0][place(2)], grad_n);
        close(grads[1][place(0)], grad_r);
        close(grads[1][place(1)], grad[at] * (before[at] - n) * z * (1.0 - z));
        close(grads[1][place(2)], grad_n * r);
        close(grad_h[at], grad[at] * z);
    }
}

fn rnn_step<T: Real>(rows: usize, width: usize) {
    for function in [Nonlinearity::Tanh, Nonlinearity::Relu] {
        let (mut sums, bias) = (numbers::<T>(rows * width, 1), numbers::<T>(width, 2));
        let (given, mut h) = (sums.clone(), vec![T::zero(); rows * width]);
        function.forward(&mut sums, &bias, &mut h);
        let (grad, mut grads) = (numbers::<T>(rows * width, 3), vec![T::zero(); rows * width]);
        function.backward(&h, &grad, &mut grads);
        for at in 0..rows * width {
            let sum = given[at].to_f64() + bias[at % width].to_f64();
            let (value, slope) = match function {
                Nonlinearity::Tanh => (sum.tanh(), 1.0 - sum.tanh() * sum.tanh()),
                Nonlinearity::Relu => (sum.max(0.0), f64::from(u8::from(sum > 0.0))),
            };
            close(h[at], value);
            close(grads[at], grad[at].to_f64() * slope);
        }
    }
}

#[test]
fn steps_are_what_their_formulas_say() {
    for (rows, width) in [(0, 3), (3, 0), (1, 1), (2, 7), (3, 16), (2, 33), (5, 64)] {
        lstm_step::<f32>(rows, width);
        lstm_step::<f64>(rows, width);
        gru_step::<f32>(rows, width);
        gru_step::<f64>(rows, width);
        rnn_step::<f32>(rows, width);
        rnn_step::<f64>(rows, width);
    }
}
