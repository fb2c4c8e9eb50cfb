//! Position encodings: cases for the gradients, values, and words.

use super::cases::{Case, Given, float, int, tensor};
use super::harness::{Data, Run, Tensor, build};
use super::notation::{function, size};
use crate::ops::*;
use crate::shape::Element;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (n, dim) in [(5, 4), (1, 1), (3, 5), (0, 2), (2, 0)] {
        let given = vec![("n", int(n)), ("dim", int(dim)), ("base", int(100))];
        cases.push(Case(named("sinusoidal_positions").unwrap(), given, vec![]));
    }
    for interleaved in [false, true] {
        let given = |dim: Option<i64>| -> Given {
            let dim = dim.map(|dim| ("dim", int(dim)));
            [("interleaved", Value::Bool(interleaved)), ("base", int(100))].into_iter().chain(dim).collect()
        };
        for (dim, x, positions) in [
            (None, &[3, 4][..], None),
            (None, &[2, 3, 6], None),
            (Some(4), &[2, 3, 5], None),
            (Some(0), &[3, 4], None),
            (None, &[0, 4], None),
            (None, &[2, 3, 0], None),
            (None, &[2, 2, 3, 4], Some(&[3][..])),
            (Some(2), &[2, 2, 3, 4], Some(&[2, 1, 3])),
            (None, &[2, 3, 2], Some(&[])),
            (None, &[2, 3, 2], Some(&[2, 3])),
        ] {
            let positions = positions.map(|shape| tensor(Element::Int, shape));
            let types = [float(x)].into_iter().chain(positions).collect();
            cases.push(Case(named("rotary").unwrap(), given(dim), types));
        }
    }
    cases
}

fn run(name: &str, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Vec<f64> {
    let op = build(named(name).unwrap(), given, inputs.len()).unwrap();
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    let Data::Float(data) = run.forward().unwrap().outputs.remove(0).data else { panic!("no floats") };
    data
}

fn close(found: &[f64], wanted: &[f64]) {
    let near = found.iter().zip(wanted).all(|(x, y)| (x - y).abs() < 1e-12);
    assert!(near && found.len() == wanted.len(), "{found:?} and not {wanted:?}");
}

#[test]
fn sines_and_cosines_alternate() {
    let given = [("n", int(3)), ("dim", int(4)), ("base", int(10_000))];
    let row = |p: f64| [p.sin(), p.cos(), (p / 100.0).sin(), (p / 100.0).cos()];
    close(&run("sinusoidal_positions", &given, vec![]), &[row(0.0), row(1.0), row(2.0)].concat());
}

#[test]
fn pairs_of_features_rotate() {
    let x = || Tensor::floats(&[2, 4], &[1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
    let turn = |a: f64, b: f64, angle: f64| [a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()];
    let ([a, c], [b, d]) = (turn(1.0, 3.0, 1.0), turn(2.0, 4.0, 0.01));
    close(&run("rotary", &[], vec![x()]), &[1.0, 2.0, 3.0, 4.0, a, b, c, d]);
    let ([a, b], [c, d]) = (turn(1.0, 2.0, 1.0), turn(3.0, 4.0, 0.01));
    let interleaved = ("interleaved", Value::Bool(true));
    close(&run("rotary", std::slice::from_ref(&interleaved), vec![x()]), &[1.0, 2.0, 3.0, 4.0, a, b, c, d]);
    // Positions may come in any order, and only some of the features rotate.
    let ([a, b], [c, d]) = (turn(1.0, 2.0, 7.0), turn(1.0, 2.0, -1.0));
    let inputs = vec![x(), Tensor::ints(&[2], &[7, -1])];
    close(&run("rotary", &[interleaved, ("dim", int(2))], inputs), &[a, b, 3.0, 4.0, c, d, 3.0, 4.0]);
}

/// The product of a query and a key depends on the distance of their positions alone.
#[test]
fn rotations_tell_distances() {
    let product = |p: i64, q: i64| {
        let turned =
            |data: &[f64], at: i64| run("rotary", &[], vec![Tensor::floats(&[1, 4], data), Tensor::ints(&[], &[at])]);
        let (query, key) = (turned(&[0.3, -1.2, 0.7, 2.0], p), turned(&[1.1, 0.4, -0.5, 0.9], q));
        query.iter().zip(&key).map(|(x, y)| x * y).sum::<f64>()
    };
    close(&[product(12, 9)], &[product(3, 0)]);
}

#[test]
fn shapes_of_positions() {
    let positions = |n: Value, dim: Value| function("sinusoidal_positions", &[("n", n), ("dim", dim)], &[]);
    let rotary = |given: &[(&str, Value)], inputs: &[&str]| function("rotary", given, inputs);
    let found = [
        positions(Value::Int(size("t")), int(8)),
        positions(int(-1), int(8)),
        function("sinusoidal_positions", &[("n", int(1)), ("dim", int(1)), ("base", int(0))], &[]),
        rotary(&[], &["[b, h, t, 64]"]),
        rotary(&[], &["[t, d]"]),
        rotary(&[], &["[t, 5]"]),
        rotary(&[("dim", int(4))], &["[t, 5]"]),
        rotary(&[("dim", int(5))], &["[t, 5]"]),
        rotary(&[("dim", int(-2))], &["[t, 5]"]),
        rotary(&[("dim", int(8))], &["[t, 6]"]),
        rotary(&[("dim", Value::Int(size("r")))], &["[t, d]"]),
        rotary(&[], &["[4]"]),
        rotary(&[], &["[b, h, t, 4]", "int[b, 1, s]"]),
        rotary(&[], &["[2, 3, 4]", "int[4]"]),
        rotary(&[], &["[2, 3, 4]", "int[1, 2, 3]"]),
        rotary(&[], &["[1, 3, 4]", "int[2, 3]"]),
        rotary(&[], &["[2, 3, 4]", "[3]"]),
        rotary(&[], &["int[3, 4]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}
