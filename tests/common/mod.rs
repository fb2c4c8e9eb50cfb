//! What the tests of the program share: running `wnetc` in an environment that says nothing, with files of its own.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic, and not every test needs all helpers"
)]

pub mod reference;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// What a finished command left.
pub struct Ran {
    /// `None` if a signal ended it.
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn new(output: &Output) -> Self {
        Self {
            status: output.status.code(),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// Standard error, standard output and the status, as one text.
    pub fn all(&self) -> String {
        format!("{}{}status {}\n", self.err, self.out, self.status.map_or("none".to_owned(), |code| code.to_string()))
    }

    /// The JSON objects on standard output, one a line.
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The program, without arguments yet. It runs where the examples are.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wnetc"));
    command.env_clear().current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

/// Runs `wnetc` with arguments that blanks separate.
pub fn wnetc(arguments: &str) -> Ran {
    Ran::new(&program().args(arguments.split_whitespace()).output().unwrap())
}

/// Runs `wnetc` with a text on standard input.
pub fn piped(arguments: &str, input: &[u8]) -> Ran {
    let mut command = program();
    command.args(arguments.split_whitespace()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // It may stop reading before the end.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran::new(&output)
}

/// A folder that goes away with the value.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path of a file in it, as an argument.
    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// The names of the files in it, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A text without the path of the folder.
    pub fn hide(&self, text: &str) -> String {
        text.replace(self.0.path().to_str().unwrap(), "FOLDER")
    }
}

/// The example files, sorted.
pub fn examples() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wnet"));
    files.sort();
    files
}

/// The text of an example.
pub fn example(name: &str) -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)).unwrap()
}

/// An example with one part of it changed.
pub fn changed(name: &str, from: &str, to: &str) -> String {
    let text = example(name);
    assert_eq!(text.matches(from).count(), 1, "`{from}` in {name}");
    text.replace(from, to)
}
