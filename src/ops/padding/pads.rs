//! Padding of the last axes, as layers and as a function: what all kinds share.

use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op, Parameter, Type};
use crate::ops::shape_rules::{any_operand, axes as count};
use crate::ops::windows::{has_border, leading};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind, Value};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::border::Border;
use crate::tensor::pad::for_each_run;
use crate::tensor::{Real, Slice, SliceMut};
use smallvec::SmallVec;
use std::sync::Arc;

const PADDING: Parameter = Parameter::required(
    "padding",
    Type::Sizes,
    "What is added at both ends of each axis: one number for all, or two for each axis, those of the last first. \
     A negative number takes away.",
);
const VALUE: Parameter = Parameter::required("value", Type::Number, "What is added.");

/// The parameters of `ZeroPad1d` and its like.
pub(super) const LAYER: &[Parameter] = &[PADDING];
/// The parameters of `ConstantPad1d` and its like.
pub(super) const CONSTANT: &[Parameter] = &[PADDING, VALUE];

#[derive(Debug)]
pub(super) struct Pad {
    def: &'static Def,
    /// What is added before and behind each axis, the last axis first.
    ends: Vec<[Dim; 2]>,
    border: Border,
    value: f64,
    /// The attributes that say how much is added, and how.
    names: (&'static str, Option<&'static str>),
}

type Built = Result<Arc<dyn Op>, AttributeError>;

impl Pad {
    /// `ReflectionPad1d` and its like.
    pub(super) fn layer(def: &'static Def, axes: usize, border: Border, attributes: &Attributes) -> Built {
        let values = attributes.sizes("padding")?;
        let values = match values.as_slice() {
            [value] => vec![value.clone(); 2 * axes],
            _ if values.len() == 2 * axes => values,
            _ => {
                let message = format!("`padding` must hold one value, or {}, and holds {}", 2 * axes, values.len());
                return Err(AttributeError::new("padding", message));
            }
        };
        let value = attributes.get("value").map_or(0.0, number);
        Ok(Arc::new(Self { def, ends: pairs("padding", &values)?, border, value, names: ("padding", None) }))
    }

    /// `pad`.
    pub(super) fn function(def: &'static Def, attributes: &Attributes) -> Built {
        let values = attributes.sizes("pad")?;
        if values.len() % 2 != 0 {
            let message = format!("`pad` must hold two values for each axis, and holds {}", values.len());
            return Err(AttributeError::new("pad", message));
        }
        let border = match attributes.word("mode")? {
            "reflect" => Border::Reflect,
            "replicate" => Border::Replicate,
            "circular" => Border::Circular,
            _ => Border::Constant,
        };
        let value = attributes.get("value").filter(|value| **value != Value::None);
        if border != Border::Constant && value.is_some() {
            return Err(AttributeError::new("value", "`value` is for the mode \"constant\" alone"));
        }
        let ends = pairs("pad", &values)?;
        if border != Border::Constant && !(1..=3).contains(&ends.len()) {
            let message =
                format!("`pad` must be of 1, 2 or 3 axes unless the mode is \"constant\", and is of {}", ends.len());
            return Err(AttributeError::new("pad", message));
        }
        let value = value.map_or(0.0, number);
        Ok(Arc::new(Self { def, ends, border, value, names: ("pad", Some("mode")) }))
    }

    /// What is added before each axis.
    fn before(&self, rank: usize) -> SmallVec<[isize; 8]> {
        let mut before: SmallVec<[isize; 8]> = smallvec::smallvec![0; rank];
        for (out, [first, _]) in before.iter_mut().rev().zip(&self.ends) {
            *out = first.as_const().unwrap_or(0) as isize;
        }
        before
    }
}

fn pairs(name: &'static str, values: &[Dim]) -> Result<Vec<[Dim; 2]>, AttributeError> {
    // Sums with the size of an axis must be numbers.
    if let Some(value) = values.iter().filter_map(Dim::as_const).find(|value| value.unsigned_abs() > 1 << 62) {
        return Err(AttributeError::new(name, format!("`{name}` can't hold so large a number as {value}")));
    }
    Ok(values.chunks_exact(2).filter_map(|pair| <[Dim; 2]>::try_from(pair.to_vec()).ok()).collect())
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Int(value) => value.as_const().map_or(0.0, |value| value as f64),
        Value::Float(value) => *value,
        Value::Bool(value) => f64::from(u8::from(*value)),
        _ => 0.0,
    }
}

impl Op for Pad {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        let (rank, n) = (input.shape.rank(), self.ends.len());
        if self.border != Border::Constant {
            leading(self.def, input, n, "C")?;
        } else if rank < n {
            let message = format!("`{}` pads {}, and {} has only {rank}", self.def.name, count(n), input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", count(rank)))
                .cause(Cause::Attribute(self.names.0), format!("it is for {}", count(n))));
        }
        let mut output = input.clone();
        for (back, [before, after]) in self.ends.iter().enumerate() {
            let axis = rank - 1 - back;
            let Some(size) = output.shape.get_mut(axis) else { continue };
            // What one end loses, the other can't replace.
            let adds = |end: &Dim| end.as_const().is_some_and(|end| end > 0);
            let removed = match (adds(before), adds(after)) {
                (false, false) => before.add(after),
                (false, true) => before.clone(),
                (true, false) => after.clone(),
                (true, true) => Dim::ZERO,
            };
            let removed = removed.neg();
            if removed.as_const().is_none_or(|removed| removed > 0) && !facts.at_most(&removed, size) {
                let message = format!("`{}` takes {removed} away from axis {axis}, and gets {size}", self.def.name);
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {size}", input.shape))
                    .cause(Cause::Attribute(self.names.0), format!("it adds {before} before and {after} behind")));
            }
            *size = size.add(before).add(after);
            has_border(facts, self.def, (input, axis), [before, after], self.border, self.names)?;
        }
        Ok(vec![output])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

#[allow(clippy::indexing_slicing, reason = "runs stay inside the tensors that they were made of")]
impl<T: Real> Kernel<T> for Pad {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let (shapes, value) = ((x.shape, y.shape), self.value);
        match (x.data, &mut y.data) {
            (Slice::Float(x), SliceMut::Float(y)) => self.copy(shapes, x, y, T::from_f64(value)),
            (Slice::Int(x), SliceMut::Int(y)) => self.copy(shapes, x, y, value as i64),
            (Slice::Bool(x), SliceMut::Bool(y)) => self.copy(shapes, x, y, value != 0.0),
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let (before, data) = (self.before(x.shape.len()), grad.floats());
        for_each_run(x.shape, grad.shape, &before, self.border, |at, length, start| {
            if let Some(start) = start {
                let out = &mut out[start..start + length];
                out.iter_mut().zip(&data[at..at + length]).for_each(|(out, &grad)| *out += grad);
            }
        });
    }
}

impl Pad {
    #[allow(clippy::indexing_slicing, reason = "runs stay inside the tensors that they were made of")]
    fn copy<E: Copy>(&self, shapes: (&[usize], &[usize]), x: &[E], y: &mut [E], value: E) {
        for_each_run(shapes.0, shapes.1, &self.before(shapes.0.len()), self.border, |at, length, start| {
            let y = &mut y[at..at + length];
            match start {
                Some(start) => y.copy_from_slice(&x[start..start + length]),
                None => y.fill(value),
            }
        });
    }
}
