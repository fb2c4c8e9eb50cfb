//! Each function against its formula, one lane after another.

use super::*;
use crate::tensor::lane::lanes;

const SHAPES: [[usize; 3]; 12] = [
    [0, 3, 1],
    [3, 0, 2],
    [2, 3, 0],
    [1, 1, 1],
    [3, 5, 1],
    [2, 16, 1],
    [4, 300, 1],
    [1, 33, 70],
    [3, 2, 64],
    [2, 7, 65],
    [90, 700, 1],
    [40, 9, 130],
];

fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
    (0..len).map(|at| T::from_f64((((at + seed) * 37 % 101) as f64 - 50.0) / 9.0)).collect()
}

fn close<T: Real>(found: T, wanted: f64) {
    let error = (found.to_f64() - wanted).abs();
    let is_close = error <= 32.0 * T::EPSILON.to_f64() * wanted.abs().max(1.0);
    assert!(is_close || found.to_f64() == wanted, "{found} is not {wanted}");
}

fn check<T: Real>(shape: [usize; 3]) {
    let size = shape.iter().product();
    // One element further, so that nothing is aligned.
    let all = numbers::<T>(size + 1, 1);
    let (x, grad, along) = (&all[1..], numbers::<T>(size, 5), Lanes::along(&shape, 1));
    let mut found: [Vec<T>; 3] = std::array::from_fn(|_| vec![T::one(); size]);
    let [soft, soft_min, log] = &mut found;
    softmax::<T, false>(x, soft, along);
    softmax::<T, true>(x, soft_min, along);
    log_softmax(x, log, along);
    let mut grads: [Vec<T>; 4] = std::array::from_fn(|_| vec![T::one(); size]);
    let [of_soft, of_min, of_log, added] = &mut grads;
    add_softmax_grad::<T, false>(soft, &grad, of_soft, along);
    add_softmax_grad::<T, true>(soft_min, &grad, of_min, along);
    add_log_softmax_grad(log, &grad, of_log, along);
    let n_lanes = shape[0] * shape[2];
    let mut logs = [vec![T::zero(); n_lanes], vec![T::zero(); n_lanes]];
    let [greatest, rest] = &mut logs;
    log_sums(x, along, [greatest, rest]);
    let factor = |lane: usize| T::from_f64((lane % 3) as f64);
    add_softmax(x, [&logs[0], &logs[1]], factor, added, along);

    for (number, lane) in lanes(&shape, 1).enumerate() {
        let of = |data: &[T]| lane.places().map(|at| data[at].to_f64()).collect::<Vec<f64>>();
        let (x, grad) = (of(x), of(&grad));
        let shares = |sign: f64| {
            let sum: f64 = x.iter().map(|x| (sign * x).exp()).sum();
            x.iter().map(|x| (sign * x).exp() / sum).collect::<Vec<f64>>()
        };
        let mean = |y: &[f64]| grad.iter().zip(y).map(|(grad, y)| grad * y).sum::<f64>();
        let (y, least, sum) = (shares(1.0), shares(-1.0), grad.iter().sum::<f64>());
        let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert_eq!(logs[0][number].to_f64(), most);
        close(logs[1][number], x.iter().map(|x| (x - most).exp()).sum::<f64>().ln());
        for (index, at) in lane.places().enumerate() {
            close(found[0][at], y[index]);
            close(found[1][at], least[index]);
            close(found[2][at], y[index].ln());
            close(grads[0][at], 1.0 + y[index] * (grad[index] - mean(&y)));
            close(grads[1][at], 1.0 - least[index] * (grad[index] - mean(&least)));
            close(grads[2][at], 1.0 + grad[index] - y[index] * sum);
            close(grads[3][at], 1.0 + (number % 3) as f64 * y[index]);
        }
    }
}

#[test]
fn lanes_are_what_their_formulas_say() {
    threads::use_threads(3);
    for shape in SHAPES {
        check::<f32>(shape);
        check::<f64>(shape);
    }
}

#[test]
fn great_numbers_do_not_overflow() {
    let x = [1000.0f32, 1001.0, -1000.0];
    let lanes = Lanes { length: 3, width: 1 };
    let (mut y, mut greatest, mut rest) = ([0.0; 3], [0.0], [0.0]);
    softmax::<f32, false>(&x, &mut y, lanes);
    assert_eq!(y[2], 0.0);
    assert!((y[1] - 0.731_058_6).abs() < 1e-6);
    log_sums(&x, lanes, [&mut greatest, &mut rest]);
    assert!(greatest == [1001.0] && (rest[0] - 0.313_261_7).abs() < 1e-6);
}
