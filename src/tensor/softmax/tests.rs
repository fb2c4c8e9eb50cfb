//! Each function against its formula, one lane after another.

use super::*;
use crate::tensor::lane::lanes;
use crate::tensor::threads;

const SHAPES: [[usize; 3]; 14] = [
    [0, 3, 1],
    [3, 0, 2],
    [2, 3, 0],
    [1, 1, 1],
    [3, 5, 1],
    [150, 10, 1],
    [64, 15, 1],
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
    let n_lanes = shape[0] * shape[2];
    let mut logs = [vec![T::zero(); n_lanes], vec![T::zero(); n_lanes]];
    let [greatest, rest] = &mut logs;
    log_sums(x, along, [greatest, rest]);
    let factor = |lane: usize| T::from_f64((lane % 3) as f64);
    let grads = [false, true].map(|is_fresh| {
        let before = if is_fresh { T::from_f64(f64::NAN) } else { T::one() };
        let mut grads: [Vec<T>; 4] = std::array::from_fn(|_| vec![before; size]);
        let [of_soft, of_min, of_log, added] = &mut grads;
        softmax_grad::<T, false>(soft, &grad, of_soft, along, is_fresh);
        softmax_grad::<T, true>(soft_min, &grad, of_min, along, is_fresh);
        log_softmax_grad(log, &grad, of_log, along, is_fresh);
        add_softmax(x, [&logs[0], &logs[1]], factor, added, along, is_fresh);
        grads
    });

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
            for (grads, before) in grads.iter().zip([1.0, 0.0]) {
                close(grads[0][at], before + y[index] * (grad[index] - mean(&y)));
                close(grads[1][at], before - least[index] * (grad[index] - mean(&least)));
                close(grads[2][at], before + grad[index] - y[index] * sum);
                close(grads[3][at], before + (number % 3) as f64 * y[index]);
            }
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

fn check_shares<T: Real>(rows: usize, classes: usize, is_asked: bool, is_weighted: bool) {
    let all = numbers::<T>(rows * classes + 1, 1);
    let (x, along) = (&all[1..], Lanes { length: classes, width: 1 });
    // Some shares are 0.
    let asked = numbers::<T>(rows * classes, 3).into_iter().map(|x| x.maximum(T::zero())).collect::<Vec<_>>();
    let weight = numbers::<T>(classes, 4).into_iter().map(|x| x.maximum(-x)).collect::<Vec<_>>();
    let (asked, weight) = (is_asked.then_some(&*asked), is_weighted.then_some(&*weight));
    let evenly = if is_asked { 0.0 } else { 0.125 };
    let shares = Shares { classes, asked, by: 0.75, evenly, weight };
    let (mut greatest, mut rest) = (vec![T::zero(); rows], vec![T::zero(); rows]);
    log_sums(x, along, [&mut greatest, &mut rest]);
    let factors = |lane: usize| (T::from_f64((lane % 3) as f64), 0.5 + lane as f64);
    let [mut added, mut written] = [T::one(), T::from_f64(f64::NAN)].map(|before| vec![before; rows * classes]);
    shares.add_grad(x, [&greatest, &rest], factors, &mut added, false);
    shares.add_grad(x, [&greatest, &rest], factors, &mut written, true);
    for lane in 0..rows {
        let (total, factor) = factors(lane);
        let [mut sum, mut loss] = [0.0; 2];
        for at in lane * classes..(lane + 1) * classes {
            let share = asked.map_or(0.0, |asked| 0.75 * asked[at].to_f64()) + evenly;
            let part = share * weight.map_or(1.0, |weight| weight[at % classes].to_f64());
            let log = (x[at] - greatest[lane] - rest[lane]).to_f64();
            sum += part;
            loss -= part * log;
            let slope = total.to_f64() * log.exp() - factor * part;
            close(added[at], 1.0 + slope);
            close(written[at], slope);
        }
        let [found_sum, found_loss] = shares.sums(x, [&greatest, &rest], lane);
        close(T::from_f64(found_sum), sum);
        close(T::from_f64(found_loss), loss);
    }
}

#[test]
fn shares_are_what_their_formulas_say() {
    threads::use_threads(3);
    for (rows, classes) in [(0, 3), (1, 1), (3, 5), (2, 16), (4, 37), (200, 600)] {
        for which in 0..4 {
            check_shares::<f32>(rows, classes, which & 1 == 1, which & 2 == 2);
            check_shares::<f64>(rows, classes, which & 1 == 1, which & 2 == 2);
        }
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
