//! Functions of one tensor that work on each element alone. Such an operator's file gives the function and its
//! derivative; shape rule and kernels stand here.
//!
//! An activation is a function, `relu(x)`, and a layer, `layer act = ReLU()`: two `Def`s of one file, which build the
//! same operator.

use crate::ops::contract::{Backward, DataError, Def, Follow, Forward, Grads, Keeps, Kernel, Op, Parameter};
use crate::ops::shape_rules::{any_operand, named, operand_of};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Element, Facts, TensorType};
use crate::tensor::simd::{self, Loop, give};
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice, SliceMut, View, threads};
use std::fmt::Debug;
use std::sync::Arc;

/// The only operand of a function of floats.
pub(in crate::ops) const INPUT: Parameter = Parameter::operand("input", "Any shape.");
/// The only operand of a function that takes all numbers for floats.
pub(in crate::ops) const ANY_NUMBER: Parameter =
    Parameter::operand("input", "Any shape; ints and bools are taken for floats.");
/// The only operand of a function that makes ints of ints.
pub(in crate::ops) const FLOAT_OR_INT: Parameter = Parameter::operand("input", "Any shape, float or int.");

/// y = f(x) for each element. `value` and `grad` are `#[inline(always)]`, and what they call: loops over them use vectors.
pub(in crate::ops) trait Pointwise: Debug + Send + Sync + 'static {
    /// `Keeps::INPUTS` if the derivative is told from x, `Keeps::OUTPUTS` if from y.
    const KEEPS: Keeps;

    const TAKES: Takes;

    fn value<T: Real>(&self, x: T) -> T;

    /// `grad` · dy/dx, from x or y, whichever is kept.
    fn grad<T: Real>(&self, grad: T, kept: T) -> T;

    /// What it makes of an int, where it makes an int of it.
    fn int(&self, x: i64) -> i64 {
        x
    }
}

/// What elements a function takes beside floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Takes {
    /// None.
    Floats,
    /// Ints and bools, which it takes for floats.
    Numbers,
    /// Ints, of which it makes ints.
    Ints,
}

/// The operator that a pointwise function makes.
#[derive(Debug)]
pub(in crate::ops) struct Map<F> {
    def: &'static Def,
    function: F,
}

impl<F: Pointwise> Map<F> {
    #[allow(clippy::new_ret_no_self, reason = "only the contract of an operator is of use")]
    pub(in crate::ops) fn new(def: &'static Def, function: F) -> Arc<dyn Op> {
        Arc::new(Self { def, function })
    }
}

impl<F: Pointwise> Op for Map<F> {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = match F::TAKES {
            Takes::Floats => operand_of(self.def, inputs, 0, Element::Float)?,
            Takes::Numbers => any_operand(self.def, inputs, 0)?,
            Takes::Ints => not_bool(self.def, inputs, 0)?,
        };
        let element = if F::TAKES == Takes::Numbers { Element::Float } else { input.element };
        Ok(vec![TensorType::new(element, input.shape.clone())])
    }

    fn keeps(&self) -> Keeps {
        F::KEEPS
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    fn follows(&self, operand: usize) -> Follow {
        if operand == 0 { Follow::Map } else { Follow::No }
    }
}

/// The operand with this index, which must be a float or an int tensor.
pub(super) fn not_bool<'a>(def: &Def, inputs: &'a [TensorType], operand: usize) -> Result<&'a TensorType, ShapeError> {
    let input = any_operand(def, inputs, operand)?;
    if input.element != Element::Bool {
        return Ok(input);
    }
    let message = format!("`{}` wants a float or int tensor, and gets {} tensor", def.name, named(input.element));
    Err(ShapeError::new(ShapeErrorKind::Element, message)
        .cause(Cause::Operand(operand), format!("this is {input}"))
        .help("`1 * x` makes 0 and 1 of the bool tensor `x`"))
}

