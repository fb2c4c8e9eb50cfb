//! Convolutions of images with up to three axes: the product with the matrix that a kernel stands for, and its two
//! gradients. A transposed convolution is the same with the roles of image and map exchanged.
//!
//! Unless groups are small, the products are those of matrices: a tile of the image's patches is gathered on the stack,
//! multiplied, and scattered back where the image is written.

#![allow(clippy::indexing_slicing, reason = "tiles and runs are counted from the sizes of the tensors")]

use super::gemm::{Matrix, MatrixMut, multiply};
use super::sweep::Sweep;
use super::{Real, reduce};
use std::ops::Range;

/// How many elements a tile has, and how many rows of them.
const TILE: usize = 1 << 15;
const TILE_ROWS: usize = 256;
/// Groups with fewer channels of the map are computed without matrices, which would be too thin.
const THIN: usize = 4;
/// How many products are summed before the sum becomes double precision.
const SHORT: usize = 64;

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

/// A block of the matrix of patches: its rows are channels and taps, its columns places.
struct Block {
    sample: usize,
    group: usize,
    rows: Range<usize>,
    columns: Range<usize>,
}

impl Convolution {
    /// map += weight · image
    pub fn multiply<T: Real>(&self, image: &[T], weight: &[T], map: &mut [T]) {
        if self.is_thin() {
            return self.for_each_pair(|run| {
                let (weight, map) = (weight[run.weight], &mut map[run.map..run.map + run.length]);
                let image = &image[run.image..];
                let add = |(map, &image): (&mut T, &T)| *map += weight * image;
                if run.step == 1 {
                    map.iter_mut().zip(image).for_each(add);
                } else {
                    map.iter_mut().zip(image.iter().step_by(run.step)).for_each(add);
                }
            });
        }
        self.for_each_block(|block, tile| {
            let patches = self.gather(&block, image, tile);
            let (weight, map) = (self.weight_part(&block, weight), &mut map[self.map_of(&block)]);
            multiply(weight, patches, MatrixMut::part(map, self.map_rows(), self.places(), block.columns));
        });
    }

    /// image += weightᵀ · map
    pub fn multiply_transposed<T: Real>(&self, map: &[T], weight: &[T], image: &mut [T]) {
        if self.is_thin() {
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
        self.for_each_block(|block, tile| {
            let weight = self.weight_part(&block, weight).t();
            let map = Matrix::part(&map[self.map_of(&block)], self.map_rows(), self.places(), block.columns.clone());
            let (rows, columns) = (block.rows.len(), block.columns.len());
            let tile = &mut tile[..rows * columns];
            tile.fill(T::zero());
            multiply(weight, map, MatrixMut::part(tile, rows, columns, 0..columns));
            self.scatter(&block, tile, image);
        });
    }

    /// weight += Σ map · imageᵀ
    pub fn add_weight_gradient<T: Real>(&self, map: &[T], image: &[T], weight: &mut [T]) {
        if self.is_thin() {
            return self.for_each_pair(|run| {
                let map = &map[run.map..run.map + run.length];
                weight[run.weight] += T::from_f64(dot(map, &image[run.image..], run.step));
            });
        }
        self.for_each_block(|block, tile| {
            let patches = self.gather(&block, image, tile).t();
            let map = Matrix::part(&map[self.map_of(&block)], self.map_rows(), self.places(), block.columns.clone());
            let weight = &mut weight[self.weight_of(&block)];
            multiply(map, patches, MatrixMut::part(weight, self.map_rows(), self.patch_rows(), block.rows));
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
        self.map_rows() < THIN
    }

    fn map_of(&self, block: &Block) -> Range<usize> {
        let size = self.map_rows() * self.places();
        let start = (block.sample * self.groups + block.group) * size;
        start..start + size
    }

    fn image_of(&self, block: &Block) -> Range<usize> {
        let size = self.channels() * self.pixels();
        let start = (block.sample * self.groups + block.group) * size;
        start..start + size
    }

    fn weight_of(&self, block: &Block) -> Range<usize> {
        let size = self.map_rows() * self.patch_rows();
        block.group * size..(block.group + 1) * size
    }

    fn weight_part<'a, T: Real>(&self, block: &Block, weight: &'a [T]) -> Matrix<'a, T> {
        Matrix::part(&weight[self.weight_of(block)], self.map_rows(), self.patch_rows(), block.rows.clone())
    }

    fn for_each_block<T: Real>(&self, mut visit: impl FnMut(Block, &mut [T; TILE])) {
        let (n_rows, n_columns) = (self.patch_rows(), self.places());
        if n_rows == 0 || n_columns == 0 {
            return;
        }
        let mut tile = [T::zero(); TILE];
        let height = n_rows.min(TILE_ROWS);
        let width = n_columns.min(TILE / height);
        for sample in 0..self.batch {
            for group in 0..self.groups {
                for column in (0..n_columns).step_by(width) {
                    for row in (0..n_rows).step_by(height) {
                        let (rows, columns) = (row..n_rows.min(row + height), column..n_columns.min(column + width));
                        visit(Block { sample, group, rows, columns }, &mut tile);
                    }
                }
            }
        }
    }

    /// The block of patches, gathered in the tile unless it stands in the image as it is.
    fn gather<'a, T: Real>(&self, block: &Block, image: &'a [T], tile: &'a mut [T; TILE]) -> Matrix<'a, T> {
        let image = &image[self.image_of(block)];
        let (rows, columns) = (block.rows.len(), block.columns.len());
        if self.axes.iter().all(Sweep::is_identity) {
            let image = &image[block.rows.start * self.pixels()..block.rows.end * self.pixels()];
            return Matrix::part(image, rows, self.pixels(), block.columns.clone());
        }
        let tile = &mut tile[..rows * columns];
        for (row, out) in block.rows.clone().zip(tile.chunks_exact_mut(columns)) {
            self.for_each_run(row, block.columns.clone(), |at, length, source| {
                let out = &mut out[at..at + length];
                match source {
                    Source::Outside => out.fill(T::zero()),
                    Source::Image { start, step: 1 } => out.copy_from_slice(&image[start..start + length]),
                    Source::Image { start, step } => {
                        out.iter_mut().zip(image[start..].iter().step_by(step)).for_each(|(out, &x)| *out = x);
                    }
                }
            });
        }
        Matrix::new(tile, rows, columns)
    }

    /// Adds the block of patches to the image.
    fn scatter<T: Real>(&self, block: &Block, tile: &[T], image: &mut [T]) {
        let image = &mut image[self.image_of(block)];
        for (row, patches) in block.rows.clone().zip(tile.chunks_exact(block.columns.len())) {
            self.for_each_run(row, block.columns.clone(), |at, length, source| {
                if let Source::Image { start, step } = source {
                    let image = image[start..].iter_mut().step_by(step);
                    image.zip(&patches[at..at + length]).for_each(|(image, &x)| *image += x);
                }
            });
        }
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
mod tests {
    use super::*;

    #[test]
    fn long_runs_are_summed_whole() {
        let map: Vec<f32> = (0..150).map(|index| (index % 7) as f32).collect();
        let image: Vec<f32> = (0..450).map(|index| (index % 11) as f32).collect();
        for length in [0, 3, 8, 63, 64, 65, 150] {
            for step in [1, 3] {
                let expected: f32 = (0..length).map(|index| map[index] * image[index * step]).sum();
                assert_eq!(dot(&map[..length], &image, step), f64::from(expected), "{length} {step}");
            }
        }
    }
}
