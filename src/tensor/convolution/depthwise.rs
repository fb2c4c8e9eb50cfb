//! Convolutions in which each channel of the image has maps of its own: its lines are laid out with what stands beyond
//! their ends, and a vector of places meets one tap after another.

#![allow(clippy::indexing_slicing, reason = "lines are counted from the sizes of the planes")]

use super::Convolution;
use super::direct::{Finish, Use};
use crate::tensor::border::Border;
use crate::tensor::sweep::Sweep;
use crate::tensor::vector::lanes;
use crate::tensor::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// How many elements the lines of a plane that are in work have, at most.
const ROOM: usize = 1 << 14;
/// How many more may be read behind them.
const SLACK: usize = 64;
/// How many taps a line may have.
const MOST_TAPS: usize = 64;
/// How many vectors of places, or sums of taps, are computed side by side.
const SIDE: usize = 4;

/// A convolution whose groups have one channel of the image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Depthwise {
    y: Sweep,
    x: Sweep,
    batch: usize,
    channels: usize,
    /// How many maps a channel has.
    maps: usize,
}

/// Lines of a plane: of the elements that meet the first tap of a line at its places, those that the second meets, and so
/// on, as many as there are before the next place does.
struct Lines<T> {
    elements: [T; ROOM + SLACK],
    pitch: usize,
    /// The distance between elements with other remainders.
    phase: usize,
}

impl Depthwise {
    /// `None` if the convolution is of another kind, or its lines are very long.
    #[must_use]
    pub(super) fn new(of: &Convolution) -> Option<Self> {
        let [z, y, x] = of.axes;
        let maps = of.map_channels / of.groups;
        let fits = z.is_identity() && of.image_channels == of.groups && x.taps <= MOST_TAPS;
        let depthwise = Self { y, x, batch: of.batch, channels: of.groups, maps };
        (fits && depthwise.rows_at_once() > 0).then_some(depthwise)
    }

    /// The same with the roles of image and map exchanged; the weights of each plane are then read backwards. `None` if
    /// that is no convolution.
    #[must_use]
    pub(super) fn transposed(&self) -> Option<Self> {
        let turn = |axis: Sweep| {
            let before = ((axis.taps - 1) * axis.dilation).checked_sub(axis.before)?;
            let (input, output) = (axis.output, axis.input);
            (axis.stride == 1 && axis.border == Border::Constant).then_some(Sweep { input, output, before, ..axis })
        };
        let transposed = Self { y: turn(self.y)?, x: turn(self.x)?, ..*self };
        (self.maps == 1 && transposed.rows_at_once() > 0).then_some(transposed)
    }

    fn taps(&self) -> usize {
        self.y.taps * self.x.taps
    }

    fn places(&self) -> usize {
        self.y.output * self.x.output
    }

    fn pixels(&self) -> usize {
        self.y.input * self.x.input
    }

    /// How many elements of each remainder a line has.
    fn phase(&self) -> usize {
        self.x.output + (self.x.taps - 1) * self.x.dilation / self.x.stride
    }

    fn pitch(&self) -> usize {
        self.phase() * self.x.stride
    }

    /// How many lines of the image a line of the map sees.
    fn extent(&self) -> usize {
        (self.y.taps - 1) * self.y.dilation + 1
    }

    /// How many lines of the map can be computed of the lines of the image for which there is room.
    fn rows_at_once(&self) -> usize {
        let lines = ROOM / self.pitch().max(1);
        lines.checked_sub(self.extent()).map_or(0, |more| more / self.y.stride + 1)
    }

    fn cost(&self) -> usize {
        self.batch.saturating_mul(self.channels * self.maps * self.places()).saturating_mul(self.taps())
    }

    /// The product with the weight, backwards if that is said.
    pub(super) fn multiply<T: Real>(
        &self,
        image: &[T],
        weight: &[T],
        is_turned: bool,
        how: Use<'_, T>,
        finish: Finish<'_, T>,
        map: &mut [T],
    ) {
        if map.is_empty() {
            return;
        }
        let piece = threads::piece(map.len(), self.maps * self.places(), self.cost());
        threads::split(map, piece, |index, map| {
            let first = index * piece / (self.maps * self.places());
            Arch::new().dispatch(Multiply { of: self, image, weight, is_turned, how, finish, first, map });
        });
    }

