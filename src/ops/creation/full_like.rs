//! `full_like`: one number in the shape of another tensor.

use super::filling::{Content, DTYPE_LIKE, LIKE, like};
use crate::ops::contract::{Def, Form, Parameter, Type};

pub(super) static DEF: Def = Def {
    name: "full_like",
    form: Form::Function,
    summary: "Makes a tensor in the shape of another whose elements are all one number.",
    formula: "y = fill_value",
    parameters: &[LIKE, Parameter::required("fill_value", Type::Number, "The number."), DTYPE_LIKE],
    torch: "torch.full_like",
    onnx: "",
    examples: &[
        "input x: [2, 3]  output full_like(x, -2) + x",
        "input x: [2]  output full_like(x, true, dtype=\"bool\")",
        "input x: int[2]  output full_like(x, 3)",
    ],
    build: |attributes| like(&DEF, Content::fill_value(attributes)?, attributes),
};
