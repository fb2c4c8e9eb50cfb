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

/// The name nearest to one that isn't known, if one is near enough to have been meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + name.chars().count() / 4;
    known
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            let distance =
                if candidate.eq_ignore_ascii_case(name) { 0 } else { strsim::damerau_levenshtein(candidate, name) };
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Everything that a run has found so far.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
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
        Self { list: self.list.into_iter().filter(|one| seen.insert((one.code.clone(), one.span()))).collect() }
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