    /// weight += Σ map · imageᵀ
    pub(super) fn add_weight_gradient<T: Real>(&self, map: &[T], image: &[T], weight: &mut [T]) {
        if weight.is_empty() || self.places() == 0 {
            return;
        }
        let piece = threads::piece(weight.len(), self.maps * self.taps(), self.cost());
        threads::split(weight, piece, |index, weight| {
            let first = index * piece / (self.maps * self.taps());
            Arch::new().dispatch(Gradient { of: self, map, image, first, weight });
        });
    }
}

impl<T: Real> Lines<T> {
    #[inline(always)]
    fn new(of: &Depthwise) -> Self {
        Self { elements: [T::zero(); ROOM + SLACK], pitch: of.pitch(), phase: of.phase() }
    }

    /// Lays out what these lines of the map see.
    #[inline(always)]
    fn fill(&mut self, of: &Depthwise, plane: &[T], rows: &Range<usize>) {
        let first = (rows.start * of.y.stride) as isize - of.y.before as isize;
        let count = (rows.len() - 1) * of.y.stride + of.extent();
        for (at, line) in self.elements.chunks_exact_mut(self.pitch).take(count).enumerate() {
            let Some(y) = of.y.border.source(first + at as isize, of.y.input) else {
                line.fill(T::zero());
                continue;
            };
            let source = &plane[y * of.x.input..(y + 1) * of.x.input];
            for (remainder, line) in line.chunks_exact_mut(self.phase).enumerate() {
                let reach = Sweep { taps: 1, output: self.phase, ..of.x };
                let at = |place: usize| (place * of.x.stride + remainder) as isize - of.x.before as isize;
                let within = if of.x.stride == 1 { reach.inside(0) } else { 0..0 };
                if !within.is_empty() {
                    let start = at(within.start) as usize;
                    line[within.clone()].copy_from_slice(&source[start..start + within.len()]);
                }
                for place in (0..within.start).chain(within.end..self.phase) {
                    line[place] = of.x.border.source(at(place), of.x.input).map_or(T::zero(), |x| source[x]);
                }
            }
        }
    }

    /// Where the elements begin that a tap meets at the places of a line, which is the `row`th of those laid out.
    #[inline(always)]
    fn start(&self, of: &Depthwise, row: usize, [y_tap, x_tap]: [usize; 2]) -> usize {
        let x = x_tap * of.x.dilation;
        let (remainder, x) = if of.x.stride == 1 { (0, x) } else { (x % of.x.stride, x / of.x.stride) };
        (row * of.y.stride + y_tap * of.y.dilation) * self.pitch + remainder * self.phase + x
    }
}

/// The maps of some planes of the image.
struct Multiply<'a, T> {
    of: &'a Depthwise,
    image: &'a [T],
    weight: &'a [T],
    is_turned: bool,
    how: Use<'a, T>,
    finish: Finish<'a, T>,
    first: usize,
    map: &'a mut [T],
}

impl<T: Real> WithSimd for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { of, image, weight, is_turned, how, finish, first, map } = self;
        let (places, pixels, n_taps, lanes) = (of.places(), of.pixels(), of.taps(), lanes::<T, S>());
        let mut lines = Lines::new(of);
        let height = of.rows_at_once();
        for (plane, maps) in (first..).zip(map.chunks_exact_mut(of.maps * places)) {
            let image = &image[plane * pixels..(plane + 1) * pixels];
            for row in (0..of.y.output).step_by(height) {
                let rows = row..of.y.output.min(row + height);
                lines.fill(of, image, &rows);
                for (at, map) in maps.chunks_exact_mut(places).enumerate() {
                    let channel = plane % of.channels * of.maps + at;
                    let weight = &weight[channel * n_taps..(channel + 1) * n_taps];
                    let start = match how {
                        Use::Write(bias) => Some(bias.map_or(T::zero(), |bias| bias[channel])),
                        Use::Add => None,
                    };
                    let map = map.chunks_exact_mut(of.x.output).skip(rows.start).take(rows.len());
                    for (row, map) in map.enumerate() {
                        for (at, map) in map.chunks_mut(SIDE * lanes).enumerate() {
                            let x = at * SIDE * lanes;
                            match map.len().div_ceil(lanes) {
                                1 => places_of::<S, T, 1>(simd, of, &lines, weight, is_turned, start, [row, x], map),
                                2 => places_of::<S, T, 2>(simd, of, &lines, weight, is_turned, start, [row, x], map),
                                _ => places_of::<S, T, SIDE>(simd, of, &lines, weight, is_turned, start, [row, x], map),
                            }
                        }
                    }
                }
            }
            finish(plane * of.maps * places, maps);
        }
    }
}

