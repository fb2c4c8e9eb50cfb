//! Every message that a file can cause, as it is printed: `tests/ui/CODE.wnet` is a small program with one mistake, and
//! behind `# mended:` the same with the help applied, which must be fine.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

mod common;

use common::{Folder, program};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

/// Between the program and the one that its help leads to.
const MENDED: &str = "\n# mended:\n";

/// Where the messages of a file are defined.
const ERRORS: &[&str] = &["syntax", "lower", "recipe", "resolve", "infer", "program"];

/// Cases whose help shows a form, in other names than theirs.
const FORMS: &[&str] =
    &["argument-missing", "assert-form", "import-path", "reference-form", "result-count", "too-many-nodes"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The cases by their codes, `CODE.wnet` or `CODE--what.wnet`.
fn cases() -> Vec<(String, String, String)> {
    let mut found: Vec<(String, String, String)> = fs::read_dir(root().join("tests/ui"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let code = name.split("--").next().unwrap().to_owned();
            (name, code, fs::read_to_string(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

/// Checks a program, and what stands behind `# file: NAME` beside it.
fn check(text: &str, format: &str) -> Output {
    let folder = Folder::new();
    let mut parts = text.split("# file: ");
    folder.write("case.wnet", parts.next().unwrap());
    for part in parts {
        let (name, text) = part.split_once('\n').unwrap();
        folder.write(name, text);
    }
    program().current_dir(folder.path("")).args(["check", "case.wnet", "--format", format]).output().unwrap()
}

fn findings(text: &str) -> Vec<serde_json::Value> {
    let json: serde_json::Value = serde_json::from_slice(&check(text, "json").stdout).unwrap();
    json["diagnostics"].as_array().unwrap().clone()
}

/// What stands in backquotes and could be written as it is.
fn quoted(help: &str) -> Vec<&str> {
    let pieces = help.split('`').skip(1).step_by(2);
    pieces.filter(|piece| !piece.contains(['…', '\\']) && !piece.contains("NAME") && !piece.starts_with("--")).collect()
}

#[test]
fn every_message_is_shown() {
    for (name, code, text) in cases() {
        let program = text.split(MENDED).next().unwrap();
        let found = findings(program);
        assert_eq!(found.len(), 1, "{name}: one mistake, one message\n{found:#?}");
        assert_eq!(found[0]["code"], code.as_str(), "{name}");
        let shown = String::from_utf8(check(program, "human").stderr).unwrap();
        insta::with_settings!({omit_expression => true, snapshot_path => "ui/shown", prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(name, format!("{}\n{shown}", program.trim_end()));
        });
    }
}

#[test]
fn the_help_helps() {
    let mut count = 0;
    for (name, _, text) in cases() {
        let Some((program, mended)) = text.split_once(MENDED) else { continue };
        let after = findings(mended);
        assert!(after.is_empty(), "{name}: {after:#?}");
        let found = findings(program);
        let pieces = found[0]["help"].as_str().map(quoted).unwrap_or_default();
        let squeezed = mended.replace(char::is_whitespace, "");
        let holds = |piece: &&str| squeezed.contains(&piece.replace(char::is_whitespace, ""));
        let told = pieces.is_empty() || pieces.iter().any(holds);
        assert_eq!(told, !FORMS.contains(&name.as_str()), "{name}: {pieces:?} in\n{mended}");
        count += 1;
    }
    assert!(count > 60, "{count} cases are mended");
}

#[test]
fn every_code_has_a_case() {
    let shown: BTreeSet<String> = cases().into_iter().map(|(_, code, _)| code).collect();
    let mut defined = BTreeSet::new();
    for module in ERRORS {
        let text = fs::read_to_string(root().join(format!("src/{module}/errors.rs"))).unwrap();
        defined.extend(text.split("code(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    assert_eq!(shown, defined);
}
