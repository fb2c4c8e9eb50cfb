//! The files of the project, each with its text and with what of it is code of the crate.

use std::fs;
use std::path::Path;

pub(super) struct Source {
    /// From the crate's root.
    pub(super) path: String,
    pub(super) text: String,
    /// Without lines that are comments, and without tests; empty for a file of tests.
    pub(super) code: String,
}

impl Source {
    /// The module of the crate that the file belongs to; `None` for the roots.
    pub(super) fn module(&self) -> Option<&str> {
        let inner = self.path.strip_prefix("src/")?;
        let module = inner.split('/').next()?;
        let module = module.strip_suffix(".rs").unwrap_or(module);
        (!["lib", "main"].contains(&module)).then_some(module)
    }

    /// `path:line: text` for each line of code with one of these words.
    pub(super) fn lines_with(&self, words: &[&str]) -> Vec<String> {
        self.search(&self.code, words)
    }

    /// The same for all lines.
    pub(super) fn text_lines_with(&self, words: &[&str]) -> Vec<String> {
        self.search(&self.text, words)
    }

    fn search(&self, text: &str, words: &[&str]) -> Vec<String> {
        let hits = text.lines().enumerate().filter(|(_, line)| words.iter().any(|word| has(line, word)));
        hits.map(|(index, line)| format!("{}:{}: {}", self.path, index + 1, line.trim())).collect()
    }
}

/// Whether a word stands in a line without a letter in front of it.
fn has(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// All files with these extensions in some folders, sorted. Of `.` only what lies in it directly.
pub(super) fn files(folders: &[&str], extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    for folder in folders {
        visit(Path::new(folder), extensions, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn visit(folder: &Path, extensions: &[&str], found: &mut Vec<Source>) {
    // A folder that isn't there yet has no files.
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if folder != Path::new(".") {
                visit(&path, extensions, found);
            }
            continue;
        }
        let extension = path.extension().map_or("", |extension| extension.to_str().unwrap());
        // In a second work tree `.git` is a file, and none of the project's.
        if extensions.contains(&extension) && path != Path::new("./.git") {
            let text = String::from_utf8(fs::read(&path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let path = path.strip_prefix(".").unwrap_or(&path).to_str().unwrap().replace('\\', "/");
            let code = code(&path, &text);
            found.push(Source { path, text, code });
        }
    }
}

/// What is left of a text without comments and tests, every line in its place.
fn code(path: &str, text: &str) -> String {
    if path.contains("/tests/") || path.ends_with("/tests.rs") {
        return String::new();
    }
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}
