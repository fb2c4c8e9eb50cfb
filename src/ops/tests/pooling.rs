//! Pooling: cases of every kind, sizes over symbols, and what gradients can't show.

use super::cases::{Case, Given, float, int, ints};
use super::harness::{Data, Run, Tensor, build};
use super::notation::{function, size};
use crate::ops::*;

/// Cases of all kinds of pooling.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: Given, shape: &[usize]| {
        cases.push(Case(named(name).unwrap(), given, vec![float(shape)]));
    };
    let kernel = |sizes: &[i64]| ("kernel_size", ints(sizes));
    let stride = |sizes: &[i64]| ("stride", ints(sizes));
    let padding = |sizes: &[i64]| ("padding", ints(sizes));
    let flag = |name, value| (name, Value::Bool(value));
    for (kind, upper) in [("max_pool", "MaxPool"), ("avg_pool", "AvgPool")] {
        let ceil = flag("ceil_mode", true);
        for name in [format!("{kind}1d"), format!("{upper}1d")] {
            add(&name, vec![kernel(&[3])], &[2, 2, 7]);
            add(&name, vec![kernel(&[3]), stride(&[2]), padding(&[1]), ceil.clone()], &[2, 6]);
            add(&name, vec![kernel(&[1])], &[0, 2, 3]);
        }
        for name in [format!("{kind}2d"), format!("{upper}2d")] {
            add(&name, vec![kernel(&[2]), stride(&[]), ceil.clone()], &[1, 2, 3, 5]);
            add(&name, vec![kernel(&[3, 2]), stride(&[1, 2]), padding(&[1, 0])], &[2, 3, 5]);
        }
        for name in [format!("{kind}3d"), format!("{upper}3d")] {
            add(&name, vec![kernel(&[2, 1, 2])], &[2, 2, 2, 3]);
        }
    }
    add("AvgPool2d", vec![kernel(&[3]), padding(&[1]), flag("count_include_pad", false)], &[2, 4, 4]);
    add("AvgPool2d", vec![kernel(&[3]), padding(&[1]), ("divisor_override", int(-2))], &[2, 4, 4]);
    add("MaxPool2d", vec![kernel(&[2]), ("dilation", ints(&[2, 1])), flag("return_indices", true)], &[2, 4, 4]);
    for (kind, upper) in [("adaptive_max_pool", "AdaptiveMaxPool"), ("adaptive_avg_pool", "AdaptiveAvgPool")] {
        let output = |sizes: &[Option<i64>]| {
            let sizes = sizes.iter().map(|size| size.map_or(Value::None, int));
            ("output_size", Value::List(sizes.collect()))
        };
        for name in [format!("{kind}1d"), format!("{upper}1d")] {
            add(&name, vec![("output_size", int(3))], &[1, 2, 7]);
            add(&name, vec![("output_size", int(5))], &[2, 3]);
        }
        for name in [format!("{kind}2d"), format!("{upper}2d")] {
            add(&name, vec![output(&[Some(2), None])], &[1, 2, 3, 4]);
            add(&name, vec![("output_size", int(0))], &[2, 3, 4]);
        }
        for name in [format!("{kind}3d"), format!("{upper}3d")] {
            add(&name, vec![output(&[None, Some(1), Some(2)])], &[2, 2, 3, 3]);
        }
    }
    cases
}

