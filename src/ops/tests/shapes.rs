//! Shape rules over symbols, and the words of what doesn't fit.

use super::cases::{int, ints};
use super::harness::build;
use super::notation::{function, infer, parse, size, sizes};
use crate::ops::*;
use crate::shape::TensorType;

fn plus(a: &str, b: &str) -> String {
    infer(infix("+").unwrap(), &[], &[a, b])
}

#[test]
fn arithmetic_broadcasts() {
    assert_eq!(plus("[n, 3]", "[n, 3]"), "[n, 3]");
    assert_eq!(plus("[n, 3]", "[3]"), "[n, 3]");
    assert_eq!(plus("[n, 1]", "[1, m]"), "[n, m]");
    assert_eq!(plus("[]", "[n]"), "[n]");
    assert_eq!(plus("[n]", "[m]"), "[n]; requires n == m");
    assert_eq!(plus("[n]", "[10]"), "[10]; requires n == 10");
    assert_eq!(plus("[0, 3]", "[1, 3]"), "[0, 3]");
}

#[test]
fn elements_are_promoted_as_in_pytorch() {
    assert_eq!(plus("int[n]", "[n]"), "[n]");
    assert_eq!(plus("int[n]", "int[n]"), "int[n]");
    assert_eq!(plus("bool[n]", "int[n]"), "int[n]");
    assert_eq!(plus("bool[n]", "[n]"), "[n]");
    assert_eq!(infer(infix("/").unwrap(), &[], &["int[n]", "int[n]"]), "[n]");
    insta::assert_snapshot!(plus("bool[n]", "bool[n]"), @r"
    `+` wants a number among its operands, and gets two bool tensors
      Operand(0): this is bool[n]
      Operand(1): this is bool[n]
      help: `1 * x` makes 0 and 1 of the bool tensor `x`
    ");
}

#[test]
fn what_does_not_broadcast_says_how_it_would() {
    insta::assert_snapshot!(plus("[b, 10]", "[b, 20]"), @r"
    `+` can't broadcast [b, 10] with [b, 20]: their last axes are 10 and 20
      Axis { operand: 1, axis: 1 }: axis 1 of [b, 20] is 20
      Axis { operand: 0, axis: 1 }: axis 1 of [b, 10] is 10
    ");
    insta::assert_snapshot!(plus("[8, 3]", "[8]"), @r"
    `+` can't broadcast [8, 3] with [8]: their last axes are 3 and 8
      Axis { operand: 1, axis: 0 }: axis 0 of [8] is 8
      Axis { operand: 0, axis: 1 }: axis 1 of [8, 3] is 3
      help: shapes are aligned at the end: as [8, 1] the second operand fits
    ");
    insta::assert_snapshot!(plus("[8, 3, 4]", "[5, 4, 3]"), @r"
    `+` can't broadcast [8, 3, 4] with [5, 4, 3]: their last axes are 4 and 3
      Axis { operand: 1, axis: 2 }: axis 2 of [5, 4, 3] is 3
      Axis { operand: 0, axis: 2 }: axis 2 of [8, 3, 4] is 4
    ");
    insta::assert_snapshot!(plus("[8, 3, 4]", "[4, 3]"), @r"
    `+` can't broadcast [8, 3, 4] with [4, 3]: their last axes are 4 and 3
      Axis { operand: 1, axis: 1 }: axis 1 of [4, 3] is 3
      Axis { operand: 0, axis: 2 }: axis 2 of [8, 3, 4] is 4
      help: transposed, as [3, 4], the second operand fits
    ");
    insta::assert_snapshot!(plus("[8, 2, 3]", "[4, 3, 3]"), @r"
    `+` can't broadcast [8, 2, 3] with [4, 3, 3]: their axes -2 are 2 and 3
      Axis { operand: 1, axis: 1 }: axis 1 of [4, 3, 3] is 3
      Axis { operand: 0, axis: 1 }: axis 1 of [8, 2, 3] is 2
    ");
}

#[test]
fn matmul_has_all_cases_of_pytorch() {
    for (a, b, y) in [
        ("[n, k]", "[k, m]", "[n, m]"),
        ("[k]", "[k]", "[]"),
        ("[n, k]", "[k]", "[n]"),
        ("[k]", "[b, k, m]", "[b, m]"),
        ("[b, n, k]", "[b, k, m]", "[b, n, m]"),
        ("[b, 1, n, k]", "[h, k, m]", "[b, h, n, m]"),
        ("[n, k]", "[j, m]", "[n, m]; requires k == j"),
    ] {
        assert_eq!(function("matmul", &[], &[a, b]), y, "{a} {b}");
    }
    insta::assert_snapshot!(function("matmul", &[], &["[n, 64]", "[32, 64]"]), @r"
    `matmul` wants [..., m, k] and [..., k, n], and gets [n, 64] and [32, 64]: k is 64 and 32
      Axis { operand: 1, axis: 0 }: axis 0 of [32, 64] is 32
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 64] is 64
      help: transpose the second operand: as [64, 32] it fits
    ");
    insta::assert_snapshot!(function("matmul", &[], &["[64, n]", "[64, 32]"]), @"[64, 32]; requires n == 64");
    insta::assert_snapshot!(function("matmul", &[], &["[n, 3]", "[4, 5]"]), @r"
    `matmul` wants [..., m, k] and [..., k, n], and gets [n, 3] and [4, 5]: k is 3 and 4
      Axis { operand: 1, axis: 0 }: axis 0 of [4, 5] is 4
      Axis { operand: 0, axis: 1 }: axis 1 of [n, 3] is 3
    ");
    insta::assert_snapshot!(function("matmul", &[], &["[8, n, 3]", "[9, 3, 5]"]), @r"
    `matmul` can't broadcast [8, n, 3] with [9, 3, 5]: their axes -3 are 8 and 9
      Axis { operand: 1, axis: 0 }: axis 0 of [9, 3, 5] is 9
      Axis { operand: 0, axis: 0 }: axis 0 of [8, n, 3] is 8
    ");
    insta::assert_snapshot!(function("matmul", &[], &["[]", "[3]"]), @r"
    `matmul` wants at least one axis, and gets [] and [3]
      Operand(0): this is a scalar
      help: `*` multiplies by a scalar
    ");
    insta::assert_snapshot!(function("matmul", &[], &["[n, 3]", "int[3, 2]"]), @r#"
    `matmul` wants a float tensor, and gets an int tensor
      Operand(1): this is int[3, 2]
      help: `to(x, "float")` makes floats of `x`
    "#);
}

#[test]
fn reshape_divides_exactly() {
    let reshape = |from: &str, to: &[&str]| function("reshape", &[("shape", sizes(to))], &[from]);
    assert_eq!(reshape("[b, t, 12]", &["b", "t", "3", "4"]), "[b, t, 3, 4]");
    assert_eq!(reshape("[b, t, 12]", &["b", "-1"]), "[b, 12*t]");
    assert_eq!(reshape("[b, t]", &["-1"]), "[b*t]");
    assert_eq!(reshape("[1]", &[]), "[]");
    assert_eq!(reshape("int[n, 2]", &["2", "n"]), "int[2, n]");
    assert_eq!(reshape("[n, 3]", &["-1", "2"]), "[((3*n) // 2), 2]; requires 2 divides 3*n");
    assert_eq!(reshape("[n, 6]", &["12"]), "[12]; requires n == 2");
    insta::assert_snapshot!(reshape("[2, 3]", &["4", "-1"]), @r#"
    `reshape` of [2, 3] to [4, -1] would change the number of elements: 4 doesn't divide 6
      Attribute("shape"): its product is 4
      Operand(0): [2, 3] has 6 elements
    "#);
    insta::assert_snapshot!(reshape("[n, 12]", &["n", "3", "5"]), @r#"
    `reshape` of [n, 12] to [n, 3, 5] would change the number of elements: 12*n is not 15*n
      Attribute("shape"): its product is 15*n
      Operand(0): [n, 12] has 12*n elements
      help: [n, 3, 4] has as many elements
    "#);
    insta::assert_snapshot!(reshape("[n, 12]", &["n", "4", "4"]), @r#"
    `reshape` of [n, 12] to [n, 4, 4] would change the number of elements: 12*n is not 16*n
      Attribute("shape"): its product is 16*n
      Operand(0): [n, 12] has 12*n elements
      help: [n, 4, 3] has as many elements
    "#);
    insta::assert_snapshot!(reshape("[0, 3]", &["0", "-1"]), @r#"
    `reshape` can't tell what -1 stands for in [0, -1]: any size would do
      Attribute("shape"): the other sizes have the product 0
    "#);
    insta::assert_snapshot!(reshape("[n, 3]", &["-1", "-1"]), @"shape: only one size of `shape` can be -1");
    insta::assert_snapshot!(reshape("[n, 3]", &["n", "-3"]), @"shape: a size of `shape` must be at least 0, or -1, and is -3");
}

#[test]
fn axes_count_from_both_ends() {
    assert_eq!(function("softmax", &[("dim", int(-2))], &["[n, 3]"]), "[n, 3]");
    assert_eq!(function("transpose", &[("dim0", int(0)), ("dim1", int(-1))], &["[a, b, c]"]), "[c, b, a]");
    insta::assert_snapshot!(function("softmax", &[("dim", int(2))], &["[n, 3]"]), @r#"
    `softmax` along axis 2, which [n, 3] hasn't got
      Attribute("dim"): `dim` is 2
      Operand(0): this is [n, 3]
      help: axes count from 0, or from the end: they are 0 to 1, or -2 to -1
    "#);
    insta::assert_snapshot!(function("softmax", &[("dim", int(1))], &["[n]"]), @r#"
    `softmax` along axis 1, which [n] hasn't got
      Attribute("dim"): `dim` is 1
      Operand(0): this is [n]
      help: axes count from 0, or from the end: the only one is 0, or -1
    "#);
    insta::assert_snapshot!(function("softmax", &[("dim", int(0))], &["[]"]), @r#"
    `softmax` along axis 0, which [] hasn't got
      Attribute("dim"): `dim` is 0
      Operand(0): this is []
      help: axes count from 0, or from the end: a scalar has none
    "#);
    insta::assert_snapshot!(function("softmax", &[("dim", int(0))], &["int[n]"]), @r#"
    `softmax` wants a float tensor, and gets an int tensor
      Operand(0): this is int[n]
      help: `to(x, "float")` makes floats of `x`
    "#);
    insta::assert_snapshot!(function("sum", &[("dim", ints(&[1, -1]))], &["[n, 3]"]), @r#"
    `sum` names axis 1 of [n, 3] twice
      Attribute("dim"): the second time as -1
    "#);
    insta::assert_snapshot!(function("transpose", &[("dim0", int(0)), ("dim1", int(i64::MIN))], &["[n, 3]"]), @r#"
    `transpose` along axis -9223372036854775808, which [n, 3] hasn't got
      Attribute("dim1"): `dim1` is -9223372036854775808
      Operand(0): this is [n, 3]
      help: axes count from 0, or from the end: they are 0 to 1, or -2 to -1
    "#);
}

#[test]
fn sums_drop_axes_or_keep_them() {
    let keep = ("keepdim", Value::Bool(true));
    assert_eq!(function("sum", &[], &["[n, 3]"]), "[]");
    assert_eq!(function("sum", &[("dim", int(0))], &["bool[n, 3]"]), "int[3]");
    assert_eq!(function("mean", &[("dim", ints(&[0, -1])), keep.clone()], &["[a, b, c]"]), "[1, b, 1]");
    assert_eq!(function("mean", &[keep], &["[a, b]"]), "[1, 1]");
    assert_eq!(function("sum", &[("dim", ints(&[]))], &["[a, b]"]), "[]");
}

#[test]
fn losses_do_not_broadcast() {
    let mse = |a: &str, b: &str| function("mse_loss", &[], &[a, b]);
    assert_eq!(mse("[n, 3]", "[m, 3]"), "[]; requires n == m");
    assert_eq!(function("mse_loss", &[("reduction", Value::Str("none".into()))], &["[n]", "[n]"]), "[n]");
    insta::assert_snapshot!(mse("[n, 1]", "[n]"), @r"
    `mse_loss` wants operands of one shape, and gets [n, 1] and [n]
      Operand(1): this has 1 axis
      Operand(0): this has 2 axes
      help: losses don't broadcast: axis 1 of the first operand is a 1 that the second lacks; reshape one to the other's shape
    ");
    insta::assert_snapshot!(mse("[n]", "[n, 1]"), @r"
    `mse_loss` wants operands of one shape, and gets [n] and [n, 1]
      Operand(1): this has 2 axes
      Operand(0): this has 1 axis
      help: losses don't broadcast: axis 1 of the second operand is a 1 that the first lacks; reshape one to the other's shape
    ");
    insta::assert_snapshot!(mse("[n, 3]", "[n, 4]"), @r"
    `mse_loss` wants operands of one shape, and gets [n, 3] and [n, 4]
      Axis { operand: 1, axis: 1 }: axis 1 is 4
      Axis { operand: 0, axis: 1 }: axis 1 is 3
      help: losses don't broadcast: make axis 1 of both the same
    ");
    insta::assert_snapshot!(mse("[n, 3]", "[3]"), @r"
    `mse_loss` wants operands of one shape, and gets [n, 3] and [3]
      Operand(1): this has 1 axis
      Operand(0): this has 2 axes
      help: losses don't broadcast: the second operand has no axis 1
    ");
}

#[test]
fn cross_entropy_knows_its_class_axis() {
    let loss = |dim: i64, inputs: &[&str]| function("cross_entropy", &[("dim", int(dim))], inputs);
    assert_eq!(loss(1, &["[n, c]", "int[n]"]), "[]");
    assert_eq!(loss(1, &["[n, c, t]", "int[n, t]"]), "[]");
    assert_eq!(loss(-1, &["[n, t, c]", "int[n, t]"]), "[]");
    assert_eq!(loss(1, &["[c]", "int[]"]), "[]");
    assert_eq!(loss(1, &["[n, c]", "[n, c]", "[c]"]), "[]");
    assert_eq!(loss(1, &["[n, 10]", "int[n]", "[c]"]), "[]; requires c == 10");
    insta::assert_snapshot!(loss(1, &["[8, 16, 100]", "int[8, 16]"]), @r#"
    `cross_entropy` of [8, 16, 100] wants targets int[8, 100], and gets int[8, 16]
      Axis { operand: 1, axis: 1 }: axis 1 of the target is 16
      Axis { operand: 0, axis: 2 }: axis 2 is 100
      Attribute("dim"): the classes are on axis 1
      help: `dim=-1` says that the classes are on axis 2
    "#);
    insta::assert_snapshot!(loss(1, &["[n, 10]", "int[n, 10]"]), @r"
    `cross_entropy` of [n, 10] wants targets int[n], and gets int[n, 10]
      Operand(1): this has 2 axes
      Operand(0): without axis 1, the classes, this has 1 axis
      help: int targets are numbers of classes, without an axis for them; probabilities are floats
    ");
    insta::assert_snapshot!(loss(1, &["[n, 10]", "int[n, 1]"]), @r"
    `cross_entropy` of [n, 10] wants targets int[n], and gets int[n, 1]
      Operand(1): this has 2 axes
      Operand(0): without axis 1, the classes, this has 1 axis
      help: int targets are numbers of classes, without an axis for them; probabilities are floats
    ");
    insta::assert_snapshot!(loss(1, &["[n, 10]", "[n]"]), @r"
    `cross_entropy` wants operands of one shape, and gets [n, 10] and [n]
      Operand(1): this has 1 axis
      Operand(0): this has 2 axes
      help: float targets are probabilities, [n, 10]; classes are int[n]
    ");
    insta::assert_snapshot!(loss(1, &["[n, 10]", "bool[n]"]), @r"
    `cross_entropy` wants int or float targets, and gets a bool tensor
      Operand(1): this is bool[n]
    ");
    insta::assert_snapshot!(loss(1, &["[n, 10]", "int[n]", "[9]"]), @r"
    `cross_entropy` wants a weight [10], and gets [9]
      Operand(2): this is [9]
      Axis { operand: 0, axis: 1 }: there are 10 classes
    ");
    insta::assert_snapshot!(loss(2, &["[n, 10]", "int[n]"]), @r#"
    `cross_entropy` along axis 2, which [n, 10] hasn't got
      Attribute("dim"): `dim` is 2
      Operand(0): this is [n, 10]
      help: axes count from 0, or from the end: they are 0 to 1, or -2 to -1
    "#);
    insta::assert_snapshot!(loss(1, &["[]", "int[]"]), @r#"
    `cross_entropy` along axis 1, which [] hasn't got
      Attribute("dim"): `dim` is 1
      Operand(0): this is []
      help: axes count from 0, or from the end: a scalar has none
    "#);
    let smoothing = [("label_smoothing", Value::Float(1.5))];
    insta::assert_snapshot!(function("cross_entropy", &smoothing, &["[n, 10]", "int[n]"]), @"label_smoothing: `label_smoothing` must be between 0 and 1, and is 1.5");
}

#[test]
fn layers_check_their_input() {
    let norm = |shape: &[i64], input: &str| function("LayerNorm", &[("normalized_shape", ints(shape))], &[input]);
    assert_eq!(norm(&[4], "[n, 4]"), "[n, 4]");
    assert_eq!(norm(&[4], "[n, m]"), "[n, m]; requires m == 4");
    insta::assert_snapshot!(norm(&[3, 4], "[n, 3, 5]"), @r#"
    `LayerNorm` wants the last axes to be [3, 4], and gets [n, 3, 5]
      Axis { operand: 0, axis: 2 }: axis 2 is 5
      Attribute("normalized_shape"): it wants 4
    "#);
    insta::assert_snapshot!(norm(&[3, 4], "[4]"), @r#"
    `LayerNorm` wants the last axes to be [3, 4], and gets [4]
      Operand(0): this has 1 axis
      Attribute("normalized_shape"): it has 2 axes
    "#);
    insta::assert_snapshot!(norm(&[], "[4]"), @"normalized_shape: `normalized_shape` must name at least one size");
    insta::assert_snapshot!(norm(&[-4], "[4]"), @"normalized_shape: `normalized_shape` can't hold a negative size, and holds -4");
    let embedding = |rows: Value, padding: i64, input: &str| {
        let given = [("num_embeddings", rows), ("embedding_dim", int(3)), ("padding_idx", int(padding))];
        function("Embedding", &given, &[input])
    };
    assert_eq!(embedding(int(5), -5, "int[n]"), "[n, 3]");
    assert_eq!(embedding(Value::Int(size("v")), 0, "int[n]"), "[n, 3]");
    assert_eq!(embedding(Value::Int(size("v")), 7, "int[n]"), "[n, 3]; requires 8 <= v");
    insta::assert_snapshot!(embedding(int(5), 5, "int[n]"), @"padding_idx: `padding_idx` must be one of the 5 rows, and is 5");
    insta::assert_snapshot!(embedding(int(5), 0, "[n]"), @r"
    `Embedding` wants an int tensor, and gets a float tensor
      Operand(0): this is [n]
      help: indices and numbers of classes are declared as ints, `int[n]`
    ");
    insta::assert_snapshot!(embedding(int(-5), 0, "[n]"), @"num_embeddings: `num_embeddings` can't be negative, and is -5");
    insta::assert_snapshot!(function("Dropout", &[("p", Value::Float(2.0))], &["[n]"]), @"p: `p` must be between 0 and 1, and is 2");
    let flatten = |start: i64, end: i64, input: &str| {
        function("Flatten", &[("start_dim", int(start)), ("end_dim", int(end))], &[input])
    };
    assert_eq!(flatten(1, -1, "[n, 3, m]"), "[n, 3*m]");
    assert_eq!(flatten(0, 1, "[n, 3, m]"), "[3*n, m]");
    insta::assert_snapshot!(flatten(2, 1, "[n, 3, m]"), @r#"
    `Flatten` from axis 2 to axis 1 of [n, 3, m]: the first is behind
      Attribute("start_dim"): axis 2
      Attribute("end_dim"): axis 1
    "#);
    insta::assert_snapshot!(flatten(1, -1, "[n]"), @r#"
    `Flatten` along axis 1, which [n] hasn't got
      Attribute("start_dim"): `start_dim` is 1
      Operand(0): this is [n]
      help: axes count from 0, or from the end: the only one is 0, or -1
    "#);
}

#[test]
fn bounds_of_indices_are_told() {
    let bound = |name: &str, given: &[(&str, Value)], operand: usize, inputs: &[&str]| {
        let inputs: Vec<TensorType> = inputs.iter().map(|text| parse(text)).collect();
        build(named(name).unwrap(), given, inputs.len())
            .unwrap()
            .index_bound(operand, &inputs)
            .map(|dim| dim.to_string())
    };
    let given = [("num_embeddings", int(5)), ("embedding_dim", int(3))];
    assert_eq!(bound("Embedding", &given, 0, &["int[n]"]).as_deref(), Some("5"));
    assert_eq!(bound("cross_entropy", &[], 1, &["[n, c]", "int[n]"]).as_deref(), Some("c"));
    assert_eq!(bound("cross_entropy", &[], 0, &["[n, c]", "int[n]"]), None);
    assert_eq!(bound("cross_entropy", &[], 1, &["[n, c]", "[n, c]"]), None);
}
