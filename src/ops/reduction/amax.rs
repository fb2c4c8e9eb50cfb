//! `amax`: the greatest element along axes.

use super::extreme::{Extreme, ExtremeAlong};
use super::reduce::{Axes, DIM, KEEPDIM};
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;

pub(super) static DEF: Def = Def {
    name: "amax",
    form: Form::Function,
    summary: "Gives the greatest of all elements, or of those along some axes; equal ones share the gradient.",
    formula: "y = maxᵢ xᵢ",
    parameters: &[INPUT, DIM, KEEPDIM],
    torch: "torch.amax",
    onnx: "ReduceMax",
    examples: &[
        "input x: [2, 3]  output amax(x)",
        "input x: [2, 3, 4]  output amax(x, dim=1)",
        "input x: [2, 3, 4]  output amax(x, dim=[0, -1], keepdim=true)",
        "input x: int[2, 3]  output amax(x, 0)",
    ],
    build: |attributes| Ok(ExtremeAlong::new(&DEF, Extreme::Greatest, Axes::new(attributes)?)),
};
