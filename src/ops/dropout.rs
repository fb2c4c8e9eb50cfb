//! `Dropout`: zeros at random places during training, <https://jmlr.org/papers/v15/srivastava14a.html>.

use super::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Mode, Op, Parameter, Type,
};
use super::shape_rules::float_input;
use super::value::number;
use super::{AttributeError, Attributes, ShapeError};
use crate::shape::{Element, Facts, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "Dropout",
    form: Form::Layer { call: &[Parameter::operand("input", "Any shape.")] },
    summary: "Replaces elements by 0 at random during training and scales the others up; else changes nothing.",
    formula: "y = m x / (1 - p), m = 0 with probability p, else 1; each call draws its own m",
    parameters: &[Parameter::attribute("p", Type::Float, Literal::Float(0.5), "The probability of a 0.")],
    torch: "torch.nn.Dropout",
    onnx: "Dropout",
    examples: &[
        "input x: [3, 4]  layer drop = Dropout()  output drop(x)",
        "input x: [3, 4]  layer drop = Dropout(p=0.2)  output drop(x)",
        "input x: [3, 4]  layer drop = Dropout(1.0)  output drop(x)",
    ],
    build: |attributes| Dropout::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct Dropout {
    p: f64,
}

impl Dropout {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let p = attributes.float("p")?;
        if !(0.0..=1.0).contains(&p) {
            return Err(AttributeError::new("p", format!("`p` must be between 0 and 1, and is {}", number(p))));
        }
        Ok(Self { p })
    }

    /// What the elements that stay are multiplied by.
    fn scale<T: Real>(&self) -> T {
        T::from_f64(if self.p < 1.0 { 1.0 / (1.0 - self.p) } else { 0.0 })
    }
}

impl Op for Dropout {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        float_input(&DEF, inputs).map(|input| vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    /// Which elements stay.
    fn saved(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        outputs.iter().map(|output| TensorType::new(Element::Bool, output.shape.clone())).collect()
    }
}

impl<T: Real> Kernel<T> for Dropout {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y], [mask]) = (cx.inputs, cx.outputs, cx.saved) else { return Ok(()) };
        let pairs = y.floats().iter_mut().zip(x.floats()).zip(mask.bools());
        if cx.mode == Mode::Eval {
            pairs.for_each(|((y, &x), stays)| (*y, *stays) = (x, true));
            return Ok(());
        }
        let (mut random, scale) = (cx.random.stream(), self.scale::<T>());
        for ((y, &x), stays) in pairs {
            *stays = random.uniform() >= self.p;
            *y = if *stays { x * scale } else { T::zero() };
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([mask], [grad], [Some(out)]) = (cx.saved, cx.grad_outputs, cx.grad_inputs) else { return };
        let scale = if cx.mode == Mode::Eval { T::one() } else { self.scale() };
        for ((out, &grad), &stays) in out.iter_mut().zip(grad.floats()).zip(mask.bools()) {
            if stays {
                *out += grad * scale;
            }
        }
    }
}
