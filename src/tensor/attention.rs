//! Attention of one head, y = softmax(scale q kᵀ + mask) v. The weights are made for a block of queries at a time; backward
//! makes them again from the greatest score and the sum that forward leaves for each query.

#![allow(clippy::indexing_slicing, reason = "the caller states the sizes of all parts")]

use super::gemm::{Matrix, MatrixMut, gemm, multiply};
use super::random::Stream;
use super::{Real, reduce};

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

    /// The scores of a block, `[count, keys]`, with masks applied.
    fn scores(&self, first: usize, count: usize, keys: usize, out: &mut [T]) {
        let queries = matrix(self.queries, first, count, self.width);
        gemm(queries, matrix(self.keys, 0, keys, self.width).t(), T::zero(), out);
        let scale = T::from_f64(self.scale);
        out.iter_mut().for_each(|score| *score *= scale);
        for (row, scores) in out.chunks_exact_mut(keys.max(1)).enumerate() {
            let query = first + row;
            if self.is_causal
                && let Some(later) = scores.get_mut(query + 1..)
            {
                later.fill(T::NEG_INFINITY);
            }
            for Mask { masking, place } in self.masks.iter().flatten() {
                let at = |key: usize| place.start + query * place.query + key * place.key;
                let scores = scores.iter_mut().enumerate();
                match masking {
                    Masking::Add(mask) => scores.for_each(|(key, score)| *score += mask[at(key)]),
                    Masking::Allow(mask) => {
                        scores.filter(|(key, _)| !mask[at(*key)]).for_each(|(_, score)| *score = T::NEG_INFINITY);
                    }
                    Masking::Forbid(mask) => {
                        scores.filter(|(key, _)| mask[at(*key)]).for_each(|(_, score)| *score = T::NEG_INFINITY);
                    }
                }
            }
        }
    }

    /// The scores of a query become e^(score - greatest); those of one that sees nothing perhaps 0.
    fn exponentials(&self, scores: &mut [T], greatest: T) {
        if self.empty_is_zero && greatest == T::NEG_INFINITY {
            scores.fill(T::zero());
        } else {
            scores.iter_mut().for_each(|score| *score = (*score - greatest).exp());
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
            self.scores(first, count, keys, weights);
            for row in 0..count {
                let (query, scores) = (first + row, &mut weights[row * keys..(row + 1) * keys]);
                greatest[query] = scores.iter().fold(T::NEG_INFINITY, |greatest, score| greatest.maximum(*score));
                self.exponentials(scores, greatest[query]);
                let total = T::from_f64(reduce::sum(keys, |key| scores[key].to_f64()));
                // Of a query that sees nothing.
                let total = if total == T::zero() { T::one() } else { total };
                sum[query] = total;
                scores.iter_mut().for_each(|score| *score = *score / total);
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
            self.scores(first, count, keys, weights);
            let grad = matrix(grad, first, count, self.value_width);
            gemm(grad, matrix(self.values, 0, keys, self.value_width).t(), T::zero(), grads);
            for row in 0..count {
                let (query, part) = (first + row, row * keys..(row + 1) * keys);
                let (weights, grads) = (&mut weights[part.clone()], &mut grads[part]);
                let sum = kept.sum[query];
                self.exponentials(weights, kept.greatest[query]);
                weights.iter_mut().for_each(|weight| *weight = *weight / sum);
                let all = query * self.n_keys..query * self.n_keys + keys;
                if let Some(Shown { weights, factor }) = &shown {
                    let factor = T::from_f64(*factor);
                    grads.iter_mut().zip(&weights[all.clone()]).for_each(|(out, &grad)| *out += grad * factor);
                }
                if let Some(Dropped { p, stays }) = &dropped {
                    leave_out(grads, *p, &stays[all.clone()]);
                }
                let mean = T::from_f64(reduce::sum(keys, |key| (grads[key] * weights[key]).to_f64()));
                for (grad, &weight) in grads.iter_mut().zip(&*weights) {
                    *grad = weight * (*grad - mean);
                }
                if let Some(Dropped { p, stays }) = &dropped {
                    leave_out(weights, *p, &stays[all]);
                }
                self.grad_masks(query, grads, gradients);
            }
            if let Some(RowsMut { data, stride }) = &mut gradients.values {
                let out = MatrixMut::part(data, keys, *stride, 0..self.value_width);
                multiply(Matrix::new(&*weights, count, keys).t(), grad, out);
            }
            let scale = T::from_f64(self.scale);
            grads.iter_mut().for_each(|grad| *grad *= scale);
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

/// What doesn't stay becomes 0, and the rest is scaled up.
fn leave_out<T: Real>(weights: &mut [T], p: f64, stays: &[bool]) {
    let scale = T::from_f64(if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 });
    for (weight, &stays) in weights.iter_mut().zip(stays) {
        *weight = if stays { *weight * scale } else { T::zero() };
    }
}
