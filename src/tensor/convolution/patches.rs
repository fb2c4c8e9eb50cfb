//! Patches of planes: for the places of a kernel, side by side in a panel, the elements that its taps meet there.

#![allow(clippy::indexing_slicing, reason = "places and taps are counted from the sizes of the planes")]

use crate::tensor::Real;
use crate::tensor::border::Border;
use crate::tensor::sweep::Sweep;
use smallvec::SmallVec;
use std::ops::Range;

/// How many rows a panel has, at most.
pub(super) const ROWS: usize = 144;
/// How many elements are copied together, and how far beyond the last column.
pub(super) const WIDTH: usize = 16;
/// How many columns a panel has, at most.
pub(super) const MOST_COLUMNS: usize = 256 - WIDTH;

/// A row for each channel and tap, and in it a column for each place. Its pitch is `WIDTH` more than it has columns.
/// Vectors don't cross lines of the cache.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Panel<T, const PITCH: usize>(pub [[T; PITCH]; ROWS]);

/// One axis: the element that meets a tap at a place is `first + place · step + tap · between`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    pub input: usize,
    pub places: usize,
    pub taps: usize,
    pub first: isize,
    /// At least 1.
    pub step: usize,
    pub between: isize,
    pub border: Border,
}

/// Planes `[samples, channels, ...]`, of which some neighbouring channels are seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patches<'a, T> {
    pub planes: &'a [T],
    pub axes: [Reach; 3],
    /// The number of channels of a sample.
    pub channels: usize,
}

/// Rows of a panel: some channels with all taps of the kernel, or one with some of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    pub channels: Range<usize>,
    pub taps: Range<usize>,
}

/// Neighbouring places of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The column of the first.
    pub column: usize,
    pub length: usize,
    pub sample: usize,
    pub place: [usize; 3],
}

pub(super) type Runs = SmallVec<[Run; 256]>;

/// Elements that are copied together; those that aren't wanted are overwritten by the next.
#[derive(Clone, Copy)]
struct Piece {
    column: usize,
    /// From the start of the channel of the first sample; `None` for zeros.
    from: Option<usize>,
}

impl Reach {
    /// The places of a kernel.
    #[must_use]
    pub(super) fn sweep(of: &Sweep) -> Self {
        Self {
            input: of.input,
            places: of.output,
            taps: of.taps,
            first: -(of.before as isize),
            step: of.stride,
            between: of.dilation as isize,
            border: of.border,
        }
    }

    #[inline(always)]
    fn source(&self, place: usize, tap: usize) -> Option<usize> {
        let at = self.at(place, tap);
        if (0..self.input as isize).contains(&at) { Some(at as usize) } else { self.border.source(at, self.input) }
    }

    #[inline(always)]
    fn at(&self, place: usize, tap: usize) -> isize {
        self.first + (place * self.step) as isize + tap as isize * self.between
    }

    /// The places at which a tap meets the axis itself.
    #[inline(always)]
    fn inside(&self, tap: usize) -> Range<usize> {
        let first = self.at(0, tap);
        let (before, reach) = ((-first).max(0) as usize, (self.input as isize - first).max(0) as usize);
        let (start, end) =
            if self.step == 1 { (before, reach) } else { (before.div_ceil(self.step), reach.div_ceil(self.step)) };
        start.min(self.places)..end.clamp(start.min(self.places), self.places)
    }

    /// The places alone, each of which sees itself.
    #[must_use]
    pub(super) fn places(of: &Sweep) -> Self {
        Self::line(of.output)
    }

    fn is_identity(&self) -> bool {
        (self.taps, self.first, self.step) == (1, 0, 1) && self.input == self.places
    }

    const fn line(length: usize) -> Self {
        Self { input: length, places: length, taps: 1, first: 0, step: 1, between: 1, border: Border::Constant }
    }
}

impl Rows {
    /// All rows of panels in blocks that fit into one.
    pub(super) fn blocks(channels: Range<usize>, taps: usize) -> impl Iterator<Item = Self> {
        let most = (ROWS / taps.max(1)).max(1);
        let n_channels = channels.len().div_ceil(channels.len().div_ceil(most).max(1)).max(1);
        let n_taps = taps.div_ceil(taps.div_ceil(ROWS).max(1)).max(1);
        channels.clone().step_by(n_channels).flat_map(move |first| {
            let channels = first..channels.end.min(first + n_channels);
            (0..taps)
                .step_by(n_taps)
                .map(move |tap| Self { channels: channels.clone(), taps: tap..taps.min(tap + n_taps) })
        })
    }

    pub(super) fn count(&self) -> usize {
        self.channels.len() * self.taps.len()
    }
}

