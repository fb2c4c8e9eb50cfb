//! Convolutions of images with up to three axes: the product with the matrix that a kernel stands for, and its two
//! gradients. A transposed convolution is the same with the roles of image and map exchanged.
//!
//! | | what is used, from the first that fits |
//! |---|---|
//! | groups of a single channel | `Depthwise`, or loops over the runs of each weight |
//! | product | `Winograd` for 3 × 3 taps, and `PixelProduct`, for many channels and single steps; `StripProduct`; `direct::Product` of gathered patches |
//! | gradient of the image | `Winograd`; `PixelProduct`; `Spread` |
//! | gradient of the weight | `KernelGradient`, also by Winograd's way; `StripGradient` for many channels; `PlaceGradient` for many places; gathered patches |
//!
//! Which fits hangs on sizes alone. `Strips` and `Patches` are the two ways to put side by side what taps meet.

#![allow(clippy::indexing_slicing, reason = "tiles and runs are counted from the sizes of the tensors")]

mod arranged;
mod bias_gradient;
mod channels_last;
mod depthwise;
mod direct;
mod patches;
mod pixel_product;
mod place_gradient;
mod spread;
mod strip_gradient;
mod strip_product;
mod strips;
mod winograd;

use crate::tensor::gemm::{Matrix, MatrixMut, multiply};
use crate::tensor::sweep::Sweep;
use crate::tensor::{Real, reduce, threads};
use arranged::{Factors, Sizes};
pub use arranged::{arranged_taps, is_arranged};
pub use bias_gradient::add_bias_gradient;
pub use channels_last::VECTOR;
use depthwise::Depthwise;
pub use direct::{Finish, Use};
use direct::{Product, Target};
use patches::{MOST_COLUMNS, Panel, Patches, ROWS, Reach, Rows, Runs, WIDTH};
use place_gradient::PlaceGradient;
use spread::Spread;
use std::ops::Range;
pub use strip_gradient::SHARES;
use strip_gradient::StripGradient;
use strip_product::StripProduct;
use strips::Strips;
use winograd::KernelGradient;

/// With fewer maps for each channel of the image alone, there are no matrices to speak of.
const THIN: usize = 4;
/// How many products are summed before the sum becomes double precision.
const SHORT: usize = 64;
/// What moving an element of a weight costs, in operations.
const PACKING: usize = 8;
/// How many rows of a matrix are transposed together.
const SIDE: usize = 16;
/// With fewer places in a block, sums across vectors take too long.
const FEW_PLACES: usize = 256;
const PITCH: usize = MOST_COLUMNS + WIDTH;

/// Images `[batch, image_channels, ...]`, maps `[batch, map_channels, ...]`, and weights
/// `[map_channels, image_channels / groups, taps...]` between them.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    pub axes: [Sweep; 3],
    pub batch: usize,
    pub image_channels: usize,
    pub map_channels: usize,
    /// At least 1.
    pub groups: usize,
}

/// Where a run of neighbouring places of one tap comes from.
#[derive(Clone, Copy)]
enum Source {
    /// From beyond the image, where there are zeros.
    Outside,
    /// From elements of the image at equal distances.
    Image { start: usize, step: usize },
}

