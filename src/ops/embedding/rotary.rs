//! `rotary`: rotary position embeddings, <https://arxiv.org/abs/2104.09864>.

use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::{axes, broadcast, float_input, numel, operand_of, positive, size};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::nest::{Nest, broadcast_steps, dense_steps};
use crate::tensor::{Real, View};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "rotary",
    form: Form::Function,
    summary: "Rotates pairs of features by angles that grow with the position; PyTorch has no function for it.",
    formula: "(y₁, y₂) = (x₁ cos φ - x₂ sin φ, x₂ cos φ + x₁ sin φ), φ = p base^(-2i / dim) for pair i at position p",
    parameters: &[
        Parameter::operand("input", "`[..., seq, features]`, queries or keys."),
        Parameter::optional_operand(
            "positions",
            "The position of each element, `int[..., seq]`, which broadcasts; without it they are 0 to seq - 1.",
        ),
        Parameter::attribute("base", Type::Float, Literal::Float(10000.0), "The longest wavelength is 2π times this."),
        Parameter::attribute(
            "interleaved",
            Type::Bool,
            Literal::Bool(false),
            "Whether a pair is 2i and 2i + 1, as in GPT-J, or i and i + dim / 2, as in GPT-NeoX and LLaMA.",
        ),
        Parameter::attribute(
            "dim",
            Type::Size,
            Literal::None,
            "How many features are rotated, the first ones; all unless given.",
        ),
    ],
    torch: "",
    onnx: "RotaryEmbedding",
    examples: &[
        "input x: [3, 4]  output rotary(x)",
        "input x: [2, 2, 3, 4]  output rotary(x, interleaved=true, base=100)",
        "input x: [2, 3, 6]  input p: int[2, 3]  output rotary(x, p, dim=4)",
        "input x: [2, 2, 3, 4]  input p: int[2, 1, 3]  output rotary(x, positions=p)",
        "input x: [2, 3, 2]  input p: int[3]  output rotary(x, p, interleaved=true)",
    ],
    build: |attributes| Rotary::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct Rotary {
    base: f64,
    interleaved: bool,
    dim: Option<Dim>,
}

impl Rotary {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let dim = if attributes.optional_size("dim")?.is_some() { Some(size(attributes, "dim")?) } else { None };
        if let Some(odd) = dim.as_ref().and_then(Dim::as_const).filter(|dim| dim % 2 == 1) {
            return Err(AttributeError::new(
                "dim",
                format!("`dim` must be even: features are rotated in pairs, and is {odd}"),
            ));
        }
        Ok(Self { base: positive(attributes, "base")?, interleaved: attributes.bool("interleaved")?, dim })
    }

    fn dim(&self, features: usize) -> usize {
        let dim = self.dim.as_ref().and_then(Dim::as_const).and_then(|dim| usize::try_from(dim).ok());
        dim.unwrap_or(features).min(features)
    }

    /// The places of a pair among the features.
    fn pair(&self, index: usize, pairs: usize) -> (usize, usize) {
        if self.interleaved { (2 * index, 2 * index + 1) } else { (index, index + pairs) }
    }
}

fn check_positions(facts: &mut Facts, input: &TensorType, positions: &TensorType) -> Result<(), ShapeError> {
    let rows = input.shape.split_last().map_or(&[][..], |(_, rows)| rows);
    let (shape, found) = (Shape::from(rows), &positions.shape);
    let both = broadcast(facts, rows, found).ok();
    let fits = both
        .is_some_and(|both| both.rank() == shape.rank() && both.iter().zip(rows).all(|(x, y)| facts.is_equal(x, y)));
    if fits {
        return Ok(());
    }
    let message =
        format!("`rotary` of {} wants positions that broadcast to int{shape}, and gets {positions}", input.shape);
    Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
        .cause(Cause::Operand(1), format!("this is {positions}"))
        .cause(Cause::Operand(0), format!("without its last axis this is {shape}")))
}

