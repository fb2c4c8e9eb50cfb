//! Reductions, sorting and cumulative sums: which element of equal ones is chosen, NaN, ints, nothing at all, and the
//! words of what doesn't fit.

use super::cases::{Case, Given, float, int, ints, tensor, word};
use super::harness::{Data, Run, Tensor, build};
use super::notation::{function, infer, size};
use crate::ops::*;
use crate::shape::Element;

fn keep() -> (&'static str, Value) {
    ("keepdim", Value::Bool(true))
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: &Given, input: &crate::shape::TensorType| {
        cases.push(Case(named(name).unwrap(), given.clone(), vec![input.clone()]));
    };
    let along: [Given; 4] =
        [vec![], vec![("dim", int(1))], vec![("dim", ints(&[0, -1])), keep()], vec![("dim", ints(&[]))]];
    let one: [Given; 3] = [vec![], vec![("dim", int(1))], vec![("dim", int(0)), keep()]];
    for input in [float(&[2, 3, 4]), tensor(Element::Int, &[3, 5, 2]), float(&[2, 130])] {
        let is_float = input.element == Element::Float;
        for given in &along {
            let names: &[&str] = if is_float {
                &["var", "std", "var_mean", "std_mean", "norm", "amax", "amin", "any", "all"]
            } else {
                &["amax", "amin", "any", "all"]
            };
            names.iter().for_each(|name| add(name, given, &input));
        }
        for given in &one {
            ["prod", "max", "min", "argmax", "argmin", "median"].iter().for_each(|name| add(name, given, &input));
        }
        for dim in [0, 1, -1] {
            let dim = ("dim", int(dim));
            for name in ["cumsum", "cumprod", "sort", "argsort", "logsumexp"] {
                add(name, &vec![dim.clone()], &input);
            }
            add("logsumexp", &vec![dim.clone(), keep()], &input);
            for flag in [true, false] {
                add("sort", &vec![dim.clone(), ("descending", Value::Bool(flag))], &input);
                add("topk", &vec![("k", int(2)), dim.clone(), ("largest", Value::Bool(flag))], &input);
                add("kthvalue", &vec![("k", int(2)), dim.clone(), ("keepdim", Value::Bool(flag))], &input);
            }
        }
    }
    for p in [Value::Float(0.0), Value::Float(1.0), Value::Float(3.0), Value::Float(1.5), word("inf"), word("-inf")] {
        add("norm", &vec![("p", p.clone())], &float(&[3, 4]));
        add("norm", &vec![("p", p), ("dim", int(0))], &float(&[3, 4]));
    }
    for name in ["var", "std", "var_mean", "std_mean"] {
        add(name, &vec![("correction", Value::Float(0.0)), ("dim", int(0))], &float(&[3, 4]));
        add(name, &vec![("unbiased", Value::Bool(false))], &float(&[3, 4]));
    }
    for name in ["prod", "amax", "max", "any", "norm", "median", "argmax"] {
        add(name, &vec![], &float(&[]));
    }
    for name in ["prod", "any", "cumsum", "sort"] {
        add(name, &vec![("dim", int(1))], &float(&[2, 0]));
    }
    for name in ["max", "min"] {
        let inputs = vec![float(&[2, 3]), float(&[3])];
        cases.push(Case(named(name).unwrap(), vec![], inputs));
    }
    cases
}

fn run(name: &str, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Run<f64> {
    let op = build(named(name).unwrap(), given, inputs.len()).unwrap();
    Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval }
}

fn of(name: &str, given: &[(&str, Value)], input: Tensor<f64>) -> Vec<Data<f64>> {
    run(name, given, vec![input]).forward().unwrap().outputs.into_iter().map(|tensor| tensor.data).collect()
}

fn floats(data: &[f64]) -> Tensor<f64> {
    Tensor::floats(&[data.len()], data)
}

fn whole(data: &[i64]) -> Tensor<f64> {
    Tensor::ints(&[data.len()], data)
}