impl Convolution {
    /// The product weight · image. `memory` is what may be worked in. Where `is_arranged`, it takes longer with less than
    /// `arranged_taps` numbers for each kernel, the channels of a group rounded up to multiples of `VECTOR`.
    /// `finish` is called for every piece of the map.
    pub fn multiply<T: Real>(
        &self,
        image: &[T],
        weight: &[T],
        memory: &mut [T],
        how: Use<'_, T>,
        finish: Finish<'_, T>,
        map: &mut [T],
    ) {
        if !self.is_thin() {
            let (groups, rows, channels) = (self.groups, self.map_rows(), self.channels());
            let sizes = Sizes { samples: self.batch, groups, rows: channels, channels: rows };
            let factors = Factors::new(self.axes, sizes, image, weight);
            if factors.is_some_and(|factors| factors.compute(memory, how, finish, map)) {
                return;
            }
            if let Some(strips) = Strips::new(self.axes, channels, rows, usize::MAX) {
                let product = StripProduct { strips, image, weight, groups, rows, channels };
                return product.compute(self.batch, how, finish, map);
            }
            let patches =
                Patches { planes: image, axes: self.axes.each_ref().map(Reach::sweep), channels: self.image_channels };
            let [_, y, x] = self.axes.map(|axis| axis.output);
            let target = Target { plane: self.places(), start: 0, steps: [y * x, x, 1] };
            let (groups, rows) = (self.groups, self.map_rows());
            let product = Product { patches: patches.as_line(), weight, groups, rows, target };
            return product.compute(self.batch, how, finish, map);
        }
        if let Some(depthwise) = Depthwise::new(self) {
            return depthwise.multiply(image, weight, false, how, finish, map);
        }
        if let Use::Write(bias) = how {
            fill(map, self.places(), bias);
        }
        self.for_each_pair(|run| {
            let (weight, map) = (weight[run.weight], &mut map[run.map..run.map + run.length]);
            let image = &image[run.image..];
            let add = |(map, &image): (&mut T, &T)| *map += weight * image;
            if run.step == 1 {
                map.iter_mut().zip(image).for_each(add);
            } else {
                map.iter_mut().zip(image.iter().step_by(run.step)).for_each(add);
            }
        });
        finish(0, map);
    }

    /// image = weightᵀ · map, and one number for each channel. `memory` is that of `multiply`.
    pub fn multiply_transposed<T: Real>(
        &self,
        map: &[T],
        weight: &[T],
        bias: Option<&[T]>,
        memory: &mut [T],
        image: &mut [T],
    ) {
        fill(image, self.pixels(), bias);
        self.add_transposed(map, weight, memory, false, image);
    }

    /// image += weightᵀ · map, or = if it is fresh. `memory` is that of `multiply`.
    pub fn add_transposed<T: Real>(&self, map: &[T], weight: &[T], memory: &mut [T], is_fresh: bool, image: &mut [T]) {
        if weight.is_empty() {
            if is_fresh {
                image.fill(T::zero());
            }
            return;
        }
        let (groups, rows, channels) = (self.groups, self.map_rows(), self.channels());
        let sizes = Sizes { samples: self.batch, groups, rows, channels };
        let how = if is_fresh { Use::Write(None) } else { Use::Add };
        let factors = Factors::transposed(self.axes, sizes, map, weight);
        if factors.is_some_and(|factors| factors.compute(memory, how, &|_, _| {}, image)) {
            return;
        }
        if is_fresh {
            image.fill(T::zero());
        }
        if self.is_thin() {
            if let Some(depthwise) = Depthwise::new(self).and_then(|depthwise| depthwise.transposed()) {
                return depthwise.multiply(map, weight, true, Use::Add, &|_, _| {}, image);
            }
            return self.for_each_pair(|run| {
                let (weight, map) = (weight[run.weight], &map[run.map..run.map + run.length]);
                let image = &mut image[run.image..];
                let add = |(image, &map): (&mut T, &T)| *image += weight * map;
                if run.step == 1 {
                    image.iter_mut().zip(map).for_each(add);
                } else {
                    image.iter_mut().step_by(run.step).zip(map).for_each(add);
                }
            });
        }
        Spread { axes: self.axes, map, weight, groups, rows, channels }.add(self.batch, image);
    }

