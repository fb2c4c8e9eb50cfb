//! `einsum`: products of any number of tensors, summed over the axes that the result hasn't got.

use super::contraction::{GRAD_FIRST, GRAD_SECOND, Letters, VALUE, contraction, loops, operations};
use super::equation::{Equation, name};
use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, ParameterKind, Type,
};
use crate::ops::shape_rules::{any_operand, axes, broadcast_dim, operand_of};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::nest::Nest;
use crate::tensor::reduce::add_sums;
use crate::tensor::{Real, View, ViewMut};
use smallvec::SmallVec;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "einsum",
    form: Form::Function,
    summary: "Multiplies tensors whose axes have letters, and sums over the letters that the result hasn't got.",
    formula: "bij,bjk->bik: y[b, i, k] = Σⱼ x₀[b, i, j] x₁[b, j, k]",
    parameters: &[
        Parameter::required(
            EQUATION,
            Type::Str,
            "Letters for the axes of each operand, then `->` and those of the result; without it the letters that occur once.",
        ),
        Parameter {
            name: "operands",
            kind: ParameterKind::Operands,
            doc: "Float tensors, each with an axis for each of its letters; `...` stands for axes that broadcast.",
        },
    ],
    torch: "torch.einsum",
    onnx: "Einsum",
    examples: &[
        "input a: [2, 3]  input b: [3, 4]  output einsum(\"ij,jk->ik\", a, b)",
        "input q: [2, 3, 2, 4]  input k: [2, 5, 2, 4]  output einsum(\"bqhd,bkhd->bhqk\", q, k)",
        "input a: [2, 3, 4]  input b: [4, 2]  output einsum(\"...i, ij\", a, b)",
        "input a: [3, 3]  output einsum(\"ii\", a)",
        "input a: [2, 3, 4]  output einsum(\"bij->bji\", a)",
        "input a: [2, 3]  input b: [3, 4]  input c: [4, 2]  output einsum(\"ij,jk,kl->il\", a, b, c)",
        "input a: [2, 1, 3]  input b: [4, 3]  input c: [2]  output einsum(\"b...i,...i,b->...b\", [a, b, c])",
    ],
    build: |attributes| Einsum::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

const EQUATION: &str = "equation";

#[derive(Debug)]
struct Einsum {
    equation: Equation,
}

/// The letters of the operands, of the products of the first two, three, … of them, the last of which is the result.
struct Path {
    operands: SmallVec<[Letters; 4]>,
    products: SmallVec<[Letters; 4]>,
}

impl Einsum {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        match Equation::parse(attributes.word(EQUATION)?) {
            Ok(equation) => Ok(Self { equation }),
            Err(why) => Err(AttributeError::new(EQUATION, format!("`{EQUATION}` {why}"))),
        }
    }

    /// A product keeps the letters that a later operand or the result has.
    fn path(&self, ranks: impl Iterator<Item = usize>) -> Path {
        let operands: SmallVec<[Letters; 4]> =
            ranks.enumerate().map(|(term, rank)| self.equation.operand(term, rank)).collect();
        let result = self.equation.result(&operands);
        let mut products: SmallVec<[Letters; 4]> = SmallVec::new();
        for at in 1..operands.len().saturating_sub(1) {
            let before = products.last().or(operands.first());
            let mut kept = Letters::new();
            for letter in before.into_iter().chain(operands.get(at)).flatten() {
                let later = operands.iter().skip(at + 1).chain([&result]).any(|letters| letters.contains(letter));
                if later && !kept.contains(letter) {
                    kept.push(*letter);
                }
            }
            products.push(kept);
        }
        products.push(result);
        Path { operands, products }
    }

    /// The types of the products before the last.
    fn between(&self, inputs: &[TensorType]) -> Vec<TensorType> {
        let path = self.path(inputs.iter().map(|input| input.shape.rank()));
        let size = |letter: &u32| {
            let pairs = path.operands.iter().zip(inputs).flat_map(|(letters, input)| letters.iter().zip(&*input.shape));
            let mut sizes = pairs.filter(|(other, _)| *other == letter).map(|(_, size)| size);
            sizes.find(|size| **size != Dim::ONE).cloned().unwrap_or(Dim::ONE)
        };
        let before = path.products.split_last().map_or(&[][..], |(_, before)| before);
        before.iter().map(|letters| TensorType::float(letters.iter().map(size).collect::<Shape>())).collect()
    }

    fn check_ranks(&self, inputs: &[TensorType]) -> Result<(), ShapeError> {
        if inputs.len() != self.equation.n_terms() {
            let (n, found) = (self.equation.n_terms(), inputs.len());
            let message = format!("`einsum` has letters for {n} operands, and gets {found}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Attribute(EQUATION), format!("{n} terms, with commas between them")));
        }
        for (operand, input) in inputs.iter().enumerate() {
            operand_of(&DEF, inputs, operand, Element::Float)?;
            let ((named, ellipsis), rank) = (self.equation.axes(operand), input.shape.rank());
            if rank < named || (rank > named && !ellipsis) {
                let least = if ellipsis { "at least " } else { "" };
                let wanted = format!("{least}{}", axes(named));
                let message =
                    format!("`einsum` has letters for {wanted} of operand {operand}, and gets {}", input.shape);
                return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(operand), format!("this has {}", axes(rank)))
                    .cause(Cause::Attribute(EQUATION), format!("term {operand} has letters for {wanted}")));
            }
        }
        Ok(())
    }
}

