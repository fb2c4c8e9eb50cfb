//! Pooling over one to three axes, with a window that sweeps or with outputs of a given size: what all kinds share.

use crate::ops::contract::{Backward, DataError, Def, Forward, Grads, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::convolution::KERNEL_SIZE;
use crate::ops::shape_rules::{float_input, numel};
use crate::ops::windows::{Taps, Window, each, fits, leading, spread};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind, Value};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::border::Border;
use crate::tensor::max_pool::MOST_TAPS;
use crate::tensor::pool::{Axis, Divisor, Pool as Planes};
use crate::tensor::{Real, ViewMut};
use std::sync::Arc;

const STRIDE: Parameter = Parameter::attribute(
    "stride",
    Type::Sizes,
    Literal::None,
    "How far the window moves from place to place; `none` stands for its size.",
);
const PADDING: Parameter = Parameter::attribute(
    "padding",
    Type::Sizes,
    Literal::Int(0),
    "What is added at both ends of each axis, at most half of the window.",
);
const DILATION: Parameter =
    Parameter::attribute("dilation", Type::Sizes, Literal::Int(1), "The distance between elements in the window.");
const RETURN_INDICES: Parameter = Parameter::attribute(
    "return_indices",
    Type::Bool,
    Literal::Bool(false),
    "Whether there is a second result: the numbers of the greatest elements, counted over the swept axes.",
);
const CEIL_MODE: Parameter = Parameter::attribute(
    "ceil_mode",
    Type::Bool,
    Literal::Bool(false),
    "Whether a last window may reach beyond the end.",
);
const COUNT_INCLUDE_PAD: Parameter = Parameter::attribute(
    "count_include_pad",
    Type::Bool,
    Literal::Bool(true),
    "Whether the zeros of the padding count in the mean.",
);
const DIVISOR_OVERRIDE: Parameter =
    Parameter::attribute("divisor_override", Type::Int, Literal::None, "What sums are divided by, whatever they hold.");
const OUTPUT_SIZE: Parameter = Parameter::required(
    "output_size",
    Type::OneOf(&[Type::Size, Type::List(&Type::Optional(&Type::Size))]),
    "The size of the output, the same for all axes or one for each; `none` leaves an axis as it is.",
);

const fn input(doc: &'static str) -> Parameter {
    Parameter::operand("input", doc)
}

/// The parameters of `MaxPool1d` and its like.
pub(super) const MAX: &[Parameter] = &[KERNEL_SIZE, STRIDE, PADDING, DILATION, RETURN_INDICES, CEIL_MODE];
/// The parameters of `AvgPool1d`.
pub(super) const MEAN_1D: &[Parameter] = &[KERNEL_SIZE, STRIDE, PADDING, CEIL_MODE, COUNT_INCLUDE_PAD];
/// The parameters of `AvgPool2d` and its like.
pub(super) const MEAN: &[Parameter] = &[KERNEL_SIZE, STRIDE, PADDING, CEIL_MODE, COUNT_INCLUDE_PAD, DIVISOR_OVERRIDE];
/// The parameters of `AdaptiveMaxPool1d` and its like.
pub(super) const ADAPTIVE_MAX: &[Parameter] = &[OUTPUT_SIZE, RETURN_INDICES];
/// The parameters of `AdaptiveAvgPool1d` and its like.
pub(super) const ADAPTIVE_MEAN: &[Parameter] = &[OUTPUT_SIZE];

/// The parameters of `max_pool1d` and its like, with what is said of the input.
pub(super) const fn max(doc: &'static str) -> [Parameter; 7] {
    [input(doc), KERNEL_SIZE, STRIDE, PADDING, DILATION, CEIL_MODE, RETURN_INDICES]
}

/// The parameters of `avg_pool1d`.
pub(super) const fn mean_1d(doc: &'static str) -> [Parameter; 6] {
    [input(doc), KERNEL_SIZE, STRIDE, PADDING, CEIL_MODE, COUNT_INCLUDE_PAD]
}

/// The parameters of `avg_pool2d` and its like.
pub(super) const fn mean(doc: &'static str) -> [Parameter; 7] {
    [input(doc), KERNEL_SIZE, STRIDE, PADDING, CEIL_MODE, COUNT_INCLUDE_PAD, DIVISOR_OVERRIDE]
}

/// The parameters of `adaptive_max_pool1d` and its like.
pub(super) const fn adaptive_max(doc: &'static str) -> [Parameter; 3] {
    [input(doc), OUTPUT_SIZE, RETURN_INDICES]
}

/// The parameters of `adaptive_avg_pool1d` and its like.
pub(super) const fn adaptive_mean(doc: &'static str) -> [Parameter; 2] {
    [input(doc), OUTPUT_SIZE]
}

#[derive(Debug)]
pub(super) struct Pool {
    def: &'static Def,
    axes: usize,
    division: Division,
    kind: Kind,
}

/// How axes are divided.
#[derive(Debug)]
enum Division {
    Windows {
        windows: Vec<Window>,
        ceil: bool,
    },
    /// The sizes of the output; `None` leaves an axis as it is.
    Even(Vec<Option<Dim>>),
}

