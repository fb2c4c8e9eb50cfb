//! `split`: pieces of an axis, of one size or of a list of sizes.

use super::moves::{Move, Moved, Movement};
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::shape_rules::{any_operand, size, sizes};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind, Value};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::nest::dense_steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "split",
    form: Form::Function,
    summary: "Cuts an axis into pieces, each a result.",
    formula: "yₖ[..., i, ...] = x[..., s₀ + … + sₖ₋₁ + i, ...], i < sₖ",
    parameters: &[
        Parameter::operand("tensor", "Any shape with the axis `dim`."),
        Parameter::required(
            SECTIONS,
            Type::OneOf(&[Type::Size, Type::Sizes]),
            "The size of each piece, the last of which may be smaller, or a list of all sizes.",
        ),
        Parameter::attribute("dim", Type::Int, Literal::Int(0), "The axis."),
    ],
    torch: "torch.split",
    onnx: "Split",
    examples: &[
        "input x: [2, 5]  a, b = split(x, [2, 3], dim=1)  output a = a  output b = b",
        "input x: [4, 3]  a, b, c = split(x, [1, 2, 1])  output cat([c, a, b, a])",
        "input x: [2, 5]  a, b, c = split(x, 2, dim=1)  output a = a * b  output c = c",
        "input x: int[4]  a, b = split(x, [4, 0], -1)  output b",
        "input x: [2, 3]  a = split(x, 2)  output a",
    ],
    build: |attributes| Split::new(attributes).map(|op| Arc::new(Moved(op)) as Arc<dyn crate::ops::Op>),
};

const SECTIONS: &str = "split_size_or_sections";

#[derive(Debug)]
struct Split {
    pieces: Pieces,
    dim: i64,
}

#[derive(Debug)]
enum Pieces {
    Of(Vec<Dim>),
    /// All but the last have this size.
    Each {
        size: Dim,
        count: usize,
    },
}

impl Split {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let dim = attributes.int("dim")?;
        if let Some(Value::List(_)) = attributes.get(SECTIONS) {
            return Ok(Self { pieces: Pieces::Of(sizes(attributes, SECTIONS)?), dim });
        }
        let size = size(attributes, SECTIONS)?;
        Ok(Self { pieces: Pieces::Each { size, count: attributes.results().unwrap_or(1) }, dim })
    }

    /// The size of each piece.
    fn sizes(&self, facts: &mut Facts, input: &TensorType, axis: usize) -> Result<Vec<Dim>, ShapeError> {
        let whole = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        let of = |message: &str, about: String| {
            let message = format!("`split` of axis {axis} of {}, whose size is {whole}, {message}", input.shape);
            ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Attribute(SECTIONS), about)
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {whole}", input.shape))
        };
        match &self.pieces {
            Pieces::Of(sizes) => {
                let sum = sizes.iter().fold(Dim::ZERO, |sum, size| sum.add(size));
                if !facts.equal(&sum, &whole) {
                    return Err(of("wants sizes with that sum", format!("the sum of these is {sum}")));
                }
                Ok(sizes.clone())
            }
            Pieces::Each { size, count } => {
                let before = size.mul(&Dim::from(count.saturating_sub(1)));
                let enough = *count < 2 || facts.at_most(&before.add(&Dim::ONE), &whole);
                if !enough || !facts.at_most(&whole, &before.add(size)) {
                    let found = match (facts.reduce(&whole).as_const(), facts.reduce(size).as_const()) {
                        (Some(whole), Some(size)) if size > 0 => {
                            format!("gives {}, and {} named", pieces((whole.max(1) - 1) / size + 1), are(*count))
                        }
                        _ => format!("doesn't give {}", pieces(*count as i64)),
                    };
                    let mut error = of(&found, format!("the size of a piece is {size}"));
                    error.help = (*count == 1).then(|| {
                        "name each piece, `a, b = split(x, 2)`, or list their sizes: `split(x, [2, 2])`".to_owned()
                    });
                    return Err(error);
                }
                Ok((1..*count).map(|_| size.clone()).chain([whole.sub(&before)]).collect())
            }
        }
    }
}

impl Movement for Split {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn n_results(&self) -> usize {
        match &self.pieces {
            Pieces::Of(sizes) => sizes.len(),
            Pieces::Each { count, .. } => *count,
        }
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let axis = axis_of(&DEF, "dim", self.dim, 0, input)?;
        let sizes = self.sizes(facts, input, axis)?;
        Ok(sizes.into_iter().map(|size| piece(input, axis, size)).collect())
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        if let [input] = inputs
            && let Some(axis) = axis(self.dim, input.len())
        {
            cut(input, axis, results, visit);
        }
    }
}

pub(super) fn pieces(count: i64) -> String {
    if count == 1 { "1 piece".to_owned() } else { format!("{count} pieces") }
}

/// `1 is`, `2 are`
pub(super) fn are(count: usize) -> String {
    if count == 1 { "1 is".to_owned() } else { format!("{count} are") }
}

/// The input with another size of an axis.
pub(in crate::ops) fn piece(input: &TensorType, axis: usize, size: Dim) -> TensorType {
    let mut output = input.clone();
    if let Some(old) = output.shape.get_mut(axis) {
        *old = size;
    }
    output
}

/// The moves that cut an axis into pieces.
pub(super) fn cut(input: &[usize], axis: usize, results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
    let step = dense_steps(input).get(axis).copied().unwrap_or(0);
    let mut from = 0;
    for (number, result) in results.iter().enumerate() {
        visit(&Move { result: number, ..Move::block(result, [from, 0], input, result) });
        from += step * result.get(axis).copied().unwrap_or(0);
    }
}
