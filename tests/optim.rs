//! Optimizers and schedules against PyTorch's; `tests/reference/optim/make_optim.py` made the values. Optimizers and their
//! arguments stand there as in the train block of a file, and are read from it.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

use std::collections::BTreeSet;
use std::path::Path;
use wnet::diag::Diagnostics;
use wnet::ops::Value;
use wnet::optim::{self, OPTIMIZERS, Optimizer, Part, SCHEDULES, Schedule, SetupError, Step, Stepped};
use wnet::shape::Dim;
use wnet::span::SourceMap;
use wnet::syntax::ast::{Expr, ExprKind, Item, Unary};
use wnet::weights::{self, Contents, Elements};

/// The steps after which values are stored.
const STEPS: [u64; 4] = [1, 2, 7, 20];

/// `Name(argument=value)` as it stands in a train block.
fn read(text: &str) -> (String, Vec<(Option<String>, Value)>) {
    let mut map = SourceMap::new();
    map.add("train", format!("train {{ optimizer = {text} }}")).unwrap();
    let mut diagnostics = Diagnostics::new();
    let file = wnet::syntax::parse(&map.files()[0], &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{text}");
    let Item::Train(train) = &file.items[0] else { panic!("{text}") };
    let ExprKind::Call(call) = &train.fields[0].value.kind else { panic!("{text}") };
    let ExprKind::Name(name) = &call.callee.kind else { panic!("{text}") };
    let arguments = call.arguments.iter().map(|argument| {
        let name = argument.name.as_ref().map(|name| name.text.clone());
        (name, value(&argument.value))
    });
    (name.clone(), arguments.collect())
}

fn value(expr: &Expr) -> Value {
    match &expr.kind {
        ExprKind::Int(value) => Value::Int(Dim::from(*value)),
        ExprKind::Float(value) => Value::Float(*value),
        ExprKind::Bool(value) => Value::Bool(*value),
        ExprKind::Str(text) => Value::Str(text.as_str().into()),
        ExprKind::None => Value::None,
        ExprKind::List(items) => Value::List(items.iter().map(value).collect()),
        ExprKind::Unary(Unary::Negate, operand) => match value(operand) {
            Value::Float(value) => Value::Float(-value),
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    }
}

fn optimizer(text: &str) -> Result<Box<dyn Optimizer>, SetupError> {
    let (name, arguments) = read(text);
    let arguments: Vec<_> = arguments.iter().map(|(name, value)| (name.as_deref(), value.clone())).collect();
    optim::optimizer(&name, &arguments)
}

fn schedule(text: &str) -> Result<Box<dyn Schedule>, SetupError> {
    let (name, arguments) = read(text);
    let arguments: Vec<_> = arguments.iter().map(|(name, value)| (name.as_deref(), value.clone())).collect();
    optim::schedule(&name, &arguments)
}

fn stored(file: &str) -> Contents {
    weights::read(&Path::new("tests/reference/optim").join(file)).unwrap()
}

fn floats(contents: &Contents, key: &str) -> (Vec<usize>, Vec<f64>) {
    let array = &contents.arrays[key];
    let elements = match &array.elements {
        Elements::F32(elements) => elements.iter().map(|x| f64::from(*x)).collect(),
        Elements::F64(elements) => elements.clone(),
        _ => panic!("{key}"),
    };
    (array.shape.clone(), elements)
}

/// A storage with its gradients and states, stepped in parts of this many elements.
fn follow<T: Stepped>(
    rule: &mut dyn Optimizer,
    shape: &[usize],
    start: &[f64],
    grads: &[f64],
    part: usize,
) -> Vec<Vec<f64>> {
    let real = |values: &[f64]| values.iter().map(|x| T::from_f64(*x)).collect::<Vec<T>>();
    let mut param = real(start);
    let specs = rule.states(shape);
    assert!(specs.len() <= optim::MAX_STATES);
    let mut states: [Vec<T>; 3] = std::array::from_fn(|index| {
        specs.get(index).map(|spec| vec![T::from_f64(spec.start); spec.len()]).unwrap_or_default()
    });
    let part = if rule.by_element() { part } else { start.len() };
    let mut seen = Vec::new();
    for number in 1..=STEPS[3] {
        let size = start.len();
        let grad = real(&grads[(number as usize - 1) * size..number as usize * size]);
        let factors = rule.begin(Step::new(number, rule.lr()));
        for (index, (param, grad)) in param.chunks_mut(part).zip(grad.chunks(part)).enumerate() {
            let states = states.each_mut().map(|state| state.chunks_mut(part).nth(index).unwrap_or_default());
            T::update(rule, &factors, Part { shape, param, grad, states });
        }
        if STEPS.contains(&number) {
            seen.push(param.iter().map(|x| x.to_f64()).collect());
        }
    }
    seen
}

fn compare<T: Stepped>(text: &str, all: &Contents, tolerance: f64) {
    let dtype = T::NAME;
    for index in 0..3 {
        let (shape, start) = floats(all, &format!("{dtype}.start.{index}"));
        let (_, grads) = floats(all, &format!("{dtype}.grad.{index}"));
        let (_, wanted) = floats(all, &format!("{dtype}.{text}.{index}"));
        let run = |part| follow::<T>(&mut *optimizer(text).unwrap(), &shape, &start, &grads, part);
        let found = run(start.len());
        for (found, wanted) in found.concat().iter().zip(&wanted) {
            let difference = (found - wanted).abs();
            assert!(
                difference <= tolerance * wanted.abs().max(1.0),
                "{text} {dtype} {index}: {found} and not {wanted}"
            );
        }
        assert_eq!(found.concat().len(), wanted.len());
        assert_eq!(found, run(4), "{text}: in parts of four elements");
    }
}

#[test]
fn optimizers_have_the_values_of_pytorch() {
    let all = stored("optimizers.npz");
    let texts: BTreeSet<&str> = all
        .arrays
        .keys()
        .filter_map(|key| key.strip_prefix("f64.")?.rsplit_once('.').map(|(text, _)| text))
        .filter(|text| text.contains('('))
        .collect();
    for text in &texts {
        compare::<f64>(text, &all, 1e-12);
        compare::<f32>(text, &all, 1e-5);
    }
    for def in OPTIMIZERS {
        let cases = texts.iter().filter(|text| text.starts_with(&format!("{}(", def.name)));
        assert!(cases.count() >= 2, "{} is compared", def.name);
    }
}

/// The rates of steps, and NaN for a momentum that isn't set.
fn rates(schedule: &dyn Schedule, steps: u64, lr: f64) -> Vec<[f64; 2]> {
    let pair = |step| {
        let rates = schedule.rates(step, steps, lr);
        [rates.lr, rates.momentum.unwrap_or(f64::NAN)]
    };
    (0..steps).map(pair).collect()
}

#[test]
fn schedules_have_the_values_of_pytorch() {
    let all = stored("schedules.npz");
    let (_, losses) = floats(&all, "losses");
    let mut compared = BTreeSet::new();
    for text in all.arrays.keys().filter(|key| *key != "losses") {
        let (_, wanted) = floats(&all, text);
        let mut schedule = schedule(text).unwrap();
        compared.insert(schedule.def().name);
        let found = if schedule.carried().is_empty() {
            rates(&*schedule, 30, 0.2).concat()
        } else {
            let epoch = |loss: &f64| {
                let lr = schedule.rates(0, 1, 0.2).lr;
                schedule.observe(*loss, 0.2);
                lr
            };
            losses.iter().map(epoch).collect()
        };
        assert_eq!(found.len(), wanted.len(), "{text}");
        for (index, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
            let same = (found - wanted).abs() <= 1e-12 || (found.is_nan() && wanted.is_nan());
            assert!(same, "{text} at {index}: {found} and not {wanted}");
        }
    }
    let torch: BTreeSet<&str> = SCHEDULES.iter().filter(|def| !def.torch.is_empty()).map(|def| def.name).collect();
    assert_eq!(compared, torch);
}
