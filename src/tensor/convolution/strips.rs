//! Strips of an image: the lines that a tap of the last axis meets, at the width of the map and one behind the other. A tap
//! of the axis before it is then no more than a distance: what all taps meet at neighbouring places stands side by side,
//! and most elements are copied once for each tap of the last axis, not for each tap of the kernel.

#![allow(clippy::indexing_slicing, reason = "lines are counted from the sizes of the image")]

use crate::tensor::Real;
use crate::tensor::sweep::Sweep;
use std::ops::Range;

/// How many elements a panel has, and how many of these are there to be read beyond the last strip.
pub(super) const ROOM: usize = 1 << 14;
const BEYOND: usize = 128;
/// How many rows of a panel are told apart, at most.
const MOST_STEPS: usize = 512;
/// How many lines of the image a block has, at most.
const MOST_SOURCES: usize = 256;
/// The greatest width of a strip. Wider ones are divided.
const MOST_WIDTH: usize = 512;
/// How many lines of the map a block has, at most.
const MOST_LINES: usize = 64;
/// How many elements are copied together.
const COPY: usize = 16;
/// The least part of the elements of vectors that has to be places of the map: other divisions of the work waste less than
/// blocks of strips below it.
const FULL: (usize, usize) = (4, 5);
/// What such a copy costs, in vectors of products.
const COPY_COST: usize = 8;

/// The elements that are multiplied. Vectors don't cross lines of the cache if the strips' widths are even enough.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Panel<T>(pub [T; ROOM]);

/// How the places of a map are divided into blocks, and what a block's panel looks like: a strip for each channel, tap of
/// the first axis, remainder of the second and tap of the third.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strips {
    pub axes: [Sweep; 3],
    /// How many channels a panel has, at most.
    channels: usize,
    /// How many lines of the map a block has, and how wide they are. Those of several lines are whole.
    lines: usize,
    width: usize,
    /// Lines of the image that are needed beyond as many as the map has.
    halo: usize,
    /// How many remainders the lines that meet a place leave, divided by the stride.
    remainders: usize,
}

/// Where things are in the panel of a block.
#[derive(Debug)]
pub(super) struct Layout {
    /// Where the elements begin that meet each channel and tap.
    pub starts: [usize; MOST_STEPS],
    /// Where each line of the strips of one channel and tap of the last axis begins in its plane; `None` for zeros.
    lines: [Option<usize>; MOST_SOURCES],
}

impl Layout {
    pub(super) const EMPTY: Self = Self { starts: [0; MOST_STEPS], lines: [None; MOST_SOURCES] };
}

/// Neighbouring places of one sample: some lines, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub z: usize,
    pub lines: Range<usize>,
    pub places: Range<usize>,
}

impl Block {
    /// The number of its places.
    pub(super) fn n_places(&self) -> usize {
        self.lines.len() * self.places.len()
    }
}

impl Strips {
    /// For products of so many rows with patches of so many channels, in blocks of no more places than these. `None` where
    /// strips would be no good.
    #[must_use]
    pub(super) fn new(axes: [Sweep; 3], channels: usize, rows: usize, most_places: usize) -> Option<Self> {
        let axes = as_line(axes);
        let [z, y, x] = axes;
        let remainders = if y.taps == 1 { 1 } else { y.stride };
        let halo = (y.taps - 1) * y.dilation / y.stride;
        let n_taps = z.taps * y.taps * x.taps;
        if n_taps > MOST_STEPS || remainders > y.taps || channels * rows * z.output * y.output * x.output == 0 {
            return None;
        }
        let classes = z.taps * remainders * x.taps;
        let width = x.output.div_ceil(x.output.div_ceil(MOST_WIDTH.min(most_places)));
        let most = if width < x.output { 1 } else { y.output.min(MOST_LINES).min(most_places / width) };
        let of = |lines: usize| {
            let room = classes * (lines + halo) * width;
            let n_channels = ((ROOM - BEYOND) / room).min(MOST_STEPS / n_taps).min(channels);
            // All blocks of channels have about the same size.
            let n_channels = channels.div_ceil(channels.div_ceil(n_channels.max(1))).min(n_channels);
            let copies = classes * (lines + halo) * width.div_ceil(COPY) * COPY_COST;
            // Vectors of products, of which each is also added to the result once for each block of channels.
            let whole = (lines * width).next_multiple_of(2 * COPY);
            let products = whole / COPY * rows;
            let cost = copies + products * (n_taps + 4usize.div_ceil(n_channels.max(1)));
            let is_full = lines * width * FULL.1 >= whole * FULL.0;
            let fits = n_channels > 0 && is_full && z.taps * remainders * (lines + halo) <= MOST_SOURCES;
            fits.then_some((cost * 1000 / (lines * width), lines, n_channels))
        };
        let last = |lines: &usize| y.output.div_ceil(y.output.div_ceil(*lines)) == *lines;
        let (_, lines, n_channels) = (1..=most).filter(last).filter_map(of).min()?;
        Some(Self { axes, channels: n_channels, lines, width, halo, remainders })
    }

