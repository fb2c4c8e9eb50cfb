//! What gradients can't show: ints, bad data, random numbers and extreme values.

use super::cases::{float, int, tensor, word};
use super::check::check;
use super::harness::{Data, Run, Tensor, build};
use crate::ops::*;
use crate::shape::Element;

pub(super) fn run(def: &'static Def, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Run<f64> {
    let op = build(def, given, inputs.len()).unwrap();
    Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Train }
}

pub(super) fn result(def: &'static Def, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Data<f64> {
    run(def, given, inputs).forward().unwrap().outputs.remove(0).data
}

pub(super) fn error(def: &'static Def, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> DataError {
    run(def, given, inputs).forward().unwrap_err()
}

fn bools(data: &[bool]) -> Tensor<f64> {
    Tensor { shape: vec![data.len()], data: Data::Bool(data.to_vec()) }
}

fn int_result(symbol: &str, a: &[i64], b: &[i64]) -> Vec<i64> {
    let inputs = vec![Tensor::ints(&[a.len()], a), Tensor::ints(&[b.len()], b)];
    let Data::Int(data) = result(infix(symbol).unwrap(), &[], inputs) else { panic!("{symbol} of ints is no int") };
    data
}

#[test]
fn ints_divide_as_in_python() {
    let (a, b) = ([7, -7, 7, -7, 6], [2, 2, -2, -2, -3]);
    assert_eq!(int_result("//", &a, &b), [3, -4, -4, 3, -2]);
    assert_eq!(int_result("%", &a, &b), [1, 1, -1, -1, 0]);
    let inputs = vec![Tensor::ints(&[2], &[7, 1]), Tensor::ints(&[], &[2])];
    assert_eq!(result(infix("/").unwrap(), &[], inputs), Data::Float(vec![3.5, 0.5]));
    let inputs = vec![Tensor::floats(&[3], &[1.0, -7.0, 7.5]), Tensor::floats(&[3], &[0.1, 2.0, -2.0])];
    assert_eq!(result(infix("//").unwrap(), &[], inputs), Data::Float(vec![9.0, -4.0, -4.0]));
}

#[test]
fn ints_wrap_around() {
    assert_eq!(int_result("+", &[i64::MAX], &[1]), [i64::MIN]);
    assert_eq!(int_result("-", &[i64::MIN], &[1]), [i64::MAX]);
    assert_eq!(int_result("*", &[i64::MAX], &[2]), [-2]);
    assert_eq!(int_result("//", &[i64::MIN], &[-1]), [i64::MIN]);
    assert_eq!(int_result("%", &[i64::MIN], &[-1]), [0]);
    assert_eq!(int_result("**", &[3, 2, -2, 2, 1, -1, -1], &[4, 64, 3, -1, -5, -3, -4]), [81, 0, -8, 0, 1, -1, 1]);
    let inputs = vec![Tensor::ints(&[2], &[i64::MIN, 5])];
    assert_eq!(result(prefix("-").unwrap(), &[], inputs), Data::Int(vec![i64::MIN, -5]));
}

#[test]
fn a_bool_beside_a_number_counts_as_0_or_1() {
    let b = || bools(&[true, false]);
    let add = infix("+").unwrap();
    assert_eq!(result(add, &[], vec![b(), Tensor::ints(&[], &[4])]), Data::Int(vec![5, 4]));
    assert_eq!(result(add, &[], vec![Tensor::floats(&[2], &[0.5, 0.5]), b()]), Data::Float(vec![1.5, 0.5]));
    assert_eq!(result(named("sum").unwrap(), &[], vec![b()]), Data::Int(vec![1]));
}

#[test]
fn int_division_by_zero_names_the_place() {
    let (a, b) = (Tensor::ints(&[2, 2], &[1; 4]), Tensor::ints(&[2, 2], &[1, 1, 0, 1]));
    let found = error(infix("//").unwrap(), &[], vec![a.clone(), b]);
    assert_eq!((found.operand, &*found.message), (1, "int divided by 0 at [1, 0]"));
    let found = error(infix("%").unwrap(), &[], vec![a, Tensor::ints(&[], &[0])]);
    assert_eq!(found.message, "int divided by 0");
}

#[test]
fn an_index_out_of_range_names_the_place() {
    let embedding = |indices: &[i64]| {
        let given = [("num_embeddings", int(4)), ("embedding_dim", int(2))];
        let mut run = run(named("Embedding").unwrap(), &given, vec![Tensor::ints(&[2, 2], indices)]);
        run.slots = vec![Tensor::floats(&[4, 2], &[0.0; 8])];
        run.forward().unwrap_err().message
    };
    assert_eq!(embedding(&[0, 3, 1, 4]), "index 4 at [1, 1] is not below 4");
    assert_eq!(embedding(&[0, -1, 1, 4]), "index -1 at [0, 1] is negative");
    let classes = |target: Tensor<f64>| {
        let input = Tensor::floats(&[2, 3], &[0.0; 6]);
        error(named("cross_entropy").unwrap(), &[], vec![input, target])
    };
    let found = classes(Tensor::ints(&[2], &[-100, 3]));
    assert_eq!((found.operand, &*found.message), (1, "class 3 at [1] is not below 3, the number of classes"));
}

