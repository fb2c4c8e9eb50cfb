//! `randn`: random numbers of the standard normal distribution.

use super::filling::{Content, SIZE, of_size};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "randn",
    form: Form::Function,
    summary: "Draws standard normal numbers, anew in every pass and call, in training or not.",
    formula: "y ~ N(0, 1)",
    parameters: &[SIZE],
    torch: "torch.randn",
    onnx: "RandomNormal",
    examples: &["output randn([2, 3])", "output randn([])"],
    build: |attributes| of_size(&DEF, Content::Normal, attributes),
};
