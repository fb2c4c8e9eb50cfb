//! Why a piece is no statement: from the place where parsing stopped to the mistake that was most likely made there.

use super::errors::{SyntaxError, quoted};
use super::expected::{expected, is_value};
use super::grammar::Rule;
use super::piece::{Failure, Piece};
use super::place::Place;
use super::starts::is_unknown_keyword;
use super::token::{Bracket, Keyword, Kind, Tokens};
use crate::diag::{label, primary};

/// The mistake at a failure.
pub(super) fn explain(tokens: &Tokens, piece: Piece, rule: Rule, failure: &Failure) -> SyntaxError {
    let place = Place { tokens, piece, at: failure.at };
    place.special(&failure.tried).unwrap_or_else(|| place.general(rule, &failure.tried))
}

/// Whether parsing stopped at a line that goes on nothing: a mistake of its own, not of the statement before it.
pub(super) fn is_foreign_line(tokens: &Tokens, piece: Piece, failure: &Failure) -> bool {
    let at = failure.at;
    let inside = Place { tokens, piece, at }.opener().is_some();
    at > piece.from && at < piece.to && tokens.is_first(at) && tokens.before(at).ends_expression() && !inside
}

pub(super) fn no_statement(tokens: &Tokens, at: usize) -> SyntaxError {
    let help = match (tokens.kind(at), tokens.word(at)) {
        (Kind::Keyword(Keyword::Else), _) => Some("an `else` stands behind the `}` of its `if`".to_owned()),
        (Kind::Name, _) if (tokens.kind(at + 1), tokens.kind(at + 2)) == (Kind::Assign, Kind::At) => Some(
            "`@` stands in ties, which follow a layer's kind; a second name for a layer is `layer b = @a`, and as a value \
             the name alone is enough"
                .to_owned(),
        ),
        (Kind::Name, word) => statement_help(tokens, at, word),
        _ => Some("a statement begins with its keyword or with `name =`".to_owned()),
    };
    unexpected(tokens, at, "a statement".to_owned(), help)
}

fn statement_help(tokens: &Tokens, at: usize, word: &str) -> Option<String> {
    let next = tokens.kind(at + 1);
    match word {
        "elif" | "elsif" => return Some("write `else if`".to_owned()),
        "return" => return Some("write `output`".to_owned()),
        "let" | "var" if next == Kind::Name => return Some("a value needs no keyword: write `name = …`".to_owned()),
        "const" | "use" => return Some(format!("`{word}` stands outside of models and blocks")),
        "block" if next == Kind::Name => return Some("a block is written `block NAME(…) { … }`".to_owned()),
        "model" if next == Kind::Name => {
            return Some("a model stands beside the others: move it behind the `}` of this body".to_owned());
        }
        _ => {}
    }
    if matches!(next, Kind::Open(Bracket::Round) | Kind::Arrow | Kind::Dot) || tokens.is_first(at + 1) {
        return Some(format!("give the value a name: `y = {}…`", quoted(word)));
    }
    let keywords = ["input", "output", "param", "buffer", "layer", "loss", "for", "if", "assert", "frozen"];
    let near = nearest(word, &keywords);
    near.or_else(|| Some("a statement begins with its keyword or with `name =`".to_owned()))
}

fn nearest(word: &str, keywords: &[&str]) -> Option<String> {
    if word.len() >= 16 {
        return None;
    }
    let near = keywords.iter().map(|keyword| (strsim::damerau_levenshtein(keyword, word), keyword)).min();
    let (_, keyword) = near.filter(|&(distance, keyword)| distance <= 2 && distance <= keyword.len() / 2)?;
    Some(format!("did you mean `{keyword}`?"))
}

pub(super) fn no_item(tokens: &Tokens, at: usize) -> SyntaxError {
    let inside = match tokens.kind(at) {
        Kind::Keyword(_) => true,
        Kind::Name => matches!(tokens.kind(at + 1), Kind::Assign | Kind::Comma),
        _ => false,
    };
    let help = if inside {
        "statements stand in the body of a model or block: `model NAME(…) { … }`"
    } else {
        "a file holds `use`, `const`, `block`, `model` and `train`"
    };
    let near = nearest(tokens.word(at), &["use", "const", "block", "model", "train"]);
    let near = near.filter(|_| tokens.kind(at) == Kind::Name && tokens.kind(at + 1).is_word());
    let help = near.unwrap_or_else(|| help.to_owned());
    unexpected(tokens, at, "an item such as `model NAME(…) { … }`".to_owned(), Some(help))
}

