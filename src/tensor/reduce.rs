//! Sums. Partial sums are double precision, so long axes of `f32` lose nothing; their order is fixed.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::Real;
use super::nest::Nest;

/// How many sums run side by side: neighbours in memory are read together.
const COLUMNS: usize = 64;
/// How many partial sums a single sum is made of, so that an addition needn't wait for the one before.
const LANES: usize = 4;

/// The sum of `value(0)` … `value(length - 1)`.
pub fn sum(length: usize, value: impl Fn(usize) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let whole = length - length % LANES;
    for start in (0..whole).step_by(LANES) {
        for (lane, total) in lanes.iter_mut().enumerate() {
            *total += value(start + lane);
        }
    }
    let rest: f64 = (whole..length).map(&value).sum();
    lanes.iter().sum::<f64>() + rest
}

/// `out[t] += scale · Σ value(indices)`, over all elements of the nest, where `t` is the index in its tensor `target` and
/// `indices` are those in all its tensors.
pub fn add_sums<T: Real, const K: usize>(
    nest: &Nest<K>,
    target: usize,
    scale: f64,
    value: impl Fn([usize; K]) -> T,
    out: &mut [T],
) {
    let (kept, summed) = nest.split(target);
    kept.for_each_run(|starts, length, steps| {
        for first in (0..length).step_by(COLUMNS) {
            let mut sums = [0.0; COLUMNS];
            let sums = &mut sums[..COLUMNS.min(length - first)];
            let starts: [usize; K] = std::array::from_fn(|tensor| starts[tensor] + first * steps[tensor]);
            add_block(&summed, starts, steps, &value, sums);
            for (column, sum) in sums.iter().enumerate() {
                out[starts[target] + column * steps[target]] += T::from_f64(*sum * scale);
            }
        }
    });
}

/// Adds the sums for a run of elements of the target.
fn add_block<T: Real, const K: usize>(
    summed: &Nest<K>,
    starts: [usize; K],
    steps: [usize; K],
    value: &impl Fn([usize; K]) -> T,
    sums: &mut [f64],
) {
    summed.for_each_run(|offsets, length, inner| {
        let at = |column: usize, index: usize| {
            let indices = |tensor| starts[tensor] + offsets[tensor] + column * steps[tensor] + index * inner[tensor];
            value(std::array::from_fn(indices)).to_f64()
        };
        // The loop along the smaller distance in memory is the inner one.
        let nearer = (0..K).any(|tensor| inner[tensor] > 0 && inner[tensor] < steps[tensor]);
        if nearer || sums.len() == 1 {
            for (column, total) in sums.iter_mut().enumerate() {
                *total += sum(length, |index| at(column, index));
            }
        } else {
            for index in 0..length {
                for (column, total) in sums.iter_mut().enumerate() {
                    *total += at(column, index);
                }
            }
        }
    });
}

/// `out[j] += Σᵢ value(i, j)`, for the rows `i` of a matrix and its columns `j`.
pub fn add_columns<T: Real>(rows: usize, value: impl Fn(usize, usize) -> T, out: &mut [T]) {
    for (block, out) in out.chunks_mut(COLUMNS).enumerate() {
        let mut sums = [0.0; COLUMNS];
        let sums = &mut sums[..out.len()];
        for row in 0..rows {
            for (column, total) in sums.iter_mut().enumerate() {
                *total += value(row, block * COLUMNS + column).to_f64();
            }
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out += T::from_f64(*sum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::nest::{broadcast_steps, dense_steps};

    #[test]
    fn any_axes_can_be_summed() {
        let (shape, x): (_, Vec<f64>) = ([3, 70, 5, 2], (0..2100).map(|i| f64::from(i) * 0.25).collect());
        for kept in 0..16usize {
            let small: Vec<usize> = (0..4).map(|axis| if kept >> axis & 1 == 1 { shape[axis] } else { 1 }).collect();
            let steps = broadcast_steps(&small, &shape);
            let mut found = vec![1.0; small.iter().product()];
            let nest = Nest::new(&shape, [&dense_steps(&shape), &steps]);
            add_sums(&nest, 1, 2.0, |[i, _]| x[i], &mut found);
            let mut expected = vec![1.0; found.len()];
            for (index, x) in x.iter().enumerate() {
                let at = |axis: usize| index / dense_steps(&shape)[axis] % shape[axis];
                expected[(0..4).map(|axis| at(axis) * steps[axis]).sum::<usize>()] += 2.0 * x;
            }
            assert_eq!(found, expected, "{small:?}");
        }
    }

    #[test]
    fn a_long_sum_of_single_floats_is_exact() {
        let x = vec![0.1f32; 1 << 20];
        let (mut row, mut column) = ([0.0f32], [0.0f32]);
        add_sums(&Nest::new(&[x.len()], [&[1], &[0]]), 1, 1.0, |[i, _]| x[i], &mut row);
        add_columns(x.len(), |i, _| x[i], &mut column);
        let exact = (f64::from(0.1f32) * x.len() as f64) as f32;
        assert_eq!((row, column), ([exact], [exact]));
    }
}
