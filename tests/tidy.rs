//! Rules of the sources that the compiler doesn't enforce: who imports whom, where is printed, where files are opened,
//! where operators are named, how a file begins and how long it is. And the licences of all dependencies.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/licences.rs"]
mod licences;
#[path = "tidy/source.rs"]
mod source;

use source::{Source, files};
use std::path::Path;

/// The modules of the crate in order, and what each may import: nothing that stands below it.
const IMPORTS: &[(&str, &[&str])] = &[
    ("span", &[]),
    ("arena", &[]),
    ("shape", &[]),
    ("sanitize", &[]),
    ("tensor", &[]),
    ("diag", &["span"]),
    // The pages of the codes, of which it offers the nearest.
    ("explain", &["diag"]),
    ("stack", &[]),
    ("syntax", &["span", "stack", "diag"]),
    ("program", &["span", "diag", "syntax"]),
    ("ops", &["shape", "tensor"]),
    // Its arguments are described, read and refused as those of operators are.
    ("optim", &["diag", "ops", "tensor"]),
    // Of the operators it knows the contract.
    ("ir", &["span", "arena", "shape", "ops"]),
    ("lower", &["span", "shape", "stack", "diag", "syntax", "program", "ops", "ir"]),
    // The slots of a layer are its operator's; what is counted of layers stands in a table beside them.
    ("resolve", &["span", "arena", "shape", "diag", "ops", "ir"]),
    ("infer", &["span", "arena", "shape", "diag", "ops", "ir"]),
    // Of the tensors it knows how dense ones lie in memory; its errors have places.
    ("plan", &["span", "arena", "shape", "tensor", "diag", "ops", "ir", "infer"]),
    ("exec", &["arena", "shape", "tensor", "ops", "plan"]),
    ("atomic", &[]),
    ("weights", &["tensor", "atomic"]),
    ("data", &["tensor", "diag", "weights"]),
    ("view", &["shape", "ir", "infer"]),
    ("recipe", &["span", "diag", "program", "syntax", "ops", "optim", "lower"]),
    // Sizes that are set decide requirements, as those of data do when a plan is made.
    (
        "compile",
        &["span", "shape", "diag", "syntax", "program", "ops", "ir", "lower", "resolve", "infer", "plan", "recipe"],
    ),
    ("manual", &["span", "shape", "ops", "optim", "ir", "lower", "compile"]),
    ("run", &["shape", "tensor", "diag", "ops", "ir", "infer", "plan", "span", "exec", "weights", "compile"]),
    (
        "train",
        &[
            "shape", "tensor", "diag", "ops", "optim", "ir", "infer", "plan", "exec", "data", "weights", "compile",
            "run",
        ],
    ),
    // It prints what every stage made. `bench` steps a machine by itself, since only the command line knows the time.
    (
        "cli",
        &[
            "span", "stack", "shape", "sanitize", "diag", "explain", "atomic", "view", "syntax", "program", "ops",
            "ir", "lower", "infer", "plan", "weights", "tensor", "optim", "recipe", "data", "compile", "manual", "run",
            "train", "exec",
        ],
    ),
];

/// Where an operator's name means something else.
const NAMED: &[(&str, &str, &str)] = &[
    ("src/ir/view.rs", "reshape", "the view of a storage, `@p.reshape(o, i)`"),
    ("src/lower/views.rs", "reshape", "the same, where it is read"),
    ("src/lower/constant.rs", "abs", "a function of constants"),
    ("src/lower/constant.rs", "max", "a function of constants"),
    ("src/lower/constant.rs", "min", "a function of constants"),
    ("src/lower/constant.rs", "sqrt", "a function of constants"),
    ("src/lower/arithmetic.rs", "abs", "a function of constants"),
    ("src/lower/arithmetic.rs", "max", "a function of constants"),
    ("src/lower/arithmetic.rs", "min", "a function of constants"),
    ("src/lower/arithmetic.rs", "sqrt", "a function of constants"),
    ("src/optim/schedule/linear.rs", "linear", "a schedule"),
    ("src/optim/schedule/one_cycle.rs", "linear", "a straight line"),
    ("src/optim/schedule/one_cycle.rs", "cos", "half a wave"),
    ("src/optim/schedule/plateau.rs", "abs", "how a threshold is meant"),
    ("src/optim/schedule/plateau.rs", "threshold", "an argument of PyTorch's"),
    ("src/optim/adagrad.rs", "sum", "a state, as PyTorch names it"),
    ("src/optim/schedule/plateau.rs", "max", "which losses are good"),
    ("src/optim/schedule/plateau.rs", "min", "which losses are good"),
    ("src/infer/print.rs", "eq", "a relation, as JSON names it"),
    ("src/infer/print.rs", "le", "a relation, as JSON names it"),
];

/// Names of operators that are plain words too.
const WORDS: &[&str] = &["all", "any", "index", "norm", "std", "t", "to", "var", "view", "where"];

fn all() -> Vec<Source> {
    files(&["src", "tests", "benches"], &["rs"])
}

fn production() -> Vec<Source> {
    all().into_iter().filter(|file| file.path.starts_with("src/") && !file.code.is_empty()).collect()
}

fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

/// Lines of code outside `allowed` that hold one of these words.
fn lines_with(words: &[&str], allowed: &[&str]) -> Vec<String> {
    let files = production();
    let outside = files.iter().filter(|file| !allowed.iter().any(|allowed| file.path.starts_with(allowed)));
    outside.flat_map(|file| file.lines_with(words)).collect()
}

