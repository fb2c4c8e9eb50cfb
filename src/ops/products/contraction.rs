//! Products of two tensors, summed over axes that both have. The axes of both and of the result have letters: what has
//! the same letter is walked together, and what the result hasn't got is summed. Kernels, and the shape rule of
//! operators whose letters are always the same.

use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::ops::shape_rules::{axes, operand_of, swap_last};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use crate::tensor::contract::{Axis, Contraction};
use crate::tensor::nest::dense_steps;
use smallvec::SmallVec;
use std::fmt::Debug;
use std::sync::Arc;

/// A letter for each axis of a tensor. One that comes twice means a diagonal.
pub(super) type Letters = SmallVec<[u32; 8]>;

/// The loops over three tensors with these letters. An axis of size 1 is repeated where another with its letter is longer.
pub(super) fn loops(letters: [&[u32]; 3], shapes: [&[usize]; 3]) -> SmallVec<[Axis; 8]> {
    let mut all: SmallVec<[(u32, Axis); 8]> = SmallVec::new();
    for (tensor, (letters, shape)) in letters.iter().zip(shapes).enumerate() {
        for ((&letter, &size), step) in letters.iter().zip(shape).zip(dense_steps(shape)) {
            let step = if size == 1 { 0 } else { step };
            let new = Axis { size: 1, steps: [0; 3] };
            let at = all.iter().position(|(other, _)| *other == letter).unwrap_or_else(|| {
                all.push((letter, new));
                all.len() - 1
            });
            let Some((_, axis)) = all.get_mut(at) else { continue };
            if size != 1 {
                axis.size = size;
            }
            if let Some(total) = axis.steps.get_mut(tensor) {
                *total += step;
            }
        }
    }
    all.into_iter().map(|(_, axis)| axis).collect()
}

/// The loops that multiply two tensors, or the gradient and the other for the gradient of one.
pub(super) fn contraction(axes: &[Axis], order: [usize; 3]) -> Contraction {
    let step = |axis: &Axis, tensor: usize| axis.steps.get(tensor).copied().unwrap_or(0);
    Contraction::new(axes.iter().map(|axis| Axis { size: axis.size, steps: order.map(|tensor| step(axis, tensor)) }))
}

/// Which of the tensors are multiplied, and which is added to.
pub(super) const VALUE: [usize; 3] = [0, 1, 2];
pub(super) const GRAD_FIRST: [usize; 3] = [2, 1, 0];
pub(super) const GRAD_SECOND: [usize; 3] = [0, 2, 1];

pub(super) trait Product: Debug + Send + Sync + 'static {
    fn def(&self) -> &'static Def;

    /// The shape of the result. Both operands are floats.
    fn shape(&self, facts: &mut Facts, inputs: [&TensorType; 2]) -> Result<Shape, ShapeError>;

    /// The letters of the operands, which have as many axes, and of the result.
    fn letters(&self, ranks: [usize; 2]) -> [Letters; 3];
}

/// The operator that a product makes.
#[derive(Debug)]
pub(super) struct Multiplied<P>(pub(super) P);

impl<P: Product> Op for Multiplied<P> {
    fn def(&self) -> &'static Def {
        self.0.def()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let a = operand_of(self.0.def(), inputs, 0, Element::Float)?;
        let b = operand_of(self.0.def(), inputs, 1, Element::Float)?;
        self.0.shape(facts, [a, b]).map(|shape| vec![TensorType::float(shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let ([a, b, ..], [y, ..]) = (inputs, outputs) else { return Dim::ZERO };
        let letters = self.0.letters([a.shape.rank(), b.shape.rank()]);
        operations([&letters[0], &letters[1], &letters[2]], [&a.shape, &b.shape, &y.shape])
    }
}

/// A product for every combination of indices, and an addition if something is summed.
pub(super) fn operations(letters: [&[u32]; 3], shapes: [&Shape; 3]) -> Dim {
    let mut seen: Vec<(u32, Dim)> = Vec::new();
    for (letters, shape) in letters.iter().zip(shapes) {
        for (&letter, size) in letters.iter().zip(shape.iter()) {
            match seen.iter_mut().find(|(other, _)| *other == letter) {
                Some((_, known)) if *known == Dim::ONE => *known = size.clone(),
                Some(_) => {}
                None => seen.push((letter, size.clone())),
            }
        }
    }
    let [.., kept] = letters;
    let sums = seen.iter().any(|(letter, _)| !kept.contains(letter));
    let once = seen.iter().fold(Dim::ONE, |product, (_, size)| product.mul(size));
    if sums { once.mul(&Dim::from(2i64)) } else { once }
}

impl<P: Product, T: Real> Kernel<T> for Multiplied<P> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let [la, lb, ly] = self.0.letters([a.shape.len(), b.shape.len()]);
        let axes = loops([&la, &lb, &ly], [a.shape, b.shape, y.shape]);
        let y = y.floats();
        y.fill(T::zero());
        contraction(&axes, VALUE).add(T::one(), a.floats(), b.floats(), y);
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([a, b], [grad], [grad_a, grad_b]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let [la, lb, ly] = self.0.letters([a.shape.len(), b.shape.len()]);
        let axes = loops([&la, &lb, &ly], [a.shape, b.shape, grad.shape]);
        let (a, b, grad) = (a.floats(), b.floats(), grad.floats());
        if let Some(out) = grad_a {
            contraction(&axes, GRAD_FIRST).add(T::one(), grad, b, out);
        }
        if let Some(out) = grad_b {
            contraction(&axes, GRAD_SECOND).add(T::one(), a, grad, out);
        }
    }
}

/// A product whose letters are always the same, as words such as `nm`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixed {
    pub(super) def: &'static Def,
    pub(super) letters: [&'static str; 3],
    /// The index of the first factor among the operands.
    pub(super) first: usize,
}

/// The operator whose two operands and result have these letters.
pub(super) fn fixed(def: &'static Def, letters: [&'static str; 3]) -> Arc<dyn Op> {
    Arc::new(Multiplied(Fixed { def, letters, first: 0 }))
}

