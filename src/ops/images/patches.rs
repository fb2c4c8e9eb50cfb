//! Patches of images, one for each place of a window, as columns: what `unfold`, which takes them out, and `fold`, which
//! adds them up, have in common.

use crate::ops::contract::{Def, Literal, Parameter, Type};
use crate::ops::movement::Move;
use crate::ops::windows::{Window, each};
use crate::ops::{AttributeError, Attributes};
use crate::shape::Dim;
use crate::tensor::nest::Nest;

pub(super) const KERNEL_SIZE: Parameter =
    Parameter::required("kernel_size", Type::Sizes, "The height and width of a patch; one number for both.");
pub(super) const DILATION: Parameter =
    Parameter::attribute("dilation", Type::Sizes, Literal::Int(1), "The distance of elements of a patch.");
pub(super) const PADDING: Parameter =
    Parameter::attribute("padding", Type::Sizes, Literal::Int(0), "How many zeros stand around the image.");
pub(super) const STRIDE: Parameter =
    Parameter::attribute("stride", Type::Sizes, Literal::Int(1), "The distance of patches.");

#[derive(Debug)]
pub(super) struct Patches {
    pub(super) def: &'static Def,
    /// Along the height and the width.
    pub(super) windows: [Window; 2],
}

/// How a window goes along one axis, in numbers.
struct Axis {
    size: usize,
    places: usize,
    taps: usize,
    stride: usize,
    dilation: usize,
    before: usize,
}

impl Axis {
    fn new(window: &Window, size: usize) -> Option<Self> {
        let number = |dim: &Dim| usize::try_from(dim.as_const()?).ok();
        Some(Self {
            size,
            places: number(&window.places(&Dim::from(size)))?,
            taps: number(&window.kernel)?,
            stride: number(&window.stride)?,
            dilation: number(&window.dilation)?,
            before: number(&window.before)?,
        })
    }

    /// The first place at which a tap lies in the image, how many there are, and where in the image the first is.
    fn inside(&self, tap: usize) -> (usize, usize, usize) {
        let offset = tap * self.dilation;
        let first = self.before.saturating_sub(offset).div_ceil(self.stride);
        let end = (self.size + self.before).checked_sub(offset + 1).map_or(0, |last| last / self.stride + 1);
        let count = end.min(self.places).saturating_sub(first);
        (first, count, (first * self.stride + offset).saturating_sub(self.before))
    }
}

impl Patches {
    pub(super) fn new(def: &'static Def, attributes: &Attributes) -> Result<Self, AttributeError> {
        let [kernel, dilation, padding, stride] = [("kernel_size", 1), ("dilation", 1), ("padding", 0), ("stride", 1)]
            .map(|(name, least)| each(attributes, name, 2, least));
        let (kernel, dilation, padding, stride) = (kernel?, dilation?, padding?, stride?);
        let at = |values: &[Dim], axis: usize| values.get(axis).cloned().unwrap_or(Dim::ONE);
        let windows = [0, 1].map(|axis| Window {
            kernel: at(&kernel, axis),
            stride: at(&stride, axis),
            dilation: at(&dilation, axis),
            before: at(&padding, axis),
            after: at(&padding, axis),
        });
        Ok(Self { def, windows })
    }

    /// How many elements of one channel a patch has.
    pub(super) fn numel(&self) -> Dim {
        let [high, wide] = &self.windows;
        high.kernel.mul(&wide.kernel)
    }

    /// From the image `[..., C, H, W]` to the columns `[..., C·kernel, L]`: one move for each element of a patch. What
    /// lies outside of the image isn't moved.
    pub(super) fn moves(&self, image: &[usize], visit: &mut dyn FnMut(&Move)) {
        let [batch @ .., channels, height, width] = image else { return };
        let [high, wide] = &self.windows;
        let (Some(high), Some(wide)) = (Axis::new(high, *height), Axis::new(wide, *width)) else { return };
        let (taps, length, batch) = (high.taps * wide.taps, high.places * wide.places, batch.iter().product());
        let image_steps = [channels * height * width, height * width, high.stride * width, wide.stride];
        let column_steps = [channels * taps * length, taps * length, wide.places, 1];
        for (tap, row, column) in (0..taps).map(|tap| (tap, tap / wide.taps, tap % wide.taps)) {
            let ((down, rows, top), (right, columns, left)) = (high.inside(row), wide.inside(column));
            let nest = Nest::new(&[batch, *channels, rows, columns], [&image_steps, &column_steps]);
            let (from, to) = (top * width + left, tap * length + down * wide.places + right);
            visit(&Move { operand: 0, result: 0, from, to, nest });
        }
    }
}
