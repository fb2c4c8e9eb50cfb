//! A program of a page: its files, the marks in its comments, and what checking it gives.

use indexmap::IndexMap;
use std::collections::BTreeMap;
use wnet::diag::Diagnostic;
use wnet::ops::Value;
use wnet::program::Library;
use wnet::span::SourceMap;
use wnet::{Checked, Settings, compile};

/// The file that a case begins with, unless it says otherwise.
const FIRST: &str = "case.wnet";

/// What a comment says.
#[derive(Debug, PartialEq, Eq)]
pub enum Mark {
    /// `#! error[code] words`: what is reported on this line. `#!^` means the line above.
    Finding(String),
    /// `#: [batch, 10]`: the types of the values of this line.
    Types(String),
    /// `#= key: value`: something that holds of the model.
    Fact(String),
}

/// A mark with the name of its file and its line, counted from 1.
#[derive(Debug)]
pub struct Marked {
    pub file: String,
    pub line: u32,
    pub mark: Mark,
}

#[derive(Debug)]
pub struct Case {
    /// What stands behind `wnet` in the page.
    pub kind: String,
    /// Where the program begins in the page.
    pub line: usize,
    /// Names and texts; the first is the one that is checked.
    pub files: Vec<(String, String)>,
    pub marks: Vec<Marked>,
}

/// A case with what was found.
pub struct Outcome {
    pub map: SourceMap,
    pub checked: Checked,
}

impl Outcome {
    /// The file and line of an offset.
    pub fn place(&self, at: u32) -> (String, u32) {
        let file = self.map.file_at(at).map_or("", |file| file.name());
        (file.to_owned(), self.map.position(at).line)
    }
}

/// The programs of a page, those between ```` ```wnet ```` and ```` ``` ````.
pub fn cases(path: &str, page: &str) -> Vec<Case> {
    let mut found = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(kind) = line.strip_prefix("```wnet") else { continue };
        let mut body = Vec::new();
        loop {
            let Some((_, line)) = lines.next() else { panic!("{path}:{}: it isn't closed", at + 1) };
            if line == "```" {
                break;
            }
            body.push(line);
        }
        found.push(Case::new(kind.trim().to_owned(), at + 1, &body));
    }
    found
}

impl Case {
    fn new(kind: String, line: usize, body: &[&str]) -> Self {
        let mut files: Vec<(String, String)> = Vec::new();
        let mut marks = Vec::new();
        let mut number = 0;
        for text in body {
            if let Some(name) = text.strip_prefix("# file: ") {
                files.push((name.to_owned(), String::new()));
                number = 0;
                continue;
            }
            if files.is_empty() {
                files.push((FIRST.to_owned(), String::new()));
            }
            number += 1;
            let (name, file) = files.last_mut().unwrap();
            file.push_str(text);
            file.push('\n');
            marks.extend(marks_of(text, number).map(|(line, mark)| Marked { file: name.clone(), line, mark }));
        }
        Self { kind, line, files, marks }
    }

    /// Reads the first file and all that it imports from the others.
    pub fn check(&self) -> Outcome {
        let mut map = SourceMap::new();
        let (name, text) = &self.files[0];
        map.add(name.as_str(), text.as_str()).unwrap();
        let mut library = Memory(self.files.iter().cloned().collect(), name.clone());
        let checked = compile(&mut map, &mut library, &self.settings());
        Outcome { map, checked }
    }

    /// The facts with a key, `key: value` or `key value`.
    pub fn facts<'a>(&'a self, key: &'a str) -> impl Iterator<Item = (&'a Marked, &'a str)> {
        self.marks.iter().filter_map(move |marked| {
            let Mark::Fact(text) = &marked.mark else { return None };
            let value = text.strip_prefix(key)?.strip_prefix([':', ' '])?;
            Some((marked, value.trim()))
        })
    }

    /// `#= set name=value` and `#= max-nodes 100`.
    fn settings(&self) -> Settings {
        let set: IndexMap<String, Value> = self
            .facts("set")
            .map(|(_, text)| {
                let (name, value) = text.split_once('=').expect("name=value");
                (
                    name.to_owned(),
                    value.parse::<i64>().map_or(Value::Str(value.into()), |value| Value::Int(value.into())),
                )
            })
            .collect();
        let max_nodes = self.facts("max-nodes").next().map(|(_, text)| text.parse().unwrap());
        Settings { model: None, set, max_nodes }
    }

    /// Findings as text, one a line.
    pub fn list(found: &[Diagnostic]) -> String {
        let line = |one: &Diagnostic| {
            let labels: Vec<&str> = one.labels.iter().map(|label| label.text.as_str()).collect();
            let help = one.help.as_ref().map_or_else(String::new, |help| format!("\n      help: {help}"));
            format!("    {}[{}] {}\n      {}{help}", one.severity.name(), one.code, one.message, labels.join("; "))
        };
        found.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// The marks of a line, each with the line that it speaks of.
fn marks_of(text: &str, number: u32) -> impl Iterator<Item = (u32, Mark)> {
    let mut starts: Vec<usize> = ["#!", "#:", "#="]
        .iter()
        .flat_map(|sign| text.match_indices(sign).map(|(at, _)| at))
        .filter(|at| *at == 0 || text[..*at].ends_with(' '))
        .collect();
    starts.sort_unstable();
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([text.len()]).collect();
    let mut found = Vec::new();
    for (start, end) in starts.into_iter().zip(ends) {
        let words = text[start + 2..end].trim();
        found.push(match &text[start..start + 2] {
            "#!" => {
                let rest = words.trim_start_matches('^');
                let above = u32::try_from(words.len() - rest.len()).unwrap();
                (number - above, Mark::Finding(rest.trim().to_owned()))
            }
            "#:" => (number, Mark::Types(words.to_owned())),
            _ => (number, Mark::Fact(words.to_owned())),
        });
    }
    found.into_iter()
}

/// The files of a case, by name, and the name of the first.
struct Memory(BTreeMap<String, String>, String);

impl Library for Memory {
    fn root(&self) -> String {
        self.1.clone()
    }

    fn read(&mut self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "there is no such file".to_owned())
    }

    fn name(&self, path: &str) -> String {
        path.to_owned()
    }
}
