//! Convolutions: cases of every kind, sizes over symbols, and the words of what doesn't fit.

use super::cases::{Case, Given, float, int, ints, word};
use super::harness::{Run, Tensor, build};
use super::notation::{function, size};
use crate::ops::*;
use crate::shape::TensorType;

fn layer(inputs: i64, outputs: i64, kernel: &[i64], more: &[(&'static str, Value)]) -> Given {
    let mut given = vec![("in_channels", int(inputs)), ("out_channels", int(outputs)), ("kernel_size", ints(kernel))];
    given.extend_from_slice(more);
    given
}

/// Cases of all convolutions.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: Given, inputs: &[&[usize]]| {
        let inputs: Vec<TensorType> = inputs.iter().map(|shape| float(shape)).collect();
        cases.push(Case(named(name).unwrap(), given, inputs));
    };
    let groups = |n: i64| ("groups", int(n));
    let stride = |sizes: &[i64]| ("stride", ints(sizes));
    let padding = |sizes: &[i64]| ("padding", ints(sizes));
    let dilation = |sizes: &[i64]| ("dilation", ints(sizes));
    add("Conv1d", layer(2, 5, &[3], &[padding(&[2])]), &[&[2, 2, 6]]);
    add("Conv1d", layer(2, 2, &[3], &[stride(&[2]), dilation(&[2])]), &[&[2, 7]]);
    add("Conv1d", layer(2, 4, &[1], &[("bias", Value::Bool(false))]), &[&[0, 2, 3]]);
    add("Conv1d", layer(0, 4, &[2], &[]), &[&[2, 0, 3]]);
    add("Conv1d", layer(2, 0, &[2], &[]), &[&[2, 2, 3]]);
    add("Conv2d", layer(2, 5, &[2, 3], &[stride(&[2, 1]), padding(&[0, 2])]), &[&[2, 2, 4, 3]]);
    add("Conv2d", layer(4, 8, &[2, 2], &[groups(2), dilation(&[2, 1])]), &[&[1, 4, 3, 3]]);
    add("Conv2d", layer(3, 3, &[3, 3], &[groups(3), ("padding", word("same"))]), &[&[1, 3, 3, 2]]);
    for mode in ["zeros", "reflect", "replicate", "circular"] {
        let mode = ("padding_mode", word(mode));
        add("Conv2d", layer(1, 4, &[2, 2], &[padding(&[1, 2]), stride(&[2, 1]), mode.clone()]), &[&[1, 1, 3, 3]]);
        add("Conv1d", layer(1, 1, &[4], &[("padding", word("same")), mode]), &[&[1, 1, 3]]);
    }
    add("Conv3d", layer(1, 4, &[2, 1, 2], &[padding(&[1, 0, 0])]), &[&[1, 1, 2, 2, 2]]);
    let output_padding = |sizes: &[i64]| ("output_padding", ints(sizes));
    add("ConvTranspose1d", layer(4, 2, &[3], &[stride(&[2]), padding(&[1]), output_padding(&[1])]), &[&[2, 4, 3]]);
    add("ConvTranspose1d", layer(2, 2, &[2], &[groups(2), ("bias", Value::Bool(false))]), &[&[2, 3]]);
    add("ConvTranspose2d", layer(4, 2, &[2, 1], &[stride(&[1, 2]), dilation(&[2, 1])]), &[&[1, 4, 2, 2]]);
    add("ConvTranspose3d", layer(1, 2, &[1, 2, 2], &[]), &[&[1, 2, 1, 2]]);
    let output_size = ("output_size", ints(&[0, 2, 8]));
    add("ConvTranspose1d", layer(3, 2, &[3], &[stride(&[3]), padding(&[1]), output_size]), &[&[0, 3, 3]]);
    for bias in [&[][..], &[4]] {
        let inputs = |shapes: [&'static [usize]; 2]| -> Vec<&[usize]> {
            shapes.into_iter().chain((!bias.is_empty()).then_some(bias)).collect()
        };
        add("conv1d", vec![padding(&[1])], &inputs([&[2, 2, 4], &[4, 2, 3]]));
        add("conv1d", vec![groups(2)], &inputs([&[2, 4], &[4, 1, 3]]));
        add("conv2d", vec![stride(&[2])], &inputs([&[1, 2, 3, 4], &[4, 2, 2, 2]]));
        add("conv3d", vec![], &inputs([&[2, 1, 2, 3], &[4, 2, 1, 2, 2]]));
        add("conv_transpose1d", vec![groups(2)], &inputs([&[1, 4, 3], &[4, 2, 2]]));
        add("conv_transpose2d", vec![stride(&[2]), output_padding(&[1])], &inputs([&[2, 2, 2], &[2, 4, 2, 2]]));
        add("conv_transpose3d", vec![], &inputs([&[1, 1, 1, 2, 2], &[1, 4, 1, 2, 2]]));
    }
    cases
}

