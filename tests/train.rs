//! `wnetc train`: the losses of PyTorch, the files of a run, going on from a checkpoint, and what can go wrong.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, Ran, wnetc};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use wnet::train::Examples;
use wnet::weights::{self, Array, Elements};

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
fn digits_that_were_held_out_are_told_right() {
    let folder = Folder::new();
    let out = folder.path("out");
    let flags = "--set hidden=128 --schedule cosine(warmup=50) --seed 1";
    let ran = train(&format!("{DIGITS} --val-split 0.2 {flags} --out {out}"));
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 14, "{}", ran.out);
    assert_eq!(
        lines[0],
        "1797 examples, 359 for validation, 45 steps an epoch, Adam(lr=3e-3), cosine(warmup=50), seed 1"
    );
    let accuracy: f64 = lines[12].rsplit(' ').next().unwrap().parse().unwrap();
    assert!(accuracy >= 0.97, "{}", ran.out);
    assert!(lines[13].starts_with("wrote last.safetensors, best.safetensors (epoch "), "{}", ran.out);
    assert!(lines[13].ends_with(&format!("log.csv, log.jsonl and loss.svg to {out}")), "{}", ran.out);
    assert_eq!(folder.names(), ["out"]);
    let names = ["best.safetensors", "checkpoint.safetensors", "last.safetensors", "log.csv", "log.jsonl", "loss.svg"];
    let mut found: Vec<_> = std::fs::read_dir(&out).unwrap().map(|file| file.unwrap().file_name()).collect();
    found.sort();
    assert_eq!(found, names);
    let csv = String::from_utf8(folder.read("out/log.csv")).unwrap();
    assert_eq!(csv.lines().next(), Some("epoch,step,lr,loss,accuracy,val_loss,val_accuracy"));
    assert_eq!(csv.lines().nth(1).unwrap().split(',').take(3).collect::<Vec<_>>(), ["1", "45", "0.002647058823529412"]);
}

#[test]
fn weights_that_were_trained_are_read_by_run() {
    let folder = Folder::new();
    let out = folder.path("out");
    train(&format!("{DIGITS} --val examples/data/digits.npz --epochs 1 --out {out}"));
    let run = wnetc(&format!("run {DIGITS} --weights {out}/last.safetensors --format json"));
    let log: Value = serde_json::from_slice(&folder.read("out/log.jsonl")).unwrap();
    let (loss, wanted) = (run.json()[0]["loss"].as_f64().unwrap(), log["val_loss"].as_f64().unwrap());
    assert!((loss - wanted).abs() < 1e-5 * wanted, "{loss} {wanted}");
}

/// What is held out isn't trained on: all examples of the two parts are all examples, once.
#[test]
fn a_split_divides_the_examples() {
    let split = Examples::split(10, 0.25, 1).unwrap();
    assert_eq!((split.training.len(), split.validation.len()), (7, 3));
    let mut all = [split.training.clone(), split.validation.clone()].concat();
    all.sort_unstable();
    assert_eq!(all, (0..10).collect::<Vec<_>>());
    assert_ne!(Examples::split(10, 0.25, 2).unwrap().validation, split.validation);
    for (count, part) in [(0, 0.5), (1, 0.5), (10, 0.01), (10, 0.99)] {
        assert!(Examples::split(count, part, 0).is_none(), "{count} {part}");
    }
}

/// Dropout, running statistics, shuffling and an optimizer with states.
const RICH: &str = "model M {
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
";
const FILES: [&str; 6] =
    ["last.safetensors", "best.safetensors", "checkpoint.safetensors", "log.csv", "log.jsonl", "loss.svg"];

/// All go on as if nothing had been.
#[test]
fn a_run_that_goes_on_is_the_run_that_never_stopped() {
    let folder = Folder::new();
    let file = folder.write("m.wnet", RICH);
    let (whole, parts) = (folder.path("whole"), folder.path("parts"));
    let flags = format!("{file} --data examples/data/digits.npz --seed 3");
    train(&format!("{flags} --epochs 3 --threads 1 --out {whole}"));
    train(&format!("{flags} --epochs 1 --threads 3 --out {parts}"));
    train(&format!("{flags} --epochs 3 --resume --out {parts}"));
    for name in FILES {
        assert!(folder.read(&format!("whole/{name}")) == folder.read(&format!("parts/{name}")), "{name}");
    }
    let other = wnetc(&format!("train {flags} --epochs 3 --batch 100 --resume --out {parts}"));
    assert_eq!(other.status, Some(1));
    assert!(other.err.contains("error[checkpoint]"), "{}", other.err);
    assert!(other.err.contains("the batch is 100, and was 400"), "{}", other.err);
    folder.write("m.wnet", RICH.replace("Dropout(0.3)", "Dropout(0.4)"));
    let other = wnetc(&format!("train {flags} --epochs 3 --resume --out {parts}"));
    assert!(other.err.contains("the model isn't the one that it was trained with"), "{}", other.err);
    let whole = losses(&folder, "whole");
    assert!(whole[2] < whole[0], "{whole:?}");
}