impl Op for Rotary {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(&DEF, inputs)?;
        let [.., _, features] = &*input.shape else {
            let message = format!("`rotary` wants [..., seq, features], and gets {}", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank()))));
        };
        let axis = input.shape.rank() - 1;
        let dim = self.dim.as_ref().unwrap_or(features);
        if !facts.at_most(dim, features) {
            let message = format!("`rotary` rotates {dim} features, and gets {features}");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Attribute("dim"), format!("`dim` is {dim}"))
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {features}")));
        }
        if !facts.divides(&Dim::from(2i64), dim) {
            let message = format!("`rotary` rotates features in pairs, and gets {dim} of them");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {features}"))
                .help("`dim` says how many of them are rotated"));
        }
        if inputs.len() > 1 {
            let positions = operand_of(&DEF, inputs, 1, Element::Int)?;
            check_positions(facts, input, positions)?;
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    /// The cosines of all angles, and their sines, `[positions..., 2, dim / 2]`.
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let Some([.., seq, features]) = inputs.first().map(|input| &*input.shape) else { return Vec::new() };
        let dim = self.dim.as_ref().unwrap_or(features);
        let mut shape: Shape = match inputs.get(1) {
            Some(positions) => positions.shape.clone(),
            None => [seq.clone()].into(),
        };
        shape.push(Dim::from(2i64));
        shape.push(dim.floor_div(&Dim::from(2i64)));
        vec![TensorType::float(shape)]
    }

    /// Two products and a sum for each feature that is rotated.
    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(outputs).mul(&Dim::from(3i64))
    }
}

#[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
impl Rotary {
    /// `table` gets the cosines and sines of each position.
    fn angles<T: Real>(&self, positions: Option<&[i64]>, pairs: usize, table: &mut [T]) {
        for index in 0..pairs {
            let frequency = self.base.powf(-(index as f64) / pairs as f64);
            for (row, table) in table.chunks_exact_mut(2 * pairs).enumerate() {
                let position = positions.map_or(row as f64, |positions| positions[row] as f64);
                let (sine, cosine) = (position * frequency).sin_cos();
                (table[index], table[pairs + index]) = (T::from_f64(cosine), T::from_f64(sine));
            }
        }
    }

    /// `visit` with each row of features and with the row of its angles in the table.
    fn for_each_row(shape: &[usize], table: &[usize], mut visit: impl FnMut(usize, usize)) {
        let (Some((_, rows)), Some((positions, _))) = (shape.split_last(), table.split_last_chunk::<2>()) else {
            return;
        };
        Nest::new(rows, [&dense_steps(rows), &broadcast_steps(positions, rows)]).for_each_run(
            |[i, j], length, [row, angles]| (0..length).for_each(|at| visit(i + at * row, j + at * angles)),
        );
    }
}

#[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
impl<T: Real> Kernel<T> for Rotary {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, positions @ ..], [y], [table]) = (cx.inputs, cx.outputs, cx.saved) else { return Ok(()) };
        let features = x.shape.last().copied().unwrap_or(0);
        let pairs = self.dim(features) / 2;
        let table_shape = table.shape;
        let table = table.floats();
        self.angles(positions.first().map(View::ints), pairs, table);
        let (x_data, y) = (x.floats(), y.floats());
        Self::for_each_row(x.shape, table_shape, |row, angles| {
            let (x, y) = (&x_data[row * features..][..features], &mut y[row * features..][..features]);
            let (cosines, sines) = table[angles * 2 * pairs..][..2 * pairs].split_at(pairs);
            y[2 * pairs..].copy_from_slice(&x[2 * pairs..]);
            for (index, (&cosine, &sine)) in cosines.iter().zip(sines).enumerate() {
                let (one, two) = self.pair(index, pairs);
                y[one] = x[one] * cosine - x[two] * sine;
                y[two] = x[two] * cosine + x[one] * sine;
            }
        });
        Ok(())
    }

    /// The rotation by the opposite angles.
    fn backward(&self, cx: Backward<T>) {
        let ([grad], [table], [Some(out), ..]) = (cx.grad_outputs, cx.saved, cx.grad_inputs) else { return };
        let features = grad.shape.last().copied().unwrap_or(0);
        let pairs = self.dim(features) / 2;
        let (grad_data, angles_data) = (grad.floats(), table.floats());
        Self::for_each_row(grad.shape, table.shape, |row, angles| {
            let (grad, out) = (&grad_data[row * features..][..features], &mut out[row * features..][..features]);
            let (cosines, sines) = angles_data[angles * 2 * pairs..][..2 * pairs].split_at(pairs);
            out[2 * pairs..].iter_mut().zip(&grad[2 * pairs..]).for_each(|(out, &grad)| *out += grad);
            for (index, (&cosine, &sine)) in cosines.iter().zip(sines).enumerate() {
                let (one, two) = self.pair(index, pairs);
                out[one] += grad[one] * cosine + grad[two] * sine;
                out[two] += grad[two] * cosine - grad[one] * sine;
            }
        });
    }
}