#[derive(Debug)]
enum Kind {
    Max { indices: bool },
    Mean(Divisor),
}

type Built = Result<Arc<dyn Op>, AttributeError>;

impl Pool {
    /// `MaxPool1d`, `max_pool1d` and their like.
    pub(super) fn max(def: &'static Def, axes: usize, attributes: &Attributes) -> Built {
        let dilation = each(attributes, "dilation", axes, 1)?;
        let kind = Kind::Max { indices: attributes.bool("return_indices")? };
        Ok(Arc::new(Self { def, axes, division: Division::windows(attributes, &dilation)?, kind }))
    }

    /// `AvgPool1d`, `avg_pool1d` and their like.
    pub(super) fn mean(def: &'static Def, axes: usize, attributes: &Attributes) -> Built {
        let divisor = match attributes.get("divisor_override").and_then(Value::as_int) {
            Some(0) => return Err(AttributeError::new("divisor_override", "`divisor_override` can't be 0")),
            Some(divisor) => Divisor::Fixed(divisor as f64),
            None if attributes.bool("count_include_pad")? => Divisor::Padded,
            None => Divisor::Elements,
        };
        let division = Division::windows(attributes, &vec![Dim::ONE; axes])?;
        Ok(Arc::new(Self { def, axes, division, kind: Kind::Mean(divisor) }))
    }

    /// `AdaptiveMaxPool1d`, `adaptive_max_pool1d` and their like.
    pub(super) fn adaptive_max(def: &'static Def, axes: usize, attributes: &Attributes) -> Built {
        let kind = Kind::Max { indices: attributes.bool("return_indices")? };
        Ok(Arc::new(Self { def, axes, division: Division::even(attributes, axes)?, kind }))
    }

    /// `AdaptiveAvgPool1d`, `adaptive_avg_pool1d` and their like.
    pub(super) fn adaptive_mean(def: &'static Def, axes: usize, attributes: &Attributes) -> Built {
        let (division, kind) = (Division::even(attributes, axes)?, Kind::Mean(Divisor::Elements));
        Ok(Arc::new(Self { def, axes, division, kind }))
    }

    fn planes(&self, input: &[usize], output: &[usize]) -> Option<Planes> {
        let leading = input.len().checked_sub(self.axes)?;
        let mut axes = [Axis::SINGLE; 3];
        for index in 0..self.axes {
            let (input, output) = (*input.get(leading + index)?, *output.get(leading + index)?);
            *axes.get_mut(3 - self.axes + index)? = match &self.division {
                Division::Even(_) => Axis::Even { input, output },
                Division::Windows { windows, .. } => {
                    Axis::Sweep(windows.get(index)?.sweep(input, output, Border::Constant)?)
                }
            };
        }
        Some(Planes { planes: input.iter().take(leading).product(), axes })
    }

    /// The number of an element in its window is one that a float holds.
    fn has_few_taps(&self) -> bool {
        let Division::Windows { windows, .. } = &self.division else { return false };
        let taps = windows
            .iter()
            .try_fold(1usize, |product, window| product.checked_mul(usize::try_from(window.kernel.as_const()?).ok()?));
        taps.is_some_and(|taps| taps <= MOST_TAPS)
    }
}

impl Division {
    fn windows(attributes: &Attributes, dilation: &[Dim]) -> Result<Self, AttributeError> {
        let axes = dilation.len();
        let kernel = each(attributes, "kernel_size", axes, 1)?;
        let stride = match attributes.get("stride") {
            Some(Value::None) => kernel.clone(),
            Some(Value::List(items)) if items.is_empty() => kernel.clone(),
            _ => each(attributes, "stride", axes, 1)?,
        };
        let padding = each(attributes, "padding", axes, 0)?;
        for (kernel, padding) in kernel.iter().zip(&padding) {
            if let (Some(kernel), Some(padding)) = (kernel.as_const(), padding.as_const())
                && padding > kernel / 2
            {
                let message = format!("`padding` must be at most half the window, {kernel}, and is {padding}");
                return Err(AttributeError::new("padding", message));
            }
        }
        let windows = kernel.into_iter().zip(stride).zip(padding).zip(dilation);
        let windows = windows.map(|(((kernel, stride), padding), dilation)| Window {
            kernel,
            stride,
            dilation: dilation.clone(),
            before: padding.clone(),
            after: padding,
        });
        Ok(Self::Windows { windows: windows.collect(), ceil: attributes.bool("ceil_mode")? })
    }

    fn even(attributes: &Attributes, axes: usize) -> Result<Self, AttributeError> {
        let size = |value: &Value| if let Value::Int(size) = value { Some(size.clone()) } else { None };
        let sizes: Vec<Option<Dim>> = match attributes.get("output_size") {
            Some(Value::List(items)) => items.iter().map(size).collect(),
            Some(value) => vec![size(value)],
            None => Vec::new(),
        };
        if let Some(size) = sizes.iter().flatten().filter_map(Dim::as_const).find(|size| *size < 0) {
            let message = format!("`output_size` can't be negative, and is {size}");
            return Err(AttributeError::new("output_size", message));
        }
        Ok(Self::Even(spread("output_size", &sizes, axes)?))
    }

