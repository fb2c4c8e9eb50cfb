//! Attention: masks of every kind, heads that share keys, queries that see nothing, dropout, and the words of errors.

use super::cases::{Case, float, int, tensor};
use super::harness::{Data, Run, Tensor, build};
use super::notation::{function, infer, parse};
use crate::ops::*;
use crate::shape::Element;

fn flag(value: bool) -> Value {
    Value::Bool(value)
}

fn bools(shape: &[usize]) -> crate::shape::TensorType {
    tensor(Element::Bool, shape)
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |given: &[(&'static str, Value)], shapes: [&[usize]; 3], mask: Option<crate::shape::TensorType>| {
        let inputs: Vec<_> = shapes.into_iter().map(float).chain(mask).collect();
        cases.push(Case::new("scaled_dot_product_attention", given, &inputs));
    };
    let dropout = [("dropout_p", Value::Float(0.4))];
    let grouped = [("enable_gqa", flag(true))];
    let causal = [("is_causal", flag(true))];
    add(&[], [&[3, 4], &[5, 4], &[5, 2]], None);
    add(&[], [&[2, 3, 4], &[2, 5, 4], &[2, 5, 2]], Some(float(&[3, 5])));
    add(&[], [&[2, 1, 3, 4], &[3, 5, 4], &[2, 1, 5, 2]], Some(float(&[2, 3, 1, 5])));
    add(&[], [&[2, 3, 4], &[5, 4], &[5, 2]], Some(float(&[5])));
    add(&[], [&[2, 3, 4], &[5, 4], &[5, 2]], Some(float(&[])));
    add(&[("scale", Value::Float(0.3))], [&[2, 3, 4], &[2, 5, 4], &[2, 5, 2]], None);
    add(&causal, [&[70, 2], &[70, 2], &[70, 2]], None);
    add(&[causal.as_slice(), &dropout].concat(), [&[2, 4, 2], &[2, 3, 2], &[2, 3, 2]], None);
    add(&dropout, [&[2, 3, 4], &[2, 5, 4], &[2, 5, 2]], Some(float(&[2, 3, 5])));
    add(&grouped, [&[4, 3, 2], &[2, 5, 2], &[2, 5, 3]], Some(float(&[4, 1, 5])));
    add(
        &[grouped.as_slice(), &dropout].concat(),
        [&[2, 4, 3, 2], &[2, 2, 5, 2], &[1, 2, 5, 3]],
        Some(float(&[1, 3, 5])),
    );
    add(&grouped, [&[0, 3, 2], &[0, 5, 2], &[0, 5, 3]], None);
    for mask in [&[3, 5][..], &[2, 1, 1], &[5]] {
        add(&[], [&[2, 3, 4], &[2, 5, 4], &[2, 5, 2]], Some(bools(mask)));
    }
    for shapes in [[&[0, 4][..], &[5, 4], &[5, 2]], [&[3, 4], &[0, 4], &[0, 2]], [&[2, 4], &[3, 4], &[3, 0]]] {
        add(&[], shapes, None);
        add(&causal, shapes, None);
    }
    cases.extend(multihead());
    cases
}

fn multihead() -> Vec<Case> {
    let mut cases = Vec::new();
    for (batch_first, bias, dropout, kdim) in [
        (false, true, 0.0, 4),
        (true, true, 0.4, 3),
        (false, false, 0.4, 3),
        (true, false, 0.0, 4),
        (false, true, 1.0, 4),
    ] {
        let layer = [
            ("embed_dim", int(4)),
            ("num_heads", int(2)),
            ("batch_first", flag(batch_first)),
            ("bias", flag(bias)),
            ("dropout", Value::Float(dropout)),
            ("kdim", int(kdim)),
        ];
        let shape = |length: usize, width: usize| {
            if batch_first { float(&[2, length, width]) } else { float(&[length, 2, width]) }
        };
        let operands = [shape(3, 4), shape(5, kdim as usize), shape(5, 4)];
        for (call, masks) in [
            (vec![], vec![]),
            (vec![("need_weights", flag(false))], vec![float(&[2, 5])]),
            (vec![("average_attn_weights", flag(false))], vec![float(&[2, 5]), float(&[3, 5])]),
            (vec![("is_causal", flag(true))], vec![float(&[2, 5]), float(&[4, 3, 5])]),
        ] {
            let given = [layer.as_slice(), &call].concat();
            cases.push(Case::new("MultiheadAttention", &given, &[operands.as_slice(), &masks].concat()));
        }
        let alone = [float(&[3, 4]), float(&[5, kdim as usize]), float(&[5, 4]), float(&[5]), float(&[2, 3, 5])];
        cases.push(Case::new("MultiheadAttention", &layer, &alone));
        let empty = [shape(0, 4), shape(5, kdim as usize), shape(5, 4)];
        cases.push(Case::new("MultiheadAttention", &layer, &empty));
    }
    cases
}

fn attention(given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Vec<f64> {
    let op = build(named("scaled_dot_product_attention").unwrap(), given, inputs.len()).unwrap();
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    run.forward().unwrap().outputs[0].as_floats().unwrap().clone()
}

fn mask(values: &[bool]) -> Tensor<f64> {
    Tensor { shape: vec![2, 2], data: Data::Bool(values.to_vec()) }
}

/// In the function a key takes part where the mask is true, in the layer where it is false, as in PyTorch.
#[test]
fn bool_masks_mean_what_they_mean_in_pytorch() {
    let zeros = || Tensor::floats(&[2, 1], &[0.0; 2]);
    let values = || Tensor::floats(&[2, 1], &[1.0, 3.0]);
    let seen = |values_of_mask: &[bool]| attention(&[], vec![zeros(), zeros(), values(), mask(values_of_mask)]);
    assert_eq!(seen(&[true, false, true, true]), [1.0, 2.0]);

    let given = [("embed_dim", int(1)), ("num_heads", int(1)), ("bias", flag(false))];
    let def = named("MultiheadAttention").unwrap();
    let x = || Tensor::floats(&[2, 1], &[1.0, 3.0]);
    let padding = Tensor { shape: vec![2], data: Data::Bool(vec![false, true]) };
    let op = build(def, &given, 4).unwrap();
    // Queries and keys count nothing, values and results as they are.
    let slots = vec![Tensor::floats(&[3, 1], &[0.0, 0.0, 1.0]), Tensor::floats(&[1, 1], &[1.0])];
    let run = Run { op, inputs: vec![x(), x(), x(), padding], slots, buffers: Vec::new(), mode: Mode::Eval };
    let results = run.forward().unwrap().outputs;
    assert_eq!(results[0].as_floats().unwrap(), &[1.0, 1.0]);
    assert_eq!(results[1].as_floats().unwrap(), &[1.0, 0.0, 1.0, 0.0]);
}

#[test]
fn a_query_that_sees_nothing_gets_zeros() {
    let zeros = || Tensor::floats(&[2, 1], &[0.0; 2]);
    let ones = || Tensor::floats(&[2, 1], &[1.0; 2]);
    assert_eq!(attention(&[], vec![zeros(), zeros(), ones(), mask(&[false, false, true, false])]), [0.0, 1.0]);
    let none = Tensor::floats(&[2, 2], &[f64::NEG_INFINITY; 4]);
    assert_eq!(attention(&[], vec![zeros(), zeros(), ones(), none]), [0.0, 0.0]);
    let no_keys = || Tensor::floats(&[0, 1], &[]);
    assert_eq!(attention(&[], vec![zeros(), no_keys(), no_keys()]), [0.0, 0.0]);
}

#[test]
fn great_scores_do_not_overflow_and_nan_goes_through() {
    let ones = || Tensor::floats(&[2, 1], &[1.0; 2]);
    let values = || Tensor::floats(&[2, 1], &[1.0, 2.0]);
    let far = Tensor::floats(&[2, 2], &[1e9, 1e9, -1e9, -1e9]);
    assert_eq!(attention(&[], vec![ones(), ones(), values(), far]), [1.5, 1.5]);
    let nan = Tensor::floats(&[2, 1], &[f64::NAN, 1.0]);
    let y = attention(&[], vec![nan, ones(), values()]);
    assert!(y[0].is_nan() && y[1] == 1.5);
}

#[test]
fn weights_are_dropped_in_training() {
    let zeros = |rows: usize| Tensor::floats(&[rows, 1], &vec![0.0; rows]);
    let ones = Tensor::floats(&[2, 1], &[1.0; 2]);
    let op = build(named("scaled_dot_product_attention").unwrap(), &[("dropout_p", Value::Float(0.5))], 3).unwrap();
    let y = |mode: Mode| {
        let inputs = vec![zeros(40), zeros(2), ones.clone()];
        let run = Run { op: op.clone(), inputs, slots: vec![], buffers: vec![], mode };
        run.forward().unwrap().outputs.remove(0).as_floats().unwrap().clone()
    };
    assert_eq!(y(Mode::Eval), [1.0; 40]);
    let y = y(Mode::Train);
    assert!([0.0, 1.0, 2.0].iter().all(|value| y.contains(value)), "{y:?}");
    assert!(y.iter().all(|y| [0.0, 1.0, 2.0].contains(y)), "{y:?}");
    let given = [("embed_dim", int(2)), ("num_heads", int(2)), ("dropout", Value::Float(0.5))];
    let op = build(named("MultiheadAttention").unwrap(), &given, 3).unwrap();
    let shapes = [float(&[30, 2]), float(&[4, 2]), float(&[4, 2])];
    let weights = |mode: Mode| Run::draw(op.clone(), &shapes, mode, false).forward().unwrap().outputs.remove(1);
    let sums = |weights: &Tensor<f64>| -> Vec<f64> {
        weights.as_floats().unwrap().chunks(4).map(|row| row.iter().sum()).collect()
    };
    assert!(sums(&weights(Mode::Eval)).iter().all(|sum| (sum - 1.0).abs() < 1e-12));
    assert!(sums(&weights(Mode::Train)).iter().any(|sum| (sum - 1.0).abs() > 0.1));
}

#[test]
fn slots_have_the_names_the_order_and_the_values_of_pytorch() {
    let slots = |given: &[(&str, Value)]| {
        let given = [[("embed_dim", int(4)), ("num_heads", int(2))].as_slice(), given].concat();
        let op = build(named("MultiheadAttention").unwrap(), &given, 3).unwrap();
        let slots: Vec<String> =
            op.slots().iter().map(|slot| format!("{} {} = {}", slot.name, slot.shape, slot.init)).collect();
        slots.join("\n")
    };
    insta::assert_snapshot!(slots(&[]), @r"
    in_proj_weight [12, 4] = xavier_uniform(gain=1)
    in_proj_bias [12] = zeros()
    out_proj.weight [4, 4] = uniform(a=-1/sqrt(4), b=1/sqrt(4))
    out_proj.bias [4] = zeros()
    ");
    insta::assert_snapshot!(slots(&[("kdim", int(3)), ("bias", flag(false))]), @r"
    q_proj_weight [4, 4] = xavier_uniform(gain=1)
    k_proj_weight [4, 3] = xavier_uniform(gain=1)
    v_proj_weight [4, 4] = xavier_uniform(gain=1)
    out_proj.weight [4, 4] = uniform(a=-1/sqrt(4), b=1/sqrt(4))
    ");
    assert_eq!(slots(&[("kdim", int(4)), ("vdim", int(4))]), slots(&[]));
}

fn layer(given: &[(&str, Value)], inputs: &[&str]) -> String {
    // What is given first counts.
    let given = [given, &[("embed_dim", int(4)), ("num_heads", int(2))]].concat();
    infer(named("MultiheadAttention").unwrap(), &given, inputs)
}

#[test]
fn shapes_may_hang_on_symbols() {
    let f = |given: &[(&str, Value)], inputs: &[&str]| function("scaled_dot_product_attention", given, inputs);
    let grouped = [("enable_gqa", flag(true))];
    let all = [("average_attn_weights", flag(false))];
    let size = |text: &str| Value::Int(parse(text).shape[0].clone());
    let sizes = [("embed_dim", size("[d]")), ("num_heads", size("[h]"))];
    let results = [
        f(&[], &["[b, h, l, e]", "[b, h, s, e]", "[b, h, s, v]", "[l, s]"]),
        f(&[], &["[b, l, e]", "[c, s, f]", "[s, v]"]),
        f(&grouped, &["[b, h, l, e]", "[b, g, s, e]", "[b, g, s, v]"]),
        f(&grouped, &["[b, 4, l, e]", "[b, g, s, e]", "[b, k, s, v]", "bool[4, 1, s]"]),
        layer(&[], &["[l, n, 4]", "[s, n, 4]", "[s, n, 4]"]),
        layer(&[("batch_first", flag(true))], &["[n, l, 4]", "[m, s, 4]", "[n, t, d]"]),
        layer(&all, &["[l, n, 4]", "[s, n, 4]", "[s, n, 4]", "[n, s]", "[k, l, s]"]),
        infer(named("MultiheadAttention").unwrap(), &sizes, &["[l, d]", "[s, d]", "[s, d]"]),
    ];
    insta::assert_snapshot!(results.join("\n"), @r"
    [b, h, l, v]
    [b, l, v]; requires e == f; requires b == c
    [b, h, l, v]; requires g divides h
    [b, 4, l, v]; requires g == k; requires g divides 4
    [l, n, 4]; [n, l, s]
    [n, l, 4]; [n, l, s]; requires d == 4; requires n == m; requires s == t
    [l, n, 4]; [n, 2, l, s]; requires k == 2*n
    [l, d]; [l, s]; requires h divides d
    ");
}

#[test]
fn operands_of_the_function_are_checked() {
    let f = |given: &[(&str, Value)], inputs: &[&str]| function("scaled_dot_product_attention", given, inputs);
    let qkv = ["[8, 3, 4]", "[2, 5, 4]", "[2, 5, 4]"];
    let operands = ["[2, 3, 4]", "[2, 5, 4]", "[2, 5, 4]"];
    let with = |mask: &'static str| [operands.as_slice(), &[mask]].concat();
    let grouped = [("enable_gqa", flag(true))];
    let functions = [
        f(&[], &["[3]", "[5, 4]", "[5, 4]"]),
        f(&[], &["int[3, 4]", "[5, 4]", "[5, 4]"]),
        f(&[], &["[3, 4]", "[5, 6]", "[5, 4]"]),
        f(&[], &["[3, 4]", "[5, 4]", "[6, 4]"]),
        f(&[], &qkv),
        f(&[], &["[7, 3, 4]", "[2, 5, 4]", "[2, 5, 4]"]),
        f(&[], &["[2, 3, 4]", "[2, 5, 4]", "[3, 5, 4]"]),
        f(&grouped, &["[7, 3, 4]", "[2, 5, 4]", "[2, 5, 4]"]),
        f(&grouped, &["[3, 4]", "[5, 4]", "[5, 4]"]),
        f(&grouped, &["[8, 3, 4]", "[2, 5, 4]", "[4, 5, 4]"]),
        f(&[], &with("int[3, 5]")),
        f(&[], &with("bool[3, 6]")),
        f(&[], &with("[1, 2, 3, 5]")),
        f(&[("is_causal", flag(true))], &with("[3, 5]")),
        f(&[("dropout_p", Value::Float(-0.5))], &operands),
    ];
    insta::assert_snapshot!(functions.join("\n\n"), @r#"
    `scaled_dot_product_attention` wants at least 2 axes, and gets [3]
      Operand(0): this has 1 axis

    `scaled_dot_product_attention` wants a float tensor, and gets an int tensor
      Operand(0): this is int[3, 4]
      help: `to(x, "float")` makes floats of `x`

    `scaled_dot_product_attention` wants queries and keys of one width, and gets 4 and 6
      Axis { operand: 1, axis: 1 }: axis 1 is 6
      Axis { operand: 0, axis: 1 }: axis 1 is 4

    `scaled_dot_product_attention` wants as many keys as values, and gets 5 and 6
      Axis { operand: 2, axis: 0 }: axis 0 is 6
      Axis { operand: 1, axis: 0 }: axis 0 is 5

    `scaled_dot_product_attention` can't broadcast [8, 3, 4] with [2, 5, 4]
      Axis { operand: 1, axis: 0 }: axis 0 is 2
      Axis { operand: 0, axis: 0 }: axis 0 is 8
      help: `enable_gqa=true` lets 8 heads of queries share 2 of keys

    `scaled_dot_product_attention` can't broadcast [7, 3, 4] with [2, 5, 4]
      Axis { operand: 1, axis: 0 }: axis 0 is 2
      Axis { operand: 0, axis: 0 }: axis 0 is 7

    `scaled_dot_product_attention` can't broadcast [2, 5, 4] with [3, 5, 4]
      Axis { operand: 2, axis: 0 }: axis 0 is 3
      Axis { operand: 1, axis: 0 }: axis 0 is 2

    `scaled_dot_product_attention` wants a multiple of 2 heads of queries, as there are 2 of keys, and gets 7
      Axis { operand: 0, axis: 0 }: axis 0 is 7
      Axis { operand: 1, axis: 0 }: axis 0 is 2

    `scaled_dot_product_attention` with `enable_gqa` wants heads on the axis -3, and gets [3, 4]
      Operand(0): this has 2 axes

    `scaled_dot_product_attention` wants as many heads of keys as of values, and gets 2 and 4
      Axis { operand: 2, axis: 0 }: axis 0 is 4
      Axis { operand: 1, axis: 0 }: axis 0 is 2

    `scaled_dot_product_attention` wants a bool or float mask, and gets an int tensor
      Operand(3): this is int[3, 5]
      help: `mask != 0` is a bool mask

    `scaled_dot_product_attention` wants a mask that broadcasts to [2, 3, 5], and gets bool[3, 6]
      Axis { operand: 3, axis: 1 }: axis 1 is 6, and 5 or 1 is wanted

    `scaled_dot_product_attention` wants a mask that broadcasts to [2, 3, 5], and gets [1, 2, 3, 5]
      Operand(3): this has 4 axes

    is_causal: `is_causal` makes a mask, and `attn_mask` is another
      help: give one of them; a bool mask can be false above the diagonal too

    dropout_p: `dropout_p` must be between 0 and 1, and is -0.5
    "#);
}

#[test]
fn operands_of_the_layer_are_checked() {
    let x = ["[3, 2, 4]", "[5, 2, 4]", "[5, 2, 4]"];
    let with = |mask: &'static str| [x.as_slice(), &[mask]].concat();
    let layers = [
        layer(&[("num_heads", int(3))], &x),
        layer(&[("num_heads", int(0))], &x),
        layer(&[("embed_dim", int(768)), ("num_heads", int(10))], &x),
        layer(&[("embed_dim", int(i64::MAX)), ("num_heads", int(i64::MAX - 1))], &x),
        layer(&[("embed_dim", int(0)), ("num_heads", int(-2))], &x),
        layer(&[("add_bias_kv", flag(true))], &x),
        layer(&[], &["[3, 2, 5]", "[5, 2, 4]", "[5, 2, 4]"]),
        layer(&[("kdim", int(3))], &x),
        layer(&[], &["[4]", "[5, 2, 4]", "[5, 2, 4]"]),
        layer(&[], &["[3, 4]", "[5, 2, 4]", "[5, 2, 4]"]),
        layer(&[], &["[3, 2, 4]", "[5, 7, 4]", "[5, 2, 4]"]),
        layer(&[], &["[3, 2, 4]", "[5, 2, 4]", "[6, 2, 4]"]),
        layer(&[], &with("int[2, 5]")),
        layer(&[], &with("[5, 2]")),
        layer(&[], &with("[5]")),
        layer(&[], &[with("[2, 5]").as_slice(), &["[2, 3, 5]"]].concat()),
    ];
    insta::assert_snapshot!(layers.join("\n\n"), @r#"
    num_heads: `num_heads` must divide `embed_dim`, 4, and is 3
      help: 2 and 4 divide 4

    num_heads: `num_heads` must be at least 1, and is 0
      help: 1 divides 4

    num_heads: `num_heads` must divide `embed_dim`, 768, and is 10
      help: 8 and 12 divide 768

    num_heads: `num_heads` must divide `embed_dim`, 9223372036854775807, and is 9223372036854775806
      help: 9223372036854775807 divides 9223372036854775807

    num_heads: `num_heads` can't be negative, and is -2

    add_bias_kv: `add_bias_kv=true` isn't supported
      help: `cat` adds a row to keys and values before the call

    `MultiheadAttention` wants a query with 4 features, and gets 5
      Axis { operand: 0, axis: 2 }: the last axis of [3, 2, 5] is 5
      Attribute("embed_dim"): it wants 4

    `MultiheadAttention` wants a key with 3 features, and gets 4
      Axis { operand: 1, axis: 2 }: the last axis of [5, 2, 4] is 4
      Attribute("kdim"): it wants 3

    `MultiheadAttention` wants a query [L, N, 4], or [L, 4] without a batch, and gets [4]
      Operand(0): this has 1 axis

    `MultiheadAttention` wants query, key and value with as many axes, and gets a key [5, 2, 4]
      Operand(1): this has 3 axes

    `MultiheadAttention` wants query and key of one batch, and gets 2 and 7
      Axis { operand: 1, axis: 1 }: axis 1 is 7
      Axis { operand: 0, axis: 1 }: axis 1 is 2

    `MultiheadAttention` wants key and value of one length, and gets 5 and 6
      Axis { operand: 2, axis: 0 }: axis 0 is 6
      Axis { operand: 1, axis: 0 }: axis 0 is 5

    `MultiheadAttention` wants a bool or float mask, and gets an int tensor
      Operand(3): this is int[2, 5]
      help: `mask != 0` is a bool mask

    `MultiheadAttention` wants a key_padding_mask [2, 5], and gets [5, 2]
      Axis { operand: 3, axis: 0 }: axis 0 is 5, and 2 is wanted

    `MultiheadAttention` wants a key_padding_mask [2, 5], and gets [5]
      Operand(3): this has 1 axis

    `MultiheadAttention` wants an attn_mask [3, 5] or [4, 3, 5], and gets [2, 3, 5]
      Axis { operand: 4, axis: 0 }: axis 0 is 2, and 4 is wanted
    "#);
}
