//! Running statistics through the whole compiler: each call updates them once, in the order of the calls, and tied ones
//! are one storage.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

use wnet::exec::Machine;
use wnet::ops::Mode;
use wnet::plan::{Bindings, Options, Start, plan};
use wnet::span::SourceMap;
use wnet::tensor::{Slice, SliceMut};
use wnet::{Settings, check};

const X: [f64; 8] = [1.0, -2.0, 3.0, 0.5, 2.0, 1.5, -4.0, 7.0];

/// Mean and unbiased variance of both columns of a `[n, 2]` tensor.
fn moments(x: &[f64]) -> [[f64; 2]; 2] {
    let columns = [0, 1].map(|column| x.iter().copied().skip(column).step_by(2).collect::<Vec<_>>());
    let means = columns.clone().map(|column| column.iter().sum::<f64>() / column.len() as f64);
    let variance = |column: usize| {
        let squares = columns[column].iter().map(|x| (x - means[column]).powi(2));
        squares.sum::<f64>() / (columns[column].len() as f64 - 1.0)
    };
    [means, [variance(0), variance(1)]]
}

/// What an average becomes when it meets this.
fn moved(average: [f64; 2], found: [f64; 2]) -> [f64; 2] {
    [0, 1].map(|channel| 0.9 * average[channel] + 0.1 * found[channel])
}

/// The storages with these paths after as many passes over `X`, each of which may go backward too.
fn run(body: &str, mode: Mode, passes: usize, paths: &[&str]) -> Vec<Vec<f64>> {
    let mut map = SourceMap::new();
    map.add("test", format!("model M {{\ninput x: [4, 2]\n{body}\n}}")).unwrap();
    let checked = check(&map.files()[0], &Settings::default());
    let model = checked.models.last().unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let typed = model.typed().unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let options = Options { start: Some(Start::Outputs), input_gradients: true, ..Options::default() };
    let plan = plan(&typed, &model.places, &Bindings::new(), &options).unwrap();
    let mut machine = Machine::<f64>::new(&plan, 0).unwrap();
    for _ in 0..passes {
        if let SliceMut::Float(out) = machine.slice_mut(plan.inputs[0].as_ref().unwrap().tensor) {
            out.copy_from_slice(&X);
        }
        machine.forward(mode).unwrap();
        machine.backward(mode, &|_| None).unwrap();
    }
    let storage = |path: &&str| {
        let found = plan.storages.iter().find(|storage| storage.path.to_string() == **path);
        let Slice::Float(data) = machine.view(found.unwrap().tensor).data else { panic!("{path} holds no floats") };
        data.to_vec()
    };
    paths.iter().map(storage).collect()
}

fn assert_close(found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len());
    assert!(found.iter().zip(wanted).all(|(x, y)| (x - y).abs() < 1e-12), "{found:?} and not {wanted:?}");
}

const PATHS: [&str; 2] = ["a.running_mean", "a.running_var"];

#[test]
fn a_call_moves_them_once() {
    let [mean, var] = moments(&X);
    let found = run("layer a = BatchNorm1d(2)\noutput a(x)", Mode::Train, 1, &PATHS);
    assert_close(&found[0], &moved([0.0; 2], mean));
    assert_close(&found[1], &moved([1.0; 2], var));
    let found = run("layer a = BatchNorm1d(2)\noutput a(x)", Mode::Train, 3, &PATHS);
    assert_close(&found[0], &moved(moved(moved([0.0; 2], mean), mean), mean));
    let found = run("layer a = BatchNorm1d(2)\noutput a(x)", Mode::Eval, 3, &PATHS);
    assert_close(&found[0], &[0.0; 2]);
    assert_close(&found[1], &[1.0; 2]);
}

#[test]
fn several_calls_move_them_in_order() {
    let other = X.map(|x| 3.0 * x + 1.0);
    let ([mean, var], [other_mean, other_var]) = (moments(&X), moments(&other));
    let body = "layer a = BatchNorm1d(2)\noutput y = a(x)\noutput z = a(3.0 * x + 1.0)";
    let found = run(body, Mode::Train, 1, &PATHS);
    assert_close(&found[0], &moved(moved([0.0; 2], mean), other_mean));
    assert_close(&found[1], &moved(moved([1.0; 2], var), other_var));
}

#[test]
fn tied_means_are_one_storage_and_untied_variances_two() {
    let other = X.map(|x| 3.0 * x + 1.0);
    let ([mean, var], [other_mean, other_var]) = (moments(&X), moments(&other));
    let body = "layer a = BatchNorm1d(2)\nlayer b = BatchNorm1d(2) running_mean=@a.running_mean\noutput y = a(x)\noutput z = b(3.0 * x + 1.0)";
    let found = run(body, Mode::Train, 1, &["a.running_mean", "a.running_var", "b.running_var"]);
    assert_close(&found[0], &moved(moved([0.0; 2], mean), other_mean));
    assert_close(&found[1], &moved([1.0; 2], var));
    assert_close(&found[2], &moved([1.0; 2], other_var));
}

/// Tying weight and bias says nothing of the statistics.
#[test]
fn tied_params_leave_the_statistics_separate() {
    let other = X.map(|x| 3.0 * x + 1.0);
    let body = "layer a = BatchNorm1d(2)\nlayer b = BatchNorm1d(2) weight=@a.weight bias=@a.bias\noutput y = a(x)\noutput z = b(3.0 * x + 1.0)";
    let found = run(body, Mode::Train, 1, &["a.running_mean", "b.running_mean"]);
    assert_close(&found[0], &moved([0.0; 2], moments(&X)[0]));
    assert_close(&found[1], &moved([0.0; 2], moments(&other)[0]));
}
