//! What every operator has to hold to: its gradients are those of finite differences, in whatever way they are asked for.

use super::harness::{Gradients, Results, Run, Tensor};
use crate::ops::*;
use crate::tensor::random::Key;

/// Everything that is asked of an operator. The message says what is wrong.
pub(super) fn check(run: &Run<f64>) -> Result<(), String> {
    let results = run.forward().map_err(|error| error.message)?;
    let saved = results.saved.len() - run.op.n_working();
    for tensor in results.outputs.iter().chain(&results.saved[..saved]) {
        if tensor.as_floats().is_some_and(|data| data.iter().any(|x| x.is_nan())) {
            return Err("forward leaves elements unwritten".to_owned());
        }
    }
    let grad_outputs = Run::grad_outputs(&results);
    let mut once = run.zero_gradients();
    run.backward(&results, &grad_outputs, &mut once);
    compare("backward against finite differences", &once, &differences(run, &grad_outputs), 1e-6)?;

    let mut twice = once.clone();
    run.backward(&results, &grad_outputs, &mut twice);
    let doubled: Gradients<f64> =
        once.iter().map(|grad| grad.as_ref().map(|grad| grad.iter().map(|x| 2.0 * x).collect())).collect();
    compare("backward twice", &twice, &doubled, 1e-12)?;
    let forward_panels = run.panels(Pass::Forward);
    if forward_panels.is_some() {
        let key = Key { seed: 3, name: "call", index: 0 };
        let packed = run.forward_by(key, forward_panels.as_deref(), false).map_err(|error| error.message)?;
        let [packed, plain] =
            [packed, results.clone()].map(|results| results.outputs.iter().map(|y| y.as_floats().cloned()).collect());
        compare("forward with panels", &packed, &plain, 1e-12)?;
    }
    if run.op.spares_saved() {
        let key = Key { seed: 3, name: "call", index: 0 };
        let sparing = run.forward_by(key, None, true).map_err(|error| error.message)?;
        let [sparing, plain] =
            [sparing, results.clone()].map(|results| results.outputs.iter().map(|y| y.as_floats().cloned()).collect());
        compare("forward without what it saves", &sparing, &plain, 0.0)?;
    }
    let panels = run.panels(Pass::Backward);
    for (what, fresh, panels) in [
        ("backward into fresh gradients", run.op.writes(), None),
        ("backward with panels", Grads::NONE, panels.as_deref()),
        ("backward with panels into fresh gradients", run.op.writes(), panels.as_deref()),
    ] {
        let is_fresh = |index: usize| match index.checked_sub(run.inputs.len()) {
            Some(slot) => fresh.has_slot(slot),
            None => fresh.has_input(index),
        };
        let mut written = run.zero_gradients();
        let gradients = written.iter_mut().enumerate().filter(|(index, _)| is_fresh(*index));
        gradients.flat_map(|(_, gradient)| gradient).for_each(|gradient| gradient.fill(f64::NAN));
        run.backward_by(&results, &grad_outputs, fresh, panels, &mut written);
        compare(what, &written, &once, 1e-12)?;
    }
    single_precision(run, &results, &once)
}

/// Central differences of Σ grad · output.
fn differences(run: &Run<f64>, grad_outputs: &[Vec<f64>]) -> Gradients<f64> {
    const STEP: f64 = 1e-6;
    let value = |run: &Run<f64>| -> f64 {
        let results = run.forward().unwrap();
        let dot = |(output, grad): (&Tensor<f64>, &Vec<f64>)| -> f64 {
            output.as_floats().map_or(0.0, |data| data.iter().zip(grad).map(|(x, g)| x * g).sum())
        };
        results.outputs.iter().zip(grad_outputs).map(dot).sum()
    };
    let mut gradients = run.zero_gradients();
    for (index, gradient) in gradients.iter_mut().enumerate() {
        for element in 0..gradient.as_ref().map_or(0, Vec::len) {
            let moved = |by: f64| {
                let mut moved = run.clone();
                let tensors = moved.inputs.iter_mut().chain(&mut moved.slots).nth(index);
                tensors.and_then(Tensor::as_floats_mut).unwrap()[element] += by;
                value(&moved)
            };
            gradient.as_mut().unwrap()[element] = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
        }
    }
    gradients
}

fn single_precision(run: &Run<f64>, results: &Results<f64>, gradients: &Gradients<f64>) -> Result<(), String> {
    let single = run.to_f32();
    let single_results = single.forward().map_err(|error| error.message)?;
    let floats = |tensors: &[Tensor<f64>]| tensors.iter().map(|tensor| tensor.as_floats().cloned()).collect();
    let widened: Vec<Tensor<f64>> = single_results.outputs.iter().map(Tensor::convert).collect();
    compare("f32 against f64", &floats(&widened), &floats(&results.outputs), 1e-5)?;
    let mut single_gradients = single.zero_gradients();
    single.backward(&single_results, &Run::grad_outputs(&single_results), &mut single_gradients);
    let widen = |grad: &Vec<f32>| grad.iter().map(|x| f64::from(*x)).collect();
    let widened: Gradients<f64> = single_gradients.iter().map(|grad| grad.as_ref().map(widen)).collect();
    compare("gradients in f32 against f64", &widened, gradients, 1e-4)
}

fn compare(what: &str, found: &Gradients<f64>, wanted: &Gradients<f64>, tolerance: f64) -> Result<(), String> {
    let differs = |(x, y): (&f64, &f64)| x != y && !(x - y).abs().le(&(tolerance * (1.0 + y.abs())));
    for (index, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let (Some(found), Some(wanted)) = (found, wanted) else { continue };
        if let Some((element, (x, y))) = found.iter().zip(wanted).enumerate().find(|(_, pair)| differs(*pair)) {
            return Err(format!("{what}: tensor {index}, element {element} is {x}, not {y}"));
        }
    }
    Ok(())
}
