//! `mv`: the product of a matrix and a vector.

use super::contraction::fixed;
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "mv",
    form: Form::Function,
    summary: "Multiplies a matrix and a vector.",
    formula: "yᵢ = Σₖ aᵢₖ bₖ, [n, m] · [m] -> [n]",
    parameters: &[Parameter::operand("input", "`[n, m]`"), Parameter::operand("vec", "`[m]`")],
    torch: "torch.mv",
    onnx: "MatMul",
    examples: &["input a: [2, 3]  input b: [3]  output mv(a, b)", "input a: [4, 1]  input b: [1]  output mv(a, vec=b)"],
    build: |_| Ok(fixed(&DEF, ["nm", "m", "n"])),
};
