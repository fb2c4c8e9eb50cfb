//! Sums and extremes along an axis, `[outer, length, width] -> [outer, width]`.

#![allow(clippy::indexing_slicing, reason = "blocks are counted from the sizes of the slices")]

use super::lane::{COLUMNS, Lanes};
use super::simd::{self, Loop};
use super::{Real, row, threads};

/// Operations for each element.
const COST: usize = 2;

/// y = scale · Σ x along each lane.
pub fn sums<T: Real>(x: &[T], lanes: Lanes, scale: f64, y: &mut [T]) {
    split(x, lanes, y, |x, y| simd::run(Sums { x, lanes, scale, y }));
}

/// The greatest element of each lane, or the least; NaN if there is one.
pub fn extremes<T: Real, const LEAST: bool>(x: &[T], lanes: Lanes, y: &mut [T]) {
    split(x, lanes, y, |x, y| simd::run(Extremes::<T, LEAST> { x, lanes, y }));
}

/// Calls `run` with some outer indices of both.
fn split<T: Real>(x: &[T], lanes: Lanes, y: &mut [T], run: impl Fn(&[T], &mut [T]) + Sync) {
    let Some(outer) = y.len().checked_div(lanes.width) else { return };
    let block = lanes.block();
    threads::split_rows(outer, lanes.piece(outer, COST), [y], |rows, [y]| {
        run(&x[rows.start * block..rows.end * block], y);
    });
}

struct Sums<'a, T> {
    x: &'a [T],
    lanes: Lanes,
    scale: f64,
    y: &'a mut [T],
}

impl<T: Real> Loop for Sums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (lanes, scale) = (self.lanes, self.scale);
        for (index, y) in self.y.chunks_exact_mut(lanes.width).enumerate() {
            let x = &self.x[index * lanes.block()..(index + 1) * lanes.block()];
            if let [y] = y {
                *y = T::from_f64(row::sum(x) * scale);
                continue;
            }
            for group in lanes.groups() {
                let mut sums = [0.0; COLUMNS];
                let sums = &mut sums[..group.1];
                for row in lanes.rows(group) {
                    for (sum, &x) in sums.iter_mut().zip(&x[row]) {
                        *sum += x.to_f64();
                    }
                }
                for (y, &sum) in y[group.0..].iter_mut().zip(&*sums) {
                    *y = T::from_f64(sum * scale);
                }
            }
        }
    }
}

struct Extremes<'a, T, const LEAST: bool> {
    x: &'a [T],
    lanes: Lanes,
    y: &'a mut [T],
}

impl<T: Real, const LEAST: bool> Loop for Extremes<'_, T, LEAST> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let lanes = self.lanes;
        for (index, y) in self.y.chunks_exact_mut(lanes.width).enumerate() {
            let x = &self.x[index * lanes.block()..(index + 1) * lanes.block()];
            if let [y] = y {
                *y = row::extreme::<T, LEAST>(x);
                continue;
            }
            y.fill(row::nearest::<T, LEAST>());
            for group in lanes.groups() {
                let y = &mut y[group.0..group.0 + group.1];
                for row in lanes.rows(group) {
                    for (y, &x) in y.iter_mut().zip(&x[row]) {
                        *y = row::farther::<T, LEAST>(*y, x);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Real>([outer, length, width]: [usize; 3]) {
        let all: Vec<T> = (0..=outer * length * width).map(|at| T::from_f64((at * 37 % 101) as f64 - 50.0)).collect();
        let (x, lanes) = (&all[1..], Lanes { length, width });
        let mut found: [Vec<T>; 3] = std::array::from_fn(|_| vec![T::one(); outer * width]);
        let [sum, most, least] = &mut found;
        sums(x, lanes, 0.5, sum);
        extremes::<T, false>(x, lanes, most);
        extremes::<T, true>(x, lanes, least);
        let found = found[0].iter().zip(&found[1]).zip(&found[2]);
        for (at, ((sum, most), least)) in found.enumerate() {
            let start = at / width * length * width + at % width;
            let lane: Vec<f64> = (0..length).map(|index| x[start + index * width].to_f64()).collect();
            assert_eq!(sum.to_f64(), lane.iter().sum::<f64>() * 0.5);
            assert_eq!(most.to_f64(), lane.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            assert_eq!(least.to_f64(), lane.iter().copied().fold(f64::INFINITY, f64::min));
        }
    }

    #[test]
    fn lanes_are_reduced_one_by_one() {
        threads::use_threads(3);
        let shapes = [[0, 3, 1], [3, 0, 2], [2, 3, 0], [1, 1, 1], [3, 5, 1], [1, 700, 1], [2, 33, 70], [90, 70, 200]];
        for shape in shapes {
            check::<f32>(shape);
            check::<f64>(shape);
        }
    }
}
