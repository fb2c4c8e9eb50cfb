//! `ones_like`: ones in the shape of another tensor.

use super::filling::{Content, DTYPE_LIKE, LIKE, like};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "ones_like",
    form: Form::Function,
    summary: "Makes a tensor of ones in the shape of another.",
    formula: "y = 1",
    parameters: &[LIKE, DTYPE_LIKE],
    torch: "torch.ones_like",
    onnx: "",
    examples: &["input x: [2, 3]  output ones_like(x) * x", "input x: int[2]  output ones_like(x, \"float\")"],
    build: |attributes| like(&DEF, Content::int(1), attributes),
};
