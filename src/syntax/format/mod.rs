//! Text → the same text in the one form that all files have. Comments stay where they are, and neither a word nor the
//! meaning changes; a result for which that can't be shown isn't given out. Text with mistakes is refused.

mod align;
mod gap;
mod lines;
mod outline;
mod print;
mod same;
mod spacing;
mod steps;

use super::token::Tokens;
use super::{MAX_SOURCE, brackets, parse, scan};
use crate::diag::{Diagnostic, Diagnostics, primary};
use crate::span::{SourceFile, Span};
use thiserror::Error;

/// Why a text has no formatted form.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FormatError {
    /// What is wrong with it, in source order.
    #[error("the text has mistakes")]
    Mistakes(Vec<Diagnostic>),

    /// The formatter's own mistake.
    #[error("formatting would change what the text says")]
    Changed,
}

#[derive(Debug, Error, miette::Diagnostic)]
#[error("formatted, the file would have more than the {MAX_SOURCE} bytes that a source file may have")]
#[diagnostic(code("source-size"), help("give what is nested deep names of its own"))]
struct TooLarge {
    #[label(collection)]
    labels: Vec<miette::LabeledSpan>,
}

/// The formatted text of a file: lines end with `\n`, and formatting it again gives the same.
pub fn format(file: &SourceFile) -> Result<String, FormatError> {
    let mut found = Diagnostics::new();
    let tree = parse(file, &mut found);
    let tokens = tokens(file).filter(|_| !found.has_errors());
    let Some(tokens) = tokens else { return Err(FormatError::Mistakes(found.sorted())) };
    let text = lines::write(&tokens);
    if text.len() > MAX_SOURCE {
        let start = file.span().start;
        found.push(TooLarge { labels: vec![primary(Span::new(start, start), "")] });
        return Err(FormatError::Mistakes(found.sorted()));
    }
    if text == file.text() || same::is_same(file, &tree, &tokens, &text) { Ok(text) } else { Err(FormatError::Changed) }
}

/// The tokens with their brackets paired; `None` if there are mistakes among them.
fn tokens(file: &SourceFile) -> Option<Tokens<'_>> {
    let mut errors = Vec::new();
    let mut tokens = scan::scan(file, &mut errors);
    let paired = brackets::pair(&mut tokens, &mut errors);
    (paired && errors.is_empty()).then_some(tokens)
}
