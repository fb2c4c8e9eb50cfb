//! `ctc_loss`: alignments counted one by one, lengths, labels that don't fit the steps, and the words of errors.

use super::cases::{Case, float, int, tensor, word};
use super::check::check;
use super::harness::{Data, Run, Tensor, build};
use super::notation::function;
use crate::ops::*;
use crate::shape::Element;
use crate::tensor::random::Stream;

/// Lengths are drawn too, so labels may not fit the steps.
pub(super) fn cases() -> Vec<Case> {
    let ints = |shape: &[usize]| tensor(Element::Int, shape);
    let mut cases = Vec::new();
    for reduction in ["mean", "sum", "none"] {
        for (probabilities, targets, lengths) in [
            (&[9, 4, 3][..], &[4, 3][..], &[4][..]),
            (&[9, 3], &[3], &[]),
            (&[9, 1, 3], &[1, 2], &[1]),
            (&[0, 2, 3], &[2, 2], &[2]),
        ] {
            let given = [("reduction", word(reduction)), ("zero_infinity", Value::Bool(true)), ("blank", int(1))];
            let lengths = ints(lengths);
            cases.push(Case::new("ctc_loss", &given, &[float(probabilities), ints(targets), lengths.clone(), lengths]));
        }
    }
    cases
}

/// Numbers for steps, batch and classes, one lane of probabilities after another.
fn log_probs(steps: usize, batch: Option<usize>, classes: usize) -> Tensor<f64> {
    let mut random = Stream::new(4, "ctc");
    let n = steps * batch.unwrap_or(1) * classes;
    let mut data: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    for lane in data.chunks_mut(classes) {
        let sum = lane.iter().map(|x| x.exp()).sum::<f64>().ln();
        lane.iter_mut().for_each(|x| *x -= sum);
    }
    let shape: Vec<usize> = std::iter::once(steps).chain(batch).chain(std::iter::once(classes)).collect();
    Tensor::floats(&shape, &data)
}

fn run(given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Run<f64> {
    let op = build(named("ctc_loss").unwrap(), given, 4).unwrap();
    Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval }
}

fn losses(given: &[(&str, Value)], inputs: Vec<Tensor<f64>>) -> Vec<f64> {
    run(given, inputs).forward().unwrap().outputs[0].as_floats().unwrap().clone()
}

fn one(steps: usize, classes: usize, labels: &[i64], input_length: i64) -> Vec<Tensor<f64>> {
    vec![
        log_probs(steps, None, classes),
        Tensor::ints(&[labels.len()], labels),
        Tensor::ints(&[], &[input_length]),
        Tensor::ints(&[], &[labels.len() as i64]),
    ]
}

/// Every way to name a class at each step, of which those count that become the labels.
fn counted(log_probs: &[f64], classes: usize, labels: &[i64], blank: i64) -> f64 {
    let steps = log_probs.len() / classes;
    let mut total = 0.0;
    for number in 0..classes.pow(steps as u32) {
        let path: Vec<usize> = (0..steps).map(|step| number / classes.pow(step as u32) % classes).collect();
        let mut spelt: Vec<i64> = path.iter().map(|class| *class as i64).collect();
        spelt.dedup();
        spelt.retain(|class| *class != blank);
        if spelt == labels {
            total += path.iter().enumerate().map(|(step, class)| log_probs[step * classes + class]).sum::<f64>().exp();
        }
    }
    -total.ln()
}

#[test]
fn the_loss_counts_every_alignment() {
    for (labels, blank) in
        [(&[1, 2][..], 0), (&[1, 1], 0), (&[2, 1, 2], 0), (&[0, 0], 2), (&[], 0), (&[1], 0), (&[0, 1, 1], 2)]
    {
        let inputs = one(5, 3, labels, 5);
        let wanted = counted(inputs[0].as_floats().unwrap(), 3, labels, blank);
        let found = losses(&[("blank", int(blank)), ("reduction", word("sum"))], inputs)[0];
        assert!((found - wanted).abs() < 1e-12, "{labels:?}: {found} and not {wanted}");
    }
}

