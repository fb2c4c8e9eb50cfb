//! `wnetc train`: the losses of PyTorch, the files of a run, going on from a checkpoint, and what can go wrong.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, Ran, wnetc};
use serde_json::Value;
use std::collections::BTreeMap;

const TRAIN: &str = "tests/reference/train";
const DIGITS: &str = "examples/digits.wnet --data examples/data/digits.npz";

fn train(arguments: &str) -> Ran {
    let ran = wnetc(&format!("train {arguments}"));
    assert_eq!(ran.status, Some(0), "{arguments}: {}", ran.all());
    ran
}

fn losses(folder: &Folder, out: &str) -> Vec<f64> {
    let log = String::from_utf8(folder.read(&format!("{out}/log.jsonl"))).unwrap();
    log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["loss"].as_f64().unwrap()).collect()
}

/// With momentum, weight decay, clipping, a schedule that steps once a batch, and a last batch that is smaller.
#[test]
fn the_losses_are_those_of_pytorch() {
    let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(TRAIN).join("train.json"))
        .unwrap();
    let wanted: BTreeMap<String, Vec<f64>> = serde_json::from_str(&text).unwrap();
    assert_eq!(wanted.len(), 3);
    let folder = Folder::new();
    for (method, wanted) in wanted {
        for (dtype, tolerance) in [("f64", 1e-9), ("f32", 1e-4)] {
            let mut command = common::program();
            let out = folder.path("out");
            command.args(["train", &format!("{TRAIN}/train.wnet"), "--data", &format!("{TRAIN}/{dtype}.npz")]);
            command.args(["--weights", &format!("{TRAIN}/weights.npz"), "--dtype", dtype, "--out", &out]);
            assert!(command.args(["--optimizer", &method]).output().unwrap().status.success());
            let found = losses(&folder, "out");
            assert_eq!(found.len(), wanted.len());
            for (epoch, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                assert!((found - wanted).abs() < tolerance * wanted, "{method} {dtype} {epoch}: {found} {wanted}");
            }
        }
    }
}

#[test]
fn digits_are_learnt_and_the_weights_are_read_by_run() {
    let folder = Folder::new();
    let out = folder.path("out");
    let ran = train(&format!("{DIGITS} --val examples/data/digits.npz --out {out}"));
    assert_eq!(ran.out.lines().count(), 12);
    let accuracy: f64 = ran.out.trim_end().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(accuracy > 0.97, "{}", ran.out);
    assert_eq!(folder.names(), ["out"]);
    let names = ["best.safetensors", "checkpoint.safetensors", "last.safetensors", "log.csv", "log.jsonl"];
    let mut found: Vec<_> = std::fs::read_dir(&out).unwrap().map(|file| file.unwrap().file_name()).collect();
    found.sort();
    assert_eq!(found, names);
    let run = wnetc(&format!("run {DIGITS} --weights {out}/last.safetensors --format json"));
    let log: Value =
        serde_json::from_slice(folder.read("out/log.jsonl").split(|b| *b == b'\n').nth(11).unwrap()).unwrap();
    let (loss, wanted) = (run.json()[0]["loss"].as_f64().unwrap(), log["val_loss"].as_f64().unwrap());
    assert!((loss - wanted).abs() < 1e-5 * wanted, "{loss} {wanted}");
    let csv = String::from_utf8(folder.read("out/log.csv")).unwrap();
    assert_eq!(csv.lines().next(), Some("epoch,step,lr,loss,accuracy,val_loss,val_accuracy"));
    assert_eq!(csv.lines().nth(1).unwrap().split(',').take(3).collect::<Vec<_>>(), ["1", "57", "0.003"]);
}

