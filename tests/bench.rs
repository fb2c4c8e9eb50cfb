//! `wnetc bench`: what it reports, and that it computes what `run` and `train` do.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use common::{Folder, wnetc};
use serde_json::Value;

const DIGITS: &str = "examples/digits.wnet --data examples/data/digits.npz --format json";

fn measured(arguments: &str) -> Value {
    let ran = wnetc(&format!("bench {arguments} --seconds 0.01"));
    assert_eq!(ran.status, Some(0), "{}", ran.all());
    ran.json().remove(0)
}

#[test]
fn the_fields_are_there_and_make_sense() {
    let found = measured(&format!("{DIGITS} --profile"));
    let names: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted =
        ["median_s", "min_s", "max_s", "n", "flops", "peak_flops", "peak_rss", "arena_bytes", "value", "profile"];
    assert_eq!(names, wanted);
    let number = |name: &str| found[name].as_f64().unwrap();
    assert!(0.0 < number("min_s") && number("min_s") <= number("median_s") && number("median_s") <= number("max_s"));
    assert!(number("n") >= 1.0 && number("arena_bytes") < number("peak_rss"));
    let steps: Vec<&str> =
        found["profile"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert!(steps.contains(&"Linear") && steps.contains(&"Linear, relu"), "{steps:?}");
}

/// The sum of the outputs, or the loss of the first step.
#[test]
fn the_value_is_that_of_the_run() {
    let folder = Folder::new();
    let run = wnetc(&format!("run {DIGITS} --mode train --outputs {}", folder.path("o.npz")));
    let loss = run.json()[0]["loss"].as_f64().unwrap();
    for optimizer in ["SGD", "AdamW(lr=0.1)"] {
        let found = measured(&format!("{DIGITS} --mode train --optimizer {optimizer} --threads 2"));
        assert_eq!(found["value"].as_f64().unwrap(), loss, "{optimizer}");
    }
    let outputs = wnet::weights::read(std::path::Path::new(&folder.path("o.npz"))).unwrap();
    let wnet::weights::Elements::F32(logits) = &outputs.arrays["logits"].elements else { panic!("{outputs:?}") };
    let sum: f64 = logits.iter().map(|x| f64::from(*x)).sum();
    let found = measured(DIGITS)["value"].as_f64().unwrap();
    assert!((found - sum).abs() < 1e-9 * sum.abs(), "{found} {sum}");
}

#[test]
fn what_is_wrong_is_said() {
    let ran = wnetc("bench examples/digits.wnet");
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("error[unknown-size]"), "{}", ran.err);
    let ran = wnetc("bench examples/independent.wnet --set batch=2 --mode train");
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("error[no-loss]"), "{}", ran.err);
}

#[test]
fn the_workloads_are_models_without_mistakes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/models");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let ran = wnetc(&format!("check {}", path.display()));
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{}", ran.all());
        assert_eq!(wnetc(&format!("fmt --check {}", path.display())).status, Some(0), "{}", path.display());
        count += 1;
    }
    assert_eq!(count, 7);
}
