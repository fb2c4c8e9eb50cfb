//! Plans before and after calls become parts of the steps before them, and that both compute the same.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use insta::assert_snapshot;
use wnet::exec::Machine;
use wnet::ops::Mode;
use wnet::plan::{Action, Bindings, Options, Plan, Start, Step, plan, plan_text};
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

fn model(text: &str) -> CheckedModel {
    let mut map = SourceMap::new();
    map.add("m.wnet", text).unwrap();
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
    let model = model(MODEL);
    for (name, start) in [("forward", None), ("training", Some(Start::Loss))] {
        for (kind, apart) in [("before", true), ("after", false)] {
            assert_snapshot!(format!("{name}_{kind}"), plan_text(&planned(&model, start, apart)));
        }
    }
}

/// Outputs, loss and the gradients of storages and inputs, after one pass.
fn computed(plan: &Plan) -> Vec<Vec<f64>> {
    pass(plan, &mut Machine::new(plan, 3).unwrap())
}

fn pass(plan: &Plan, machine: &mut Machine<'_, f64>) -> Vec<Vec<f64>> {
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
    let model = model(MODEL);
    for start in [None, Some(Start::Loss), Some(Start::Outputs)] {
        let [fused, apart] = [false, true].map(|apart| planned(&model, start, apart));
        assert!(fused.forward.len() < apart.forward.len());
        assert_eq!(computed(&fused), computed(&apart));
    }
}

/// `w` is written by the first of its uses and added to by the others, `u` begins as zeros since its first use reads a row,
/// and no gradient reaches `v`.
#[test]
fn nothing_of_the_last_pass_stays_in_a_gradient() {
    let text = "model M {
  input x: [2, 3]
  param w: [2, 3] = normal()
  param u: [2, 3] = normal()
  param v: [2, 3] = normal()
  output v * x
  loss sum(w * x + tanh(w) * w + u + u[0])
}
";
    let model = model(text);
    for apart in [false, true] {
        let plan = planned(&model, Some(Start::Loss), apart);
        let fresh = plan.backward.iter().flat_map(|step| &step.operands).filter(|operand| operand.fresh);
        let of_w = fresh.filter(|operand| {
            operand.tensor.map(|id| plan.tensors[id].offset) == plan.storages[0].grad.map(|id| plan.tensors[id].offset)
        });
        assert_eq!(of_w.count(), 1, "{}", plan_text(&plan));
        let mut machine = Machine::new(&plan, 3).unwrap();
        let first = pass(&plan, &mut machine);
        machine.trained().1.fill(f64::NAN);
        assert_eq!(pass(&plan, &mut machine), first);
        let gradients = &first[2..5];
        assert!(gradients.iter().flatten().all(|x| x.is_finite()) && gradients[2] == [0.0; 6], "{gradients:?}");
    }
}

/// Written in each of the ways there are, between one pass and the next.
#[test]
fn a_changed_storage_reaches_the_steps_that_multiply_by_its_panels() {
    let text = "model M {
  input x: [5, 3]
  layer f = Linear(3, 3, bias=false)
  y = f(f(x))
  output y
  loss sum(y)
}
";
    let model = model(text);
    let plan = planned(&model, Some(Start::Loss), false);
    assert_eq!(plan.pack.len(), 2, "{}", plan_text(&plan));
    let ways: [fn(&mut Machine<'_, f64>); 4] = [
        |machine| match machine.slice_mut(machine.plan().storages[0].tensor) {
            SliceMut::Float(elements) => elements.fill(0.0),
            other => panic!("{other:?}"),
        },
        |machine| machine.floats_mut()[..9].fill(0.0),
        |machine| machine.trained().0.fill(0.0),
        |machine| machine.storages_mut().fill(0.0),
    ];
    for write in ways {
        let mut machine = Machine::new(&plan, 3).unwrap();
        assert!(pass(&plan, &mut machine)[0].iter().all(|y| *y != 0.0));
        write(&mut machine);
        assert_eq!(pass(&plan, &mut machine)[0], [0.0; 15]);
    }
}

/// A weight that one forward step uses is packed just before it where many rows meet it; its panels are nobody's before and
/// behind.
#[test]
fn a_weight_that_many_rows_meet_is_packed_for_one_step() {
    let model = |rows: usize| {
        model(&format!(
            "model M {{
  input x: [{rows}, 3]
  layer f = Linear(3, 2)
  layer g = Linear(2, 3)
  y = g(relu(f(x)))
  output y
  loss sum(y * y)
}}
"
        ))
    };
    let packs =
        |steps: &[Step]| steps.iter().map(|step| matches!(step.action, Action::Pack { .. })).collect::<Vec<_>>();
    let (few, many) = (model(100), model(1000));
    assert!(!packs(&planned(&few, Some(Start::Loss), false).forward).contains(&true));
    let plan = planned(&many, Some(Start::Loss), false);
    assert_eq!(packs(&plan.forward)[..4], [true, false, true, false], "{}", plan_text(&plan));
    assert!(plan.pack.is_empty());
    // In a plan that doesn't train, nothing changes the weights between two passes.
    assert_eq!(planned(&many, None, false).pack.len(), 2);
    let mut machine = Machine::new(&plan, 3).unwrap();
    let first = pass(&plan, &mut machine);
    assert_eq!(pass(&plan, &mut machine), first);
    machine.storages_mut().fill(0.0);
    assert_eq!(pass(&plan, &mut machine)[0], vec![0.0; 3000]);
}