/// A head without `{`: what stands at `at` in its place.
pub(super) fn missing_body(tokens: &Tokens, head: usize, at: usize) -> SyntaxError {
    SyntaxError::Unexpected {
        expected: "`{`".to_owned(),
        found: found(tokens, at),
        labels: vec![
            primary(tokens.after(at), "a body should begin here"),
            label(tokens.span(head), "the body of this"),
        ],
        help: None,
    }
}

pub(super) fn too_deep(tokens: &Tokens, at: usize) -> SyntaxError {
    SyntaxError::NestingLimit {
        message: format!("`for` and `if` are nested more than {} deep", super::brackets::MAX_DEPTH),
        labels: vec![primary(tokens.span(at), "one more than can be read; each `else if` counts")],
        help: Some("divide the body into blocks".to_owned()),
    }
}

fn found(tokens: &Tokens, at: usize) -> String {
    match tokens.kind(at) {
        Kind::End => "the end of the file".to_owned(),
        _ => format!("`{}`", quoted(tokens.word(at))),
    }
}

fn unexpected(tokens: &Tokens, at: usize, expected: String, help: Option<String>) -> SyntaxError {
    let labels = vec![primary(tokens.span(at), format!("expected {expected}"))];
    SyntaxError::Unexpected { expected, found: found(tokens, at), labels, help }
}

impl Place<'_, '_> {
    fn special(&self, tried: &[Rule]) -> Option<SyntaxError> {
        let after_value = self.tokens.before(self.at).ends_expression() && self.at > self.piece.from;
        if let Some(error) = self.keyword_assignment().or_else(|| self.reserved_target()) {
            return Some(error);
        }
        if self.at >= self.piece.to {
            return None;
        }
        if self.at == self.piece.from + 1 && is_unknown_keyword(self.tokens, self.piece.from) {
            return Some(no_statement(self.tokens, self.piece.from));
        }
        if let Some(error) = self.reserved_argument(tried) {
            return Some(error);
        }
        match self.tokens.kind(self.at) {
            Kind::Augmented => Some(self.augmented()),
            Kind::At if after_value => self.at_operator(),
            Kind::Caret if after_value => Some(self.caret()),
            Kind::Arrow if after_value => self.pipeline_after_operator(),
            kind if after_value && (kind.is_operator() || kind == Kind::Keyword(Keyword::If)) => {
                self.operator_after_pipeline()
            }
            Kind::Keyword(keyword) => self.reserved(keyword, tried),
            _ => None,
        }
    }

    fn keyword_assignment(&self) -> Option<SyntaxError> {
        let from = self.piece.from;
        let Kind::Keyword(keyword @ (Keyword::Output | Keyword::Loss)) = self.tokens.kind(from) else { return None };
        if self.tokens.kind(from + 1) != Kind::Assign || from + 1 >= self.piece.to {
            return None;
        }
        let word = self.tokens.word(from);
        let value = quoted(self.tokens.words(from + 2, self.piece.to));
        let value = if value.is_empty() { "…" } else { &value };
        let help = if keyword == Keyword::Output {
            format!("write `output {value}`, or `output name = {value}` to give it a name")
        } else {
            format!("write `loss {value}`")
        };
        Some(SyntaxError::KeywordAssignment {
            keyword: word.to_owned(),
            labels: vec![primary(self.tokens.span_of(from, from + 2), "no `=` here")],
            help: Some(help),
        })
    }

    fn augmented(&self) -> SyntaxError {
        let Piece { from, to } = self.piece;
        let operator = self.tokens.word(self.at);
        let target = quoted(self.tokens.words(from, self.at));
        let value = quoted(self.tokens.words(self.at + 1, to));
        let compound = self.flat(self.at + 1, to).any(|index| self.tokens.kind(index).is_operator());
        let value = if compound { format!("({value})") } else { value };
        let sign = operator.trim_end_matches('=');
        SyntaxError::AugmentedAssignment {
            operator: operator.to_owned(),
            labels: vec![primary(self.tokens.span(self.at), "")],
            help: Some(format!("write `{target} = {target} {sign} {value}`")),
        }
    }

