//! `rand`: random numbers between 0 and 1.

use super::filling::{Content, SIZE, of_size};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "rand",
    form: Form::Function,
    summary: "Draws uniform on [0, 1) numbers, anew in every pass and call, in training or not.",
    formula: "y ~ U(0, 1)",
    parameters: &[SIZE],
    torch: "torch.rand",
    onnx: "RandomUniform",
    examples: &["output rand([2, 3])", "output rand(4)"],
    build: |attributes| of_size(&DEF, Content::Uniform, attributes),
};