#[test]
fn gradients_are_those_of_the_formula() {
    for reduction in ["mean", "sum", "none"] {
        let given = [("reduction", word(reduction))];
        let lengths = [Tensor::ints(&[3], &[6, 4, 5]), Tensor::ints(&[3], &[2, 0, 3])];
        let padded = Tensor::ints(&[3, 3], &[1, 1, 99, -7, 99, 99, 2, 3, 2]);
        let joined = Tensor::ints(&[5], &[1, 1, 2, 3, 2]);
        let [padded, joined] = [padded, joined].map(|targets| {
            let inputs = vec![log_probs(6, Some(3), 4), targets, lengths[0].clone(), lengths[1].clone()];
            check(&run(&given, inputs.clone())).unwrap();
            losses(&given, inputs)
        });
        assert_eq!(padded, joined);
        check(&run(&given, one(5, 3, &[2, 2], 4))).unwrap();
    }
}

/// Repeated labels need a blank between them.
#[test]
fn more_labels_than_steps_are_infinite_or_nothing() {
    let inputs = || {
        vec![
            log_probs(3, Some(3), 3),
            Tensor::ints(&[3, 3], &[1, 1, 0, 1, 2, 1, 1, 1, 1]),
            Tensor::ints(&[3], &[2, 3, 0]),
            Tensor::ints(&[3], &[2, 3, 0]),
        ]
    };
    let found = losses(&[("reduction", word("none"))], inputs());
    assert!(found[0] == f64::INFINITY && found[1].is_finite() && found[2] == 0.0, "{found:?}");
    assert_eq!(losses(&[], inputs()), [f64::INFINITY]);
    let given = [("zero_infinity", Value::Bool(true))];
    assert!((losses(&given, inputs())[0] - found[1] / 3.0 / 3.0).abs() < 1e-12);
    let run = run(&given, inputs());
    check(&run).unwrap();
    let mut gradients = run.zero_gradients();
    run.backward(&run.forward().unwrap(), &[vec![1.0]], &mut gradients);
    let gradient = gradients[0].as_ref().unwrap();
    let of = |item: usize| (0..3).flat_map(move |step| (step * 9 + item * 3)..(step * 9 + item * 3 + 3));
    assert!(of(0).chain(of(2)).all(|at| gradient[at] == 0.0) && of(1).any(|at| gradient[at] != 0.0));
}

/// In each step something is named, so its gradients have the sum -1. 600 steps underflow without scaling.
#[test]
fn long_sequences_keep_single_precision() {
    let labels: Vec<i64> = (0..40).map(|index| index % 4 + 1).collect();
    let run = run(&[("reduction", word("sum"))], one(600, 5, &labels, 600)).to_f32();
    let results = run.forward().unwrap();
    let mut gradients = run.zero_gradients();
    run.backward(&results, &[vec![1.0]], &mut gradients);
    for step in gradients[0].as_ref().unwrap().chunks(5) {
        assert!((step.iter().sum::<f32>() + 1.0).abs() < 1e-5, "{step:?}");
    }
    assert!(results.outputs[0].as_floats().unwrap()[0] > 100.0);
}

#[test]
fn nothing_is_a_batch_too() {
    let inputs = |steps: usize, batch: usize| {
        let lengths = Tensor::ints(&[batch], &vec![0; batch]);
        vec![log_probs(steps, Some(batch), 3), Tensor::ints(&[batch, 0], &[]), lengths.clone(), lengths]
    };
    assert!(losses(&[], inputs(4, 0))[0].is_nan());
    assert_eq!(losses(&[("reduction", word("none"))], inputs(4, 0)), [0.0; 0]);
    assert_eq!(losses(&[("reduction", word("none"))], inputs(0, 2)), [0.0; 2]);
}

