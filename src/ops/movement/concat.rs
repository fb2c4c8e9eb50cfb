//! `concat`: tensors one after another along an axis; `cat` under its other name.

use super::cat::{DIM, TENSORS, build};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "concat",
    form: Form::Function,
    summary: "Puts tensors one after another along an axis.",
    formula: "y = [x₀, x₁, …]",
    parameters: &[TENSORS, DIM],
    torch: "torch.concat",
    onnx: "Concat",
    examples: &["input a: [2, 3]  input b: [2, 1]  output concat([a, b], dim=1)"],
    build: |attributes| build(&DEF, attributes),
};
