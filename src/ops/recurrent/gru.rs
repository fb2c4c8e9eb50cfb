//! `GRU`: a recurrent layer with gates, <https://arxiv.org/abs/1406.1078>.

use super::layer::{
    BATCH_FIRST, BIAS, BIDIRECTIONAL, DROPOUT, H0, HIDDEN_SIZE, INPUT, INPUT_SIZE, NUM_LAYERS, Recurrent,
};
use super::layout::Cell;
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "GRU",
    form: Form::Layer { call: &[INPUT, H0] },
    summary: "Goes through a sequence; gates say how much of the last output is forgotten and how much is kept.",
    formula: "r, z = σ(W xₜ + b + W' hₜ₋₁ + b'), n = tanh(W xₜ + b + r (W' hₜ₋₁ + b')), hₜ = (1 - z) n + z hₜ₋₁, with the rows of r, z and n in this order in weight_ih_l0 [3 * hidden_size, input_size] and weight_hh_l0 [3 * hidden_size, hidden_size]; results: output [T, B, directions * hidden_size], h after the last step",
    parameters: &[INPUT_SIZE, HIDDEN_SIZE, NUM_LAYERS, BIAS, BATCH_FIRST, DROPOUT, BIDIRECTIONAL],
    torch: "torch.nn.GRU",
    onnx: "GRU",
    examples: &[
        "input x: [4, 2, 3]  layer f = GRU(3, 5)  y, h = f(x)  output y, h",
        "input x: [4, 2, 3]  input h0: [4, 2, 2]  layer f = GRU(3, 2, 2, bidirectional=true)  y, h = f(x, h0)  output y, h",
        "input x: [2, 4, 3]  layer f = GRU(3, 5, bias=false, batch_first=true)  y, h = f(x)  output y, h",
        "input x: [4, 3]  input h0: [3, 2]  layer f = GRU(3, 2, 3, dropout=0.5)  y, h = f(x, h0)  output y, h",
        "input x: [1, 1, 1]  layer f = GRU(1, 1)  y, _ = f(x)  output y",
    ],
    build: |attributes| Recurrent::build(&DEF, Cell::Gru, attributes),
};
