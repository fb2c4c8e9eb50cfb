//! Activations: a layer and its function are one, what happens far from 0, and the words of what doesn't fit.

use super::cases::{Case, Given, float, int, word};
use super::harness::{Data, Run, Tensor, build};
use super::notation::function;
use crate::ops::*;

/// Functions and the layers that they are too, with attributes that both take.
fn pairs() -> Vec<(&'static str, &'static str, Vec<Given>)> {
    let number = |name: &'static str, value: f64| (name, Value::Float(value));
    vec![
        ("relu", "ReLU", vec![vec![]]),
        ("relu6", "ReLU6", vec![vec![]]),
        ("leaky_relu", "LeakyReLU", vec![vec![], vec![number("negative_slope", 0.3)]]),
        ("elu", "ELU", vec![vec![], vec![number("alpha", 0.3)]]),
        ("selu", "SELU", vec![vec![]]),
        ("celu", "CELU", vec![vec![], vec![number("alpha", 0.3)]]),
        ("gelu", "GELU", vec![vec![], vec![("approximate", word("tanh"))]]),
        ("silu", "SiLU", vec![vec![]]),
        ("mish", "Mish", vec![vec![]]),
        ("sigmoid", "Sigmoid", vec![vec![]]),
        ("logsigmoid", "LogSigmoid", vec![vec![]]),
        ("tanh", "Tanh", vec![vec![]]),
        ("tanhshrink", "Tanhshrink", vec![vec![]]),
        ("hardtanh", "Hardtanh", vec![vec![], vec![number("min_val", 0.1), number("max_val", 0.7)]]),
        ("hardsigmoid", "Hardsigmoid", vec![vec![]]),
        ("hardswish", "Hardswish", vec![vec![]]),
        ("hardshrink", "Hardshrink", vec![vec![], vec![number("lambd", 0.3)]]),
        ("softshrink", "Softshrink", vec![vec![], vec![number("lambd", 0.3)]]),
        ("softplus", "Softplus", vec![vec![], vec![number("beta", 3.0), number("threshold", 1.0)]]),
        ("softsign", "Softsign", vec![vec![]]),
        ("threshold", "Threshold", vec![vec![number("threshold", 0.1), number("value", 20.0)]]),
        ("glu", "GLU", vec![vec![], vec![("dim", int(0))]]),
        ("softmax", "Softmax", vec![vec![("dim", int(-1))], vec![("dim", int(0))]]),
        ("log_softmax", "LogSoftmax", vec![vec![("dim", int(-1))], vec![("dim", int(0))]]),
        ("softmin", "Softmin", vec![vec![("dim", int(-1))], vec![("dim", int(0))]]),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, layer, settings) in pairs() {
        for given in settings {
            cases.push(Case(named(name).unwrap(), given.clone(), vec![float(&[4, 6])]));
            cases.push(Case(named(layer).unwrap(), given.clone(), vec![float(&[4, 6])]));
            cases.push(Case(named(name).unwrap(), given, vec![float(&[2, 0])]));
        }
    }
    cases.push(Case(named("RReLU").unwrap(), vec![], vec![float(&[3, 4])]));
    let slopes = vec![("lower", Value::Float(0.2)), ("upper", Value::Float(0.2))];
    cases.push(Case(named("RReLU").unwrap(), slopes, vec![float(&[3, 4])]));
    for shape in [&[2, 3, 2, 2][..], &[3, 2, 2]] {
        cases.push(Case(named("Softmax2d").unwrap(), vec![], vec![float(shape)]));
    }
    for (shape, slopes) in [(&[2, 3, 4][..], &[3][..]), (&[2, 3], &[1]), (&[3], &[3]), (&[], &[]), (&[0, 3], &[3])] {
        cases.push(Case(named("prelu").unwrap(), vec![], vec![float(shape), float(slopes)]));
        let count = slopes.iter().product::<usize>() as i64;
        cases.push(Case(named("PReLU").unwrap(), vec![("num_parameters", int(count))], vec![float(shape)]));
    }
    cases.push(Case(named("glu").unwrap(), vec![("dim", int(1))], vec![float(&[3, 4, 2])]));
    cases
}

