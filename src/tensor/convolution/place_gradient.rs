//! The gradient of a convolution's weight where an image has few channels: neighbouring places of the map lie side by side
//! in vectors and are multiplied with what each tap meets there, and the sums of some rows and taps stay in registers for
//! all places of a block.

#![allow(clippy::indexing_slicing, reason = "tiles are counted from the sizes of the tensors")]

use super::strip_gradient::SHARES;
use super::strips::{Layout, Panel, ROOM, Strips};
use crate::tensor::side_by_side::{Rows, SideBySide};
use crate::tensor::vector::lanes;
use crate::tensor::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// `weight[row, channel, tap] += Σ map[sample, row, place] · image[sample, channel, what the tap meets at the place]`, over
/// all samples and places.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlaceGradient<'a, T> {
    pub(super) strips: Strips,
    /// `[samples, groups, rows, places]`
    pub(super) map: &'a [T],
    /// `[samples, groups, channels of a group, ...]`
    pub(super) image: &'a [T],
    /// At least 1.
    pub(super) groups: usize,
    /// How many rows a group has.
    pub(super) rows: usize,
    /// How many channels a group has.
    pub(super) channels: usize,
}

impl<T: Real> PlaceGradient<'_, T> {
    /// Adds to the weight, using memory for `SHARES` as large.
    pub(super) fn add(&self, samples: usize, sums: &mut [T], weight: &mut [T]) {
        let len = weight.len();
        let Some(sums) = sums.get_mut(..SHARES * len).filter(|sums| !sums.is_empty()) else { return };
        let cost = samples.saturating_mul(self.places()).saturating_mul(len);
        let piece = threads::piece(samples, 1, cost).max(samples.div_ceil(SHARES));
        let shares = samples.div_ceil(piece);
        threads::parts(sums.chunks_mut(len).take(shares), |share, sums| {
            let samples = share * piece..samples.min((share + 1) * piece);
            Arch::new().dispatch(Part { gradient: self, samples, sums });
        });
        for sums in sums.chunks(len).take(shares) {
            weight.iter_mut().zip(sums).for_each(|(weight, sum)| *weight += *sum);
        }
    }

    fn places(&self) -> usize {
        self.strips.axes.iter().map(|axis| axis.output).product()
    }

    fn pixels(&self) -> usize {
        self.strips.axes.iter().map(|axis| axis.input).product()
    }
}

/// Some samples.
struct Part<'a, T> {
    gradient: &'a PlaceGradient<'a, T>,
    samples: Range<usize>,
    sums: &'a mut [T],
}

/// What is multiplied together: rows of a map at the places of a block, and what entries of the weight meet there.
struct Tiles<'a, T> {
    map: &'a [T],
    /// How far the rows of the map are apart.
    pitch: usize,
    panel: &'a Panel<T>,
    starts: &'a [usize],
    places: usize,
}

impl<T: Real> WithSimd for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let gradient = self.gradient;
        let (strips, n_rows, n_channels) = (&gradient.strips, gradient.rows, gradient.channels);
        let (pixels, places, n_taps) = (gradient.pixels(), gradient.places(), strips.taps());
        let (mut panel, mut layout) = (Panel([T::zero(); ROOM]), Layout::EMPTY);
        self.sums.fill(T::zero());
        for sample in self.samples {
            for block in strips.blocks() {
                strips.find(&block, &mut layout);
                for (group, sums) in self.sums.chunks_mut(n_rows * n_channels * n_taps).enumerate() {
                    let group = sample * gradient.groups + group;
                    for channels in strips.channels(0..n_channels) {
                        let image = &gradient.image[(group * n_channels + channels.start) * pixels..];
                        strips.fill(image, channels.len(), &block, &layout, &mut panel);
                        let tiles = Tiles {
                            map: &gradient.map[group * n_rows * places + strips.start(&block)..],
                            pitch: places,
                            panel: &panel,
                            starts: &layout.starts[..channels.len() * n_taps],
                            places: block.n_places(),
                        };
                        let sums = &mut sums[channels.start * n_taps..];
                        if S::REGISTER_COUNT >= 32 {
                            tiles.add::<S, 4>(simd, n_rows, sums, n_channels * n_taps);
                        } else {
                            tiles.add::<S, 2>(simd, n_rows, sums, n_channels * n_taps);
                        }
                    }
                }
            }
        }
    }
}

