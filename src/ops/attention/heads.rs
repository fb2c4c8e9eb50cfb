//! Where the heads of `scaled_dot_product_attention` lie in its operands.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::rule::split;
use crate::tensor::attention::{Head, Mask, Masking, Place, Rows};
use crate::tensor::nest::{Nest, Steps, broadcast_steps, dense_steps};
use crate::tensor::{Real, Slice, View};
use std::ops::Range;

/// The matrices of all heads.
pub(super) struct Heads {
    /// Over query, key, value, mask and result; one step is a matrix.
    nest: Nest<5>,
    pub(super) count: usize,
    pub(super) n_queries: usize,
    pub(super) n_keys: usize,
    pub(super) width: usize,
    pub(super) value_width: usize,
}

impl Heads {
    /// `out` is the shape of the result. If the heads are grouped, several of queries share one of keys and values.
    pub(super) fn new<T>(inputs: &[View<T>], out: &[usize], is_grouped: bool) -> Option<Self> {
        let [query, key, value, mask @ ..] = inputs else { return None };
        let (leading, &[n_queries, value_width]) = split(out)?;
        let (query, &[_, width]) = split(query.shape)?;
        let (key, &[n_keys, _]) = split(key.shape)?;
        let (value, _) = split(value.shape)?;
        let mask = mask.first().and_then(|mask| split(mask.shape)).map_or(&[][..], |(leading, _)| leading);
        // Heads that share keys are an axis of their own.
        let groups = query.last().zip(key.last()).filter(|_| is_grouped);
        let grouped = |shape: &[usize]| -> Steps {
            let mut grouped = Steps::from_slice(shape);
            if let Some((&all, &heads)) = groups
                && let Some(last) = grouped.pop()
            {
                let [outer, inner] = if last == all { [heads, all.checked_div(heads).unwrap_or(0)] } else { [last, 1] };
                grouped.extend([outer, inner]);
            }
            grouped
        };
        let to = grouped(leading);
        let steps = [query, key, value, mask].map(|shape| broadcast_steps(&grouped(shape), &to));
        let [query, key, value, mask] = &steps;
        let nest = Nest::new(&to, [query, key, value, mask, &dense_steps(&to)]);
        Some(Self { nest, count: to.iter().product(), n_queries, n_keys, width, value_width })
    }

    /// Calls `visit` with the numbers of the matrices of each of these heads.
    pub(super) fn for_each(&self, heads: Range<usize>, mut visit: impl FnMut([usize; 5])) {
        self.nest.for_each_run(|starts, length, steps| {
            for index in 0..length {
                let at = std::array::from_fn(|tensor| starts[tensor] + index * steps[tensor]);
                if heads.contains(&at[4]) {
                    visit(at);
                }
            }
        });
    }

    /// No two heads share queries, keys or values.
    pub(super) fn are_apart(&self) -> bool {
        let mut apart = true;
        self.for_each(0..self.count, |[query, key, value, _, out]| apart &= [query, key, value] == [out; 3]);
        apart
    }

    /// The numbers of the matrices counted from those of the first head of a piece. Where heads share any, there is one
    /// piece.
    pub(super) fn here(at: [usize; 5], first: usize) -> [usize; 5] {
        at.map(|number| number.saturating_sub(first))
    }

    pub(super) fn head<'a, T: Real>(
        &self,
        inputs: &[View<'a, T>],
        at: [usize; 5],
        scale: f64,
        is_causal: bool,
    ) -> Head<'a, T> {
        let rows = |index: usize, height: usize, width: usize| Rows {
            data: inputs.get(index).map_or(&[][..], |input| &input.floats()[at[index] * height * width..]),
            stride: width,
        };
        Head {
            n_queries: self.n_queries,
            n_keys: self.n_keys,
            width: self.width,
            value_width: self.value_width,
            queries: rows(0, self.n_queries, self.width),
            keys: rows(1, self.n_keys, self.width),
            values: rows(2, self.n_keys, self.value_width),
            scale,
            masks: [inputs.get(3).and_then(|input| mask(input, at[3])), None],
            is_causal,
            empty_is_zero: true,
        }
    }

    /// The queries of a head among those of all.
    pub(super) fn queries(&self, at: [usize; 5]) -> Range<usize> {
        at[4] * self.n_queries..(at[4] + 1) * self.n_queries
    }

    /// Its weights among those of all.
    pub(super) fn weights(&self, at: [usize; 5]) -> Range<usize> {
        let size = self.n_queries * self.n_keys;
        at[4] * size..(at[4] + 1) * size
    }

    /// Its results among those of all.
    pub(super) fn results(&self, at: [usize; 5]) -> Range<usize> {
        let size = self.n_queries * self.value_width;
        at[4] * size..(at[4] + 1) * size
    }
}

/// The matrix with this number of a mask, `[..., L, S]`, in which an axis of 1 is repeated.
fn mask<'a, T>(mask: &View<'a, T>, number: usize) -> Option<Mask<'a, T>> {
    let masking = match mask.data {
        Slice::Float(data) => Masking::Add(data),
        Slice::Bool(data) => Masking::Allow(data),
        Slice::Int(_) => return None,
    };
    let axis = |back: usize| mask.shape.len().checked_sub(back).map_or(1, |axis| mask.shape[axis]);
    let (queries, keys) = (axis(2), axis(1));
    let place = Place {
        start: number * queries * keys,
        query: if queries == 1 { 0 } else { keys },
        key: usize::from(keys != 1),
    };
    Some(Mask { masking, place })
}
