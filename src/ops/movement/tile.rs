//! `tile`: the tensor several times along each axis, as `repeat`, with ones for what is missing.

use super::repeat::tile;
use crate::ops::contract::{Def, Form, Parameter, Type};

pub(super) static DEF: Def = Def {
    name: "tile",
    form: Form::Function,
    summary: "Lays the tensor several times along each axis.",
    formula: "y[..., i, ...] = x[..., i mod n, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::required(
            "dims",
            Type::Sizes,
            "How many times along each axis; the shorter of this and the input's shape gets ones in front.",
        ),
    ],
    torch: "torch.tile",
    onnx: "Tile",
    examples: &[
        "input x: [2, 3]  output tile(x, 2)",
        "input x: [2]  output tile(x, [3, 2])",
        "input x: int[2, 2]  output tile(x, dims=[2])",
    ],
    build: |attributes| tile(&DEF, attributes),
};
