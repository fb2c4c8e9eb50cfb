//! Plans before and after calls become parts of the steps before them, and that both compute the same.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use insta::assert_snapshot;
use wnet::exec::Machine;
use wnet::ops::Mode;
use wnet::plan::{Bindings, Options, Plan, Start, plan, plan_text};
use wnet::span::SourceMap;
use wnet::tensor::{Slice, SliceMut};
use wnet::{CheckedModel, Settings, check};

/// Every reason for which a call becomes a part of a step, or doesn't.
const MODEL: &str = "model M {
  input x: [2, 4]
  input t: [2, 4]
  layer fc = Linear(4, 4)
  layer act = Linear(4, 4)
  layer last = Linear(4, 4)
  layer lstm = LSTM(4, 4)
  a = relu(fc(x))
  b = a + gelu(act(a))
  c = tanh(last(b)) + t
  d = sigmoid(c)
  e = (last(d) -> relu) + d
  h, _, _ = lstm(e)
  f = relu(h) + e.sum(dim=1, keepdim=true)
  output a
  output p = relu(x)
  output q = exp(softmax(f, dim=1))
  output r = relu(sigmoid(fc(d)))
  loss mse_loss(f, t)
}
";

fn model() -> CheckedModel {
    let mut map = SourceMap::new();
    map.add("m.wnet", MODEL).unwrap();
    let mut checked = check(&map.files()[0], &Settings::default());
    assert!(checked.diagnostics.iter().all(|found| found.code == "unused-binding"), "{:?}", checked.diagnostics);
    checked.models.remove(0)
}

fn planned(model: &CheckedModel, start: Option<Start>, apart: bool) -> Plan {
    let options = Options { start, input_gradients: true, apart, ..Options::default() };
    plan(&model.typed().unwrap(), &model.places, &Bindings::new(), &options).unwrap()
}

#[test]
fn functions_of_elements_become_parts_of_the_step_before() {
    let model = model();
    for (name, start) in [("forward", None), ("training", Some(Start::Loss))] {
        for (kind, apart) in [("before", true), ("after", false)] {
            assert_snapshot!(format!("{name}_{kind}"), plan_text(&planned(&model, start, apart)));
        }
    }
}

/// Outputs, loss and the gradients of storages and inputs, after one pass.
fn computed(plan: &Plan) -> Vec<Vec<f64>> {
    let mut machine = Machine::<f64>::new(plan, 3).unwrap();
    for (index, input) in plan.inputs.iter().flatten().enumerate() {
        let SliceMut::Float(elements) = machine.slice_mut(input.tensor) else { panic!("floats") };
        elements.iter_mut().enumerate().for_each(|(at, x)| *x = ((at * 7 + index * 3) % 11) as f64 / 5.0 - 1.0);
    }
    machine.forward(Mode::Train).unwrap();
    let mut tensors: Vec<_> = plan.outputs.iter().map(|output| output.tensor).chain(plan.loss).collect();
    if !plan.backward.is_empty() {
        machine.backward(Mode::Train, &|_| None).unwrap();
        tensors.extend(plan.storages.iter().filter_map(|storage| storage.grad));
        tensors.extend(plan.inputs.iter().flatten().filter_map(|input| input.grad));
    }
    tensors
        .into_iter()
        .map(|tensor| match machine.view(tensor).data {
            Slice::Float(elements) => elements.to_vec(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_step_with_parts_computes_what_several_steps_compute() {
    let model = model();
    for start in [None, Some(Start::Loss), Some(Start::Outputs)] {
        let [fused, apart] = [false, true].map(|apart| planned(&model, start, apart));
        assert!(fused.forward.len() < apart.forward.len());
        assert_eq!(computed(&fused), computed(&apart));
    }
}
