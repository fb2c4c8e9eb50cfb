//! Resizing of signals, images and volumes: what the layer and the function share.

use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::{axes as count, float_input, numel};
use crate::ops::value::number;
use crate::ops::windows::spread;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind, Value};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::cover::{Cover, CoverAxis, Covering};
use crate::tensor::resize::{Axis, Filter, Resize};
use std::sync::Arc;

pub(super) const SIZE: Parameter = Parameter::attribute(
    "size",
    Type::Sizes,
    Literal::None,
    "The sizes of the output, one for all axes or one for each; either these or `scale_factor` must be given.",
);
pub(super) const SCALE_FACTOR: Parameter = Parameter::attribute(
    "scale_factor",
    Type::OneOf(&[Type::Float, Type::List(&Type::Float)]),
    Literal::None,
    "By what the sizes are multiplied, rounded down.",
);
const MODE: Parameter = Parameter::attribute(
    "mode",
    Type::Word(&["nearest", "linear", "bilinear", "trilinear", "bicubic", "nearest-exact", "area"]),
    Literal::Str("nearest"),
    "What stands between elements; linear is for one axis, bilinear and bicubic for two, trilinear for three. \
     \"area\" takes the mean of what an element covers.",
);
const ALIGN_CORNERS: Parameter = Parameter::attribute(
    "align_corners",
    Type::Bool,
    Literal::None,
    "Whether the first elements meet each other and so do the last, not their outer edges; for linear and cubic modes.",
);
const RECOMPUTE_SCALE_FACTOR: Parameter = Parameter::attribute(
    "recompute_scale_factor",
    Type::Bool,
    Literal::None,
    "Whether positions follow from the sizes of the output, although `scale_factor` is given.",
);

const ANTIALIAS: Parameter = Parameter::attribute(
    "antialias",
    Type::Bool,
    Literal::Bool(false),
    "Whether an element is made of all that it covers where the result is smaller; for \"bilinear\" and \"bicubic\".",
);

/// The parameters of `Upsample`.
pub(super) const LAYER: &[Parameter] = &[SIZE, SCALE_FACTOR, MODE, ALIGN_CORNERS, RECOMPUTE_SCALE_FACTOR];
/// The parameters of `interpolate`.
pub(super) const FUNCTION: &[Parameter] =
    &[Parameter::operand("input", INPUT), SIZE, SCALE_FACTOR, MODE, ALIGN_CORNERS, RECOMPUTE_SCALE_FACTOR, ANTIALIAS];
pub(super) const INPUT: &str = "`[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`";

#[derive(Debug)]
pub(super) struct Interpolation {
    def: &'static Def,
    target: Target,
    method: Method,
    /// How many axes the mode is for.
    axes: Option<usize>,
    mode: String,
    align_corners: bool,
    /// Positions follow from the factor.
    keeps_factor: bool,
}

/// How it is done, as the arguments say.
#[derive(Clone, Copy)]
pub(super) struct Mode<'a> {
    pub(super) name: &'a str,
    pub(super) antialias: bool,
    pub(super) align_corners: Option<bool>,
    pub(super) recompute_scale_factor: Option<bool>,
}

impl<'a> Mode<'a> {
    /// With nothing else said.
    pub(super) fn of(name: &'a str) -> Self {
        Self { name, antialias: false, align_corners: None, recompute_scale_factor: None }
    }
}

/// What elements of the result are made of.
#[derive(Clone, Copy, Debug)]
enum Method {
    /// Of a few neighbours.
    Filter(Filter),
    /// Of all that they cover.
    Cover(Cover),
}

/// The computation for sizes that are known.
enum Work {
    Resize(Resize),
    Covering(Covering),
}

/// What the sizes become.
#[derive(Debug)]
enum Target {
    Sizes(Vec<Dim>),
    Factors(Vec<f64>),
}