    /// weight += Σ map · imageᵀ. `sums` is memory to work in, `SHARES` times as large as the weight; it may take longer with less
    /// than `SHARES` times the memory of `multiply`.
    pub fn add_weight_gradient<T: Real>(&self, map: &[T], image: &[T], sums: &mut [T], weight: &mut [T]) {
        if weight.is_empty() {
            return;
        }
        if self.is_thin() {
            if let Some(depthwise) = Depthwise::new(self) {
                return depthwise.add_weight_gradient(map, image, weight);
            }
            return self.for_each_pair(|run| {
                let map = &map[run.map..run.map + run.length];
                weight[run.weight] += T::from_f64(dot(map, &image[run.image..], run.step));
            });
        }
        let (n_rows, n_taps, places) = (self.map_rows(), self.taps(), self.places());
        let sizes = Sizes { samples: self.batch, groups: self.groups, rows: self.channels(), channels: n_rows };
        let factors = Factors::new(self.axes, sizes, image, &[]);
        if let Some(gradient) = factors.and_then(|factors| KernelGradient::new(factors, map))
            && gradient.add(sums, weight)
        {
            return;
        }
        let sizes = [self.batch, self.groups, n_rows, self.channels()];
        if let Some(gradient) = StripGradient::new(self.axes, sizes, map, image) {
            return gradient.add(sums, weight);
        }
        let strips = Strips::new(self.axes, self.channels(), n_rows, usize::MAX);
        if let Some(strips) = strips.filter(|strips| strips.block() >= FEW_PLACES) {
            let (groups, rows, channels) = (self.groups, n_rows, self.channels());
            return PlaceGradient { strips, map, image, groups, rows, channels }.add(self.batch, sums, weight);
        }
        let Some(sums) = sums.get_mut(..weight.len()).filter(|sums| !sums.is_empty()) else { return };
        let patches =
            Patches { planes: image, axes: self.axes.each_ref().map(Reach::sweep), channels: self.image_channels };
        let patches = patches.as_line();
        // Of the transposed gradient each channel of the image has its own part.
        let part = n_taps * n_rows;
        let cost = self.batch.saturating_mul(places).saturating_mul(sums.len());
        let piece = threads::piece(sums.len(), part, cost);
        threads::split(sums, piece, |index, sums| {
            sums.fill(T::zero());
            let mut panel = Panel([[T::zero(); PITCH]; ROWS]);
            let (mut runs, first) = (Runs::new(), index * piece / part);
            let last = first + sums.len() / part;
            for group in first / self.channels()..last.div_ceil(self.channels()) {
                let channels = first.max(group * self.channels())..last.min((group + 1) * self.channels());
                for rows in Rows::blocks(channels, n_taps) {
                    let start = ((rows.channels.start - first) * n_taps + rows.taps.start) * n_rows;
                    let sums = &mut sums[start..start + rows.count() * n_rows];
                    for sample in 0..self.batch {
                        let map = &map[(sample * self.groups + group) * n_rows * places..];
                        for column in (0..places).step_by(MOST_COLUMNS) {
                            let columns = column..places.min(column + MOST_COLUMNS);
                            patches
                                .find_runs(sample * places + columns.start..sample * places + columns.end, &mut runs);
                            patches.fill(&runs, &rows, &mut panel);
                            let patches = Matrix::part(panel.0.as_flattened(), rows.count(), PITCH, 0..columns.len());
                            let map = Matrix::part(map, n_rows, places, columns).t();
                            multiply(patches, map, MatrixMut::part(sums, rows.count(), n_rows, 0..n_rows));
                        }
                    }
                }
            }
        });
        self.add_sums(sums, weight);
    }

    /// Adds what stands in `[image_channels, taps, map_channels / groups]`.
    fn add_sums<T: Real>(&self, sums: &[T], weight: &mut [T]) {
        let (n_rows, depth) = (self.map_rows(), self.patch_rows());
        let piece = threads::piece(weight.len(), depth, weight.len().saturating_mul(PACKING));
        threads::split(weight, piece, |index, weight| {
            for (block, weight) in weight.chunks_mut(SIDE * depth).enumerate() {
                for column in 0..depth {
                    for (row, weight) in weight.iter_mut().skip(column).step_by(depth).enumerate() {
                        let row = index * piece / depth + block * SIDE + row;
                        *weight += sums[(row / n_rows * depth + column) * n_rows + row % n_rows];
                    }
                }
            }
        });
    }

    /// How many places the kernel has.
    fn places(&self) -> usize {
        self.axes.iter().map(|axis| axis.output).product()
    }

    fn pixels(&self) -> usize {
        self.axes.iter().map(|axis| axis.input).product()
    }

    fn taps(&self) -> usize {
        self.axes.iter().map(|axis| axis.taps).product()
    }

    /// How many channels of the map a group has.
    fn map_rows(&self) -> usize {
        self.map_channels / self.groups
    }

    /// How many channels of the image a group has.
    fn channels(&self) -> usize {
        self.image_channels / self.groups
    }

    fn patch_rows(&self) -> usize {
        self.channels() * self.taps()
    }

