//! Operators that make tensors of nothing, or of the elements of another type: what they make, and words.

use super::cases::{Case, Given, float, int, ints, word};
use super::harness::{Data, RESULTS, Run, Tensor, build};
use super::notation::{function, size, sizes};
use crate::ops::*;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: Given, shapes: &[&[usize]]| {
        cases.push(Case(named(name).unwrap(), given, shapes.iter().map(|shape| float(shape)).collect()));
    };
    for shape in [&[2, 3][..], &[], &[0, 2]] {
        let size = ints(&shape.iter().map(|size| *size as i64).collect::<Vec<_>>());
        for name in ["zeros", "ones", "rand", "randn"] {
            add(name, vec![("size", size.clone())], &[]);
        }
        add("full", vec![("size", size), ("fill_value", Value::Float(0.5))], &[]);
        for name in ["zeros_like", "ones_like", "rand_like", "randn_like", "detach", "clone", "contiguous"] {
            add(name, vec![], &[shape]);
        }
        add("full_like", vec![("fill_value", int(2))], &[shape]);
        add("to", vec![("dtype", word("float"))], &[shape]);
    }
    add("eye", vec![("n", int(2)), ("m", int(3))], &[]);
    add("arange", vec![("end", int(5)), ("dtype", word("float"))], &[]);
    let results = |count: i64| (RESULTS, int(count));
    add("meshgrid", vec![results(2)], &[&[2], &[3]]);
    add("meshgrid", vec![results(3), ("indexing", word("xy"))], &[&[2], &[3], &[]]);
    add("meshgrid", vec![results(2), ("indexing", word("xy"))], &[&[0], &[2]]);
    add("linspace", vec![("start", int(0)), ("end", int(1)), ("steps", int(7))], &[]);
    cases
}

