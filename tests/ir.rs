//! What each stage made of a file, as text and as JSON, pinned for the examples.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use common::{Folder, piped, wnetc};
use insta::assert_snapshot;

const STAGES: [&str; 5] = ["ast", "model", "graph", "typed", "plan"];

/// The examples with the sizes that a plan needs: two slots and one storage, one layer called twice, and a param under
/// a lookup and a product.
const PINNED: [(&str, &str); 3] = [
    ("tied_autoencoder", "--set batch=4"),
    ("repeated_call", "--set batch=2"),
    ("tied_head", "--set batch=2 --set seq=3"),
];

fn pin(name: &str, text: &str) {
    insta::with_settings!({omit_expression => true}, { assert_snapshot!(name, text) });
}

#[test]
fn every_stage_is_text() {
    for (name, sizes) in PINNED {
        for stage in STAGES {
            let command = format!("ir examples/{name}.wnet --stage {stage} {sizes}");
            let ran = wnetc(&command);
            assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{}", ran.all());
            assert_eq!(wnetc(&command).out, ran.out, "the same text each time");
            pin(&format!("{name}_{stage}"), &ran.out);
        }
    }
}

#[test]
fn every_stage_is_json() {
    for stage in STAGES {
        for (name, sizes) in PINNED {
            let json = wnetc(&format!("ir examples/{name}.wnet --stage {stage} --format json {sizes}")).json();
            assert_eq!(json.len(), 1);
            assert_eq!(json[0]["schema"], format!("wnet.{stage}/1"));
        }
        let ran = wnetc(&format!("ir examples/independent.wnet --stage {stage} --format json --set batch=2"));
        pin(&format!("json_{stage}"), &serde_json::to_string_pretty(&ran.json()[0]).unwrap());
    }
}

/// Text and JSON are two forms of the same facts.
#[test]
fn text_and_json_tell_of_the_same_things() {
    for (name, sizes) in PINNED {
        let text = |stage: &str| wnetc(&format!("ir examples/{name}.wnet --stage {stage} {sizes}")).out;
        let json = |stage: &str| {
            wnetc(&format!("ir examples/{name}.wnet --stage {stage} --format json {sizes}")).json().remove(0)
        };
        let lines =
            |stage: &str, word: &str| text(stage).lines().filter(|line| line.trim_start().starts_with(word)).count();
        let items = |stage: &str, key: &str| json(stage)[key].as_array().unwrap().len();
        assert_eq!(lines("model", "layer "), items("model", "layers"));
        assert_eq!(lines("model", "assert "), items("model", "asserts"));
        assert_eq!(lines("graph", "storage "), items("graph", "storages"));
        assert_eq!(lines("graph", "use "), items("graph", "uses"));
        assert_eq!(lines("graph", "output "), items("graph", "outputs"));
        assert_eq!(lines("typed", "%"), items("typed", "values"));
        assert_eq!(lines("plan", "storage "), items("plan", "storages"));
        let steps = items("plan", "forward") + items("plan", "backward");
        let text = text("plan");
        let from = text.lines().position(|line| line == "forward").unwrap();
        let until = text.lines().position(|line| line.starts_with("output ")).unwrap();
        assert_eq!(until - from - 2, steps, "{text}");
    }
}

#[test]
fn a_stage_is_printed_as_far_as_it_goes() {
    let text = "model M {\n  input x: [2, 3]\n  layer a = Linear(3, 4,, 5)\n  output a(x)\n}\n";
    let ran = piped("ir - --stage ast", text.as_bytes());
    assert_eq!(ran.status, Some(1));
    assert!(ran.out.contains("name: M") && ran.out.contains("error"), "{}", ran.all());
    assert!(ran.err.contains("error[syntax]"), "{}", ran.err);
    let wrong_shape = "model M {\n  input x: [2, 3]\n  layer a = Linear(4, 5)\n  output a(x)\n}\n";
    for (stage, printed) in [("ast", true), ("model", true), ("graph", true), ("typed", false), ("plan", false)] {
        let ran = piped(&format!("ir - --stage {stage}"), wrong_shape.as_bytes());
        assert_eq!((ran.status, !ran.out.is_empty()), (Some(1), printed), "{stage}: {}", ran.all());
    }
}

#[test]
fn models_of_a_file_follow_one_another() {
    let text = "model A {\n  input x: [2]\n  output x\n}\nmodel B {\n  input x: [n]\n  output x\n}\n";
    assert_eq!(piped("ir -", text.as_bytes()).out.matches("model ").count(), 2);
    let json = piped("ir - --format json", text.as_bytes()).json();
    assert_eq!((&json[0]["name"], &json[1]["name"]), (&"A".into(), &"B".into()));
    assert_eq!(piped("ir - --model B --format json", text.as_bytes()).json().len(), 1);
    let ran = piped("ir - --stage plan", text.as_bytes());
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("the size `n` isn't known") && ran.err.contains("--set n=…"), "{}", ran.err);
}

/// Line breaks, blanks and comments mean nothing.
#[test]
fn layout_leaves_no_trace() {
    let folder = Folder::new();
    let text = common::example("tied_autoencoder.wnet");
    let bare: Vec<&str> = text.lines().map(|line| line.split('#').next().unwrap().trim()).collect();
    folder.write("crlf.wnet", text.replace('\n', "\r\n"));
    folder.write("bare.wnet", bare.join(" "));
    folder.write("bom.wnet", format!("\u{feff}{text}"));
    for stage in STAGES {
        let printed = |path: &str| wnetc(&format!("ir {path} --stage {stage} --set batch=4")).out;
        let plain = printed("examples/tied_autoencoder.wnet");
        for name in ["crlf.wnet", "bare.wnet", "bom.wnet"] {
            assert_eq!(printed(&folder.path(name)), plain, "{stage} of {name}");
        }
    }
}
