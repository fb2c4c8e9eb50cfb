//! The examples against the same networks in PyTorch: outputs, losses, gradients, running statistics, the number of
//! parameters, and which weights are one. The twins stand in `tests/reference/examples`; `make_examples.py` there says
//! what is stored.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

mod common;

use common::pytorch::{cases, compare, compile_with, names};
use common::{examples, wnetc};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use wnet::ops::Value;
use wnet::shape::Dim;
use wnet::{CheckedModel, Settings};

const FOLDER: &str = "tests/reference/examples";

/// What PyTorch says of a network.
struct Twin {
    name: String,
    /// The example, without its ending.
    file: String,
    model: Option<String>,
    set: BTreeMap<String, Json>,
    parameters: u64,
    /// The keys of its state, those of one tensor together.
    groups: BTreeSet<BTreeSet<String>>,
    /// What only the example has a name for.
    without: BTreeSet<String>,
}

fn strings<T: FromIterator<String>>(list: &Json) -> T {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn twins() -> Vec<Twin> {
    let text = fs::read_to_string(Path::new(FOLDER).join("sharing.json")).unwrap();
    let all: BTreeMap<String, Json> = serde_json::from_str(&text).unwrap();
    let twin = |(name, entry): (String, Json)| Twin {
        name,
        file: entry["file"].as_str().unwrap().to_owned(),
        model: entry["model"].as_str().map(str::to_owned),
        set: serde_json::from_value(entry["set"].clone()).unwrap(),
        parameters: entry["parameters"].as_u64().unwrap(),
        groups: entry["groups"].as_array().unwrap().iter().map(strings).collect(),
        without: strings(&entry["without"]),
    };
    all.into_iter().map(twin).collect()
}

fn value(json: &Json) -> Value {
    match json {
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        number => Value::Int(Dim::from(number.as_i64().unwrap())),
    }
}

fn model(twin: &Twin) -> CheckedModel {
    let set = twin.set.iter().map(|(name, json)| (name.clone(), value(json))).collect();
    let settings = Settings { model: twin.model.clone(), set, ..Settings::default() };
    let mut models = compile_with(&Path::new("examples").join(format!("{}.wnet", twin.file)), &settings);
    assert_eq!(models.len(), 1, "{}", twin.name);
    models.pop().unwrap()
}

/// The owner's key for the key of each member.
fn owners(model: &CheckedModel) -> BTreeMap<String, String> {
    let mut owners = BTreeMap::new();
    for (_, storage) in model.graph.storages.iter() {
        for member in &storage.members {
            owners.insert(model.graph.slots[*member].path.key(), storage.path.key());
        }
    }
    owners
}

#[test]
fn values_are_those_of_pytorch() {
    let twins = twins();
    let all: BTreeSet<String> = twins.iter().map(|twin| twin.name.clone()).collect();
    assert_eq!(all, names(FOLDER, ".npz"));
    let mut wrong = Vec::new();
    for twin in &twins {
        let model = model(twin);
        let owners = owners(&model);
        for (mode, mut case) in cases(&Path::new(FOLDER).join(format!("{}.npz", twin.name))) {
            // PyTorch's first key of a tensor needn't be that of the owner.
            let own = |name: String| match name.split_once('.') {
                Some((kind @ ("grads" | "after"), key)) if owners.contains_key(key) => {
                    format!("{kind}.{}", owners[key])
                }
                _ => name,
            };
            case.arrays = case.arrays.into_iter().map(|(name, array)| (own(name), array)).collect();
            let double = compare::<f64>(&model, &case, 1e-10).into_iter().map(|message| ("f64", message));
            let single = compare::<f32>(&model, &case, 1e-5).into_iter().map(|message| ("f32", message));
            wrong
                .extend(double.chain(single).map(|(dtype, message)| format!("{} {mode} {dtype} {message}", twin.name)));
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

/// What `check --format json` says of a model.
fn checked(twin: &Twin) -> Json {
    let mut arguments = vec![format!("check --format json examples/{}.wnet", twin.file)];
    arguments.extend(twin.set.iter().map(|(name, json)| format!("--set {name}={json}")));
    arguments.extend(twin.model.iter().map(|model| format!("--model {model}")));
    let ran = wnetc(&arguments.join(" "));
    assert_eq!(ran.status, Some(0), "{}", ran.all());
    ran.json().remove(0)["models"][0].clone()
}

#[test]
fn sharing_is_that_of_pytorch() {
    for twin in twins() {
        let found = checked(&twin);
        let key = |path: &Json| path.as_str().unwrap().replace('[', ".").replace(']', "");
        let mut extra = BTreeSet::new();
        let mut groups = BTreeSet::new();
        for group in found["groups"].as_array().unwrap() {
            let mut keys: BTreeSet<String> =
                group["members"].as_array().unwrap().iter().map(|member| key(&member["path"])).collect();
            keys.insert(key(&group["owner"]));
            let (ours, both) = keys.into_iter().partition(|key| twin.without.contains(key));
            extra.extend::<BTreeSet<String>>(ours);
            groups.insert(both);
        }
        assert_eq!(groups, twin.groups, "{}", twin.name);
        assert_eq!(extra, twin.without, "{}", twin.name);
        assert_eq!(found["params"]["unique"], twin.parameters, "{}", twin.name);
    }
}

/// Every example has a twin, and every twin values.
#[test]
fn every_example_has_a_twin() {
    let examples: BTreeSet<String> =
        examples().iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let mut scripts = names(FOLDER, ".py");
    assert!(scripts.remove("make_examples"));
    assert_eq!(scripts, examples);
    assert_eq!(twins().into_iter().map(|twin| twin.file).collect::<BTreeSet<_>>(), examples);
}

/// The lines of a file that say something: none of a doc string, a comment or nothing.
fn n_lines(path: &Path) -> usize {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '"'])).count()
}

/// With what the examples assert, which their twins don't.
#[test]
fn networks_are_shorter_than_in_pytorch() {
    for name in ["autoencoder_stack", "gpt2", "lstm_lm", "residual_stack", "resnet18", "t5", "universal_transformer"] {
        let ours = n_lines(&Path::new("examples").join(format!("{name}.wnet")));
        let theirs = n_lines(&Path::new(FOLDER).join(format!("{name}.py")));
        assert!(ours < theirs, "{name}: {ours} lines, and {theirs} in PyTorch");
    }
}

/// With the sizes of the published models.
#[test]
fn parameters_are_as_many_as_published() {
    let base = "--set d=768 --set n=12 --set heads=12";
    for (name, settings, count) in [
        ("gpt2", format!("--set vocab=50257 --set context=1024 {base}"), 124_439_808u64),
        ("bert", format!("--set vocab=30522 --set context=512 {base}"), 109_514_298),
        ("albert", format!("--set vocab=30000 --set context=512 --set e=128 {base}"), 11_221_680),
        ("t5", "--set vocab=32128 --set d=512 --set n=6 --set heads=8".to_owned(), 60_506_624),
        ("vit", format!("--set classes=1000 --set size=224 --set patch=16 {base}"), 86_567_656),
        ("resnet18", String::new(), 11_689_512),
    ] {
        let ran = wnetc(&format!("check --format json examples/{name}.wnet {settings}"));
        assert_eq!(ran.json()[0]["models"][0]["params"]["unique"], count, "{name}: {}", ran.all());
    }
}
