//! Functions of single elements and of pairs: what is made of ints and bools, of NaN and of ties. The cases of those of
//! triples and of comparisons too.

use super::cases::{Case, Given, float, int, tensor, word};
use super::harness::{Data, Run, Tensor, build};
use super::notation::function;
use crate::ops::*;
use crate::shape::Element;

/// Where a function has a value and a derivative.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain {
    All,
    AtLeastHalf,
    /// Greater than 1.
    AboveOne,
    /// Between -1 and 1.
    Unit,
    /// Between 0 and 1.
    Probability,
}

impl Domain {
    /// Brings a number into the domain, of at least one half unless the domain is all.
    pub(super) fn bring(self, x: f64) -> f64 {
        match self {
            Self::All | Self::AtLeastHalf => x,
            Self::AboveOne => x + 1.0,
            Self::Unit => (x - 1.2).tanh() * 0.9,
            Self::Probability => x / (1.0 + x),
        }
    }
}

pub(super) fn domain(def: &Def) -> Domain {
    match def.name {
        "/" | "//" | "%" | "**" | "div" | "floor_divide" | "remainder" | "fmod" | "pow" | "log" | "log1p" | "log2"
        | "log10" | "sqrt" | "rsqrt" | "reciprocal" | "batch_norm" | "instance_norm" | "kl_div" | "xlogy"
        | "addcdiv" | "gaussian_nll_loss" => Domain::AtLeastHalf,
        "binary_cross_entropy" | "logit" => Domain::Probability,
        "acosh" => Domain::AboveOne,
        "asin" | "acos" | "atanh" | "tan" => Domain::Unit,
        _ => Domain::All,
    }
}

