//! Operators that draw: which these are, that their numbers are those of the seed and of the call alone, and what is drawn.

use super::cases::{Given, all, int};
use super::harness::{Run, Tensor, build};
use super::laws::{Law, differs, mean_and_deviation};
use crate::ops::*;
use crate::tensor::random::{Key, Stream};
use std::collections::BTreeSet;

const KEY: Key<'static> = Key { seed: 3, name: "call", index: 0 };

/// Another seed, another layer, another pass or call.
const OTHERS: [Key<'static>; 3] = [Key { seed: 4, ..KEY }, Key { name: "other", ..KEY }, Key { index: 1, ..KEY }];

/// The operators whose results hang on the random numbers of a call. Where they do, they hang on every part of its key,
/// and on nothing else.
fn drawing(mode: Mode) -> Vec<&'static str> {
    let (mut drawing, mut wrong) = (BTreeSet::new(), Vec::new());
    for case in all() {
        let run = case.draw(mode);
        let drawn = |key: Key<'_>| format!("{:?}", run.forward_with(key).map(|results| results.outputs));
        let first = drawn(KEY);
        if drawn(KEY) != first {
            wrong.push(format!("{}: the same seed gives other numbers", case.0.name));
        }
        let same = OTHERS.iter().filter(|key| drawn(**key) == first).count();
        let says = run.op.hangs_on();
        if (same < OTHERS.len() || mode_matters(&run, &first)) && says != HangsOn::Random {
            wrong.push(format!("{} {:?} hangs on more than {says:?}", case.0.name, case.1));
        }
        if same == 0 {
            drawing.insert(case.0.name);
        } else if same < OTHERS.len() && run.forward_with(KEY).unwrap().outputs[0].as_floats().unwrap().len() > 12 {
            wrong.push(format!("{} {:?}: a part of the key makes no difference", case.0.name, case.1));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    REGISTRY.iter().map(|def| def.name).filter(|name| drawing.contains(name)).collect()
}

/// Whether an operator without slots gives something else in the other mode.
fn mode_matters(run: &Run<f64>, results: &str) -> bool {
    let mode = if run.mode == Mode::Train { Mode::Eval } else { Mode::Train };
    let other = Run { mode, ..run.clone() }.forward_with(KEY).map(|results| results.outputs);
    run.op.slots().is_empty() && format!("{other:?}") != results
}

/// What reads no more than the shapes of its operands gives the same whatever they hold.
#[test]
fn results_that_hang_on_nothing_stay() {
    let mut names = BTreeSet::new();
    for case in all() {
        let run = case.draw(Mode::Eval);
        if run.op.hangs_on() != HangsOn::Nothing {
            continue;
        }
        names.insert(case.0.name);
        let mut other = run.clone();
        other.inputs.iter_mut().filter_map(Tensor::as_floats_mut).flatten().for_each(|x| *x = -9.0 * *x - 1.0);
        assert_eq!(run.forward().unwrap().outputs, other.forward().unwrap().outputs, "{}", case.0.name);
    }
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["full", "full_like", "ones", "ones_like", "zeros", "zeros_like"]
    );
}

#[test]
fn operators_draw_by_seed_name_and_call() {
    let always = ["rand", "randn", "rand_like", "randn_like"];
    assert_eq!(drawing(Mode::Eval), always);
    let training = [
        "Dropout",
        "dropout",
        "Dropout1d",
        "dropout1d",
        "Dropout2d",
        "dropout2d",
        "Dropout3d",
        "dropout3d",
        "AlphaDropout",
        "alpha_dropout",
        "FeatureAlphaDropout",
        "feature_alpha_dropout",
        "RNN",
        "LSTM",
        "GRU",
        "MultiheadAttention",
        "scaled_dot_product_attention",
        "RReLU",
    ];
    assert_eq!(drawing(Mode::Train), [&training[..], &always[..]].concat());
}

/// What training makes of one tensor.
fn drawn(name: &str, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Vec<f64> {
    let op = build(named(name).unwrap(), given, inputs.len()).unwrap();
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Train };
    let (wide, single) = (run.forward_with(KEY).unwrap(), run.to_f32().forward_with(KEY).unwrap());
    let (wide, single) = (wide.outputs[0].as_floats().unwrap(), single.outputs[0].as_floats().unwrap());
    let close = wide.iter().zip(single).all(|(x, y)| (x - f64::from(*y)).abs() < 1e-5);
    assert!(close, "{name}: single precision has other numbers");
    wide.clone()
}

fn filled(shape: &[usize], value: f64) -> Tensor<f64> {
    Tensor::floats(shape, &vec![value; shape.iter().product()])
}

fn number(name: &'static str, value: f64) -> (&'static str, Value) {
    (name, Value::Float(value))
}

#[test]
fn random_tensors_have_their_distributions() {
    let size: Given = vec![("size", Value::List(vec![int(300), int(200)]))];
    assert_eq!(differs(&drawn("rand", &size, vec![]), Law::Uniform(0.0, 1.0)), None);
    assert_eq!(differs(&drawn("randn", &size, vec![]), Law::Normal(0.0, 1.0)), None);
    let like = || vec![filled(&[300, 200], 9.0)];
    assert_eq!(differs(&drawn("rand_like", &[], like()), Law::Uniform(0.0, 1.0)), None);
    assert_eq!(differs(&drawn("randn_like", &[], like()), Law::Normal(0.0, 1.0)), None);
    // One that is 1 in single precision would be no number below 1.
    let op = build(named("rand").unwrap(), &[("size", int(1 << 20))], 0).unwrap();
    let run = Run { op, inputs: vec![], slots: vec![], buffers: vec![], mode: Mode::Eval };
    let results = run.to_f32().forward_with(KEY).unwrap();
    assert!(results.outputs[0].as_floats().unwrap().iter().all(|x| (0.0..1.0).contains(x)));
}

/// Neighbours are dropped independently, and so are channels.
#[test]
fn dropout_drops_its_share_and_scales_the_rest() {
    for (name, shape, together) in [
        ("Dropout", &[200, 500][..], 1),
        ("dropout", &[100_000], 1),
        ("Dropout1d", &[400, 50, 5], 5),
        ("dropout1d", &[20_000, 5], 5),
        ("Dropout2d", &[400, 50, 1, 5], 5),
        ("dropout2d", &[400, 50, 5], 5),
        ("Dropout3d", &[400, 50, 1, 5, 1], 5),
        ("dropout3d", &[20_000, 1, 1, 5], 5),
    ] {
        for p in [0.1, 0.5, 0.8] {
            let y = drawn(name, &[number("p", p)], vec![filled(shape, 1.0)]);
            let parts: Vec<f64> = y.chunks(together).map(|part| part[0]).collect();
            assert!(y.chunks(together).all(|part| part.iter().all(|x| *x == part[0])), "{name}");
            assert_eq!(differs(&parts, Law::Either(0.0, p, 1.0 / (1.0 - p))), None, "{name}({p})");
            let pairs: Vec<f64> = parts.chunks(2).map(|pair| pair[0] * pair[1]).collect();
            let both = Law::Either(0.0, 1.0 - (1.0 - p) * (1.0 - p), 1.0 / ((1.0 - p) * (1.0 - p)));
            let alike = pairs.iter().map(|x| if *x == 0.0 { 0.0 } else { 1.0 / ((1.0 - p) * (1.0 - p)) });
            assert_eq!(differs(&alike.collect::<Vec<_>>(), both), None, "{name}({p}), pairs");
        }
    }
}

#[test]
fn alpha_dropout_keeps_mean_and_deviation() {
    let mut random = Stream::new(0, "x");
    let x: Vec<f64> = (0..100_000).map(|_| random.normal()).collect();
    // The limit of `selu` at minus infinity.
    let limit = -1.758_099_340_847_376_6;
    for (name, shape) in [
        ("AlphaDropout", &[100_000][..]),
        ("alpha_dropout", &[1000, 100]),
        ("FeatureAlphaDropout", &[1000, 100]),
        ("feature_alpha_dropout", &[1000, 100, 1]),
    ] {
        for p in [0.1, 0.5] {
            let y = drawn(name, &[number("p", p)], vec![Tensor::floats(shape, &x)]);
            let (mean, std) = mean_and_deviation(&y);
            assert!(mean.abs() < 0.02 && (std - 1.0).abs() < 0.02, "{name}({p}): mean {mean}, deviation {std}");
            let a = ((1.0 - p) * (1.0 + p * limit * limit)).sqrt().recip();
            let (dropped, zero) = (a * (limit - p * limit), -a * p * limit);
            let y = drawn(name, &[number("p", p)], vec![filled(shape, 0.0)]);
            let rounded: Vec<f64> =
                y.iter().map(|y| if (y - dropped).abs() < 1e-12 { dropped } else { y + 0.0 }).collect();
            let rounded: Vec<f64> =
                rounded.into_iter().map(|y| if (y - zero).abs() < 1e-12 { zero } else { y }).collect();
            assert_eq!(differs(&rounded, Law::Either(dropped, p, zero)), None, "{name}({p})");
        }
    }
}

#[test]
fn slopes_are_drawn_between_their_bounds() {
    let y = drawn("RReLU", &[number("lower", 0.2), number("upper", 0.6)], vec![filled(&[300, 200], -1.0)]);
    assert_eq!(differs(&y, Law::Uniform(-0.6, -0.2)), None);
}

/// Every query sees four keys alike, and what it gets of each is one column of the result.
#[test]
fn attention_drops_its_share_of_the_weights() {
    let (queries, p) = (20_000, 0.3);
    let eye: Vec<f64> = (0..16).map(|at| f64::from(u8::from(at % 5 == 0))).collect();
    let inputs = vec![filled(&[queries, 1], 0.0), filled(&[4, 1], 0.0), Tensor::floats(&[4, 4], &eye)];
    let y = drawn("scaled_dot_product_attention", &[number("dropout_p", p)], inputs);
    assert_eq!(differs(&y, Law::Either(0.0, p, 0.25 / 0.7)), None);

    let given = [("embed_dim", int(1)), ("num_heads", int(1)), ("bias", Value::Bool(false)), number("dropout", p)];
    let op = build(named("MultiheadAttention").unwrap(), &given, 3).unwrap();
    let inputs = vec![filled(&[queries, 1], 0.0), filled(&[4, 1], 0.0), filled(&[4, 1], 1.0)];
    let slots = vec![Tensor::floats(&[3, 1], &[1.0; 3]), filled(&[1, 1], 1.0)];
    let results = Run { op, inputs, slots, buffers: vec![], mode: Mode::Train }.forward_with(KEY).unwrap();
    assert_eq!(differs(results.outputs[1].as_floats().unwrap(), Law::Either(0.0, p, 0.25 / 0.7)), None);
}

/// Layers that pass on what they get, so that the last state of the second shows what was dropped between them.
#[test]
fn recurrent_layers_drop_their_share_between_layers() {
    let (batch, p) = (50_000, 0.3);
    let given = [
        ("input_size", int(1)),
        ("hidden_size", int(1)),
        ("num_layers", int(2)),
        ("nonlinearity", Value::Str("relu".into())),
        ("bias", Value::Bool(false)),
        number("dropout", p),
    ];
    let op = build(named("RNN").unwrap(), &given, 1).unwrap();
    let passing = |slot: SlotSpec| filled(&[1, 1], if slot.name.contains("_ih_") { 1.0 } else { 0.0 });
    let slots = op.slots().into_iter().map(passing).collect();
    let run = Run { op, inputs: vec![filled(&[1, batch, 1], 1.0)], slots, buffers: vec![], mode: Mode::Train };
    let results = run.forward_with(KEY).unwrap();
    assert_eq!(differs(results.outputs[0].as_floats().unwrap(), Law::Either(0.0, p, 1.0 / 0.7)), None);
}
