//! `Embedding`: rows of a table, looked up by their numbers.

use super::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, SlotKind, SlotSpec, Type,
};
use super::shape_rules::{operand_of, size};
use super::{AttributeError, Attributes, Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::{Real, place};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "Embedding",
    form: Form::Layer { call: &[Parameter::operand("input", "Indices below `num_embeddings`, `int[...]`")] },
    summary: "Looks up rows of a table.",
    formula: "y[..., :] = weight[x[...], :], weight [num_embeddings, embedding_dim]",
    parameters: &[
        Parameter::required("num_embeddings", Type::Size, "The number of rows."),
        Parameter::required("embedding_dim", Type::Size, "The size of a row, and of the last axis of the output."),
        Parameter::attribute(
            "padding_idx",
            Type::Int,
            Literal::None,
            "A row that starts as zeros and gets no gradient; a negative number counts from the end.",
        ),
    ],
    torch: "torch.nn.Embedding",
    onnx: "Gather",
    examples: &[
        "input x: int[2, 3]  layer table = Embedding(5, 4)  output table(x)",
        "input x: int[3]  layer table = Embedding(200, 2, padding_idx=1)  output table(x)",
        "input x: int[3]  layer table = Embedding(200, 2, padding_idx=-1)  output table(x)",
        "input x: int[]  layer table = Embedding(3, 2)  output table(x)",
    ],
    build: |attributes| Embedding::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct Embedding {
    rows: Dim,
    width: Dim,
    padding_idx: Option<i64>,
}

impl Embedding {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let rows = size(attributes, "num_embeddings")?;
        let padding_idx = attributes.optional_int("padding_idx")?;
        if let (Some(row), Some(rows)) = (padding_idx, rows.as_const())
            && !(-rows..rows).contains(&row)
        {
            let message = format!("`padding_idx` must be one of the {rows} rows, and is {row}");
            return Err(AttributeError::new("padding_idx", message));
        }
        Ok(Self { rows, width: size(attributes, "embedding_dim")?, padding_idx })
    }

    /// The number of the row that gets no gradient.
    fn padding(&self) -> Option<Dim> {
        let row = self.padding_idx?;
        Some(if row < 0 { self.rows.add(&Dim::from(row)) } else { Dim::from(row) })
    }
}

impl Op for Embedding {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn slots(&self) -> Vec<SlotSpec> {
        vec![SlotSpec {
            name: "weight".into(),
            shape: [self.rows.clone(), self.width.clone()].into(),
            init: self.padding().map_or(Init::Normal { mean: 0.0, std: 1.0 }, Init::NormalButRow),
            kind: SlotKind::Param,
            scaled: false,
        }]
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = operand_of(&DEF, inputs, 0, Element::Int)?;
        if let Some(row) = self.padding_idx {
            let rows = Dim::from(if row < 0 { row.saturating_neg() } else { row.saturating_add(1) });
            if !facts.at_most(&rows, &self.rows) {
                let message = format!("`padding_idx` is {row}, and there are {} rows", self.rows);
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Attribute("padding_idx"), format!("it needs {rows} rows")));
            }
        }
        let mut shape = input.shape.clone();
        shape.push(self.width.clone());
        Ok(vec![TensorType::float(shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn index_bound(&self, operand: usize, _: &[TensorType]) -> Option<Dim> {
        (operand == 0).then(|| self.rows.clone())
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

/// An index that isn't the number of one of `bound` rows, classes or the like, and where it stands.
pub(super) fn index_error(operand: usize, indices: (&[usize], usize), index: i64, bound: usize) -> DataError {
    let at = place(indices.0, indices.1);
    let wrong = if index < 0 { "is negative".to_owned() } else { format!("is not below {bound}") };
    DataError { operand, message: format!("index {index}{at} {wrong}") }
}

/// The place of a row in a table with rows of this width.
fn row(index: i64, width: usize) -> Option<std::ops::Range<usize>> {
    let start = usize::try_from(index).ok()?.checked_mul(width)?;
    Some(start..start.checked_add(width)?)
}

impl<T: Real> Kernel<T> for Embedding {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [weight], [y]) = (cx.inputs, cx.slots, cx.outputs) else { return Ok(()) };
        let [rows, width] = *weight.shape else { return Ok(()) };
        let outside = |index: &i64| usize::try_from(*index).map_or(true, |index| index >= rows);
        if let Some(at) = x.ints().iter().position(outside) {
            let index = x.ints().get(at).copied().unwrap_or(0);
            return Err(index_error(0, (x.shape, at), index, rows));
        }
        if width > 0 {
            for (y, &index) in y.floats().chunks_exact_mut(width).zip(x.ints()) {
                if let Some(from) = row(index, width).and_then(|range| weight.floats().get(range)) {
                    y.copy_from_slice(from);
                }
            }
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [weight], [grad], [Some(out)]) = (cx.inputs, cx.slots, cx.grad_outputs, cx.grad_slots) else {
            return;
        };
        let [rows, width] = *weight.shape else { return };
        let padding = self.padding_idx.map(|row| if row < 0 { row + rows as i64 } else { row });
        if width > 0 {
            for (grad, &index) in grad.floats().chunks_exact(width).zip(x.ints()) {
                let target = row(index, width).and_then(|range| out.get_mut(range));
                if let Some(target) = target.filter(|_| Some(index) != padding) {
                    target.iter_mut().zip(grad).for_each(|(out, &grad)| *out += grad);
                }
            }
        }
    }
}
