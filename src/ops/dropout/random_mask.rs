//! What the dropout layers and functions have in common: a mask drawn anew by each call, with one place for each element
//! or for each channel. Their files say how they are written.

use crate::ops::contract::{
    Backward, DataError, Def, Forward, Grads, HangsOn, Keeps, Kernel, Literal, Mode, Op, Parameter, Type,
};
use crate::ops::shape_rules::{axes, float_input};
use crate::ops::value::number;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use crate::tensor::simd::give;
use std::sync::Arc;

pub(super) const P: Parameter =
    Parameter::attribute("p", Type::Float, Literal::Float(0.5), "The probability that something is dropped.");
/// Of the functions.
pub(super) const TRAINING: Parameter = Parameter::attribute(
    "training",
    Type::Bool,
    Literal::Bool(true),
    "Whether anything is dropped in training; outside it nothing is.",
);

/// In training y = a m x + b, else y = x.
#[derive(Debug)]
pub(super) struct RandomMask {
    def: &'static Def,
    p: f64,
    training: bool,
    part: Part,
    fill: Fill,
}

/// What is dropped together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Element,
    /// What has the same indices in the axes of batch and channels: `(rank, leading)` for each number of axes.
    Channel(&'static [(usize, usize)]),
}

/// What takes the place of what is dropped, and what the rest is scaled by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// 0; the mean stays.
    Zero,
    /// What `selu` saturates at; mean 0 and variance 1 stay.
    Saturated,
}

/// The limit of `selu` at minus infinity, without its sign.
const LIMIT: f64 = 1.758_099_340_847_376_6;

pub(super) fn build(
    def: &'static Def,
    attributes: &Attributes,
    part: Part,
    fill: Fill,
) -> Result<Arc<dyn Op>, AttributeError> {
    let p = attributes.float("p")?;
    if !(0.0..=1.0).contains(&p) {
        return Err(AttributeError::new("p", format!("`p` must be between 0 and 1, and is {}", number(p))));
    }
    let training = def.is_layer() || attributes.bool("training")?;
    Ok(Arc::new(RandomMask { def, p, training, part, fill }))
}

impl RandomMask {
    /// How many axes the mask has.
    fn leading(&self, rank: usize) -> Option<usize> {
        match self.part {
            Part::Element => Some(rank),
            Part::Channel(ranks) => ranks.iter().find(|(other, _)| *other == rank).map(|(_, leading)| *leading),
        }
    }

    fn draws(&self, mode: Mode) -> bool {
        mode == Mode::Train && self.training
    }

    /// What stays becomes `scale x + shift`, what doesn't `dropped`.
    fn numbers<T: Real>(&self) -> [T; 3] {
        let keep = 1.0 - self.p;
        let [scale, shift, dropped] = match self.fill {
            _ if keep == 0.0 => [0.0; 3],
            Fill::Zero => [1.0 / keep, 0.0, 0.0],
            Fill::Saturated => {
                let scale = 1.0 / ((LIMIT * LIMIT * self.p + 1.0) * keep).sqrt();
                [scale, LIMIT * scale * self.p, -LIMIT * scale * keep]
            }
        };
        [scale, shift, dropped].map(T::from_f64)
    }
}

impl Op for RandomMask {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        let (rank, Part::Channel(ranks)) = (input.shape.rank(), self.part) else { return Ok(vec![input.clone()]) };
        if self.leading(rank).is_none() {
            let wanted: Vec<_> = ranks.iter().map(|(rank, _)| rank.to_string()).collect();
            let message = format!("`{}` wants {} axes, and gets {input}", self.def.name, wanted.join(" or "));
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(rank))));
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    fn hangs_on(&self) -> HangsOn {
        HangsOn::Random
    }

    /// What stays.
    fn saved(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        let mask = |output: &TensorType| {
            let leading = self.leading(output.shape.rank()).unwrap_or(0);
            TensorType::new(Element::Bool, output.shape.iter().take(leading).cloned().collect::<Shape>())
        };
        outputs.iter().map(mask).collect()
    }
}

impl<T: Real> Kernel<T> for RandomMask {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y], [mask]) = (cx.inputs, cx.outputs, cx.saved) else { return Ok(()) };
        let (x, y, mask) = (x.floats(), y.floats(), mask.bools());
        if !self.draws(cx.mode) {
            mask.fill(true);
            y.copy_from_slice(x);
            return Ok(());
        }
        let (mut random, [scale, shift, dropped]) = (cx.random.stream(), self.numbers());
        let width = y.len().checked_div(mask.len()).unwrap_or(0).max(1);
        mask.iter_mut().for_each(|stays| *stays = random.uniform() >= self.p);
        for ((y, x), stays) in y.chunks_mut(width).zip(x.chunks(width)).zip(mask) {
            if *stays {
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = x * scale + shift);
            } else {
                y.fill(dropped);
            }
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let is_fresh = cx.fresh.has_input(0);
        let ([mask], [grad], [Some(out)]) = (cx.saved, cx.grad_outputs, cx.grad_inputs) else { return };
        let scale = if self.draws(cx.mode) { self.numbers()[0] } else { T::one() };
        if is_fresh {
            add::<T, true>(mask.bools(), grad.floats(), scale, out);
        } else {
            add::<T, false>(mask.bools(), grad.floats(), scale, out);
        }
    }
}

/// out += m grad · scale, or out = m grad · scale where it is `FRESH`.
fn add<T: Real, const FRESH: bool>(mask: &[bool], grad: &[T], scale: T, out: &mut [T]) {
    let width = out.len().checked_div(mask.len()).unwrap_or(0).max(1);
    if width == 1 {
        for ((out, &grad), &stays) in out.iter_mut().zip(grad).zip(mask) {
            give::<T, FRESH>(out, if stays { grad * scale } else { T::zero() });
        }
        return;
    }
    for ((out, grad), &stays) in out.chunks_mut(width).zip(grad.chunks(width)).zip(mask) {
        if stays {
            out.iter_mut().zip(grad).for_each(|(out, &grad)| give::<T, FRESH>(out, grad * scale));
        } else if FRESH {
            out.fill(T::zero());
        }
    }
}
