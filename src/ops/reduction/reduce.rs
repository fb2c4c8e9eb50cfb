//! Reductions along axes: which axes, the loops, sums; and what losses do with the losses of single elements.

use crate::ops::axis::axes_of;
use crate::ops::contract::{Backward, DataError, Def, Forward, Literal, Parameter, Type};
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Dim, Element, Shape, TensorType};
use crate::tensor::along::sums;
use crate::tensor::lane::Lanes;
use crate::tensor::nest::{Nest, Steps, broadcast_steps, dense_steps};
use crate::tensor::reduce::add_sums;
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice, SliceMut, View};

/// The axes that are reduced, as they are written.
#[derive(Debug)]
pub(in crate::ops) struct Axes {
    dim: Option<Vec<i64>>,
    keepdim: bool,
}

pub(super) const DIM: Parameter = Parameter::attribute(
    "dim",
    Type::Ints,
    Literal::None,
    "The axes that are reduced; `none` and an empty list stand for all.",
);
pub(in crate::ops) const ONE_DIM: Parameter =
    Parameter::attribute("dim", Type::Int, Literal::None, "The axis that is reduced; `none` stands for all.");
pub(in crate::ops) const KEEPDIM: Parameter =
    Parameter::attribute("keepdim", Type::Bool, Literal::Bool(false), "Whether what is reduced stays, with size 1.");

/// What the elements of sums and products are: ints, unless they are of floats.
pub(super) fn sum_element(element: Element) -> Element {
    if element == Element::Float { Element::Float } else { Element::Int }
}

impl Axes {
    pub(super) fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let dim = attributes.optional_ints("dim")?.filter(|dims| !dims.is_empty());
        Ok(Self { dim, keepdim: attributes.bool("keepdim")? })
    }

    /// The shape of the result.
    pub(super) fn shape(&self, def: &Def, input: &TensorType) -> Result<Shape, ShapeError> {
        let reduced = self.dim.as_deref().map(|dims| axes_of(def, "dim", dims, input)).transpose()?;
        let mut shape = Shape::scalar();
        for (axis, size) in input.shape.iter().enumerate() {
            if reduced.as_ref().is_some_and(|reduced| !reduced.contains(&axis)) {
                shape.push(size.clone());
            } else if self.keepdim {
                shape.push(Dim::ONE);
            }
        }
        Ok(shape)
    }

    /// One axis, or all of them.
    pub(super) fn one_or_all(attributes: &Attributes) -> Result<Self, AttributeError> {
        let dim = attributes.optional_int("dim")?.map(|dim| vec![dim]);
        Ok(Self { dim, keepdim: attributes.bool("keepdim")? })
    }

    /// All axes.
    pub(in crate::ops) fn all() -> Self {
        Self { dim: None, keepdim: false }
    }

    fn reduces(&self, axis: usize, rank: usize) -> bool {
        self.dim.as_ref().is_none_or(|dims| dims.iter().any(|dim| crate::ops::axis::axis(*dim, rank) == Some(axis)))
    }

    /// The lanes that are reduced, if the axes are neighbours.
    pub(super) fn lanes(&self, shape: &[usize]) -> Option<Lanes> {
        Lanes::along_all(shape, |axis| self.reduces(axis, shape.len())).map(|(_, lanes)| lanes)
    }

    /// The loops over the elements of the input, and over the result, repeated.
    pub(in crate::ops) fn nest(&self, shape: &[usize]) -> Nest<2> {
        let reduced = |axis: usize| self.reduces(axis, shape.len());
        let kept: Steps = shape.iter().enumerate().map(|(axis, &size)| if reduced(axis) { 1 } else { size }).collect();
        Nest::new(shape, [&dense_steps(shape), &broadcast_steps(&kept, shape)])
    }

    /// Adds `value(i, j)` to each element `i` of the gradient of the input, where `j` is the element of the result that it
    /// was reduced to.
    pub(super) fn spread<T: Real>(&self, shape: &[usize], out: &mut [T], value: impl Fn(usize, usize) -> T) {
        self.nest(shape).for_each_run(|[i, j], length, [_, step]| {
            let out = out.get_mut(i..i + length).unwrap_or_default();
            out.iter_mut().enumerate().for_each(|(index, out)| *out += value(i + index, j + index * step));
        });
    }

    /// The sums times `scale(n)`, where `n` is the number of elements in each sum.
    pub(super) fn forward<T: Real>(&self, cx: Forward<T>, scale: impl Fn(f64) -> f64) {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return };
        let nest = self.nest(x.shape);
        match &mut y.data {
            SliceMut::Float(y) => {
                let count = ratio(x.shape, y.len());
                if let (Slice::Float(x), Some(lanes)) = (x.data, self.lanes(x.shape)) {
                    sums(x, lanes, scale(count), y);
                } else {
                    let x = x.floats();
                    y.fill(T::zero());
                    add_sums(&nest, 1, scale(count), |[i, _]| x.at(i), y);
                }
                if count == 0.0 {
                    y.fill(T::from_f64(0.0 * scale(count)));
                }
            }
            SliceMut::Int(y) => {
                y.fill(0);
                nest.for_each_run(|[i, j], length, [_, step]| {
                    for index in 0..length {
                        let value: i64 = x.data.at(i + index);
                        if let Some(sum) = y.get_mut(j + index * step) {
                            *sum = sum.wrapping_add(value);
                        }
                    }
                });
            }
            SliceMut::Bool(_) => {}
        }
    }

    /// Adds the gradient of the input, or writes it where it is fresh.
    pub(super) fn backward<T: Real>(&self, cx: Backward<T>, scale: impl Fn(f64) -> f64) {
        let is_fresh = cx.fresh.has_input(0);
        let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let grad = grad.floats();
        let scale = T::from_f64(scale(ratio(x.shape, grad.len())));
        self.nest(x.shape).for_each_run(|[i, j], length, [_, step]| {
            let out = out.get_mut(i..i + length).unwrap_or_default();
            match (step, is_fresh) {
                (0, true) => out.fill(grad.at(j) * scale),
                (0, false) => {
                    let grad = grad.at(j) * scale;
                    out.iter_mut().for_each(|out| *out += grad);
                }
                (_, true) => out.iter_mut().zip(grad.window(j, length)).for_each(|(out, &grad)| *out = grad * scale),
                (_, false) => out.iter_mut().zip(grad.window(j, length)).for_each(|(out, &grad)| *out += grad * scale),
            }
        });
    }
}

