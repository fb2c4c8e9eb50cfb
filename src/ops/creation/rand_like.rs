//! `rand_like`: random numbers between 0 and 1 in the shape of another tensor.

use super::filling::{Content, LIKE, like};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "rand_like",
    form: Form::Function,
    summary: "Draws uniform on [0, 1) numbers in the shape of another tensor, anew in every pass and call.",
    formula: "y ~ U(0, 1)",
    parameters: &[LIKE],
    torch: "torch.rand_like",
    onnx: "RandomUniformLike",
    examples: &["input x: [2, 3]  output rand_like(x)"],
    build: |attributes| like(&DEF, Content::Uniform, attributes),
};
