//! Lengths and distances of vectors, and neighbouring channels.

use super::cases::{Case, float, int};
use super::harness::{Data, Tensor};
use super::kernels::{result, run};
use super::notation::function;
use crate::ops::*;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: &[(&'static str, Value)], inputs: &[&[usize]]| {
        let inputs: Vec<_> = inputs.iter().map(|shape| float(shape)).collect();
        cases.push(Case::new(name, given, &inputs));
    };
    for p in [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, -1.0, f64::INFINITY, f64::NEG_INFINITY] {
        let p = ("p", Value::Float(p));
        add("normalize", &[p.clone(), ("dim", int(-1))], &[&[3, 4]]);
        add("pairwise_distance", &[p], &[&[3, 4], &[3, 4]]);
    }
    for shape in [&[2, 3, 4][..], &[0, 3], &[3, 0], &[2, 1]] {
        add("normalize", &[], &[shape]);
        add("normalize", &[("eps", Value::Float(5.0))], &[shape]);
    }
    for (a, b) in [
        (&[2, 3, 4][..], &[2, 3, 4][..]),
        (&[2, 1, 4], &[3, 1]),
        (&[4], &[2, 3, 4]),
        (&[0, 3], &[3]),
        (&[2, 0], &[2, 0]),
    ] {
        for name in ["cosine_similarity", "CosineSimilarity"] {
            add(name, &[("dim", int(-1))], &[a, b]);
        }
        for name in ["pairwise_distance", "PairwiseDistance"] {
            add(name, &[("keepdim", Value::Bool(a.len() > 2)), ("eps", Value::Float(0.1))], &[a, b]);
        }
    }
    for p in [0.0, 0.5, 1.0, 2.0, 3.0, f64::INFINITY] {
        add("cdist", &[("p", Value::Float(p))], &[&[3, 4], &[2, 4]]);
    }
    for (a, b) in [(&[2, 1, 3, 4][..], &[3, 2, 4][..]), (&[3, 4], &[2, 1, 4]), (&[0, 3], &[2, 3]), (&[2, 0], &[3, 0])] {
        add("cdist", &[], &[a, b]);
    }
    add("cosine_similarity", &[], &[&[2, 3, 4], &[3, 4]]);
    add("cosine_similarity", &[("dim", int(0)), ("eps", Value::Float(5.0))], &[&[3], &[3]]);
    for size in 1..=7 {
        for name in ["local_response_norm", "LocalResponseNorm"] {
            add(name, &[("size", int(size)), ("alpha", Value::Float(0.5))], &[&[2, 5, 3]]);
        }
    }
    let given = [("size", int(2)), ("alpha", Value::Float(0.5)), ("beta", Value::Float(1.5)), ("k", Value::Float(2.0))];
    for shape in [&[1, 3, 2, 2][..], &[0, 3, 1], &[2, 0, 2], &[2, 3, 0]] {
        add("local_response_norm", &given, &[shape]);
    }
    cases
}

fn floats(data: Data<f64>) -> Vec<f64> {
    let Data::Float(data) = data else { panic!("no floats") };
    data
}

/// Result, and the gradients of all inputs for a gradient of ones.
fn at(name: &str, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let run = run(named(name).unwrap(), given, inputs);
    let results = run.forward().unwrap();
    let y = results.outputs[0].as_floats().unwrap().clone();
    let mut gradients = run.zero_gradients();
    run.backward(&results, &[vec![1.0; y.len()]], &mut gradients);
    (y, gradients.into_iter().flatten().collect())
}

