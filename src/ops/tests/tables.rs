//! Tables, bags, bilinear maps and random masks.

use super::cases::{Case, float, int, tensor, word};
use super::harness::{Data, Run, Tensor, build};
use super::kernels::{result, run};
use super::notation::function;
use crate::ops::*;
use crate::shape::{Element, TensorType};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: &[(&'static str, Value)], inputs: &[TensorType]| {
        cases.push(Case::new(name, given, inputs));
    };
    let indices = |shape: &[usize]| tensor(Element::Int, shape);
    for shape in [&[2, 3][..], &[20], &[], &[0]] {
        add("embedding", &[], &[indices(shape), float(&[5, 4])]);
        add("embedding", &[("padding_idx", int(-1))], &[indices(shape), float(&[50, 1])]);
    }
    let sizes = [("num_embeddings", int(5)), ("embedding_dim", int(4))];
    for mode in ["sum", "mean", "max"] {
        for shape in [&[2, 3][..], &[3, 0], &[0, 3]] {
            add("EmbeddingBag", &[&sizes[..], &[("mode", word(mode))]].concat(), &[indices(shape)]);
            add("embedding_bag", &[("mode", word(mode))], &[indices(shape), float(&[5, 4])]);
        }
    }
    for inputs in [[&[3, 4][..], &[3, 2]], [&[4], &[2]], [&[2, 3, 4], &[2, 3, 2]], [&[0, 4], &[0, 2]]] {
        let inputs = inputs.map(float);
        for bias in [true, false] {
            let sizes = [("in1_features", int(4)), ("in2_features", int(2)), ("out_features", int(3))];
            add("Bilinear", &[&sizes[..], &[("bias", Value::Bool(bias))]].concat(), &inputs);
        }
        let [a, b] = inputs;
        add("bilinear", &[], &[a.clone(), b.clone(), float(&[3, 4, 2])]);
        add("bilinear", &[], &[a, b, float(&[3, 4, 2]), float(&[3])]);
    }
    add("Identity", &[], &[float(&[2, 3])]);
    for p in [0.0, 0.3, 1.0] {
        let p = [("p", Value::Float(p))];
        for (name, shape) in [
            ("Dropout1d", &[2, 3, 4][..]),
            ("Dropout1d", &[3, 4]),
            ("Dropout2d", &[2, 3, 2, 2]),
            ("Dropout2d", &[2, 3, 2]),
            ("Dropout3d", &[2, 3, 2, 1, 2]),
            ("Dropout3d", &[3, 2, 1, 2]),
            ("Dropout3d", &[2, 3, 2, 0, 2]),
            ("AlphaDropout", &[5, 4]),
            ("FeatureAlphaDropout", &[5, 4, 2]),
        ] {
            add(name, &p, &[float(shape)]);
            let twin = match name {
                "AlphaDropout" => "alpha_dropout",
                "FeatureAlphaDropout" => "feature_alpha_dropout",
                _ => &name.to_lowercase(),
            };
            add(twin, &p, &[float(shape)]);
        }
        add("dropout", &p, &[float(&[5, 4])]);
    }
    cases
}

fn floats(data: Data<f64>) -> Vec<f64> {
    let Data::Float(data) = data else { panic!("no floats") };
    data
}

/// The bags of a table whose rows are 0, 10, 20, … and 1, 11, 21, …
fn bags(given: &[(&str, Value)], indices: &[i64], offsets: &[i64]) -> Result<Vec<f64>, DataError> {
    let table: Vec<f64> = (0..5).flat_map(|row| [10.0 * f64::from(row), 1.0 + 10.0 * f64::from(row)]).collect();
    let given = [&[("num_embeddings", int(5)), ("embedding_dim", int(2))], given].concat();
    let inputs = vec![Tensor::ints(&[indices.len()], indices), Tensor::ints(&[offsets.len()], offsets)];
    let mut run = run(named("EmbeddingBag").unwrap(), &given, inputs);
    run.slots = vec![Tensor::floats(&[5, 2], &table)];
    run.forward().map(|mut results| floats(results.outputs.remove(0).data))
}

#[test]
fn bags_end_where_the_next_begins() {
    let mode = |mode: &str| [("mode", word(mode))];
    assert_eq!(bags(&mode("sum"), &[1, 2, 4, 4], &[0, 2]), Ok(vec![30.0, 32.0, 80.0, 82.0]));
    assert_eq!(
        bags(&mode("mean"), &[1, 2, 4, 4], &[0, 1, 1]),
        Ok(vec![10.0, 11.0, 0.0, 0.0, 100.0 / 3.0, 103.0 / 3.0])
    );
    assert_eq!(bags(&mode("max"), &[1, 3, 2], &[0, 0]), Ok(vec![0.0, 0.0, 30.0, 31.0]));
    let last = [("mode", word("sum")), ("include_last_offset", Value::Bool(true))];
    assert_eq!(bags(&last, &[1, 2, 4], &[0, 1, 3]), Ok(vec![10.0, 11.0, 60.0, 62.0]));
    let padded = |mode: &str| [("mode", word(mode)), ("padding_idx", int(-1))];
    assert_eq!(bags(&padded("mean"), &[1, 2, 4, 4], &[0, 3]), Ok(vec![15.0, 16.0, 0.0, 0.0]));
    assert_eq!(bags(&padded("max"), &[4, 1, 4], &[0, 2]), Ok(vec![10.0, 11.0, 0.0, 0.0]));
}

