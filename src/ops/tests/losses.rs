//! The losses beside `mse_loss` and `cross_entropy`.

use super::cases::{Case, float, int, tensor, word};
use super::harness::{Data, Run, Tensor};
use super::kernels::{error, result, run};
use super::notation::function;
use crate::ops::*;
use crate::shape::{Element, TensorType};

/// Losses of single elements with two float operands.
const OF_TWO: &[&str] = &[
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "kl_div",
    "poisson_nll_loss",
    "hinge_embedding_loss",
    "soft_margin_loss",
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: &[(&'static str, Value)], inputs: &[TensorType]| {
        cases.push(Case::new(name, given, inputs));
    };
    let floats = |shapes: &[&[usize]]| shapes.iter().map(|shape| float(shape)).collect::<Vec<_>>();
    let flag = |name, value| (name, Value::Bool(value));
    let number = |name, value| (name, Value::Float(value));
    for reduction in ["mean", "sum", "none"] {
        let reduction = ("reduction", word(reduction));
        let of = |given: &[(&'static str, Value)]| [given, std::slice::from_ref(&reduction)].concat();
        for name in OF_TWO {
            add(name, &of(&[]), &floats(&[&[2, 3, 4], &[2, 3, 4]]));
            add(name, &of(&[]), &floats(&[&[], &[]]));
        }
        add("smooth_l1_loss", &of(&[number("beta", 0.3)]), &floats(&[&[3, 4], &[3, 4]]));
        add("smooth_l1_loss", &of(&[number("beta", 0.0)]), &floats(&[&[3, 4], &[3, 4]]));
        add("huber_loss", &of(&[number("delta", 0.3)]), &floats(&[&[3, 4], &[3, 4]]));
        for name in ["binary_cross_entropy", "binary_cross_entropy_with_logits"] {
            for weight in [&[3, 4][..], &[3, 1], &[4], &[]] {
                add(name, &of(&[]), &floats(&[&[3, 4], &[3, 4], weight]));
            }
        }
        for (weight, positive) in [(&[3, 1][..], &[4][..]), (&[], &[3, 4])] {
            add("binary_cross_entropy_with_logits", &of(&[]), &floats(&[&[3, 4], &[3, 4], weight, positive]));
        }
        for name in ["hinge_embedding_loss", "soft_margin_loss", "poisson_nll_loss"] {
            add(name, &of(&[]), &[float(&[3, 4]), tensor(Element::Int, &[3, 4])]);
        }
        for (log_input, full) in [(true, true), (false, false), (false, true)] {
            let given = of(&[flag("log_input", log_input), flag("full", full), number("eps", 5.0)]);
            add("poisson_nll_loss", &given, &floats(&[&[3, 4], &[3, 4]]));
        }
        for full in [true, false] {
            for variance in [&[3, 4][..], &[3, 1], &[3]] {
                add("gaussian_nll_loss", &of(&[flag("full", full)]), &floats(&[&[3, 4], &[3, 4], variance]));
            }
        }
        for margin in [0.0, 0.7, 3.0] {
            let margin = of(&[number("margin", margin)]);
            add("margin_ranking_loss", &margin, &floats(&[&[3, 4], &[3, 4], &[3, 4]]));
            add("margin_ranking_loss", &margin, &[float(&[5]), float(&[5]), tensor(Element::Int, &[5])]);
        }
        for shape in [&[3, 4][..], &[2, 3, 4], &[4]] {
            add("multilabel_soft_margin_loss", &of(&[]), &floats(&[shape, shape]));
            add("multilabel_soft_margin_loss", &of(&[]), &floats(&[shape, shape, &[4]]));
        }
        let ints = |shape: &[usize]| tensor(Element::Int, shape);
        for (dim, input, target) in
            [(1, &[4, 3][..], &[4][..]), (1, &[2, 3, 5], &[2, 5]), (-1, &[2, 5, 3], &[2, 5]), (1, &[3], &[])]
        {
            let ignored = if target.is_empty() { -100 } else { 1 };
            let given = of(&[("dim", int(dim)), ("ignore_index", int(ignored))]);
            add("nll_loss", &given, &[float(input), ints(target)]);
            add("nll_loss", &given, &[float(input), ints(target), float(&[3])]);
        }
        for p in [1, 2] {
            for (input, target) in [(&[4, 3][..], &[4][..]), (&[3], &[])] {
                let given = of(&[("p", int(p)), number("margin", 0.7)]);
                add("multi_margin_loss", &given, &[float(input), ints(target)]);
                add("multi_margin_loss", &given, &[float(input), ints(target), float(&[3])]);
            }
        }
        for shape in [&[4, 3][..], &[3]] {
            add("multilabel_margin_loss", &of(&[]), &[float(shape), ints(shape)]);
        }
        for p in [1.0, 2.0, 3.0] {
            for swap in [true, false] {
                let given = of(&[number("p", p), flag("swap", swap), number("margin", 1.0), number("eps", 0.1)]);
                add("triplet_margin_loss", &given, &floats(&[&[5, 4], &[5, 4], &[5, 4]]));
                add("triplet_margin_loss", &given, &floats(&[&[4], &[4], &[4]]));
            }
        }
        // A drawn int is 1 to 5, and what isn't 1 has no loss.
        add("cosine_embedding_loss", &of(&[]), &[float(&[20, 4]), float(&[20, 4]), ints(&[20])]);
    }
    for log_target in [true, false] {
        for shape in [&[3, 4][..], &[]] {
            let given = [("reduction", word("batchmean")), ("log_target", Value::Bool(log_target))];
            add("kl_div", &given, &floats(&[shape, shape]));
        }
    }
    cases
}

fn floats(data: Data<f64>) -> Vec<f64> {
    let Data::Float(data) = data else { panic!("no floats") };
    data
}

fn numbers(data: &[f64]) -> Tensor<f64> {
    Tensor::floats(&[data.len()], data)
}

fn loss(name: &str, given: &[(&'static str, Value)], inputs: Vec<Tensor<f64>>) -> Vec<f64> {
    floats(result(named(name).unwrap(), given, inputs))
}

const NONE: fn() -> (&'static str, Value) = || ("reduction", word("none"));

#[test]
fn losses_check_their_shapes() {
    for name in OF_TWO {
        let found = function(name, &[], &["[n, 3]", "[n, 4]"]);
        assert!(found.contains("losses don't broadcast: make axis 1 of both the same"), "{name}: {found}");
        let found = function(name, &[], &["[n, 1]", "[n]"]);
        assert!(found.contains("losses don't broadcast: axis 1 of the first operand is a 1"), "{name}: {found}");
        assert_eq!(function(name, &[NONE()], &["[n, 3]", "[m, 3]"]), "[n, 3]; requires n == m");
    }
    insta::assert_snapshot!(function("margin_ranking_loss", &[], &["[n]", "[n]", "[n, 1]"]), @r"
    `margin_ranking_loss` wants operands of one shape, and gets [n] and [n, 1]
      Operand(2): this has 2 axes
      Operand(0): this has 1 axis
      help: losses don't broadcast: axis 1 of the third operand is a 1 that the first lacks; reshape one to the other's shape
    ");
    insta::assert_snapshot!(function("l1_loss", &[], &["[n]", "int[n]"]), @r"
    `l1_loss` wants a float tensor, and gets an int tensor
      Operand(1): this is int[n]
      help: `1.0 * x` makes floats of the int tensor `x`
    ");
    let bce = |weight: &str| function("binary_cross_entropy", &[NONE()], &["[n, 3]", "[n, 3]", weight]);
    assert_eq!(bce("[m, 1]"), "[n, 3]; requires n == m");
    insta::assert_snapshot!(bce("[2, 1, 3]"), @r"
    `binary_cross_entropy` wants a weight that broadcasts to [n, 3], and gets [2, 1, 3]
      Operand(2): this is [2, 1, 3]
      Operand(0): this is [n, 3]
    ");
    insta::assert_snapshot!(bce("[4]"), @r"
    `binary_cross_entropy` wants a weight that broadcasts to [n, 3], and gets [4]
      Operand(2): this is [4]
      Operand(0): this is [n, 3]
    ");
    let gaussian = |var: &str| function("gaussian_nll_loss", &[NONE()], &["[n, 3]", "[n, 3]", var]);
    assert_eq!(gaussian("[n]"), "[n, 3]");
    assert_eq!(gaussian("[m, 1]"), "[n, 3]; requires n == m");
    insta::assert_snapshot!(gaussian("[n, 2]"), @r"
    `gaussian_nll_loss` wants one variance for each element or row of [n, 3], and gets [n, 2]
      Operand(2): this is [n, 2]
      Operand(0): this is [n, 3]
    ");
    insta::assert_snapshot!(gaussian("[]"), @r"
    `gaussian_nll_loss` wants one variance for each element or row of [n, 3], and gets []
      Operand(2): this is []
      Operand(0): this is [n, 3]
    ");
    assert_eq!(function("multilabel_soft_margin_loss", &[NONE()], &["[n, t, c]", "int[n, t, c]"]), "[n, t]");
    insta::assert_snapshot!(function("multilabel_soft_margin_loss", &[], &["[]", "[]"]), @r"
    `multilabel_soft_margin_loss` wants at least one axis, and gets a scalar
      Operand(0): this is a scalar
    ");
}

#[test]
fn losses_of_vectors_and_classes_check_their_shapes() {
    let nll = |dim: i64, inputs: &[&str]| function("nll_loss", &[("dim", int(dim))], inputs);
    assert_eq!(nll(1, &["[n, c, t]", "int[n, t]"]), "[]");
    assert_eq!(nll(1, &["[n, c, t]", "int[n, t]", "[d]"]), "[]; requires c == d");
    insta::assert_snapshot!(nll(1, &["[8, 16, 100]", "int[8, 16]"]), @r#"
    `nll_loss` of [8, 16, 100] wants targets int[8, 100], and gets int[8, 16]
      Axis { operand: 1, axis: 1 }: axis 1 of the target is 16
      Axis { operand: 0, axis: 2 }: axis 2 is 100
      Attribute("dim"): the classes are on axis 1
      help: `dim=-1` says that the classes are on axis 2
    "#);
    insta::assert_snapshot!(nll(1, &["[n, 5]", "[n, 5]"]), @r"
    `nll_loss` wants an int tensor, and gets a float tensor
      Operand(1): this is [n, 5]
      help: indices and numbers of classes are declared as ints, `int[n]`
    ");
    insta::assert_snapshot!(nll(1, &["[n, 5]", "int[n, 5]"]), @r"
    `nll_loss` of [n, 5] wants targets int[n], and gets int[n, 5]
      Operand(1): this has 2 axes
      Operand(0): without axis 1, the classes, this has 1 axis
      help: targets are numbers of classes, without an axis for them
    ");
    insta::assert_snapshot!(function("multi_margin_loss", &[], &["[n, 5, 2]", "int[n]"]), @r"
    `multi_margin_loss` wants [N, C] or [C], and gets [n, 5, 2]
      Operand(0): this has 3 axes
    ");
    insta::assert_snapshot!(function("multi_margin_loss", &[], &["[6, 5]", "int[5]"]), @r"
    `multi_margin_loss` of [6, 5] wants targets int[6], and gets int[5]
      Axis { operand: 1, axis: 0 }: axis 0 of the target is 5
      Axis { operand: 0, axis: 0 }: axis 0 is 6
    ");
    insta::assert_snapshot!(function("multi_margin_loss", &[("p", int(3))], &["[n, 5]", "int[n]"]), @"p: `p` must be 1 or 2, and is 3");
    insta::assert_snapshot!(function("multi_margin_loss", &[], &["[n, 5]", "int[n]", "[4]"]), @r"
    `multi_margin_loss` wants a weight [5], and gets [4]
      Operand(2): this is [4]
      Axis { operand: 0, axis: 1 }: there are 5 classes
    ");
    insta::assert_snapshot!(function("multilabel_margin_loss", &[], &["[n, 5]", "int[n]"]), @r"
    `multilabel_margin_loss` wants operands of one shape, and gets [n, 5] and [n]
      Operand(1): this has 1 axis
      Operand(0): this has 2 axes
      help: losses don't broadcast: the second operand has no axis 1
    ");
    assert_eq!(function("cosine_embedding_loss", &[NONE()], &["[n, d]", "[n, d]", "int[m]"]), "[n]; requires n == m");
    insta::assert_snapshot!(function("cosine_embedding_loss", &[], &["[n, d]", "[n, d]", "int[n, 1]"]), @r"
    `cosine_embedding_loss` of [n, d] wants targets [n], and gets int[n, 1]
      Operand(2): this is int[n, 1]
      Operand(0): this is [n, d]
    ");
    insta::assert_snapshot!(function("cosine_embedding_loss", &[], &["[n, t, d]", "[n, t, d]", "int[n]"]), @r"
    `cosine_embedding_loss` wants [N, D] or [D], and gets [n, t, d]
      Operand(0): this has 3 axes
    ");
    assert_eq!(
        function("triplet_margin_loss", &[NONE()], &["[n, d]", "[m, d]", "[n, e]"]),
        "[n]; requires n == m; requires d == e"
    );
    insta::assert_snapshot!(function("triplet_margin_loss", &[], &["[n, 3]", "[n, 3]", "[n, 4]"]), @r"
    `triplet_margin_loss` wants operands of one shape, and gets [n, 3] and [n, 4]
      Axis { operand: 2, axis: 1 }: axis 1 is 4
      Axis { operand: 0, axis: 1 }: axis 1 is 3
      help: losses don't broadcast: make axis 1 of both the same
    ");
    insta::assert_snapshot!(function("smooth_l1_loss", &[("beta", Value::Float(-1.0))], &["[n]", "[n]"]), @"beta: `beta` can't be negative, and is -1");
    insta::assert_snapshot!(function("huber_loss", &[("delta", Value::Float(0.0))], &["[n]", "[n]"]), @"delta: `delta` must be above 0, and is 0");
    insta::assert_snapshot!(function("gaussian_nll_loss", &[("eps", Value::Float(0.0))], &["[n]", "[n]", "[n]"]), @"eps: `eps` must be above 0, and is 0");
}

#[test]
fn what_has_no_loss_names_the_place() {
    let message = |name: &str, inputs: Vec<Tensor<f64>>| {
        let found = error(named(name).unwrap(), &[], inputs);
        format!("{}: {}", found.operand, found.message)
    };
    let two = |data: &[f64]| Tensor::floats(&[1, 2], data);
    insta::assert_snapshot!(message("binary_cross_entropy", vec![two(&[0.5, 1.5]), two(&[0.0, 1.0])]), @"0: 1.5 at [0, 1] is not between 0 and 1");
    insta::assert_snapshot!(message("binary_cross_entropy", vec![two(&[f64::NAN, 0.5]), two(&[0.0, 1.0])]), @"0: NaN at [0, 0] is not between 0 and 1");
    insta::assert_snapshot!(message("gaussian_nll_loss", vec![two(&[0.5, 1.5]), two(&[0.0, 1.0]), numbers(&[-0.5])]), @"2: -0.5 at [0] is negative, which no variance is");
    insta::assert_snapshot!(message("nll_loss", vec![two(&[0.5, 1.5]), Tensor::ints(&[1], &[2])]), @"1: class 2 at [0] is not below 2, the number of classes");
    insta::assert_snapshot!(message("multi_margin_loss", vec![two(&[0.5, 1.5]), Tensor::ints(&[1], &[-1])]), @"1: class -1 at [0] is negative");
    insta::assert_snapshot!(message("multilabel_margin_loss", vec![two(&[0.5, 1.5]), Tensor::ints(&[1, 2], &[1, 2])]), @"1: class 2 at [0, 1] is not below 2, the number of classes");
}

#[test]
fn great_scores_have_finite_losses() {
    let logits = loss("binary_cross_entropy_with_logits", &[NONE()], vec![numbers(&[1e4, -1e4]), numbers(&[0.0, 0.0])]);
    assert_eq!(logits, [1e4, 0.0]);
    let sure = loss("binary_cross_entropy", &[NONE()], vec![numbers(&[0.0, 1.0]), numbers(&[1.0, 1.0])]);
    assert_eq!(sure, [100.0, 0.0]);
    assert_eq!(loss("soft_margin_loss", &[NONE()], vec![numbers(&[-1e4]), numbers(&[1.0])]), [1e4]);
    assert_eq!(loss("kl_div", &[NONE()], vec![numbers(&[-1.0]), numbers(&[0.0])]), [0.0]);
}

#[test]
fn nan_stays() {
    let nan = || numbers(&[f64::NAN]);
    for name in OF_TWO.iter().filter(|name| **name != "binary_cross_entropy") {
        let y = loss(name, &[], vec![nan(), numbers(&[-1.0])]);
        assert!(y[0].is_nan(), "{name}: {y:?}");
    }
    let one = || numbers(&[1.0]);
    assert!(loss("margin_ranking_loss", &[], vec![nan(), one(), one()])[0].is_nan());
    assert!(loss("gaussian_nll_loss", &[], vec![one(), one(), nan()])[0].is_nan());
    assert!(loss("triplet_margin_loss", &[], vec![nan(), one(), one()])[0].is_nan());
    assert!(loss("cosine_embedding_loss", &[], vec![nan(), one(), Tensor::ints(&[], &[-1])])[0].is_nan());
}

/// The mean of nothing is NaN, its sum 0.
#[test]
fn losses_of_nothing() {
    for name in OF_TWO {
        assert!(loss(name, &[], vec![numbers(&[]), numbers(&[])])[0].is_nan(), "{name}");
        assert_eq!(loss(name, &[("reduction", word("sum"))], vec![numbers(&[]), numbers(&[])]), [0.0], "{name}");
        assert_eq!(loss(name, &[NONE()], vec![numbers(&[]), numbers(&[])]), [0.0; 0], "{name}");
    }
    let ignored = vec![Tensor::floats(&[1, 2], &[0.0, 1.0]), Tensor::ints(&[1], &[-100])];
    assert!(loss("nll_loss", &[], ignored.clone())[0].is_nan());
    assert_eq!(loss("nll_loss", &[NONE()], ignored), [0.0]);
}

/// Of all inputs, for gradients of ones.
fn gradients(run: &Run<f64>) -> Vec<Option<Vec<f64>>> {
    let results = run.forward().unwrap();
    let mut gradients = run.zero_gradients();
    run.backward(&results, &[vec![1.0; results.outputs[0].as_floats().unwrap().len()]], &mut gradients);
    gradients
}

/// PyTorch has a derivative at the edge of a hinge, and none of `|x|` at 0; variances that are too small have one.
#[test]
fn derivatives_at_edges_are_those_of_pytorch() {
    let at = |name: &str, inputs: Vec<Tensor<f64>>| gradients(&run(named(name).unwrap(), &[NONE()], inputs));
    assert_eq!(at("l1_loss", vec![numbers(&[1.0]), numbers(&[1.0])])[0], Some(vec![0.0]));
    let ranking = at("margin_ranking_loss", vec![numbers(&[2.0]), numbers(&[2.0]), numbers(&[1.0])]);
    assert_eq!(ranking[..2], [Some(vec![-1.0]), Some(vec![1.0])]);
    let hinge = at("hinge_embedding_loss", vec![numbers(&[1.0, 1.0, 0.5]), Tensor::ints(&[3], &[-1, 1, 0])]);
    assert_eq!(hinge[0], Some(vec![-1.0, 1.0, 0.0]));
    let gaussian = at("gaussian_nll_loss", vec![numbers(&[1.0]), numbers(&[1.0]), numbers(&[0.0])]);
    assert_eq!(gaussian[2], Some(vec![0.5e6]));
    let zeros = || Tensor::floats(&[1, 2], &[0.0, 0.0]);
    let triplet = at("triplet_margin_loss", vec![zeros(), zeros(), zeros()]);
    assert!(triplet.iter().flatten().flatten().all(|x| x.is_finite()), "{triplet:?}");
}

#[test]
fn targets_end_at_the_first_negative_one() {
    let x = || Tensor::floats(&[1, 4], &[0.1, 0.2, 0.4, 0.8]);
    let of = |targets: &[i64]| loss("multilabel_margin_loss", &[], vec![x(), Tensor::ints(&[1, 4], targets)])[0];
    // The example of PyTorch's reference.
    assert!((of(&[3, 0, -1, 1]) - 0.85).abs() < 1e-12);
    assert_eq!(of(&[-1, 0, 1, 2]), 0.0);
}

/// As in PyTorch, which says so when the loss is computed.
#[test]
fn probabilities_leave_no_class_out() {
    let inputs = ["[n, 3]", "[n, 3]"];
    insta::assert_snapshot!(function("cross_entropy", &[("ignore_index", int(1))], &inputs), @r#"
    `cross_entropy` leaves class 1 out, and gets probabilities
      Attribute("ignore_index"): it is 1
      Operand(1): this is [n, 3], so no element is a class
      help: a `weight` that is 0 at 1 makes that class count nothing
    "#);
    assert_eq!(function("cross_entropy", &[("ignore_index", int(-1))], &inputs), "[]");
}