#[test]
fn vectors_without_length_have_finite_gradients() {
    let zeros = || Tensor::floats(&[1, 2], &[0.0, 0.0]);
    let some = Tensor::floats(&[1, 2], &[0.0, 4.0]);
    assert_eq!(at("normalize", &[("eps", Value::Float(0.5))], vec![zeros()]), (vec![0.0, 0.0], vec![vec![2.0, 2.0]]));
    let cosine = at("cosine_similarity", &[("eps", Value::Float(0.5))], vec![zeros(), some]);
    assert_eq!(cosine, (vec![0.0], vec![vec![0.0, 2.0], vec![0.0, 0.0]]));
    for p in [0.5, 1.0, 2.0, 3.0, f64::INFINITY] {
        let given = [("p", Value::Float(p)), ("eps", Value::Float(0.0))];
        let distance = at("pairwise_distance", &given, vec![zeros(), zeros()]);
        assert_eq!(distance, (vec![0.0], vec![vec![0.0, 0.0], vec![0.0, 0.0]]), "{p}");
    }
}

#[test]
fn the_greatest_elements_share_the_gradient() {
    let given = [("p", Value::Float(f64::INFINITY)), ("eps", Value::Float(0.0))];
    let x = Tensor::floats(&[1, 3], &[2.0, -2.0, 1.0]);
    let (y, gradients) = at("pairwise_distance", &given, vec![x, Tensor::floats(&[1], &[0.0])]);
    assert_eq!((y, gradients), (vec![2.0], vec![vec![0.5, -0.5, 0.0], vec![0.0]]));
}

#[test]
fn nan_spreads_along_the_axis() {
    let x = || Tensor::floats(&[1, 2], &[1.0, f64::NAN]);
    for p in [0.5, 2.0, f64::INFINITY] {
        let y = floats(result(named("normalize").unwrap(), &[("p", Value::Float(p))], vec![x()]));
        assert!(y.iter().all(|y| y.is_nan()), "{p}: {y:?}");
    }
    assert!(floats(result(named("cosine_similarity").unwrap(), &[], vec![x(), x()]))[0].is_nan());
}

#[test]
fn vectors_stand_along_an_axis() {
    let cosine = |dim: i64, a: &str, b: &str| function("cosine_similarity", &[("dim", int(dim))], &[a, b]);
    assert_eq!(cosine(-1, "[n, t, d]", "[d]"), "[n, t]");
    assert_eq!(cosine(1, "[n, d, t]", "[m, e, 1]"), "[n, t]; requires d == e; requires n == m");
    insta::assert_snapshot!(cosine(1, "[d]", "[d]"), @r#"
    `cosine_similarity` along axis 1, which [d] hasn't got
      Attribute("dim"): `dim` is 1
      Operand(0): this is [d]
      Operand(1): this is [d]
    "#);
    insta::assert_snapshot!(cosine(1, "[n, 3]", "[n, 4]"), @r"
    `cosine_similarity` can't broadcast [n, 3] with [n, 4]: their last axes are 3 and 4
      Axis { operand: 1, axis: 1 }: axis 1 of [n, 4] is 4
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 3] is 3
    ");
    insta::assert_snapshot!(function("pairwise_distance", &[], &["[]", "[]"]), @r"
    `pairwise_distance` along axis -1, which [] hasn't got
      Operand(0): this is []
      Operand(1): this is []
    ");
    assert_eq!(function("pairwise_distance", &[("keepdim", Value::Bool(true))], &["[n, d]", "[d]"]), "[n, 1]");
    insta::assert_snapshot!(function("normalize", &[], &["[n]"]), @r#"
    `normalize` along axis 1, which [n] hasn't got
      Attribute("dim"): `dim` is 1
      Operand(0): this is [n]
      help: axes count from 0, or from the end: the only one is 0, or -1
    "#);
    insta::assert_snapshot!(function("local_response_norm", &[("size", int(3))], &["[n, 3]"]), @r"
    `local_response_norm` wants at least 3 axes, and gets [n, 3]
      Operand(0): this has 2 axes
    ");
    insta::assert_snapshot!(function("local_response_norm", &[("size", int(0))], &["[n, 3, l]"]), @"size: `size` must be at least 1, and is 0");
}