    fn at_operator(&self) -> Option<SyntaxError> {
        let (start, end) = (self.operand_before(self.at), self.operand_after(self.at + 1));
        if end == self.at + 1 {
            return None;
        }
        let left = quoted(self.tokens.words(start, self.at));
        let right = quoted(self.tokens.words(self.at + 1, end));
        Some(SyntaxError::AtOperator {
            labels: vec![primary(self.tokens.span(self.at), "")],
            help: Some(format!("a matrix product is written `matmul({left}, {right})`")),
        })
    }

    fn caret(&self) -> SyntaxError {
        let (start, end) = (self.operand_before(self.at), self.operand_after(self.at + 1));
        let left = quoted(self.tokens.words(start, self.at));
        let right = quoted(self.tokens.words(self.at + 1, end));
        let right = if right.is_empty() { "…" } else { &right };
        SyntaxError::CaretOperator {
            labels: vec![primary(self.tokens.span(self.at), "")],
            help: Some(format!("write `{left} ** {right}`")),
        }
    }

    /// `x + a -> f`
    fn pipeline_after_operator(&self) -> Option<SyntaxError> {
        let start = self.expression_start();
        let operand = self.operand_before(self.at);
        if operand <= start || self.in_chain(start) {
            return None;
        }
        let end = self.pipeline_end();
        let text = |from, to| quoted(self.tokens.words(from, to));
        Some(SyntaxError::PipelineOperand {
            message: "a pipeline beside an operator needs parentheses".to_owned(),
            labels: vec![
                primary(self.tokens.span(self.at), "this pipeline"),
                label(self.tokens.span(operand - 1), "and this operator could be read in two ways"),
            ],
            help: Some(format!(
                "write `({}) {}` or `{} ({})`",
                text(start, self.at),
                text(self.at, end),
                text(start, operand),
                text(operand, end)
            )),
        })
    }

    /// `a -> f + b`
    fn operator_after_pipeline(&self) -> Option<SyntaxError> {
        let start = self.expression_start();
        let arrow = self.flat(start, self.at).find(|&index| self.tokens.kind(index) == Kind::Arrow)?;
        if self.in_chain(start) {
            return None;
        }
        let mut end = self.operand_after(self.at + 1);
        if self.tokens.kind(self.at) == Kind::Keyword(Keyword::If) {
            let stop = |&index: &usize| matches!(self.tokens.kind(index), Kind::Comma | Kind::Close(_));
            end = self.flat(self.at, self.piece.to).find(stop).unwrap_or(self.piece.to);
        }
        let mut rest = quoted(self.tokens.words(self.at + 1, end));
        if self.tokens.kind(end) == Kind::Arrow && end < self.piece.to {
            let place = Place { tokens: self.tokens, piece: self.piece, at: end };
            rest = format!("({})", quoted(self.tokens.words(self.at + 1, place.pipeline_end())));
        }
        let sign = quoted(self.tokens.word(self.at));
        Some(SyntaxError::PipelineOperand {
            message: "a pipeline beside an operator needs parentheses".to_owned(),
            labels: vec![
                primary(self.tokens.span(self.at), "this operator"),
                label(self.tokens.span(arrow), "stands beside this pipeline"),
            ],
            help: Some(format!("write `({}) {sign} {rest}`", quoted(self.tokens.words(start, self.at)))),
        })
    }

    /// Whether an arrow at `start`'s level joins layer kinds, where no parentheses help.
    fn in_chain(&self, start: usize) -> bool {
        let is_layer = |index| self.tokens.kind(index) == Kind::Keyword(Keyword::Layer);
        let from = self.piece.from;
        (is_layer(from) || is_layer(from + 1)) && self.tokens.before(start) == Kind::Assign && self.opener().is_none()
    }

    fn reserved(&self, keyword: Keyword, tried: &[Rule]) -> Option<SyntaxError> {
        let value = tried.iter().any(|rule| is_value(*rule) || matches!(rule, Rule::stage | Rule::group));
        let name = tried.iter().any(|rule| matches!(rule, Rule::name | Rule::kind_name));
        let declares = matches!(self.tokens.before(self.at), Kind::Keyword(before) if before.takes_name());
        let begins = self.at == self.piece.from && self.tokens.kind(self.at + 1) == Kind::Assign;
        let operand = value && (is_noun(keyword) || self.is_alone(self.at));
        if !(begins || declares || operand || (name && !value && self.at > self.piece.from)) {
            return None;
        }
        Some(self.reserved_at(self.at))
    }

