//! Patches of images, channels that are shuffled, distances of all pairs, grids: cases, what they make, sizes over
//! symbols, and the words of what doesn't fit.

use super::cases::{Case, Given, float, int, ints, word};
use super::harness::{Data, RESULTS, Tensor};
use super::kernels::result;
use super::notation::{function, infer};
use crate::ops::*;

fn windows() -> Vec<Given> {
    vec![
        vec![("kernel_size", int(2))],
        vec![("kernel_size", ints(&[3, 2])), ("dilation", ints(&[1, 2]))],
        vec![("kernel_size", int(2)), ("padding", int(1)), ("stride", int(2))],
        vec![("kernel_size", ints(&[1, 3])), ("padding", ints(&[2, 1])), ("stride", ints(&[3, 1]))],
    ]
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: &[(&'static str, Value)], shape: &[usize]| {
        cases.push(Case(named(name).unwrap(), given.to_vec(), vec![float(shape)]));
    };
    for name in ["ChannelShuffle", "channel_shuffle"] {
        for (groups, shape) in
            [(2, &[1, 6, 2, 1][..]), (3, &[2, 6, 2]), (1, &[1, 2, 3]), (2, &[0, 4, 2]), (2, &[1, 0, 2])]
        {
            add(name, &[("groups", int(groups))], shape);
        }
    }
    for given in windows() {
        for name in ["Unfold", "unfold"] {
            for shape in [&[1, 2, 3, 4][..], &[2, 5, 3], &[0, 1, 3, 3], &[1, 0, 3, 3]] {
                add(name, &given, shape);
            }
        }
    }
    let size = ("output_size", ints(&[3, 4]));
    for name in ["Fold", "fold"] {
        for (window, (taps, places)) in windows().into_iter().zip([(4, 6), (6, 2), (4, 6), (3, 12)]) {
            let given = [std::slice::from_ref(&size), window.as_slice()].concat();
            for shape in [&[2, taps, places][..], &[2 * taps, places], &[0, taps, places], &[1, 0, places]] {
                add(name, &given, shape);
            }
        }
    }
    cases
}

fn numbers(n: usize) -> Vec<f64> {
    (0..n).map(|x| x as f64).collect()
}

#[test]
fn groups_are_interleaved() {
    let x = Tensor::floats(&[1, 6, 1], &numbers(6));
    let shuffled = result(named("channel_shuffle").unwrap(), &[("groups", int(2))], vec![x]);
    assert_eq!(shuffled, Data::Float(vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
}

/// A fold of an unfold is the image, each element times how many patches have it.
#[test]
fn patches_are_columns_and_add_up_again() {
    let image = Tensor::floats(&[1, 2, 3], &numbers(6));
    let given = [("kernel_size", int(2))];
    let columns = result(named("unfold").unwrap(), &given, vec![image]);
    assert_eq!(columns, Data::Float(vec![0.0, 1.0, 1.0, 2.0, 3.0, 4.0, 4.0, 5.0]));
    let Data::Float(columns) = columns else { panic!("no floats") };
    let given = [("output_size", ints(&[2, 3])), ("kernel_size", int(2))];
    let folded = result(named("fold").unwrap(), &given, vec![Tensor::floats(&[4, 2], &columns)]);
    assert_eq!(folded, Data::Float(vec![0.0, 2.0, 2.0, 3.0, 8.0, 5.0]));
    let given = [("kernel_size", int(1)), ("padding", ints(&[0, 1]))];
    let whole = Tensor::ints(&[1, 1, 2], &[7, 8]);
    assert_eq!(result(named("unfold").unwrap(), &given, vec![whole]), Data::Int(vec![0, 7, 8, 0]));
}

#[test]
fn grids_hold_the_coordinates_of_their_points() {
    let [a, b] = [Tensor::<f64>::floats(&[2], &[1.0, 2.0]), Tensor::floats(&[3], &[5.0, 6.0, 7.0])];
    let first = |indexing: &str| {
        let given = [(RESULTS, int(2)), ("indexing", word(indexing))];
        result(named("meshgrid").unwrap(), &given, vec![a.clone(), b.clone()])
    };
    assert_eq!(first("ij"), Data::Float(vec![1.0, 1.0, 1.0, 2.0, 2.0, 2.0]));
    assert_eq!(first("xy"), Data::Float(vec![1.0, 2.0, 1.0, 2.0, 1.0, 2.0]));
}

#[test]
fn shapes_may_hang_on_symbols() {
    let kernel = |size: i64| ("kernel_size", int(size));
    assert_eq!(function("channel_shuffle", &[("groups", int(3))], &["[n, 6, h, w]"]), "[n, 6, h, w]");
    assert_eq!(
        function("channel_shuffle", &[("groups", int(3))], &["int[n, c, l]"]),
        "int[n, c, l]; requires 3 divides c"
    );
    assert_eq!(function("unfold", &[kernel(1)], &["[n, c, h, 4]"]), "[n, c, 4*h]");
    let given = [("output_size", int(8)), kernel(4), ("stride", int(4))];
    assert_eq!(
        function("fold", &given, &["[n, c, l]"]),
        "[n, (c // 16), 8, 8]; requires 16 divides c; requires l == 4"
    );
    assert_eq!(function("cdist", &[], &["[b, n, 3]", "[m, 3]"]), "[b, n, m]");
    assert_eq!(function("meshgrid", &[(RESULTS, int(2))], &["[n]", "int[m]"]), "[n, m]; int[n, m]");
}

#[test]
fn what_does_not_fit_is_said() {
    let kernel = |size: i64| ("kernel_size", int(size));
    let size = ("output_size", ints(&[4, 4]));
    let found = [
        function("channel_shuffle", &[("groups", int(4))], &["[n, 6, h]"]),
        function("channel_shuffle", &[("groups", int(2))], &["[n, 6]"]),
        infer(named("ChannelShuffle").unwrap(), &[("groups", int(0))], &["[n, 6, h]"]),
        function("unfold", &[kernel(5)], &["[n, 3, 4, 4]"]),
        function("unfold", &[kernel(2)], &["[4, 4]"]),
        function("unfold", &[("kernel_size", ints(&[2, 2, 2]))], &["[n, 3, 4, 4]"]),
        function("unfold", &[kernel(2), ("stride", int(0))], &["[n, 3, 4, 4]"]),
        function("fold", &[size.clone(), kernel(2)], &["[n, 8, 10]"]),
        function("fold", &[size.clone(), kernel(2)], &["[n, 6, 9]"]),
        function("fold", &[size.clone(), kernel(5)], &["[n, 25, 1]"]),
        function("fold", &[size.clone(), kernel(2)], &["[n]"]),
        function("fold", &[size, kernel(2)], &["int[n, 4, 9]"]),
        function("cdist", &[], &["[n, 3]", "[m, 4]"]),
        function("cdist", &[], &["[2, n, 3]", "[4, m, 3]"]),
        function("cdist", &[], &["[n, 3]", "[3]"]),
        function("cdist", &[("p", Value::Float(-1.0))], &["[n, 3]", "[m, 3]"]),
        function("meshgrid", &[(RESULTS, int(2))], &["[n]"]),
        function("meshgrid", &[(RESULTS, int(2))], &["[n]", "[n, 2]"]),
        function("addcmul", &[("value", Value::Float(0.5))], &["int[n]", "int[n]", "int[n]"]),
        function("addcmul", &[], &["bool[n]", "bool[n]", "bool[n]"]),
    ];
    insta::assert_snapshot!(found.join("\n\n"));
}