#[test]
fn bags_that_are_none_name_the_place() {
    let message = |indices: &[i64], offsets: &[i64]| {
        let error = bags(&[], indices, offsets).unwrap_err();
        format!("{}: {}", error.operand, error.message)
    };
    insta::assert_snapshot!(message(&[1, 5], &[0]), @"0: index 5 at [1] is not below 5");
    insta::assert_snapshot!(message(&[1, 2], &[1]), @"1: offset 1 at [0] is not 0, where the first bag begins");
    insta::assert_snapshot!(message(&[1, 2, 3], &[0, 2, 1]), @"1: offset 1 at [2] is below the one before, 2");
    insta::assert_snapshot!(message(&[1, 2, 3], &[0, 4]), @"1: offset 4 at [1] is past the end of 3 indices");
}

/// The gradient of a maximum goes to the first row that has it, and that of a row that is left out nowhere.
#[test]
fn a_maximum_sends_its_gradient_to_one_row() {
    let given = [("num_embeddings", int(3)), ("embedding_dim", int(1)), ("mode", word("max"))];
    let mut run = run(named("EmbeddingBag").unwrap(), &given, vec![Tensor::ints(&[1, 3], &[2, 0, 2])]);
    run.slots = vec![Tensor::floats(&[3, 1], &[7.0, 9.0, 7.0])];
    let mut gradients = run.zero_gradients();
    run.backward(&run.forward().unwrap(), &[vec![1.0]], &mut gradients);
    assert_eq!(gradients[1], Some(vec![0.0, 0.0, 1.0]));
}

