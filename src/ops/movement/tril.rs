//! `tril`: of every matrix the elements on a diagonal and below it.

use super::triangle::{DIAGONAL, INPUT, Side, build};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "tril",
    form: Form::Function,
    summary: "Keeps the elements of matrices on a diagonal and below it, and makes the others 0.",
    formula: "yᵢⱼ = xᵢⱼ where j ≤ i + diagonal, else 0",
    parameters: &[INPUT, DIAGONAL],
    torch: "torch.tril",
    onnx: "Trilu",
    examples: &[
        "input x: [3, 3]  output tril(x)",
        "input x: [2, 3, 4]  output tril(x, diagonal=1)",
        "input x: [4, 2]  output tril(x, -1)",
        "input x: bool[3, 3]  output tril(x, 9)",
    ],
    build: |attributes| build(&DEF, Side::Lower, attributes),
};
