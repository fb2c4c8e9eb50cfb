//! Cases of every operator: its attributes and the types of its inputs.

use super::check::check;
use super::harness::{Run, Tensor, build};
use super::stingy::Stingy;
use super::{
    activations, attention, convolution, ctc, distances, elementwise, images, losses, normalization, pooling,
    recurrent, reductions, tables,
};
use crate::ops::*;
use crate::shape::{Dim, Element, TensorType};
use std::sync::Arc;

pub(super) fn int(value: i64) -> Value {
    Value::Int(Dim::from(value))
}

pub(super) fn ints(values: &[i64]) -> Value {
    Value::List(values.iter().copied().map(int).collect())
}

pub(super) fn word(text: &str) -> Value {
    Value::Str(text.into())
}

pub(super) fn float(shape: &[usize]) -> TensorType {
    tensor(Element::Float, shape)
}

pub(super) fn tensor(element: Element, shape: &[usize]) -> TensorType {
    TensorType::new(element, shape.iter().copied().collect::<crate::shape::Shape>())
}

pub(super) type Given = Vec<(&'static str, Value)>;
pub(super) struct Case(pub(super) &'static Def, pub(super) Given, pub(super) Vec<TensorType>);

fn functions() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: Given, inputs: &[TensorType]| {
        cases.push(Case(named(name).unwrap(), given, inputs.to_vec()));
    };
    for name in ["relu", "gelu", "tanh", "sigmoid"] {
        add(name, vec![], &[float(&[3, 4])]);
        add(name, vec![], &[float(&[])]);
        add(name, vec![], &[float(&[0, 2])]);
    }
    add("gelu", vec![("approximate", word("tanh"))], &[float(&[3, 4])]);
    for name in ["softmax", "log_softmax"] {
        add(name, vec![("dim", int(-1))], &[float(&[3, 4])]);
        add(name, vec![("dim", int(1))], &[float(&[2, 3, 4])]);
        add(name, vec![("dim", int(0))], &[float(&[5])]);
        add(name, vec![("dim", int(0))], &[float(&[0, 3])]);
    }
    for (a, b) in [
        (vec![2, 3], vec![3, 4]),
        (vec![3], vec![3]),
        (vec![2, 3], vec![3]),
        (vec![3], vec![2, 3, 4]),
        (vec![5, 2, 3], vec![5, 3, 4]),
        (vec![5, 2, 3], vec![3, 4]),
        (vec![2, 1, 2, 3], vec![4, 3, 2]),
        (vec![2, 3], vec![4, 3, 2]),
        (vec![2, 4, 2, 3], vec![3]),
        (vec![2, 1, 2, 3], vec![1, 4, 3, 2]),
        (vec![2, 0], vec![0, 3]),
        (vec![0, 3], vec![3, 2]),
    ] {
        add("matmul", vec![], &[float(&a), float(&b)]);
    }
    add("reshape", vec![("shape", ints(&[3, -1]))], &[float(&[2, 6])]);
    add("reshape", vec![("shape", ints(&[]))], &[float(&[1])]);
    add("transpose", vec![("dim0", int(0)), ("dim1", int(1))], &[float(&[2, 3])]);
    add("transpose", vec![("dim0", int(1)), ("dim1", int(-2))], &[float(&[2, 3, 4, 5])]);
    for name in ["sum", "mean"] {
        add(name, vec![], &[float(&[2, 3])]);
        add(name, vec![], &[float(&[])]);
        add(name, vec![("dim", ints(&[]))], &[float(&[2, 3])]);
        add(name, vec![("dim", int(1))], &[float(&[2, 3, 4])]);
        add(name, vec![("dim", ints(&[0, -1])), ("keepdim", Value::Bool(true))], &[float(&[2, 3, 4])]);
    }
    add("sum", vec![("dim", int(1))], &[float(&[2, 0, 3])]);
    for reduction in ["mean", "sum", "none"] {
        let shape = float(&[3, 4]);
        add("mse_loss", vec![("reduction", word(reduction))], &[shape.clone(), shape]);
    }
    cases
}

fn cross_entropies() -> Vec<Case> {
    let mut cases = Vec::new();
    let indices = |shape: &[usize]| tensor(Element::Int, shape);
    for reduction in ["mean", "sum", "none"] {
        for smoothing in [0.0, 0.1] {
            for (dim, input, target) in [
                (1, float(&[4, 3]), indices(&[4])),
                (1, float(&[2, 3, 5]), indices(&[2, 5])),
                (-1, float(&[2, 5, 3]), indices(&[2, 5])),
                (1, float(&[3]), indices(&[])),
                (1, float(&[4, 3]), float(&[4, 3])),
                (0, float(&[3, 2]), float(&[3, 2])),
            ] {
                let leaves_out = target.element == Element::Int && target.shape.rank() > 0;
                let given = vec![
                    ("reduction", word(reduction)),
                    ("label_smoothing", Value::Float(smoothing)),
                    ("dim", int(dim)),
                    ("ignore_index", int(if leaves_out { 1 } else { -100 })),
                ];
                let def = named("cross_entropy").unwrap();
                cases.push(Case(def, given.clone(), vec![input.clone(), target.clone()]));
                cases.push(Case(def, given, vec![input, target, float(&[3])]));
            }
        }
    }
    cases
}

fn arithmetic() -> Vec<Case> {
    let mut cases = Vec::new();
    let (int, bool) = (Element::Int, Element::Bool);
    for symbol in ["+", "-", "*", "/", "%", "**"] {
        for (a, b) in [
            (float(&[2, 3]), float(&[2, 3])),
            (float(&[2, 3, 4]), float(&[3, 1])),
            (float(&[4]), float(&[2, 3, 4])),
            (float(&[2, 1, 4]), float(&[3, 1])),
            (float(&[]), float(&[2, 3])),
            (float(&[]), float(&[])),
            (float(&[2, 3]), float(&[1, 1])),
            (float(&[2, 3]), float(&[0, 1, 1])),
            (float(&[2, 3]), tensor(int, &[3])),
            (tensor(int, &[2, 1]), float(&[3])),
        ] {
            cases.push(Case(infix(symbol).unwrap(), vec![], vec![a, b]));
        }
    }
    for symbol in ["+", "-", "*"] {
        cases.push(Case(infix(symbol).unwrap(), vec![], vec![float(&[2, 3]), tensor(bool, &[2, 1])]));
    }
    cases.push(Case(infix("//").unwrap(), vec![], vec![float(&[2, 3]), float(&[3])]));
    cases.push(Case(prefix("-").unwrap(), vec![], vec![float(&[2, 3])]));
    cases
}

fn layers() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: Given, inputs: &[TensorType]| {
        cases.push(Case(named(name).unwrap(), given, inputs.to_vec()));
    };
    for (bias, shape) in [(true, &[3, 4][..]), (false, &[2, 3, 4]), (true, &[4]), (true, &[0, 4])] {
        let given = vec![("in_features", int(4)), ("out_features", int(5)), ("bias", Value::Bool(bias))];
        add("Linear", given, &[float(shape)]);
    }
    for shape in [&[2, 3][..], &[20], &[], &[0]] {
        let given = vec![("num_embeddings", int(5)), ("embedding_dim", int(4))];
        add("Embedding", given, &[tensor(Element::Int, shape)]);
    }
    for (affine, bias) in [(true, true), (true, false), (false, true)] {
        let given = vec![
            ("normalized_shape", ints(&[3, 4])),
            ("elementwise_affine", Value::Bool(affine)),
            ("bias", Value::Bool(bias)),
        ];
        add("LayerNorm", given.clone(), &[float(&[2, 5, 3, 4])]);
        add("LayerNorm", given, &[float(&[3, 4])]);
    }
    add("LayerNorm", vec![("normalized_shape", int(100)), ("eps", Value::Float(0.1))], &[float(&[2, 100])]);
    for p in [0.0, 0.3, 1.0] {
        add("Dropout", vec![("p", Value::Float(p))], &[float(&[5, 4])]);
    }
    add("Flatten", vec![], &[float(&[2, 3, 4])]);
    add("Flatten", vec![("start_dim", int(0)), ("end_dim", int(1))], &[float(&[2, 3, 4])]);
    cases
}

