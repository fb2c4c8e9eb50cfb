//! `meshgrid`: the coordinates of a grid.

use super::moves::{Move, Moved, Movement};
use super::split::are;
use crate::ops::contract::{Def, Form, Literal, Parameter, ParameterKind, Type};
use crate::ops::shape_rules::axes;
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::nest::{Nest, Steps, dense_steps};
use smallvec::smallvec;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "meshgrid",
    form: Form::Function,
    summary: "Makes of the coordinates along each axis those of all points of the grid, a result for each axis.",
    formula: "yₖ[i₀, i₁, …] = xₖ[iₖ]; of \"xy\" the first two axes are exchanged",
    parameters: &[
        Parameter {
            name: "tensors",
            kind: ParameterKind::Operands,
            doc: "The coordinates along each axis, `[n]` or `[]` each.",
        },
        Parameter::attribute(
            "indexing",
            Type::Word(&["ij", "xy"]),
            Literal::Str("ij"),
            "Whether the first tensor belongs to the first axis, or to the second and the second to the first.",
        ),
    ],
    torch: "torch.meshgrid",
    onnx: "",
    examples: &[
        "input a: [2]  input b: [3]  x, y = meshgrid([a, b])  output x * y",
        "input a: [2]  input b: [3]  input c: [4]  x, y, z = meshgrid([a, b, c], indexing=\"xy\")  output x, z",
        "input a: [3]  x = meshgrid([a])  output x",
        "input a: [2]  input b: int[3]  _, y = meshgrid([a, b])  output y",
    ],
    build: |attributes| {
        let count = attributes.results().unwrap_or(1);
        Ok(Arc::new(Moved(Grid { count, exchanges: attributes.word("indexing")? == "xy" })))
    },
};

#[derive(Debug)]
struct Grid {
    count: usize,
    /// The first two axes.
    exchanges: bool,
}

impl Grid {
    /// The axis of the results along which an operand lies.
    fn axis(&self, operand: usize) -> usize {
        if self.exchanges && self.count > 1 && operand < 2 { 1 - operand } else { operand }
    }
}

impl Movement for Grid {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn n_results(&self) -> usize {
        self.count
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        if inputs.len() != self.count {
            let message =
                format!("`meshgrid` has as many results as tensors, {}, and {} named", inputs.len(), are(self.count));
            let error = ShapeError::new(ShapeErrorKind::Mismatch, message);
            return Err(error.help("name each, `a, b = meshgrid([x, y])`"));
        }
        let mut shape: Shape = vec![Dim::ONE; self.count].into_iter().collect();
        for (operand, input) in inputs.iter().enumerate() {
            let rank = input.shape.rank();
            if rank > 1 {
                let message = format!("`meshgrid` wants coordinates [n] along each axis, and gets {input}");
                return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(operand), format!("this has {}", axes(rank))));
            }
            if let (Some(size), Some(found)) = (shape.get_mut(self.axis(operand)), input.shape.first()) {
                *size = found.clone();
            }
        }
        Ok(inputs.iter().map(|input| TensorType::new(input.element, shape.clone())).collect())
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        for (operand, (_, result)) in inputs.iter().zip(results).enumerate() {
            let mut steps: Steps = smallvec![0; result.len()];
            if let Some(step) = steps.get_mut(self.axis(operand)) {
                *step = 1;
            }
            let nest = Nest::new(result, [&steps, &dense_steps(result)]);
            visit(&Move { operand, result: operand, from: 0, to: 0, nest });
        }
    }
}