impl Product for Fixed {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn shape(&self, facts: &mut Facts, [a, b]: [&TensorType; 2]) -> Result<Shape, ShapeError> {
        let [la, lb, ly] = self.letters;
        let (name, x, y) = (self.def.name, &a.shape, &b.shape);
        let found = format!("`{name}` wants {} and {}, and gets {x} and {y}", bracketed(la), bracketed(lb));
        let (one, two) = (self.first, self.first + 1);
        for (operand, letters, shape) in [(two, lb, y), (one, la, x)] {
            if letters.len() != shape.rank() {
                let message = if letters.len() == 2 && shape.rank() > 2 {
                    Some("`matmul` multiplies stacks of matrices")
                } else {
                    None
                };
                let mut error = ShapeError::new(ShapeErrorKind::Rank, found)
                    .cause(Cause::Operand(operand), format!("this has {}", axes(shape.rank())));
                error.help = message.map(str::to_owned);
                return Err(error);
            }
        }
        for (at, letter) in lb.chars().enumerate() {
            let Some(axis) = la.find(letter) else { continue };
            let (Some(p), Some(q)) = (x.get(axis), y.get(at)) else { continue };
            if !facts.equal(p, q) {
                let message = format!("{found}: {letter} is {p} and {q}");
                let mut error = ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: two, axis: at }, format!("axis {at} of {y} is {q}"))
                    .cause(Cause::Axis { operand: one, axis }, format!("axis {axis} of {x} is {p}"));
                error.help = self.remedy(facts, x, y);
                return Err(error);
            }
        }
        let size = |letter: char| {
            let in_first = la.find(letter).and_then(|axis| x.get(axis));
            in_first.or_else(|| lb.find(letter).and_then(|axis| y.get(axis))).cloned().unwrap_or(Dim::ONE)
        };
        Ok(ly.chars().map(size).collect())
    }

    fn letters(&self, _: [usize; 2]) -> [Letters; 3] {
        self.letters.map(|letters| letters.chars().map(u32::from).collect())
    }
}

impl Fixed {
    /// One of the operands with its last axes exchanged, if that fits.
    fn remedy(&self, facts: &Facts, a: &Shape, b: &Shape) -> Option<String> {
        let [la, lb, _] = self.letters;
        let fits = |a: &Shape, b: &Shape| {
            lb.chars().enumerate().all(|(at, letter)| match (la.find(letter).and_then(|axis| a.get(axis)), b.get(at)) {
                (Some(p), Some(q)) => facts.is_equal(p, q),
                _ => true,
            })
        };
        if let Some(swapped) = swap_last(b).filter(|swapped| fits(a, swapped)) {
            return Some(format!("transpose the second matrix: as {swapped} it fits"));
        }
        let swapped = swap_last(a).filter(|swapped| fits(swapped, b))?;
        Some(format!("transpose the first matrix: as {swapped} it fits"))
    }
}

/// `[n, m]`
fn bracketed(letters: &str) -> String {
    let letters: Vec<String> = letters.chars().map(String::from).collect();
    format!("[{}]", letters.join(", "))
}
