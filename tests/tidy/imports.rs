//! The modules that a file names: what stands behind `crate::`, alone or in braces, and behind enough `super::`.

use super::source::Source;
use std::collections::BTreeMap;

/// Names that the root of the crate exports, with the module that each comes from.
pub(super) fn facade() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string("src/lib.rs").unwrap();
    let exports = text.lines().filter_map(|line| line.strip_prefix("pub use ")?.strip_suffix(';')?.split_once("::"));
    let mut names = BTreeMap::new();
    for (module, items) in exports {
        for name in items.trim_matches(['{', '}']).split(", ") {
            names.insert(name.to_owned(), module.to_owned());
        }
    }
    assert!(!names.is_empty());
    names
}

/// The names that a file takes from the root of the crate.
pub(super) fn of(file: &Source) -> Vec<String> {
    let up = "super::".repeat(depth(&file.path));
    let mut names = Vec::new();
    for root in ["crate::", &up] {
        for (at, _) in file.code.match_indices(root) {
            if root == up && file.code[..at].ends_with("super::") {
                continue;
            }
            let rest = &file.code[at + root.len()..];
            match rest.strip_prefix('{') {
                Some(group) => names.extend(first_names(group)),
                None => names.push(word(rest)),
            }
        }
    }
    names
}

/// How many `super::` lead from a file to the root.
fn depth(path: &str) -> usize {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inner.split('/').count()
}

/// Of `a::b, c::{d, e}, f}` the names `a`, `c` and `f`.
fn first_names(group: &str) -> Vec<String> {
    let (mut names, mut level, mut fresh) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => level += 1,
            '}' if level == 0 => break,
            '}' => level -= 1,
            ',' if level == 0 => fresh = true,
            _ if fresh && !c.is_whitespace() => {
                names.push(word(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
