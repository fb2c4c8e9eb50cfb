//! `amin`: the least element along axes.

use super::extreme::{Extreme, ExtremeAlong};
use super::reduce::{Axes, DIM, KEEPDIM};
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;

pub(super) static DEF: Def = Def {
    name: "amin",
    form: Form::Function,
    summary: "Gives the least of all elements, or of those along some axes; equal ones share the gradient.",
    formula: "y = minᵢ xᵢ",
    parameters: &[INPUT, DIM, KEEPDIM],
    torch: "torch.amin",
    onnx: "ReduceMin",
    examples: &[
        "input x: [2, 3]  output amin(x)",
        "input x: [2, 3, 4]  output amin(x, dim=1)",
        "input x: [2, 3, 4]  output amin(x, dim=[0, -1], keepdim=true)",
        "input x: int[2, 3]  output amin(x, 0)",
    ],
    build: |attributes| Ok(ExtremeAlong::new(&DEF, Extreme::Least, Axes::new(attributes)?)),
};
