//! `outer`: all products of an element of one vector and one of another.

use super::contraction::fixed;
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "outer",
    form: Form::Function,
    summary: "Multiplies every element of one vector by every element of another.",
    formula: "yᵢⱼ = aᵢ bⱼ, [n], [m] -> [n, m]",
    parameters: &[Parameter::operand("input", "`[n]`"), Parameter::operand("vec2", "`[m]`")],
    torch: "torch.outer",
    onnx: "",
    examples: &["input a: [2]  input b: [3]  output outer(a, b)", "input a: [2]  output outer(a, vec2=a)"],
    build: |_| Ok(fixed(&DEF, ["n", "m", "nm"])),
};
