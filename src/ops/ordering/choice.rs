//! Elements chosen along an axis by their order, and where they stood: sorting, the greatest `k`, the median. The
//! gradient of each goes to the place where it stood.

#![allow(clippy::indexing_slicing, reason = "lanes stay inside the tensors that they were made of")]

use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::ops::reduction::{Extreme, not_empty};
use crate::ops::shape_rules::{any_operand, numel};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::lane::{Lane, lanes};
use crate::tensor::order::{self, Order};
use crate::tensor::{Real, Slice, SliceMut, View, ViewMut};

/// Which elements are chosen of each lane.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ops) enum Which {
    Extreme(Extreme),
    /// All, sorted.
    All {
        descending: bool,
    },
    /// The first `k` of the sorted lane.
    First {
        k: Dim,
        descending: bool,
    },
    /// The `k`-th of the sorted lane, counted from 1.
    Kth(Dim),
    /// The lower one of two; NaN if there is one.
    Median,
}

/// The operator that chooses.
#[derive(Debug)]
pub(in crate::ops) struct Choice {
    pub(in crate::ops) def: &'static Def,
    pub(in crate::ops) which: Which,
    /// All elements are one lane if there is none.
    pub(in crate::ops) dim: Option<i64>,
    /// Whether an axis from which one element is chosen stays.
    pub(in crate::ops) keepdim: bool,
    /// Only the places are results, not the elements before them.
    pub(in crate::ops) places_only: bool,
}

impl Which {
    /// How many elements are chosen of a lane of this size; `None` if it is one, and the axis may vanish.
    fn count(&self, size: &Dim) -> Option<Dim> {
        match self {
            Self::All { .. } => Some(size.clone()),
            Self::First { k, .. } => Some(k.clone()),
            Self::Extreme(_) | Self::Kth(_) | Self::Median => None,
        }
    }

    fn k(&self) -> Option<&Dim> {
        if let Self::First { k, .. } | Self::Kth(k) = self { Some(k) } else { None }
    }
}