const OF_NUMBERS: &[&str] = &[
    "exp",
    "expm1",
    "exp2",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "asinh",
    "acosh",
    "atanh",
    "erf",
    "erfc",
    "isnan",
    "isinf",
    "isfinite",
    "logical_not",
];
const OF_INTS: &[&str] = &["square", "abs", "sign", "floor", "ceil", "round", "trunc", "neg"];
pub(super) const RELATIONS: &[&str] = &["==", "!=", "<", "<=", ">", ">="];
const PAIRS: &[&str] = &[
    "add",
    "sub",
    "mul",
    "div",
    "floor_divide",
    "remainder",
    "pow",
    "fmod",
    "maximum",
    "minimum",
    "atan2",
    "hypot",
    "logaddexp",
    "xlogy",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "logical_and",
    "logical_or",
    "logical_xor",
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |def: &'static Def, given: Given, inputs: &[_]| cases.push(Case(def, given, inputs.to_vec()));
    let def = |name: &str| named(name).unwrap();
    let (int_type, bool_type) = (Element::Int, Element::Bool);
    for name in OF_NUMBERS.iter().chain(OF_INTS) {
        for input in [float(&[3, 4]), float(&[]), float(&[0, 2]), tensor(int_type, &[3])] {
            let shifts = ["asin", "acos", "atanh"].contains(name) && input.element == int_type;
            if !shifts {
                add(def(name), vec![], &[input]);
            }
        }
    }
    OF_NUMBERS[..3].iter().for_each(|name| add(def(name), vec![], &[tensor(bool_type, &[3])]));
    add(def("frac"), vec![], &[float(&[3, 4])]);
    add(def("round"), vec![("decimals", int(2))], &[float(&[3, 4])]);
    add(def("round"), vec![("decimals", int(-1))], &[float(&[3, 4])]);
    let broadcast = [
        [float(&[2, 3]), float(&[2, 3])],
        [float(&[2, 3, 4]), float(&[3, 1])],
        [float(&[4]), float(&[2, 3, 4])],
        [float(&[2, 1, 4]), float(&[3, 1])],
        [float(&[]), float(&[2, 3])],
        [float(&[0, 3]), float(&[1, 3])],
        [float(&[2, 3]), tensor(int_type, &[3])],
        [tensor(int_type, &[2, 1]), float(&[3])],
        [tensor(int_type, &[3]), tensor(int_type, &[2, 1])],
    ];
    for inputs in &broadcast {
        PAIRS.iter().for_each(|name| add(def(name), vec![], inputs));
        RELATIONS.iter().for_each(|symbol| add(infix(symbol).unwrap(), vec![], inputs));
        for name in ["add", "sub"] {
            add(def(name), vec![("alpha", Value::Float(-2.5))], inputs);
            add(def(name), vec![("alpha", Value::Float(3.0))], inputs);
        }
        for mode in ["trunc", "floor"] {
            add(def("div"), vec![("rounding_mode", word(mode))], inputs);
        }
        let [a, b] = inputs.clone();
        for condition in [tensor(bool_type, &[3, 1]), tensor(bool_type, &[])] {
            if a.shape.rank() == 2 && b.shape.rank() < 2 {
                continue;
            }
            let fits = condition.shape.rank() == 0 || [&a, &b].iter().any(|side| side.shape.rank() == 3);
            if fits {
                add(def("where"), vec![], &[condition, a.clone(), b.clone()]);
            }
        }
        add(def("lerp"), vec![], &[a.clone(), b.clone(), float(&[])]);
        add(def("clamp"), vec![], &[a.clone(), b.clone()]);
        add(def("clamp"), vec![], &[a.clone(), b.clone(), float(&[])]);
    }
    for name in ["lerp", "addcmul", "addcdiv"] {
        add(def(name), vec![], &[float(&[2, 3]), float(&[3]), float(&[2, 1])]);
        add(def(name), vec![], &[float(&[3]), float(&[]), float(&[2, 0, 1])]);
    }
    add(def("addcmul"), vec![("value", Value::Float(-2.0))], &[float(&[3]), float(&[2, 3]), float(&[])]);
    add(def("addcdiv"), vec![("value", Value::Float(-2.0))], &[float(&[3]), float(&[2, 3]), float(&[])]);
    add(def("addcmul"), vec![], &[tensor(int_type, &[3]), tensor(int_type, &[2, 1]), tensor(int_type, &[])]);
    for shape in [&[3, 4][..], &[], &[0, 2]] {
        add(def("logit"), vec![], &[float(shape)]);
        add(def("logit"), vec![("eps", Value::Float(0.3))], &[float(shape)]);
        add(def("nan_to_num"), vec![], &[float(shape)]);
    }
    add(def("where"), vec![], &[tensor(bool_type, &[2, 3]), float(&[2, 3]), float(&[2, 3])]);
    for symbol in ["and", "or"] {
        add(infix(symbol).unwrap(), vec![], &[tensor(bool_type, &[2, 3]), tensor(bool_type, &[3])]);
    }
    add(prefix("not").unwrap(), vec![], &[tensor(bool_type, &[2, 3])]);
    cases
}

pub(super) fn run(def: &'static Def, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Run<f64> {
    let op = build(def, given, inputs.len()).unwrap();
    Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Train }
}

pub(super) fn result(def: &'static Def, given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Data<f64> {
    run(def, given, inputs).forward().unwrap().outputs.remove(0).data
}

pub(super) fn of(name: &str, inputs: Vec<Tensor<f64>>) -> Data<f64> {
    result(named(name).unwrap(), &[], inputs)
}

pub(super) fn floats(data: &[f64]) -> Tensor<f64> {
    Tensor::floats(&[data.len()], data)
}

pub(super) fn ints(data: &[i64]) -> Tensor<f64> {
    Tensor::ints(&[data.len()], data)
}

pub(super) fn bools(data: &[bool]) -> Tensor<f64> {
    Tensor { shape: vec![data.len()], data: Data::Bool(data.to_vec()) }
}

/// The gradients of the operands, from ones.
fn gradients(name: &str, inputs: Vec<Tensor<f64>>) -> Vec<Vec<f64>> {
    let run = run(named(name).unwrap(), &[], inputs);
    let results = run.forward().unwrap();
    let ones = vec![vec![1.0; results.outputs[0].as_floats().unwrap().len()]];
    let mut gradients = run.zero_gradients();
    run.backward(&results, &ones, &mut gradients);
    gradients.into_iter().map(Option::unwrap).collect()
}

