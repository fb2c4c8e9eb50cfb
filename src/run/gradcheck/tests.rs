//! What is found, what isn't, and what isn't taken for wrong.

use super::*;
use crate::diag::Severity;
use crate::ops::{
    Backward, DataError, Def, Factor, Forward, Keeps, Kernel, Mode, Op, Pass, REGISTRY, ShapeError, SlotSpec,
};
use crate::shape::{Facts, TensorType};
use crate::span::SourceMap;
use crate::tensor::Real;
use crate::{Settings, check};
use std::sync::Arc;

const DEFAULT: Comparison = Comparison { eps: 1e-6, atol: 1e-5, rtol: 1e-3, samples: None };

fn model(body: &str) -> CheckedModel {
    let mut map = SourceMap::new();
    map.add("test", format!("model M {{\n{body}\n}}")).unwrap();
    let mut checked = check(&map.files()[0], &Settings::default());
    let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?} in\n{body}");
    checked.models.pop().unwrap()
}

/// What is found, and the codes that are reported.
fn compared(model: &CheckedModel, mode: Mode) -> (Option<GradCheck>, Vec<String>) {
    let request = Request { backward: true, widen: true, mode, ..Request::default() };
    let mut found = Diagnostics::new();
    let checked = gradcheck(model, &request, &DEFAULT, &mut found);
    (checked, found.sorted().iter().map(|found| found.code.clone()).collect())
}

fn all_right(body: &str, mode: Mode) -> GradCheck {
    let (checked, codes) = compared(&model(body), mode);
    assert!(codes.is_empty(), "{codes:?} in\n{body}");
    checked.unwrap()
}

fn tensor<'c>(checked: &'c GradCheck, path: &str) -> &'c TensorCheck {
    checked.tensors.iter().find(|tensor| tensor.path == path).unwrap()
}

/// An operator that adds too much to the first element of the gradients of its slots.
#[derive(Debug)]
struct Faulty(Arc<dyn Op>);

impl Op for Faulty {
    fn def(&self) -> &'static Def {
        self.0.def()
    }

    fn slots(&self) -> Vec<SlotSpec> {
        self.0.slots()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        self.0.infer(facts, inputs)
    }

    fn keeps(&self) -> Keeps {
        self.0.keeps()
    }

    fn saved(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        self.0.saved(inputs, outputs)
    }

    fn factor(&self, pass: Pass) -> Option<Factor> {
        self.0.factor(pass)
    }

    fn finishes(&self) -> bool {
        self.0.finishes()
    }
}

impl<T: Real> Kernel<T> for Faulty
where
    dyn Op: Kernel<T>,
{
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        Kernel::<T>::forward(&*self.0, cx)
    }

    fn backward(&self, cx: Backward<T>) {
        let grad_outputs = cx.grad_outputs.to_vec();
        let Backward { grad_slots, .. } = cx;
        let cx = Backward { grad_slots: &mut *grad_slots, ..cx };
        Kernel::<T>::backward(&*self.0, cx);
        let add = T::from_f64(0.1) * grad_outputs[0].floats().first().copied().unwrap_or(T::zero());
        for grad in grad_slots.iter_mut().flatten() {
            grad.iter_mut().take(1).for_each(|x| *x += add);
        }
    }
}

/// The model with a fault in one of its calls.
fn broken(body: &str, node: usize) -> CheckedModel {
    let mut model = model(body);
    let id = model.graph.nodes.nth(node).unwrap();
    let operator = &mut model.graph.nodes[id].operator;
    operator.op = Arc::new(Faulty(operator.op.clone()));
    model
}

#[test]
fn a_wrong_gradient_is_found_at_its_element_and_its_use() {
    let body = "input x: [2, 3]\nlayer f = Linear(3, 3)\nloss mean(x -> f -> tanh -> f -> tanh -> f)";
    all_right(body, Mode::Eval);
    // The nodes are f, tanh, f, tanh, f, mean.
    let (checked, codes) = compared(&broken(body, 2), Mode::Eval);
    let checked = checked.unwrap();
    assert_eq!(codes, ["wrong-gradient"; 2], "of the weight and of the bias");
    let weight = tensor(&checked, "f.weight");
    assert_eq!((weight.all.checked, weight.all.wrong), (9, 1));
    assert_eq!(weight.all.worst.unwrap().element, 0);
    assert!(weight.all.worst.unwrap().difference > 1e-3);
    let wrong: Vec<usize> = weight.uses.iter().map(|one| one.part.wrong).collect();
    assert_eq!(wrong, [0, 1, 0]);
}

