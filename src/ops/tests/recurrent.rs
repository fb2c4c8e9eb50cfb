//! Recurrent layers and cells: sizes, states, the order of slots, dropout between layers, and the words of errors.

use super::cases::{Case, Given, float, int, word};
use super::check::check;
use super::harness::{Run, Tensor, build};
use super::notation::function as layer;
use crate::ops::*;
use crate::shape::TensorType;

fn flag(value: bool) -> Value {
    Value::Bool(value)
}

/// All that a sequence may do, in one list: layers, directions, biases, order of axes, states, projections.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in ["RNN", "LSTM", "GRU"] {
        for (layers, bidirectional, bias, batch_first, dropout) in [
            (1, false, true, false, 0.0),
            (1, true, true, true, 0.0),
            (2, false, false, false, 0.0),
            (2, true, true, false, 0.0),
            (3, false, true, true, 0.4),
            (2, true, false, false, 0.5),
            (2, false, true, false, 1.0),
        ] {
            let given: Given = vec![
                ("input_size", int(3)),
                ("hidden_size", int(2)),
                ("num_layers", int(layers)),
                ("bidirectional", flag(bidirectional)),
                ("bias", flag(bias)),
                ("batch_first", flag(batch_first)),
                ("dropout", Value::Float(dropout)),
            ];
            let all = layers as usize * if bidirectional { 2 } else { 1 };
            let states = |state: TensorType| if name == "LSTM" { vec![state.clone(), state] } else { vec![state] };
            for input in [&[4, 2, 3][..], &[4, 3], &[1, 1, 3], &[0, 2, 3], &[3, 0, 3]] {
                let batch = usize::from(!batch_first);
                let state = if input.len() == 3 { float(&[all, input[batch], 2]) } else { float(&[all, 2]) };
                let with = std::iter::once(float(input)).chain(states(state)).collect();
                cases.push(Case(named(name).unwrap(), given.clone(), vec![float(input)]));
                cases.push(Case(named(name).unwrap(), given.clone(), with));
            }
        }
    }
    cases.extend(special());
    for name in ["RNNCell", "LSTMCell", "GRUCell"] {
        for (bias, input, state) in
            [(true, &[2, 3][..], &[2, 4][..]), (false, &[3], &[4]), (true, &[1, 3], &[1, 4]), (true, &[0, 3], &[0, 4])]
        {
            let given = vec![("input_size", int(3)), ("hidden_size", int(4)), ("bias", flag(bias))];
            let states = vec![float(state); if name == "LSTMCell" { 2 } else { 1 }];
            cases.push(Case(named(name).unwrap(), given.clone(), vec![float(input)]));
            cases.push(Case(named(name).unwrap(), given, std::iter::once(float(input)).chain(states).collect()));
        }
    }
    cases
}

fn special() -> Vec<Case> {
    let sizes = |input: i64, hidden: i64| vec![("input_size", int(input)), ("hidden_size", int(hidden))];
    let with = |mut given: Given, more: Given| {
        given.extend(more);
        given
    };
    let case = |name: &str, given: Given, inputs: Vec<TensorType>| Case(named(name).unwrap(), given, inputs);
    let projected = |more: Given| with(with(sizes(3, 4), vec![("proj_size", int(2))]), more);
    vec![
        case("RNN", with(sizes(3, 4), vec![("nonlinearity", word("relu"))]), vec![float(&[4, 2, 3])]),
        case("RNNCell", with(sizes(3, 4), vec![("nonlinearity", word("relu"))]), vec![float(&[2, 3])]),
        case("GRU", sizes(0, 4), vec![float(&[2, 2, 0])]),
        case("LSTM", projected(vec![]), vec![float(&[3, 2, 3])]),
        case(
            "LSTM",
            projected(vec![("num_layers", int(2)), ("bidirectional", flag(true)), ("bias", flag(false))]),
            vec![float(&[3, 2, 3]), float(&[4, 2, 2]), float(&[4, 2, 4])],
        ),
        case(
            "LSTM",
            projected(vec![("num_layers", int(2)), ("batch_first", flag(true)), ("dropout", Value::Float(0.5))]),
            vec![float(&[2, 3, 3])],
        ),
    ]
}

