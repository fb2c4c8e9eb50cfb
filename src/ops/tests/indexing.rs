//! Operators that look elements up: cases for the gradients, ints and bools, bad indices, and words.

use super::cases::{Case, Given, float, int, tensor};
use super::harness::{Data, Run, Tensor, build};
use super::notation::{function, size};
use crate::ops::*;
use crate::shape::Element;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let dim = |dim: i64| vec![("dim", int(dim))];
    let mut add = |name: &str, given: Given, shapes: &[&[usize]]| {
        // The second operand has the indices; of `masked_fill` it is the mask.
        let second = if name == "masked_fill" { Element::Bool } else { Element::Int };
        let element = |at: usize| if at == 1 { second } else { Element::Float };
        let types = shapes.iter().enumerate().map(|(at, shape)| tensor(element(at), shape)).collect();
        cases.push(Case(named(name).unwrap(), given, types));
    };
    for (axis, table, index) in [
        (1, &[3, 4][..], &[3, 2][..]),
        (0, &[3, 4], &[5, 2]),
        (-1, &[2, 3, 4], &[1, 3, 7]),
        (0, &[4], &[0]),
        (0, &[4], &[6]),
        (1, &[2, 3, 1], &[2, 5, 1]),
        (0, &[0, 2], &[0, 2]),
    ] {
        add("gather", dim(axis), &[table, index]);
        add("scatter", dim(axis), &[table, index, index]);
        add("scatter", dim(axis), &[table, index, &[]]);
        let longer: Vec<usize> = index.iter().map(|size| size + 1).collect();
        add("scatter", dim(axis), &[table, index, &longer]);
        add("scatter_add", dim(axis), &[table, index, &longer]);
    }
    for (axis, table, index) in [
        (Some(1), &[3, 4][..], &[3, 2][..]),
        (Some(0), &[3, 4], &[5, 1]),
        (Some(-2), &[1, 4, 2], &[3, 2, 1]),
        (Some(0), &[3, 1], &[2, 4]),
        (None, &[3, 4], &[2, 2]),
        (None, &[3], &[]),
    ] {
        let given = axis.map(|axis| ("dim", int(axis))).into_iter().collect();
        add("take_along_dim", given, &[table, index]);
    }
    for (axis, table, count) in [(0, &[3, 4][..], 5), (1, &[2, 3, 2], 2), (-1, &[2, 3], 4), (0, &[3], 0)] {
        let axis_at = if axis < 0 { table.len() - 1 } else { axis as usize };
        let mut source = table.to_vec();
        source[axis_at] = count;
        add("index_select", dim(axis), &[table, &[count]]);
        let given = vec![("dim", int(axis)), ("alpha", Value::Float(-0.5))];
        add("index_add", given, &[table, &[count], &source]);
    }
    add("index_select", dim(1), &[&[2, 3, 2], &[]]);
    add("index_add", dim(1), &[&[2, 3, 2], &[], &[2, 1, 2]]);
    for (x, mask) in [(&[2, 3][..], &[2, 3][..]), (&[2, 3], &[3]), (&[3], &[2, 1]), (&[], &[4]), (&[0, 3], &[1])] {
        add("masked_fill", vec![], &[x, mask, &[]]);
    }
    cases.push(Case(named("one_hot").unwrap(), vec![("num_classes", int(4))], vec![tensor(Element::Int, &[2, 3])]));
    cases.push(Case(
        named("masked_fill").unwrap(),
        vec![],
        vec![float(&[3]), tensor(Element::Bool, &[3]), tensor(Element::Int, &[])],
    ));
    cases
}

