//! `GRUCell`: one step of a `GRU`.

use super::cell::{CELL_BIAS, CELL_H0, CELL_INPUT, RecurrentCell};
use super::layer::{HIDDEN_SIZE, INPUT_SIZE};
use super::layout::Cell;
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "GRUCell",
    form: Form::Layer { call: &[CELL_INPUT, CELL_H0] },
    summary: "Does one step of a `GRU`.",
    formula: "r, z = σ(W x + b + W' h₀ + b'), n = tanh(W x + b + r (W' h₀ + b')), h = (1 - z) n + z h₀, with the rows of r, z and n in this order in weight_ih [3 * hidden_size, input_size] and weight_hh [3 * hidden_size, hidden_size]",
    parameters: &[INPUT_SIZE, HIDDEN_SIZE, CELL_BIAS],
    torch: "torch.nn.GRUCell",
    onnx: "",
    examples: &[
        "input x: [2, 3]  layer f = GRUCell(3, 5)  output f(x)",
        "input x: [2, 3]  input h0: [2, 4]  layer f = GRUCell(3, 4, bias=false)  output f(x, h0)",
        "input x: [3]  input h0: [2]  layer f = GRUCell(3, 2)  output f(x, h0)",
    ],
    build: |attributes| RecurrentCell::build(&DEF, Cell::Gru, attributes),
};
