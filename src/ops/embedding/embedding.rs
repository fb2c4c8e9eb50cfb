//! `Embedding` and `embedding`: rows of a table, looked up by their numbers.

use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, SlotKind, SlotSpec, Type,
};
use crate::ops::shape_rules::{axes, operand_of, size};
use crate::ops::{AttributeError, Attributes, Cause, Init, ShapeError, ShapeErrorKind, functional};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::{Real, View, place};
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

pub(super) static FUNCTION: Def = Def {
    name: "embedding",
    form: Form::Function,
    summary: "Looks up rows of a table.",
    formula: "y[..., :] = weight[x[...], :], weight [num_embeddings, embedding_dim]",
    parameters: &[
        Parameter::operand("input", "Indices below `num_embeddings`, `int[...]`"),
        Parameter::operand("weight", "`[num_embeddings, embedding_dim]`"),
        Parameter::attribute(
            "padding_idx",
            Type::Int,
            Literal::None,
            "A row that gets no gradient; a negative number counts from the end.",
        ),
    ],
    torch: "torch.nn.functional.embedding",
    onnx: "Gather",
    examples: &[
        "input x: int[2, 3]  input w: [5, 4]  output embedding(x, w)",
        "input x: int[3]  input w: [200, 2]  output embedding(x, w, padding_idx=-1)",
    ],
    build: |attributes| Ok(Arc::new(EmbeddingFunction { padding_idx: attributes.optional_int("padding_idx")? })),
};

#[derive(Debug)]
struct Embedding {
    rows: Dim,
    width: Dim,
    padding_idx: Option<i64>,
}

/// The attributes of a table: its sizes, and the row that gets no gradient.
pub(super) fn table(attributes: &Attributes) -> Result<([Dim; 2], Option<i64>), AttributeError> {
    let rows = size(attributes, "num_embeddings")?;
    let padding_idx = attributes.optional_int("padding_idx")?;
    if let (Some(row), Some(rows)) = (padding_idx, rows.as_const())
        && !(-rows..rows).contains(&row)
    {
        let message = format!("`padding_idx` must be one of the {rows} rows, and is {row}");
        return Err(AttributeError::new("padding_idx", message));
    }
    Ok(([rows, size(attributes, "embedding_dim")?], padding_idx))
}

impl Embedding {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let ([rows, width], padding_idx) = table(attributes)?;
        Ok(Self { rows, width, padding_idx })
    }
}

/// The only slot of a layer that looks up rows.
pub(super) fn table_slot(rows: &Dim, width: &Dim, padding_idx: Option<i64>) -> SlotSpec {
    let zeros = |row: i64| if row < 0 { rows.add(&Dim::from(row)) } else { Dim::from(row) };
    SlotSpec {
        name: "weight".into(),
        shape: [rows.clone(), width.clone()].into(),
        init: padding_idx.map_or(Init::Normal { mean: 0.0, std: 1.0 }, |row| Init::NormalButRow(zeros(row))),
        kind: SlotKind::Param,
        scaled: false,
    }
}

/// The row that gets no gradient must be there.
pub(super) fn padding_fits(facts: &mut Facts, rows: &Dim, padding_idx: Option<i64>) -> Result<(), ShapeError> {
    let Some(row) = padding_idx else { return Ok(()) };
    let needed = Dim::from(if row < 0 { row.saturating_neg() } else { row.saturating_add(1) });
    if facts.at_most(&needed, rows) {
        return Ok(());
    }
    let message = format!("`padding_idx` is {row}, and there are {rows} rows");
    Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
        .cause(Cause::Attribute("padding_idx"), format!("it needs {needed} rows")))
}

/// The sizes of a table that is an operand.
pub(super) fn table_operand<'a>(def: &Def, inputs: &'a [TensorType]) -> Result<[&'a Dim; 2], ShapeError> {
    let weight = operand_of(def, inputs, 1, Element::Float)?;
    let [rows, width] = &*weight.shape else {
        let message = format!("`{}` wants a weight [num_embeddings, embedding_dim], and gets {weight}", def.name);
        return Err(ShapeError::new(ShapeErrorKind::Rank, message)
            .cause(Cause::Operand(1), format!("this has {}", axes(weight.shape.rank()))));
    };
    Ok([rows, width])
}

