//! Undoing a maximum over windows: what the layers `MaxUnpool1d` to `MaxUnpool3d` and their functions have in common. An
//! element goes back to the place from which `MaxPool` says that it came; all other places are 0.

#![allow(clippy::indexing_slicing, reason = "indices are checked, and planes stay inside the tensors")]

use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::indexing::check;
use crate::ops::shape_rules::{axes, float_input, operand_of};
use crate::ops::windows::{each, leading};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind, Value};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) const INDICES: Parameter =
    Parameter::operand("indices", "Where each element goes, counted over the last axes; the shape of the input.");
pub(super) const KERNEL_SIZE: Parameter =
    Parameter::required("kernel_size", Type::Sizes, "The size of the window of the maximum.");
pub(super) const STRIDE: Parameter = Parameter::attribute(
    "stride",
    Type::Sizes,
    Literal::None,
    "The distance between its places; without it they don't overlap.",
);
pub(super) const PADDING: Parameter =
    Parameter::attribute("padding", Type::Sizes, Literal::Int(0), "What it added at both ends of each axis.");
pub(super) const OUTPUT_SIZE: Parameter = Parameter::attribute(
    "output_size",
    Type::Sizes,
    Literal::None,
    "The sizes that the window swept over, or the whole shape; without it the least that it may have been.",
);

#[derive(Clone, Debug)]
pub(super) struct Unpool {
    def: &'static Def,
    axes: usize,
    kernel: Vec<Dim>,
    stride: Vec<Dim>,
    padding: Vec<Dim>,
    /// Of the swept axes.
    output: Option<Vec<Dim>>,
}

impl Unpool {
    pub(super) fn build(
        def: &'static Def,
        axes: usize,
        attributes: &Attributes,
    ) -> Result<Arc<dyn Op>, AttributeError> {
        let kernel = each(attributes, "kernel_size", axes, 1)?;
        let has_stride = attributes.get("stride").is_some_and(|stride| *stride != Value::None);
        let stride = if has_stride { each(attributes, "stride", axes, 1)? } else { kernel.clone() };
        let padding = each(attributes, "padding", axes, 0)?;
        let op = Self { def, axes, kernel, stride, padding, output: None };
        Ok(Arc::new(if def.is_layer() { op } else { op.with_size(attributes)? }))
    }

    fn with_size(self, attributes: &Attributes) -> Result<Self, AttributeError> {
        if attributes.get("output_size").is_none_or(|size| *size == Value::None) {
            return Ok(self);
        }
        let (sizes, axes) = (attributes.sizes("output_size")?, self.axes);
        let skipped = sizes.len().checked_sub(axes).filter(|skipped| *skipped <= 2);
        let Some(output) = skipped.and_then(|skipped| sizes.get(skipped..)).map(<[Dim]>::to_vec) else {
            let message =
                format!("`output_size` must hold {axes} values, or the whole shape, and holds {}", sizes.len());
            return Err(AttributeError::new("output_size", message));
        };
        Ok(Self { output: Some(output), ..self })
    }

    /// The sizes of the swept axes of the result.
    fn sizes(&self, input: &Shape) -> Vec<Dim> {
        if let Some(output) = &self.output {
            return output.clone();
        }
        let sizes = input.iter().skip(input.rank().saturating_sub(self.axes));
        let windows = self.kernel.iter().zip(&self.stride).zip(&self.padding);
        sizes
            .zip(windows)
            .map(|(size, ((kernel, stride), padding))| {
                size.sub(&Dim::ONE).mul(stride).sub(&padding.add(padding)).add(kernel)
            })
            .collect()
    }