impl Interpolation {
    pub(super) fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
        let flag = |name: &'static str| match attributes.get(name) {
            Some(Value::Bool(value)) => Some(*value),
            _ => None,
        };
        let mode = Mode {
            antialias: flag("antialias") == Some(true),
            align_corners: flag("align_corners"),
            recompute_scale_factor: flag("recompute_scale_factor"),
            ..Mode::of(attributes.word("mode")?)
        };
        Self::with(def, mode, attributes)
    }

    /// The size or the factor is among the attributes.
    pub(super) fn with(
        def: &'static Def,
        mode: Mode<'_>,
        attributes: &Attributes,
    ) -> Result<Arc<dyn Op>, AttributeError> {
        let Mode { name: mode, antialias, align_corners, recompute_scale_factor: recompute } = mode;
        let (method, axes) = match mode {
            "linear" => (Method::Filter(Filter::Linear), Some(1)),
            "bilinear" if antialias => (Method::Cover(Cover::Linear), Some(2)),
            "bilinear" => (Method::Filter(Filter::Linear), Some(2)),
            "trilinear" => (Method::Filter(Filter::Linear), Some(3)),
            "bicubic" if antialias => (Method::Cover(Cover::Cubic), Some(2)),
            "bicubic" => (Method::Filter(Filter::Cubic), Some(2)),
            "nearest-exact" => (Method::Filter(Filter::NearestExact), None),
            "area" => (Method::Cover(Cover::Area), None),
            _ => (Method::Filter(Filter::Nearest), None),
        };
        if antialias && axes != Some(2) {
            let message =
                format!("`antialias` is for the modes \"bilinear\" and \"bicubic\", and `mode` is \"{mode}\"");
            return Err(AttributeError::new("antialias", message));
        }
        if align_corners.is_some() && axes.is_none() {
            let message = format!("`align_corners` is for linear and cubic modes, and `mode` is \"{mode}\"");
            return Err(AttributeError::new("align_corners", message));
        }
        let target = Target::new(attributes)?;
        if recompute == Some(true) && matches!(target, Target::Sizes(_)) {
            let message = "`recompute_scale_factor` is for a `scale_factor`, and `size` is given";
            return Err(AttributeError::new("recompute_scale_factor", message));
        }
        let (align_corners, keeps_factor) = (align_corners == Some(true), recompute != Some(true));
        Ok(Arc::new(Self { def, target, method, axes, mode: mode.to_owned(), align_corners, keeps_factor }))
    }

    /// How many axes are resized.
    fn axes(&self, input: &TensorType) -> Result<usize, ShapeError> {
        let (name, rank) = (self.def.name, input.shape.rank());
        let axes = rank.saturating_sub(2);
        if (1..=3).contains(&axes) && self.axes.is_none_or(|wanted| wanted == axes) {
            return Ok(axes);
        }
        let wanted = match self.axes {
            Some(1) => "[N, C, L]",
            Some(2) => "[N, C, H, W]",
            Some(_) => "[N, C, D, H, W]",
            None => "[N, C, L], [N, C, H, W] or [N, C, D, H, W]",
        };
        let message = format!("`{name}` wants {wanted}, and gets {}", input.shape);
        let mut error = ShapeError::new(ShapeErrorKind::Rank, message)
            .cause(Cause::Operand(0), format!("this has {}", count(rank)));
        if let Some(wanted) = self.axes {
            error = error.cause(Cause::Attribute("mode"), format!("\"{}\" is for {}", self.mode, count(wanted)));
            let fits = ["linear", "bilinear", "trilinear"].get(axes.wrapping_sub(1));
            error.help = fits.map(|mode| format!("`mode=\"{mode}\"` fits"));
        }
        Err(error)
    }

    /// What an axis of this size becomes.
    fn output(&self, (index, axes): (usize, usize), axis: usize, input: &TensorType) -> Result<Dim, ShapeError> {
        let size = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        let (name, number_of) = match &self.target {
            Target::Sizes(sizes) => ("size", sizes.len()),
            Target::Factors(factors) => ("scale_factor", factors.len()),
        };
        if number_of != 1 && number_of != axes {
            let message = format!("`{}` resizes {}, and gets {number_of} values", self.def.name, count(axes));
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Attribute(name), format!("it holds {number_of}"))
                .cause(Cause::Operand(0), format!("this is {input}")));
        }
        let index = if number_of == 1 { 0 } else { index };
        match &self.target {
            Target::Sizes(sizes) => Ok(sizes.get(index).cloned().unwrap_or(size)),
            Target::Factors(factors) => {
                let factor = factors.get(index).copied().unwrap_or(1.0);
                scaled(&size, factor).ok_or_else(|| {
                    let factor = number(factor);
                    let message = format!("`{}` can't tell what {size} times {factor} is, rounded down", self.def.name);
                    ShapeError::new(ShapeErrorKind::Mismatch, message)
                        .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {size}", input.shape))
                        .cause(Cause::Attribute("scale_factor"), format!("it is {factor}"))
                        .help("`size` says what it becomes, whatever it was")
                })
            }
        }
    }

    fn work(&self, input: &[usize], output: &[usize]) -> Option<Work> {
        let n = input.len().checked_sub(2)?;
        let factors = match &self.target {
            Target::Factors(factors) if self.keeps_factor => spread("scale_factor", factors, n).ok()?,
            _ => Vec::new(),
        };
        let mut axes = [Axis::SINGLE; 3];
        for index in 0..n {
            *axes.get_mut(3usize.checked_sub(n)? + index)? = Axis {
                input: *input.get(2 + index)?,
                output: *output.get(2 + index)?,
                filter: if let Method::Filter(filter) = self.method { filter } else { Filter::Nearest },
                align_corners: self.align_corners,
                scale: factors.get(index).copied(),
            };
        }
        Some(match self.method {
            Method::Filter(_) => Work::Resize(Resize { planes: input.iter().take(2).product(), axes }),
            Method::Cover(cover) => {
                let covered = |axis: Axis| match axis {
                    Axis::SINGLE => CoverAxis::SINGLE,
                    axis => CoverAxis { input: axis.input, output: axis.output, cover, step: axis.step() },
                };
                Work::Covering(Covering { axes: axes.map(covered) })
            }
        })
    }
}