impl Op for Embedding {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn slots(&self) -> Vec<SlotSpec> {
        vec![table_slot(&self.rows, &self.width, self.padding_idx)]
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let mut shape = operand_of(&DEF, inputs, 0, Element::Int)?.shape.clone();
        padding_fits(facts, &self.rows, self.padding_idx)?;
        shape.push(self.width.clone());
        Ok(vec![TensorType::float(shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn index_bound(&self, operand: usize, _: &[TensorType]) -> Option<Dim> {
        (operand == 0).then(|| self.rows.clone())
    }

    fn constant_row(&self) -> Option<i64> {
        self.padding_idx
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

#[derive(Debug)]
struct EmbeddingFunction {
    padding_idx: Option<i64>,
}

impl Op for EmbeddingFunction {
    fn def(&self) -> &'static Def {
        &FUNCTION
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let mut shape = operand_of(&FUNCTION, inputs, 0, Element::Int)?.shape.clone();
        let [rows, width] = table_operand(&FUNCTION, inputs)?;
        padding_fits(facts, rows, self.padding_idx)?;
        shape.push(width.clone());
        Ok(vec![TensorType::float(shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::input(0)
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        let weight = inputs.get(1).filter(|_| operand == 0)?;
        weight.shape.first().cloned()
    }

    fn constant_row(&self) -> Option<i64> {
        self.padding_idx
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

/// An index that isn't the number of one of `bound` rows, classes or the like, and where it stands.
pub(in crate::ops) fn index_error(operand: usize, indices: (&[usize], usize), index: i64, bound: usize) -> DataError {
    let at = place(indices.0, indices.1);
    let wrong = if index < 0 { "is negative".to_owned() } else { format!("is not below {bound}") };
    DataError { operand, message: format!("index {index}{at} {wrong}") }
}

/// Every index of the first operand is the number of a row.
pub(super) fn check_indices<T>(x: &View<'_, T>, rows: usize) -> Result<(), DataError> {
    let outside = |index: &i64| usize::try_from(*index).map_or(true, |index| index >= rows);
    match x.ints().iter().copied().enumerate().find(|(_, index)| outside(index)) {
        Some((at, index)) => Err(index_error(0, (x.shape, at), index, rows)),
        None => Ok(()),
    }
}

/// The place of a row in a table with rows of this width.
pub(super) fn row(index: i64, width: usize) -> Option<std::ops::Range<usize>> {
    let start = usize::try_from(index).ok()?.checked_mul(width)?;
    Some(start..start.checked_add(width)?)
}

/// The number of the row that gets no gradient.
pub(super) fn padding_row(padding_idx: Option<i64>, rows: usize) -> Option<i64> {
    padding_idx.map(|row| if row < 0 { row + rows as i64 } else { row })
}

impl<T: Real> Kernel<T> for Embedding {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        forward(cx)
    }

    fn backward(&self, cx: Backward<T>) {
        backward(self.padding_idx, cx);
    }
}

impl<T: Real> Kernel<T> for EmbeddingFunction {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        forward(functional::forward(&FUNCTION, cx, 1))
    }

    fn backward(&self, cx: Backward<T>) {
        backward(self.padding_idx, functional::backward(&FUNCTION, cx, 1));
    }
}

fn forward<T: Real>(cx: Forward<T>) -> Result<(), DataError> {
    let ([x], [weight], [y]) = (cx.inputs, cx.slots, cx.outputs) else { return Ok(()) };
    let [rows, width] = *weight.shape else { return Ok(()) };
    check_indices(x, rows)?;
    if width > 0 {
        for (y, &index) in y.floats().chunks_exact_mut(width).zip(x.ints()) {
            if let Some(from) = row(index, width).and_then(|range| weight.floats().get(range)) {
                y.copy_from_slice(from);
            }
        }
    }
    Ok(())
}

fn backward<T: Real>(padding_idx: Option<i64>, cx: Backward<T>) {
    let ([x], [weight], [grad], [Some(out)]) = (cx.inputs, cx.slots, cx.grad_outputs, cx.grad_slots) else {
        return;
    };
    let [rows, width] = *weight.shape else { return };
    let padding = padding_row(padding_idx, rows);
    if width > 0 {
        for (grad, &index) in grad.floats().chunks_exact(width).zip(x.ints()) {
            let target = row(index, width).and_then(|range| out.get_mut(range));
            if let Some(target) = target.filter(|_| Some(index) != padding) {
                target.iter_mut().zip(grad).for_each(|(out, &grad)| *out += grad);
            }
        }
    }
}
