//! Attention of one head, y = softmax(scale q kᵀ + mask) v. The weights are made for a block of queries at a time; backward
//! makes them again from the greatest score and the sum that forward leaves for each query.

#![allow(clippy::indexing_slicing, reason = "the caller states the sizes of all parts")]

mod pieces;
#[cfg(test)]
mod tests;

pub use pieces::{PIECES, blocks, piece};

use super::gemm::{Matrix, MatrixMut, gemm, multiply};
use super::random::Stream;
use super::simd::{self, Loop};
use super::{Real, row};

/// How many queries are done together. The memory to work in holds as many rows of weights.
pub const BLOCK: usize = 64;

/// Rows of equal width in a larger tensor, which begins with the first.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, T> {
    pub data: &'a [T],
    /// The distance between rows.
    pub stride: usize,
}

/// The same, to be added to.
#[derive(Debug)]
pub struct RowsMut<'a, T> {
    pub data: &'a mut [T],
    pub stride: usize,
}

/// What is done with each score.
#[derive(Clone, Copy, Debug)]
pub enum Masking<'a, T> {
    Add(&'a [T]),
    /// What is true takes part.
    Allow(&'a [bool]),
    /// What is true doesn't.
    Forbid(&'a [bool]),
}

/// A mask, and where its element for a query and a key stands.
#[derive(Clone, Copy, Debug)]
pub struct Mask<'a, T> {
    pub masking: Masking<'a, T>,
    pub place: Place,
}

#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub start: usize,
    pub query: usize,
    pub key: usize,
}

/// What happens at random to the weights.
pub struct Dropout<'a> {
    pub p: f64,
    pub random: &'a mut Stream,
    /// Which weights stay, `[queries, keys]`
    pub stays: &'a mut [bool],
}

/// What happened to them.
#[derive(Clone, Copy, Debug)]
pub struct Dropped<'a> {
    pub p: f64,
    pub stays: &'a [bool],
}

/// One number for each query.
#[derive(Clone, Copy, Debug)]
pub struct Kept<D> {
    pub greatest: D,
    pub sum: D,
}

/// Weights that are results too: `[queries, keys]`, and the factor with which they are added there.
#[derive(Clone, Copy, Debug)]
pub struct Shown<D> {
    pub weights: D,
    pub factor: f64,
}

/// One head.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a, T> {
    pub n_queries: usize,
    pub n_keys: usize,
    /// The width of queries and keys, and of values.
    pub width: usize,
    pub value_width: usize,
    pub queries: Rows<'a, T>,
    pub keys: Rows<'a, T>,
    pub values: Rows<'a, T>,
    pub scale: f64,
    pub masks: [Option<Mask<'a, T>>; 2],
    /// A query sees the keys up to its own number.
    pub is_causal: bool,
    /// A query that sees no key gets zeros rather than NaN.
    pub empty_is_zero: bool,
}

/// The gradients that are wanted. Those of masks have the places of the masks.
pub struct Gradients<'a, T> {
    pub queries: Option<RowsMut<'a, T>>,
    pub keys: Option<RowsMut<'a, T>>,
    pub values: Option<RowsMut<'a, T>>,
    pub masks: [Option<&'a mut [T]>; 2],
}

