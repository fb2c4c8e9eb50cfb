//! Collected diagnostics. Each stage has its own `thiserror` + `miette` enum of what it can report; [`Diagnostics`]
//! takes any of them in, keeps them as plain data and sorts them by place. It prints nothing.

use crate::span::Span;
use std::collections::HashSet;

/// How much a diagnostic matters. Only errors make a file unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place that took part, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One finding. The first label is the place where it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: String,
    pub severity: Severity,
    pub message: String,
    pub labels: Vec<Label>,
    pub help: Option<String>,
}

impl Diagnostic {
    /// The place where it is reported.
    #[must_use]
    pub fn span(&self) -> Span {
        self.labels.first().map_or(Span::new(0, 0), |label| label.span)
    }
}

impl From<Span> for miette::SourceSpan {
    fn from(span: Span) -> Self {
        (span.start as usize, span.len() as usize).into()
    }
}

/// A label for an enum's `#[label(collection)]` field.
#[must_use]
pub fn label(span: Span, text: impl Into<String>) -> miette::LabeledSpan {
    miette::LabeledSpan::new_with_span(Some(text.into()), miette::SourceSpan::from(span))
}

/// A label for the place where the finding is reported, for an enum's `#[label(collection)]` field.
#[must_use]
pub fn primary(span: Span, text: impl Into<String>) -> miette::LabeledSpan {
    miette::LabeledSpan::new_primary_with_span(Some(text.into()), miette::SourceSpan::from(span))
}

impl<D: miette::Diagnostic> From<&D> for Diagnostic {
    fn from(source: &D) -> Self {
        let mut labels: Vec<(bool, Label)> = source
            .labels()
            .into_iter()
            .flatten()
            .map(|label| {
                let start = u32::try_from(label.offset()).unwrap_or(u32::MAX);
                let length = u32::try_from(label.len()).unwrap_or(u32::MAX);
                let span = Span::new(start, start.saturating_add(length));
                (label.primary(), Label { span, text: label.label().unwrap_or("").to_owned() })
            })
            .collect();
        labels.sort_by_key(|(primary, _)| !primary);
        Self {
            code: source.code().map_or_else(String::new, |code| code.to_string()),
            severity: match source.severity() {
                None | Some(miette::Severity::Error) => Severity::Error,
                Some(miette::Severity::Warning) => Severity::Warning,
                Some(miette::Severity::Advice) => Severity::Note,
            },
            message: source.to_string(),
            labels: labels.into_iter().map(|(_, label)| label).collect(),
            help: source.help().map(|help| help.to_string()),
        }
    }
}

/// A longer name is never offered, and none is looked for in its place.
const MAX_NAME: usize = 100;

/// How many known names one list of findings may be compared with.
const MAX_COMPARED: usize = 1 << 20;

/// The name nearest to one that isn't known, if one is near enough to have been meant.
#[must_use]
pub fn nearest<S: AsRef<str> + Ord>(name: &str, known: impl IntoIterator<Item = S>) -> Option<S> {
    let length = name.chars().count();
    if length > MAX_NAME {
        return None;
    }
    let allowed = 1 + length / 4;
    known
        .into_iter()
        .filter_map(|candidate| {
            let text = candidate.as_ref();
            // No change of a letter makes up for more than one letter of length.
            if text == name || text.len() > 4 * (length + allowed) || text.chars().count().abs_diff(length) > allowed {
                return None;
            }
            let distance = if text.eq_ignore_ascii_case(name) { 0 } else { strsim::damerau_levenshtein(text, name) };
            (distance <= allowed).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Everything that a run has found so far.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// How many names `nearest` was given.
    compared: usize,
}

impl Diagnostics {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[allow(clippy::needless_pass_by_value, reason = "a finding is given away where it is made")]
    pub fn push<D: miette::Diagnostic>(&mut self, finding: D) {
        self.list.push(Diagnostic::from(&finding));
    }

    /// The known name nearest to one that isn't, for a finding of this list. Where thousands of names aren't known, only
    /// the first get this help: comparing all with all would take a minute.
    pub fn nearest<S: AsRef<str> + Ord>(&mut self, name: &str, known: impl IntoIterator<Item = S>) -> Option<S> {
        if self.compared >= MAX_COMPARED {
            return None;
        }
        nearest(name, known.into_iter().inspect(|_| self.compared += 1))
    }

    /// Whether near names are still looked for.
    #[must_use]
    pub fn may_compare(&self) -> bool {
        self.compared < MAX_COMPARED
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Forgets all findings but the first.
    pub fn truncate(&mut self, len: usize) {
        self.list.truncate(len);
    }

    /// Takes in a finding that is plain data already.
    pub fn add(&mut self, finding: Diagnostic) {
        self.list.push(finding);
    }

    /// The same, of each code and place only the first.
    #[must_use]
    pub fn once(self) -> Self {
        let mut seen = HashSet::new();
        let list = self.list.into_iter().filter(|one| seen.insert((one.code.clone(), one.span()))).collect();
        Self { list, ..self }
    }

    /// Takes in the findings of codes and places that weren't `seen`: a body that is read for several models or calls
    /// has its mistakes once.
    pub fn extend_new(&mut self, other: Self, seen: &mut HashSet<(String, Span)>) {
        let key = |one: &Diagnostic| (one.code.clone(), one.span());
        let new: Vec<Diagnostic> = other.list.into_iter().filter(|one| !seen.contains(&key(one))).collect();
        seen.extend(new.iter().map(key));
        self.list.extend(new);
    }

    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// All findings in source order, each once.
    #[must_use]
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| {
            (a.span().start, a.severity, &a.code, a.span().end, &a.message).cmp(&(
                b.span().start,
                b.severity,
                &b.code,
                b.span().end,
                &b.message,
            ))
        });
        self.list.dedup();
        self.list
    }

    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_have_been_meant_is_near() {
        for (name, near) in [
            ("bacht", Some("batch")),
            ("Batch", Some("batch")),
            ("hiden", Some("hidden")),
            ("batch", None),
            ("x", Some("h")),
            ("completely", None),
        ] {
            assert_eq!(nearest(name, ["batch", "hidden", "h"]), near, "{name}");
        }
    }

    #[test]
    fn names_of_any_length_are_compared_in_no_time() {
        let long = "x".repeat(1_000_000);
        assert_eq!(nearest(&long, [format!("{long}y")]), None);
        assert_eq!(nearest("xy", [long.as_str(), "x"]), Some("x"));
    }

    #[test]
    fn help_ends_where_it_would_cost_too_much() {
        let known: Vec<String> = (0..50_000).map(|index| format!("name{index}")).collect();
        let mut diagnostics = Diagnostics::new();
        let helped = (0..100_000).filter(|_| diagnostics.nearest("nmae7", known.iter().map(String::as_str)).is_some());
        assert_eq!(helped.count(), 21);
    }
}
