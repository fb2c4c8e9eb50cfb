//! What is reported of a case, against the `#!` marks in its comments: all of it, and nothing else.

use crate::case::{Case, Mark, Outcome};
use wnet::diag::Diagnostic;

/// What differs.
pub fn compare(case: &Case, outcome: &Outcome) -> Vec<String> {
    let mut found: Vec<&Diagnostic> = outcome.checked.diagnostics.iter().collect();
    let mut wrong = Vec::new();
    for marked in &case.marks {
        let Mark::Finding(text) = &marked.mark else { continue };
        let place = (marked.file.clone(), marked.line);
        match found.iter().position(|one| outcome.place(one.span().start) == place && is_meant(text, one)) {
            Some(at) => _ = found.remove(at),
            None => wrong.push(format!("{}:{}: it isn't reported: {text}", marked.file, marked.line)),
        }
    }
    for one in found {
        let (file, line) = outcome.place(one.span().start);
        wrong.push(format!("{file}:{line}: nothing is said of\n{}", Case::list(std::slice::from_ref(one))));
    }
    wrong
}

/// Whether the mark `error[code] words` speaks of a finding. The words stand in its message, in a label or in its help.
fn is_meant(text: &str, found: &Diagnostic) -> bool {
    let head = format!("{}[{}]", found.severity.name(), found.code);
    let Some(words) = text.strip_prefix(head.as_str()) else { return false };
    let words = words.trim();
    let labels = found.labels.iter().map(|label| label.text.as_str());
    let mut texts = labels.chain([found.message.as_str()]).chain(found.help.as_deref());
    texts.any(|text| text.contains(words))
}
