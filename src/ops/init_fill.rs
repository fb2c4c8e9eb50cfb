//! The first values that need more than a draw for each element.

#![allow(clippy::indexing_slicing, reason = "rows and columns are counted from the shape, of which `out` has the size")]

use crate::tensor::gemm::{Matrix, gemm};
use crate::tensor::random::Stream;
use crate::tensor::{Real, reduce};
use std::f64::consts::SQRT_2;

/// How many vectors are made orthogonal to all before them at once.
const BLOCK: usize = 32;

/// Rows or columns, whichever are fewer, of length `gain` that are orthogonal to one another. Axes behind the first count
/// as columns.
pub(super) fn orthogonal<T: Real>(shape: &[usize], gain: f64, random: &mut Stream, out: &mut [T]) {
    let rows = shape.first().copied().unwrap_or(1);
    let columns = out.len().checked_div(rows).unwrap_or(0);
    let (count, length) = (rows.min(columns), rows.max(columns));
    if count == 0 {
        return;
    }
    let mut vectors: Vec<f64> = (0..count * length).map(|_| random.normal()).collect();
    for start in (0..count).step_by(BLOCK) {
        let (before, rest) = vectors.split_at_mut(start * length);
        let n = BLOCK.min(count - start);
        let block = &mut rest[..n * length];
        // Once would leave what rounding leaves.
        for _ in 0..2 {
            remove(before, block, length);
        }
        for index in 0..n {
            let (before, vector) = block.split_at_mut(index * length);
            let vector = &mut vector[..length];
            for _ in 0..2 {
                remove(before, vector, length);
            }
            let size = reduce::sum(length, |at| vector[at] * vector[at]).sqrt();
            vector.iter_mut().for_each(|x| *x /= size);
        }
    }
    for (at, out) in out.iter_mut().enumerate() {
        let (row, column) = (at / columns, at % columns);
        let place = if rows <= columns { row * length + column } else { column * length + row };
        *out = T::from_f64(gain * vectors[place]);
    }
}

/// Takes from each vector its part along those before, which are orthogonal and of length 1.
fn remove(before: &[f64], vectors: &mut [f64], length: usize) {
    let (n, count) = (before.len() / length, vectors.len() / length);
    if n == 0 {
        return;
    }
    let before = Matrix::new(before, n, length);
    let mut parts = vec![0.0; count * n];
    gemm(Matrix::new(vectors, count, length), before.t(), 0.0, &mut parts);
    parts.iter_mut().for_each(|part| *part = -*part);
    gemm(Matrix::new(&parts, count, n), before, 1.0, vectors);
}

/// Ones in the middle of the kernels from each channel to itself, zeros elsewhere; in each group of the first axis anew.
pub(super) fn dirac<T: Real>(shape: &[usize], groups: usize, out: &mut [T]) {
    out.fill(T::zero());
    let [all, channels, kernel @ ..] = shape else { return };
    let size: usize = kernel.iter().product();
    let middle = kernel.iter().fold(0, |at, size| at * size + size / 2);
    let each = all.checked_div(groups).unwrap_or(0);
    for group in 0..groups.min(*all) {
        for channel in 0..each.min(*channels) {
            let place = ((group * each + channel) * channels + channel) * size + middle;
            if let Some(out) = out.get_mut(place) {
                *out = T::one();
            }
        }
    }
}

/// Normal, with zeros in a share of each column, rounded up.
pub(super) fn sparse<T: Real>(shape: &[usize], sparsity: f64, std: f64, random: &mut Stream, out: &mut [T]) {
    out.iter_mut().for_each(|x| *x = T::from_f64(std * random.normal()));
    let [rows, columns] = *shape else { return };
    let zeros = (sparsity * rows as f64).ceil() as usize;
    for column in 0..columns {
        for row in random.permutation(rows).into_iter().take(zeros) {
            out[row * columns + column] = T::zero();
        }
    }
}

/// Normal, but from the part of the distribution in [`a`, `b`].
pub(super) fn truncated_normal<T: Real>([mean, std, a, b]: [f64; 4], random: &mut Stream, out: &mut [T]) {
    if std == 0.0 {
        return out.fill(T::from_f64(mean));
    }
    // The share of the distribution below z standard deviations.
    let below = |z: f64| 0.5 * (1.0 + Real::erf(z / SQRT_2));
    let [low, high] = [a, b].map(|bound| ((bound - mean) / std).clamp(-9.0, 9.0));
    let [from, to] = [low, high].map(below);
    let mut draw = || {
        if to - from > 0.25 {
            loop {
                let value = mean + std * random.normal();
                if (a..=b).contains(&value) {
                    return value;
                }
            }
        }
        // A narrow part would be hit too seldom, so its place is looked for.
        let share = from + (to - from) * random.uniform();
        let (mut low, mut high) = (low, high);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if below(middle) < share { low = middle } else { high = middle }
        }
        (mean + std * low).clamp(a, b)
    };
    out.iter_mut().for_each(|x| *x = T::from_f64(draw()));
}
