//! `zeros`: a tensor of zeros.

use super::filling::{Content, DTYPE, SIZE, of_size};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "zeros",
    form: Form::Function,
    summary: "Makes a tensor of zeros.",
    formula: "y = 0",
    parameters: &[SIZE, DTYPE],
    torch: "torch.zeros",
    onnx: "ConstantOfShape",
    examples: &[
        "output zeros([2, 3])",
        "output zeros(4)",
        "output zeros([], \"int\")",
        "output zeros(size=[2], dtype=\"bool\")",
    ],
    build: |attributes| of_size(&DEF, Content::int(0), attributes),
};