/// The run is ended in the middle of an epoch, at once or by a signal that lets it write where it was.
#[test]
#[cfg(unix)]
fn a_run_that_is_ended_goes_on_to_the_same_bytes() {
    let folder = Folder::new();
    let file = folder.write("m.wnet", RICH);
    let flags = format!("train {file} --data examples/data/digits.npz --batch 5 --checkpoint-every 7");
    for (signal, status, words) in [
        ("KILL", None, ""),
        ("TERM", Some(143), "`--resume` goes on from there"),
        ("INT", Some(130), "stopped after step "),
    ] {
        let out = folder.path(signal);
        let mut command = common::program();
        command.args(format!("{flags} --epochs 100000 --out {out}").split(' ')).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        while !Path::new(&out).join("checkpoint.safetensors").exists() {
            std::thread::sleep(Duration::from_millis(2));
        }
        let sent = Command::new("sh").args(["-c", &format!("kill -s {signal} {}", child.id())]).status().unwrap();
        assert!(sent.success());
        let mut shown = String::new();
        child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
        assert_eq!(child.wait().unwrap().code(), status, "{shown}");
        assert!(shown.contains(words), "{shown}");
        // One more than it can have gone through.
        let epochs = shown.lines().filter(|line| line.starts_with("epoch ")).count() + 1;
        let whole = folder.path(&format!("whole {epochs}"));
        let run = |more: &[&str], out: &str| {
            let mut command = common::program();
            command.args(flags.split(' ')).args(["--epochs", &epochs.to_string(), "--out", out]).args(more);
            let output = command.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(run(&["--quiet"], &whole), "");
        assert!(run(&["--resume"], &out).contains("going on after step "));
        for name in FILES {
            let (whole, resumed) = (format!("whole {epochs}/{name}"), format!("{signal}/{name}"));
            assert!(folder.read(&whole) == folder.read(&resumed), "{signal} {name}");
        }
        let again = run(&["--resume"], &out);
        assert!(again.contains(&format!("the {epochs} epochs were trained before")), "{again}");
    }
}

/// A layer that is wide enough to be divided between threads.
#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = Folder::new();
    let file = folder.write("m.wnet", RICH.replace("20", "300"));
    let mut bytes = Vec::new();
    for (run, threads) in [1, 2, 3, 8, 1, 2].iter().enumerate() {
        let flags = format!("--epochs 1 --batch 900 --threads {threads} --out {}", folder.path(&run.to_string()));
        train(&format!("{file} --data examples/data/digits.npz {flags}"));
        bytes.push(FILES.map(|name| folder.read(&format!("{run}/{name}"))));
    }
    assert!(bytes.windows(2).all(|pair| pair[0] == pair[1]));
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
        (format!("{DIGITS} --val-split 1"), 2, "want a number between 0 and 1"),
        (format!("{DIGITS} --val-split 0.0001"), 1, "error[example-count]: of 1797 examples, 0.0001 for validation"),
        (format!("{DIGITS} --max-memory 1KiB"), 1, "error["),
        (format!("{DIGITS} --resume"), 2, "checkpoint.safetensors"),
        (format!("{DIGITS} --checkpoint-every 0"), 2, "--checkpoint-every"),
    ] {
        let ran = wnetc(&format!("train {arguments} --out {out}"));
        assert_eq!(ran.status, Some(status), "{arguments}: {}", ran.all());
        assert!(ran.all().contains(words), "{arguments}: {}", ran.all());
        assert_eq!(std::fs::read_dir(&out).map_or(0, Iterator::count), 0, "{arguments}");
    }
}