    fn is_thin(&self) -> bool {
        self.map_rows() < THIN && self.channels() == 1
    }

    /// Calls `visit(at, length, source)` for the runs of a row of the matrix of patches, `at` counted from the first of
    /// these columns.
    fn for_each_run(&self, row: usize, columns: Range<usize>, mut visit: impl FnMut(usize, usize, Source)) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        let (x_tap, rest) = (row % x_axis.taps, row / x_axis.taps);
        let (y_tap, rest) = (rest % y_axis.taps, rest / y_axis.taps);
        let (z_tap, channel) = (rest % z_axis.taps, rest / z_axis.taps);
        let inside = x_axis.inside(x_tap);
        let mut column = columns.start;
        while column < columns.end {
            let (line, first) = (column / x_axis.output, column % x_axis.output);
            let length = (x_axis.output - first).min(columns.end - column);
            let at = column - columns.start;
            let sources = (z_axis.source(line / y_axis.output, z_tap), y_axis.source(line % y_axis.output, y_tap));
            if let (Some(z), Some(y)) = sources {
                let start = ((channel * z_axis.input + z) * y_axis.input + y) * x_axis.input;
                let within = inside.start.clamp(first, first + length)..inside.end.clamp(first, first + length);
                let mut beyond = |places: Range<usize>| {
                    for place in places {
                        let source = x_axis.source(place, x_tap);
                        let source = source.map_or(Source::Outside, |x| Source::Image { start: start + x, step: 1 });
                        visit(at + place - first, 1, source);
                    }
                };
                beyond(first..within.start);
                beyond(within.end.max(within.start)..first + length);
                if let Some(x) = x_axis.source(within.start, x_tap).filter(|_| within.start < within.end) {
                    let source = Source::Image { start: start + x, step: x_axis.stride };
                    visit(at + within.start - first, within.len(), source);
                }
            } else {
                visit(at, length, Source::Outside);
            }
            column += length;
        }
    }

    /// Calls `visit` for the runs of each weight.
    fn for_each_pair(&self, mut visit: impl FnMut(Pair)) {
        let (pixels, places) = (self.pixels(), self.places());
        for sample in 0..self.batch {
            for channel in 0..self.map_channels {
                let group = channel / self.map_rows();
                let image = (sample * self.image_channels + group * self.channels()) * pixels;
                let map = (sample * self.map_channels + channel) * places;
                for row in 0..self.patch_rows() {
                    let weight = channel * self.patch_rows() + row;
                    self.for_each_run(row, 0..places, |at, length, source| {
                        if let Source::Image { start, step } = source {
                            visit(Pair { weight, image: image + start, step, map: map + at, length });
                        }
                    });
                }
            }
        }
    }
}

/// Writes one number for each channel to all places.
fn fill<T: Real>(map: &mut [T], places: usize, bias: Option<&[T]>) {
    match bias {
        Some(bias) if places > 0 => {
            map.chunks_exact_mut(places).zip(bias.iter().cycle()).for_each(|(map, &bias)| map.fill(bias));
        }
        _ => map.fill(T::zero()),
    }
}

/// Σ map[i] image[i · step], in short sums that lose nothing.
fn dot<T: Real>(map: &[T], image: &[T], step: usize) -> f64 {
    if step > 1 {
        return reduce::sum(map.len(), |index| (map[index] * image[index * step]).to_f64());
    }
    let mut total = 0.0;
    for (map, image) in map.chunks(SHORT).zip(image.chunks(SHORT)) {
        let mut lanes = [T::zero(); 8];
        let (whole, rest) = map.as_chunks::<8>();
        for (map, image) in whole.iter().zip(image.as_chunks::<8>().0) {
            (0..8).for_each(|lane| lanes[lane] += map[lane] * image[lane]);
        }
        let products = rest.iter().zip(&image[map.len() - rest.len()..]).map(|(&map, &image)| map * image);
        total += (lanes.into_iter().sum::<T>() + products.sum()).to_f64();
    }
    total
}

/// A weight, and the run of elements of the image and of the map that meet there.
struct Pair {
    weight: usize,
    image: usize,
    /// The distance between neighbours in the image; in the map it is 1.
    step: usize,
    map: usize,
    length: usize,
}

#[cfg(test)]
mod tests;