    fn check_indices(&self, facts: &mut Facts, [input, indices]: [&TensorType; 2]) -> Result<(), ShapeError> {
        let (name, a, b) = (self.def.name, &input.shape, &indices.shape);
        let message = format!("`{name}` wants an index for each element, and gets {indices} for {a}");
        if a.rank() != b.rank() {
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(1), format!("this has {}", axes(b.rank())))
                .cause(Cause::Operand(0), format!("this has {}", axes(a.rank()))));
        }
        match a.iter().zip(b.iter()).enumerate().find(|(_, (x, y))| !facts.equal(x, y)) {
            None => Ok(()),
            Some((axis, (x, y))) => Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 1, axis }, format!("axis {axis} is {y}"))
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {x}"))),
        }
    }

    /// How many elements a plane has in the input and in the result.
    fn planes(&self, input: &[usize], output: &[usize]) -> (usize, usize) {
        let of = |shape: &[usize]| shape.iter().rev().take(self.axes).product();
        (of(input), of(output))
    }
}

impl Op for Unpool {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn at_call(&self, call: &Attributes) -> Result<Option<Arc<dyn Op>>, AttributeError> {
        Ok(Some(Arc::new(self.clone().with_size(call)?)))
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        let leading = leading(self.def, input, self.axes, "C")?;
        let indices = operand_of(self.def, inputs, 1, Element::Int)?;
        self.check_indices(facts, [input, indices])?;
        let least = Self { output: None, ..self.clone() }.sizes(&input.shape);
        let sizes = self.sizes(&input.shape);
        for (axis, ((size, least), stride)) in sizes.iter().zip(&least).zip(&self.stride).enumerate() {
            // The window had as many places on these sizes.
            let fits = match &self.output {
                None => facts.at_most(&Dim::ZERO, size),
                Some(_) => {
                    let most = least.add(stride).sub(&Dim::ONE);
                    facts.at_most(&least.sub(stride).add(&Dim::ONE), size) && facts.at_most(size, &most)
                }
            };
            if !fits {
                let axis = leading + axis;
                let cause = match self.output {
                    Some(_) => (Cause::Attribute("output_size"), format!("it asks for {size}")),
                    None => (Cause::Attribute("padding"), "it takes more away than there is".to_owned()),
                };
                let from = input.shape.get(axis).unwrap_or(&Dim::ONE);
                let message = format!("`{}` can't make {size} of axis {axis} of {input}", self.def.name);
                let error = ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {input} is {from}"))
                    .cause(cause.0, cause.1);
                let sizes =
                    format!("a window with {from} places sweeps over less than {stride} more or less than {least}");
                return Err(if self.output.is_some() { error.help(sizes) } else { error });
            }
        }
        Ok(vec![TensorType::float(input.shape.iter().take(leading).chain(&sizes).cloned().collect::<Shape>())])
    }

    fn keeps(&self) -> Keeps {
        Keeps::input(1)
    }

    /// Which places are taken.
    fn scratch(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        outputs.iter().map(|output| TensorType::new(Element::Bool, output.shape.clone())).collect()
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        let sizes = self.sizes(&inputs.first()?.shape);
        (operand == 1).then(|| sizes.iter().fold(Dim::ONE, |product, size| product.mul(size)))
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

impl<T: Real> Kernel<T> for Unpool {
    /// Where several elements go to one place, the last stays.
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, indices], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let planes = self.planes(x.shape, y.shape);
        check(1, indices, planes.1)?;
        let y = y.floats();
        y.fill(T::zero());
        for (from, (&x, &to)) in x.floats().iter().zip(indices.ints()).enumerate() {
            y[place(from, to, planes)] = x;
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([_, indices], [grad]) = (cx.inputs, cx.grad_outputs) else { return };
        let ([taken], [Some(out), ..]) = (cx.scratch, cx.grad_inputs) else { return };
        let (planes, grad, taken) = (self.planes(indices.shape, grad.shape), grad.floats(), taken.bools());
        taken.fill(false);
        // From the last element on, as that is the one which stays.
        for (from, &to) in indices.ints().iter().enumerate().rev() {
            let to = place(from, to, planes);
            if !std::mem::replace(&mut taken[to], true) {
                out[from] += grad[to];
            }
        }
    }
}

/// Where an element goes: each plane of `n` elements becomes one of `m`.
fn place(from: usize, index: i64, (n, m): (usize, usize)) -> usize {
    from / n.max(1) * m + index as usize
}
