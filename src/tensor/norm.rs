//! Rows scaled by what their own elements are: forward, and the gradients of input, weight and bias.

#![allow(clippy::indexing_slicing, reason = "rows and columns are counted from the sizes of the slices")]

use super::simd::{self, Loop, give};
use super::{Real, row, threads};
use std::ops::Range;

/// y = (x - mean) / √(variance + eps) · weight + bias for each row of this width, not 0; without a mean, the variance is
/// that of the distance from 0.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, T> {
    pub width: usize,
    pub eps: f64,
    /// Whether the mean is subtracted. If it isn't, there are no means in what follows.
    pub centered: bool,
    pub weight: Option<&'a [T]>,
    pub bias: Option<&'a [T]>,
}

/// Operations for each element.
const COST: usize = 8;
/// How many columns are summed up together.
const COLUMNS: usize = 64;
/// How many partial sums of a row there are.
const LANES: usize = 16;

impl<T: Real> Rows<'_, T> {
    fn piece(&self, rows: usize) -> usize {
        threads::piece(rows, 1, rows.saturating_mul(self.width).saturating_mul(COST))
    }

    /// Writes y, the means, and 1 / √(variance + eps) of each row.
    pub fn forward(&self, x: &[T], y: &mut [T], means: &mut [T], scales: &mut [T]) {
        let (width, rows) = (self.width, scales.len());
        threads::split_rows(rows, self.piece(rows), [y, means, scales], |rows, [y, means, scales]| {
            simd::run(Forward { of: self, x: &x[rows.start * width..rows.end * width], y, means, scales });
        });
    }

    /// Adds to the gradient of x, or writes it where it is fresh. With x̂ = (x - mean) · scale and h = g · weight: `dx = scale (h - E[h] - x̂ E[h x̂])`, where
    /// `E[h]` stands only if there is a mean.
    pub fn input_grad(&self, kept: Kept<'_, T>, grad: &[T], out: &mut [T], is_fresh: bool) {
        let (width, rows) = (self.width, kept.scales.len());
        threads::split_rows(rows, self.piece(rows), [out], |rows, [out]| {
            let (kept, grad) = (kept.rows(rows.clone(), width), &grad[rows.start * width..rows.end * width]);
            if is_fresh {
                simd::run(InputGrad::<_, true> { of: self, kept, grad, out });
            } else {
                simd::run(InputGrad::<_, false> { of: self, kept, grad, out });
            }
        });
    }

    /// Adds to the gradients of weight and bias: dweight = Σ g x̂, dbias = Σ g. One that isn't wanted is empty.
    pub fn add_slot_grads(&self, kept: Kept<'_, T>, grad: &[T], slots: [&mut [T]; 2]) {
        let columns = self.width;
        let piece = threads::piece(columns, COLUMNS, grad.len().saturating_mul(COST));
        threads::split_rows(columns, piece, slots, |columns, [weight, bias]| {
            simd::run(SlotGrads { of: self, kept, grad, columns, weight, bias });
        });
    }
}

/// What forward keeps of all rows.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a, T> {
    pub x: &'a [T],
    pub means: &'a [T],
    pub scales: &'a [T],
}

impl<T: Real> Kept<'_, T> {
    fn rows(self, rows: Range<usize>, width: usize) -> Self {
        let means = if self.means.is_empty() { self.means } else { &self.means[rows.clone()] };
        Self { x: &self.x[rows.start * width..rows.end * width], means, scales: &self.scales[rows] }
    }

    /// The mean of a row and its scale.
    #[inline(always)]
    fn at(&self, row: usize) -> (T, T) {
        (self.means.get(row).copied().unwrap_or(T::zero()), self.scales[row])
    }
}

struct Forward<'a, T> {
    of: &'a Rows<'a, T>,
    x: &'a [T],
    y: &'a mut [T],
    means: &'a mut [T],
    scales: &'a mut [T],
}