#[test]
fn the_padding_row_gets_no_gradient() {
    for (padding, row) in [(1, 1), (-1, 4)] {
        let given = [("num_embeddings", int(5)), ("embedding_dim", int(1)), ("padding_idx", int(padding))];
        let mut run = run(named("Embedding").unwrap(), &given, vec![Tensor::ints(&[6], &[0, 1, 2, 3, 4, 2])]);
        run.slots = vec![Tensor::floats(&[5, 1], &[1.0; 5])];
        let mut gradients = run.zero_gradients();
        run.backward(&run.forward().unwrap(), &[vec![1.0; 6]], &mut gradients);
        let mut expected = vec![1.0, 1.0, 2.0, 1.0, 1.0];
        expected[row] = 0.0;
        assert_eq!(gradients[1], Some(expected));
        let slots = run.op.slots();
        let mut values = vec![9.0f64; 5];
        slots[0].init.fill(&[5, 1], &mut crate::tensor::random::Stream::new(0, "w"), &mut values);
        assert!(values.iter().enumerate().all(|(index, value)| (*value == 0.0) == (index == row)), "{values:?}");
    }
}

#[test]
fn impossible_classes_cost_nothing_unless_they_are_asked_for() {
    let inf = f64::INFINITY;
    let def = named("cross_entropy").unwrap();
    let loss = |target: i64| {
        let input = Tensor::floats(&[1, 3], &[0.0, -inf, 0.0]);
        let Data::Float(loss) = result(def, &[], vec![input, Tensor::ints(&[1], &[target])]) else {
            panic!("no floats")
        };
        loss[0]
    };
    assert!((loss(0) - f64::ln(2.0)).abs() < 1e-12);
    assert_eq!(loss(1), inf);
    let input = Tensor::floats(&[1, 2], &[0.0, 5000.0]);
    let far = result(def, &[("reduction", word("sum"))], vec![input, Tensor::ints(&[1], &[0])]);
    assert_eq!(far, Data::Float(vec![5000.0]));
}

#[test]
fn the_mean_of_nothing_is_nan() {
    let Data::Float(mean) = result(named("mean").unwrap(), &[], vec![Tensor::floats(&[0], &[])]) else {
        panic!("no floats")
    };
    assert!(mean[0].is_nan());
    assert_eq!(result(named("sum").unwrap(), &[], vec![Tensor::floats(&[0], &[])]), Data::Float(vec![0.0]));
}

/// A power needs a derivative where its base is 0 too.
#[test]
fn powers_of_zero_have_the_gradients_of_pytorch() {
    let inputs = vec![Tensor::floats(&[3], &[0.0, 0.0, 2.0]), Tensor::floats(&[3], &[0.0, 2.0, 0.0])];
    let run = run(infix("**").unwrap(), &[], inputs);
    let mut gradients = run.zero_gradients();
    run.backward(&run.forward().unwrap(), &[vec![1.0; 3]], &mut gradients);
    assert_eq!(gradients[0], Some(vec![0.0, 0.0, 0.0]));
    assert_eq!(gradients[1], Some(vec![0.0, 0.0, f64::ln(2.0)]));
}

/// Millions of elements must lose nothing in single precision.
#[test]
fn long_sums_keep_single_precision() {
    let n = 1 << 20;
    let x = Tensor::floats(&[n, 1], &vec![0.1f32; n]);
    let single = |name: &str, inputs: Vec<Tensor<f32>>| {
        let op = build(named(name).unwrap(), &[], 1).unwrap();
        let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
        run.forward().unwrap().outputs[0].as_floats().unwrap()[0]
    };
    assert_eq!(single("mean", vec![x.clone()]), 0.1f32);
    let zeros = Tensor::floats(&[n, 1], &vec![0.0f32; n]);
    assert_eq!(single("mse_loss", vec![x, zeros]), 0.1f32 * 0.1);
}

#[test]
fn int_operands_transpose_and_reshape() {
    let x = || Tensor::ints(&[2, 3], &[1, 2, 3, 4, 5, 6]);
    let transposed = result(named("transpose").unwrap(), &[("dim0", int(0)), ("dim1", int(1))], vec![x()]);
    assert_eq!(transposed, Data::Int(vec![1, 4, 2, 5, 3, 6]));
    let flat = result(named("reshape").unwrap(), &[("shape", int(-1))], vec![x()]);
    assert_eq!(flat, Data::Int(vec![1, 2, 3, 4, 5, 6]));
    let summed = result(named("sum").unwrap(), &[("dim", int(0))], vec![x()]);
    assert_eq!(summed, Data::Int(vec![5, 7, 9]));
}

/// More axes than the loops keep on the stack.
#[test]
fn ten_axes_broadcast() {
    let shape = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2];
    let other = [2, 1, 2, 1, 2, 1, 2, 1, 2, 1];
    let op = build(infix("*").unwrap(), &[], 2).unwrap();
    check(&Run::draw(op, &[float(&shape), float(&other)], Mode::Eval, false)).unwrap();
    let op = build(infix("+").unwrap(), &[], 2).unwrap();
    check(&Run::draw(op, &[float(&shape), tensor(Element::Bool, &other)], Mode::Eval, false)).unwrap();
}