    /// For strips of one channel whose places are pixels of several: with room for so many of them, in blocks of no more
    /// places than these. `None` where not even a part of a line fits.
    #[must_use]
    pub(super) fn of_pixels(axes: [Sweep; 3], room: usize, most_places: usize) -> Option<Self> {
        let [z, y, x] = axes;
        let remainders = if y.taps == 1 { 1 } else { y.stride };
        let halo = (y.taps - 1) * y.dilation / y.stride;
        let n_taps = z.taps * y.taps * x.taps;
        if n_taps > MOST_STEPS || remainders > y.taps || z.output * y.output * x.output == 0 {
            return None;
        }
        let classes = z.taps * remainders;
        let width = (room / (classes * x.taps * (1 + halo))).min(most_places);
        let width = x.output.div_ceil(x.output.div_ceil(width.max(1)));
        let most = if width < x.output { 1 } else { y.output.min(MOST_LINES).min(most_places / width) };
        let fits = |lines: &usize| {
            let sources = classes * (lines + halo);
            sources <= MOST_SOURCES && sources * x.taps * width <= room
        };
        let lines = (1..=most).rev().find(fits)?;
        let lines = y.output.div_ceil(y.output.div_ceil(lines));
        Some(Self { axes, channels: 1, lines, width, halo, remainders })
    }

    /// The channels in blocks that fit into a panel.
    pub(super) fn channels(&self, all: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let (n_channels, end) = (self.channels, all.end);
        all.step_by(n_channels).map(move |first| first..end.min(first + n_channels))
    }

    /// How many places a block has.
    pub(super) fn block(&self) -> usize {
        self.lines * self.width
    }

    /// The blocks of the places, in their order.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Block> {
        let ([z, y, x], lines, width) = (self.axes, self.lines, self.width);
        (0..z.output).flat_map(move |z| {
            (0..y.output).step_by(lines).flat_map(move |line| {
                (0..x.output).step_by(width).map(move |place| Block {
                    z,
                    lines: line..y.output.min(line + lines),
                    places: place..x.output.min(place + width),
                })
            })
        })
    }

    /// The number of a block's first place.
    pub(super) fn start(&self, block: &Block) -> usize {
        let [_, y, x] = &self.axes;
        (block.z * y.output + block.lines.start) * x.output + block.places.start
    }

    pub(super) fn taps(&self) -> usize {
        self.axes.iter().map(|axis| axis.taps).product()
    }

    /// Where the strips of a block are and what is copied to them.
    #[inline(always)]
    pub(super) fn find(&self, block: &Block, layout: &mut Layout) {
        let [z, y, x] = &self.axes;
        let (width, strip) = (block.places.len(), self.strip(block));
        let mut starts = layout.starts.iter_mut();
        for channel in 0..self.channels {
            for z_tap in 0..z.taps {
                for y_tap in 0..y.taps {
                    let distance = y_tap * y.dilation;
                    let (remainder, line) = (distance % y.stride % self.remainders, distance / y.stride);
                    let class = z_tap * self.remainders + remainder;
                    for (x_tap, start) in (0..x.taps).zip(&mut starts) {
                        *start = self.strip_number(x_tap, channel, class) * strip + line * width;
                    }
                }
            }
        }
        let count = block.lines.len() + self.halo;
        for class in 0..z.taps * self.remainders {
            let z_line = z.source(block.z, class / self.remainders);
            for (index, line) in layout.lines[class * count..(class + 1) * count].iter_mut().enumerate() {
                let at = (block.lines.start + index) * y.stride + class % self.remainders;
                let y_line = y.border.source(at as isize - y.before as isize, y.input);
                *line = z_line.zip(y_line).map(|(z, line)| (z * y.input + line) * x.input);
            }
        }
    }

    /// How many strips a channel and a tap of the last axis have.
    pub(super) fn classes(&self) -> usize {
        let [z, ..] = &self.axes;
        z.taps * self.remainders
    }

    /// Where each line of such a strip begins in its plane; `None` for zeros.
    #[inline(always)]
    pub(super) fn sources<'a>(&self, class: usize, block: &Block, layout: &'a Layout) -> &'a [Option<usize>] {
        let count = block.lines.len() + self.halo;
        &layout.lines[class * count..][..count]
    }

    /// Where a line of the strips begins if there is one channel.
    #[inline(always)]
    pub(super) fn line(&self, x_tap: usize, class: usize, index: usize, block: &Block) -> usize {
        (x_tap * self.classes() + class) * self.strip(block) + index * block.places.len()
    }

    /// Strips are filled in this order: behind its end each may be overwritten.
    #[inline(always)]
    fn strip_number(&self, x_tap: usize, channel: usize, class: usize) -> usize {
        let [z, ..] = &self.axes;
        (x_tap * self.channels + channel) * z.taps * self.remainders + class
    }

    /// The number of elements of a strip.
    fn strip(&self, block: &Block) -> usize {
        (block.lines.len() + self.halo) * block.places.len()
    }

    /// Copies the strips of a block from the first channels of `planes`.
    #[inline(always)]
    pub(super) fn fill<T: Real>(
        &self,
        planes: &[T],
        channels: usize,
        block: &Block,
        layout: &Layout,
        panel: &mut Panel<T>,
    ) {
        let [z, y, x] = &self.axes;
        let pixels = z.input * y.input * x.input;
        let (count, width) = (block.lines.len() + self.halo, block.places.len());
        if pixels == 0 {
            return panel.0.fill(T::zero());
        }
        let classes = layout.lines[..z.taps * self.remainders * count].chunks_exact(count);
        for (x_tap, edges) in (0..x.taps).map(|tap| (tap, Edges::new(x, tap, &block.places))) {
            for channel in 0..channels {
                let plane = &planes[channel * pixels..];
                for (class, lines) in classes.clone().enumerate() {
                    let at = self.strip_number(x_tap, channel, class) * count * width;
                    edges.copy(plane, lines, width, &mut panel.0[at..]);
                }
            }
        }
    }
}