fn made(name: &str, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Data<f64> {
    let op = build(named(name).unwrap(), given, inputs.len()).unwrap();
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    run.forward().unwrap().outputs.remove(0).data
}

#[test]
fn tensors_are_made_of_numbers() {
    let dtype = |name: &str| ("dtype", word(name));
    assert_eq!(made("zeros", &[("size", int(2))], vec![]), Data::Float(vec![0.0; 2]));
    assert_eq!(made("ones", &[("size", ints(&[2, 1])), dtype("bool")], vec![]), Data::Bool(vec![true; 2]));
    assert_eq!(made("full", &[("size", int(2)), ("fill_value", int(7))], vec![]), Data::Int(vec![7; 2]));
    assert_eq!(made("full", &[("size", int(1)), ("fill_value", Value::Bool(true))], vec![]), Data::Bool(vec![true]));
    let given = [("size", int(1)), ("fill_value", Value::Float(-1.5)), dtype("int")];
    assert_eq!(made("full", &given, vec![]), Data::Int(vec![-1]));
    let x = || vec![Tensor::ints(&[2], &[5, 6])];
    assert_eq!(made("ones_like", &[], x()), Data::Int(vec![1, 1]));
    assert_eq!(made("zeros_like", &[dtype("float")], x()), Data::Float(vec![0.0, 0.0]));
    assert_eq!(made("full_like", &[("fill_value", Value::Float(2.9))], x()), Data::Int(vec![2, 2]));
    assert_eq!(made("eye", &[("n", int(2)), ("m", int(3)), dtype("int")], vec![]), Data::Int(vec![1, 0, 0, 0, 1, 0]));
    assert_eq!(made("eye", &[("n", int(2)), ("m", int(0))], vec![]), Data::Float(vec![]));
}

#[test]
fn series_are_those_of_pytorch() {
    let arange = |start: Value, end: Value, step: Value| {
        made("arange", &[("start", start), ("end", end), ("step", step)], vec![])
    };
    assert_eq!(arange(int(3), Value::None, int(1)), Data::Int(vec![0, 1, 2]));
    assert_eq!(arange(int(2), int(7), int(2)), Data::Int(vec![2, 4, 6]));
    assert_eq!(arange(int(3), int(-2), int(-2)), Data::Int(vec![3, 1, -1]));
    assert_eq!(arange(int(3), int(3), int(-2)), Data::Int(vec![]));
    assert_eq!(arange(int(0), int(1), Value::Float(0.3)), Data::Float(vec![0.0, 0.3, 0.6, 3.0 * 0.3]));
    let given = [("end", Value::Float(2.5)), ("dtype", word("int"))];
    assert_eq!(made("arange", &given, vec![]), Data::Int(vec![0, 1, 2]));
    let linspace = |start: f64, end: f64, steps: i64| {
        made("linspace", &[("start", Value::Float(start)), ("end", Value::Float(end)), ("steps", int(steps))], vec![])
    };
    assert_eq!(linspace(0.0, 1.0, 5), Data::Float(vec![0.0, 0.25, 0.5, 0.75, 1.0]));
    assert_eq!(linspace(2.0, 5.0, 1), Data::Float(vec![2.0]));
    assert_eq!(linspace(2.0, 5.0, 0), Data::Float(vec![]));
}

#[test]
fn elements_are_converted_as_in_pytorch() {
    let nan = f64::NAN;
    let floats = || vec![Tensor::floats(&[5], &[1.7, -1.7, 0.0, -0.0, nan])];
    assert_eq!(made("to", &[("dtype", word("int"))], floats()), Data::Int(vec![1, -1, 0, 0, 0]));
    assert_eq!(made("to", &[("dtype", word("bool"))], floats()), Data::Bool(vec![true, true, false, false, true]));
    let ints = vec![Tensor::ints(&[2], &[-3, 0])];
    assert_eq!(made("to", &[("dtype", word("float"))], ints.clone()), Data::Float(vec![-3.0, 0.0]));
    assert_eq!(made("to", &[("dtype", word("bool"))], ints), Data::Bool(vec![true, false]));
    let bools = vec![Tensor { shape: vec![2], data: Data::Bool(vec![true, false]) }];
    assert_eq!(made("to", &[("dtype", word("int"))], bools), Data::Int(vec![1, 0]));
}

#[test]
fn shapes_of_what_is_made() {
    let n = || Value::Int(size("n"));
    let arange = |start: Value, end: Value, step: Value| {
        function("arange", &[("start", start), ("end", end), ("step", step)], &[])
    };
    let found = [
        function("zeros", &[("size", sizes(&["n", "3"]))], &[]),
        function("ones", &[("size", ints(&[2, -1]))], &[]),
        function("full", &[("size", ints(&[2])), ("fill_value", n())], &[]),
        function("full_like", &[("fill_value", int(1)), ("dtype", word("bool"))], &["[n]"]),
        function("zeros_like", &[], &["int[n]"]),
        function("rand_like", &[], &["int[n]"]),
        function("eye", &[("n", n())], &[]),
        function("eye", &[("n", n()), ("m", int(-1))], &[]),
        function("linspace", &[("start", int(0)), ("end", int(1)), ("steps", n())], &[]),
        function("linspace", &[("start", int(0)), ("end", int(1)), ("steps", int(-1))], &[]),
        arange(n(), Value::None, int(1)),
        arange(int(1), n(), int(1)),
        arange(int(2), n(), int(1)),
        arange(int(0), n(), int(2)),
        arange(n(), int(0), int(-1)),
        arange(int(0), Value::Float(1.5), int(1)),
        arange(int(3), int(1), int(1)),
        arange(Value::Float(0.5), int(1), int(-1)),
        arange(int(0), Value::Float(1e300), int(1)),
        arange(int(0), Value::Float(f64::NAN), int(1)),
        arange(int(0), int(1), int(0)),
        arange(Value::None, Value::None, int(1)),
        arange(Value::Float(0.5), n(), int(1)),
        function("to", &[("dtype", word("int"))], &["[n]"]),
        function("detach", &[], &["bool[n]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}

/// Nothing learns through a detached value, or through what has only another's shape.
#[test]
fn constants_get_no_gradient() {
    for name in ["detach", "zeros_like", "rand_like"] {
        assert!(!build(named(name).unwrap(), &[], 1).unwrap().passes_gradient(0), "{name}");
    }
    for name in ["expand_as", "view_as", "reshape_as"] {
        let op = build(named(name).unwrap(), &[], 2).unwrap();
        assert!(op.passes_gradient(0) && !op.passes_gradient(1), "{name}");
    }
}