impl Choice {
    fn shape(&self, facts: &mut Facts, input: &TensorType) -> Result<Shape, ShapeError> {
        let Some(dim) = self.dim else {
            return Ok(if self.keepdim { input.shape.map(|_| Dim::ONE) } else { Shape::scalar() });
        };
        let chosen = axis_of(self.def, "dim", dim, 0, input)?;
        let size = input.shape.get(chosen).cloned().unwrap_or(Dim::ONE);
        if let Some(k) = self.which.k()
            && !facts.at_most(k, &size)
        {
            let (name, plural) = (self.def.name, if *k == Dim::ONE { "" } else { "s" });
            let wanted = match self.which {
                Which::Kth(_) => format!("the element of rank {k}"),
                _ => format!("{k} element{plural}"),
            };
            let message = format!("`{name}` wants {wanted} along axis {chosen} of {}, which has {size}", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis: chosen }, format!("axis {chosen} is {size}"))
                .cause(Cause::Attribute("k"), format!("`k` is {k}")));
        }
        let mut shape = Shape::scalar();
        for (axis, dim) in input.shape.iter().enumerate() {
            if axis != chosen {
                shape.push(dim.clone());
            } else if let Some(count) = self.which.count(dim) {
                shape.push(count);
            } else if self.keepdim {
                shape.push(Dim::ONE);
            }
        }
        Ok(shape)
    }

    /// The lanes of the input, and where those of the results begin and how far their elements are apart.
    fn for_each(&self, shape: &[usize], count: usize, mut visit: impl FnMut(Lane, Lane)) {
        let Some(axis) = self.dim.and_then(|dim| axis(dim, shape.len())) else {
            let length = shape.iter().product();
            return visit(Lane { start: 0, step: 1, length }, Lane { start: 0, step: 1, length: count });
        };
        for lane in lanes(shape, axis) {
            let inner = lane.start % lane.step;
            let outer = lane.start.checked_div(lane.step * lane.length).unwrap_or(0);
            let start = outer * lane.step * count + inner;
            visit(lane, Lane { start, step: lane.step, length: count });
        }
    }

    /// How many elements are chosen of each lane.
    fn count(&self, shape: &[usize]) -> usize {
        let size = self.dim.and_then(|dim| axis(dim, shape.len())).and_then(|axis| shape.get(axis).copied());
        let count = size.and_then(|size| self.which.count(&size.into()));
        count.map_or(1, |count| count.as_const().and_then(|count| usize::try_from(count).ok()).unwrap_or(0))
    }

    /// Writes the indices of the chosen elements in their lanes into `places`. `sorted` has the size of a lane.
    fn choose<E: Order>(&self, shape: &[usize], x: &[E], sorted: &mut [i64], places: &mut [i64]) {
        let count = self.count(shape);
        self.for_each(shape, count, |lane, results| {
            let place = match &self.which {
                Which::Extreme(extreme) => order::first(x, lane, |a, b| extreme.beats(a, b)).unwrap_or(0) as i64,
                Which::All { descending } | Which::First { descending, .. } => {
                    order::sort(x, lane, *descending, count, sorted);
                    results.places().zip(&*sorted).for_each(|(place, index)| places[place] = *index);
                    return;
                }
                Which::Kth(k) => {
                    let k = k.as_const().unwrap_or(1) as usize;
                    order::sort(x, lane, false, k, sorted);
                    sorted.get(k - 1).copied().unwrap_or(0)
                }
                Which::Median => {
                    let nan = (0..lane.length).find(|index| x[lane.at(*index)].is_nan());
                    nan.map_or_else(
                        || {
                            let middle = lane.length.saturating_sub(1) / 2;
                            order::sort(x, lane, false, middle + 1, sorted);
                            sorted.get(middle).copied().unwrap_or(0)
                        },
                        |index| index as i64,
                    )
                }
            };
            places[results.start] = place;
        });
    }

    /// Writes the chosen elements.
    fn take<E: Copy>(&self, shape: &[usize], x: &[E], places: &[i64], values: &mut [E]) {
        self.for_each(shape, self.count(shape), |lane, results| {
            results.places().for_each(|place| values[place] = x[lane.at(places[place] as usize)]);
        });
    }

    fn choose_any<T: Real>(&self, x: &View<'_, T>, sorted: &mut [i64], places: &mut [i64]) -> Result<(), DataError> {
        not_empty(x, places.len())?;
        match x.data {
            _ if places.is_empty() => {}
            Slice::Float(data) => self.choose(x.shape, data, sorted, places),
            Slice::Int(data) => self.choose(x.shape, data, sorted, places),
            Slice::Bool(data) => self.choose(x.shape, data, sorted, places),
        }
        Ok(())
    }

    /// Writes the chosen elements and their indices.
    pub(super) fn write<T: Real>(
        &self,
        x: &View<'_, T>,
        values: &mut ViewMut<'_, T>,
        places: &mut [i64],
        sorted: &mut [i64],
    ) -> Result<(), DataError> {
        self.choose_any(x, sorted, places)?;
        match (x.data, &mut values.data) {
            _ if places.is_empty() => {}
            (Slice::Float(data), SliceMut::Float(values)) => self.take(x.shape, data, places, values),
            (Slice::Int(data), SliceMut::Int(values)) => self.take(x.shape, data, places, values),
            (Slice::Bool(data), SliceMut::Bool(values)) => self.take(x.shape, data, places, values),
            _ => {}
        }
        Ok(())
    }
}

impl Op for Choice {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn n_results(&self) -> usize {
        if self.places_only { 1 } else { 2 }
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        let shape = self.shape(facts, input)?;
        let places = TensorType::new(Element::Int, shape.clone());
        Ok(if self.places_only { vec![places] } else { vec![TensorType::new(input.element, shape), places] })
    }

    /// Where the elements stood.
    fn keeps(&self) -> Keeps {
        if self.places_only { Keeps::NOTHING } else { Keeps::OUTPUTS }
    }

    /// A sorted lane.
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        if matches!(self.which, Which::Extreme(_)) {
            return Vec::new();
        }
        let size = |input: &TensorType| match self.dim {
            Some(dim) => axis(dim, input.shape.rank()).and_then(|axis| input.shape.get(axis).cloned()),
            None => Some(input.shape.numel()),
        };
        inputs.iter().map(|input| TensorType::new(Element::Int, [size(input).unwrap_or(Dim::ONE)])).collect()
    }

    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        numel(inputs)
    }
}

impl<T: Real> Kernel<T> for Choice {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let [x] = cx.inputs else { return Ok(()) };
        let sorted = cx.saved.first_mut().map(ViewMut::ints).unwrap_or_default();
        match cx.outputs {
            [places] => self.choose_any(x, sorted, places.ints()),
            [values, places] => self.write(x, values, places.ints(), sorted),
            _ => Ok(()),
        }
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [_, places], [grad, ..], [Some(out)]) = (cx.inputs, cx.outputs, cx.grad_outputs, cx.grad_inputs)
        else {
            return;
        };
        let (places, grad) = (places.ints(), grad.floats());
        if grad.is_empty() {
            return;
        }
        self.for_each(x.shape, self.count(x.shape), |lane, results| {
            results.places().for_each(|place| out[lane.at(places[place] as usize)] += grad[place]);
        });
    }
}
