//! Padding, resizing, channels that become pixels, and axes that are divided: cases, sizes over symbols, ints and bools,
//! and the words of what doesn't fit.

use super::cases::{Case, Given, float, int, ints, word};
use super::harness::{Data, Run, Tensor, build};
use super::notation::{function, size};
use crate::ops::*;

fn list(values: &[f64]) -> Value {
    Value::List(values.iter().copied().map(Value::Float).collect())
}

/// Cases of all that changes the sizes of images.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: Given, shape: &[usize]| {
        cases.push(Case(named(name).unwrap(), given, vec![float(shape)]));
    };
    for kind in ["ZeroPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad"] {
        for (axes, ends, shape) in [
            (1, &[1, 2][..], &[2, 3][..]),
            (1, &[2, -1], &[1, 2, 4]),
            (2, &[1, 0, -1, 2], &[2, 3, 3]),
            (3, &[0, 1, 1, 0, 1, 1], &[1, 1, 2, 2, 2]),
            (3, &[1], &[0, 2, 2, 2]),
        ] {
            let value = (kind == "ConstantPad").then_some(("value", Value::Float(1.5)));
            let given = [("padding", ints(ends))].into_iter().chain(value).collect();
            add(&format!("{kind}{axes}d"), given, shape);
        }
    }
    let pad = |ends: &[i64]| ("pad", ints(ends));
    for (ends, shape) in
        [(&[][..], &[][..]), (&[], &[2]), (&[1, 2], &[0]), (&[-1, 1, 2, 0, 0, 1], &[2, 1, 3]), (&[-2, 1], &[2, 2])]
    {
        add("pad", vec![pad(ends), ("value", int(2))], shape);
    }
    for mode in ["reflect", "replicate", "circular"] {
        add("pad", vec![pad(&[1, 2]), ("mode", word(mode))], &[2, 3]);
    }
    for name in ["UpsamplingNearest2d", "UpsamplingBilinear2d"] {
        add(name, vec![("size", int(4))], &[1, 2, 3, 2]);
        add(name, vec![("scale_factor", list(&[2.0, 1.5]))], &[2, 1, 2, 2]);
        add(name, vec![("scale_factor", Value::Float(2.0))], &[0, 1, 2, 2]);
    }
    for (mode, shape) in [
        ("nearest", &[1, 2, 3][..]),
        ("nearest-exact", &[1, 2, 3, 2]),
        ("linear", &[1, 2, 4]),
        ("bilinear", &[1, 2, 3, 2]),
        ("bicubic", &[1, 1, 3, 4]),
        ("trilinear", &[1, 1, 2, 2, 3]),
        ("nearest", &[0, 2, 3]),
        ("area", &[1, 2, 5]),
        ("area", &[2, 0, 3, 2]),
    ] {
        let mode = ("mode", word(mode));
        add("interpolate", vec![("size", int(4)), mode.clone()], shape);
        add("interpolate", vec![("scale_factor", Value::Float(1.7)), mode.clone()], shape);
        let recompute = ("recompute_scale_factor", Value::Bool(true));
        add("Upsample", vec![("scale_factor", Value::Float(0.7)), mode.clone(), recompute], shape);
        if !matches!(&mode.1, Value::Str(mode) if mode.starts_with("nearest") || &**mode == "area") {
            add("Upsample", vec![("size", int(5)), mode, ("align_corners", Value::Bool(true))], shape);
        }
    }
    for name in ["PixelShuffle", "pixel_shuffle"] {
        add(name, vec![("upscale_factor", int(2))], &[2, 8, 1, 3]);
        add(name, vec![("upscale_factor", int(3))], &[9, 2, 0]);
    }
    for name in ["PixelUnshuffle", "pixel_unshuffle"] {
        add(name, vec![("downscale_factor", int(2))], &[1, 2, 3, 2, 4]);
    }
    add("Unflatten", vec![("dim", int(1)), ("unflattened_size", ints(&[2, -1]))], &[2, 6]);
    add("unflatten", vec![("dim", int(-1)), ("sizes", ints(&[3, 2, 1]))], &[2, 6]);
    cases
}