impl<F: Pointwise, T: Real> Kernel<T> for Map<F> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        match (x.data, &mut y.data) {
            (Slice::Float(x), SliceMut::Float(y)) => {
                let piece = piece(y.len());
                threads::split(y, piece, |index, y| {
                    let x = x.get(index * piece..).unwrap_or_default();
                    simd::run(Values { function: &self.function, x, y });
                });
            }
            (x, SliceMut::Float(y)) => {
                y.iter_mut().enumerate().for_each(|(index, y)| *y = self.function.value(x.at(index)));
            }
            (Slice::Int(x), SliceMut::Int(y)) => {
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = self.function.int(x));
            }
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([grad], [Some(out)]) = (cx.grad_outputs, cx.grad_inputs) else { return };
        let (grad, kept) = (grad.floats(), if F::KEEPS.outputs { cx.outputs } else { cx.inputs });
        let kept = match kept {
            [kept] if F::KEEPS != Keeps::NOTHING => Some(kept.floats()),
            _ => None,
        };
        let piece = piece(out.len());
        threads::split(out, piece, |index, out| {
            let part = index * piece..;
            let grad = grad.get(part.clone()).unwrap_or_default();
            let kept = kept.map(|kept| kept.get(part).unwrap_or_default());
            let function = &self.function;
            if cx.fresh.has_input(0) {
                simd::run(Slopes::<_, _, true> { function, grad, kept, out });
            } else {
                simd::run(Slopes::<_, _, false> { function, grad, kept, out });
            }
        });
    }

    fn follow(&self, _: usize, y: &mut [T], _: &[View<T>]) {
        threads::split(y, piece(y.len()), |_, y| simd::run(InPlace { function: &self.function, y }));
    }

    fn through(&self, grad: &mut [T], y: &[T]) {
        let piece = piece(grad.len());
        threads::split(grad, piece, |index, grad| {
            let y = F::KEEPS.outputs.then(|| y.get(index * piece..).unwrap_or_default());
            simd::run(Through { function: &self.function, grad, y });
        });
    }
}

/// y = f(y)
struct InPlace<'a, F, T> {
    function: &'a F,
    y: &'a mut [T],
}

impl<F: Pointwise, T: Real> Loop for InPlace<'_, F, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for y in self.y {
            *y = self.function.value(*y);
        }
    }
}

/// grad = grad · dy/dx
struct Through<'a, F, T> {
    function: &'a F,
    grad: &'a mut [T],
    y: Option<&'a [T]>,
}

impl<F: Pointwise, T: Real> Loop for Through<'_, F, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match self.y {
            None => {
                for grad in self.grad {
                    *grad = self.function.grad(*grad, T::zero());
                }
            }
            Some(y) => {
                for (grad, &y) in self.grad.iter_mut().zip(y) {
                    *grad = self.function.grad(*grad, y);
                }
            }
        }
    }
}

/// y = f(x)
struct Values<'a, F, T> {
    function: &'a F,
    x: &'a [T],
    y: &'a mut [T],
}

impl<F: Pointwise, T: Real> Loop for Values<'_, F, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (y, &x) in self.y.iter_mut().zip(self.x) {
            *y = self.function.value(x);
        }
    }
}

/// out += grad · dy/dx, or out = grad · dy/dx where it is `FRESH`.
struct Slopes<'a, F, T, const FRESH: bool> {
    function: &'a F,
    grad: &'a [T],
    kept: Option<&'a [T]>,
    out: &'a mut [T],
}

impl<F: Pointwise, T: Real, const FRESH: bool> Loop for Slopes<'_, F, T, FRESH> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let pairs = self.out.iter_mut().zip(self.grad);
        match self.kept {
            None => {
                for (out, &grad) in pairs {
                    give::<T, FRESH>(out, self.function.grad(grad, T::zero()));
                }
            }
            Some(kept) => {
                for ((out, &grad), &kept) in pairs.zip(kept) {
                    give::<T, FRESH>(out, self.function.grad(grad, kept));
                }
            }
        }
    }
}

/// How many elements one thread takes at once.
fn piece(len: usize) -> usize {
    /// An element is a few operations, or a function of a dozen or more.
    const COST: usize = 4;
    threads::piece(len, 64, len.saturating_mul(COST))
}

/// A function that is only there in double precision.
pub(super) fn wide<T: Real>(x: T, function: impl Fn(f64) -> f64) -> T {
    T::from_f64(function(x.to_f64()))
}