fn of(name: &str, given: &[(&str, Value)], x: &[f64]) -> Vec<f64> {
    let op = build(named(name).unwrap(), given, 1).unwrap();
    let inputs = vec![Tensor::floats(&[x.len()], x)];
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    run.forward().unwrap().outputs[0].as_floats().unwrap().clone()
}

#[test]
fn a_layer_gives_what_its_function_gives() {
    let x: Vec<f64> = (0..16).map(|index| f64::from(index) * 0.7 - 5.0).collect();
    for (name, layer, settings) in pairs() {
        for given in settings {
            assert_eq!(of(name, &given, &x), of(layer, &given, &x), "{name}");
            let op = build(named(layer).unwrap(), &given, 1).unwrap();
            assert!(op.def() == named(layer).unwrap() && op.slots().is_empty(), "{layer}");
        }
    }
}

#[test]
fn nothing_overflows_far_from_0() {
    let far = [-1e4, 1e4];
    for (name, wanted) in [
        ("sigmoid", [0.0, 1.0]),
        ("logsigmoid", [-1e4, 0.0]),
        ("softplus", [0.0, 1e4]),
        ("mish", [0.0, 1e4]),
        ("silu", [0.0, 1e4]),
        ("elu", [-1.0, 1e4]),
        ("tanh", [-1.0, 1.0]),
        ("hardswish", [0.0, 1e4]),
        ("relu6", [0.0, 6.0]),
    ] {
        assert_eq!(of(name, &[], &far), wanted, "{name}");
    }
    assert_eq!(of("softmin", &[("dim", int(0))], &far), [1.0, 0.0]);
}

#[test]
fn nan_goes_through() {
    for (name, layer, settings) in pairs() {
        let y = of(name, &settings[0], &[f64::NAN, f64::NAN]);
        assert!(y.iter().all(|y| y.is_nan()), "{layer}");
    }
}

/// Kinks have the derivatives of PyTorch: that of the side which is 0, or flat.
#[test]
fn kinks_have_the_gradients_of_pytorch() {
    let slopes = |name: &str, given: &[(&str, Value)], x: &[f64]| {
        let op = build(named(name).unwrap(), given, 1).unwrap();
        let inputs = vec![Tensor::floats(&[x.len()], x)];
        let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
        let mut gradients = run.zero_gradients();
        run.backward(&run.forward().unwrap(), &[vec![1.0; x.len()]], &mut gradients);
        gradients.remove(0).unwrap()
    };
    assert_eq!(slopes("relu", &[], &[0.0]), [0.0]);
    assert_eq!(slopes("relu6", &[], &[0.0, 6.0]), [0.0, 0.0]);
    assert_eq!(slopes("leaky_relu", &[], &[0.0]), [0.01]);
    assert_eq!(slopes("elu", &[("alpha", Value::Float(0.5))], &[0.0]), [0.5]);
    assert_eq!(slopes("hardtanh", &[], &[-1.0, 1.0]), [0.0, 0.0]);
    assert_eq!(slopes("hardsigmoid", &[], &[-3.0, 3.0]), [0.0, 0.0]);
    assert_eq!(slopes("hardswish", &[], &[-3.0, 3.0, 4.0]), [0.0, 1.0, 1.0]);
    assert_eq!(slopes("hardshrink", &[], &[-0.5, 0.5, 0.6]), [0.0, 0.0, 1.0]);
    assert_eq!(slopes("softshrink", &[], &[-0.5, 0.5, 0.6]), [0.0, 0.0, 1.0]);
    let step = [("threshold", Value::Float(1.0)), ("value", Value::Float(0.0))];
    assert_eq!(slopes("threshold", &step, &[1.0, 1.5]), [0.0, 1.0]);
}