    /// The size of the output along one of the swept axes, which is `axis` of the input.
    fn output(
        &self,
        facts: &mut Facts,
        def: &Def,
        index: usize,
        (input, axis): (&TensorType, usize),
    ) -> Result<Dim, ShapeError> {
        let size = input.shape.get(axis).cloned().unwrap_or(Dim::ZERO);
        if !facts.at_most(&Dim::ONE, &size) {
            let message = format!("`{}` wants at least 1 along axis {axis}, and gets {size}", def.name);
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {size}", input.shape)));
        }
        match self {
            Self::Even(sizes) => Ok(sizes.get(index).cloned().flatten().unwrap_or(size)),
            Self::Windows { windows, ceil } => {
                let Some(window) = windows.get(index) else { return Ok(size) };
                let beyond = if *ceil { window.stride.sub(&Dim::ONE) } else { Dim::ZERO };
                fits(facts, def, (input, axis), window, &beyond, &Taps::Attribute)?;
                Ok(if *ceil { places_with_end(facts, window, &size) } else { window.places(&size) })
            }
        }
    }
}

/// How many places there are if the last may reach beyond the end, but not start there.
fn places_with_end(facts: &mut Facts, window: &Window, size: &Dim) -> Dim {
    // The last place starts before size + padding, and the one before it doesn't cover the padded axis: of both bounds
    // the first is the lower one for all sizes, or the second is.
    let start = size.add(&window.before).sub(&Dim::ONE);
    let spare = window.before.add(&window.stride).sub(&window.extent());
    let reach = start.add(&spare);
    let bound = if facts.is_at_most(&spare, &Dim::ZERO) == Some(false) {
        start
    } else {
        facts.at_most(&spare, &Dim::ZERO);
        reach
    };
    bound.floor_div(&window.stride).add(&Dim::ONE)
}

impl Op for Pool {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn n_results(&self) -> usize {
        if matches!(self.kind, Kind::Max { indices: true }) { 2 } else { 1 }
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        let leading = leading(self.def, input, self.axes, "C")?;
        let mut shape: Shape = input.shape.iter().take(leading).cloned().collect();
        for index in 0..self.axes {
            shape.push(self.division.output(facts, self.def, index, (input, leading + index))?);
        }
        let indices = TensorType::new(Element::Int, shape.clone());
        Ok([TensorType::float(shape), indices].into_iter().take(self.n_results()).collect())
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn writes(&self) -> Grads {
        Grads::input(0)
    }

    fn spares_saved(&self) -> bool {
        self.has_few_taps() && matches!(self.kind, Kind::Max { indices: false })
    }

    /// The numbers of the greatest elements: in their windows, or in the whole plane.
    fn saved(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        let element = if self.has_few_taps() { Element::Float } else { Element::Int };
        let numbers = |output: &TensorType| TensorType::new(element, output.shape.clone());
        let is_max = matches!(self.kind, Kind::Max { .. });
        outputs.iter().take(usize::from(is_max)).map(numbers).collect()
    }

    /// One for each element that a place sees.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        match &self.division {
            Division::Even(_) => numel(inputs),
            Division::Windows { windows, .. } => {
                let elements = windows.iter().fold(Dim::ONE, |product, window| product.mul(&window.kernel));
                numel(outputs.get(..1).unwrap_or_default()).mul(&elements)
            }
        }
    }
}

impl<T: Real> Kernel<T> for Pool {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y, indices @ ..]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some(planes) = self.planes(x.shape, y.shape) else { return Ok(()) };
        match (&self.kind, cx.saved) {
            (Kind::Mean(divisor), _) => planes.mean(x.floats(), y.floats(), *divisor),
            (Kind::Max { .. }, [saved]) => {
                let indices = indices.first_mut().map(ViewMut::ints);
                match planes.windows().filter(|_| self.has_few_taps()) {
                    Some(windows) => {
                        windows.forward(x.floats(), y.floats(), saved.floats());
                        if let Some(indices) = indices {
                            windows.indices(saved.floats(), indices);
                        }
                    }
                    None => {
                        planes.max(x.floats(), y.floats(), saved.ints());
                        if let Some(indices) = indices {
                            indices.copy_from_slice(saved.ints());
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [grad, ..], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let Some(planes) = self.planes(x.shape, grad.shape) else { return };
        let windows = planes.windows().filter(|_| self.has_few_taps());
        let is_fresh = cx.fresh.has_input(0);
        if let (Kind::Max { .. }, [saved], Some(windows)) = (&self.kind, cx.saved, &windows) {
            return windows.add_gradient(grad.floats(), saved.floats(), is_fresh, out);
        }
        if is_fresh {
            out.fill(T::zero());
        }
        match (&self.kind, cx.saved) {
            (Kind::Mean(divisor), _) => planes.add_mean_gradient(grad.floats(), out, *divisor),
            (Kind::Max { .. }, [saved]) => planes.add_max_gradient(grad.floats(), saved.ints(), out),
            _ => {}
        }
    }
}