fn gradient(name: &str, given: &[(&str, Value)], x: &[f64]) -> Vec<f64> {
    let run = run(name, given, vec![floats(x)]);
    let results = run.forward().unwrap();
    let ones = |tensor: &Tensor<f64>| tensor.as_floats().map_or(Vec::new(), |data| vec![1.0; data.len()]);
    let grads: Vec<Vec<f64>> = results.outputs.iter().map(ones).collect();
    let mut gradients = run.zero_gradients();
    run.backward(&results, &grads, &mut gradients);
    gradients.remove(0).unwrap()
}

fn along(axis: i64) -> Vec<(&'static str, Value)> {
    vec![("dim", int(axis))]
}

#[test]
fn of_equal_elements_the_first_is_chosen() {
    let x = || whole(&[3, 7, 7, 3]);
    assert_eq!(of("max", &along(0), x()), [Data::Int(vec![7]), Data::Int(vec![1])]);
    assert_eq!(of("min", &along(0), x()), [Data::Int(vec![3]), Data::Int(vec![0])]);
    assert_eq!(of("argmax", &[], Tensor::ints(&[2, 2], &[1, 5, 5, 0])), [Data::Int(vec![1])]);
    assert_eq!(of("topk", &[("k", int(3))], x()), [Data::Int(vec![7, 7, 3]), Data::Int(vec![1, 2, 0])]);
    assert_eq!(of("sort", &[], x()), [Data::Int(vec![3, 3, 7, 7]), Data::Int(vec![0, 3, 1, 2])]);
    let bools = Tensor { shape: vec![3], data: Data::Bool(vec![true, false, true]) };
    assert_eq!(of("sort", &[], bools), [Data::Bool(vec![false, true, true]), Data::Int(vec![1, 0, 2])]);
}

/// One index gets the gradient of `max` along an axis; where no index is told, equal elements share it.
#[test]
fn equal_elements_have_the_gradients_of_pytorch() {
    let x = [2.0, 5.0, 5.0];
    assert_eq!(gradient("max", &along(0), &x), [0.0, 1.0, 0.0]);
    assert_eq!(gradient("max", &[], &x), [0.0, 0.5, 0.5]);
    assert_eq!(gradient("amax", &along(0), &x), [0.0, 0.5, 0.5]);
    assert_eq!(gradient("amin", &[], &[1.0, 1.0, 1.0, 3.0]), [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0]);
    assert_eq!(gradient("median", &[], &[5.0, 2.0, 5.0, 7.0]), [0.5, 0.0, 0.5, 0.0]);
    assert_eq!(gradient("norm", &[("p", word("inf"))], &[-3.0, 3.0, 1.0]), [-0.5, 0.5, 0.0]);
}

#[test]
fn nan_is_chosen() {
    let x = || floats(&[1.0, f64::NAN, 3.0, f64::NAN]);
    for (name, given) in [("amax", vec![]), ("amin", vec![]), ("max", vec![]), ("median", vec![])] {
        let Data::Float(y) = &of(name, &given, x())[0] else { panic!("no floats") };
        assert!(y[0].is_nan(), "{name}");
    }
    for name in ["max", "min", "median"] {
        let Data::Int(place) = &of(name, &along(0), x())[1] else { panic!("no ints") };
        assert_eq!(place, &[1], "{name}");
    }
    for name in ["argmax", "argmin"] {
        assert_eq!(of(name, &[], x()), [Data::Int(vec![1])], "{name}");
    }
    assert_eq!(of("argsort", &[], x()), [Data::Int(vec![0, 2, 1, 3])]);
    assert_eq!(of("argsort", &[("descending", Value::Bool(true))], x()), [Data::Int(vec![1, 3, 2, 0])]);
    assert_eq!(of("kthvalue", &[("k", int(2))], x()), [Data::Float(vec![3.0]), Data::Int(vec![2])]);
    assert_eq!(of("any", &[], floats(&[f64::NAN])), [Data::Bool(vec![true])]);
}

#[test]
fn the_lower_of_two_is_the_median() {
    assert_eq!(of("median", &[], floats(&[4.0, 1.0, 3.0, 2.0])), [Data::Float(vec![2.0])]);
    let x = Tensor::ints(&[2, 3], &[3, 1, 2, 6, 6, 5]);
    assert_eq!(of("median", &along(1), x), [Data::Int(vec![2, 6]), Data::Int(vec![2, 0])]);
}

