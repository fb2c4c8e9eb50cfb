//! `bmm`: the products of two stacks of matrices.

use super::contraction::fixed;
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "bmm",
    form: Form::Function,
    summary: "Multiplies the matrices of two stacks, each with its own.",
    formula: "yₗᵢⱼ = Σₖ aₗᵢₖ bₗₖⱼ, [b, n, m] · [b, m, p] -> [b, n, p]",
    parameters: &[Parameter::operand("input", "`[b, n, m]`"), Parameter::operand("mat2", "`[b, m, p]`")],
    torch: "torch.bmm",
    onnx: "MatMul",
    examples: &[
        "input a: [2, 3, 4]  input b: [2, 4, 2]  output bmm(a, b)",
        "input a: [1, 2, 3]  input b: [1, 3, 2]  output bmm(a, mat2=b)",
    ],
    build: |_| Ok(fixed(&DEF, ["bnm", "bmp", "bnp"])),
};
