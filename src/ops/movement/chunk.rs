//! `chunk`: a number of pieces of an axis, of one size but for the last.

use super::moves::{Move, Moved, Movement};
use super::split::{cut, piece, pieces};
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "chunk",
    form: Form::Function,
    summary: "Cuts an axis into a number of pieces, each a result; a size that is a symbol must be a multiple.",
    formula: "yₖ[..., i, ...] = x[..., k s + i, ...], i < s = ⌈n / chunks⌉; the last piece may be smaller",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`."),
        Parameter::required("chunks", Type::Int, "How many pieces."),
        Parameter::attribute("dim", Type::Int, Literal::Int(0), "The axis."),
    ],
    torch: "torch.chunk",
    onnx: "Split",
    examples: &[
        "input x: [2, 6]  a, b, c = chunk(x, 3, dim=-1)  output a * b - c",
        "input x: [5, 2]  a, b = chunk(x, 2)  output a = a  output b = b",
        "input x: int[4]  a, b = chunk(x, 2)  output b",
    ],
    build: |attributes| Chunk::new(attributes).map(|op| Arc::new(Moved(op)) as Arc<dyn crate::ops::Op>),
};

#[derive(Debug)]
struct Chunk {
    chunks: i64,
    /// Fewer than `chunks` where sizes that are rounded up leave nothing for the last ones.
    count: usize,
    dim: i64,
}

impl Chunk {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let (chunks, dim) = (attributes.int("chunks")?, attributes.int("dim")?);
        let most = usize::try_from(chunks).ok().filter(|chunks| (1..=MOST).contains(chunks));
        let Some(most) = most else {
            let message = format!("`chunks` must be between 1 and {MOST}, and is {chunks}");
            return Err(AttributeError::new("chunks", message));
        };
        Ok(Self { chunks, count: attributes.results().map_or(most, |results| results.min(most)), dim })
    }
}

/// Each piece is a result, and a call with very many results is a mistake.
const MOST: usize = 10_000;

impl Movement for Chunk {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn n_results(&self) -> usize {
        self.count
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let axis = axis_of(&DEF, "dim", self.dim, 0, input)?;
        let whole = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        let chunks = Dim::from(self.chunks);
        let mut last = None;
        let (size, count) = match facts.reduce(&whole).as_const() {
            Some(0) => (Dim::ZERO, self.chunks),
            Some(whole) => {
                let size = (whole - 1) / self.chunks + 1;
                let count = (whole - 1) / size + 1;
                last = Some(Dim::from(whole - size * (count - 1)));
                (Dim::from(size), count)
            }
            None => {
                // A constant always divides what hangs on a symbol, or is required to.
                facts.divides(&chunks, &whole);
                let size = whole.exact_div(&chunks).unwrap_or_else(|| facts.reduce(&whole).floor_div(&chunks));
                (size, self.chunks)
            }
        };
        if count != self.count as i64 {
            let named = self.count;
            let pieces = pieces(count);
            let message = format!("`chunk` gives {pieces} of axis {axis} of {}, and not {named}", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(
                    Cause::Attribute("chunks"),
                    format!("the size {whole} over {} is {size}, rounded up", self.chunks),
                )
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {whole}", input.shape)));
        }
        let last = last.unwrap_or_else(|| size.clone());
        let sizes = (1..self.count).map(|_| size.clone()).chain([last]);
        Ok(sizes.map(|size| piece(input, axis, size)).collect())
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        if let [input] = inputs
            && let Some(axis) = axis(self.dim, input.len())
        {
            cut(input, axis, results, visit);
        }
    }
}
