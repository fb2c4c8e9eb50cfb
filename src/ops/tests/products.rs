//! Products of tensors: cases for the gradients, values, and words.

use super::cases::{Case, Given, float, int, ints, word};
use super::harness::{Data, Run, Tensor, build};
use super::notation::function;
use crate::ops::*;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: Given, shapes: &[&[usize]]| {
        cases.push(Case(named(name).unwrap(), given, shapes.iter().map(|shape| float(shape)).collect()));
    };
    for (n, m, p) in [(2, 3, 4), (1, 3, 1), (3, 1, 2), (0, 2, 3), (2, 0, 3), (2, 3, 0), (8, 8, 8)] {
        add("mm", vec![], &[&[n, m], &[m, p]]);
        add("bmm", vec![], &[&[2, n, m], &[2, m, p]]);
        add("mv", vec![], &[&[n, m], &[m]]);
        add("dot", vec![], &[&[n], &[n]]);
        add("outer", vec![], &[&[n], &[m]]);
        add("inner", vec![], &[&[2, n, m], &[p, m]]);
        for (beta, alpha) in [(1.0, 1.0), (0.5, -2.0), (0.0, 3.0)] {
            let given = vec![("beta", Value::Float(beta)), ("alpha", Value::Float(alpha))];
            add("addmm", given.clone(), &[&[p], &[n, m], &[m, p]]);
            add("baddbmm", given, &[&[3, 1, p], &[3, n, m], &[3, m, p]]);
        }
        add("tensordot", vec![], &[&[p, n, m], &[n, m, 2]]);
        add("tensordot", vec![("dims", Value::List(vec![ints(&[0, -1]), ints(&[2, 0])]))], &[&[n, p, m], &[m, 2, n]]);
    }
    for shapes in [[&[2, 3][..], &[]], [&[], &[3]], [&[], &[]]] {
        add("inner", vec![], &shapes);
    }
    add("tensordot", vec![("dims", int(0))], &[&[2], &[3, 1]]);
    for (a, b, dim) in [
        (&[3][..], &[3][..], None),
        (&[2, 3], &[2, 3], Some(-1)),
        (&[3, 4], &[3, 1], None),
        (&[1, 3, 2], &[4, 3, 1], Some(1)),
        (&[0, 3], &[1, 3], Some(1)),
    ] {
        add("cross", dim.map(|dim| ("dim", int(dim))).into_iter().collect(), &[a, b]);
    }
    for (equation, shapes) in EINSUMS {
        add("einsum", vec![("equation", word(equation))], shapes);
    }
    cases
}

type Shapes = &'static [&'static [usize]];

const EINSUMS: &[(&str, Shapes)] = &[
    ("ij,jk->ik", &[&[2, 3], &[3, 4]]),
    ("ij,kj", &[&[2, 3], &[4, 3]]),
    ("ba,ac", &[&[2, 3], &[3, 4]]),
    ("bqhd,bkhd->bhqk", &[&[2, 3, 2, 4], &[2, 5, 2, 4]]),
    ("bhqk,bkhd->bqhd", &[&[2, 2, 3, 5], &[2, 5, 2, 4]]),
    ("i,j->ji", &[&[2], &[3]]),
    ("i,i->", &[&[3], &[3]]),
    ("i,i->i", &[&[3], &[3]]),
    ("ij,ij,ij->j", &[&[2, 3], &[2, 3], &[2, 3]]),
    ("ij->", &[&[2, 3]]),
    ("ij->ji", &[&[2, 3]]),
    ("ij->j", &[&[2, 3]]),
    ("ii", &[&[3, 3]]),
    ("ii->i", &[&[3, 3]]),
    ("iji->j", &[&[2, 3, 2]]),
    ("->", &[&[]]),
    (",i->i", &[&[], &[3]]),
    ("...", &[&[2, 3]]),
    ("...ij->...ji", &[&[2, 1, 3, 2]]),
    ("i...->i", &[&[2, 3, 2]]),
    ("...i,...i", &[&[2, 1, 3], &[4, 3]]),
    ("b...i,...i,b->...b", &[&[2, 1, 3], &[4, 3], &[2]]),
    ("ii,ij->j", &[&[3, 3], &[3, 2]]),
    ("ij,k->i", &[&[2, 3], &[4]]),
    ("ij,jk,kl,lm->im", &[&[2, 3], &[3, 4], &[4, 2], &[2, 3]]),
    ("ij,kl,jl->", &[&[2, 3], &[2, 3], &[3, 3]]),
    ("i,i,i->i", &[&[1], &[1], &[3]]),
    ("ij,jk->ik", &[&[2, 1], &[3, 4]]),
    ("ij,jk->ik", &[&[2, 0], &[0, 4]]),
    ("ij,jk,kl->il", &[&[0, 2], &[2, 3], &[3, 2]]),
];

