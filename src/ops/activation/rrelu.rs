//! `RReLU`: a rectified linear unit with random slopes during training, <https://arxiv.org/abs/1505.00853>.

use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, HangsOn, Keeps, Kernel, Literal, Mode, Op, Parameter, Type,
};
use crate::ops::pointwise::INPUT;
use crate::ops::shape_rules::float_input;
use crate::ops::value::number;
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::random::Stream;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "RReLU",
    form: Form::Layer { call: &[INPUT] },
    summary: "Multiplies every negative element by a slope, drawn at random during training, else the mean of its range.",
    formula: "y = x for x > 0, else s x; s uniform on [lower, upper], (lower + upper) / 2 after training",
    parameters: &[
        Parameter::attribute("lower", Type::Float, Literal::Float(1.0 / 8.0), "The least slope."),
        Parameter::attribute("upper", Type::Float, Literal::Float(1.0 / 3.0), "The greatest slope."),
    ],
    torch: "torch.nn.RReLU",
    onnx: "",
    examples: &[
        "input x: [3, 4]  layer act = RReLU()  output act(x)",
        "input x: [3, 4]  layer act = RReLU(0.1, 0.2)  output act(x)",
    ],
    build: |attributes| RRelu::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct RRelu {
    lower: f64,
    upper: f64,
}

impl RRelu {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let (lower, upper) = (attributes.float("lower")?, attributes.float("upper")?);
        if lower > upper {
            let message = format!("`upper` can't be below `lower`, {}, and is {}", number(lower), number(upper));
            return Err(AttributeError::new("upper", message));
        }
        Ok(Self { lower, upper })
    }
}

impl Op for RRelu {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        float_input(&DEF, inputs).map(|input| vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn hangs_on(&self) -> HangsOn {
        HangsOn::Random
    }

    /// What each element was multiplied by.
    fn saved(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        outputs.to_vec()
    }
}

impl<T: Real> Kernel<T> for RRelu {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y], [slopes]) = (cx.inputs, cx.outputs, cx.saved) else { return Ok(()) };
        let mut random = (cx.mode == Mode::Train).then(|| cx.random.stream());
        for ((y, &x), slope) in y.floats().iter_mut().zip(x.floats()).zip(slopes.floats()) {
            // Every element draws, so that what one gets doesn't hang on the signs of those before it.
            let part = random.as_mut().map_or(0.5, Stream::uniform);
            *slope = if x > T::zero() { T::one() } else { T::from_f64(self.lower + part * (self.upper - self.lower)) };
            *y = *slope * x;
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([slopes], [grad], [Some(out)]) = (cx.saved, cx.grad_outputs, cx.grad_inputs) else { return };
        for ((out, &grad), &slope) in out.iter_mut().zip(grad.floats()).zip(slopes.floats()) {
            *out += grad * slope;
        }
    }
}
