//! Every operator against PyTorch, case by case: outputs, gradients, and buffers after a call in train mode. The scripts
//! in `tests/reference/ops` made the values; `reference.py` there says what stands in the files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::pytorch::{cases, compare_both, compile, names};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A file holds the cases of one operator.
const FOLDER: &str = "tests/reference/ops";

#[test]
fn every_case_has_the_values_of_pytorch() {
    let operators = names(FOLDER, ".wnet");
    assert_eq!(operators, names(FOLDER, ".npz"));
    let (mut count, mut wrong) = (0, Vec::new());
    for operator in &operators {
        let models = compile(&Path::new(FOLDER).join(format!("{operator}.wnet")));
        let cases = cases(&Path::new(FOLDER).join(format!("{operator}.npz")));
        let written: BTreeSet<&str> = models.iter().map(|model| &*model.graph.name).collect();
        assert_eq!(written, cases.keys().map(String::as_str).collect(), "{operator}");
        for model in &models {
            let case = &cases[&*model.graph.name];
            let found = compare_both(model, case);
            wrong.extend(found.into_iter().map(|message| format!("{operator} {}: {message}", model.graph.name)));
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(count, listed(), "cases, and those that README.md counts");
}

/// How many cases the scripts wrote down.
fn listed() -> usize {
    let text = fs::read_to_string(Path::new(FOLDER).join("README.md")).unwrap();
    let counts = text.lines().filter_map(|line| line.split_once(" cases of ")?.0.parse::<usize>().ok());
    counts.sum()
}

/// Operators whose values are drawn, so that there is nothing to compare.
const DRAWN: &[&str] = &["rand", "randn", "rand_like", "randn_like"];

/// Every operator has a case, but those that draw.
#[test]
fn operators_not_compared_are_listed() {
    let mut used = BTreeSet::new();
    for name in names(FOLDER, ".wnet") {
        for model in compile(&Path::new(FOLDER).join(format!("{name}.wnet"))) {
            used.extend(model.graph.nodes.iter().map(|(_, node)| node.operator.op.def().name));
        }
    }
    let missing: Vec<&str> =
        wnet::ops::REGISTRY.iter().map(|def| def.name).filter(|name| !used.contains(name)).collect();
    assert_eq!(missing, DRAWN, "operators without values of PyTorch, and those that can have none");
}
