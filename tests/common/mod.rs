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

pub mod pytorch;

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

/// The flags with which an example is run: what gives it small sizes, and chooses one of its models.
pub fn run_flags(name: &str) -> &'static str {
    match name {
        "digits" => "--data examples/data/digits.npz",
        "albert" | "bert" | "gpt2" | "lstm_lm" | "universal_transformer" => "--set batch=2 --set seq=5 --set vocab=40",
        "fused_qkv" | "tied_head" => "--set batch=2 --set seq=5",
        "vocabulary_slice" => "--set batch=2 --set seq=5 --set vocab=40 --set answers=30",
        "t5" => "--set batch=2 --set size=6 --set length=5 --set vocab=40",
        "resnet18" => "--set batch=2 --set h=17 --set w=17 --set width=2 --set classes=10",
        "autoencoder_stack" => "--set batch=4 --set sizes=[64,32,16,8]",
        "residual_stack" => "--model Repeated --set batch=2 --set height=4 --set width=4 --set channels=8",
        "siamese" | "siamese_statistics" => "--set batch=2 --set height=8 --set width=8",
        "unet" => "--set batch=1 --set h=2 --set w=2 --set widths=[4,8,16]",
        "vit" => "--set batch=2",
        _ => "--set batch=4",
    }
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

/// Numbers of a run depend in their last digits on the order in which the machine adds.
pub fn agree(found: &str, wanted: &str) -> bool {
    let number = |text: &str| {
        let text = text.trim_end_matches(',');
        text.parse::<f64>().ok().filter(|_| text.contains('.'))
    };
    let (a, b): (Vec<&str>, Vec<&str>) = (found.split(' ').collect(), wanted.split(' ').collect());
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| match (number(a), number(b)) {
            (Some(x), Some(y)) => (x - y).abs() <= 1e-3 * y.abs(),
            _ => *a == b,
        })
}

/// A document that is made of what the compiler knows. With `UPDATE_DOCS` it is written anew, by this test.
pub fn is_current(file: &str, wanted: &str, test: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(file).unwrap_or_default();
    let differs = found.lines().zip(wanted.lines()).position(|(found, wanted)| found != wanted);
    let line = differs.unwrap_or_else(|| found.lines().count().min(wanted.lines().count())) + 1;
    assert!(found == wanted, "{file} is out of date at line {line}; `UPDATE_DOCS=1 cargo test --test {test}`");
}