impl Op for Einsum {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        any_operand(&DEF, inputs, 0)?;
        self.check_ranks(inputs)?;
        let path = self.path(inputs.iter().map(|input| input.shape.rank()));
        // The size of each letter, and where it was first met.
        let mut sizes: Vec<(u32, Dim, Cause)> = Vec::new();
        for (operand, (letters, input)) in path.operands.iter().zip(inputs).enumerate() {
            for (axis, (&letter, size)) in letters.iter().zip(input.shape.iter()).enumerate() {
                let cause = Cause::Axis { operand, axis };
                let Some((_, known, first)) = sizes.iter_mut().find(|(other, ..)| *other == letter) else {
                    sizes.push((letter, size.clone(), cause));
                    continue;
                };
                let before = letters.iter().zip(input.shape.iter()).take(axis).find(|(other, _)| **other == letter);
                let both = match before {
                    // Only a square has a diagonal.
                    Some((_, side)) => facts.equal(side, size).then(|| known.clone()),
                    None => broadcast_dim(facts, known, size),
                };
                let Some(both) = both else {
                    let message = format!("`einsum` wants one size for {}, and gets {known} and {size}", name(letter));
                    return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                        .cause(cause, format!("{} is {size}", name(letter)))
                        .cause(*first, format!("{} is {known}", name(letter))));
                };
                if *known == Dim::ONE {
                    *first = cause;
                }
                *known = both;
            }
        }
        let size = |letter: &u32| {
            let known = sizes.iter().find(|(other, ..)| other == letter);
            known.map_or(Dim::ONE, |(_, size, _)| size.clone())
        };
        let shape: Shape = path.products.last().into_iter().flatten().map(size).collect();
        Ok(vec![TensorType::float(shape)])
    }

    fn keeps(&self) -> Keeps {
        if self.equation.n_terms() == 1 { Keeps::NOTHING } else { Keeps::INPUTS }
    }

    /// The products before the last.
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        self.between(inputs)
    }

    /// Their gradients.
    fn scratch(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        self.between(inputs)
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let path = self.path(inputs.iter().map(|input| input.shape.rank()));
        let (between, [result]) = (self.between(inputs), outputs) else { return Dim::ZERO };
        let (Some(first), [_, others @ ..]) = (inputs.first(), inputs) else { return Dim::ZERO };
        if others.is_empty() {
            return first.shape.numel();
        }
        let lefts = [first].into_iter().chain(&between);
        let mut left_letters = path.operands.first().into_iter().chain(&path.products);
        let products = path.products.iter().zip(between.iter().chain([result]));
        let mut total = Dim::ZERO;
        for (((left, right), right_letters), (letters, product)) in
            lefts.zip(others).zip(path.operands.iter().skip(1)).zip(products)
        {
            let Some(left_letters) = left_letters.next() else { break };
            let shapes = [&left.shape, &right.shape, &product.shape];
            total = total.add(&operations([left_letters, right_letters, letters], shapes));
        }
        total
    }
}

/// One product of the path, from the left.
struct Pair<'a> {
    letters: [&'a Letters; 3],
    /// The index of the right operand; the left one is the product before it, or the first operand.
    right: usize,
}

