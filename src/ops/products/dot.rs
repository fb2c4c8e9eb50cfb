//! `dot`: the product of two vectors.

use super::contraction::fixed;
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "dot",
    form: Form::Function,
    summary: "Adds up the products of two vectors, element by element.",
    formula: "y = Σᵢ aᵢ bᵢ, [n] · [n] -> []",
    parameters: &[Parameter::operand("input", "`[n]`"), Parameter::operand("tensor", "`[n]`")],
    torch: "torch.dot",
    onnx: "MatMul",
    examples: &["input a: [3]  input b: [3]  output dot(a, b)", "input a: [4]  output dot(a, a)"],
    build: |_| Ok(fixed(&DEF, ["n", "n", ""])),
};