/// Dropout, running statistics, shuffling and an optimizer with states: all go on as if nothing had been.
#[test]
fn a_run_that_goes_on_is_the_run_that_never_stopped() {
    let folder = Folder::new();
    let file = folder.write(
        "m.wnet",
        "model M {
    input image: [batch, 64]
    input label: int[batch]
    layer fc   = Linear(64, 20)
    layer norm = BatchNorm1d(20)
    layer drop = Dropout(0.3)
    layer last = Linear(20, 10)
    logits = image -> fc -> norm -> relu -> drop -> last
    output logits
    loss cross_entropy(logits, label)
}
train {
    optimizer = NAdam(lr=0.01)
    batch     = 400
}
",
    );
    let (whole, parts) = (folder.path("whole"), folder.path("parts"));
    let flags = format!("{file} --data examples/data/digits.npz --seed 3");
    train(&format!("{flags} --epochs 3 --threads 1 --out {whole}"));
    train(&format!("{flags} --epochs 1 --threads 3 --out {parts}"));
    train(&format!("{flags} --epochs 3 --resume --out {parts}"));
    for name in ["last.safetensors", "best.safetensors", "checkpoint.safetensors", "log.csv", "log.jsonl"] {
        assert!(folder.read(&format!("whole/{name}")) == folder.read(&format!("parts/{name}")), "{name}");
    }
    let other = wnetc(&format!("train {flags} --epochs 3 --batch 100 --resume --out {parts}"));
    assert_eq!(other.status, Some(1));
    assert!(other.err.contains("error[checkpoint]"), "{}", other.err);
    let whole = losses(&folder, "whole");
    assert!(whole[2] < whole[0], "{whole:?}");
}

/// A flag wins over the block of the model, which wins over the block for all.
#[test]
fn the_nearer_setting_wins() {
    let folder = Folder::new();
    let text =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/digits.wnet")).unwrap();
    let (model, _) = text.split_once("train {").unwrap();
    let blocks = "train { epochs = 1  batch = 1797 }\ntrain Digits { epochs = 2 }\n";
    let file = folder.write("m.wnet", model.to_owned() + blocks);
    let steps = |flags: &str| {
        let out = folder.path("out");
        train(&format!("{file} --data examples/data/digits.npz --out {out} {flags}"));
        let csv = String::from_utf8(folder.read("out/log.csv")).unwrap();
        csv.lines().last().unwrap().split(',').take(2).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(steps(""), "2 2");
    assert_eq!(steps("--batch 1000"), "2 4");
    assert_eq!(steps("--epochs 3"), "3 3");
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let folder = Folder::new();
    let plain = folder.write("plain.wnet", "model M {\n    input image: [batch, 64]\n    output relu(image)\n}\n");
    let out = folder.path("out");
    for (arguments, status, words) in [
        (format!("{DIGITS} --optimizer SGD(lr=1e9)"), 1, "error[loss-not-finite]: the loss of step 3, in epoch 1"),
        (format!("{DIGITS} --optimizer Adm"), 1, "`Adam` is near to it"),
        (format!("{DIGITS} --schedule StepLR"), 1, "`StepLR` needs `step_size`"),
        (
            format!("{DIGITS} --optimizer Adagrad --schedule OneCycleLR(max_lr=0.1,total_steps=900)"),
            1,
            "`OneCycleLR` sets the momentum, and `Adagrad` has none",
        ),
        (format!("{plain} --data examples/data/digits.npz"), 1, "`label` in the data is no input of the model"),
        (format!("{plain} --data {TRAIN}/weights.npz"), 1, "`first.weight` in the data is no input of the model"),
        (format!("{DIGITS} --val nowhere.npz"), 2, "nowhere.npz"),
        (format!("{DIGITS} --batch 0"), 2, "--batch"),
        (format!("{DIGITS} --max-memory 1KiB"), 1, "error["),
    ] {
        let ran = wnetc(&format!("train {arguments} --out {out}"));
        assert_eq!(ran.status, Some(status), "{arguments}: {}", ran.all());
        assert!(ran.all().contains(words), "{arguments}: {}", ran.all());
        assert_eq!(std::fs::read_dir(&out).map_or(0, Iterator::count), 0, "{arguments}");
    }
}

/// The error points at the loss that isn't there.
#[test]
fn a_model_without_a_loss_is_not_trained() {
    let folder = Folder::new();
    let file = folder.write(
        "m.wnet",
        "model M {\n    input image: [batch, 64]\n    input label: int[batch]\n    layer fc = Embedding(10, 64)\n    output image + fc(label)\n}\n",
    );
    let ran = wnetc(&format!("train {file} --data examples/data/digits.npz --out {}", folder.path("out")));
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("error[no-loss]") && ran.err.contains("this model"), "{}", ran.err);
}
