//! What the reader can report, and how it quotes source text: each variant holds its words and places, made where the
//! mistake is found. Nothing here looks at the source.

#![allow(unused_assignments, reason = "the derived code reads the fields where the lint doesn't see it")]

use miette::{Diagnostic, LabeledSpan};
use thiserror::Error;

type Labels = Vec<LabeledSpan>;
type Help = Option<String>;

/// A mistake in the text.
#[derive(Clone, Debug, Error, Diagnostic)]
pub enum SyntaxError {
    #[error("expected {expected}, found {found}")]
    #[diagnostic(code("syntax"))]
    Unexpected {
        expected: String,
        found: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("nesting-limit"))]
    NestingLimit {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("this `{bracket}` is never closed")]
    #[diagnostic(code("unclosed-bracket"))]
    UnclosedBracket {
        bracket: char,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("unmatched-bracket"))]
    UnmatchedBracket {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{word}` is a word of the language and can't be a name")]
    #[diagnostic(code("reserved-word"))]
    ReservedWord {
        word: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{keyword}` is a statement, not a value that can be set")]
    #[diagnostic(code("keyword-assignment"))]
    KeywordAssignment {
        keyword: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{escape}` is no escape")]
    #[diagnostic(
        code("string-escape"),
        help("the escapes are `\\n`, `\\t`, `\\\"` and `\\\\`; a lone backslash is written `\\\\`")
    )]
    StringEscape {
        escape: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("this string isn't closed on its line")]
    #[diagnostic(code("unclosed-string"), help("end it with `\"`; a line break inside is written `\\n`"))]
    UnclosedString {
        #[label(collection)]
        labels: Labels,
    },

    #[error("strings are written in double quotes")]
    #[diagnostic(code("single-quotes"))]
    SingleQuotes {
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{number}` is too {size}")]
    #[diagnostic(code("number-range"))]
    NumberRange {
        number: String,
        size: &'static str,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{number}` is no number")]
    #[diagnostic(code("number-syntax"))]
    NumberSyntax {
        number: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{operator}` isn't part of the language: a name is bound anew with `=`")]
    #[diagnostic(code("augmented-assignment"))]
    AugmentedAssignment {
        operator: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`@` stands in front of a reference, not between two values")]
    #[diagnostic(code("at-operator"))]
    AtOperator {
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`^` repeats a stage of a pipeline; a power is written `**`")]
    #[diagnostic(code("caret-operator"))]
    CaretOperator {
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("pipeline-operand"))]
    PipelineOperand {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("comparisons can't be chained")]
    #[diagnostic(code("chained-comparison"))]
    ChainedComparison {
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("this line continues the statement above")]
    #[diagnostic(code("line-start"))]
    LineStart {
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{what} looks like `{twin}`, but isn't")]
    #[diagnostic(code("confusable-letter"))]
    ConfusableLetter {
        what: String,
        twin: char,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("unexpected {what}")]
    #[diagnostic(code("unexpected-character"))]
    UnexpectedCharacter {
        what: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },
}

/// How many characters of source a message quotes.
const QUOTED: usize = 40;

/// Source text as it may stand in a message: on one line, short, and without control characters.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    for (count, word) in text.split_ascii_whitespace().enumerate() {
        if count > 0 {
            out.push(' ');
        }
        for character in word.chars() {
            if is_unprintable(character) {
                out.extend(character.escape_unicode());
            } else {
                out.push(character);
            }
        }
        if out.len() > 4 * QUOTED {
            break;
        }
    }
    if out.chars().count() <= QUOTED {
        return out;
    }
    let mut short: String = out.chars().take(QUOTED - 1).collect();
    short.push('…');
    short
}

/// Control characters, and those that change the direction of text or have no width.
pub(super) fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{61c}' | '\u{ad}')
}