pub(super) fn all() -> Vec<Case> {
    [
        functions(),
        cross_entropies(),
        arithmetic(),
        layers(),
        elementwise::cases(),
        activations::cases(),
        distances::cases(),
        losses::cases(),
        normalization::cases(),
        tables::cases(),
        super::movement::cases(),
        super::indexing::cases(),
        super::creation::cases(),
        super::products::cases(),
        super::positions::cases(),
        super::patches::cases(),
        super::unpooling::cases(),
        recurrent::cases(),
        attention::cases(),
        ctc::cases(),
        convolution::cases(),
        pooling::cases(),
        images::cases(),
        reductions::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Case {
    pub(super) fn new(name: &str, given: &[(&'static str, Value)], inputs: &[TensorType]) -> Self {
        Self(named(name).unwrap(), given.to_vec(), inputs.to_vec())
    }

    /// With numbers for which the operator has a value and a derivative.
    pub(super) fn draw(&self, mode: Mode) -> Run<f64> {
        let Self(def, given, inputs) = self;
        let op = build(def, given, inputs.len()).unwrap();
        let domain = elementwise::domain(def);
        let mut run = Run::draw(op, inputs, mode, domain != elementwise::Domain::All);
        run.inputs.iter_mut().filter_map(Tensor::as_floats_mut).flatten().for_each(|x| *x = domain.bring(*x));
        run
    }
}

#[test]
fn every_case_has_right_gradients() {
    let mut wrong = Vec::new();
    for case in all() {
        for mode in [Mode::Train, Mode::Eval] {
            if let Err(message) = check(&case.draw(mode)) {
                let Case(def, given, inputs) = &case;
                wrong.push(format!("{} {given:?} of {inputs:?}: {message}", def.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is kept costs memory until backward comes, so it must be needed.
#[test]
fn nothing_is_kept_in_vain() {
    let all = all();
    for def in REGISTRY {
        let cases: Vec<_> = all.iter().filter(|Case(other, ..)| other == def).collect();
        for part in [Keeps::input(0), Keeps::input(1), Keeps::input(2), Keeps::OUTPUTS] {
            let mut tried = 0;
            let needed = cases.iter().any(|case| {
                let (mut run, inputs) = (case.draw(Mode::Train), &case.2);
                let keeps = run.op.keeps();
                let less = Keeps { inputs: keeps.inputs & !part.inputs, outputs: keeps.outputs && !part.outputs };
                let present = part.outputs || inputs.len() > part.inputs.trailing_zeros() as usize;
                tried += usize::from(less != keeps && present);
                run.op = Arc::new(Stingy(run.op, less));
                less != keeps && present && fails(&run)
            });
            assert!(needed || tried == 0, "{} keeps {part:?}", def.name);
        }
    }
}

/// What isn't there may be missed by a wrong result or by a panic.
fn fails(run: &Run<f64>) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(run))).map_or(true, |result| result.is_err())
}

#[test]
fn every_operator_has_a_case() {
    let all = all();
    for def in REGISTRY {
        assert!(all.iter().any(|Case(other, ..)| other == def), "{}", def.name);
    }
}

/// The order of the registry is that of completion and of the reference; names must be told apart.
#[test]
fn names_are_unique_and_documented() {
    for (index, def) in REGISTRY.iter().enumerate() {
        let same = |other: &&Def| {
            other.name == def.name && std::mem::discriminant(&other.form) == std::mem::discriminant(&def.form)
        };
        assert!(!REGISTRY[..index].iter().copied().any(|other| same(&other)), "{}", def.name);
        assert!(def.summary.ends_with('.') && !def.examples.is_empty() && !def.formula.is_empty(), "{}", def.name);
        for parameter in def.parameters.iter().chain(def.call()) {
            assert!(parameter.doc.ends_with(['.', '`']), "{} {}", def.name, parameter.name);
        }
        assert!(def.examples.iter().all(|example| example.contains("output ")), "{}", def.name);
    }
}
