//! Arithmetic of two tensors, element by element. Such an operator's file gives the function on floats and on ints and
//! its two derivatives; what elements and shapes meet, and the kernels, stand here.
//!
//! Shapes broadcast as in NumPy. A float with anything is a float, an int with an int an int; a bool beside a number
//! counts as 0 or 1.

use crate::ops::contract::{
    Backward, DataError, Def, Follow, Forward, Grads, Keeps, Kernel, Literal, Op, Parameter, Type,
};
use crate::ops::shape_rules::{any_operand, broadcast, broadcast_error};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::nest::Nest;
use crate::tensor::reduce::add_sums;
use crate::tensor::simd::{self, Loop, give};
use crate::tensor::zip::{self, Read, zip};
use crate::tensor::{Real, Slice, SliceMut, View, place, threads};
use std::fmt::Debug;
use std::sync::Arc;

pub(in crate::ops) const INPUT: Parameter = Parameter::operand("input", "Any shape.");
pub(in crate::ops) const OTHER: Parameter =
    Parameter::operand("other", "A shape that broadcasts with the other operand's.");

pub(super) const ALPHA: Parameter =
    Parameter::attribute("alpha", Type::Float, Literal::Float(1.0), "What the second operand is multiplied by.");

/// y = f(a, b) for each pair of elements. What works on floats is `#[inline(always)]`: loops over it use vectors.
pub(in crate::ops) trait Binary: Debug + Send + Sync + 'static {
    /// The operands that the derivatives are told from.
    const KEEPS: Keeps;

    /// The operands whose gradients are that of the result, if those of both or of none are.
    const SUMS: [bool; 2] = [false; 2];

    /// What it does with two ints.
    fn ints(&self) -> Ints;

    fn float<T: Real>(&self, a: T, b: T) -> T;

    /// Wraps around on overflow. Only asked for where the result is an int.
    fn int(&self, a: i64, _b: i64) -> i64 {
        a
    }

    /// `grad` · dy/da; `a` and `b` are 0 where they aren't kept.
    fn grad_input<T: Real>(&self, grad: T, a: T, b: T) -> T;

    /// `grad` · dy/db
    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Ints {
    /// The result is an int.
    Int,
    /// The result is an int; the second must not be 0.
    Divided,
    /// They are taken for floats.
    Float,
}

/// The operator that a function of two elements makes.
#[derive(Debug)]
pub(in crate::ops) struct Elementwise<F> {
    def: &'static Def,
    function: F,
}

impl<F: Binary> Elementwise<F> {
    #[allow(clippy::new_ret_no_self, reason = "only the contract of an operator is of use")]
    pub(in crate::ops) fn new(def: &'static Def, function: F) -> Arc<dyn Op> {
        Arc::new(Self { def, function })
    }
}

impl<F: Binary> Op for Elementwise<F> {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (a, b) = (any_operand(self.def, inputs, 0)?, any_operand(self.def, inputs, 1)?);
        let element = match (a.element, b.element) {
            (Element::Bool, Element::Bool) if self.function.ints() != Ints::Float => {
                return Err(two_bools(self.def, [a, b]));
            }
            (Element::Float, _) | (_, Element::Float) => Element::Float,
            _ if self.function.ints() == Ints::Float => Element::Float,
            _ => Element::Int,
        };
        match broadcast(facts, &a.shape, &b.shape) {
            Ok(shape) => Ok(vec![TensorType::new(element, shape)]),
            Err(back) => Err(broadcast_error(facts, self.def, [a, b], back)),
        }
    }

    fn keeps(&self) -> Keeps {
        F::KEEPS
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    fn follows(&self, operand: usize) -> Follow {
        if F::SUMS.get(operand) == Some(&true) { Follow::Sum } else { Follow::No }
    }

    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        crate::ops::shape_rules::numel(outputs)
    }
}

fn two_bools(def: &Def, inputs: [&TensorType; 2]) -> ShapeError {
    let [a, b] = inputs;
    let message = format!("`{}` wants a number among its operands, and gets two bool tensors", def.name);
    ShapeError::new(ShapeErrorKind::Element, message)
        .cause(Cause::Operand(0), format!("this is {a}"))
        .cause(Cause::Operand(1), format!("this is {b}"))
        .help("`1 * x` makes 0 and 1 of the bool tensor `x`")
}

