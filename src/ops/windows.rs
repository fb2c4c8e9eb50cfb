//! Kernels that sweep along the last axes: what convolutions and pooling have in common. Attributes hold one size for
//! all axes or one for each; sizes of results follow from them, and so does what is wrong.

use super::contract::Def;
use super::shape_rules::axes as count;
use super::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::border::Border;
use crate::tensor::sweep::Sweep;

/// How a kernel sweeps along one axis.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) kernel: Dim,
    pub(super) stride: Dim,
    pub(super) dilation: Dim,
    /// What is added before the axis.
    pub(super) before: Dim,
    /// What is added behind it.
    pub(super) after: Dim,
}

impl Window {
    /// How many elements it covers, those between its taps included.
    pub(super) fn extent(&self) -> Dim {
        self.kernel.sub(&Dim::ONE).mul(&self.dilation).add(&Dim::ONE)
    }

    pub(super) fn padding(&self) -> Dim {
        self.before.add(&self.after)
    }

    /// How many places it has: ⌊(size + padding - extent) / stride⌋ + 1.
    pub(super) fn places(&self, size: &Dim) -> Dim {
        size.add(&self.padding()).sub(&self.extent()).floor_div(&self.stride).add(&Dim::ONE)
    }

    /// The same where all sizes are numbers.
    pub(super) fn sweep(&self, input: usize, output: usize, border: Border) -> Option<Sweep> {
        let number = |dim: &Dim| usize::try_from(dim.as_const()?).ok();
        let (taps, stride, dilation) = (number(&self.kernel)?, number(&self.stride)?, number(&self.dilation)?);
        let before = number(&self.before)?;
        Some(Sweep { input, output, taps, stride, dilation, before, border })
    }
}

/// The values of an attribute for each of the axes, none of them below `least`.
pub(super) fn each(
    attributes: &Attributes,
    name: &'static str,
    axes: usize,
    least: i64,
) -> Result<Vec<Dim>, AttributeError> {
    let values = attributes.sizes(name)?;
    if let Some(value) = values.iter().filter_map(Dim::as_const).find(|value| *value < least) {
        return Err(AttributeError::new(name, format!("`{name}` must be at least {least}, and is {value}")));
    }
    spread(name, &values, axes)
}

/// One value for each axis.
pub(super) fn spread<V: Clone>(name: &'static str, values: &[V], axes: usize) -> Result<Vec<V>, AttributeError> {
    match values {
        [value] => Ok(vec![value.clone(); axes]),
        _ if values.len() == axes => Ok(values.to_vec()),
        _ => {
            let wanted = if axes == 1 { "one value".to_owned() } else { format!("one value, or {axes}") };
            let message = format!("`{name}` must hold {wanted}, and holds {}", values.len());
            Err(AttributeError::new(name, message))
        }
    }
}

/// The number of axes before those that are swept, the channels among them: `[N, C]` or `[C]`.
pub(super) fn leading(def: &Def, input: &TensorType, axes: usize, channels: &str) -> Result<usize, ShapeError> {
    let rank = input.shape.rank();
    let leading = rank.saturating_sub(axes);
    if leading == 1 || leading == 2 {
        return Ok(leading);
    }
    let sizes = ["D", "H", "W"].get(3 - axes..).filter(|_| axes > 1).unwrap_or(&["L"]).join(", ");
    let (name, shape) = (def.name, &input.shape);
    let message = format!("`{name}` wants [N, {channels}, {sizes}] or [{channels}, {sizes}], and gets {shape}");
    Err(ShapeError::new(ShapeErrorKind::Rank, message).cause(Cause::Operand(0), format!("this has {}", count(rank))))
}

/// Where the sizes of a kernel come from.
pub(super) enum Taps {
    Attribute,
    /// The last axes of this operand.
    Operand(usize, Shape),
}