    /// Whether a word stands where nothing but a value does, with nothing else beside it.
    fn is_alone(&self, at: usize) -> bool {
        let before = matches!(self.tokens.before(at), Kind::Open(_) | Kind::Comma | Kind::Assign | Kind::Arrow);
        before && (at + 1 >= self.piece.to || matches!(self.tokens.kind(at + 1), Kind::Comma | Kind::Close(_)))
    }

    /// `loss, a = f(x)`
    fn reserved_target(&self) -> Option<SyntaxError> {
        let from = self.piece.from;
        let target = matches!(self.tokens.kind(from), Kind::Keyword(_)) && self.tokens.kind(from + 1) == Kind::Comma;
        (target && from + 1 < self.piece.to).then(|| self.reserved_at(from))
    }

    /// `f(input)`: the word was taken for the key of an argument, and parsing stopped behind it.
    fn reserved_argument(&self, tried: &[Rule]) -> Option<SyntaxError> {
        let before = self.at.checked_sub(1).filter(|&before| before > self.piece.from)?;
        let Kind::Keyword(keyword) = self.tokens.kind(before) else { return None };
        let key = self.tokens.before(before) != Kind::Dot && tried.contains(&Rule::equals) && self.opener().is_some();
        (key && (is_noun(keyword) || self.is_alone(before))).then(|| self.reserved_at(before))
    }

    fn reserved_at(&self, at: usize) -> SyntaxError {
        let word = self.tokens.word(at);
        SyntaxError::ReservedWord {
            word: word.to_owned(),
            labels: vec![primary(self.tokens.span(at), "not free for names")],
            help: Some(format!(
                "take another name, such as `{word}_`; as the key of an argument (`{word}=…`) and after a dot it may stand"
            )),
        }
    }

    fn general(&self, rule: Rule, tried: &[Rule]) -> SyntaxError {
        let Piece { from, to } = self.piece;
        let opener = self.opener();
        let inside = opener.and_then(|index| match self.tokens.kind(index) {
            Kind::Open(bracket) => Some(bracket),
            _ => None,
        });
        let expected = expected(tried, rule, inside);
        let head = matches!(rule, Rule::head_piece | Rule::train_piece | Rule::for_piece | Rule::if_piece);
        let at_end = self.at >= to;
        let found = match at_end {
            true if head || self.tokens.kind(to) == Kind::End => found(self.tokens, to),
            true => "the end of the statement".to_owned(),
            false => found(self.tokens, self.at),
        };
        let place = if at_end && head && to < self.tokens.len() {
            self.tokens.span(to)
        } else if at_end {
            self.tokens.after(to.max(from + 1))
        } else {
            self.tokens.span(self.at)
        };
        let mut labels = vec![primary(place, format!("expected {expected}"))];
        if let Some(opener) = opener {
            labels.push(label(self.tokens.span(opener), format!("inside this `{}`", self.tokens.word(opener))));
        }
        SyntaxError::Unexpected { expected, found, labels, help: self.help(tried) }
    }

    fn help(&self, tried: &[Rule]) -> Option<String> {
        let after_value = self.tokens.before(self.at).ends_expression();
        let from = self.piece.from;
        match self.tokens.kind(self.at) {
            _ if self.at >= self.piece.to => None,
            Kind::Dot | Kind::Open(Bracket::Square) if self.at == from + 1 && self.tokens.kind(from) == Kind::Name => {
                Some("only a name can be bound, not a part of a value".to_owned())
            }
            Kind::Assign if self.at > from + 1 && self.tokens.kind(from) == Kind::Name && self.opener().is_none() => {
                Some("a statement binds with one `=`".to_owned())
            }
            Kind::Colon if self.tokens.before(self.at) == Kind::Colon => Some("a slice has no step".to_owned()),
            Kind::Assign if after_value && tried.contains(&Rule::call) => {
                Some("`=` binds a name; to compare, write `==`".to_owned())
            }
            Kind::At if !after_value => Some(
                "`@` stands in ties (`weight=@p`) and in `layer b = @a`; as a value, the name alone is enough"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// The words that look like names of things.
fn is_noun(keyword: Keyword) -> bool {
    keyword.takes_name() || matches!(keyword, Keyword::Loss | Keyword::Frozen | Keyword::Assert)
}