impl<T: Real> Loop for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let &Rows { width, eps, centered, weight, bias } = self.of;
        let rows = self.x.chunks_exact(width).zip(self.y.chunks_exact_mut(width));
        for (row, (x, y)) in rows.enumerate() {
            let mean = T::from_f64(if centered { row::sum(x) / width as f64 } else { 0.0 });
            let scale = T::from_f64(1.0 / (row::squares(x, mean) / width as f64 + eps).sqrt());
            self.scales[row] = scale;
            if let Some(kept) = self.means.get_mut(row) {
                *kept = mean;
            }
            match (weight, bias) {
                (Some(weight), Some(bias)) => {
                    for ((y, &x), (&weight, &bias)) in y.iter_mut().zip(x).zip(weight.iter().zip(bias)) {
                        *y = (x - mean) * scale * weight + bias;
                    }
                }
                (Some(weight), None) => {
                    for ((y, &x), &weight) in y.iter_mut().zip(x).zip(weight) {
                        *y = (x - mean) * scale * weight;
                    }
                }
                (None, Some(bias)) => {
                    for ((y, &x), &bias) in y.iter_mut().zip(x).zip(bias) {
                        *y = (x - mean) * scale + bias;
                    }
                }
                (None, None) => {
                    for (y, &x) in y.iter_mut().zip(x) {
                        *y = (x - mean) * scale;
                    }
                }
            }
        }
    }
}

struct InputGrad<'a, T, const FRESH: bool> {
    of: &'a Rows<'a, T>,
    kept: Kept<'a, T>,
    grad: &'a [T],
    out: &'a mut [T],
}

impl<T: Real, const FRESH: bool> Loop for InputGrad<'_, T, FRESH> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let &Rows { width, centered, weight, .. } = self.of;
        let rows = self.kept.x.chunks_exact(width).zip(self.grad.chunks_exact(width));
        for (row, ((x, grad), out)) in rows.zip(self.out.chunks_exact_mut(width)).enumerate() {
            let (mean, scale) = self.kept.at(row);
            let [sum, product] = match weight {
                Some(weight) => sums::<T, true>(x, grad, weight, mean, scale),
                None => sums::<T, false>(x, grad, grad, mean, scale),
            };
            let mean_of = |sum: f64| T::from_f64(sum / width as f64);
            let (mean_h, mean_product) = (if centered { mean_of(sum) } else { T::zero() }, mean_of(product));
            if let Some(weight) = weight {
                for ((out, &x), (&grad, &weight)) in out.iter_mut().zip(x).zip(grad.iter().zip(weight)) {
                    give::<T, FRESH>(out, scale * (grad * weight - mean_h - (x - mean) * scale * mean_product));
                }
            } else {
                for ((out, &x), &grad) in out.iter_mut().zip(x).zip(grad) {
                    give::<T, FRESH>(out, scale * (grad - mean_h - (x - mean) * scale * mean_product));
                }
            }
        }
    }
}

/// Σ h and Σ h x̂ of a row.
#[inline(always)]
fn sums<T: Real, const WEIGHTED: bool>(x: &[T], grad: &[T], weight: &[T], mean: T, scale: T) -> [f64; 2] {
    let (mut sums, mut products) = ([0.0; LANES], [0.0; LANES]);
    let parts = x.chunks(LANES).zip(grad.chunks(LANES)).zip(weight.chunks(LANES));
    for ((x, grad), weight) in parts {
        let lanes = sums.iter_mut().zip(&mut products);
        for ((sum, product), ((&x, &grad), &weight)) in lanes.zip(x.iter().zip(grad).zip(weight)) {
            let h = if WEIGHTED { grad * weight } else { grad };
            *sum += h.to_f64();
            *product += (h * ((x - mean) * scale)).to_f64();
        }
    }
    [sums.iter().sum(), products.iter().sum()]
}

struct SlotGrads<'a, T> {
    of: &'a Rows<'a, T>,
    kept: Kept<'a, T>,
    grad: &'a [T],
    columns: Range<usize>,
    weight: &'a mut [T],
    bias: &'a mut [T],
}

