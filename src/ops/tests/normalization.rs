//! The normalizing layers and functions, and affine maps as functions.

use super::cases::{Case, float, int, ints};
use super::harness::{Run, Tensor, build};
use super::kernels::run;
use super::notation::{function, size};
use crate::ops::*;

/// Cases that give every operand, and those that leave some out.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: &[(&'static str, Value)], inputs: &[&[usize]]| {
        let inputs: Vec<_> = inputs.iter().map(|shape| float(shape)).collect();
        cases.push(Case::new(name, given, &inputs));
    };
    for inputs in [&[&[3, 4][..], &[5, 4], &[5]][..], &[&[2, 3, 4], &[5, 4]], &[&[4], &[5, 4], &[5]]] {
        add("linear", &[], inputs);
    }
    for inputs in [&[&[3, 4][..], &[4], &[]][..], &[&[4], &[4]], &[&[0, 4], &[5, 4], &[5]], &[&[3, 0], &[5, 0], &[5]]] {
        add("linear", &[], inputs);
    }
    let shape = [("normalized_shape", ints(&[3, 4])), ("eps", Value::Float(0.1))];
    for inputs in [&[&[2, 5, 3, 4][..], &[3, 4], &[3, 4]][..], &[&[3, 4], &[3, 4]], &[&[2, 3, 4]]] {
        add("layer_norm", &shape, inputs);
    }
    for inputs in [&[&[2, 5, 3, 4][..], &[3, 4]][..], &[&[3, 4]], &[&[0, 3, 4], &[3, 4]]] {
        add("rms_norm", &shape, inputs);
    }
    for affine in [true, false] {
        let given = [("normalized_shape", int(4)), ("elementwise_affine", Value::Bool(affine))];
        for shape in [&[2, 3, 4][..], &[4], &[0, 4]] {
            add("RMSNorm", &given, &[shape]);
        }
    }
    add("RMSNorm", &[("normalized_shape", int(0))], &[&[3, 0]]);
    let flag = |name, value| (name, Value::Bool(value));
    for (name, shape) in [
        ("BatchNorm1d", &[4, 3][..]),
        ("BatchNorm1d", &[2, 3, 4]),
        ("BatchNorm1d", &[2, 3, 9]),
        ("BatchNorm1d", &[0, 3]),
        ("BatchNorm2d", &[2, 3, 2, 2]),
        ("BatchNorm3d", &[2, 3, 2, 1, 2]),
        ("InstanceNorm1d", &[2, 3, 4]),
        ("InstanceNorm1d", &[2, 3, 9]),
        ("InstanceNorm1d", &[3, 4]),
        ("InstanceNorm1d", &[2, 3, 0]),
        ("InstanceNorm2d", &[2, 3, 2, 2]),
        ("InstanceNorm2d", &[3, 2, 2]),
        ("InstanceNorm3d", &[2, 3, 2, 1, 2]),
    ] {
        for (affine, tracked) in [(true, true), (true, false), (false, true), (false, false)] {
            let given = [("num_features", int(3)), flag("affine", affine), flag("track_running_stats", tracked)];
            add(name, &given, &[shape]);
        }
    }
    // More channels than are summed side by side.
    add("BatchNorm1d", &[("num_features", int(70))], &[&[3, 70]]);
    for (groups, shape) in
        [(2, &[2, 6, 3][..]), (3, &[2, 6, 9]), (1, &[2, 6]), (6, &[2, 6, 2, 2]), (6, &[2, 6]), (3, &[0, 6, 2])]
    {
        for affine in [true, false] {
            add(
                "GroupNorm",
                &[("num_groups", int(groups)), ("num_channels", int(6)), flag("affine", affine)],
                &[shape],
            );
        }
        let given = [("num_groups", int(groups)), ("eps", Value::Float(0.1))];
        add("group_norm", &given, &[shape]);
        add("group_norm", &given, &[shape, &[6], &[6]]);
    }
    for shape in [&[4, 3][..], &[2, 3, 4], &[2, 3, 3, 3], &[0, 3]] {
        for (name, own) in [("batch_norm", "training"), ("instance_norm", "use_input_stats")] {
            for operands in 2..=4 {
                add(name, &[flag(own, false)], &[&[shape, &[3], &[3], &[3], &[3]][..=operands]].concat());
                if name == "batch_norm" || shape.len() > 2 {
                    add(name, &[flag(own, true)], &[&[shape, &[3], &[3], &[3], &[3]][..=operands]].concat());
                }
            }
        }
    }
    cases
}

