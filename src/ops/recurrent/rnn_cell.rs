//! `RNNCell`: one step of an `RNN`.

use super::cell::{CELL_BIAS, CELL_H0, CELL_INPUT, RecurrentCell};
use super::layer::{HIDDEN_SIZE, INPUT_SIZE};
use super::rnn::{NONLINEARITY, cell};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "RNNCell",
    form: Form::Layer { call: &[CELL_INPUT, CELL_H0] },
    summary: "Does one step of an `RNN`.",
    formula: "h = tanh(W_ih x + b_ih + W_hh h₀ + b_hh), W_ih = weight_ih [hidden_size, input_size], W_hh = weight_hh [hidden_size, hidden_size]",
    parameters: &[INPUT_SIZE, HIDDEN_SIZE, CELL_BIAS, NONLINEARITY],
    torch: "torch.nn.RNNCell",
    onnx: "",
    examples: &[
        "input x: [2, 3]  layer f = RNNCell(3, 5)  output f(x)",
        "input x: [2, 3]  input h0: [2, 4]  layer f = RNNCell(3, 4, bias=false, nonlinearity=\"relu\")  output f(x, h0)",
        "input x: [3]  input h0: [2]  layer f = RNNCell(3, 2)  output f(x, h0)",
        "input x: [2, 3]  layer f = RNNCell(3, 3)  output f(x, f(x))",
    ],
    build: |attributes| RecurrentCell::build(&DEF, cell(attributes)?, attributes),
};