impl Path {
    fn pairs(&self) -> impl DoubleEndedIterator<Item = Pair<'_>> {
        (1..self.operands.len()).filter_map(|right| {
            let left = if right == 1 { self.operands.first() } else { self.products.get(right - 2) };
            Some(Pair { letters: [left?, self.operands.get(right)?, self.products.get(right - 1)?], right })
        })
    }

    /// The loops over a single operand and the result.
    fn single(&self, input: &[usize], output: &[usize]) -> Option<Nest<2>> {
        let ([operand], [result]) = (self.operands.as_slice(), self.products.as_slice()) else { return None };
        let axes = loops([operand, &[], result], [input, &[], output]);
        let sizes: SmallVec<[usize; 8]> = axes.iter().map(|axis| axis.size).collect();
        let steps = [0, 2].map(|tensor: usize| -> SmallVec<[usize; 8]> {
            axes.iter().map(|axis| axis.steps.get(tensor).copied().unwrap_or(0)).collect()
        });
        Some(Nest::new(&sizes, steps.each_ref().map(|steps| &**steps)))
    }
}

#[allow(clippy::indexing_slicing, reason = "the path has a product for every operand but the first")]
impl<T: Real> Kernel<T> for Einsum {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let path = self.path(cx.inputs.iter().map(|input| input.shape.len()));
        let [y] = cx.outputs else { return Ok(()) };
        if let [x] = cx.inputs {
            let (x, shape, y) = (x, y.shape, y.floats());
            y.fill(T::zero());
            if let Some(nest) = path.single(x.shape, shape) {
                let x = x.floats();
                add_sums(&nest, 1, 1.0, |[at, _]| x[at], y);
            }
            return Ok(());
        }
        let last = path.operands.len().saturating_sub(1);
        for Pair { letters: [la, lb, ly], right } in path.pairs() {
            let (done, rest) = cx.saved.split_at_mut(right - 1);
            let b = &cx.inputs[right];
            let y: &mut ViewMut<'_, T> = if right == last { &mut *y } else { &mut rest[0] };
            let (shape, y) = (y.shape, y.floats());
            let (a_shape, a): (&[usize], &[T]) = match done.last_mut() {
                Some(a) => (a.shape, a.floats()),
                None => (cx.inputs[0].shape, cx.inputs[0].floats()),
            };
            y.fill(T::zero());
            let axes = loops([la, lb, ly], [a_shape, b.shape, shape]);
            contraction(&axes, VALUE).add(T::one(), a, b.floats(), y);
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let path = self.path(cx.inputs.iter().map(|input| input.shape.len()));
        let [grad] = cx.grad_outputs else { return };
        if let ([x], [Some(out)]) = (cx.inputs, &mut *cx.grad_inputs) {
            if let Some(nest) = path.single(x.shape, grad.shape) {
                let grad = grad.floats();
                nest.for_each_run(|[i, j], length, [to, from]| {
                    (0..length).for_each(|at| out[i + at * to] += grad[j + at * from]);
                });
            }
            return;
        }
        let last = path.operands.len().saturating_sub(1);
        for Pair { letters: [la, lb, ly], right } in path.pairs().rev() {
            let (before, after) = cx.scratch.split_at_mut(right - 1);
            let (shape, grad): (&[usize], &[T]) =
                if right == last { (grad.shape, grad.floats()) } else { (after[0].shape, after[0].floats()) };
            let a: &View<'_, T> = if right == 1 { &cx.inputs[0] } else { &cx.saved[right - 2] };
            let b = &cx.inputs[right];
            let axes = loops([la, lb, ly], [a.shape, b.shape, shape]);
            if let Some(out) = &mut cx.grad_inputs[right] {
                contraction(&axes, GRAD_SECOND).add(T::one(), a.floats(), grad, out);
            }
            let grad_a: Option<&mut [T]> = match before.last_mut() {
                Some(out) => {
                    let out = out.floats();
                    out.fill(T::zero());
                    Some(out)
                }
                None => cx.grad_inputs[0].as_deref_mut(),
            };
            if let Some(out) = grad_a {
                contraction(&axes, GRAD_FIRST).add(T::one(), grad, b.floats(), out);
            }
        }
    }
}