fn batch_norm(name: &str, given: &[(&str, Value)], input: &str) -> String {
    function(name, &[&[("num_features", int(3))], given].concat(), &[input])
}

#[test]
fn channels_are_checked() {
    assert_eq!(batch_norm("BatchNorm1d", &[], "[n, c]"), "[n, c]; requires c == 3");
    assert_eq!(batch_norm("BatchNorm1d", &[], "[n, 3, l]"), "[n, 3, l]");
    assert_eq!(batch_norm("InstanceNorm2d", &[], "[3, h, w]"), "[3, h, w]");
    insta::assert_snapshot!(batch_norm("BatchNorm2d", &[], "[n, 4, h, w]"), @r#"
    `BatchNorm2d` wants 3 channels, and gets 4
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 4, h, w] is 4
      Attribute("num_features"): it wants 3
    "#);
    insta::assert_snapshot!(batch_norm("BatchNorm2d", &[], "[n, 3]"), @r"
    `BatchNorm2d` wants 4 axes, and gets [n, 3]
      Operand(0): this has 2 axes
      help: `BatchNorm1d` takes 2 axes
    ");
    insta::assert_snapshot!(batch_norm("BatchNorm1d", &[], "[n, 3, h, w]"), @r"
    `BatchNorm1d` wants 2 or 3 axes, and gets [n, 3, h, w]
      Operand(0): this has 4 axes
      help: `BatchNorm2d` takes 4 axes
    ");
    insta::assert_snapshot!(batch_norm("InstanceNorm1d", &[], "[n]"), @r"
    `InstanceNorm1d` wants 2 or 3 axes, and gets [n]
      Operand(0): this has 1 axis
    ");
    insta::assert_snapshot!(batch_norm("BatchNorm1d", &[], "int[n, 3]"), @r#"
    `BatchNorm1d` wants a float tensor, and gets an int tensor
      Operand(0): this is int[n, 3]
      help: `to(x, "float")` makes floats of `x`
    "#);
    insta::assert_snapshot!(batch_norm("BatchNorm1d", &[("momentum", Value::None)], "[n, 3]"), @r"
    momentum: `momentum=none` asks for the average of all batches so far, which needs their number; none is kept
      help: give the share of the newest batch, such as 0.1
    ");
    let untracked = [("momentum", Value::None), ("track_running_stats", Value::Bool(false))];
    assert_eq!(batch_norm("BatchNorm1d", &untracked, "[n, 3]"), "[n, 3]");
}

#[test]
fn groups_divide_the_channels() {
    let group_norm =
        |groups: &str, inputs: &[&str]| function("group_norm", &[("num_groups", Value::Int(size(groups)))], inputs);
    assert_eq!(group_norm("g", &["[n, 2*g]"]), "[n, 2*g]");
    assert_eq!(group_norm("2", &["[n, c]"]), "[n, c]; requires 2 divides c");
    assert_eq!(group_norm("2", &["[n, 6, l]", "[c]"]), "[n, 6, l]; requires c == 6");
    insta::assert_snapshot!(group_norm("4", &["[n, 6]"]), @r#"
    `group_norm` wants groups of one size, and 4 doesn't divide 6 channels
      Attribute("num_groups"): there are 4 groups
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 6] is 6
    "#);
    insta::assert_snapshot!(group_norm("2", &["[n, 6]", "[6]", "[5]"]), @r"
    `group_norm` wants a bias [6], and gets [5]
      Axis { operand: 2, axis: 0 }: axis 0 of the bias is 5
      Axis { operand: 0, axis: 1 }: there are 6 channels
    ");
    insta::assert_snapshot!(group_norm("2", &["[n, 6]", "[6, 1]"]), @r"
    `group_norm` wants a weight [6], and gets [6, 1]
      Operand(1): this is [6, 1]
      Axis { operand: 0, axis: 1 }: there are 6 channels
    ");
    insta::assert_snapshot!(group_norm("2", &["[n]"]), @r"
    `group_norm` wants at least 2 axes, and gets [n]
      Operand(0): this has 1 axis
    ");
    insta::assert_snapshot!(group_norm("0", &["[n, 6]"]), @"num_groups: `num_groups` must be at least 1, and is 0");
    let layer = [("num_groups", int(4)), ("num_channels", int(6))];
    insta::assert_snapshot!(function("GroupNorm", &layer, &["[n, 6]"]), @r"
    num_groups: `num_groups` must divide `num_channels`, 6, and is 4
      help: 3 and 6 divide 6
    ");
}

#[test]
fn slots_as_operands_are_checked() {
    let shape = [("normalized_shape", ints(&[3, 4]))];
    assert_eq!(function("layer_norm", &shape, &["[n, a, 4]", "[3, b]"]), "[n, a, 4]; requires a == 3; requires b == 4");
    insta::assert_snapshot!(function("layer_norm", &shape, &["[n, 3, 4]", "[3, 5]"]), @r#"
    `layer_norm` wants a weight [3, 4], and gets [3, 5]
      Axis { operand: 1, axis: 1 }: axis 1 of the weight is 5
      Attribute("normalized_shape"): it is [3, 4]
    "#);
    insta::assert_snapshot!(function("rms_norm", &shape, &["[n, 3, 4]", "[12]"]), @r#"
    `rms_norm` wants a weight [3, 4], and gets [12]
      Operand(1): this is [12]
      Attribute("normalized_shape"): it is [3, 4]
    "#);
    insta::assert_snapshot!(function("rms_norm", &shape, &["[n, 3, 5]"]), @r#"
    `rms_norm` wants the last axes to be [3, 4], and gets [n, 3, 5]
      Axis { operand: 0, axis: 2 }: axis 2 is 5
      Attribute("normalized_shape"): it wants 4
    "#);
    insta::assert_snapshot!(function("rms_norm", &shape, &["[4]"]), @r#"
    `rms_norm` wants the last axes to be [3, 4], and gets [4]
      Operand(0): this has 1 axis
      Attribute("normalized_shape"): it has 2 axes
    "#);
    assert_eq!(function("linear", &[], &["[n, k]", "[m, j]", "[m]"]), "[n, m]; requires j == k");
    assert_eq!(function("linear", &[], &["[n, k]", "[k]", "[]"]), "[n]");
    insta::assert_snapshot!(function("linear", &[], &["[n, 4]", "[4, 5]"]), @r"
    `linear` wants 5 features, and gets 4
      Axis { operand: 0, axis: 1 }: the last axis of [n, 4] is 4
      Axis { operand: 1, axis: 1 }: axis 1 of [4, 5] is 5
      help: the weight is [out_features, in_features]: transposed, as [5, 4], it fits
    ");
    insta::assert_snapshot!(function("linear", &[], &["[n, 4]", "[5, 4]", "[4]"]), @r"
    `linear` wants a bias [5], and gets [4]
      Axis { operand: 2, axis: 0 }: axis 0 of the bias is 4
      Operand(1): this is [5, 4]
    ");
    insta::assert_snapshot!(function("linear", &[], &["[n, 4]", "[2, 5, 4]"]), @r"
    `linear` wants a weight [out_features, in_features], and gets [2, 5, 4]
      Operand(1): this has 3 axes
    ");
    insta::assert_snapshot!(function("linear", &[], &["[]", "[5, 4]"]), @r"
    `linear` wants at least one axis, and gets a scalar
      Operand(0): this is a scalar
    ");
    insta::assert_snapshot!(function("batch_norm", &[], &["[n, 3]"]), @r"
    training: `running_mean` is missing, and nothing else says what to use
      help: `training=true` takes the statistics of the input
    ");
    insta::assert_snapshot!(function("batch_norm", &[], &["[n, 3]", "[3]"]), @r"
    training: `running_var` is missing, and nothing else says what to use
      help: `training=true` takes the statistics of the input
    ");
    insta::assert_snapshot!(function("instance_norm", &[("use_input_stats", Value::Bool(false))], &["[n, 3, l]"]), @r"
    use_input_stats: `running_mean` is missing, and nothing else says what to use
      help: `use_input_stats=true` takes the statistics of the input
    ");
}

/// A layer with running statistics, run on these elements.
fn tracked(name: &str, shape: &[usize], x: &[f64], mode: Mode) -> Run<f64> {
    let channels = shape[shape.len() - 2];
    let given = [("num_features", int(channels as i64)), ("track_running_stats", Value::Bool(true))];
    let mut run = run(named(name).unwrap(), &given, vec![Tensor::floats(shape, x)]);
    let params = run.op.slots().iter().filter(|slot| slot.kind == SlotKind::Param).count();
    run.slots = [Tensor::floats(&[channels], &vec![1.0; channels]), Tensor::floats(&[channels], &vec![0.0; channels])]
        [..params]
        .to_vec();
    run.buffers =
        vec![Tensor::floats(&[channels], &vec![10.0; channels]), Tensor::floats(&[channels], &vec![4.0; channels])];
    run.mode = mode;
    run
}

#[test]
fn running_statistics_move_in_training_only() {
    let x = [0.0, 2.0, 4.0, 6.0, 1.0, 1.0, 1.0, 5.0];
    let statistics = |name: &str, mode: Mode| {
        let results = tracked(name, &[2, 1, 4], &x, mode).forward().unwrap();
        results.buffers.iter().map(|buffer| buffer.as_floats().unwrap()[0]).collect::<Vec<_>>()
    };
    let close = |found: Vec<f64>, wanted: [f64; 2]| {
        assert!(found.iter().zip(wanted).all(|(x, y)| (x - y).abs() < 1e-12), "{found:?} and not {wanted:?}");
    };
    // The unbiased variance of all eight is 34/7, those of the items are 20/3 and 4.
    close(statistics("BatchNorm1d", Mode::Train), [9.0 + 0.25, 3.6 + 3.4 / 7.0]);
    close(statistics("InstanceNorm1d", Mode::Train), [9.0 + 0.25, 3.6 + 0.1 * (20.0 / 3.0 + 4.0) / 2.0]);
    close(statistics("BatchNorm1d", Mode::Eval), [10.0, 4.0]);
    close(statistics("InstanceNorm1d", Mode::Eval), [10.0, 4.0]);
    let y = tracked("BatchNorm1d", &[2, 1, 4], &x, Mode::Eval).forward().unwrap().outputs.remove(0);
    assert!((y.as_floats().unwrap()[0] + 5.0).abs() < 1e-4, "(0 - 10) / √4 is not {y:?}");
}

#[test]
fn an_empty_batch_moves_nothing() {
    let results = tracked("BatchNorm1d", &[0, 1, 4], &[], Mode::Train).forward().unwrap();
    assert_eq!(results.buffers[0], Tensor::floats(&[1], &[10.0]));
}

#[test]
fn one_value_has_no_variance() {
    let message = |run: Run<f64>| run.forward().unwrap_err().message;
    insta::assert_snapshot!(message(tracked("BatchNorm1d", &[1, 2, 1], &[1.0, 2.0], Mode::Train)), @"in training, the variance of a channel needs more than one value, and [1, 2, 1] has one");
    insta::assert_snapshot!(message(tracked("InstanceNorm1d", &[2, 1, 1], &[1.0, 2.0], Mode::Train)), @"in training, the variance of a channel of an item needs more than one value, and [2, 1, 1] has one");
    assert!(tracked("BatchNorm1d", &[1, 2, 1], &[1.0, 2.0], Mode::Eval).forward().is_ok());
    let groups = |shape: &[usize]| {
        run(named("group_norm").unwrap(), &[("num_groups", int(2))], vec![Tensor::floats(shape, &[1.0; 4])])
    };
    assert!(groups(&[2, 2]).forward().is_ok());
    assert!(groups(&[1, 2, 2]).forward().is_ok());
    let single = run(named("group_norm").unwrap(), &[("num_groups", int(2))], vec![Tensor::floats(&[1, 2], &[1.0; 2])]);
    insta::assert_snapshot!(message(single), @"the variance of a group needs more than one value, and [1, 2] has one");
}

/// The mean must not be lost beside the square of what it is large against.
#[test]
fn a_large_mean_leaves_the_variance() {
    let x: Vec<f32> = (0..4096).map(|index| 10_000.0 + (index % 2) as f32).collect();
    let op =
        build(named("BatchNorm1d").unwrap(), &[("num_features", int(1)), ("affine", Value::Bool(false))], 1).unwrap();
    let statistics = vec![Tensor::floats(&[1], &[0.0]), Tensor::floats(&[1], &[1.0])];
    let run =
        Run { op, inputs: vec![Tensor::floats(&[4096, 1], &x)], slots: vec![], buffers: statistics, mode: Mode::Train };
    let y = run.forward().unwrap().outputs.remove(0);
    assert!((y.as_floats().unwrap()[1] - 1.0).abs() < 1e-3, "{:?}", &y.as_floats().unwrap()[..2]);
}
