//! Maxima put back to their places: cases, elements that go to one place, sizes over symbols, and the words of errors.

use super::cases::{Case, float, int, ints, tensor};
use super::harness::{Data, Run, Tensor, build};
use super::notation::{function, infer};
use crate::ops::*;
use crate::shape::Element;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (axes, kernel, shapes) in [
        (1, &[2][..], &[&[2, 1, 3][..], &[2, 4], &[0, 2, 3], &[2, 0]][..]),
        (2, &[2, 3], &[&[1, 2, 2, 3], &[2, 2, 2]]),
        (3, &[1, 2, 2], &[&[1, 1, 2, 2, 2], &[2, 2, 2, 2]]),
    ] {
        for name in [format!("MaxUnpool{axes}d"), format!("max_unpool{axes}d")] {
            for shape in shapes {
                for more in [vec![], vec![("padding", int(1)), ("stride", int(4))]] {
                    if !more.is_empty() && shape.contains(&0) {
                        continue;
                    }
                    let given = [vec![("kernel_size", ints(kernel))], more].concat();
                    cases.push(Case(named(&name).unwrap(), given, vec![float(shape), tensor(Element::Int, shape)]));
                }
            }
        }
    }
    cases
}

fn unpool(x: &[f64], at: &[i64]) -> Run<f64> {
    let given = [("kernel_size", int(2))];
    let op = build(named("max_unpool1d").unwrap(), &given, 2).unwrap();
    let inputs = vec![Tensor::floats(&[1, x.len()], x), Tensor::ints(&[1, at.len()], at)];
    Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval }
}

#[test]
fn of_several_elements_for_one_place_the_last_stays() {
    let run = unpool(&[1.0, 2.0, 3.0], &[4, 0, 4]);
    let results = run.forward().unwrap();
    assert_eq!(results.outputs[0].data, Data::Float(vec![2.0, 0.0, 0.0, 0.0, 3.0, 0.0]));
    let mut gradients = run.zero_gradients();
    run.backward(&results, &[vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], &mut gradients);
    assert_eq!(gradients[0], Some(vec![0.0, 1.0, 5.0]));
    let error = unpool(&[1.0, 2.0], &[0, 4]).forward().unwrap_err();
    insta::assert_snapshot!(error.message, @"index 4 at [0, 1] is not below 4");
}

#[test]
fn sizes_are_those_of_pytorch() {
    let unpool = |more: &[(&'static str, Value)], shape: &str| {
        let given = [&[("kernel_size", int(3)), ("stride", int(2))], more].concat();
        let at = format!("int{shape}");
        function("max_unpool2d", &given, &[shape, &at])
    };
    assert_eq!(unpool(&[], "[n, c, 4, h]"), "[n, c, 9, 2*h + 1]");
    assert_eq!(unpool(&[("padding", int(1))], "[c, 4, h]"), "[c, 7, 2*h - 1]");
    assert_eq!(unpool(&[("output_size", ints(&[8, 10]))], "[n, c, 4, 4]"), "[n, c, 8, 10]");
    assert_eq!(unpool(&[("output_size", ints(&[2, 5, 8, 10]))], "[n, c, 4, 4]"), "[n, c, 8, 10]");
    let found = [
        unpool(&[("output_size", ints(&[8, 11]))], "[n, c, 4, 4]"),
        unpool(&[("output_size", int(8))], "[n, c, 4, 4]"),
        unpool(&[("padding", int(4))], "[n, c, 1, 4]"),
        unpool(&[], "[4, 4]"),
        infer(named("max_unpool1d").unwrap(), &[("kernel_size", int(2))], &["[c, 4]", "int[c, 5]"]),
        infer(named("MaxUnpool1d").unwrap(), &[("kernel_size", int(2))], &["[c, 4]", "[c, 4]"]),
    ];
    insta::assert_snapshot!(found.join("\n\n"));
}
