//! `wnetc gradcheck` as its users meet it: the table, the JSON, exit statuses, the flags.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, Ran, examples, run_flags, wnetc};
use serde_json::json;

/// A kink that can't be seen: the sum is a line through 0, and both gradients are 0 there.
const HIDDEN: &str = "model M {\n    input x: [3]\n    param w: [3] = zeros()\n    h = w + 0.0\n    \
                      output x * (relu(h) - relu(-h)) + relu(w)\n}\n";

fn gradcheck(model: &str, flags: &str) -> (Ran, Folder) {
    let folder = Folder::new();
    let path = folder.write("m.wnet", model);
    (wnetc(&format!("gradcheck {path} {flags}")), folder)
}

#[test]
fn the_examples_have_right_gradients() {
    for path in examples() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let flags = if name == "digits" { "--set batch=3" } else { run_flags(name) };
        let ran = wnetc(&format!("gradcheck examples/{name}.wnet {flags} --samples 4"));
        assert_eq!(ran.status, Some(0), "{}", ran.all());
        assert!(ran.out.contains("\nall are right, "), "{}", ran.out);
    }
}

#[test]
fn a_wrong_gradient_is_an_error_at_its_use() {
    let (ran, folder) = gradcheck(HIDDEN, "");
    insta::assert_snapshot!(folder.hide(&ran.all()));
}

#[test]
fn uses_are_listed_one_by_one() {
    let folder = Folder::new();
    let path = folder.write(
        "m.wnet",
        "model M {\n    input x: [4]\n    param w: [4, 4] = normal()\n    layer f = Linear(4, 4) weight=@w\n    \
         layer g = Linear(4, 4, bias=false) weight=@w.T\n    output x -> (f -> tanh)^2 -> g\n    loss sum(relu(f.bias))\n}\n",
    );
    let ran = wnetc(&format!("gradcheck {path} --samples 3"));
    assert_eq!(ran.status, Some(0), "{}", ran.all());
    insta::assert_snapshot!(folder.hide(&ran.all()));
}

#[test]
fn the_json_has_every_figure() {
    let (ran, _folder) = gradcheck(HIDDEN, "--format json --samples 2");
    assert_eq!(ran.status, Some(1));
    let json = ran.json().remove(0);
    let names: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["schema", "model", "right", "loss", "eps", "atol", "rtol", "tensors", "diagnostics"]);
    assert_eq!(
        (&json["schema"], &json["right"], &json["loss"]),
        (&json!("wnet.gradcheck/1"), &json!(false), &json!(null))
    );
    let w = &json["tensors"][0];
    assert_eq!((&w["path"], &w["shape"], &w["more_uses"]), (&json!("w"), &json!([3]), &json!(0)));
    assert_eq!(w["gradient"], json!({"compared": 2, "kinks": 2, "wrong": 0, "worst": null}));
    assert_eq!(w["uses"].as_array().unwrap().len(), 2);
    let part = &w["uses"][0]["part"];
    assert_eq!((&part["compared"], &part["kinks"], &part["wrong"]), (&json!(2), &json!(0), &json!(2)));
    assert_eq!(part["worst"]["gradient"], 0.0);
    assert!(part["worst"]["difference"].as_f64().unwrap() > 0.1 && part["worst"]["at"][0].is_u64(), "{part}");
    assert_eq!((&w["uses"][1]["name"], &w["uses"][1]["at"]["line"]), (&json!("relu"), &json!(5)));
    assert_eq!(w["uses"][1]["part"], json!({"compared": 2, "kinks": 2, "wrong": 0, "worst": null}));
    assert_eq!(json["diagnostics"][0]["code"], "wrong-gradient");
}

#[test]
fn elements_are_drawn_or_all_are_compared() {
    let model = "model M {\n    input x: [100]\n    param w: [100] = normal()\n    output x * tanh(w)\n}\n";
    let at = |flags: &str| gradcheck(model, flags).0.out;
    assert!(
        at("").contains("  20 of 100  ") && at("").contains("elements drawn by seed 0; --all compares all of them")
    );
    assert!(at("--samples 7 --seed 3").contains("  7 of 100  "));
    let all = at("--all");
    assert!(all.contains("  100  ") && !all.contains("drawn by seed"), "{all}");
    assert_eq!(at("--seed 1"), at("--seed 1"));
}

#[test]
fn tolerances_and_steps_are_flags() {
    let model = "model M {\n    input x: [3]\n    param w: [3] = normal()\n    output x * exp(w)\n}\n";
    assert_eq!(gradcheck(model, "--rtol 1e-6 --atol 1e-8").0.status, Some(0));
    // So large a step sees how the function bends.
    assert_eq!(gradcheck(model, "--eps 8").0.status, Some(1));
    assert_eq!(gradcheck(model, "--eps 8 --rtol 1").0.status, Some(0));
    for flags in ["--eps 0", "--eps -1", "--rtol 0", "--atol -1", "--eps x", "--samples 0", "--samples 2 --all"] {
        let (ran, _) = gradcheck(model, flags);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{flags}\n{}", ran.err);
    }
}

#[test]
fn data_in_either_type_and_weights_are_taken() {
    let ran = wnetc("gradcheck examples/digits.wnet --data examples/data/digits.npz --samples 2");
    assert_eq!(ran.status, Some(0), "{}", ran.all());
    let folder = Folder::new();
    let weights = folder.path("w.safetensors");
    let ran = wnetc(&format!("run examples/digits.wnet --set batch=2 --save-weights {weights}"));
    assert_eq!(ran.status, Some(0), "{}", ran.all());
    let ran = wnetc(&format!("gradcheck examples/digits.wnet --set batch=2 --weights {weights} --samples 2"));
    assert_eq!(ran.status, Some(0), "{}", ran.all());
}

#[test]
fn what_cannot_be_compared_is_said() {
    for (model, wanted) in [
        ("model M {\n    input x: [3]\n    loss sum(log(x - 100.0))\n}\n", "error[not-finite]: the loss is NaN"),
        ("model M {\n    input x: int[3]\n    output x + 1\n}\n", "error[no-gradient]: "),
        ("model M {\n    input x: [n]\n    output tanh(x)\n}\n", "error[unknown-size]: "),
        ("model M {\n    input x: [3]\n    output tanh(y)\n}\n", "error[unknown-name]: "),
    ] {
        let (ran, _) = gradcheck(model, "");
        assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""), "{}", ran.all());
        assert!(ran.err.starts_with(wanted), "{}", ran.err);
    }
}