fn run(name: &str, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Vec<f64> {
    let op = build(named(name).unwrap(), given, inputs.len()).unwrap();
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    let Data::Float(data) = run.forward().unwrap().outputs.remove(0).data else { panic!("no floats") };
    data
}

fn counted(shape: &[usize]) -> Tensor<f64> {
    let n = shape.iter().product();
    Tensor::floats(shape, &(0..n).map(|at: usize| at as f64).collect::<Vec<_>>())
}

#[test]
fn products_have_the_values_of_pytorch() {
    let with = |name: &str, shapes: &[&[usize]]| run(name, &[], shapes.iter().map(|shape| counted(shape)).collect());
    assert_eq!(with("mm", &[&[2, 2], &[2, 2]]), [2.0, 3.0, 6.0, 11.0]);
    assert_eq!(with("mv", &[&[2, 3], &[3]]), [5.0, 14.0]);
    assert_eq!(with("outer", &[&[2], &[3]]), [0.0, 0.0, 0.0, 0.0, 1.0, 2.0]);
    assert_eq!(with("inner", &[&[2, 2], &[2, 2]]), [1.0, 3.0, 3.0, 13.0]);
    assert_eq!(with("tensordot", &[&[1, 2, 2], &[2, 2, 1]]), [14.0]);
    let e = |axis: usize| Tensor::floats(&[3], &[0, 1, 2].map(|at| f64::from(u8::from(at == axis))));
    assert_eq!(run("cross", &[], vec![e(0), e(1)]), [0.0, 0.0, 1.0]);
    assert_eq!(run("cross", &[], vec![e(2), e(1)]), [-1.0, 0.0, 0.0]);
    // What is ignored may be anything.
    let ignored = vec![Tensor::floats(&[1], &[f64::NAN]), counted(&[1, 2]), counted(&[2, 1])];
    assert_eq!(run("addmm", &[("beta", int(0))], ignored), [1.0]);
}

#[test]
fn einsum_has_the_values_of_pytorch() {
    let with = |equation: &str, shapes: &[&[usize]]| {
        run("einsum", &[("equation", word(equation))], shapes.iter().map(|shape| counted(shape)).collect())
    };
    assert_eq!(with("ii", &[&[3, 3]]), [12.0]);
    assert_eq!(with("ij->ji", &[&[2, 3]]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    // The letters of the result come in alphabetical order, capitals first.
    assert_eq!(with("ba", &[&[2, 3]]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    assert_eq!(with("aB", &[&[2, 3]]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    assert_eq!(with("i...->...", &[&[2, 3]]), [3.0, 5.0, 7.0]);
    assert_eq!(with("i...->i", &[&[2, 3]]), [3.0, 12.0]);
    assert_eq!(with(" i , j -> j i ", &[&[2], &[3]]), [0.0, 0.0, 0.0, 1.0, 0.0, 2.0]);
    assert_eq!(with("ij,jk,k", &[&[1, 2], &[2, 2], &[2]]), [3.0]);
}

#[test]
fn shapes_of_products() {
    let einsum = |equation: &str, inputs: &[&str]| function("einsum", &[("equation", word(equation))], inputs);
    let tensordot = |dims: Value, inputs: &[&str]| function("tensordot", &[("dims", dims)], inputs);
    let lists = |a: &[i64], b: &[i64]| Value::List(vec![ints(a), ints(b)]);
    let found = [
        function("mm", &[], &["[n, m]", "[k, 4]"]),
        function("mm", &[], &["[2, 3]", "[4, 3]"]),
        function("mm", &[], &["[2, 3]", "[2, 4]"]),
        function("mm", &[], &["[2, 3]", "[4, 5]"]),
        function("mm", &[], &["[b, 2, 3]", "[b, 3, 5]"]),
        function("mm", &[], &["int[2, 3]", "[3, 5]"]),
        function("bmm", &[], &["[b, n, m]", "[b, m, p]"]),
        function("bmm", &[], &["[2, n, m]", "[3, m, p]"]),
        function("bmm", &[], &["[n, m]", "[3, m, p]"]),
        function("mv", &[], &["[n, 3]", "[4]"]),
        function("dot", &[], &["[n]", "[m]"]),
        function("outer", &[], &["[n]", "[m]"]),
        function("inner", &[], &["[a, b, 3]", "[c, 3]"]),
        function("inner", &[], &["[a, 2]", "[c, 3]"]),
        function("inner", &[], &["[]", "[c, 3]"]),
        function("addmm", &[], &["[p]", "[n, m]", "[m, p]"]),
        function("addmm", &[], &["[3, 4]", "[1, m]", "[m, 4]"]),
        function("addmm", &[], &["[3]", "[2, m]", "[m, 4]"]),
        function("addmm", &[], &["[1, 2, 4]", "[2, m]", "[m, 4]"]),
        function("addmm", &[], &["[4]", "[2, 3]", "[5, 4]"]),
        function("baddbmm", &[], &["[]", "[b, n, m]", "[b, m, p]"]),
        tensordot(int(2), &["[n, 3, 4]", "[3, 4, p]"]),
        tensordot(int(2), &["[n, 3, 4]", "[4, 3]"]),
        tensordot(int(3), &["[n, 3, 4]", "[4, 3]"]),
        tensordot(int(-1), &["[n, 3, 4]", "[4, 3]"]),
        tensordot(lists(&[0, -1], &[1, 0]), &["[a, b, c]", "[c, a, d]"]),
        tensordot(lists(&[0, 0], &[1, 0]), &["[a, b, c]", "[c, a, d]"]),
        tensordot(lists(&[0], &[3]), &["[a, b, c]", "[c, a, d]"]),
        tensordot(lists(&[0], &[1, 0]), &["[a, b, c]", "[c, a, d]"]),
        tensordot(Value::List(vec![ints(&[0])]), &["[a, b, c]", "[c, a, d]"]),
        function("cross", &[], &["[3, n]", "[3, 1]"]),
        function("cross", &[], &["[n, 3]", "[n, 3]"]),
        function("cross", &[("dim", int(-1))], &["[n, 3]", "[1, m]"]),
        function("cross", &[("dim", int(0))], &["[2, 3]", "[2, 3]"]),
        function("cross", &[], &["[3]", "[2, 3]"]),
        einsum("bij,bjk->bik", &["[b, 2, n]", "[c, m, 3]"]),
        einsum("...ij,jk", &["[a, b, 2, n]", "[n, 3]"]),
        einsum("...i,...i->...", &["[a, 1, 3]", "[b, 3]"]),
        einsum("ij,jk,kl->li", &["[a, b]", "[b, c]", "[c, d]"]),
        einsum("ij,jk->ik", &["[2, 3]", "[4, 5]"]),
        einsum("...i,...i->i", &["[2, 3]", "[4, 3]"]),
        einsum("ii->i", &["[2, 3]"]),
        einsum("ii->i", &["[1, 3]"]),
        einsum("ij,jk->ik", &["[2, 3]"]),
        einsum("ij,jk->ik", &["[2, 3]", "[2, 3, 4]"]),
        einsum("...ij->ij", &["[2]"]),
        einsum("ij->ik", &["[2, 3]"]),
        einsum("ij->ii", &["[2, 3]"]),
        einsum("i1", &["[2, 3]"]),
        einsum("......", &["[2, 3]"]),
        einsum("i->j->k", &["[2]"]),
        einsum("i->i,j", &["[2]"]),
        einsum("i", &["int[2]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}

/// A chain of products is counted pair by pair.
#[test]
fn the_operations_of_products_are_counted() {
    let flops = |name: &str, given: &[(&str, Value)], shapes: &[&[usize]]| {
        let types: Vec<_> = shapes.iter().map(|shape| float(shape)).collect();
        let op = build(named(name).unwrap(), given, types.len()).unwrap();
        let outputs = op.infer(&mut crate::shape::Facts::new(), &types).unwrap();
        op.flops(&types, &outputs).as_const().unwrap()
    };
    assert_eq!(flops("mm", &[], &[&[2, 3], &[3, 4]]), 2 * 2 * 3 * 4);
    assert_eq!(flops("outer", &[], &[&[2], &[3]]), 6);
    let equation = [("equation", word("ij,jk,kl->il"))];
    assert_eq!(flops("einsum", &equation, &[&[2, 3], &[3, 4], &[4, 5]]), 2 * 2 * 3 * 4 + 2 * 2 * 4 * 5);
}