#[test]
fn relu_takes_ints() {
    let op = build(named("relu").unwrap(), &[], 1).unwrap();
    let inputs = vec![Tensor::<f64>::ints(&[3], &[-2, 0, 5])];
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    assert_eq!(run.forward().unwrap().outputs[0].data, Data::Int(vec![0, 0, 5]));
}

#[test]
fn random_slopes_keep_to_their_range() {
    let x = vec![-1.0; 10_000];
    let op = build(named("RReLU").unwrap(), &[("lower", Value::Float(0.2)), ("upper", Value::Float(0.6))], 1).unwrap();
    let inputs = vec![Tensor::floats(&[x.len()], &x)];
    let mut run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Train };
    let y = run.forward().unwrap().outputs[0].as_floats().unwrap().clone();
    assert!(y.iter().all(|y| (-0.6..=-0.2).contains(y)));
    let mean = y.iter().sum::<f64>() / x.len() as f64;
    assert!((mean + 0.4).abs() < 0.005, "{mean}");
    run.mode = Mode::Eval;
    assert!(run.forward().unwrap().outputs[0].as_floats().unwrap().iter().all(|y| *y == -0.4));
}

#[test]
fn halves_of_an_axis_must_be_equal() {
    assert_eq!(function("glu", &[], &["[n, 6]"]), "[n, 3]");
    assert_eq!(function("glu", &[("dim", int(0))], &["[2*n, 3]"]), "[n, 3]");
    assert_eq!(function("glu", &[], &["[n]"]), "[(n // 2)]; requires 2 divides n");
    insta::assert_snapshot!(function("GLU", &[], &["[n, 5]"]), @r#"
    `GLU` halves axis 1 of [n, 5], and 5 is odd
      Axis { operand: 0, axis: 1 }: axis 1 is 5
      Attribute("dim"): `dim` is -1
    "#);
    insta::assert_snapshot!(function("Softmax2d", &[], &["[n, 5]"]), @r"
    `Softmax2d` wants [N, C, H, W] or [C, H, W], and gets [n, 5]
      Operand(0): this has 2 axes
      help: `Softmax(dim)` takes any shape
    ");
}

#[test]
fn slopes_are_one_or_as_many_as_channels() {
    let count = |n: i64| [("num_parameters", int(n))];
    assert_eq!(function("PReLU", &count(3), &["[n, 3, 5]"]), "[n, 3, 5]");
    assert_eq!(function("PReLU", &count(1), &["[n, 3, 5]"]), "[n, 3, 5]");
    assert_eq!(function("prelu", &[], &["[n, c]", "[m]"]), "[n, c]; requires m == c");
    insta::assert_snapshot!(function("PReLU", &count(3), &["[n, 5]"]), @r#"
    `PReLU` has 3 slopes, and [n, 5] has 5 channels
      Axis { operand: 0, axis: 1 }: axis 1 is 5
      Attribute("num_parameters"): this makes 3 slopes
      help: one slope serves all channels
    "#);
    insta::assert_snapshot!(function("prelu", &[], &["[n, 5]", "[5, 1]"]), @r"
    `prelu` wants slopes [1] or [C], and gets [5, 1]
      Operand(1): this has 2 axes
    ");
}

#[test]
fn attributes_that_make_no_function_are_refused() {
    let refused =
        |name: &str, attribute: &'static str, value: f64| function(name, &[(attribute, Value::Float(value))], &["[n]"]);
    assert_eq!(refused("celu", "alpha", 0.0), "alpha: `alpha` of `celu` can't be 0");
    assert_eq!(refused("Softshrink", "lambd", -1.0), "lambd: `lambd` can't be negative, and is -1");
    assert_eq!(refused("softplus", "beta", 0.0), "beta: `beta` can't be 0");
    assert_eq!(refused("Hardtanh", "max_val", -2.0), "max_val: `max_val` must be above `min_val`, -1, and is -2");
    assert_eq!(refused("RReLU", "lower", 0.5), "upper: `upper` can't be below `lower`, 0.5, and is 0.3333333333333333");
}