/// Checks that a window finds a place on an axis whose last place may lie `beyond` its end.
pub(super) fn fits(
    facts: &mut Facts,
    def: &Def,
    (input, axis): (&TensorType, usize),
    window: &Window,
    beyond: &Dim,
    kernel: &Taps,
) -> Result<(), ShapeError> {
    let Some(size) = input.shape.get(axis) else { return Ok(()) };
    let wanted = window.extent().sub(&window.padding()).sub(beyond);
    if facts.at_most(&wanted, size) {
        return Ok(());
    }
    let extent = window.extent();
    let message = format!("`{}` wants at least {wanted} along axis {axis}, and gets {size}", def.name);
    let mut error = ShapeError::new(ShapeErrorKind::Mismatch, message)
        .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {size}", input.shape));
    let covers = if window.dilation == Dim::ONE {
        format!("the kernel covers {extent}")
    } else {
        format!("the kernel covers {extent} with a dilation of {}", window.dilation)
    };
    error = match kernel {
        Taps::Attribute => error.cause(Cause::Attribute("kernel_size"), covers),
        Taps::Operand(operand, shape) => {
            let axis = shape.rank() + axis - input.shape.rank();
            error.cause(Cause::Axis { operand: *operand, axis }, covers)
        }
    };
    if window.padding() != Dim::ZERO {
        let (before, after) = (&window.before, &window.after);
        error = error.cause(Cause::Attribute("padding"), format!("it adds {before} before and {after} behind"));
    }
    error.help = remedy(window, size, beyond);
    Err(error)
}

/// The largest kernel that fits, and the least padding with which this one does.
fn remedy(window: &Window, size: &Dim, beyond: &Dim) -> Option<String> {
    let room = size.add(&window.padding()).add(beyond);
    let largest = room.sub(&Dim::ONE).floor_div(&window.dilation).add(&Dim::ONE).as_const()?;
    let missing = window.extent().sub(size).sub(beyond).as_const()?;
    let padding = format!("`padding={}`", missing.saturating_add(1) / 2);
    Some(match (largest >= 1, window.dilation == Dim::ONE) {
        (true, true) => format!("a kernel of {largest} fits, and so does this one with {padding}"),
        (true, false) => format!("a kernel of {largest} fits"),
        (false, _) => format!("with {padding} it fits"),
    })
}

/// What is added by reflection, or from the other end of an axis, must be there. The names are those of the attributes
/// that say how much is added, and how.
pub(super) fn has_border(
    facts: &mut Facts,
    def: &Def,
    (input, axis): (&TensorType, usize),
    added: [&Dim; 2],
    border: Border,
    names: (&'static str, Option<&'static str>),
) -> Result<(), ShapeError> {
    let Some(size) = input.shape.get(axis) else { return Ok(()) };
    let [before, after] = added;
    for (padding, other) in [(before, after), (after, before)] {
        let (spare, how) = match border {
            Border::Reflect => (Dim::ONE, "mirrors"),
            // What the other end takes away isn't there.
            Border::Circular if other.as_const().is_some_and(|other| other < 0) => (other.neg(), "repeats"),
            Border::Circular => (Dim::ZERO, "repeats"),
            Border::Replicate if padding.as_const() != Some(0) => (Dim::ONE.sub(padding), "repeats"),
            Border::Constant | Border::Replicate => continue,
        };
        let wanted = padding.add(&spare);
        if !facts.at_most(&wanted, size) {
            let name = def.name;
            let message = format!("`{name}` {how} {padding} of axis {axis}, and wants it to be at least {wanted}");
            let mut error = ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {size}", input.shape))
                .cause(Cause::Attribute(names.0), format!("it adds {padding}"));
            if let Some(mode) = names.1 {
                error = error.cause(Cause::Attribute(mode), "it takes that from the input");
            }
            let most = size.sub(&spare).as_const().filter(|most| *most > 0);
            error.help = most.map(|most| format!("at most {most} can be added"));
            return Err(error);
        }
    }
    Ok(())
}