impl<T: Real> Patches<'_, T> {
    /// The same with fewer axes, if it sees each element once.
    #[must_use]
    pub(super) fn as_line(self) -> Self {
        if !self.axes.iter().all(Reach::is_identity) {
            return self;
        }
        let pixels = self.pixels();
        Self { axes: [Reach::line(1), Reach::line(1), Reach::line(pixels)], ..self }
    }

    pub(super) fn taps(&self) -> usize {
        self.axes.iter().map(|axis| axis.taps).product()
    }

    /// The number of places in a sample.
    pub(super) fn places(&self) -> usize {
        self.axes.iter().map(|axis| axis.places).product()
    }

    fn pixels(&self) -> usize {
        self.axes.iter().map(|axis| axis.input).product()
    }

    /// Finds the runs of some of the places, which are counted over all samples.
    #[inline(always)]
    pub(super) fn find_runs(&self, columns: Range<usize>, runs: &mut Runs) {
        let [_, y_axis, x_axis] = &self.axes;
        let places = self.places();
        runs.clear();
        let mut at = columns.start;
        let (mut sample, mut line, mut x) = (at / places, at % places / x_axis.places, at % x_axis.places);
        let lines = places / x_axis.places;
        while at < columns.end {
            let length = (x_axis.places - x).min(columns.end - at);
            let place = [line / y_axis.places, line % y_axis.places, x];
            runs.push(Run { column: at - columns.start, length, sample, place });
            at += length;
            x = 0;
            line += 1;
            if line == lines {
                (sample, line) = (sample + 1, 0);
            }
        }
    }

    /// Writes the panel of these runs and rows.
    #[inline(always)]
    pub(super) fn fill<const PITCH: usize>(&self, runs: &[Run], rows: &Rows, panel: &mut Panel<T, PITCH>) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        let (pixels, step) = (self.pixels(), x_axis.step);
        let mut pieces = SmallVec::new();
        // Where no tap leaves the planes, all find their elements at the same distances.
        let is_inside = runs.iter().all(|run| self.is_inside(run));
        if is_inside {
            self.find_pieces(runs, [0; 3], &mut pieces);
        }
        for (index, tap) in rows.taps.clone().enumerate() {
            let (x_tap, rest) = (tap % x_axis.taps, tap / x_axis.taps);
            let (z_tap, y_tap) = (rest / y_axis.taps, rest % y_axis.taps);
            let mut distance = 0;
            if is_inside {
                let lines = z_tap as isize * z_axis.between * y_axis.input as isize + y_tap as isize * y_axis.between;
                distance = lines * x_axis.input as isize + x_tap as isize * x_axis.between;
            } else {
                self.find_pieces(runs, [z_tap, y_tap, x_tap], &mut pieces);
            }
            let (n_taps, channels) = (rows.taps.len(), &rows.channels);
            for piece in &pieces {
                let Some(from) = piece.from else {
                    for row in 0..channels.len() {
                        panel.0[index + row * n_taps][piece.column..piece.column + WIDTH].fill(T::zero());
                    }
                    continue;
                };
                let mut planes = &self.planes[(channels.start * pixels + from).wrapping_add_signed(distance)..];
                let mut row = index;
                for _ in channels.clone() {
                    if let Some(to) = panel.0[row][piece.column..].first_chunk_mut::<WIDTH>() {
                        match step {
                            1 => copy(planes, to),
                            2 => copy_halves(planes, to),
                            _ => copy_some(planes, step, to),
                        }
                    }
                    row += n_taps;
                    planes = planes.get(pixels..).unwrap_or_default();
                }
            }
        }
    }

    /// All taps meet elements of the planes.
    #[inline(always)]
    pub(super) fn is_inside(&self, run: &Run) -> bool {
        self.axes.iter().zip(run.place).zip([1, 1, run.length]).all(|((axis, place), length)| {
            let ends = [axis.at(place, 0), axis.at(place + length - 1, 0)];
            let far = (axis.taps - 1) as isize * axis.between;
            ends.into_iter().all(|at| at.min(at + far) >= 0 && at.max(at + far) < axis.input as isize)
        })
    }

    #[inline(always)]
    fn find_pieces(&self, runs: &[Run], [z_tap, y_tap, x_tap]: [usize; 3], pieces: &mut SmallVec<[Piece; 256]>) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        let (inside, sample) = (x_axis.inside(x_tap), self.channels * self.pixels());
        pieces.clear();
        for run in runs {
            let [z, y, start] = run.place;
            let mut add = |place: usize, from: Option<usize>| {
                pieces.push(Piece { column: run.column + place - start, from });
            };
            let (Some(z), Some(y)) = (z_axis.source(z, z_tap), y_axis.source(y, y_tap)) else {
                (start..start + run.length).step_by(WIDTH).for_each(|place| add(place, None));
                continue;
            };
            let line = run.sample * sample + (z * y_axis.input + y) * x_axis.input;
            let end = start + run.length;
            let within = inside.start.clamp(start, end)..inside.end.clamp(start, end);
            let beyond = |place: usize| x_axis.source(place, x_tap).map(|x| line + x);
            (start..within.start).for_each(|place| add(place, beyond(place)));
            within.clone().step_by(WIDTH).for_each(|place| add(place, Some(line + x_axis.at(place, x_tap) as usize)));
            (within.end.max(within.start)..end).for_each(|place| add(place, beyond(place)));
        }
    }
}

/// What is there of so many elements.
#[inline(always)]
fn copy<T: Real>(from: &[T], to: &mut [T; WIDTH]) {
    match from.first_chunk::<WIDTH>() {
        Some(from) => *to = *from,
        None => copy_some(from, 1, to),
    }
}

/// The same of every second element.
#[inline(always)]
fn copy_halves<T: Real>(from: &[T], to: &mut [T; WIDTH]) {
    match from.first_chunk::<{ 2 * WIDTH }>() {
        Some(from) => to.iter_mut().zip(from.as_chunks::<2>().0).for_each(|(to, [from, _])| *to = *from),
        None => copy_some(from, 2, to),
    }
}

fn copy_some<T: Real>(from: &[T], step: usize, to: &mut [T; WIDTH]) {
    to.iter_mut().zip(from.iter().step_by(step)).for_each(|(to, from)| *to = *from);
}
