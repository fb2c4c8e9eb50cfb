//! A step allocates nothing: not in a forward pass, not in backward.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use std::fs;
use wnet::exec::Machine;
use wnet::ops::Mode;
use wnet::plan::{Bindings, Options, Plan, Start, plan};
use wnet::span::SourceMap;
use wnet::tensor::{SliceMut, threads};
use wnet::{CheckedModel, Settings, check};

fn model(path: &str) -> CheckedModel {
    let mut map = SourceMap::new();
    map.add(path, fs::read_to_string(path).unwrap()).unwrap();
    check(&map.files()[0], &Settings::default()).models.remove(0)
}

fn planned(model: &CheckedModel, sizes: &[(&str, i64)]) -> Plan {
    let mut bindings = Bindings::new();
    for symbol in &model.graph.symbols {
        if let Some((_, size)) = sizes.iter().find(|(name, _)| *name == &*symbol.name) {
            bindings.set(symbol, *size);
        }
    }
    let options = Options { start: Some(Start::Loss), ..Options::default() };
    plan(&model.typed().unwrap(), &model.places, &bindings, &options).unwrap()
}

#[test]
fn a_step_of_a_workload_allocates_nothing() {
    threads::use_threads(2);
    for (name, sizes) in [
        ("w1", vec![("batch", 32)]),
        ("w2", vec![("batch", 64)]),
        ("w3", vec![("batch", 128)]),
        ("w4", vec![("batch", 8)]),
        ("w5", vec![("batch", 2)]),
        ("w6", vec![("batch", 1)]),
        ("w7", vec![("batch", 32), ("seq", 9)]),
    ] {
        let model = model(&format!("benches/models/{name}.wnet"));
        let plan = planned(&model, &sizes);
        let mut machine = Machine::<f32>::new(&plan, 1).unwrap();
        for input in plan.inputs.iter().flatten() {
            match machine.slice_mut(input.tensor) {
                SliceMut::Float(elements) => elements.iter_mut().enumerate().for_each(|(at, x)| *x = at as f32 % 7.0),
                SliceMut::Int(elements) => elements.iter_mut().enumerate().for_each(|(at, x)| *x = at as i64 % 10),
                SliceMut::Bool(_) => {}
            }
        }
        let mut step = || {
            machine.forward(Mode::Train).unwrap();
            machine.backward(Mode::Train, &|_| None).unwrap();
        };
        // Products keep room for their panels from the first time on.
        step();
        let counted = allocation_counter::measure(step);
        assert_eq!(counted.count_total, 0, "{name}: {counted:?}");
    }
}
