//! README and CHANGELOG are true: their programs check, their console blocks show what `wnetc` says, and the tests that
//! the README names exist.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

mod common;

use common::agree;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

const DOCUMENTS: [&str; 2] = ["README.md", "CHANGELOG.md"];

/// A fenced block: the words behind the fence, and the lines.
struct Block {
    words: Vec<String>,
    lines: Vec<String>,
}

/// The blocks of a document that are of this kind.
fn blocks(document: &str, kind: &str) -> Vec<Block> {
    let text = fs::read_to_string(document).unwrap();
    let mut lines = text.lines();
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let words: Vec<String> = info.split_whitespace().map(str::to_owned).collect();
            let lines = lines.by_ref().take_while(|line| *line != "```").map(str::to_owned).collect();
            if words.first().is_some_and(|word| word == kind) {
                blocks.push(Block { words, lines });
            }
        }
    }
    blocks
}

/// A folder with the examples, and with the programs of a document that have a file's name.
fn folder(document: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new("examples"), &folder.path().join("examples"));
    for Block { words, lines } in blocks(document, "wnet") {
        if let [_, name, ..] = words.as_slice() {
            fs::write(folder.path().join(name), lines.join("\n") + "\n").unwrap();
        }
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// What a command prints, both streams as they come, and its exit status.
fn run(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wnetc"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command.env("COLUMNS", "100").env("LC_ALL", "C.UTF-8").env_remove("CLICOLOR_FORCE");
    let mut child = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    // It holds the other ends of the pipe.
    drop(command);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    (text, child.wait().unwrap().code().unwrap())
}

/// Whether lines are as wanted; a line `…` stands for any number of them.
fn matches(found: &[&str], wanted: &[&str]) -> bool {
    match (found, wanted) {
        (_, ["…", rest @ ..]) => (0..=found.len()).any(|skipped| matches(&found[skipped..], rest)),
        ([line, found @ ..], [first, wanted @ ..]) => agree(line, first) && matches(found, wanted),
        _ => found.is_empty() && wanted.is_empty(),
    }
}

/// Runs the commands of a block; what differs is told.
fn compare(block: &Block, folder: &Path) -> (usize, Vec<String>) {
    let (mut count, mut wrong, mut status) = (0, Vec::new(), 0);
    let mut lines = block.lines.iter().map(String::as_str).peekable();
    while let Some(line) = lines.next() {
        let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("`{line}` is no command"));
        let mut wanted = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            wanted.push(line);
        }
        let mut text = format!("{status}\n");
        if command != "echo $?" {
            let arguments = command.strip_prefix("wnetc ").unwrap_or_else(|| panic!("`{command}` isn't `wnetc`"));
            (text, status) = run(folder, &arguments.split(' ').collect::<Vec<_>>());
        }
        let found: Vec<&str> = text.trim_end().lines().collect();
        if !matches(&found, &wanted) {
            wrong.push(format!("$ {command}\n{text}"));
        }
        count += 1;
    }
    (count, wrong)
}

#[test]
fn console_blocks_are_what_wnetc_says() {
    let mut count = 0;
    for document in DOCUMENTS {
        let folder = folder(document);
        let mut wrong = Vec::new();
        for block in blocks(document, "console") {
            let (commands, differs) = compare(&block, folder.path());
            count += commands;
            wrong.extend(differs);
        }
        assert!(wrong.is_empty(), "{document} shows something else than\n{}", wrong.join("\n"));
    }
    assert!(count >= 15, "{count} commands");
}

/// Programs are `wnet`, or `wnet NAME` for those that commands read; one that has an error says `fails` behind it.
#[test]
fn programs_check() {
    let mut count = 0;
    for document in DOCUMENTS {
        let folder = folder(document);
        for Block { words, lines } in blocks(document, "wnet") {
            fs::write(folder.path().join("program.wnet"), lines.join("\n") + "\n").unwrap();
            let (text, status) = run(folder.path(), &["check", "program.wnet"]);
            let fails = words.last().is_some_and(|word| word == "fails");
            assert_eq!(status, i32::from(fails), "{document}: {}\n{text}", lines.join("\n"));
            count += 1;
        }
    }
    assert!(count >= 5, "{count} programs");
}

/// A block with the path of a file shows that file.
#[test]
fn files_are_shown_as_they_are() {
    let mut count = 0;
    for kind in ["wnet", "python"] {
        for Block { words, lines } in blocks("README.md", kind) {
            if let Some(path) = words.get(1).filter(|path| path.contains('/')) {
                assert_eq!(lines.join("\n") + "\n", fs::read_to_string(path).unwrap(), "{path}");
                count += 1;
            }
        }
    }
    assert_eq!(count, 2);
}

#[test]
fn every_example_is_linked() {
    let readme = fs::read_to_string("README.md").unwrap();
    for entry in fs::read_dir("examples").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "wnet") {
            assert!(readme.contains(&format!("({})", path.display())), "no link to {}", path.display());
        }
    }
}

/// The second column of the table of guarantees.
#[test]
fn guarantees_name_tests_that_exist() {
    let mut sources = String::new();
    read(Path::new("src"), &mut sources);
    read(Path::new("tests"), &mut sources);
    let readme = fs::read_to_string("README.md").unwrap();
    let (_, section) = readme.split_once("\n## Guarantees\n").unwrap();
    let rows = section.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut count = 0;
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for name in tests.split('`').skip(1).step_by(2) {
            assert!(sources.contains(&format!("fn {name}(")), "there is no test {name}");
            count += 1;
        }
    }
    assert!(count >= 10, "{count} tests named");
}

fn read(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            *all += &fs::read_to_string(&path).unwrap();
        }
    }
}