impl<F: Binary, T: Real> Kernel<T> for Elementwise<F> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let nest = zip::broadcast(a.shape, b.shape, y.shape);
        match (&mut y.data, a.data, b.data) {
            (SliceMut::Float(y), Slice::Float(a), Slice::Float(b)) if [a.len(), b.len()] == [y.len(); 2] => {
                let piece = piece(y.len());
                threads::split(y, piece, |index, y| {
                    let [a, b] = [a, b].map(|operand| operand.get(index * piece..).unwrap_or_default());
                    simd::run(Pairs { function: &self.function, a, b, y });
                });
            }
            (SliceMut::Float(y), Slice::Float(a), Slice::Float(b)) => floats(&self.function, &nest, a, b, y),
            (SliceMut::Float(y), a, b) => floats(&self.function, &nest, a, b, y),
            (SliceMut::Int(y), a_ints, b_ints) => {
                if self.function.ints() == Ints::Divided {
                    divisible(b)?;
                }
                zip(&nest, (a_ints, b_ints, ()), y, |y, a: i64, b: i64, ()| *y = self.function.int(a, b));
            }
            (SliceMut::Bool(_), ..) => {}
        }
        Ok(())
    }

    fn backward(&self, mut cx: Backward<T>) {
        let ([a, b], [grad]) = (cx.inputs, cx.grad_outputs) else { return };
        let shapes = [a.shape, b.shape] == [grad.shape; 2];
        let apart = shapes && matches!((a.data, b.data), (Slice::Float(_), Slice::Float(_)));
        if !apart {
            cx.begin();
        }
        let [grad_a, grad_b] = cx.grad_inputs else { return };
        let nest = zip::broadcast(a.shape, b.shape, grad.shape);
        let grad = grad.floats();
        match (a.data, b.data) {
            (Slice::Float(a), Slice::Float(b)) if shapes => {
                same_shape::<_, _, false>(&self.function, grad, [a, b], grad_a, cx.fresh.has_input(0));
                same_shape::<_, _, true>(&self.function, grad, [a, b], grad_b, cx.fresh.has_input(1));
            }
            _ if F::KEEPS == Keeps::NOTHING => gradients(&self.function, &nest, grad, ((), ()), [grad_a, grad_b]),
            (Slice::Float(a), Slice::Float(b)) => gradients(&self.function, &nest, grad, (a, b), [grad_a, grad_b]),
            (a, b) => gradients(&self.function, &nest, grad, (a, b), [grad_a, grad_b]),
        }
    }

    fn follow(&self, operand: usize, y: &mut [T], others: &[View<T>]) {
        let [other] = others else { return };
        let (function, other, piece) = (&self.function, other.floats(), piece(y.len()));
        threads::split(y, piece, |index, y| {
            let beside = other.get(index * piece..).unwrap_or_default();
            if operand == 0 {
                simd::run(InPlace::<_, _, false> { function, y, operand: beside });
            } else {
                simd::run(InPlace::<_, _, true> { function, y, operand: beside });
            }
        });
    }
}

fn floats<F: Binary, T: Real>(function: &F, nest: &Nest<3>, a: impl Read<T>, b: impl Read<T>, y: &mut [T]) {
    zip(nest, (a, b, ()), y, |y, a: T, b: T, ()| *y = function.float(a, b));
}

/// y = f(y, b), or f(a, y) for the `OTHER`.
struct InPlace<'a, F, T, const OTHER: bool> {
    function: &'a F,
    y: &'a mut [T],
    operand: &'a [T],
}

impl<F: Binary, T: Real, const OTHER: bool> Loop for InPlace<'_, F, T, OTHER> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (y, &operand) in self.y.iter_mut().zip(self.operand) {
            *y = if OTHER { self.function.float(operand, *y) } else { self.function.float(*y, operand) };
        }
    }
}

/// y = f(a, b)
struct Pairs<'a, F, T> {
    function: &'a F,
    a: &'a [T],
    b: &'a [T],
    y: &'a mut [T],
}

