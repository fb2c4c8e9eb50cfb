//! `LSTM`: a recurrent layer with a memory, <https://www.bioinf.jku.at/publications/older/2604.pdf>.

use super::layer::{
    BATCH_FIRST, BIAS, BIDIRECTIONAL, DROPOUT, H0, HIDDEN_SIZE, INPUT, INPUT_SIZE, NUM_LAYERS, PROJ_SIZE, Recurrent,
};
use super::layout::Cell;
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "LSTM",
    form: Form::Layer { call: &[INPUT, H0, C0] },
    summary: "Goes through a sequence with a memory c whose gates are computed from the input and the last output.",
    formula: "i, f, o = σ(W xₜ + b + W' hₜ₋₁ + b'), g = tanh(…), cₜ = f cₜ₋₁ + i g, hₜ = o tanh(cₜ), with the rows of i, f, g and o in this order in weight_ih_l0 [4 * hidden_size, input_size] and weight_hh_l0 [4 * hidden_size, hidden_size]; with proj_size hₜ = weight_hr_l0 (o tanh(cₜ)); results: output [T, B, directions * hidden_size], h and c after the last step",
    parameters: &[INPUT_SIZE, HIDDEN_SIZE, NUM_LAYERS, BIAS, BATCH_FIRST, DROPOUT, BIDIRECTIONAL, PROJ_SIZE],
    torch: "torch.nn.LSTM",
    onnx: "LSTM",
    examples: &[
        "input x: [4, 2, 3]  layer f = LSTM(3, 5)  y, h, c = f(x)  output y, h, c",
        "input x: [4, 2, 3]  input h0: [4, 2, 2]  input c0: [4, 2, 2]  layer f = LSTM(3, 2, 2, bidirectional=true)  y, h, c = f(x, h0, c0)  output y, h, c",
        "input x: [2, 4, 3]  layer f = LSTM(3, 5, bias=false, batch_first=true)  y, h, c = f(x)  output y, h, c",
        "input x: [4, 3]  input h0: [3, 2]  input c0: [3, 2]  layer f = LSTM(3, 2, 3, dropout=0.5)  y, h, c = f(x, h0, c0)  output y, h, c",
        "input x: [3, 2, 3]  input h0: [4, 2, 2]  input c0: [4, 2, 4]  layer f = LSTM(3, 4, 2, bidirectional=true, proj_size=2)  y, h, c = f(x, h0, c0)  output y, h, c",
        "input x: [1, 1, 1]  layer f = LSTM(1, 1)  y, _, _ = f(x)  output y",
    ],
    build: |attributes| Recurrent::build(&DEF, Cell::Lstm, attributes),
};

const C0: Parameter = Parameter::optional_operand(
    "c0",
    "c before the first step, `[num_layers * directions, B, hidden_size]`; given where h0 is.",
);