#[test]
fn a_fault_of_one_use_through_a_view_is_found() {
    let body = "input x: [2, 3]\nparam p: [3, 3] = normal()\nlayer a = Linear(3, 3, bias=false) weight=@p.T\n\
                layer b = Linear(3, 3, bias=false) weight=@p\noutput matmul(a(x), p) + b(x)";
    let checked = all_right(body, Mode::Eval);
    let p = tensor(&checked, "p");
    assert_eq!(p.uses.iter().map(|one| &*one.name).collect::<Vec<_>>(), ["a", "matmul", "b"]);
    assert!(p.uses.iter().all(|one| one.part.checked == 9));
    let (checked, _) = compared(&broken(body, 2), Mode::Eval);
    let wrong: Vec<usize> = tensor(&checked.unwrap(), "p").uses.iter().map(|one| one.part.wrong).collect();
    assert_eq!(wrong, [0, 0, 1]);
}

#[test]
fn slices_are_used_by_those_that_see_them() {
    let checked = all_right(
        "input x: [2, 3]\nparam p: [5, 3] = normal()\nlayer a = Linear(3, 2, bias=false) weight=@p[0:2]\n\
         layer b = Linear(3, 3, bias=false) weight=@p[2:5]\noutput u = a(x)\noutput v = b(x)",
        Mode::Eval,
    );
    let checked: Vec<usize> = tensor(&checked, "p").uses.iter().map(|one| one.part.checked).collect();
    assert_eq!(checked, [6, 9]);
}

#[test]
fn kinks_are_not_wrong() {
    for (body, kinks) in [
        ("input x: [3]\nparam w: [3] = zeros()\noutput relu(w) + x", 3),
        // Its gradient is what the differences give, if they are taken to both sides.
        ("input x: [3]\nparam w: [3] = zeros()\noutput abs(w) * x", 0),
        ("input x: [3]\nparam w: [3] = zeros()\noutput amax(w) * x", 3),
        ("input x: [3]\nparam w: [3] = ones()\noutput clamp(w, 0.0, 1.0) * x", 3),
        ("input x: [3]\nparam w: [1] = zeros()\noutput sqrt(w) * x", 1),
        ("input x: [3]\nparam w: [3] = zeros()\noutput tanh(w) * x", 0),
        // Two kinks may make a line.
        ("input x: [3]\nparam w: [3] = zeros()\noutput x * relu(w) - x * relu(-w)", 3),
        // A strong bend is no kink.
        ("input x: [3]\nparam w: [3] = zeros()\noutput tanh(10000.0 * w) * x", 0),
    ] {
        let checked = all_right(body, Mode::Eval);
        assert_eq!(tensor(&checked, "w").all.kinks, kinks, "{body}");
    }
}

#[test]
fn what_no_gradient_reaches_on_purpose_is_constant() {
    for body in [
        "input x: [3]\noutput x * detach(x)",
        "input x: [3]\noutput x + detach(round(x) - x)",
        "input x: [2, 3]\noutput exp(x - detach(amax(x, dim=1, keepdim=true)))",
        "input x: int[2, 4]\nlayer e = Embedding(3, 2, padding_idx=0)\nlayer head = Linear(2, 3) weight=@e.weight\n\
         output x -> e -> head",
        "input x: int[6]\nparam w: [3, 2] = normal()\noutput embedding(x, w, padding_idx=-1)",
    ] {
        all_right(body, Mode::Eval);
    }
}

#[test]
fn random_numbers_and_statistics_are_the_same_in_each_pass() {
    let body = "input x: [6, 4]\nlayer n = BatchNorm1d(4)\nlayer d = Dropout(0.5)\nlayer f = Linear(4, 4)\n\
                h = x -> f -> n -> d -> tanh -> f -> n\noutput h\nloss mean(h * h * h)";
    all_right(body, Mode::Train);
    all_right(body, Mode::Eval);
}

#[test]
fn rounding_of_large_results_is_not_wrong() {
    all_right("input x: [3]\nparam w: [3] = normal()\nloss sum(w * x) + 10000000000.0", Mode::Eval);
    // Of what a mask excludes, the logarithm of the probability is infinite.
    all_right(
        "input x: [2, 3]\nparam w: [3] = normal()\noutput log_softmax(x * w + log(1.0 - eye(2, 3)), dim=1)",
        Mode::Eval,
    );
}

#[test]
fn a_loss_that_is_not_finite_is_said_to_be_so() {
    let (checked, codes) = compared(&model("input x: [3]\nloss sum(log(x - 100.0))"), Mode::Eval);
    assert!(checked.is_none());
    assert_eq!(codes, ["not-finite"]);
}

/// With numbers as they come, not only where there are no kinks.
#[test]
fn the_examples_of_no_operator_are_taken_for_wrong() {
    for def in REGISTRY {
        for example in def.examples {
            let model = model(&example.replace("  ", "\n"));
            let (_, codes) = compared(&model, Mode::Eval);
            assert!(codes.iter().all(|code| *code == "no-gradient"), "{codes:?} in {example}");
        }
    }
}