/// `N` vectors of places from the one with these coordinates on.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "the innermost loop of one kernel")]
fn places_of<S: Simd, T: Real, const N: usize>(
    simd: S,
    of: &Depthwise,
    lines: &Lines<T>,
    weight: &[T],
    is_turned: bool,
    start: Option<T>,
    [row, x]: [usize; 2],
    map: &mut [T],
) {
    let lanes = lanes::<T, S>();
    let mut sums = [T::splat(simd, start.unwrap_or(T::zero())); N];
    for y_tap in 0..of.y.taps {
        for x_tap in 0..of.x.taps {
            let tap = y_tap * of.x.taps + x_tap;
            let weight = T::splat(simd, weight[if is_turned { weight.len() - 1 - tap } else { tap }]);
            let from = lines.start(of, row, [y_tap, x_tap]) + x;
            let vectors = T::vectors::<S>(&lines.elements[from..from + N * lanes]);
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = T::mul_add(simd, weight, *vector, *sum);
            }
        }
    }
    for (map, sum) in map.chunks_mut(lanes).zip(sums) {
        let sum = if start.is_none() { T::sum_of(simd, sum, T::load(simd, map)) } else { sum };
        T::store(simd, map, sum);
    }
}

/// The weights of some channels.
struct Gradient<'a, T> {
    of: &'a Depthwise,
    map: &'a [T],
    image: &'a [T],
    first: usize,
    weight: &'a mut [T],
}

impl<T: Real> WithSimd for Gradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { of, map, image, first, weight } = self;
        let (places, pixels, height) = (of.places(), of.pixels(), of.rows_at_once());
        let mut lines = Lines::new(of);
        for (channel, weight) in (first..).zip(weight.chunks_exact_mut(of.maps * of.taps())) {
            for sample in 0..of.batch {
                let plane = sample * of.channels + channel;
                for row in (0..of.y.output).step_by(height) {
                    let rows = row..of.y.output.min(row + height);
                    lines.fill(of, &image[plane * pixels..(plane + 1) * pixels], &rows);
                    for (at, weight) in weight.chunks_exact_mut(of.taps()).enumerate() {
                        let map =
                            &map[(plane * of.maps + at) * places..][rows.start * of.x.output..rows.end * of.x.output];
                        for (y_tap, weight) in weight.chunks_exact_mut(of.x.taps).enumerate() {
                            for (at, weight) in weight.chunks_mut(SIDE).enumerate() {
                                taps_of(simd, of, &lines, [y_tap, at * SIDE], map, weight);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Adds to neighbouring weights what lines of the map and the image say, of which the first has these coordinates.
#[inline(always)]
fn taps_of<S: Simd, T: Real>(
    simd: S,
    of: &Depthwise,
    lines: &Lines<T>,
    [y_tap, x_tap]: [usize; 2],
    map: &[T],
    weight: &mut [T],
) {
    let (lanes, width) = (lanes::<T, S>(), of.x.output);
    let mut sums = [T::splat(simd, T::zero()); SIDE];
    // Beyond the last tap the last is computed again.
    let mut starts = [0; SIDE];
    for (at, start) in starts.iter_mut().enumerate() {
        *start = lines.start(of, 0, [y_tap, (x_tap + at).min(of.x.taps - 1)]);
    }
    for (row, place) in (0..map.len()).step_by(width).enumerate() {
        let line = row * of.y.stride * lines.pitch;
        for x in (0..width).step_by(lanes) {
            let mut grad = T::load(simd, &map[place + x..]);
            let rest = width - x;
            if rest < lanes {
                grad = T::first(simd, grad, rest);
            }
            for at in 0..SIDE {
                let from = starts[at] + line + x;
                let mut vector = T::load(simd, &lines.elements[from..from + lanes]);
                if rest < lanes {
                    vector = T::first(simd, vector, rest);
                }
                sums[at] = T::mul_add(simd, grad, vector, sums[at]);
            }
        }
    }
    for (weight, sum) in weight.iter_mut().zip(sums) {
        let mut elements = [T::zero(); SLACK];
        T::store(simd, &mut elements, sum);
        *weight += T::from_f64(elements[..lanes].iter().map(|x| x.to_f64()).sum());
    }
}