fn pool(more: &[(&'static str, Value)], input: &str) -> String {
    function("MaxPool2d", more, &[input])
}

#[test]
fn sizes_are_those_of_pytorch() {
    let kernel = |k: i64| ("kernel_size", int(k));
    let (stride, padding, ceil) = (("stride", int(2)), ("padding", int(1)), ("ceil_mode", Value::Bool(true)));
    assert_eq!(pool(&[kernel(2)], "[n, c, 28, 29]"), "[n, c, 14, 14]");
    assert_eq!(pool(&[kernel(2)], "[c, h, w]"), "[c, (h // 2), (w // 2)]; requires 2 <= h; requires 2 <= w");
    assert_eq!(pool(&[kernel(2), ceil.clone()], "[c, 5, h]"), "[c, 3, ((h - 1) // 2) + 1]");
    assert_eq!(pool(&[kernel(3), stride.clone(), padding], "[c, h, 8]"), "[c, ((h - 1) // 2) + 1, 4]");
    assert_eq!(pool(&[kernel(1), stride.clone(), ceil.clone()], "[c, h, 8]"), "[c, ((h - 1) // 2) + 1, 4]");
    let wide = [kernel(1), ("stride", int(3)), ceil];
    assert_eq!(pool(&wide, "[c, 7, 8]"), "[c, 3, 3]");
    let indices = [kernel(2), ("return_indices", Value::Bool(true))];
    assert_eq!(pool(&indices, "[n, c, 4, 4]"), "[n, c, 2, 2]; int[n, c, 2, 2]");
    let symbolic = [("kernel_size", Value::Int(size("k"))), ("stride", int(1))];
    assert_eq!(pool(&symbolic, "[c, h, h]"), "[c, h - k + 1, h - k + 1]; requires k <= h");
    let adaptive = |sizes: Value, input: &str| function("AdaptiveAvgPool2d", &[("output_size", sizes)], &[input]);
    assert_eq!(adaptive(int(1), "[n, c, h, w]"), "[n, c, 1, 1]");
    assert_eq!(adaptive(Value::List(vec![Value::None, Value::Int(size("k"))]), "[c, h, w]"), "[c, h, k]");
}

#[test]
fn what_does_not_fit_says_so() {
    let kernel = |k: i64| ("kernel_size", int(k));
    insta::assert_snapshot!(pool(&[kernel(3)], "[n, c, 2, 8]"), @r#"
    `MaxPool2d` wants at least 3 along axis 2, and gets 2
      Axis { operand: 0, axis: 2 }: axis 2 of [n, c, 2, 8] is 2
      Attribute("kernel_size"): the kernel covers 3
      help: a kernel of 2 fits, and so does this one with `padding=1`
    "#);
    insta::assert_snapshot!(pool(&[kernel(4), ("dilation", int(3))], "[n, c, 8, 12]"), @r#"
    `MaxPool2d` wants at least 10 along axis 2, and gets 8
      Axis { operand: 0, axis: 2 }: axis 2 of [n, c, 8, 12] is 8
      Attribute("kernel_size"): the kernel covers 10 with a dilation of 3
      help: a kernel of 3 fits
    "#);
    insta::assert_snapshot!(pool(&[kernel(2), ("ceil_mode", Value::Bool(true)), ("padding", int(1))], "[n, c, 0, 8]"), @r"
    `MaxPool2d` wants at least 1 along axis 2, and gets 0
      Axis { operand: 0, axis: 2 }: axis 2 of [n, c, 0, 8] is 0
    ");
    insta::assert_snapshot!(pool(&[kernel(3)], "[8, 8]"), @r"
    `MaxPool2d` wants [N, C, H, W] or [C, H, W], and gets [8, 8]
      Operand(0): this has 2 axes
    ");
    insta::assert_snapshot!(pool(&[kernel(3), ("padding", int(2))], "[n, c, 8, 8]"), @"padding: `padding` must be at most half the window, 3, and is 2");
    insta::assert_snapshot!(pool(&[("kernel_size", ints(&[2, 2, 2]))], "[n, c, 8, 8]"), @"kernel_size: `kernel_size` must hold one value, or 2, and holds 3");
    insta::assert_snapshot!(function("MaxPool1d", &[("kernel_size", ints(&[2, 2]))], &["[n, c, 8]"]), @"kernel_size: `kernel_size` must hold one value, and holds 2");
    insta::assert_snapshot!(function("AdaptiveAvgPool2d", &[("output_size", ints(&[2, -2]))], &["[n, c, 8, 8]"]), @"output_size: `output_size` can't be negative, and is -2");
    insta::assert_snapshot!(function("avg_pool2d", &[kernel(2), ("divisor_override", int(0))], &["[n, c, 8, 8]"]), @"divisor_override: `divisor_override` can't be 0");
    insta::assert_snapshot!(function("avg_pool1d", &[kernel(2)], &["int[n, c, 8]"]), @r#"
    `avg_pool1d` wants a float tensor, and gets an int tensor
      Operand(0): this is int[n, c, 8]
      help: `to(x, "float")` makes floats of `x`
    "#);
}

fn results(name: &str, given: &[(&str, Value)], shape: &[usize], x: &[f64]) -> Vec<Data<f64>> {
    let op = build(named(name).unwrap(), given, 1).unwrap();
    let inputs = vec![Tensor::floats(shape, x)];
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    run.forward().unwrap().outputs.into_iter().map(|output| output.data).collect()
}

#[test]
fn nan_is_the_greatest_and_the_first_of_equals_is_taken() {
    let nan = f64::NAN;
    let given = [("kernel_size", int(3)), ("return_indices", Value::Bool(true))];
    let x = [1.0, nan, 2.0, 3.0, 3.0, 1.0, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let [Data::Float(y), Data::Int(indices)] = &results("MaxPool1d", &given, &[1, 9], &x)[..] else {
        panic!("not two results")
    };
    assert!(y[0].is_nan() && y[1..] == [3.0, f64::NEG_INFINITY]);
    assert_eq!(*indices, [1, 3, 6]);
}

/// Taps two elements apart miss a single one in the middle.
#[test]
fn a_place_that_sees_nothing_has_no_gradient() {
    let given =
        [("kernel_size", int(2)), ("dilation", int(2)), ("padding", int(1)), ("return_indices", Value::Bool(true))];
    let op = build(named("MaxPool1d").unwrap(), &given, 1).unwrap();
    let inputs = vec![Tensor::floats(&[1, 1], &[5.0])];
    let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    let found = run.forward().unwrap();
    assert_eq!(found.outputs[0].data, Data::Float(vec![f64::NEG_INFINITY]));
    assert_eq!(found.outputs[1].data, Data::Int(vec![-1]));
    let mut gradients = run.zero_gradients();
    run.backward(&found, &[vec![1.0], vec![]], &mut gradients);
    assert_eq!(gradients[0], Some(vec![0.0]));
}

#[test]
fn indices_are_counted_over_the_swept_axes() {
    let given = [("kernel_size", int(2)), ("return_indices", Value::Bool(true))];
    let x: Vec<f64> = (0..16).map(f64::from).collect();
    let found = results("max_pool2d", &given, &[2, 2, 4], &x);
    assert_eq!(found[1], Data::Int(vec![5, 7, 5, 7]));
}