impl<F: Binary, T: Real> Loop for Pairs<'_, F, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for ((y, &a), &b) in self.y.iter_mut().zip(self.a).zip(self.b) {
            *y = self.function.float(a, b);
        }
    }
}

/// How many elements one thread takes at once.
fn piece(len: usize) -> usize {
    threads::piece(len, 64, len)
}

fn divisible<T>(divisor: &View<'_, T>) -> Result<(), DataError> {
    let zero = match divisor.data {
        Slice::Int(data) => data.iter().position(|value| *value == 0),
        Slice::Bool(data) => data.iter().position(|value| !value),
        Slice::Float(_) => None,
    };
    match zero {
        Some(at) => Err(DataError { operand: 1, message: format!("int divided by 0{}", place(divisor.shape, at)) }),
        None => Ok(()),
    }
}

type Gradient<'a, 'b, T> = &'a mut Option<&'b mut [T]>;

/// Adds the gradient of one operand where nothing is broadcast, or writes it: of the first, or of the `OTHER`.
fn same_shape<F: Binary, T: Real, const OTHER: bool>(
    function: &F,
    grad: &[T],
    operands: [&[T]; 2],
    out: Gradient<'_, '_, T>,
    is_fresh: bool,
) {
    let Some(out) = out else { return };
    let piece = piece(out.len());
    threads::split(out, piece, |index, out| {
        let [grad, a, b] = [grad, operands[0], operands[1]].map(|all| all.get(index * piece..).unwrap_or_default());
        if is_fresh {
            simd::run(Slopes::<_, _, OTHER, true> { function, grad, a, b, out });
        } else {
            simd::run(Slopes::<_, _, OTHER, false> { function, grad, a, b, out });
        }
    });
}

/// out += grad · dy/da, or dy/db for the `OTHER`; written where it is `FRESH`. Without operands where the derivatives don't
/// hang on them.
struct Slopes<'a, F, T, const OTHER: bool, const FRESH: bool> {
    function: &'a F,
    grad: &'a [T],
    a: &'a [T],
    b: &'a [T],
    out: &'a mut [T],
}

impl<F: Binary, T: Real, const OTHER: bool, const FRESH: bool> Loop for Slopes<'_, F, T, OTHER, FRESH> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { function, grad, a, b, out } = self;
        let slope = |grad: T, a: T, b: T| {
            if OTHER { function.grad_other(grad, a, b) } else { function.grad_input(grad, a, b) }
        };
        let pairs = out.iter_mut().zip(grad);
        if F::KEEPS == Keeps::NOTHING {
            for (out, &grad) in pairs {
                give::<T, FRESH>(out, slope(grad, T::zero(), T::zero()));
            }
        } else {
            for (((out, &grad), &a), &b) in pairs.zip(a).zip(b) {
                give::<T, FRESH>(out, slope(grad, a, b));
            }
        }
    }
}

fn gradients<F: Binary, T: Real>(
    function: &F,
    nest: &Nest<3>,
    grad: &[T],
    (a, b): (impl Read<T>, impl Read<T>),
    [grad_a, grad_b]: [Gradient<'_, '_, T>; 2],
) {
    if let Some(out) = grad_a {
        gradient(nest, 0, (a, b, grad), out, |grad, a, b| function.grad_input(grad, a, b));
    }
    if let Some(out) = grad_b {
        gradient(nest, 1, (a, b, grad), out, |grad, a, b| function.grad_other(grad, a, b));
    }
}

/// Adds the gradient of one operand, a sum where it was broadcast.
fn gradient<T: Real>(
    nest: &Nest<3>,
    operand: usize,
    (a, b, grad): (impl Read<T>, impl Read<T>, &[T]),
    out: &mut [T],
    slope: impl Fn(T, T, T) -> T,
) {
    let (_, repeated) = nest.split(operand);
    if repeated.is_single() {
        zip(nest, (a, b, grad), out, |out, a, b, grad| *out += slope(grad, a, b));
    } else {
        let value = |[i, j, k]: [usize; 3]| slope(grad.get(k).copied().unwrap_or_default(), a.at(i), b.at(j));
        add_sums(nest, operand, 1.0, value, out);
    }
}