#[test]
fn bags_have_a_shape() {
    let sizes = [("num_embeddings", int(5)), ("embedding_dim", int(4))];
    let bag =
        |given: &[(&str, Value)], inputs: &[&str]| function("EmbeddingBag", &[&sizes[..], given].concat(), inputs);
    let last = [("include_last_offset", Value::Bool(true))];
    assert_eq!(bag(&[], &["int[b, l]"]), "[b, 4]");
    assert_eq!(bag(&[], &["int[n]", "int[b]"]), "[b, 4]");
    assert_eq!(bag(&last, &["int[n]", "int[b]"]), "[b - 1, 4]");
    assert_eq!(bag(&[("mode", word("sum"))], &["int[n]", "int[b]", "[m]"]), "[b, 4]; requires n == m");
    insta::assert_snapshot!(bag(&[], &["int[n]"]), @r"
    `EmbeddingBag` wants offsets beside int[n], and gets none
      Operand(0): nothing says where its bags begin
      help: int[B, L] is B bags of L indices each; for int[n], `offsets` says where each begins
    ");
    insta::assert_snapshot!(bag(&[], &["int[a, b, c]"]), @r"
    `EmbeddingBag` wants int[B, L], or int[n] with offsets, and gets int[a, b, c]
      Operand(0): this has 3 axes
    ");
    insta::assert_snapshot!(bag(&[], &["int[b, l]", "int[b]"]), @r"
    `EmbeddingBag` wants int[n] beside offsets, and gets int[b, l]
      Operand(0): this has 2 axes
      Operand(1): these are the offsets
    ");
    insta::assert_snapshot!(bag(&[], &["int[n]", "int[b, 2]"]), @r"
    `EmbeddingBag` wants offsets int[B], and gets int[b, 2]
      Operand(1): this has 2 axes
    ");
    insta::assert_snapshot!(bag(&last, &["int[n]", "int[0]"]), @r#"
    `EmbeddingBag` wants the end of the last bag among the offsets, and gets none
      Operand(1): this is int[0]
      Attribute("include_last_offset"): it asks for the end
    "#);
    insta::assert_snapshot!(bag(&[], &["int[n]", "int[b]", "[n]"]), @r#"mode: `per_sample_weights` are factors of a sum, and `mode` is not "sum""#);
    insta::assert_snapshot!(bag(&[("mode", word("sum"))], &["int[9]", "int[b]", "[8]"]), @r"
    `EmbeddingBag` wants a weight for each index, [9], and gets [8]
      Operand(2): this is [8]
      Operand(0): this is int[9]
    ");
    insta::assert_snapshot!(bag(&[], &["[n, l]"]), @r"
    `EmbeddingBag` wants an int tensor, and gets a float tensor
      Operand(0): this is [n, l]
      help: indices and numbers of classes are declared as ints, `int[n]`
    ");
    insta::assert_snapshot!(function("embedding_bag", &[], &["int[b, l]", "[n]"]), @r"
    `embedding_bag` wants a weight [num_embeddings, embedding_dim], and gets [n]
      Operand(1): this has 1 axis
    ");
    insta::assert_snapshot!(function("embedding", &[], &["int[b]", "[n]"]), @r"
    `embedding` wants a weight [num_embeddings, embedding_dim], and gets [n]
      Operand(1): this has 1 axis
    ");
    insta::assert_snapshot!(function("embedding", &[("padding_idx", int(5))], &["int[b]", "[5, 2]"]), @r#"
    `padding_idx` is 5, and there are 5 rows
      Attribute("padding_idx"): it needs 6 rows
    "#);
}

#[test]
fn bilinear_inputs_differ_in_the_last_axis_only() {
    let sizes = [("in1_features", int(4)), ("in2_features", int(2)), ("out_features", int(3))];
    let map = |a: &str, b: &str| function("Bilinear", &sizes, &[a, b]);
    assert_eq!(map("[n, t, 4]", "[m, t, 2]"), "[n, t, 3]; requires n == m");
    insta::assert_snapshot!(map("[n, 4]", "[n, 3]"), @r#"
    `Bilinear` wants 2 features of `input2`, and gets 3
      Axis { operand: 1, axis: 1 }: the last axis of [n, 3] is 3
      Attribute("in2_features"): it wants 2
    "#);
    insta::assert_snapshot!(map("[5, 4]", "[6, 2]"), @r"
    `Bilinear` wants inputs that differ in the last axis only, and gets [5, 4] and [6, 2]
      Axis { operand: 1, axis: 0 }: this is [6, 2]
      Axis { operand: 0, axis: 0 }: this is [5, 4]
    ");
    insta::assert_snapshot!(map("[n, 4]", "[2]"), @r"
    `Bilinear` wants inputs that differ in the last axis only, and gets [n, 4] and [2]
      Operand(1): this is [2]
      Operand(0): this is [n, 4]
    ");
    insta::assert_snapshot!(map("[]", "[2]"), @r"
    `Bilinear` wants at least one axis, and gets a scalar
      Operand(0): this is a scalar
    ");
    insta::assert_snapshot!(function("bilinear", &[], &["[n, 4]", "[n, 3]", "[5, 4, 2]"]), @r"
    `bilinear` wants 2 features of `input2`, and gets 3
      Axis { operand: 1, axis: 1 }: the last axis of [n, 3] is 3
      Axis { operand: 2, axis: 2 }: it wants 2
    ");
    insta::assert_snapshot!(function("bilinear", &[], &["[n, 4]", "[n, 2]", "[4, 2]"]), @r"
    `bilinear` wants a weight [out_features, in1_features, in2_features], and gets [4, 2]
      Operand(2): this has 2 axes
    ");
    insta::assert_snapshot!(function("bilinear", &[], &["[n, 4]", "[n, 2]", "[5, 4, 2]", "[4]"]), @r"
    `bilinear` wants a bias [5], and gets [4]
      Axis { operand: 3, axis: 0 }: axis 0 of the bias is 4
      Axis { operand: 2, axis: 0 }: there are 5 features
    ");
}

fn dropped(name: &str, p: f64, x: Tensor<f64>, mode: Mode) -> Vec<f64> {
    let op = build(named(name).unwrap(), &[("p", Value::Float(p))], 1).unwrap();
    let run = Run { op, inputs: vec![x], slots: vec![], buffers: vec![], mode };
    floats(run.forward().unwrap().outputs.remove(0).data)
}

#[test]
fn dropout_changes_nothing_outside_training() {
    for (name, shape) in [("Dropout", &[3, 4][..]), ("Dropout2d", &[3, 4, 2]), ("alpha_dropout", &[5])] {
        let ones = Tensor::floats(shape, &vec![1.0; shape.iter().product()]);
        assert_eq!(dropped(name, 0.5, ones.clone(), Mode::Eval), ones.as_floats().unwrap().as_slice());
    }
    assert_eq!(dropped("alpha_dropout", 1.0, Tensor::floats(&[2], &[1.0, 2.0]), Mode::Train), [0.0, 0.0]);
    insta::assert_snapshot!(function("Dropout2d", &[], &["[n, 3]"]), @r"
    `Dropout2d` wants 3 or 4 axes, and gets [n, 3]
      Operand(0): this has 2 axes
    ");
    insta::assert_snapshot!(function("dropout", &[("p", Value::Float(-0.5))], &["[n, 3]"]), @"p: `p` must be between 0 and 1, and is -0.5");
}

/// A function whose `training` is off changes nothing in training.
#[test]
fn functions_may_be_out_of_training() {
    let given = [("training", Value::Bool(false))];
    let x = vec![1.0; 100];
    assert_eq!(floats(result(named("dropout").unwrap(), &given, vec![Tensor::floats(&[100], &x)])), x);
}