fn matrix<T: Real>(rows: Rows<'_, T>, first: usize, count: usize, width: usize) -> Matrix<'_, T> {
    let data = rows.data.get(first * rows.stride..).unwrap_or(&[]);
    Matrix::part(data, count, rows.stride, 0..width)
}

impl<T: Real> Head<'_, T> {
    /// Blocks of queries, and how many keys each sees at most.
    fn blocks(&self) -> impl Iterator<Item = (usize, usize, usize)> + use<T> {
        let (queries, keys, causal) = (self.n_queries, self.n_keys, self.is_causal);
        (0..queries).step_by(BLOCK).map(move |first| {
            let count = BLOCK.min(queries - first);
            (first, count, if causal { keys.min(first + count) } else { keys })
        })
    }

    /// The products of queries and keys of a block, `[count, keys]`.
    fn products(&self, first: usize, count: usize, keys: usize, out: &mut [T]) {
        let queries = matrix(self.queries, first, count, self.width);
        gemm(queries, matrix(self.keys, 0, keys, self.width).t(), T::zero(), out);
    }

    /// How many of the keys of its block a query sees at most.
    #[inline(always)]
    fn seen(&self, query: usize, keys: usize) -> usize {
        if self.is_causal { keys.min(query + 1) } else { keys }
    }

    /// The products of a query become scores.
    #[inline(always)]
    fn score(&self, query: usize, products: &mut [T]) {
        let scale = T::from_f64(self.scale);
        for score in products.iter_mut() {
            *score *= scale;
        }
        for Mask { masking, place } in self.masks.iter().flatten() {
            let start = place.start + query * place.query;
            match masking {
                Masking::Add(mask) => add_mask(products, &mask[start..], place.key),
                Masking::Allow(mask) => hide(products, &mask[start..], place.key, false),
                Masking::Forbid(mask) => hide(products, &mask[start..], place.key, true),
            }
        }
    }

    /// The scores of a query become e^(score - greatest); those of one that sees nothing perhaps 0.
    #[inline(always)]
    fn exponentials(&self, scores: &mut [T], greatest: T) {
        if self.empty_is_zero && greatest == T::NEG_INFINITY {
            scores.fill(T::zero());
            return;
        }
        for score in scores {
            *score = (*score - greatest).exp();
        }
    }

    /// Adds to the outputs, `[queries, value_width]`, and writes what backward needs. `work` holds a block of weights.
    pub fn forward(
        &self,
        work: &mut [T],
        Kept { greatest, sum }: Kept<&mut [T]>,
        mut dropout: Option<Dropout<'_>>,
        mut shown: Option<Shown<&mut [T]>>,
        RowsMut { data, stride }: RowsMut<'_, T>,
    ) {
        for (first, count, keys) in self.blocks() {
            let weights = &mut work[..count * keys];
            self.products(first, count, keys, weights);
            let queries = first..first + count;
            let (greatest, sum) = (&mut greatest[queries.clone()], &mut sum[queries]);
            simd::run(Weigh { head: self, first, keys, weights: &mut *weights, greatest, sum });
            let changes = dropout.is_some() || shown.is_some();
            for row in (0..count).filter(|_| changes) {
                let (query, scores) = (first + row, &mut weights[row * keys..(row + 1) * keys]);
                let all = query * self.n_keys..query * self.n_keys + keys;
                if let Some(Dropout { p, random, stays }) = &mut dropout {
                    stays[all.clone()].iter_mut().for_each(|stays| *stays = random.uniform() >= *p);
                    leave_out(scores, *p, &stays[all.clone()]);
                }
                if let Some(Shown { weights, factor }) = &mut shown {
                    let factor = T::from_f64(*factor);
                    weights[all].iter_mut().zip(&*scores).for_each(|(out, &weight)| *out += weight * factor);
                }
            }
            let values = matrix(self.values, 0, keys, self.value_width);
            let rows = data.get_mut(first * stride..).unwrap_or_default();
            let out = MatrixMut::part(rows, count, stride, 0..self.value_width);
            multiply(Matrix::new(&*weights, count, keys), values, out);
        }
    }

    /// Adds to the gradients. `grad` is that of the outputs; `work` holds two blocks of weights.
    pub fn backward(
        &self,
        work: &mut [T],
        kept: Kept<&[T]>,
        dropped: Option<Dropped<'_>>,
        shown: Option<Shown<&[T]>>,
        grad: Rows<'_, T>,
        gradients: &mut Gradients<'_, T>,
    ) {
        let (weights, grads) = work.split_at_mut(work.len() / 2);
        for (first, count, keys) in self.blocks() {
            let (weights, grads) = (&mut weights[..count * keys], &mut grads[..count * keys]);
            self.products(first, count, keys, weights);
            let grad = matrix(grad, first, count, self.value_width);
            gemm(grad, matrix(self.values, 0, keys, self.value_width).t(), T::zero(), grads);
            let places = |row: usize| {
                let query = first + row;
                (row * keys..(row + 1) * keys, query * self.n_keys..query * self.n_keys + keys)
            };
            for row in 0..count {
                let (part, all) = places(row);
                if let Some(Shown { weights, factor }) = &shown {
                    let factor = T::from_f64(*factor);
                    let grads = grads[part.clone()].iter_mut().zip(&weights[all.clone()]);
                    grads.for_each(|(out, &grad)| *out += grad * factor);
                }
                if let Some(Dropped { p, stays }) = &dropped {
                    leave_out(&mut grads[part], *p, &stays[all]);
                }
            }
            simd::run(WeighBack { head: self, first, keys, weights: &mut *weights, grads: &mut *grads, kept });
            for row in 0..count {
                let (part, all) = places(row);
                if let Some(Dropped { p, stays }) = &dropped {
                    leave_out(&mut weights[part.clone()], *p, &stays[all]);
                }
                self.grad_masks(first + row, &grads[part], gradients);
            }
            if let Some(RowsMut { data, stride }) = &mut gradients.values {
                let out = MatrixMut::part(data, keys, *stride, 0..self.value_width);
                multiply(Matrix::new(&*weights, count, keys).t(), grad, out);
            }
            simd::run(Scale { data: &mut *grads, by: T::from_f64(self.scale) });
            let grads = Matrix::new(&*grads, count, keys);
            if let Some(RowsMut { data, stride }) = &mut gradients.queries {
                let rows = data.get_mut(first * *stride..).unwrap_or_default();
                let out = MatrixMut::part(rows, count, *stride, 0..self.width);
                multiply(grads, matrix(self.keys, 0, keys, self.width), out);
            }
            if let Some(RowsMut { data, stride }) = &mut gradients.keys {
                let queries = matrix(self.queries, first, count, self.width);
                multiply(grads.t(), queries, MatrixMut::part(data, keys, *stride, 0..self.width));
            }
        }
    }

    /// What is added to a score has the gradient of the score.
    fn grad_masks(&self, query: usize, grads: &[T], gradients: &mut Gradients<'_, T>) {
        for (mask, out) in self.masks.iter().zip(&mut gradients.masks) {
            if let (Some(Mask { masking: Masking::Add(_), place }), Some(out)) = (mask, out) {
                for (key, &grad) in grads.iter().enumerate() {
                    out[place.start + query * place.query + key * place.key] += grad;
                }
            }
        }
    }
}