fn run(name: &str, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Result<Data<f64>, DataError> {
    let op = build(named(name).unwrap(), given, inputs.len()).unwrap();
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    run.forward().map(|mut results| results.outputs.remove(0).data)
}

fn bools(shape: &[usize], data: &[bool]) -> Tensor<f64> {
    Tensor { shape: shape.to_vec(), data: Data::Bool(data.to_vec()) }
}

#[test]
fn ints_and_bools_are_looked_up() {
    let (dim0, dim1) = ([("dim", int(0))], [("dim", int(1))]);
    let x = || Tensor::ints(&[2, 3], &[0, 1, 2, 3, 4, 5]);
    let index = || Tensor::ints(&[2, 2], &[2, 0, 1, 1]);
    let src = || Tensor::ints(&[2, 2], &[10, 20, 30, 40]);
    let ints = |data: &[i64]| Ok(Data::Int(data.to_vec()));
    assert_eq!(run("gather", &dim1, vec![x(), index()]), ints(&[2, 0, 4, 4]));
    assert_eq!(run("take_along_dim", &[], vec![x(), Tensor::ints(&[1, 2], &[5, 0])]), ints(&[5, 0]));
    assert_eq!(run("index_select", &dim0, vec![x(), Tensor::ints(&[], &[1])]), ints(&[3, 4, 5]));
    assert_eq!(run("scatter", &dim1, vec![x(), index(), src()]), ints(&[20, 1, 10, 3, 40, 5]));
    assert_eq!(run("scatter", &dim1, vec![x(), index(), Tensor::ints(&[], &[9])]), ints(&[9, 1, 9, 3, 9, 5]));
    assert_eq!(run("scatter_add", &dim1, vec![x(), index(), src()]), ints(&[20, 1, 12, 3, 74, 5]));
    let given = [("dim", int(1)), ("alpha", int(2))];
    let inputs = vec![x(), Tensor::ints(&[2], &[0, 0]), src()];
    assert_eq!(run("index_add", &given, inputs), ints(&[60, 1, 2, 143, 4, 5]));
    let (b, at) = (bools(&[3], &[true, false, true]), || Tensor::ints(&[2], &[1, 2]));
    assert_eq!(run("gather", &dim0, vec![b.clone(), at()]), Ok(Data::Bool(vec![false, true])));
    let inputs = vec![b.clone(), at(), bools(&[], &[true])];
    assert_eq!(run("scatter", &dim0, inputs), Ok(Data::Bool(vec![true, true, true])));
    let inputs = vec![b.clone(), bools(&[2, 1], &[true, false]), bools(&[], &[false])];
    let filled = vec![false, false, false, true, false, true];
    assert_eq!(run("masked_fill", &[], inputs), Ok(Data::Bool(filled)));
    let inputs = vec![Tensor::ints(&[3], &[1, 2, 3]), b, Tensor::ints(&[], &[-1])];
    assert_eq!(run("masked_fill", &[], inputs), ints(&[-1, 2, -1]));
    let inputs = vec![Tensor::ints(&[2], &[2, 0])];
    assert_eq!(run("one_hot", &[("num_classes", int(3))], inputs), ints(&[0, 0, 1, 1, 0, 0]));
}

#[test]
fn an_index_that_is_not_there_is_named() {
    let x = || Tensor::floats(&[2, 3], &[0.0; 6]);
    let dim1 = [("dim", int(1))];
    let error = |name: &str, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>| {
        let error = run(name, given, inputs).unwrap_err();
        (error.operand, error.message)
    };
    let wrong = |shape: &[usize], data: &[i64]| vec![x(), Tensor::ints(shape, data)];
    let high = (1, "index 3 at [0, 1] is not below 3".to_owned());
    assert_eq!(error("gather", &dim1, wrong(&[1, 2], &[0, 3])), high);
    assert_eq!(error("take_along_dim", &dim1, wrong(&[1, 2], &[0, 3])), high);
    assert_eq!(error("take_along_dim", &[], wrong(&[1], &[6])), (1, "index 6 at [0] is not below 6".to_owned()));
    let low = (1, "index -1 at [1] is negative".to_owned());
    assert_eq!(error("index_select", &dim1, wrong(&[2], &[0, -1])), low);
    let with = |mut inputs: Vec<Tensor<f64>>, shape: &[usize]| {
        inputs.push(Tensor::floats(shape, &vec![0.0; shape.iter().product()]));
        inputs
    };
    assert_eq!(error("scatter", &dim1, with(wrong(&[1, 2], &[0, 3]), &[1, 2])), high);
    assert_eq!(error("scatter_add", &dim1, with(wrong(&[1, 2], &[0, 3]), &[1, 2])), high);
    assert_eq!(error("index_add", &dim1, with(wrong(&[2], &[0, -1]), &[2, 2])), low);
    let class = error("one_hot", &[("num_classes", int(3))], vec![Tensor::ints(&[2], &[1, 3])]);
    assert_eq!(class, (0, "index 3 at [1] is not below 3".to_owned()));
}

/// Of two values for one element only the one that stays gets its gradient.
#[test]
fn an_overwritten_value_gets_no_gradient() {
    let inputs =
        vec![Tensor::floats(&[3], &[0.0; 3]), Tensor::ints(&[3], &[1, 1, 2]), Tensor::floats(&[3], &[5.0, 6.0, 7.0])];
    let op = build(named("scatter").unwrap(), &[("dim", int(0))], 3).unwrap();
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    let results = run.forward().unwrap();
    assert_eq!(results.outputs[0].data, Data::Float(vec![0.0, 6.0, 7.0]));
    let mut gradients = run.zero_gradients();
    run.backward(&results, &[vec![1.0, 2.0, 3.0]], &mut gradients);
    assert_eq!(gradients, [Some(vec![1.0, 0.0, 0.0]), None, Some(vec![0.0, 2.0, 3.0])]);
}

/// What is masked doesn't reach the result, whatever it is.
#[test]
fn masks_hide_nan() {
    let inputs = vec![
        Tensor::floats(&[2], &[f64::NAN, 1.0]),
        bools(&[2], &[true, false]),
        Tensor::floats(&[], &[f64::NEG_INFINITY]),
    ];
    assert_eq!(run("masked_fill", &[], inputs), Ok(Data::Float(vec![f64::NEG_INFINITY, 1.0])));
}

#[test]
fn shapes_of_what_is_looked_up() {
    let dim = |dim: i64| [("dim", int(dim))];
    let found = [
        function("gather", &dim(1), &["[n, 3]", "int[n, k]"]),
        function("gather", &dim(0), &["[n, 3]", "int[k, m]"]),
        function("gather", &dim(0), &["bool[3]", "int[k]"]),
        function("gather", &dim(0), &["[2, 3]", "int[2, 4]"]),
        function("gather", &dim(0), &["[2, 3]", "int[2]"]),
        function("gather", &dim(0), &["[2, 3]", "[2, 3]"]),
        function("gather", &dim(2), &["[2, 3]", "int[2, 3]"]),
        function("take_along_dim", &dim(1), &["[n, 3, 1]", "int[1, k, m]"]),
        function("take_along_dim", &[], &["[n, 3]", "int[k, m]"]),
        function("take_along_dim", &dim(0), &["[n, 3]", "int[k, 2]"]),
        function("take_along_dim", &dim(0), &["[n, 3]", "int[k]"]),
        function("index_select", &dim(1), &["[n, 3]", "int[k]"]),
        function("index_select", &dim(0), &["[n, 3]", "int[2, 2]"]),
        function("scatter", &dim(1), &["[n, 3]", "int[n, k]", "[n, m]"]),
        function("scatter", &dim(1), &["[n, 3]", "int[n, k]", "int[]"]),
        function("scatter", &dim(1), &["int[n, 3]", "int[n, k]", "[]"]),
        function("scatter", &dim(1), &["[2, 3]", "int[2, 4]", "[2, 3]"]),
        function("scatter_add", &dim(1), &["int[n, 3]", "int[n, k]", "int[n, k]"]),
        function("scatter_add", &dim(1), &["bool[2, 3]", "int[2, 4]", "bool[2, 4]"]),
        function("scatter_add", &dim(1), &["[2, 3]", "int[2, 4]", "[]"]),
        function("index_add", &dim(1), &["[n, 3]", "int[k]", "[n, m]"]),
        function("index_add", &dim(1), &["[n, 3]", "int[2]", "[n, 3]"]),
        function("index_add", &dim(1), &["[2, 3]", "int[2]", "[4, 2]"]),
        function("index_add", &[("dim", int(1)), ("alpha", Value::Float(0.5))], &["int[2, 3]", "int[2]", "int[2, 2]"]),
        function("masked_fill", &[], &["[n, 3]", "bool[3]", "[]"]),
        function("masked_fill", &[], &["[n, 1]", "bool[1, m]", "int[]"]),
        function("masked_fill", &[], &["[n, 3]", "bool[4]", "[]"]),
        function("masked_fill", &[], &["[n, 3]", "[3]", "[]"]),
        function("masked_fill", &[], &["[n, 3]", "bool[3]", "[3]"]),
        function("masked_fill", &[], &["int[n, 3]", "bool[3]", "[]"]),
        function("one_hot", &[("num_classes", Value::Int(size("c")))], &["int[n, m]"]),
        function("one_hot", &[("num_classes", int(-1))], &["int[n]"]),
        function("one_hot", &[("num_classes", int(3))], &["[n]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}