/// Named as in the log, by what the loss compares; in whatever shape.
#[test]
fn metrics_are_those_of_the_task() {
    let folder = Folder::new();
    let words = "input tokens: int[batch, 4]
    input target: int[batch, 4]
    layer embed = Embedding(20, 3)
    layer head  = Linear(3, 20)
    logits = tokens -> embed -> head
    output logits
    loss ";
    let flat = format!("{words} cross_entropy(reshape(logits, [-1, 20]), reshape(target, [-1]))");
    let smooth = format!("{words} cross_entropy(logits, target, dim=-1, label_smoothing=0.1)");
    let numbers = "input x: [batch, 3]
    input y: [batch]
    layer fc = Linear(3, 1)
    z = fc(x)[:, 0]
    output z
    loss huber_loss(z, y)";
    let text: String = "to be or not to be, ".repeat(9);
    let text = folder.write("t.txt", &text[..164]);
    let array = Array { shape: vec![9, 4], elements: Elements::I64((0..36).map(|at| at * at % 20).collect()) };
    let npz = folder.path("t.npz");
    weights::write(Path::new(&npz), [("tokens", &array), ("target", &array)], &[]).unwrap();
    let table = folder.write("t.csv", "x0,x1,x2,y\n1,2,3,4\n2,3,4,5\n0,1,0,2\n");
    for (body, data, columns) in [
        (
            flat.as_str(),
            format!("{text} --val {text}"),
            "val_loss,val_accuracy,top5,bits_per_character,val_top5,val_bits_per_character",
        ),
        (&smooth, text.clone(), "val_loss,val_accuracy,top5"),
        (&flat, format!("{text} --bytes"), "val_accuracy,top5,bits_per_byte"),
        (&flat, npz, "val_accuracy,top5,perplexity"),
        (numbers, table, "accuracy,val_loss,val_accuracy,mae"),
    ] {
        let body = if data.contains("bytes") { body.replace("20", "256") } else { body.to_owned() };
        let file = folder.write("m.wnet", format!("model M {{\n    {body}\n}}\n"));
        train(&format!("{file} --data {data} --epochs 2 --optimizer Adam(lr=0.1) --out {}", folder.path("out")));
        let csv = String::from_utf8(folder.read("out/log.csv")).unwrap();
        let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        assert!(csv.lines().next().unwrap().ends_with(columns), "{csv}");
        assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{csv}");
        let value = |name: &str| {
            let column = lines[0].iter().position(|found| *found == name).unwrap();
            lines[2][column].parse::<f64>().unwrap()
        };
        if columns.ends_with("perplexity") {
            assert!((value("perplexity").ln() - value("loss")).abs() < 1e-12, "{csv}");
        }
        if columns.contains("bits") {
            let name = if columns.contains("byte") { "bits_per_byte" } else { "bits_per_character" };
            assert!((value(name) * std::f64::consts::LN_2 - value("loss")).abs() < 1e-12, "{csv}");
            assert!(value("top5") > value("accuracy"), "{csv}");
        }
    }
}

/// A class or a character more than the model has room for.
#[test]
fn a_label_out_of_range_is_explained_by_the_data() {
    let folder = Folder::new();
    let table = folder.write("t.csv", "x,kind\n1,a\n2,b\n3,c\n");
    let text = folder.write("t.txt", "abcd".repeat(9));
    let classes = "input x: [batch, 1]
    input kind: int[batch]
    layer fc = Linear(1, 2)
    y = fc(x)
    output y
    loss cross_entropy(y, kind)";
    let characters = "input x: int[batch, 3]
    input y: int[batch, 3]
    layer embed = Embedding(3, 4)
    layer fc    = Linear(4, 4)
    logits = x -> embed -> fc
    output logits
    loss cross_entropy(logits, y, dim=-1)";
    for (body, data, words) in [
        (classes, table, "`kind` has 3 names of classes, numbered from 0"),
        (characters, text, "`x` has 4 characters, numbered from 0"),
    ] {
        let file = folder.write("m.wnet", format!("model M {{\n    {body}\n}}\n"));
        let ran = wnetc(&format!("train {file} --data {data} --out {}", folder.path("out")));
        assert_eq!(ran.status, Some(1));
        assert!(ran.err.contains("error[data-value]") && ran.err.contains(words), "{}", ran.all());
    }
}

#[test]
fn a_folder_that_cannot_be_is_told_before_anything_is_trained() {
    let folder = Folder::new();
    let file = folder.write("file", "");
    let ran = wnetc(&format!("train {DIGITS} --out {file}/run"));
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("can't write into the folder") && ran.out.is_empty(), "{}", ran.all());
    assert_eq!(folder.names(), ["file"]);
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