#[test]
fn a_module_imports_only_what_stands_above_it() {
    for (index, (module, wanted)) in IMPORTS.iter().enumerate() {
        for name in *wanted {
            assert!(IMPORTS[..index].iter().any(|(above, _)| above == name), "{module} imports {name} from below it");
        }
    }
    let facade = imports::facade();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in production() {
        let Some(module) = file.module() else { continue };
        let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: `{module}` isn't in the table of tests/tidy.rs", file.path));
            continue;
        };
        for name in imports::of(&file) {
            let name = facade.get(&name).unwrap_or(&name);
            count += 1;
            if name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{}: `{module}` may not import `{name}`", file.path));
            }
        }
    }
    none("imports that the table of tests/tidy.rs doesn't have", &wrong);
    assert!(count > 300, "{count} imports found");
}

#[test]
fn every_file_says_what_it_is() {
    let files = all();
    let silent = files.iter().filter(|file| !file.text.starts_with("//! ")).map(|file| file.path.clone());
    none("files without `//!` in their first line", &silent.collect::<Vec<_>>());
    assert!(files.len() > 150, "{} files", files.len());
}

#[test]
fn only_the_command_line_prints() {
    let words = ["println!", "print!", "eprintln!", "eprint!", "dbg!", "io::stdout", "io::stderr", "std::process"];
    none("what belongs into src/cli", &lines_with(&words, &["src/cli/", "src/main.rs"]));
}

#[test]
fn files_are_opened_in_few_places() {
    let words = ["std::fs", "fs::", "tempfile::"];
    // Tables, images and texts lie in files that are read in parts. The last asks the system how much memory there is.
    none(
        "files are opened",
        &lines_with(
            &words,
            &[
                "src/cli/load.rs",
                "src/cli/library.rs",
                "src/atomic.rs",
                "src/weights/",
                "src/data/source.rs",
                "src/cli/memory.rs",
            ],
        ),
    );
}

/// What a run gives hangs on nothing but its arguments and files.
#[test]
fn time_and_environment_stay_above_the_stages() {
    let words = ["std::env", "env::var", "std::time", "Instant::", "SystemTime", "thread_rng", "RandomState"];
    none("what belongs into src/cli", &lines_with(&words, &["src/cli/"]));
}

#[test]
fn only_the_operators_name_operators() {
    let names = wnet::ops::REGISTRY.iter().filter(|def| !def.is_symbol()).map(|def| def.name);
    let names = names.filter(|name| !WORDS.contains(name));
    let mut wrong = Vec::new();
    for name in names {
        let allowed: Vec<&str> = NAMED.iter().filter(|(_, word, _)| *word == name).map(|(path, ..)| *path).collect();
        wrong.extend(lines_with(&[&format!("\"{name}\"")], &[&["src/ops/"], &allowed[..]].concat()));
    }
    none("operators named outside src/ops", &wrong);
}

#[test]
fn files_are_short() {
    let long: Vec<String> = files(&["src"], &["rs"])
        .into_iter()
        .filter(|file| file.text.lines().count() > 400)
        .map(|file| file.path)
        .collect();
    none("files of more than 400 lines", &long);
}

#[test]
fn nothing_is_left_undone() {
    let words =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("to", "do!"), concat!("#[ig", "nore")];
    let words = [&words[..], &[concat!("unimpl", "emented!")]].concat();
    let found: Vec<String> = all().iter().flat_map(|file| file.text_lines_with(&words)).collect();
    none("unfinished", &found);
}

#[test]
fn texts_are_clean() {
    let folders = ["src", "tests", "benches", "examples", "docs", "grammar", ".ci", "."];
    let texts = files(&folders, &["rs", "md", "wnet", "pest", "toml", "py", "json", "snap", "lock", "run", ""]);
    let machine = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut wrong: Vec<String> = texts.iter().flat_map(|file| file.text_lines_with(&machine)).collect();
    // What the formatter is given may look as it likes.
    for file in texts.iter().filter(|file| !file.path.starts_with("tests/fmt/")) {
        for (index, line) in file.text.split('\n').enumerate() {
            if line.contains(['\t', '\r']) || line.ends_with(' ') {
                wrong.push(format!("{}:{}: a tab, a carriage return or a blank at the end", file.path, index + 1));
            }
        }
        if !file.text.ends_with('\n') {
            wrong.push(format!("{}: no line break at the end", file.path));
        }
    }
    none("texts", &wrong);
    assert!(texts.len() > 300, "{} texts", texts.len());
}

/// Paths in backticks; those with capitals or `…` stand for several.
#[test]
fn documents_name_files_that_exist() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in files(&["."], &["md"]) {
        for path in file.text.split('`').skip(1).step_by(2) {
            let folders = ["src/", "tests/", "docs/", "examples/", "grammar/"];
            let concrete = !path.contains(|c: char| c.is_ascii_uppercase() || c.is_whitespace() || c == '…');
            if concrete && folders.iter().any(|folder| path.starts_with(folder)) {
                count += 1;
                wrong.extend((!Path::new(path).exists()).then(|| format!("{}: {path}", file.path)));
            }
        }
    }
    none("paths that lead nowhere", &wrong);
    assert!(count > 40, "{count} paths");
}

/// A new module has a line there.
#[test]
fn architecture_lists_all_modules() {
    let text = std::fs::read_to_string("ARCHITECTURE.md").unwrap();
    let listed = |name: &str| [format!("| `src/{name}/` |"), format!("| `src/{name}.rs` |")];
    let missing =
        IMPORTS.iter().map(|(name, _)| *name).filter(|name| !listed(name).iter().any(|row| text.contains(row)));
    none("modules that ARCHITECTURE.md doesn't list", &missing.map(str::to_owned).collect::<Vec<_>>());
}

#[test]
fn licences_are_those_of_deny_toml() {
    let (packages, wrong) = licences::refused();
    none("licences that deny.toml doesn't allow, or sources other than crates.io", &wrong);
    assert!(packages > 100, "{packages} packages");
}