#[test]
fn lengths_and_labels_name_their_places() {
    let error = |targets: Tensor<f64>, steps: &[i64], labels: &[i64]| {
        let lengths = [steps, labels].map(|lengths| Tensor::ints(&[2], lengths));
        let [input_lengths, target_lengths] = lengths;
        let error =
            run(&[], vec![log_probs(5, Some(2), 3), targets, input_lengths, target_lengths]).forward().unwrap_err();
        format!("operand {}: {}", error.operand, error.message)
    };
    let targets = |labels: &[i64]| Tensor { shape: vec![2, 2], data: Data::Int(labels.to_vec()) };
    let found = [
        error(targets(&[1, 2, 1, 3]), &[5, 5], &[2, 2]),
        error(targets(&[1, -2, 1, 1]), &[5, 5], &[2, 2]),
        error(targets(&[1; 4]), &[5, 6], &[2, 2]),
        error(targets(&[1; 4]), &[5, -1], &[2, 2]),
        error(targets(&[1; 4]), &[5, 5], &[3, 2]),
        error(Tensor::ints(&[4], &[1; 4]), &[5, 5], &[2, 1]),
        error(Tensor::ints(&[4], &[1, 2, 2, 7]), &[5, 5], &[2, 2]),
    ];
    insta::assert_snapshot!(found.join("\n"), @r"
    operand 1: class 3 at [1, 1] is not below 3, the number of classes
    operand 1: class -2 at [0, 1] is negative
    operand 2: length 6 at [1] isn't between 0 and 5, the number of steps
    operand 2: length -1 at [1] isn't between 0 and 5, the number of steps
    operand 3: length 3 at [0] isn't between 0 and 2, the number of targets
    operand 3: the lengths sum up to 3, and there are 4 targets
    operand 1: class 7 at [3] is not below 3, the number of classes
    ");
}

#[test]
fn shapes_are_checked() {
    let f = |given: &[(&str, Value)], inputs: &[&str]| function("ctc_loss", given, inputs);
    let none = [("reduction", word("none"))];
    let found = [
        f(&[], &["[t, n, c]", "int[n, s]", "int[n]", "int[n]"]),
        f(&none, &["[t, n, 5]", "int[k]", "int[n]", "int[n]"]),
        f(&none, &["[t, c]", "int[s]", "int[]", "int[]"]),
        f(&[("blank", int(3))], &["[t, n, c]", "int[m, s]", "int[k]", "int[n]"]),
        f(&[], &["[c]", "int[n, s]", "int[n]", "int[n]"]),
        f(&[], &["[t, 2, c]", "int[3, s]", "int[2]", "int[2]"]),
        f(&[], &["[t, 2, c]", "int[2, s]", "int[3]", "int[2]"]),
        f(&[], &["[t, 2, c]", "int[2, s]", "int[2]", "int[]"]),
        f(&[], &["[t, c]", "int[2, s]", "int[]", "int[]"]),
        f(&[], &["[t, n, c]", "[n, s]", "int[n]", "int[n]"]),
        f(&[("blank", int(5))], &["[t, n, 5]", "int[n, s]", "int[n]", "int[n]"]),
        f(&[("blank", int(-1))], &["[t, n, 5]", "int[n, s]", "int[n]", "int[n]"]),
    ];
    insta::assert_snapshot!(found.join("\n\n"), @r#"
    []

    [n]

    []

    []; requires n == m; requires n == k; requires 4 <= c

    `ctc_loss` wants log_probs [T, N, C] or [T, C], and gets [c]
      Operand(0): this has 1 axis

    `ctc_loss` wants targets int[2, s] or int[s], and gets int[3, s]
      Axis { operand: 1, axis: 0 }: axis 0 is 3, and 2 is wanted
      Operand(0): this has a batch of 2

    `ctc_loss` wants input_lengths int[2], and gets int[3]
      Axis { operand: 2, axis: 0 }: axis 0 is 3, and 2 is wanted
      Operand(0): this has a batch of 2

    `ctc_loss` wants target_lengths int[2], and gets int[]
      Operand(3): this has no axes
      Operand(0): this has a batch of 2

    `ctc_loss` wants targets int[s], and gets int[2, s]
      Operand(1): this has 2 axes
      Operand(0): this has no batch

    `ctc_loss` wants an int tensor, and gets a float tensor
      Operand(1): this is [n, s]
      help: indices and numbers of classes are declared as ints, `int[n]`

    `blank` is the class 5, and there are 5 classes
      Attribute("blank"): classes count from 0
      Axis { operand: 0, axis: 2 }: axis 2 is 5

    blank: `blank` is a class, and can't be -1
    "#);
}
