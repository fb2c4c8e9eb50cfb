//! Pixels with their channels side by side: planes turned, a line at a time, and strips of such pixels.

#![allow(clippy::indexing_slicing, reason = "lines are counted from the sizes of the image")]

use super::direct::Use;
use super::strips::{Block, Edges, Layout, Strips};
use crate::tensor::Real;
use crate::tensor::vector::{MOST_LANES, lanes, transpose};
use pulp::Simd;

/// How many elements the strips of a block have, at most, and a line of the image.
pub(super) const ROOM: usize = 1 << 15;
pub(super) const LINE: usize = 1 << 14;
/// How many channels are taken together.
pub(super) const CHANNELS: usize = 32;
/// How many elements the widest vectors have.
pub const VECTOR: usize = MOST_LANES;
/// The least part of the elements of such vectors that has to be channels.
const FULL: (usize, usize) = (3, 4);

/// The strips of a block, and a line on the way there. Vectors don't cross lines of the cache if there are as many
/// channels as a vector has elements, or a multiple.
#[repr(align(64))]
pub(super) struct Pixels<T> {
    pub strips: [T; ROOM],
    line: [T; LINE],
}

impl<T: Real> Pixels<T> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self { strips: [T::zero(); ROOM], line: [T::zero(); LINE] }
    }

    /// Copies the strips of a block from the first channels of `planes`, each pixel as `width` elements, which are zeros
    /// beyond the last channel. The strips are those of a single channel.
    #[inline(always)]
    pub(super) fn fill<S: Simd>(
        &mut self,
        simd: S,
        strips: &Strips,
        planes: &[T],
        [channels, width]: [usize; 2],
        block: &Block,
        layout: &Layout,
    ) {
        let [z, y, x] = &strips.axes;
        let (pixels, length) = (z.input * y.input * x.input, block.places.len() * width);
        let line = &mut self.line[..x.input * width];
        for class in 0..strips.classes() {
            for (index, from) in strips.sources(class, block, layout).iter().enumerate() {
                if let Some(from) = *from {
                    turn(simd, &planes[from..], pixels, channels, line, width);
                }
                for tap in 0..x.taps {
                    let to = &mut self.strips[strips.line(tap, class, index, block) * width..][..length];
                    match from {
                        Some(_) => Edges::new(x, tap, &block.places).copy_pixels(line, width, to),
                        None => to.fill(T::zero()),
                    }
                }
            }
        }
    }
}

/// Whether so many channels fill enough of vectors.
pub(super) fn is_full(channels: usize) -> bool {
    channels * FULL.1 >= channels.next_multiple_of(VECTOR) * FULL.0
}

/// Turns rows, of which each begins `pitch` elements behind the one before it, into columns of `width` elements, which are
/// zeros beyond the last row.
#[inline(always)]
pub(super) fn turn<T: Real, S: Simd>(
    simd: S,
    rows: &[T],
    pitch: usize,
    n_rows: usize,
    columns: &mut [T],
    width: usize,
) {
    let (lanes, n_columns) = (lanes::<T, S>(), columns.len() / width);
    for row in (0..width).step_by(lanes) {
        let height = n_rows.saturating_sub(row).min(lanes);
        for column in (0..n_columns).step_by(lanes) {
            let mut square = [T::splat(simd, T::zero()); MOST_LANES];
            // Known lengths let the vectors stay in registers.
            if height == MOST_LANES {
                for (index, square) in square.iter_mut().enumerate() {
                    *square = T::load(simd, &rows[(row + index) * pitch + column..]);
                }
            } else {
                for (index, square) in square.iter_mut().enumerate().take(height) {
                    *square = T::load(simd, &rows[(row + index) * pitch + column..]);
                }
            }
            transpose::<T, S>(simd, &mut square);
            let columns = columns[column * width..].chunks_exact_mut(width);
            for (to, column) in columns.zip(square).take(lanes) {
                T::store(simd, &mut to[row..], column);
            }
        }
    }
}

/// Puts columns of `width` elements, a multiple of `VECTOR`, into rows `pitch` long, from the place `at` on: of each as many
/// elements as there are rows. The columns before have been put, those behind haven't been written.
#[inline(always)]
pub(super) fn put_turned<T: Real, S: Simd>(
    simd: S,
    columns: &[T],
    width: usize,
    how: Use<'_, T>,
    rows: &mut [T],
    pitch: usize,
    at: usize,
) {
    let (lanes, n_columns, n_rows) = (lanes::<T, S>(), columns.len() / width, rows.len() / pitch);
    for row in (0..n_rows).step_by(lanes) {
        for column in (0..n_columns).step_by(lanes) {
            let count = (n_columns - column).min(lanes);
            let mut square = [T::splat(simd, T::zero()); MOST_LANES];
            for (square, column) in square.iter_mut().zip(columns[column * width..].chunks_exact(width)).take(lanes) {
                *square = T::load(simd, &column[row..]);
            }
            transpose::<T, S>(simd, &mut square);
            let rows = rows[row * pitch..].chunks_exact_mut(pitch).enumerate();
            for ((index, to), turned) in rows.zip(square).take(lanes) {
                let to = &mut to[at + column..];
                let start = match how {
                    Use::Add => T::load(simd, to),
                    Use::Write(bias) => T::splat(simd, bias.map_or(T::zero(), |bias| bias[row + index])),
                };
                // Where there is room, zeros are added to what follows, or it is written too early.
                let to = if to.len() < lanes { &mut to[..count] } else { to };
                T::store(simd, to, T::sum_of(simd, turned, start));
            }
        }
    }
}