impl<T: Real> Loop for SlotGrads<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let width = self.of.width;
        for first in self.columns.clone().step_by(COLUMNS) {
            let columns = first..self.columns.end.min(first + COLUMNS);
            let (mut products, mut sums) = ([0.0; COLUMNS], [0.0; COLUMNS]);
            for row in 0..self.kept.scales.len() {
                let (mean, scale) = self.kept.at(row);
                let part = row * width + columns.start..row * width + columns.end;
                let (x, grad) = (&self.kept.x[part.clone()], &self.grad[part]);
                for ((product, &x), &grad) in products.iter_mut().zip(x).zip(grad) {
                    *product += (grad * (x - mean) * scale).to_f64();
                }
                for (sum, &grad) in sums.iter_mut().zip(grad) {
                    *sum += grad.to_f64();
                }
            }
            let part = first - self.columns.start..columns.end - self.columns.start;
            for (out, sums) in [(self.weight.get_mut(part.clone()), products), (self.bias.get_mut(part), sums)] {
                for (out, sum) in out.into_iter().flatten().zip(sums) {
                    *out += T::from_f64(sum);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
        (0..len).map(|at| T::from_f64((((at + seed) * 37 % 101) as f64 - 40.0) / 9.0)).collect()
    }

    fn close<T: Real>(found: T, wanted: f64) {
        let error = (found.to_f64() - wanted).abs();
        assert!(error <= 2000.0 * T::EPSILON.to_f64() * wanted.abs().max(1.0), "{found} is not {wanted}");
    }

    fn check<T: Real>(n: usize, width: usize, centered: bool, slots: [bool; 2]) {
        let all = numbers::<T>(n * width + 1, 1);
        let (x, grad) = (&all[1..], numbers::<T>(n * width, 7));
        let (weight, bias) = (numbers::<T>(width, 3), numbers::<T>(width, 4));
        let [weight, bias] = [slots[0].then_some(&*weight), slots[1].then_some(&*bias)];
        let rows = Rows { width, eps: 0.1, centered, weight, bias };
        let (mut y, mut scales) = (vec![T::zero(); n * width], vec![T::zero(); n]);
        let mut means = vec![T::zero(); if centered { n } else { 0 }];
        rows.forward(x, &mut y, &mut means, &mut scales);
        let kept = Kept { x, means: &means, scales: &scales };
        let mut out = vec![T::one(); n * width];
        rows.input_grad(kept, &grad, &mut out, false);
        let mut written = vec![T::from_f64(f64::NAN); n * width];
        rows.input_grad(kept, &grad, &mut written, true);
        let mut of_slots = slots.map(|wanted| vec![T::one(); if wanted { width } else { 0 }]);
        let [of_weight, of_bias] = &mut of_slots;
        rows.add_slot_grads(kept, &grad, [of_weight, of_bias]);

        let mut wanted = [vec![1.0; width], vec![1.0; width]];
        let size = width as f64;
        for row in 0..n {
            let f64s =
                |data: &[T]| -> Vec<f64> { data[row * width..(row + 1) * width].iter().map(|x| x.to_f64()).collect() };
            let (x, grad) = (f64s(x), f64s(&grad));
            let mean = if centered { x.iter().sum::<f64>() / size } else { 0.0 };
            let scale = 1.0 / (x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / size + 0.1).sqrt();
            let normal: Vec<f64> = x.iter().map(|x| (x - mean) * scale).collect();
            let factor = |at: usize| weight.map_or(1.0, |weight| weight[at].to_f64());
            let h: Vec<f64> = grad.iter().enumerate().map(|(at, grad)| grad * factor(at)).collect();
            let mean_h = if centered { h.iter().sum::<f64>() / size } else { 0.0 };
            let product = h.iter().zip(&normal).map(|(h, x)| h * x).sum::<f64>() / size;
            for at in 0..width {
                close(y[row * width + at], normal[at] * factor(at) + bias.map_or(0.0, |bias| bias[at].to_f64()));
                let slope = scale * (h[at] - mean_h - normal[at] * product);
                close(out[row * width + at], 1.0 + slope);
                close(written[row * width + at], slope);
                wanted[0][at] += grad[at] * normal[at];
                wanted[1][at] += grad[at];
            }
        }
        for (found, wanted) in of_slots.iter().zip(&wanted) {
            found.iter().zip(wanted).for_each(|(&found, &wanted)| close(found, wanted));
        }
    }

    #[test]
    fn rows_are_what_the_formulas_say() {
        threads::use_threads(3);
        check::<f32>(300, 500, true, [true, true]);
        for (n, width) in [(0, 3), (1, 1), (3, 5), (2, 16), (3, 33), (2, 130)] {
            for which in 0..8 {
                let slots = [which & 1 == 1, which & 2 == 2];
                check::<f32>(n, width, which & 4 == 4, slots);
                check::<f64>(n, width, which & 4 == 4, slots);
            }
        }
    }
}