/// An image that every place meets once is a single line.
fn as_line(axes: [Sweep; 3]) -> [Sweep; 3] {
    if !axes.iter().all(Sweep::is_identity) {
        return axes;
    }
    let pixels = axes.iter().map(|axis| axis.input).product();
    [Sweep::SINGLE, Sweep::SINGLE, Sweep { input: pixels, output: pixels, ..Sweep::SINGLE }]
}

/// The places of a line that a tap meets inside the image, and those at the edges.
pub(super) struct Edges<'a> {
    axis: &'a Sweep,
    tap: usize,
    places: &'a Range<usize>,
    inside: Range<usize>,
    /// Which element the first place inside meets.
    from: usize,
}

impl<'a> Edges<'a> {
    #[inline(always)]
    pub(super) fn new(axis: &'a Sweep, tap: usize, places: &'a Range<usize>) -> Self {
        let inside = axis.inside(tap);
        let start = inside.start.clamp(places.start, places.end);
        let inside = start..inside.end.clamp(start, places.end);
        let from = (inside.start * axis.stride + tap * axis.dilation).saturating_sub(axis.before);
        Self { axis, tap, places, inside, from }
    }

    /// Copies lines of a plane, which goes on behind its end, and so does `to`: what is written there is overwritten.
    #[inline(always)]
    fn copy<T: Real>(&self, plane: &[T], lines: &[Option<usize>], width: usize, to: &mut [T]) {
        let rounded = width.next_multiple_of(COPY);
        let is_inside = self.axis.stride == 1 && self.inside == *self.places;
        for (at, line) in (0..).step_by(width).zip(lines) {
            let Some(line) = *line else {
                to[at..at + width].fill(T::zero());
                continue;
            };
            let from = line + self.from;
            match (plane.get(from..from + rounded), to.get_mut(at..at + rounded)) {
                (Some(from), Some(to)) if is_inside => {
                    to.as_chunks_mut::<COPY>().0.iter_mut().zip(from.as_chunks().0).for_each(|(to, from)| *to = *from);
                }
                _ => self.copy_line(&plane[line..], &mut to[at..at + width]),
            }
        }
    }

    /// The same of a line of pixels with so many elements each.
    #[inline(always)]
    pub(super) fn copy_pixels<T: Real>(&self, line: &[T], width: usize, to: &mut [T]) {
        let first = self.places.start;
        for place in (first..self.inside.start).chain(self.inside.end..self.places.end) {
            let to = &mut to[(place - first) * width..][..width];
            match self.axis.source(place, self.tap) {
                Some(at) => to.copy_from_slice(&line[at * width..][..width]),
                None => to.fill(T::zero()),
            }
        }
        let to = &mut to[(self.inside.start - first) * width..(self.inside.end - first) * width];
        if !to.is_empty() {
            let from = line[self.from * width..].chunks(width).step_by(self.axis.stride);
            to.chunks_exact_mut(width).zip(from).for_each(|(to, from)| to.copy_from_slice(from));
        }
    }

    #[inline(always)]
    fn copy_line<T: Real>(&self, line: &[T], to: &mut [T]) {
        let first = self.places.start;
        for place in (first..self.inside.start).chain(self.inside.end..self.places.end) {
            to[place - first] = self.axis.source(place, self.tap).map_or(T::zero(), |at| line[at]);
        }
        let to = &mut to[self.inside.start - first..self.inside.end - first];
        let from = line.get(self.from..).unwrap_or_default();
        match self.axis.stride {
            1 => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
            2 if from.len() >= 2 * to.len() => {
                to.iter_mut().zip(from.as_chunks::<2>().0).for_each(|(to, [from, _])| *to = *from);
            }
            step => to.iter_mut().zip(from.iter().step_by(step)).for_each(|(to, from)| *to = *from),
        }
    }
}
