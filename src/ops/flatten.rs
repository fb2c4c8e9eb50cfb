//! `Flatten`: neighbouring axes become one.

use super::contract::{Def, Form, Literal, Parameter, Type};
use super::flatten_function::build;

pub(super) static DEF: Def = Def {
    name: "Flatten",
    form: Form::Layer { call: &[Parameter::operand("input", "Any shape with both axes.")] },
    summary: "Makes one axis of the axes from `start_dim` to `end_dim`.",
    formula: "[..., s, ..., e, ...] -> [..., s · … · e, ...]",
    parameters: &[
        Parameter::attribute("start_dim", Type::Int, Literal::Int(1), "The first axis."),
        Parameter::attribute("end_dim", Type::Int, Literal::Int(-1), "The last axis."),
    ],
    torch: "torch.nn.Flatten",
    onnx: "Flatten",
    examples: &[
        "input x: [2, 3, 4]  layer flat = Flatten()  output flat(x)",
        "input x: [2, 3, 4]  layer flat = Flatten(0, 1)  output flat(x)",
        "input x: [2, 3]  layer flat = Flatten(start_dim=-2)  output flat(x)",
    ],
    build: |attributes| build(&DEF, attributes),
};
