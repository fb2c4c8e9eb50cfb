//! Comparisons, logic and choices between elements: what meets what, and the words of what doesn't fit.

use super::elementwise::{RELATIONS, bools, floats, ints, of, result, run};
use super::harness::{Data, Run, Tensor};
use super::notation::{function, infer};
use crate::ops::*;

/// The gradient that isn't taken must not reach the other side, even if it isn't a number.
#[test]
fn where_keeps_gradients_apart() {
    let condition = bools(&[true, false]);
    let run = run(named("where").unwrap(), &[], vec![condition, floats(&[1.0, 2.0]), floats(&[3.0, 4.0])]);
    let mut gradients = run.zero_gradients();
    run.backward(&run.forward().unwrap(), &[vec![f64::INFINITY, 5.0]], &mut gradients);
    assert_eq!(gradients[1..], [Some(vec![f64::INFINITY, 0.0]), Some(vec![0.0, 5.0])]);
}

#[test]
fn comparisons_take_all_elements() {
    for symbol in RELATIONS {
        let shapes = |a: &str, b: &str| infer(infix(symbol).unwrap(), &[], &[a, b]);
        assert_eq!(shapes("[n, 3]", "int[3]"), "bool[n, 3]");
        assert_eq!(shapes("bool[n]", "bool[m]"), "bool[n]; requires n == m");
    }
    assert_eq!(of("lt", vec![bools(&[false, true]), ints(&[1, 1])]), Data::Bool(vec![true, false]));
    assert_eq!(of("le", vec![ints(&[1, 2]), floats(&[1.5, 1.5])]), Data::Bool(vec![true, false]));
    let equal = result(infix("==").unwrap(), &[], vec![bools(&[true, false]), bools(&[true, true])]);
    assert_eq!(equal, Data::Bool(vec![true, false]));
    insta::assert_snapshot!(infer(infix("<").unwrap(), &[], &["[8, 3]", "[8]"]), @r"
    `<` can't broadcast [8, 3] with [8]: their last axes are 3 and 8
      Axis { operand: 1, axis: 0 }: axis 0 of [8] is 8
      Axis { operand: 0, axis: 1 }: axis 1 of [8, 3] is 3
      help: shapes are aligned at the end: as [8, 1] the second operand fits
    ");
}

#[test]
fn words_of_logic_want_truth_values() {
    let (a, b) = (|| bools(&[true, true, false, false]), || bools(&[true, false, true, false]));
    assert_eq!(result(infix("and").unwrap(), &[], vec![a(), b()]), Data::Bool(vec![true, false, false, false]));
    assert_eq!(result(infix("or").unwrap(), &[], vec![a(), b()]), Data::Bool(vec![true, true, true, false]));
    assert_eq!(of("logical_xor", vec![a(), b()]), Data::Bool(vec![false, true, true, false]));
    assert_eq!(result(prefix("not").unwrap(), &[], vec![b()]), Data::Bool(vec![false, true, false, true]));
    insta::assert_snapshot!(infer(infix("and").unwrap(), &[], &["bool[n]", "[n]"]), @r"
    `and` wants bool tensors, and gets [n]
      Operand(1): this is [n]
      help: `x != 0` is true where `x` isn't 0
    ");
    insta::assert_snapshot!(infer(prefix("not").unwrap(), &[], &["int[n]"]), @r"
    `not` wants bool tensors, and gets int[n]
      Operand(0): this is int[n]
      help: `x != 0` is true where `x` isn't 0
    ");
}

#[test]
fn three_operands_broadcast() {
    let shapes = |a: &str, b: &str, c: &str| function("where", &[], &[a, b, c]);
    assert_eq!(shapes("bool[n, 1]", "[3]", "[]"), "[n, 3]");
    assert_eq!(shapes("bool[n]", "bool[n]", "bool[]"), "bool[n]");
    assert_eq!(shapes("bool[n]", "int[n]", "bool[m]"), "int[n]; requires n == m");
    assert_eq!(
        of("where", vec![bools(&[true, false]), bools(&[false, true]), bools(&[true; 2])]),
        Data::Bool(vec![false, true])
    );
    insta::assert_snapshot!(shapes("[n]", "[n]", "[n]"), @r"
    `where` wants a bool condition, and gets a float tensor
      Operand(0): this is [n]
      help: `x != 0` is true where `x` isn't 0
    ");
    insta::assert_snapshot!(shapes("bool[3]", "[2, 1]", "[3, 3]"), @r"
    `where` can't broadcast [2, 1] with [3, 3]: their axes -2 are 2 and 3
      Axis { operand: 2, axis: 0 }: axis 0 of [3, 3] is 3
      Axis { operand: 1, axis: 0 }: axis 0 of [2, 1] is 2
    ");
    insta::assert_snapshot!(shapes("bool[2, 1]", "[3]", "[4]"), @r"
    `where` can't broadcast [3] with [4]: their last axes are 3 and 4
      Axis { operand: 2, axis: 0 }: axis 0 of [4] is 4
      Axis { operand: 1, axis: 0 }: axis 0 of [3] is 3
    ");
    insta::assert_snapshot!(function("clamp", &[], &["bool[n]", "bool[]", "bool[]"]), @r"
    `clamp` wants a number among its operands, and gets bool tensors
      Operand(0): this is bool[n]
      help: `1 * x` makes 0 and 1 of the bool tensor `x`
    ");
    insta::assert_snapshot!(function("clamp", &[], &["[n]"]), @"min: `clamp` needs `min`, `max` or both");
}

/// A bound that is left out stands before one that is there.
#[test]
fn clamp_knows_which_bound_is_missing() {
    let at_most = |inputs: Vec<Tensor<f64>>| {
        let attributes = Attributes::complete(named("clamp").unwrap().parameters, |_| None).unwrap();
        let op = (named("clamp").unwrap().build)(&attributes.at_call(vec!["input", "max"], None)).unwrap();
        let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
        run.forward().unwrap().outputs.remove(0).data
    };
    assert_eq!(at_most(vec![floats(&[1.0, 3.0]), Tensor::floats(&[], &[2.0])]), Data::Float(vec![1.0, 2.0]));
    assert_eq!(at_most(vec![ints(&[1, 3]), ints(&[2])]), Data::Int(vec![1, 2]));
}
