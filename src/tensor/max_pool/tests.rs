//! Windows beside loops that take one element after another.

use super::*;
use crate::tensor::border::Border;
use crate::tensor::pool::{Axis, Pool};

fn axis(input: usize, taps: usize, stride: usize, dilation: usize, before: usize) -> Sweep {
    let output = (input + 2 * before - (taps - 1) * dilation - 1) / stride + 1;
    Sweep { input, output, taps, stride, dilation, before, border: Border::Constant }
}

/// Few different values, so that many are equal, and some that aren't finite.
fn numbers<T: Real>(len: usize) -> Vec<T> {
    let value = |at: usize| match at * 37 % 41 {
        0 if at.is_multiple_of(5) => f64::NAN,
        1..4 => f64::NEG_INFINITY,
        other => (other % 9) as f64 - 4.0,
    };
    (0..len).map(|at| T::from_f64(value(at))).collect()
}

fn as_one_by_one<T: Real>(axes: [Sweep; 3], planes: usize) {
    let (pool, plain) = (MaxPool { planes, axes }, Pool { planes, axes: axes.map(Axis::Sweep) });
    let (pixels, places) = (planes * pool.pixels(), planes * pool.places());
    // The first element is left out, so that vectors lie across their natural places.
    let x = numbers::<T>(pixels + 1);
    let (mut y, mut taps, mut indices) = (vec![T::zero(); places + 1], vec![T::zero(); places + 1], vec![0; places]);
    pool.forward(&x[1..], &mut y[1..], &mut taps[1..]);
    pool.indices(&taps[1..], &mut indices);
    let mut values = vec![T::zero(); places + 1];
    pool.forward(&x[1..], &mut values[1..], &mut []);
    let same = values.iter().zip(&y).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
    assert!(same, "{pool:?} without numbers");
    let (mut wanted, mut wanted_indices) = (vec![T::zero(); places], vec![0; places]);
    plain.max(&x[1..], &mut wanted, &mut wanted_indices);
    let same = y[1..].iter().zip(&wanted).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
    assert!(same && indices == wanted_indices, "{pool:?}");
    let (mut out, mut wanted) = (vec![T::one(); pixels + 1], vec![T::one(); pixels]);
    let grad: Vec<T> = (0..=places).map(|at| T::from_f64(at as f64)).collect();
    pool.add_gradient(&grad[1..], &taps[1..], false, &mut out[1..]);
    plain.add_max_gradient(&grad[1..], &indices, &mut wanted);
    assert_eq!(out[1..], wanted, "{pool:?}");
    wanted.fill(T::zero());
    plain.add_max_gradient(&grad[1..], &indices, &mut wanted);
    pool.add_gradient(&grad[1..], &taps[1..], true, &mut out[1..]);
    assert_eq!(out[1..], wanted, "{pool:?} fresh");
}

#[test]
fn windows_of_all_kinds_are_those_of_a_loop() {
    threads::use_threads(3);
    let single = Sweep::SINGLE;
    let mut all = Vec::new();
    for size in [2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 130] {
        all.push([single, axis(size, 2, 2, 1, 0), axis(size, 2, 2, 1, 0)]);
        all.push([single, axis(5, 2, 2, 1, 0), axis(size, 3, 2, 1, 1)]);
        all.push([single, axis(size, 3, 1, 1, 1), axis(size + 3, 4, 3, 1, 2)]);
        all.push([axis(3, 2, 1, 1, 1), axis(4, 1, 2, 1, 0), axis(size + 2, 2, 1, 3, 1)]);
    }
    let none = Sweep { input: 0, ..axis(1, 2, 2, 1, 1) };
    all.extend([[single, none, axis(4, 2, 2, 1, 0)], [single, single, Sweep { output: 0, ..axis(4, 2, 2, 1, 0) }]]);
    // The last place reaches beyond the end.
    all.push([single, axis(4, 2, 2, 1, 0), Sweep { output: 3, ..axis(5, 2, 2, 1, 0) }]);
    all.push([single, single, axis(150, 99, 7, 1, 49)]);
    for axes in all {
        for planes in [0, 1, 3] {
            as_one_by_one::<f32>(axes, planes);
            as_one_by_one::<f64>(axes, planes);
        }
    }
    as_one_by_one::<f32>([single, axis(26, 2, 2, 1, 0), axis(26, 2, 2, 1, 0)], 700);
    as_one_by_one::<f64>([single, axis(27, 3, 2, 1, 1), axis(26, 3, 2, 1, 1)], 300);
}