impl<T: Real> Tiles<'_, T> {
    /// Adds the products of all rows and entries to rows of `pitch` sums, `M` rows at a time.
    #[inline(always)]
    fn add<S: Simd, const M: usize>(&self, simd: S, n_rows: usize, sums: &mut [T], pitch: usize)
    where
        Rows<M>: SideBySide<M>,
    {
        const ENTRIES: usize = 5;
        let of = |row: usize| &self.map[row.min(n_rows - 1) * self.pitch..];
        let met = |entry: usize| &self.panel.0[self.starts[entry.min(self.starts.len() - 1)]..];
        for entry in (0..self.starts.len()).step_by(ENTRIES) {
            let entries: [&[T]; ENTRIES] = std::array::from_fn(|index| met(entry + index));
            let count = (self.starts.len() - entry).min(ENTRIES);
            for row in (0..n_rows).step_by(M) {
                let rows = std::array::from_fn(|index| of(row + index));
                let tile = tile::<S, T, M, ENTRIES>(simd, rows, entries, self.places);
                for (sums, tile) in sums[row * pitch..].chunks_mut(pitch).zip(tile) {
                    for (sum, vector) in sums[entry..entry + count].iter_mut().zip(tile) {
                        *sum += T::total(simd, vector);
                    }
                }
            }
        }
    }
}

/// The products of rows with entries, of so many elements of each.
#[inline(always)]
fn tile<S: Simd, T: Real, const M: usize, const N: usize>(
    simd: S,
    rows: [&[T]; M],
    entries: [&[T]; N],
    places: usize,
) -> [[T::Vector<S>; N]; M]
where
    Rows<M>: SideBySide<M>,
    Rows<N>: SideBySide<N>,
{
    let (zero, lanes) = (T::splat(simd, T::zero()), lanes::<T, S>());
    let (mut sums, whole) = ([[zero; N]; M], places / lanes * lanes);
    let none: &[T::Vector<S>] = &[];
    let (mut row_vectors, mut entry_vectors) = ([none; M], [none; N]);
    let (mut last_row, mut last_entry) = ([zero; M], [zero; N]);
    // Nothing is known of what stands behind the last place.
    let last = |slice: &[T]| T::first(simd, T::load(simd, &slice[whole..]), places - whole);
    for ((row, vectors), rest) in rows.into_iter().zip(&mut row_vectors).zip(&mut last_row) {
        (*vectors, *rest) = (T::vectors::<S>(&row[..whole]), last(row));
    }
    for ((entry, vectors), rest) in entries.into_iter().zip(&mut entry_vectors).zip(&mut last_entry) {
        (*vectors, *rest) = (T::vectors::<S>(&entry[..whole]), last(entry));
    }
    for (rows, entries) in Rows::side_by_side(row_vectors).zip(Rows::side_by_side(entry_vectors)) {
        add::<S, T, M, N>(simd, rows, entries, &mut sums);
    }
    add::<S, T, M, N>(simd, last_row, last_entry, &mut sums);
    sums
}

#[inline(always)]
fn add<S: Simd, T: Real, const M: usize, const N: usize>(
    simd: S,
    rows: [T::Vector<S>; M],
    entries: [T::Vector<S>; N],
    sums: &mut [[T::Vector<S>; N]; M],
) {
    for (row, sums) in rows.into_iter().zip(sums) {
        for (sum, entry) in sums.iter_mut().zip(entries) {
            *sum = T::mul_add(simd, row, entry, *sum);
        }
    }
}
