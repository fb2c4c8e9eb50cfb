//! `randn_like`: random numbers of the standard normal distribution in the shape of another tensor.

use super::filling::{Content, LIKE, like};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "randn_like",
    form: Form::Function,
    summary: "Draws standard normal numbers in the shape of another tensor, anew in every pass and call.",
    formula: "y ~ N(0, 1)",
    parameters: &[LIKE],
    torch: "torch.randn_like",
    onnx: "RandomNormalLike",
    examples: &["input x: [2, 3]  output randn_like(x)"],
    build: |attributes| like(&DEF, Content::Normal, attributes),
};
