//! `one_hot`: classes as rows with a single 1.

use super::indices::check;
use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use crate::ops::shape_rules::{operand_of, size};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "one_hot",
    form: Form::Function,
    summary: "Makes of every class a row of ints that is 1 at its place and 0 elsewhere.",
    formula: "y[..., j] = 1 where j = x[...], else 0, [...] -> [..., num_classes]",
    parameters: &[
        Parameter::operand("tensor", "Classes below `num_classes`, `int[...]`"),
        Parameter::required("num_classes", Type::Size, "How many classes there are."),
    ],
    torch: "torch.nn.functional.one_hot",
    onnx: "OneHot",
    examples: &[
        "input x: int[3]  output one_hot(x, 4)",
        "input x: int[2, 3]  input w: [2, 3, 5]  output one_hot(x, num_classes=5) * w",
        "input x: int[]  output one_hot(x, 2)",
    ],
    build: |attributes| Ok(Arc::new(OneHot { classes: size(attributes, "num_classes")? })),
};

#[derive(Debug)]
struct OneHot {
    classes: Dim,
}

impl Op for OneHot {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let mut shape = operand_of(&DEF, inputs, 0, Element::Int)?.shape.clone();
        shape.push(self.classes.clone());
        Ok(vec![TensorType::new(Element::Int, shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn index_bound(&self, operand: usize, _: &[TensorType]) -> Option<Dim> {
        (operand == 0).then(|| self.classes.clone())
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

impl<T: Real> Kernel<T> for OneHot {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let classes = y.shape.last().copied().unwrap_or(0);
        check(0, x, classes)?;
        let y = y.ints();
        y.fill(0);
        if classes > 0 {
            for (row, &class) in y.chunks_exact_mut(classes).zip(x.ints()) {
                if let Some(y) = row.get_mut(class as usize) {
                    *y = 1;
                }
            }
        }
        Ok(())
    }

    fn backward(&self, _: Backward<T>) {}
}