fn conv2d(inputs: Value, kernel: Value, more: &[(&'static str, Value)], input: &str) -> String {
    let mut given = vec![("in_channels", inputs), ("out_channels", int(8)), ("kernel_size", kernel)];
    given.extend_from_slice(more);
    function("Conv2d", &given, &[input])
}

fn transposed(more: &[(&'static str, Value)], input: &str) -> String {
    function("ConvTranspose2d", &layer(3, 8, &[4, 4], more), &[input])
}

#[test]
fn sizes_are_those_of_pytorch() {
    let sizes = |more: &[(&'static str, Value)], input: &str| conv2d(int(3), int(3), more, input);
    assert_eq!(sizes(&[], "[n, 3, 28, 30]"), "[n, 8, 26, 28]");
    assert_eq!(sizes(&[], "[3, 28, 30]"), "[8, 26, 28]");
    assert_eq!(sizes(&[("padding", int(1)), ("stride", int(2))], "[n, 3, 28, 7]"), "[n, 8, 14, 4]");
    assert_eq!(
        sizes(&[("padding", int(1)), ("stride", int(2))], "[n, 3, h, w]"),
        "[n, 8, ((h - 1) // 2) + 1, ((w - 1) // 2) + 1]"
    );
    assert_eq!(sizes(&[("padding", word("same")), ("dilation", int(2))], "[n, 3, h, w]"), "[n, 8, h, w]");
    assert_eq!(sizes(&[], "[n, 3, h, 9]"), "[n, 8, h - 2, 7]; requires 3 <= h");
    assert_eq!(sizes(&[], "[n, c, 9, 9]"), "[n, 8, 7, 7]; requires c == 3");
    assert_eq!(
        conv2d(Value::Int(size("c")), Value::Int(size("k")), &[], "[n, c, h, h]"),
        "[n, 8, h - k + 1, h - k + 1]; requires k <= h"
    );
    let groups = [("groups", Value::Int(size("c")))];
    assert_eq!(conv2d(Value::Int(size("c")), int(1), &groups, "[n, c, 4, 4]"), "[n, 8, 4, 4]; requires c divides 8");
    assert_eq!(transposed(&[("stride", int(2)), ("padding", int(1))], "[n, 3, h, 7]"), "[n, 8, 2*h, 14]");
    assert_eq!(transposed(&[("stride", int(2)), ("output_padding", ints(&[1, 0]))], "[3, 5, 7]"), "[8, 13, 16]");
}

#[test]
fn slots_are_those_of_pytorch() {
    let slots = |name: &str, given: &[(&'static str, Value)]| {
        let op = build(named(name).unwrap(), &[&layer(4, 6, &[3, 5], &[]), given].concat(), 1).unwrap();
        op.slots().iter().map(|slot| format!("{}: {} = {}", slot.name, slot.shape, slot.init)).collect::<Vec<_>>()
    };
    let init = |n: i64| format!("uniform(a=-1/sqrt({n}), b=1/sqrt({n}))");
    let bias = |n: i64| format!("bias: [6] = {}", init(n));
    assert_eq!(slots("Conv2d", &[]), [format!("weight: [6, 4, 3, 5] = {}", init(60)), bias(60)]);
    assert_eq!(slots("Conv2d", &[("groups", int(2))]), [format!("weight: [6, 2, 3, 5] = {}", init(30)), bias(30)]);
    let groups = [("groups", int(2))];
    assert_eq!(slots("ConvTranspose2d", &groups), [format!("weight: [4, 3, 3, 5] = {}", init(45)), bias(45)]);
    assert_eq!(slots("Conv2d", &[("bias", Value::Bool(false))]).len(), 1);
}

#[test]
fn a_kernel_larger_than_its_image_says_what_fits() {
    insta::assert_snapshot!(conv2d(int(1), int(5), &[], "[n, 1, 28, 3]"), @r#"
    `Conv2d` wants at least 5 along axis 3, and gets 3
      Axis { operand: 0, axis: 3 }: axis 3 of [n, 1, 28, 3] is 3
      Attribute("kernel_size"): the kernel covers 5
      help: a kernel of 3 fits, and so does this one with `padding=1`
    "#);
    insta::assert_snapshot!(conv2d(int(1), ints(&[3, 9]), &[("padding", int(1))], "[n, 1, 3, 2]"), @r#"
    `Conv2d` wants at least 7 along axis 3, and gets 2
      Axis { operand: 0, axis: 3 }: axis 3 of [n, 1, 3, 2] is 2
      Attribute("kernel_size"): the kernel covers 9
      Attribute("padding"): it adds 1 before and 1 behind
      help: a kernel of 4 fits, and so does this one with `padding=4`
    "#);
    insta::assert_snapshot!(conv2d(int(1), int(3), &[("dilation", int(4))], "[n, 1, 8, 8]"), @r#"
    `Conv2d` wants at least 9 along axis 2, and gets 8
      Axis { operand: 0, axis: 2 }: axis 2 of [n, 1, 8, 8] is 8
      Attribute("kernel_size"): the kernel covers 9 with a dilation of 4
      help: a kernel of 2 fits
    "#);
    insta::assert_snapshot!(conv2d(int(1), int(3), &[], "[n, 1, 0, 8]"), @r#"
    `Conv2d` wants at least 3 along axis 2, and gets 0
      Axis { operand: 0, axis: 2 }: axis 2 of [n, 1, 0, 8] is 0
      Attribute("kernel_size"): the kernel covers 3
      help: with `padding=2` it fits
    "#);
    insta::assert_snapshot!(function("conv2d", &[], &["[n, 1, 2, 8]", "[4, 1, 3, 3]"]), @r"
    `conv2d` wants at least 3 along axis 2, and gets 2
      Axis { operand: 0, axis: 2 }: axis 2 of [n, 1, 2, 8] is 2
      Axis { operand: 1, axis: 2 }: the kernel covers 3
      help: a kernel of 2 fits, and so does this one with `padding=1`
    ");
    insta::assert_snapshot!(transposed(&[("padding", int(3))], "[n, 3, 1, 1]"), @r#"
    `ConvTranspose2d` makes 4 of axis 2, and takes 6 away: nothing is left
      Axis { operand: 0, axis: 2 }: axis 2 of [n, 3, 1, 1] is 1
      Attribute("padding"): it takes away 6 in all
      help: 1 can be taken away from each end
    "#);
}

#[test]
fn a_transposed_convolution_makes_the_size_that_is_asked_for() {
    let sized = |sizes: Value, input: &str| transposed(&[("stride", int(3)), ("output_size", sizes)], input);
    assert_eq!(sized(ints(&[7, 9]), "[n, 3, 2, 2]"), "[n, 8, 7, 9]");
    assert_eq!(sized(ints(&[5, 8, 7, 9]), "[n, 3, 2, 2]"), "[n, 8, 7, 9]");
    assert_eq!(sized(ints(&[8, 7, 9]), "[3, 2, 2]"), "[8, 7, 9]");
    assert_eq!(sized(int(8), "[n, 3, 2, 2]"), "[n, 8, 8, 8]");
    insta::assert_snapshot!(sized(ints(&[7, 10]), "[n, 3, 2, 2]"), @r#"
    `ConvTranspose2d` makes 7 to 9 of 2 along axis 3, and 10 is wanted
      Axis { operand: 0, axis: 3 }: axis 3 of [n, 3, 2, 2] is 2
      Attribute("output_size"): it wants 10
    "#);
    insta::assert_snapshot!(transposed(&[("output_size", int(4))], "[n, 3, 2, 2]"), @r#"
    `ConvTranspose2d` makes 5 of 2 along axis 2, and 4 is wanted
      Axis { operand: 0, axis: 2 }: axis 2 of [n, 3, 2, 2] is 2
      Attribute("output_size"): it wants 4
    "#);
    insta::assert_snapshot!(sized(ints(&[8, 7, 9]), "[n, 3, 2, 2]"), @r#"
    `ConvTranspose2d` wants 2 sizes of its output, and gets 3
      Attribute("output_size"): it holds 3
      Operand(0): this has 4 axes
    "#);
    insta::assert_snapshot!(sized(ints(&[7, 7, 7, 7, 7]), "[n, 3, 2, 2]"), @"output_size: `output_size` must hold 2 values, or the whole shape, and holds 5");
    assert!(sized(Value::List(vec![Value::Int(size("h")), int(7)]), "[n, 3, t, 2]").contains("requires "));
}

#[test]
fn channels_that_do_not_fit_say_where_they_stand() {
    insta::assert_snapshot!(conv2d(int(3), int(3), &[], "[n, 64, 28, 28]"), @r#"
    `Conv2d` wants 3 channels, and gets 64
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 64, 28, 28] is 64
      Attribute("in_channels"): it wants 3
      help: `in_channels=64` takes them
    "#);
    insta::assert_snapshot!(conv2d(int(3), int(3), &[], "[n, 28, 28, 3]"), @r#"
    `Conv2d` wants 3 channels, and gets 28
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 28, 28, 3] is 28
      Attribute("in_channels"): it wants 3
      help: channels stand before the sizes: permuted by [0, 3, 1, 2], to [n, 3, 28, 28], it fits
    "#);
    insta::assert_snapshot!(conv2d(int(3), int(3), &[], "[28, 28, 3]"), @r#"
    `Conv2d` wants 3 channels, and gets 28
      Axis { operand: 0, axis: 0 }: axis 0 of [28, 28, 3] is 28
      Attribute("in_channels"): it wants 3
      help: channels stand before the sizes: permuted by [2, 0, 1], to [3, 28, 28], it fits
    "#);
    insta::assert_snapshot!(conv2d(int(1), int(3), &[], "[64, 28, 28]"), @r#"
    `Conv2d` wants 1 channel, and gets 64
      Axis { operand: 0, axis: 0 }: axis 0 of [64, 28, 28] is 64
      Attribute("in_channels"): it wants 1
      help: without an axis for channels, the first is taken for it: as [64, 1, 28, 28] it fits
    "#);
    insta::assert_snapshot!(conv2d(int(3), int(3), &[], "[28, 28]"), @r"
    `Conv2d` wants [N, 3, H, W] or [3, H, W], and gets [28, 28]
      Operand(0): this has 2 axes
    ");
    insta::assert_snapshot!(conv2d(int(3), int(3), &[], "int[n, 3, 28, 28]"), @r#"
    `Conv2d` wants a float tensor, and gets an int tensor
      Operand(0): this is int[n, 3, 28, 28]
      help: `to(x, "float")` makes floats of `x`
    "#);
    insta::assert_snapshot!(function("conv1d", &[("groups", int(2))], &["[n, 3, 8]", "[4, 1, 3]"]), @r"
    `conv1d` wants 2 channels, and gets 3
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 3, 8] is 3
      Axis { operand: 1, axis: 1 }: the weight wants 2
      help: `groups=3` takes them
    ");
    insta::assert_snapshot!(function("conv1d", &[("groups", int(3))], &["[n, 3, 8]", "[4, 1, 3]"]), @r#"
    `conv1d` can't divide 4 channels into 3 groups
      Attribute("groups"): it is 3
      Axis { operand: 1, axis: 0 }: there are 4 channels
    "#);
    insta::assert_snapshot!(function("conv1d", &[], &["[n, 3, 8]", "[4, 3]"]), @r"
    `conv1d` wants a weight [out, in / groups, k], and gets [4, 3]
      Operand(1): this has 2 axes
    ");
    insta::assert_snapshot!(function("conv1d", &[], &["[n, 3, 8]", "[4, 3, 2]", "[3]"]), @r"
    `conv1d` wants a bias [4], and gets [3]
      Operand(2): this is [3]
      Operand(1): this has 4 output channels
    ");
    insta::assert_snapshot!(function("conv_transpose1d", &[], &["[n, 3, 8]", "[4, 3, 2]"]), @r"
    `conv_transpose1d` wants 4 channels, and gets 3
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 3, 8] is 3
      Axis { operand: 1, axis: 0 }: the weight wants 4
    ");
}

#[test]
fn attributes_that_make_no_convolution() {
    let error = |more: &[(&'static str, Value)]| conv2d(int(4), int(3), more, "[n, 4, 8, 8]");
    insta::assert_snapshot!(error(&[("groups", int(3))]), @r"
    groups: `groups` must divide `in_channels`, 4, and is 3
      help: 2 and 4 divide 4 and 8
    ");
    insta::assert_snapshot!(error(&[("groups", int(0))]), @"groups: `groups` must be at least 1, and is 0");
    insta::assert_snapshot!(error(&[("stride", int(0))]), @"stride: `stride` must be at least 1, and is 0");
    insta::assert_snapshot!(error(&[("stride", ints(&[1, 2, 3]))]), @"stride: `stride` must hold one value, or 2, and holds 3");
    insta::assert_snapshot!(error(&[("padding", int(-1))]), @"padding: `padding` must be at least 0, and is -1");
    insta::assert_snapshot!(error(&[("padding", word("same")), ("stride", int(2))]), @r#"padding: `padding="same"` wants a stride of 1, and `stride` is 2"#);
    insta::assert_snapshot!(error(&[("padding", int(8)), ("padding_mode", word("reflect"))]), @r#"
    `Conv2d` mirrors 8 of axis 2, and wants it to be at least 9
      Axis { operand: 0, axis: 2 }: axis 2 of [n, 4, 8, 8] is 8
      Attribute("padding"): it adds 8
      Attribute("padding_mode"): it takes that from the input
      help: at most 7 can be added
    "#);
    insta::assert_snapshot!(error(&[("padding", int(9)), ("padding_mode", word("circular"))]), @r#"
    `Conv2d` repeats 9 of axis 2, and wants it to be at least 9
      Axis { operand: 0, axis: 2 }: axis 2 of [n, 4, 8, 8] is 8
      Attribute("padding"): it adds 9
      Attribute("padding_mode"): it takes that from the input
      help: at most 8 can be added
    "#);
    insta::assert_snapshot!(transposed(&[("output_padding", int(1))], "[n, 3, 4, 4]"), @"output_padding: `output_padding` must be below the stride, 1, or the dilation, 1, and is 1");
    assert_eq!(error(&[("padding", int(9)), ("padding_mode", word("replicate"))]), "[n, 8, 24, 24]");
}

/// What an image, a weight and a bias give, computed place by place as the definition says.
#[test]
fn more_channels_and_places_than_a_tile_has() {
    let (channels, outputs, height, width) = (40, 5, 17, 70);
    let given = layer(channels as i64, outputs as i64, &[3, 3], &[("padding", int(1))]);
    let op = build(named("Conv2d").unwrap(), &given, 1).unwrap();
    let run = Run::draw(op, &[float(&[2, channels, height, width])], Mode::Eval, false);
    let found = run.forward().unwrap();
    let floats = |tensor: &Tensor<f64>| tensor.as_floats().unwrap().clone();
    let (x, weight, bias) = (floats(&run.inputs[0]), floats(&run.slots[0]), floats(&run.slots[1]));
    let mut expected = Vec::new();
    for (sample, output, y, x_at) in (0..2 * outputs * height * width)
        .map(|at| (at / (outputs * height * width), at / (height * width) % outputs, at / width % height, at % width))
    {
        let mut sum = bias[output];
        for (channel, row, column) in (0..channels * 9).map(|at| (at / 9, at / 3 % 3, at % 3)) {
            let (y, x_at) = (y + row, x_at + column);
            if (1..=height).contains(&y) && (1..=width).contains(&x_at) {
                let pixel = ((sample * channels + channel) * height + y - 1) * width + x_at - 1;
                sum += weight[((output * channels + channel) * 3 + row) * 3 + column] * x[pixel];
            }
        }
        expected.push(sum);
    }
    let worst = floats(&found.outputs[0]).iter().zip(&expected).fold(0.0f64, |worst, (x, y)| worst.max((x - y).abs()));
    assert!(worst < 1e-11, "{worst}");
}
