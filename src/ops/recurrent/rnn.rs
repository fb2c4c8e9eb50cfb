//! `RNN`: a recurrent layer without gates, <https://crl.ucsd.edu/~elman/Papers/fsit.pdf>.

use super::layer::{
    BATCH_FIRST, BIAS, BIDIRECTIONAL, DROPOUT, H0, HIDDEN_SIZE, INPUT, INPUT_SIZE, NUM_LAYERS, Recurrent,
};
use super::layout::Cell;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::{AttributeError, Attributes};
use crate::tensor::recurrent::Nonlinearity;

pub(super) static DEF: Def = Def {
    name: "RNN",
    form: Form::Layer { call: &[INPUT, H0] },
    summary: "Goes through a sequence; a layer applies tanh or relu to a sum of its input and its last output.",
    formula: "hₜ = tanh(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh), W_ih = weight_ih_l0 [hidden_size, input_size], W_hh = weight_hh_l0 [hidden_size, hidden_size]; results: output [T, B, directions * hidden_size], h after the last step",
    parameters: &[INPUT_SIZE, HIDDEN_SIZE, NUM_LAYERS, NONLINEARITY, BIAS, BATCH_FIRST, DROPOUT, BIDIRECTIONAL],
    torch: "torch.nn.RNN",
    onnx: "RNN",
    examples: &[
        "input x: [4, 2, 3]  layer f = RNN(3, 5)  y, h = f(x)  output y, h",
        "input x: [4, 2, 3]  input h0: [4, 2, 2]  layer f = RNN(3, 2, 2, bidirectional=true)  y, h = f(x, h0)  output y, h",
        "input x: [2, 4, 3]  layer f = RNN(3, 5, nonlinearity=\"relu\", bias=false, batch_first=true)  y, h = f(x)  output y, h",
        "input x: [4, 3]  input h0: [3, 2]  layer f = RNN(3, 2, 3, dropout=0.5)  y, h = f(x, h0)  output y, h",
        "input x: [1, 1, 1]  layer f = RNN(1, 1)  y, _ = f(x)  output y",
    ],
    build: |attributes| Recurrent::build(&DEF, cell(attributes)?, attributes),
};

pub(super) const NONLINEARITY: Parameter = Parameter::attribute(
    "nonlinearity",
    Type::Word(&["tanh", "relu"]),
    Literal::Str("tanh"),
    "What is applied to the sum.",
);

pub(super) fn cell(attributes: &Attributes) -> Result<Cell, AttributeError> {
    Ok(Cell::Rnn(if attributes.word("nonlinearity")? == "relu" { Nonlinearity::Relu } else { Nonlinearity::Tanh }))
}