/// How many elements each sum has.
fn ratio(shape: &[usize], sums: usize) -> f64 {
    let elements: usize = shape.iter().product();
    elements.checked_div(sums).unwrap_or(0) as f64
}

/// The least and the greatest of nothing is nothing that could be told.
pub(in crate::ops) fn not_empty<T>(x: &View<'_, T>, results: usize) -> Result<(), DataError> {
    if results == 0 || x.shape.iter().all(|size| *size > 0) {
        return Ok(());
    }
    let axis = x.shape.iter().position(|size| *size == 0).unwrap_or(0);
    Err(DataError { operand: 0, message: format!("there is no element to choose: axis {axis} has size 0") })
}

/// What a loss makes of the losses of the single elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Reduction {
    Mean,
    /// The sum, divided by the size of the first axis.
    BatchMean,
    Sum,
    None,
}

pub(in crate::ops) const REDUCTION: Parameter = Parameter::attribute(
    "reduction",
    Type::Word(&["mean", "sum", "none"]),
    Literal::Str("mean"),
    "Whether the losses are averaged, summed up or left as they are.",
);

impl Reduction {
    pub(in crate::ops) fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        Ok(match attributes.word("reduction")? {
            "batchmean" => Self::BatchMean,
            "sum" => Self::Sum,
            "none" => Self::None,
            _ => Self::Mean,
        })
    }

    /// What a sum of losses is multiplied by, given their shape.
    pub(in crate::ops) fn scale(self, losses: &[usize]) -> f64 {
        match self {
            Self::Mean => 1.0 / losses.iter().product::<usize>() as f64,
            Self::BatchMean => 1.0 / losses.first().copied().unwrap_or(1) as f64,
            Self::Sum | Self::None => 1.0,
        }
    }

    /// The shape of the loss, given that of the losses.
    pub(in crate::ops) fn shape(self, losses: Shape) -> Shape {
        if self == Self::None { losses } else { Shape::scalar() }
    }
}