fn result(name: &str, given: &[(&str, Value)], input: Tensor<f64>) -> Data<f64> {
    let op = build(named(name).unwrap(), given, 1).unwrap();
    let run = Run { op, inputs: vec![input], slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
    run.forward().unwrap().outputs.remove(0).data
}

#[test]
fn ints_and_bools_are_padded_and_shuffled() {
    let x = || Tensor::ints(&[1, 3], &[1, 2, 3]);
    let pad = |mode: &str| result("pad", &[("pad", ints(&[2, 1])), ("mode", word(mode))], x());
    assert_eq!(pad("constant"), Data::Int(vec![0, 0, 1, 2, 3, 0]));
    assert_eq!(pad("reflect"), Data::Int(vec![3, 2, 1, 2, 3, 2]));
    assert_eq!(pad("replicate"), Data::Int(vec![1, 1, 1, 2, 3, 3]));
    assert_eq!(pad("circular"), Data::Int(vec![2, 3, 1, 2, 3, 1]));
    let bools = Tensor { shape: vec![2], data: Data::Bool(vec![false, true]) };
    let given = [("pad", ints(&[1, -1])), ("value", Value::Bool(true))];
    assert_eq!(result("pad", &given, bools), Data::Bool(vec![true, false]));
    let shuffled =
        result("pixel_shuffle", &[("upscale_factor", int(2))], Tensor::ints(&[4, 1, 2], &[0, 1, 2, 3, 4, 5, 6, 7]));
    assert_eq!(shuffled, Data::Int(vec![0, 2, 1, 3, 4, 6, 5, 7]));
    let back =
        result("pixel_unshuffle", &[("downscale_factor", int(2))], Tensor::ints(&[1, 2, 4], &[0, 2, 1, 3, 4, 6, 5, 7]));
    assert_eq!(back, Data::Int(vec![0, 1, 2, 3, 4, 5, 6, 7]));
}

#[test]
fn sizes_over_symbols() {
    let pad =
        |ends: &[i64], mode: &str, input: &str| function("pad", &[("pad", ints(ends)), ("mode", word(mode))], &[input]);
    assert_eq!(pad(&[1, 2], "constant", "[n, t]"), "[n, t + 3]");
    assert_eq!(pad(&[-3, 1], "constant", "[n, t]"), "[n, t - 2]; requires 3 <= t");
    assert_eq!(pad(&[-3, -1], "constant", "[n, t]"), "[n, t - 4]; requires 4 <= t");
    assert_eq!(pad(&[1, 2], "reflect", "[n, c, t]"), "[n, c, t + 3]; requires 2 <= t; requires 3 <= t");
    assert_eq!(pad(&[1, 2], "circular", "[c, t]"), "[c, t + 3]; requires 2 <= t");
    let causal = [("pad", Value::List(vec![Value::Int(size("k")), int(0)]))];
    assert_eq!(function("pad", &causal, &["[n, c, t]"]), "[n, c, k + t]");
    let scaled = |factor: Value, input: &str| function("interpolate", &[("scale_factor", factor)], &[input]);
    assert_eq!(scaled(Value::Float(2.0), "[n, c, h, 5]"), "[n, c, 2*h, 10]");
    assert_eq!(scaled(list(&[0.5, 1.5]), "[n, c, h, w]"), "[n, c, (h // 2), ((3*w) // 2)]; requires 2 <= h");
    assert_eq!(scaled(Value::Float(1.7), "[n, c, 5]"), "[n, c, 8]");
    let sizes = Value::List(vec![Value::Int(size("h")), Value::Int(size("w"))]);
    assert_eq!(function("Upsample", &[("size", sizes)], &["[n, c, 8, 8]"]), "[n, c, h, w]");
    let shuffle = |factor: Value, input: &str| function("PixelShuffle", &[("upscale_factor", factor)], &[input]);
    assert_eq!(shuffle(int(2), "[n, 12, h, w]"), "[n, 3, 2*h, 2*w]");
    assert_eq!(shuffle(int(2), "[n, c, h, w]"), "[n, (c // 4), 2*h, 2*w]; requires 4 divides c");
    let unshuffle = function("pixel_unshuffle", &[("downscale_factor", int(2))], &["[c, 2*h, 6]"]);
    assert_eq!(unshuffle, "[4*c, h, 3]");
    let unflatten = |sizes: Value, input: &str| function("unflatten", &[("dim", int(1)), ("sizes", sizes)], &[input]);
    assert_eq!(unflatten(ints(&[4, -1]), "[n, 12*d, 2]"), "[n, 4, 3*d, 2]");
    assert_eq!(unflatten(Value::List(vec![Value::Int(size("h")), int(-1)]), "[n, 8*h]"), "[n, h, 8]");
    assert_eq!(unflatten(ints(&[4, -1]), "int[n, d]"), "int[n, 4, (d // 4)]; requires 4 divides d");
    assert_eq!(unflatten(ints(&[4, 3]), "[n, d]"), "[n, 4, 3]; requires d == 12");
}

#[test]
fn padding_that_does_not_fit() {
    let pad =
        |ends: &[i64], mode: &str, input: &str| function("pad", &[("pad", ints(ends)), ("mode", word(mode))], &[input]);
    insta::assert_snapshot!(pad(&[1], "constant", "[n, 3]"), @"pad: `pad` must hold two values for each axis, and holds 1");
    insta::assert_snapshot!(pad(&[1, 1, 1, 1], "constant", "[3]"), @r#"
    `pad` pads 2 axes, and [3] has only 1
      Operand(0): this has 1 axis
      Attribute("pad"): it is for 2 axes
    "#);
    insta::assert_snapshot!(pad(&[-2, -2], "constant", "[n, 3]"), @r#"
    `pad` takes 4 away from axis 1, and gets 3
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 3] is 3
      Attribute("pad"): it adds -2 before and -2 behind
    "#);
    insta::assert_snapshot!(pad(&[0, 3], "reflect", "[n, 3]"), @r#"
    `pad` mirrors 3 of axis 1, and wants it to be at least 4
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 3] is 3
      Attribute("pad"): it adds 3
      Attribute("mode"): it takes that from the input
      help: at most 2 can be added
    "#);
    insta::assert_snapshot!(pad(&[1, 4], "circular", "[n, 3]"), @r#"
    `pad` repeats 4 of axis 1, and wants it to be at least 4
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 3] is 3
      Attribute("pad"): it adds 4
      Attribute("mode"): it takes that from the input
      help: at most 3 can be added
    "#);
    insta::assert_snapshot!(pad(&[3, -1], "circular", "[n, 3]"), @r#"
    `pad` repeats 3 of axis 1, and wants it to be at least 4
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 3] is 3
      Attribute("pad"): it adds 3
      Attribute("mode"): it takes that from the input
      help: at most 2 can be added
    "#);
    insta::assert_snapshot!(pad(&[1, 1], "replicate", "[n, 0]"), @r#"
    `pad` repeats 1 of axis 1, and wants it to be at least 1
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 0] is 0
      Attribute("pad"): it adds 1
      Attribute("mode"): it takes that from the input
    "#);
    insta::assert_snapshot!(pad(&[1, 1], "replicate", "[n]"), @r"
    `pad` wants [N, C, L] or [C, L], and gets [n]
      Operand(0): this has 1 axis
    ");
    insta::assert_snapshot!(pad(&[1; 8], "reflect", "[n, n, n, n, n]"), @r#"pad: `pad` must be of 1, 2 or 3 axes unless the mode is "constant", and is of 4"#);
    for mode in ["constant", "reflect", "replicate", "circular"] {
        for ends in [[-1 << 62, 1 << 62], [1 << 62, -4], [-4, 4], [5, -4]] {
            let message = pad(&ends, mode, "[n, 3, 3]");
            assert!(message.contains(" away from axis 2, and gets 3\n"), "{mode} {ends:?}: {message}");
        }
        for ends in [[i64::MIN, i64::MAX], [0, i64::MIN], [i64::MAX, i64::MAX]] {
            let message = pad(&ends, mode, "[n, 3, 3]");
            assert!(message.starts_with("pad: `pad` can't hold so large a number as "), "{mode} {ends:?}: {message}");
        }
    }
    let given = [("pad", ints(&[1, 1])), ("mode", word("reflect")), ("value", int(1))];
    insta::assert_snapshot!(function("pad", &given, &["[n, 3]"]), @r#"value: `value` is for the mode "constant" alone"#);
    insta::assert_snapshot!(function("ReflectionPad2d", &[("padding", ints(&[1, 1]))], &["[n, c, 3, 3]"]), @"padding: `padding` must hold one value, or 4, and holds 2");
    insta::assert_snapshot!(function("ReflectionPad2d", &[("padding", int(3))], &["[n, c, 4, 3]"]), @r#"
    `ReflectionPad2d` mirrors 3 of axis 3, and wants it to be at least 4
      Axis { operand: 0, axis: 3 }: axis 3 of [n, c, 4, 3] is 3
      Attribute("padding"): it adds 3
      help: at most 2 can be added
    "#);
    insta::assert_snapshot!(function("ReflectionPad2d", &[("padding", int(3))], &["[n, 3]"]), @r"
    `ReflectionPad2d` wants [N, C, H, W] or [C, H, W], and gets [n, 3]
      Operand(0): this has 2 axes
    ");
}

#[test]
fn resizing_that_can_not_be() {
    let interpolate = |given: &[(&str, Value)], input: &str| function("interpolate", given, &[input]);
    let mode = |mode: &str| ("mode", word(mode));
    insta::assert_snapshot!(interpolate(&[], "[n, c, 8]"), @"size: `size` or `scale_factor` must be given");
    insta::assert_snapshot!(interpolate(&[("size", int(3)), ("scale_factor", Value::Float(2.0))], "[n, c, 8]"), @"scale_factor: `size` and `scale_factor` can't both be given");
    insta::assert_snapshot!(interpolate(&[("size", int(0))], "[n, c, 8]"), @"size: `size` must be at least 1, and is 0");
    insta::assert_snapshot!(interpolate(&[("scale_factor", Value::Float(-1.0))], "[n, c, 8]"), @"scale_factor: `scale_factor` must be a number above 0, and is -1");
    insta::assert_snapshot!(interpolate(&[("scale_factor", Value::Float(0.1))], "[n, c, 8]"), @r#"
    `interpolate` can't make 0 of 8 along axis 2
      Axis { operand: 0, axis: 2 }: axis 2 of [n, c, 8] is 8
      Attribute("scale_factor"): it makes 0 of it
    "#);
    insta::assert_snapshot!(interpolate(&[("scale_factor", Value::Float(1.7))], "[n, c, t]"), @r#"
    `interpolate` can't tell what t times 1.7 is, rounded down
      Axis { operand: 0, axis: 2 }: axis 2 of [n, c, t] is t
      Attribute("scale_factor"): it is 1.7
      help: `size` says what it becomes, whatever it was
    "#);
    insta::assert_snapshot!(interpolate(&[("size", ints(&[3, 4, 5])), mode("bilinear")], "[n, c, 8, 8]"), @r#"
    `interpolate` resizes 2 axes, and gets 3 values
      Attribute("size"): it holds 3
      Operand(0): this is [n, c, 8, 8]
    "#);
    insta::assert_snapshot!(interpolate(&[("size", int(3)), mode("bilinear")], "[n, c, 8]"), @r#"
    `interpolate` wants [N, C, H, W], and gets [n, c, 8]
      Operand(0): this has 3 axes
      Attribute("mode"): "bilinear" is for 2 axes
      help: `mode="linear"` fits
    "#);
    insta::assert_snapshot!(interpolate(&[("size", int(3))], "[8, 8]"), @r"
    `interpolate` wants [N, C, L], [N, C, H, W] or [N, C, D, H, W], and gets [8, 8]
      Operand(0): this has 2 axes
    ");
    insta::assert_snapshot!(interpolate(&[("size", int(3)), ("align_corners", Value::Bool(false))], "[n, c, 8]"), @r#"align_corners: `align_corners` is for linear and cubic modes, and `mode` is "nearest""#);
    insta::assert_snapshot!(interpolate(&[("size", int(3)), ("recompute_scale_factor", Value::Bool(true))], "[n, c, 8]"), @"recompute_scale_factor: `recompute_scale_factor` is for a `scale_factor`, and `size` is given");
    let smooth = |more: &[(&'static str, Value)], input: &str| {
        let given: Vec<_> =
            [("size", int(3)), ("antialias", Value::Bool(true))].into_iter().chain(more.to_vec()).collect();
        function("interpolate", &given, &[input])
    };
    insta::assert_snapshot!(smooth(&[], "[n, c, 8]"), @r#"antialias: `antialias` is for the modes "bilinear" and "bicubic", and `mode` is "nearest""#);
    insta::assert_snapshot!(smooth(&[mode("area")], "[n, c, 8, 8]"), @r#"antialias: `antialias` is for the modes "bilinear" and "bicubic", and `mode` is "area""#);
    assert_eq!(smooth(&[mode("bicubic")], "[n, c, 8, t]"), "[n, c, 3, 3]");
}

#[test]
fn pixels_and_axes_that_do_not_divide() {
    let shuffle = |factor: i64, input: &str| function("PixelShuffle", &[("upscale_factor", int(factor))], &[input]);
    insta::assert_snapshot!(shuffle(3, "[n, 12, 8, 8]"), @r#"
    `PixelShuffle` wants a multiple of 9 along axis 1, and gets 12
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 12, 8, 8] is 12
      Attribute("upscale_factor"): it is 3
      help: 9 or 18 would fit
    "#);
    insta::assert_snapshot!(shuffle(2, "[n, 3, 8, 8]"), @r#"
    `PixelShuffle` wants a multiple of 4 along axis 1, and gets 3
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 3, 8, 8] is 3
      Attribute("upscale_factor"): it is 2
      help: 4 would fit
    "#);
    insta::assert_snapshot!(shuffle(2, "[8, 8]"), @r"
    `PixelShuffle` wants [..., C, H, W], and gets [8, 8]
      Operand(0): this has 2 axes
    ");
    insta::assert_snapshot!(shuffle(0, "[n, 12, 8, 8]"), @"upscale_factor: `upscale_factor` must be at least 1, and is 0");
    insta::assert_snapshot!(function("PixelUnshuffle", &[("downscale_factor", int(2))], &["[n, 3, 8, 7]"]), @r#"
    `PixelUnshuffle` wants a multiple of 2 along axis 3, and gets 7
      Axis { operand: 0, axis: 3 }: axis 3 of [n, 3, 8, 7] is 7
      Attribute("downscale_factor"): it is 2
      help: 6 or 8 would fit
    "#);
    let unflatten = |dim: i64, sizes: &[i64], input: &str| {
        function("Unflatten", &[("dim", int(dim)), ("unflattened_size", ints(sizes))], &[input])
    };
    insta::assert_snapshot!(unflatten(1, &[3, 5], "[n, 12]"), @r#"
    `Unflatten` of 12 to [3, 5] would change the number of elements
      Attribute("unflattened_size"): its product is 15
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 12] is 12
      help: [3, 4] has as many elements
    "#);
    insta::assert_snapshot!(unflatten(1, &[5, -1], "[n, 12]"), @r#"
    `Unflatten` of 12 to [5, -1] would change the number of elements
      Attribute("unflattened_size"): its product is 5
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 12] is 12
    "#);
    insta::assert_snapshot!(unflatten(1, &[0, -1], "[n, 0]"), @r#"
    `Unflatten` can't tell what -1 stands for in [0, -1]: any size would do
      Attribute("unflattened_size"): the other sizes have the product 0
    "#);
    insta::assert_snapshot!(unflatten(1, &[], "[n, 12]"), @"unflattened_size: `unflattened_size` must name at least one size");
    insta::assert_snapshot!(unflatten(1, &[-1, -1], "[n, 12]"), @"unflattened_size: only one size of `unflattened_size` can be -1");
    insta::assert_snapshot!(unflatten(1, &[-2, 6], "[n, 12]"), @"unflattened_size: a size of `unflattened_size` must be at least 0, or -1, and is -2");
    insta::assert_snapshot!(unflatten(2, &[3, 4], "[n, 12]"), @r#"
    `Unflatten` along axis 2, which [n, 12] hasn't got
      Attribute("dim"): `dim` is 2
      Operand(0): this is [n, 12]
      help: axes count from 0, or from the end: they are 0 to 1, or -2 to -1
    "#);
}