#[test]
fn slots_have_the_names_and_the_order_of_pytorch() {
    let slots = |name: &str, given: &[(&str, Value)]| {
        let op = build(named(name).unwrap(), given, 1).unwrap();
        assert!(op.slots().iter().all(|slot| slot.scaled && slot.init.to_string().contains("sqrt(4)")));
        let slots: Vec<String> = op.slots().iter().map(|slot| format!("{} {}", slot.name, slot.shape)).collect();
        slots.join("\n")
    };
    let given = [
        ("input_size", int(3)),
        ("hidden_size", int(4)),
        ("num_layers", int(2)),
        ("bidirectional", flag(true)),
        ("proj_size", int(2)),
    ];
    insta::assert_snapshot!(slots("LSTM", &given), @r"
    weight_ih_l0 [16, 3]
    weight_hh_l0 [16, 2]
    bias_ih_l0 [16]
    bias_hh_l0 [16]
    weight_hr_l0 [2, 4]
    weight_ih_l0_reverse [16, 3]
    weight_hh_l0_reverse [16, 2]
    bias_ih_l0_reverse [16]
    bias_hh_l0_reverse [16]
    weight_hr_l0_reverse [2, 4]
    weight_ih_l1 [16, 4]
    weight_hh_l1 [16, 2]
    bias_ih_l1 [16]
    bias_hh_l1 [16]
    weight_hr_l1 [2, 4]
    weight_ih_l1_reverse [16, 4]
    weight_hh_l1_reverse [16, 2]
    bias_ih_l1_reverse [16]
    bias_hh_l1_reverse [16]
    weight_hr_l1_reverse [2, 4]
    ");
    insta::assert_snapshot!(slots("GRUCell", &given[..2]), @r"
    weight_ih [12, 3]
    weight_hh [12, 4]
    bias_ih [12]
    bias_hh [12]
    ");
}

/// `T = 0` leaves the states as they were.
#[test]
fn no_steps_give_back_the_states() {
    let given = [("input_size", int(3)), ("hidden_size", int(2)), ("bidirectional", flag(true))];
    let inputs = [float(&[0, 1, 3]), float(&[2, 1, 2]), float(&[2, 1, 2])];
    let run = Run::draw(build(named("LSTM").unwrap(), &given, 3).unwrap(), &inputs, Mode::Eval, false);
    let results = run.forward().unwrap().outputs;
    assert_eq!(results[0], Tensor::floats(&[0, 1, 4], &[]));
    assert_eq!(results[1..], run.inputs[1..]);
}

/// A sequence is its cell, step by step.
#[test]
fn a_layer_does_what_its_cell_does() {
    for name in ["RNN", "LSTM", "GRU"] {
        let given = [("input_size", int(3)), ("hidden_size", int(2))];
        let layer = Run::draw(build(named(name).unwrap(), &given, 1).unwrap(), &[float(&[4, 5, 3])], Mode::Eval, false);
        let results = layer.forward().unwrap().outputs;
        let x = layer.inputs[0].as_floats().unwrap();
        let op = build(named(&format!("{name}Cell")).unwrap(), &given, 1).unwrap();
        let mut states = vec![Tensor::floats(&[5, 2], &[0.0; 10]); op.n_results()];
        for time in 0..4 {
            let mut cell = layer.clone();
            cell.op = op.clone();
            cell.inputs = vec![Tensor::floats(&[5, 3], &x[time * 15..(time + 1) * 15])];
            cell.inputs.extend(states);
            states = cell.forward().unwrap().outputs;
            let output = &results[0].as_floats().unwrap()[time * 10..(time + 1) * 10];
            assert_eq!(states[0].as_floats().unwrap(), output, "{name} at {time}");
        }
        for (state, result) in states.iter().zip(&results[1..]) {
            assert_eq!(state.as_floats(), result.as_floats(), "{name}");
        }
    }
}

#[test]
fn dropout_stands_between_the_layers_only_in_training() {
    let given = |dropout: f64| {
        [("input_size", int(3)), ("hidden_size", int(4)), ("num_layers", int(2)), ("dropout", Value::Float(dropout))]
    };
    let output = |dropout: f64, mode: Mode| {
        let op = build(named("GRU").unwrap(), &given(dropout), 1).unwrap();
        Run::draw(op, &[float(&[3, 2, 3])], mode, false).forward().unwrap().outputs
    };
    let plain = output(0.0, Mode::Train);
    assert_eq!(output(0.5, Mode::Eval), plain);
    let dropped = output(0.5, Mode::Train);
    assert_ne!(dropped[0], plain[0]);
    // The first layer comes before any dropout.
    let first = |results: &[Tensor<f64>]| results[1].as_floats().unwrap()[..8].to_vec();
    assert_eq!(first(&dropped), first(&plain));
    let op = build(named("GRU").unwrap(), &given(0.5), 1).unwrap();
    check(&Run::draw(op, &[float(&[3, 2, 3])], Mode::Train, false)).unwrap();
}

#[test]
fn shapes_may_hang_on_symbols() {
    let given = [("input_size", int(3)), ("hidden_size", int(4)), ("bidirectional", flag(true))];
    assert_eq!(layer("LSTM", &given, &["[t, b, 3]"]), "[t, b, 8]; [2, b, 4]; [2, b, 4]");
    assert_eq!(layer("GRU", &given, &["[t, f]"]), "[t, 8]; [2, 4]; requires f == 3");
    assert_eq!(
        layer("GRU", &given, &["[t, b, 3]", "[l, n, 4]"]),
        "[t, b, 8]; [2, b, 4]; requires l == 2; requires b == n"
    );
    assert_eq!(layer("LSTMCell", &given[..2], &["[b, 3]"]), "[b, 4]; [b, 4]");
    let first = [given.as_slice(), &[("batch_first", flag(true))]].concat();
    assert_eq!(layer("RNN", &first, &["[b, t, 3]"]), "[b, t, 8]; [2, b, 4]");
}

#[test]
fn what_does_not_fit_is_told() {
    let given = [("input_size", int(3)), ("hidden_size", int(4))];
    let more = |name: &'static str, value: Value| [given.as_slice(), &[(name, value)]].concat();
    let errors = [
        layer("LSTM", &given, &["[5, 2, 7]"]),
        layer("LSTM", &given, &["[3]"]),
        layer("GRU", &more("batch_first", flag(true)), &["int[5, 2, 3]"]),
        layer("GRU", &more("batch_first", flag(true)), &["[2, 3, 5, 3]"]),
        layer("GRU", &given, &["[5, 2, 3]", "[1, 5, 4]"]),
        layer("GRU", &more("batch_first", flag(true)), &["[5, 2, 3]", "[1, 2, 4]"]),
        layer("GRU", &more("num_layers", int(2)), &["[5, 2, 3]", "[1, 2, 4]"]),
        layer("GRU", &given, &["[5, 2, 3]", "[1, 4]"]),
        layer("LSTM", &given, &["[5, 2, 3]", "[1, 2, 4]"]),
        layer("LSTM", &more("proj_size", int(2)), &["[5, 2, 3]", "[1, 2, 4]", "[1, 2, 4]"]),
        layer("LSTM", &more("proj_size", int(4)), &["[5, 2, 3]"]),
        layer("LSTM", &more("proj_size", int(-1)), &["[5, 2, 3]"]),
        layer("RNN", &more("num_layers", int(0)), &["[5, 2, 3]"]),
        layer("RNN", &more("num_layers", int(1 << 40)), &["[5, 2, 3]"]),
        layer("RNN", &more("dropout", Value::Float(1.5)), &["[5, 2, 3]"]),
        layer("RNN", &[("input_size", int(3)), ("hidden_size", int(0))], &["[5, 2, 3]"]),
        layer("GRUCell", &given, &["[5, 2, 3]"]),
        layer("GRUCell", &given, &["[2, 3]", "[3, 4]"]),
        layer("GRUCell", &given, &["[2, 3]", "[2, 3]"]),
        layer("GRUCell", &given, &["[2, 3]", "[4]"]),
    ];
    insta::assert_snapshot!(errors.join("\n\n"), @r#"
    `LSTM` wants 3 features, and gets 7
      Axis { operand: 0, axis: 2 }: the last axis of [5, 2, 7] is 7
      Attribute("input_size"): it wants 3

    `LSTM` wants [T, B, 3], or [T, 3] without a batch, and gets [3]
      Operand(0): this has 1 axis

    `GRU` wants a float tensor, and gets an int tensor
      Operand(0): this is int[5, 2, 3]
      help: `to(x, "float")` makes floats of `x`

    `GRU` wants [B, T, 3], or [T, 3] without a batch, and gets [2, 3, 5, 3]
      Operand(0): this has 4 axes

    `GRU` wants h0 [1, 2, 4], and gets [1, 5, 4]
      Axis { operand: 1, axis: 1 }: axis 1 is 5
      Axis { operand: 0, axis: 1 }: the batch of the input is 2
      help: `batch_first=true` says that the batch is the first axis of the input

    `GRU` wants h0 [1, 5, 4], and gets [1, 2, 4]
      Axis { operand: 1, axis: 1 }: axis 1 is 2
      Axis { operand: 0, axis: 0 }: the batch of the input is 5
      help: `batch_first=false` says that the batch is the second axis of the input

    `GRU` wants h0 [2, 2, 4], and gets [1, 2, 4]
      Axis { operand: 1, axis: 0 }: axis 0 is 1
      Attribute("num_layers"): `num_layers` is 2 with 1 direction in each: that makes 2

    `GRU` wants h0 [1, 2, 4], and gets [1, 4]
      Operand(1): this has 2 axes
      Operand(0): the input has 3 axes, so h0 has as many

    c0: `c0` must be given where `h0` is
      help: the states of an LSTM come together: `f(x, h0, c0)`

    `LSTM` wants h0 [1, 2, 2], and gets [1, 2, 4]
      Axis { operand: 1, axis: 2 }: axis 2 is 4
      Attribute("proj_size"): it wants 2

    proj_size: `proj_size` must be less than `hidden_size`, 4, and is 4

    proj_size: `proj_size` can't be negative, and is -1

    num_layers: `num_layers` must be between 1 and 1024, and is 0

    num_layers: `num_layers` must be between 1 and 1024, and is 1099511627776

    dropout: `dropout` must be between 0 and 1, and is 1.5

    hidden_size: `hidden_size` must be at least 1, and is 0

    `GRUCell` wants [B, 3] or [3], and gets [5, 2, 3]
      Operand(0): this has 3 axes
      help: a cell takes one step of a sequence

    `GRUCell` wants h0 [2, 4], and gets [3, 4]
      Axis { operand: 1, axis: 0 }: axis 0 is 3
      Axis { operand: 0, axis: 0 }: the batch of the input is 2

    `GRUCell` wants h0 [2, 4], and gets [2, 3]
      Axis { operand: 1, axis: 1 }: axis 1 is 3
      Attribute("hidden_size"): it wants 4

    `GRUCell` wants h0 [2, 4], and gets [4]
      Operand(1): this has 1 axis
      Operand(0): this has 2 axes
    "#);
}
