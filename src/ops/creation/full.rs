//! `full`: a tensor of one number.

use super::filling::{Content, DTYPE_OF_NUMBER, SIZE, of_size};
use crate::ops::contract::{Def, Form, Parameter, Type};

pub(super) static DEF: Def = Def {
    name: "full",
    form: Form::Function,
    summary: "Makes a tensor whose elements are all one number.",
    formula: "y = fill_value",
    parameters: &[SIZE, Parameter::required("fill_value", Type::Number, "The number."), DTYPE_OF_NUMBER],
    torch: "torch.full",
    onnx: "ConstantOfShape",
    examples: &[
        "output full([2, 3], 0.5)",
        "output full(2, 7)",
        "output full([2], true)",
        "output full([2], 3, dtype=\"float\")",
    ],
    build: |attributes| of_size(&DEF, Content::fill_value(attributes)?, attributes),
};
