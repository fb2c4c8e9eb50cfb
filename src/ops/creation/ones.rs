//! `ones`: a tensor of ones.

use super::filling::{Content, DTYPE, SIZE, of_size};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "ones",
    form: Form::Function,
    summary: "Makes a tensor of ones.",
    formula: "y = 1",
    parameters: &[SIZE, DTYPE],
    torch: "torch.ones",
    onnx: "ConstantOfShape",
    examples: &["output ones([2, 3])", "output ones(2, dtype=\"bool\")", "input x: [2, 3]  output ones([3]) * x"],
    build: |attributes| of_size(&DEF, Content::int(1), attributes),
};
