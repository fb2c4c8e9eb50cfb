//! `zeros_like`: zeros in the shape of another tensor.

use super::filling::{Content, DTYPE_LIKE, LIKE, like};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "zeros_like",
    form: Form::Function,
    summary: "Makes a tensor of zeros in the shape of another.",
    formula: "y = 0",
    parameters: &[LIKE, DTYPE_LIKE],
    torch: "torch.zeros_like",
    onnx: "",
    examples: &[
        "input x: [2, 3]  output zeros_like(x)",
        "input x: [2]  output zeros_like(x, dtype=\"int\")",
        "input x: bool[2]  output zeros_like(x)",
    ],
    build: |attributes| like(&DEF, Content::int(0), attributes),
};
