//! `LSTMCell`: one step of an `LSTM`.

use super::cell::{CELL_BIAS, CELL_H0, CELL_INPUT, RecurrentCell};
use super::layer::{HIDDEN_SIZE, INPUT_SIZE};
use super::layout::Cell;
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "LSTMCell",
    form: Form::Layer { call: &[CELL_INPUT, CELL_H0, C0] },
    summary: "Does one step of an `LSTM`; the results are h and c.",
    formula: "i, f, o = σ(W x + b + W' h₀ + b'), g = tanh(…), c = f c₀ + i g, h = o tanh(c), with the rows of i, f, g and o in this order in weight_ih [4 * hidden_size, input_size] and weight_hh [4 * hidden_size, hidden_size]",
    parameters: &[INPUT_SIZE, HIDDEN_SIZE, CELL_BIAS],
    torch: "torch.nn.LSTMCell",
    onnx: "",
    examples: &[
        "input x: [2, 3]  layer f = LSTMCell(3, 5)  h, c = f(x)  output h, c",
        "input x: [2, 3]  input h0: [2, 4]  input c0: [2, 4]  layer f = LSTMCell(3, 4, bias=false)  h, c = f(x, h0, c0)  output h, c",
        "input x: [3]  input h0: [2]  input c0: [2]  layer f = LSTMCell(3, 2)  h, c = f(x, h0, c0)  output h, c",
    ],
    build: |attributes| RecurrentCell::build(&DEF, Cell::Lstm, attributes),
};

const C0: Parameter = Parameter::optional_operand(
    "c0",
    "c before the step, `[B, hidden_size]`, without B if the input has none; given where h0 is.",
);
