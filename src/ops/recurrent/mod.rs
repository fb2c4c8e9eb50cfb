//! Layers that go through a sequence step by step, and their cells.

mod backward;
mod cell;
mod forward;
mod layer;
mod layout;
mod weights;

ops! {
    rnn
    lstm
    gru
    rnn_cell
    lstm_cell
    gru_cell
}