#[test]
fn ints_and_bools_are_floats_where_there_is_no_whole_result() {
    for name in OF_NUMBERS.iter().filter(|name| !["isnan", "isinf", "isfinite", "logical_not"].contains(name)) {
        assert_eq!(function(name, &[], &["int[n]"]), "[n]", "{name}");
        assert_eq!(function(name, &[], &["bool[n]"]), "[n]", "{name}");
    }
    for name in OF_INTS {
        assert_eq!(function(name, &[], &["int[n]"]), "int[n]", "{name}");
    }
    assert_eq!(of("sqrt", vec![ints(&[9, 0])]), Data::Float(vec![3.0, 0.0]));
    assert_eq!(of("exp", vec![bools(&[false])]), Data::Float(vec![1.0]));
    insta::assert_snapshot!(function("abs", &[], &["bool[n]"]), @r"
    `abs` wants a float or int tensor, and gets a bool tensor
      Operand(0): this is bool[n]
      help: `1 * x` makes 0 and 1 of the bool tensor `x`
    ");
    insta::assert_snapshot!(function("neg", &[], &["bool[n]"]), @r"
    `neg` wants a float or int tensor, and gets a bool tensor
      Operand(0): this is bool[n]
      help: `not x` is the other truth value
    ");
    insta::assert_snapshot!(function("frac", &[], &["int[n]"]), @r#"
    `frac` wants a float tensor, and gets an int tensor
      Operand(0): this is int[n]
      help: `to(x, "float")` makes floats of `x`
    "#);
}

#[test]
fn ints_stay_exact() {
    let great = i64::MAX - 1;
    assert_eq!(of("abs", vec![ints(&[-3, 5, i64::MIN])]), Data::Int(vec![3, 5, i64::MIN]));
    assert_eq!(of("sign", vec![ints(&[-3, 0, great])]), Data::Int(vec![-1, 0, 1]));
    assert_eq!(of("floor", vec![ints(&[great])]), Data::Int(vec![great]));
    assert_eq!(of("square", vec![ints(&[-3, 1 << 40])]), Data::Int(vec![9, 0]));
    assert_eq!(of("maximum", vec![ints(&[great, 2]), ints(&[3, 4])]), Data::Int(vec![great, 4]));
    let tens = [("decimals", int(-1))];
    let rounded = result(named("round").unwrap(), &tens, vec![ints(&[15, 25, -15, -14, 7, 0])]);
    assert_eq!(rounded, Data::Int(vec![20, 20, -20, -10, 10, 0]));
    let (a, b) = (ints(&[great]), ints(&[great - 1]));
    assert_eq!(of("gt", vec![a, b]), Data::Bool(vec![true]));
}

#[test]
fn halves_are_rounded_to_even() {
    let x = || floats(&[0.5, 1.5, 2.5, -0.5, -1.5]);
    assert_eq!(of("round", vec![x()]), Data::Float(vec![0.0, 2.0, 2.0, -0.0, -2.0]));
    let given = [("decimals", int(1))];
    assert_eq!(result(named("round").unwrap(), &given, vec![floats(&[1.26, -0.04])]), Data::Float(vec![1.3, -0.0]));
    let given = [("decimals", int(-2))];
    assert_eq!(result(named("round").unwrap(), &given, vec![floats(&[149.0, 150.0])]), Data::Float(vec![100.0, 200.0]));
    assert_eq!(
        function("round", &[("decimals", int(400))], &["[n]"]),
        "decimals: `decimals` must be between -18 and 300, and is 400"
    );
}

#[test]
fn quotients_and_remainders_round_as_they_are_told() {
    let (a, b) = (|| ints(&[7, -7, 7, -7]), || ints(&[2, 2, -2, -2]));
    let div = |mode: &str| result(named("div").unwrap(), &[("rounding_mode", word(mode))], vec![a(), b()]);
    assert_eq!(div("trunc"), Data::Int(vec![3, -3, -3, 3]));
    assert_eq!(div("floor"), Data::Int(vec![3, -4, -4, 3]));
    assert_eq!(of("fmod", vec![a(), b()]), Data::Int(vec![1, -1, 1, -1]));
    assert_eq!(of("remainder", vec![a(), b()]), Data::Int(vec![1, 1, -1, -1]));
    assert_eq!(of("div", vec![a(), b()]), Data::Float(vec![3.5, -3.5, -3.5, 3.5]));
    let trunc = [("rounding_mode", word("trunc"))];
    let x = vec![floats(&[-7.5, 7.5]), floats(&[2.0, 2.0])];
    assert_eq!(result(named("div").unwrap(), &trunc, x), Data::Float(vec![-3.0, 3.0]));
    let error = run(named("fmod").unwrap(), &[], vec![ints(&[1, 2]), ints(&[1, 0])]).forward().unwrap_err();
    assert_eq!((error.operand, &*error.message), (1, "int divided by 0 at [1]"));
}

#[test]
fn a_factor_of_ints_may_make_floats() {
    let add =
        |alpha: f64| result(named("add").unwrap(), &[("alpha", Value::Float(alpha))], vec![ints(&[1]), ints(&[3])]);
    assert_eq!(add(2.0), Data::Int(vec![7]));
    assert_eq!(add(0.5), Data::Float(vec![2.5]));
}

#[test]
fn nan_goes_through() {
    let nan = f64::NAN;
    for name in ["maximum", "minimum"] {
        let Data::Float(y) = of(name, vec![floats(&[nan, 1.0]), floats(&[1.0, nan])]) else { panic!("no floats") };
        assert!(y.iter().all(|y| y.is_nan()), "{name}");
    }
    let Data::Float(y) = of("clamp", vec![floats(&[nan]), floats(&[0.0]), floats(&[1.0])]) else { panic!("no floats") };
    assert!(y[0].is_nan());
    let x = || floats(&[nan, f64::INFINITY, f64::NEG_INFINITY, 0.0]);
    assert_eq!(of("isnan", vec![x()]), Data::Bool(vec![true, false, false, false]));
    assert_eq!(of("isinf", vec![x()]), Data::Bool(vec![false, true, true, false]));
    assert_eq!(of("isfinite", vec![x()]), Data::Bool(vec![false, false, false, true]));
    assert_eq!(of("logical_not", vec![x()]), Data::Bool(vec![false, false, false, true]));
    assert_eq!(of("sign", vec![x()]), Data::Float(vec![0.0, 1.0, -1.0, 0.0]));
    assert_eq!(of("eq", vec![x(), x()]), Data::Bool(vec![false, true, true, true]));
    assert_eq!(of("ne", vec![x(), x()]), Data::Bool(vec![true, false, false, false]));
    assert_eq!(of("logical_and", vec![x(), bools(&[true; 4])]), Data::Bool(vec![true, true, true, false]));
}

#[test]
fn equal_operands_share_the_gradient_as_in_pytorch() {
    for name in ["maximum", "minimum"] {
        let half = gradients(name, vec![floats(&[1.0]), floats(&[1.0])]);
        assert_eq!(half, [[0.5], [0.5]], "{name}");
    }
    let [x, min, max] = &gradients("clamp", vec![floats(&[0.0, 1.0, 2.0]), floats(&[0.0; 3]), floats(&[1.0; 3])])[..]
    else {
        panic!("three gradients")
    };
    assert_eq!((&**x, &**min, &**max), (&[1.0, 1.0, 0.0][..], &[0.0; 3][..], &[0.0, 0.0, 1.0][..]));
    let crossed = gradients("clamp", vec![floats(&[0.0, 3.0]), floats(&[2.0; 2]), floats(&[1.0; 2])]);
    assert_eq!(crossed, [[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]);
    assert_eq!(gradients("abs", vec![floats(&[0.0, -2.0])]), [[0.0, -1.0]]);
}
