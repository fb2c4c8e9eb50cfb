//! `baddbmm`: the products of two stacks of matrices, and something that is added to them.

use super::addmm::{ALPHA, BETA, build};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "baddbmm",
    form: Form::Function,
    summary: "Multiplies the matrices of two stacks, each with its own, and adds a tensor that broadcasts.",
    formula: "y = beta · input + alpha · batch1 batch2, [b, n, m] · [b, m, p] -> [b, n, p]",
    parameters: &[
        Parameter::operand("input", "A shape that broadcasts to `[b, n, p]`"),
        Parameter::operand("batch1", "`[b, n, m]`"),
        Parameter::operand("batch2", "`[b, m, p]`"),
        BETA,
        ALPHA,
    ],
    torch: "torch.baddbmm",
    onnx: "",
    examples: &[
        "input c: [2, 3, 2]  input a: [2, 3, 4]  input b: [2, 4, 2]  output baddbmm(c, a, b)",
        "input c: [2, 1, 1]  input a: [2, 3, 4]  input b: [2, 4, 2]  output baddbmm(c, a, b, beta=2, alpha=0.5)",
        "input c: []  input a: [1, 3, 1]  input b: [1, 1, 2]  output baddbmm(c, a, b)",
    ],
    build: |attributes| build(&DEF, ["bnm", "bmp", "bnp"], attributes),
};