impl Target {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let size = attributes.get("size").filter(|value| **value != Value::None);
        let factor = attributes.get("scale_factor").filter(|value| **value != Value::None);
        match (size, factor) {
            (Some(_), Some(_)) => {
                Err(AttributeError::new("scale_factor", "`size` and `scale_factor` can't both be given"))
            }
            (None, None) => Err(AttributeError::new("size", "`size` or `scale_factor` must be given")),
            (Some(_), None) => {
                let sizes = attributes.sizes("size")?;
                if let Some(size) = sizes.iter().filter_map(Dim::as_const).find(|size| *size < 1) {
                    return Err(AttributeError::new("size", format!("`size` must be at least 1, and is {size}")));
                }
                Ok(Self::Sizes(sizes))
            }
            (None, Some(value)) => {
                let float = |value: &Value| if let Value::Float(value) = value { Some(*value) } else { None };
                let factors: Vec<f64> = match value {
                    Value::List(items) => items.iter().filter_map(float).collect(),
                    other => float(other).into_iter().collect(),
                };
                if let Some(factor) = factors.iter().find(|factor| !(**factor > 0.0 && factor.is_finite())) {
                    let message = format!("`scale_factor` must be a number above 0, and is {}", number(*factor));
                    return Err(AttributeError::new("scale_factor", message));
                }
                Ok(Self::Factors(factors))
            }
        }
    }
}

/// ⌊size · factor⌋, if it can be told.
fn scaled(size: &Dim, factor: f64) -> Option<Dim> {
    if let Some(size) = size.as_const() {
        let product = (size as f64 * factor).floor();
        return (product < 2f64.powi(53)).then(|| Dim::from(product as i64));
    }
    // A factor whose denominator is a power of 2, such as 0.25 or 1.5.
    let denominator = (0..=16).map(|power| f64::from(1 << power)).find(|d| (factor * d).fract() == 0.0)?;
    let numerator = Some(factor * denominator).filter(|numerator| *numerator < 2f64.powi(32))?;
    Some(size.mul(&Dim::from(numerator as i64)).floor_div(&Dim::from(denominator as i64)))
}

impl Op for Interpolation {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        let axes = self.axes(input)?;
        let mut output = input.clone();
        for axis in 2..input.shape.rank() {
            let size = self.output((axis - 2, axes), axis, input)?;
            let found = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
            if !facts.at_most(&Dim::ONE, &found) || !facts.at_most(&Dim::ONE, &size) {
                let message = format!("`{}` can't make {size} of {found} along axis {axis}", self.def.name);
                let attribute = match self.target {
                    Target::Sizes(_) => "size",
                    Target::Factors(_) => "scale_factor",
                };
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {found}", input.shape))
                    .cause(Cause::Attribute(attribute), format!("it makes {size} of it")));
            }
            if let Some(out) = output.shape.get_mut(axis) {
                *out = size;
            }
        }
        Ok(vec![output])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    /// A product and a sum for each element that takes part, but none where it is only copied. Of what is covered, each
    /// element takes part about once.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let axes = inputs.first().map_or(0, |input| input.shape.rank().saturating_sub(2));
        let each = match self.method {
            Method::Filter(Filter::Nearest | Filter::NearestExact) => return Dim::ZERO,
            Method::Filter(Filter::Linear) => 2i64,
            Method::Filter(Filter::Cubic) => 4,
            Method::Cover(_) => return numel(inputs).mul(&Dim::from(2i64)),
        };
        (0..axes).fold(numel(outputs).mul(&Dim::from(2i64)), |product, _| product.mul(&Dim::from(each)))
    }
}

impl<T: Real> Kernel<T> for Interpolation {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        match self.work(x.shape, y.shape) {
            Some(Work::Resize(resize)) => resize.forward(x.floats(), y.floats()),
            Some(Work::Covering(covering)) => covering.forward(x.floats(), y.floats()),
            None => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        match self.work(x.shape, grad.shape) {
            Some(Work::Resize(resize)) => resize.add_gradient(grad.floats(), out),
            Some(Work::Covering(covering)) => covering.add_gradient(grad.floats(), out),
            None => {}
        }
    }
}
