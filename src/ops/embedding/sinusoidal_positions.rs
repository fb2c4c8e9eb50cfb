//! `sinusoidal_positions`: the position encodings of the Transformer, <https://arxiv.org/abs/1706.03762>.

use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::{positive, size};
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "sinusoidal_positions",
    form: Form::Function,
    summary: "Makes the position encodings of the Transformer; PyTorch has no function for them.",
    formula: "y[p, 2i] = sin(p / base^(2i / dim)), y[p, 2i + 1] = cos(p / base^(2i / dim)), [n, dim]",
    parameters: &[
        Parameter::required("n", Type::Size, "How many positions, from 0 on."),
        Parameter::required("dim", Type::Size, "The size of an encoding."),
        Parameter::attribute("base", Type::Float, Literal::Float(10000.0), "The longest wavelength is 2π times this."),
    ],
    torch: "",
    onnx: "",
    examples: &[
        "output sinusoidal_positions(5, 4)",
        "input x: [2, 3, 6]  output x + sinusoidal_positions(3, 6, base=100)",
        "output sinusoidal_positions(3, dim=3)",
    ],
    build: |attributes| SinusoidalPositions::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct SinusoidalPositions {
    n: Dim,
    dim: Dim,
    base: f64,
}

impl SinusoidalPositions {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        Ok(Self { n: size(attributes, "n")?, dim: size(attributes, "dim")?, base: positive(attributes, "base")? })
    }
}

impl Op for SinusoidalPositions {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, _: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        Ok(vec![TensorType::float([self.n.clone(), self.dim.clone()])])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }
}

impl<T: Real> Kernel<T> for SinusoidalPositions {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let [y] = cx.outputs else { return Ok(()) };
        let dim = y.shape.last().copied().unwrap_or(0);
        let y = y.floats();
        for first in (0..dim).step_by(2) {
            let frequency = self.base.powf(-(first as f64) / dim as f64);
            for (position, row) in y.chunks_exact_mut(dim).enumerate() {
                let (sine, cosine) = (position as f64 * frequency).sin_cos();
                // An odd `dim` ends with a sine.
                row.iter_mut().skip(first).zip([sine, cosine]).for_each(|(y, value)| *y = T::from_f64(value));
            }
        }
        Ok(())
    }

    fn backward(&self, _: Backward<T>) {}
}
