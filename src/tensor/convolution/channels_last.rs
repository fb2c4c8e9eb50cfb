//! Pixels with their channels side by side: planes turned, a line at a time, and strips of such pixels.

#![allow(clippy::indexing_slicing, reason = "lines are counted from the sizes of the image")]

use super::strips::{Block, Edges, Layout, Strips};
use crate::tensor::Real;

/// How many elements the strips of a block have, at most, and a line of the image.
pub(super) const ROOM: usize = 1 << 15;
pub(super) const LINE: usize = 1 << 14;
/// How many channels are taken together.
pub(super) const CHANNELS: usize = 32;
/// How many elements the widest vectors have.
pub(super) const VECTOR: usize = 16;
/// The least part of the elements of such vectors that has to be channels.
const FULL: (usize, usize) = (3, 4);
/// How many rows and columns are turned together.
const SQUARE: usize = 16;

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
    pub(super) fn fill(
        &mut self,
        strips: &Strips,
        planes: &[T],
        channels: usize,
        width: usize,
        block: &Block,
        layout: &Layout,
    ) {
        let [z, y, x] = &strips.axes;
        let (pixels, length) = (z.input * y.input * x.input, block.places.len() * width);
        let line = &mut self.line[..x.input * width];
        for class in 0..strips.classes() {
            for (index, from) in strips.sources(class, block, layout).iter().enumerate() {
                if let Some(from) = *from {
                    turn(&planes[from..], pixels, channels, line, width);
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
fn turn<T: Real>(rows: &[T], pitch: usize, n_rows: usize, columns: &mut [T], width: usize) {
    let n_columns = columns.len() / width;
    for row in (0..width).step_by(SQUARE) {
        let height = n_rows.saturating_sub(row).min(SQUARE);
        for column in (0..n_columns).step_by(SQUARE) {
            let count = (n_columns - column).min(SQUARE);
            let mut square = [[T::zero(); SQUARE]; SQUARE];
            for (index, square) in square.iter_mut().enumerate().take(height) {
                let row = &rows[(row + index) * pitch + column..];
                match row.first_chunk() {
                    Some(row) => *square = *row,
                    None => square[..count].copy_from_slice(&row[..count]),
                }
            }
            let turned: [[T; SQUARE]; SQUARE] =
                std::array::from_fn(|column| std::array::from_fn(|row| square[row][column]));
            let columns = columns[column * width..].chunks_exact_mut(width);
            for (column, turned) in columns.zip(&turned).take(count) {
                match column[row..].first_chunk_mut() {
                    Some(column) => *column = *turned,
                    None => column[row..].copy_from_slice(&turned[..width - row]),
                }
            }
        }
    }
}

/// Adds columns of `width` elements, a multiple of `VECTOR`, to as many elements of each of the rows.
#[inline(always)]
pub(super) fn add_turned<T: Real>(columns: &[T], width: usize, rows: &mut [T], pitch: usize, n_rows: usize) {
    let n_columns = columns.len() / width;
    for row in (0..n_rows).step_by(SQUARE) {
        for column in (0..n_columns).step_by(SQUARE) {
            let count = (n_columns - column).min(SQUARE);
            let mut square = [[T::zero(); SQUARE]; SQUARE];
            for (square, column) in square.iter_mut().zip(columns[column * width..].chunks_exact(width)) {
                if let Some(column) = column[row..].first_chunk() {
                    *square = *column;
                }
            }
            let turned: [[T; SQUARE]; SQUARE] =
                std::array::from_fn(|row| std::array::from_fn(|column| square[column][row]));
            for (index, turned) in turned.iter().enumerate().take(n_rows - row) {
                let to = &mut rows[(row + index) * pitch + column..];
                match to.first_chunk_mut::<SQUARE>() {
                    // Zeros are added to what follows the row.
                    Some(to) => to.iter_mut().zip(turned).for_each(|(to, from)| *to += *from),
                    None => to[..count].iter_mut().zip(turned).for_each(|(to, from)| *to += *from),
                }
            }
        }
    }
}