/// Adds a mask whose elements are so far apart.
#[inline(always)]
fn add_mask<T: Real>(scores: &mut [T], mask: &[T], step: usize) {
    if step == 1 {
        for (score, &mask) in scores.iter_mut().zip(mask) {
            *score += mask;
        }
    } else {
        for (key, score) in scores.iter_mut().enumerate() {
            *score += mask[key * step];
        }
    }
}

/// The scores where the mask is `hidden` become -∞.
#[inline(always)]
fn hide<T: Real>(scores: &mut [T], mask: &[bool], step: usize, hidden: bool) {
    if step == 1 {
        for (score, &mask) in scores.iter_mut().zip(mask) {
            *score = if mask == hidden { T::NEG_INFINITY } else { *score };
        }
    } else {
        for (key, score) in scores.iter_mut().enumerate() {
            *score = if mask[key * step] == hidden { T::NEG_INFINITY } else { *score };
        }
    }
}

/// The products of a block become weights.
struct Weigh<'a, T> {
    head: &'a Head<'a, T>,
    first: usize,
    keys: usize,
    weights: &'a mut [T],
    /// Of the queries of the block.
    greatest: &'a mut [T],
    sum: &'a mut [T],
}

impl<T: Real> Loop for Weigh<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (head, keys) = (self.head, self.keys);
        let kept = self.greatest.iter_mut().zip(self.sum).enumerate();
        for (row, (greatest, sum)) in kept {
            let weights = &mut self.weights[row * keys..(row + 1) * keys];
            let (seen, hidden) = weights.split_at_mut(head.seen(self.first + row, keys));
            head.score(self.first + row, seen);
            *greatest = row::greatest(seen);
            head.exponentials(seen, *greatest);
            let total = T::from_f64(row::sum(seen));
            // Of a query that sees nothing.
            *sum = if total == T::zero() { T::one() } else { total };
            for weight in seen {
                *weight = *weight / *sum;
            }
            hidden.fill(if sum.is_nan() { *sum } else { T::zero() });
        }
    }
}

/// The products of a block become weights, and the gradients of the weights those of the scores.
struct WeighBack<'a, T> {
    head: &'a Head<'a, T>,
    first: usize,
    keys: usize,
    weights: &'a mut [T],
    grads: &'a mut [T],
    kept: Kept<&'a [T]>,
}

impl<T: Real> Loop for WeighBack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (head, keys) = (self.head, self.keys);
        let rows = self.weights.chunks_exact_mut(keys.max(1)).zip(self.grads.chunks_exact_mut(keys.max(1)));
        for (row, (weights, grads)) in rows.enumerate() {
            let query = self.first + row;
            let sum = self.kept.sum[query];
            let (weights, hidden) = weights.split_at_mut(head.seen(query, keys));
            let (grads, hidden_grads) = grads.split_at_mut(weights.len());
            head.score(query, weights);
            head.exponentials(weights, self.kept.greatest[query]);
            for weight in weights.iter_mut() {
                *weight = *weight / sum;
            }
            let mean = T::from_f64(row::dot(grads, weights));
            for (grad, &weight) in grads.iter_mut().zip(&*weights) {
                *grad = weight * (*grad - mean);
            }
            hidden.fill(T::zero());
            hidden_grads.fill(T::zero());
        }
    }
}

struct Scale<'a, T> {
    data: &'a mut [T],
    by: T,
}

impl<T: Real> Loop for Scale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for x in self.data {
            *x *= self.by;
        }
    }
}

/// What doesn't stay becomes 0, and the rest is scaled up.
fn leave_out<T: Real>(weights: &mut [T], p: f64, stays: &[bool]) {
    let scale = T::from_f64(if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 });
    for (weight, &stays) in weights.iter_mut().zip(stays) {
        *weight = if stays { *weight * scale } else { T::zero() };
    }
}
