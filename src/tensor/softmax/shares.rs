//! Cross entropy of softmax(x) and what is asked for instead: a share q of each class, lane by lane.

#![allow(clippy::indexing_slicing, reason = "lanes are counted from the sizes of the slices")]

use super::COST;
use crate::tensor::Real;
use crate::tensor::lane::Lanes;
use crate::tensor::simd::{self, Loop, give};

/// How many sums run side by side.
const LANES: usize = 16;

/// q = `by` · asked + `evenly` for each class, and the classes' weights. Scores stand as `[outer, classes]`.
#[derive(Clone, Copy, Debug)]
pub struct Shares<'a, T> {
    pub classes: usize,
    /// Of the shape of the scores; 0 everywhere if there are none.
    pub asked: Option<&'a [T]>,
    pub by: f64,
    pub evenly: f64,
    /// `[classes]`
    pub weight: Option<&'a [T]>,
}

impl<T: Real> Shares<'_, T> {
    /// Σ w q of a lane, and its loss -Σ w q ln softmax(x), in which what has no share counts nothing.
    pub fn sums(&self, x: &[T], logs: [&[T]; 2], lane: usize) -> [f64; 2] {
        simd::run(Sums { of: self, x, logs, lane })
    }

    /// out += total · softmax(x) - factor w q, with a factor and a total for each lane, or out = that where it is fresh.
    /// Where the total is 0, softmax(x) isn't looked at.
    pub fn add_grad(
        &self,
        x: &[T],
        logs: [&[T]; 2],
        factors: impl Fn(usize) -> (T, f64) + Sync,
        out: &mut [T],
        is_fresh: bool,
    ) {
        let lanes = Lanes { length: self.classes, width: 1 };
        lanes.split(out, COST, |start, out| {
            let (first, factors) = (start / self.classes, &factors);
            if is_fresh {
                simd::run(Grad::<_, _, true> { of: self, x, logs, factors, first, out });
            } else {
                simd::run(Grad::<_, _, false> { of: self, x, logs, factors, first, out });
            }
        });
    }

    /// The elements of a lane of the scores, and what is asked there; something of that length if nothing is.
    #[inline(always)]
    fn lane<'a>(&'a self, x: &'a [T], lane: usize) -> [&'a [T]; 3] {
        let range = lane * self.classes..(lane + 1) * self.classes;
        let x = &x[range.clone()];
        [x, self.asked.map_or(x, |asked| &asked[range]), self.weight.unwrap_or(x)]
    }

    /// q and w q
    #[inline(always)]
    fn share<const ASKED: bool, const WEIGHTED: bool>(&self, asked: T, weight: T) -> [f64; 2] {
        let share = if ASKED { self.by * asked.to_f64() + self.evenly } else { self.evenly };
        [share, if WEIGHTED { weight.to_f64() * share } else { share }]
    }

    /// w q and -w q `log`
    #[inline(always)]
    fn loss<const ASKED: bool, const WEIGHTED: bool>(&self, log: T, asked: T, weight: T) -> [f64; 2] {
        let [share, part] = self.share::<ASKED, WEIGHTED>(asked, weight);
        [part, if share == 0.0 { 0.0 } else { -part * log.to_f64() }]
    }
}

struct Sums<'a, T> {
    of: &'a Shares<'a, T>,
    x: &'a [T],
    logs: [&'a [T]; 2],
    lane: usize,
}

impl<T: Real> Loop for Sums<'_, T> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self) -> [f64; 2] {
        match (self.of.asked, self.of.weight) {
            (None, None) => self.sums::<false, false>(),
            (None, Some(_)) => self.sums::<false, true>(),
            (Some(_), None) => self.sums::<true, false>(),
            (Some(_), Some(_)) => self.sums::<true, true>(),
        }
    }
}

impl<T: Real> Sums<'_, T> {
    #[inline(always)]
    fn sums<const ASKED: bool, const WEIGHTED: bool>(self) -> [f64; 2] {
        let [greatest, rest] = self.logs.map(|logs| logs[self.lane]);
        let parts = self.of.lane(self.x, self.lane).map(|part| part.as_chunks::<LANES>());
        let (mut shares, mut losses) = ([0.0; LANES], [0.0; LANES]);
        let [(x, x_rest), (asked, asked_rest), (weight, weight_rest)] = parts;
        for ((x, asked), weight) in x.iter().zip(asked).zip(weight) {
            for lane in 0..LANES {
                let log = x[lane] - greatest - rest;
                let [share, loss] = self.of.loss::<ASKED, WEIGHTED>(log, asked[lane], weight[lane]);
                shares[lane] += share;
                losses[lane] += loss;
            }
        }
        for (lane, &x) in x_rest.iter().enumerate() {
            let log = x - greatest - rest;
            let [share, loss] = self.of.loss::<ASKED, WEIGHTED>(log, asked_rest[lane], weight_rest[lane]);
            shares[lane] += share;
            losses[lane] += loss;
        }
        [shares.iter().sum(), losses.iter().sum()]
    }
}

struct Grad<'a, T, F, const FRESH: bool> {
    of: &'a Shares<'a, T>,
    x: &'a [T],
    logs: [&'a [T]; 2],
    factors: &'a F,
    /// The number of the first lane.
    first: usize,
    out: &'a mut [T],
}

impl<T: Real, F: Fn(usize) -> (T, f64), const FRESH: bool> Loop for Grad<'_, T, F, FRESH> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match (self.of.asked, self.of.weight) {
            (None, None) => self.add::<false, false>(),
            (None, Some(_)) => self.add::<false, true>(),
            (Some(_), None) => self.add::<true, false>(),
            (Some(_), Some(_)) => self.add::<true, true>(),
        }
    }
}

impl<T: Real, F: Fn(usize) -> (T, f64), const FRESH: bool> Grad<'_, T, F, FRESH> {
    #[inline(always)]
    fn add<const ASKED: bool, const WEIGHTED: bool>(self) {
        for (index, out) in self.out.chunks_exact_mut(self.of.classes).enumerate() {
            let lane = self.first + index;
            let ([greatest, rest], (total, factor)) = (self.logs.map(|logs| logs[lane]), (self.factors)(lane));
            let [x, asked, weight] = self.of.lane(self.x, lane);
            for ((out, &x), (&asked, &weight)) in out.iter_mut().zip(x).zip(asked.iter().zip(weight)) {
                let y = total * (x - greatest - rest).exp();
                let y = if total == T::zero() { total } else { y };
                let [_, part] = self.of.share::<ASKED, WEIGHTED>(asked, weight);
                give::<T, FRESH>(out, y - T::from_f64(factor * part));
            }
        }
    }
}