#[test]
fn ints_and_bools_are_counted_exactly() {
    let bools = || Tensor { shape: vec![3], data: Data::Bool(vec![true, false, true]) };
    assert_eq!(of("cumsum", &along(0), bools()), [Data::Int(vec![1, 1, 2])]);
    assert_eq!(of("cumprod", &along(0), whole(&[2, -3, 0, 5])), [Data::Int(vec![2, -6, 0, 0])]);
    assert_eq!(of("prod", &[], whole(&[1 << 40, 1 << 40])), [Data::Int(vec![0])]);
    assert_eq!(of("prod", &[], bools()), [Data::Int(vec![0])]);
    assert_eq!(of("amax", &[], whole(&[i64::MAX - 1, i64::MAX])), [Data::Int(vec![i64::MAX])]);
    assert_eq!(of("all", &along(0), Tensor::ints(&[2, 2], &[1, 0, 2, 3])), [Data::Bool(vec![true, false])]);
    assert_eq!(of("any", &along(1), Tensor::ints(&[2, 2], &[0, 0, 0, 3])), [Data::Bool(vec![false, true])]);
}

#[test]
fn zeros_are_no_harm_to_products() {
    assert_eq!(gradient("prod", &[], &[2.0, 0.0, 3.0]), [0.0, 6.0, 0.0]);
    assert_eq!(gradient("prod", &[], &[0.0, 0.0, 3.0]), [0.0, 0.0, 0.0]);
    assert_eq!(gradient("cumprod", &along(0), &[2.0, 0.0, 3.0]), [1.0, 8.0, 0.0]);
    assert_eq!(gradient("norm", &[], &[0.0, 0.0]), [0.0, 0.0]);
    assert_eq!(gradient("std", &[], &[1.0, 1.0]), [0.0, 0.0]);
}

#[test]
fn of_nothing_there_is_a_sum_but_no_greatest() {
    let nothing = || Tensor::floats(&[2, 0], &[]);
    assert_eq!(of("prod", &along(1), nothing()), [Data::Float(vec![1.0, 1.0])]);
    assert_eq!(of("any", &along(1), nothing()), [Data::Bool(vec![false, false])]);
    assert_eq!(of("all", &along(1), nothing()), [Data::Bool(vec![true, true])]);
    assert_eq!(of("logsumexp", &along(1), nothing()), [Data::Float(vec![f64::NEG_INFINITY; 2])]);
    assert_eq!(of("norm", &along(1), nothing()), [Data::Float(vec![0.0, 0.0])]);
    let Data::Float(variance) = &of("var", &along(1), nothing())[0] else { panic!("no floats") };
    assert!(variance.iter().all(|x| x.is_nan()));
    assert_eq!(of("amax", &along(0), nothing()), [Data::Float(vec![])]);
    for (name, given) in
        [("amax", along(1)), ("max", vec![]), ("min", along(1)), ("argmin", vec![]), ("median", along(1))]
    {
        let error = run(name, &given, vec![nothing()]).forward().unwrap_err();
        assert_eq!((error.operand, &*error.message), (0, "there is no element to choose: axis 1 has size 0"), "{name}");
    }
}

#[test]
fn great_numbers_do_not_overflow() {
    let inf = f64::INFINITY;
    assert_eq!(of("logsumexp", &along(0), floats(&[1000.0, 1000.0])), [Data::Float(vec![1000.0 + f64::ln(2.0)])]);
    assert_eq!(of("logsumexp", &along(0), floats(&[-inf, -inf])), [Data::Float(vec![-inf])]);
    assert_eq!(of("logsumexp", &along(0), floats(&[inf, 0.0])), [Data::Float(vec![inf])]);
    let op = build(named("norm").unwrap(), &[], 1).unwrap();
    let inputs = vec![Tensor::floats(&[2], &[3e30f32, 4e30])];
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    assert_eq!(run.forward().unwrap().outputs[0].as_floats().unwrap(), &[5e30]);
}

