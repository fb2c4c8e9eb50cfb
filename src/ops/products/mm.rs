//! `mm`: the product of two matrices.

use super::contraction::fixed;
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "mm",
    form: Form::Function,
    summary: "Multiplies two matrices.",
    formula: "yᵢⱼ = Σₖ aᵢₖ bₖⱼ, [n, m] · [m, p] -> [n, p]",
    parameters: &[Parameter::operand("input", "`[n, m]`"), Parameter::operand("mat2", "`[m, p]`")],
    torch: "torch.mm",
    onnx: "MatMul",
    examples: &[
        "input a: [2, 3]  input b: [3, 4]  output mm(a, b)",
        "input a: [1, 3]  input b: [3, 1]  output mm(a, mat2=b)",
    ],
    build: |_| Ok(fixed(&DEF, ["nm", "mp", "np"])),
};