/// A million elements far from 0: the variance of single floats must not drown in their mean.
#[test]
fn variances_keep_single_precision() {
    let x: Vec<f32> = (0..1 << 20).map(|index| 1000.0 + (index % 2) as f32).collect();
    let op = build(named("var").unwrap(), &[("correction", Value::Float(0.0))], 1).unwrap();
    let inputs = vec![Tensor::floats(&[x.len()], &x)];
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    assert_eq!(run.forward().unwrap().outputs[0].as_floats().unwrap(), &[0.25]);
}

#[test]
fn results_have_the_shapes_of_pytorch() {
    assert_eq!(function("max", &[], &["[n, 3]"]), "[]");
    assert_eq!(function("max", &along(1), &["[n, 3]"]), "[n]; int[n]");
    assert_eq!(function("min", &[("dim", int(-1)), keep()], &["int[n, 3]"]), "int[n, 1]; int[n, 1]");
    assert_eq!(function("max", &[], &["[n, 3]", "int[3]"]), "[n, 3]");
    assert_eq!(function("argmax", &[keep()], &["[n, 3]"]), "int[1, 1]");
    assert_eq!(function("topk", &[("k", int(2))], &["[n, 3]"]), "[n, 2]; int[n, 2]");
    let k = ("k", Value::Int(size("k")));
    assert_eq!(function("topk", &[k, ("dim", int(0))], &["[n, 3]"]), "[k, 3]; int[k, 3]; requires k <= n");
    assert_eq!(function("kthvalue", &[("k", int(2))], &["[n, 3]"]), "[n]; int[n]");
    assert_eq!(function("sort", &[], &["[n, 3]"]), "[n, 3]; int[n, 3]");
    assert_eq!(function("median", &[], &["[n, 3]"]), "[]");
    assert_eq!(function("var", &[("dim", ints(&[0, -1]))], &["[a, b, c]"]), "[b]");
    assert_eq!(function("any", &along(0), &["[n, 3]"]), "bool[3]");
    assert_eq!(function("prod", &along(0), &["bool[n, 3]"]), "int[3]");
    assert_eq!(function("cumsum", &along(0), &["bool[n, 3]"]), "int[n, 3]");
}

#[test]
fn what_can_not_be_chosen_is_told() {
    insta::assert_snapshot!(function("topk", &[("k", int(5))], &["[n, 3]"]), @r#"
    `topk` wants 5 elements along axis 1 of [n, 3], which has 3
      Axis { operand: 0, axis: 1 }: axis 1 is 3
      Attribute("k"): `k` is 5
    "#);
    insta::assert_snapshot!(function("kthvalue", &[("k", int(0))], &["[n, 3]"]), @"k: `k` counts from 1, and is 0");
    insta::assert_snapshot!(function("topk", &[("k", int(-1))], &["[n, 3]"]), @"k: `k` can't be negative, and is -1");
    insta::assert_snapshot!(function("max", &[], &["[n, 3]", "int[]"]), @r"
    `max` of [n, 3] and an int scalar may be meant along an axis or for each element
      Operand(1): this is int[]
      help: along an axis it is `max(x, dim=…)`, for each element `maximum(x, …)`
    ");
    insta::assert_snapshot!(function("max", &along(0), &["[n, 3]", "[3]"]), @"dim: `max` takes another tensor or `dim`, and gets both");
    insta::assert_snapshot!(function("var", &[("unbiased", Value::Bool(true)), ("correction", Value::Float(0.0))], &["[n]"]), @"correction: `correction` and `unbiased` can't both be given");
    insta::assert_snapshot!(function("var", &[], &["int[n]"]), @r#"
    `var` wants a float tensor, and gets an int tensor
      Operand(0): this is int[n]
      help: `to(x, "float")` makes floats of `x`
    "#);
    insta::assert_snapshot!(function("cumsum", &along(2), &["[n, 3]"]), @r#"
    `cumsum` along axis 2, which [n, 3] hasn't got
      Attribute("dim"): `dim` is 2
      Operand(0): this is [n, 3]
      help: axes count from 0, or from the end: they are 0 to 1, or -2 to -1
    "#);
    insta::assert_snapshot!(infer(named("max").unwrap(), &along(0), &["[]"]), @r#"
    `max` along axis 0, which [] hasn't got
      Attribute("dim"): `dim` is 0
      Operand(0): this is []
      help: axes count from 0, or from the end: a scalar has none
    "#);
}
