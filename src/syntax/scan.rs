//! Text to tokens, in one pass without look-back. Reports what is no token at all: characters that mean nothing,
//! strings that don't end, numbers that aren't any. White space and comments leave no trace.

use super::characters::{confusable, describe, is_combining, is_quotation, plain, replacement, turns_text};
use super::errors::{SyntaxError, is_unprintable, quoted};
use super::token::{Bracket, Keyword, Kind, Token, Tokens};
use crate::diag::primary;
use crate::span::{SourceFile, Span};
use pest::unicode::{XID_CONTINUE, XID_START};

pub(super) fn scan<'a>(file: &'a SourceFile, errors: &mut Vec<SyntaxError>) -> Tokens<'a> {
    let mut scanner = Scanner { tokens: Tokens::new(file), at: 0, first: true, open: 0, errors };
    while scanner.skip_blank() {
        scanner.token();
    }
    scanner.tokens
}

struct Scanner<'a, 'e> {
    tokens: Tokens<'a>,
    at: usize,
    first: bool,
    /// How many `(` and `[` are open.
    open: usize,
    errors: &'e mut Vec<SyntaxError>,
}

impl<'a> Scanner<'a, '_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.tokens.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a str {
        self.tokens.text.get(self.at..).unwrap_or("")
    }

    fn rest_of_line(&self) -> &'a str {
        self.rest().split('\n').next().unwrap_or("")
    }

    /// Goes to the next token; false at the end of the text.
    fn skip_blank(&mut self) -> bool {
        loop {
            match self.byte(0) {
                b'\n' => self.first = true,
                b' ' | b'\t' | b'\r' => {}
                b'#' => {
                    let line = self.rest_of_line();
                    self.hidden_turns(line, "a comment");
                    self.at += line.len();
                    continue;
                }
                _ => return self.at < self.tokens.text.len(),
            }
            self.at += 1;
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let (start, end) = (self.at as u32, (self.at + length) as u32);
        let broken = kind == Kind::Bad;
        match kind {
            Kind::Open(Bracket::Round | Bracket::Square) => self.open += 1,
            Kind::Close(Bracket::Round | Bracket::Square) => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        self.tokens.list.push(Token { kind, first: self.first, broken, start, end, partner: u32::MAX });
        self.first = false;
        self.at += length;
    }

    fn span(&self, from: usize, length: usize) -> Span {
        self.tokens.global(from as u32, (from + length) as u32)
    }

    fn token(&mut self) {
        let byte = self.byte(0);
        if byte.is_ascii_alphabetic() || byte == b'_' {
            return self.word();
        }
        if byte.is_ascii_digit() || (byte == b'.' && self.byte(1).is_ascii_digit()) {
            return self.number();
        }
        match byte {
            b'"' => self.string(),
            b'\'' => self.single_quotes(),
            _ => match punctuation(byte, self.byte(1), self.byte(2)) {
                Some((kind, length)) => self.push(kind, length),
                None if self.rest().starts_with(XID_START) => self.word(),
                None => self.unexpected(),
            },
        }
    }

    /// How long the run of characters that can go on a word is, from `from` bytes ahead.
    fn word_length(&self, from: usize) -> usize {
        let bytes = self.tokens.text.as_bytes().get(self.at + from..).unwrap_or(&[]);
        let ascii = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        if bytes.get(ascii).is_none_or(u8::is_ascii) {
            return ascii;
        }
        let rest = self.rest().get(from..).unwrap_or("");
        rest.find(|character| !XID_CONTINUE(character)).unwrap_or(rest.len())
    }

    fn word(&mut self) {
        let length = self.word_length(0);
        let text = self.rest().get(..length).unwrap_or("");
        let keyword = Keyword::of(text);
        let reported = !text.is_ascii() && self.not_as_it_looks(text);
        self.push(keyword.map_or(Kind::Name, Kind::Keyword), length);
        if let Some(token) = self.tokens.list.last_mut() {
            token.broken |= reported;
        }
    }

    /// Reports a word that looks like another one.
    fn not_as_it_looks(&mut self, word: &str) -> bool {
        if let Some(found) = confusable(word) {
            let labels = vec![primary(self.span(self.at + found.at, found.character.len_utf8()), "")];
            let what = format!("`{}` (U+{:04X}, {})", found.character, found.character as u32, found.name);
            self.errors.push(SyntaxError::ConfusableLetter {
                what,
                twin: found.twin,
                labels,
                help: Some(format!("write `{}` in ASCII letters", quoted(&plain(word)))),
            });
            return true;
        }
        let strange = |character: char| is_combining(character) || is_unprintable(character);
        let Some((at, character)) = word.char_indices().find(|(_, character)| strange(*character)) else {
            return false;
        };
        let mark = "write the letter and its mark as one character, or without the mark";
        self.errors.push(SyntaxError::UnexpectedCharacter {
            what: describe(word.get(at..at + character.len_utf8()).unwrap_or("")),
            labels: vec![primary(self.span(self.at + at, character.len_utf8()), "")],
            help: replacement("", character).or_else(|| Some(mark.to_owned())),
        });
        true
    }

    /// Reports what would show the text of a line in another order than it has.
    fn hidden_turns(&mut self, text: &str, place: &str) -> bool {
        let Some((at, character)) = text.char_indices().find(|(_, character)| turns_text(*character)) else {
            return false;
        };
        let found = text.get(at..at + character.len_utf8()).unwrap_or("");
        self.errors.push(SyntaxError::UnexpectedCharacter {
            what: format!("{} in {place}", describe(found)),
            labels: vec![primary(self.span(self.at + at, character.len_utf8()), "")],
            help: replacement(found, character),
        });
        true
    }

    fn number(&mut self) {
        let digits = |from: usize| {
            let bytes = self.tokens.text.as_bytes().get(self.at + from..).unwrap_or(&[]);
            bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count()
        };
        let mut length = digits(0);
        if self.byte(length) == b'.' && self.byte(length + 1) != b'.' {
            length += 1;
            length += digits(length);
        }
        if matches!(self.byte(length), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(length + 1), b'+' | b'-'));
            if self.byte(length + 1 + sign).is_ascii_digit() {
                length += 1 + sign;
                length += digits(length);
            }
        }
        length += self.word_length(length);
        let text = self.rest().get(..length).unwrap_or("");
        let Some(help) = number_mistake(text) else { return self.push(Kind::Number, length) };
        let labels = vec![primary(self.span(self.at, length), "")];
        self.errors.push(SyntaxError::NumberSyntax { number: quoted(text), labels, help });
        self.push(Kind::Bad, length);
    }

    fn string(&mut self) {
        let line = self.rest_of_line();
        let mut broken = false;
        let mut characters = line.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    broken |= self.hidden_turns(line.get(..=at).unwrap_or(""), "a string");
                    self.push(if broken { Kind::Bad } else { Kind::Text }, at + 1);
                    return;
                }
                '\\' => {
                    let Some((_, escaped)) = characters.next() else { break };
                    if matches!(escaped, 'n' | 't' | '"' | '\\') {
                        continue;
                    }
                    broken = true;
                    let length = 1 + escaped.len_utf8();
                    let labels = vec![primary(self.span(self.at + at, length), "")];
                    let escape = quoted(line.get(at..at + length).unwrap_or(""));
                    self.errors.push(SyntaxError::StringEscape { escape, labels });
                }
                _ => {}
            }
        }
        let length = unclosed_length(line);
        let labels = vec![primary(self.span(self.at, length), "")];
        self.errors.push(SyntaxError::UnclosedString { labels });
        self.push(Kind::Bad, length);
    }

    fn single_quotes(&mut self) {
        let line = self.rest_of_line();
        let inside = line.get(1..).unwrap_or("");
        let (length, help) = match inside.find('\'') {
            Some(end) => {
                let content = inside.get(..end).unwrap_or("");
                (end + 2, Some(format!("write `\"{}\"`", quoted(content))))
            }
            None => (unclosed_length(line), None),
        };
        let labels = vec![primary(self.span(self.at, length), "")];
        self.errors.push(SyntaxError::SingleQuotes { labels, help });
        self.push(Kind::Bad, length);
    }

    /// One error for all that follows without meaning anything.
    fn unexpected(&mut self) {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or(' ');
        let length = unexpected_length(rest, first);
        let text = rest.get(..length).unwrap_or("");
        let what = describe(text);
        let labels = vec![primary(self.span(self.at, length), "")];
        self.errors.push(SyntaxError::UnexpectedCharacter { what, labels, help: replacement(text, first) });
        // What can't be seen separates as a blank does, but for what cuts a word in two.
        let cuts = |character: Option<char>| character.is_some_and(XID_CONTINUE);
        let before = self.tokens.text.get(..self.at).and_then(|text| text.chars().next_back());
        let after = rest.get(length..).and_then(|text| text.chars().next());
        let unseen = first.is_whitespace() || is_unprintable(first);
        if unseen && (first.is_whitespace() || !(cuts(before) && cuts(after))) {
            // The statement in which it stands can't be parsed.
            let (apart, open) = (self.first, self.open);
            if let Some(token) = self.tokens.list.last_mut()
                && (!apart || open > 0 || token.kind.wants_value())
            {
                token.broken = true;
            }
            self.at += length;
        } else {
            self.push(Kind::Bad, length);
        }
    }
}

fn punctuation(byte: u8, second: u8, third: u8) -> Option<(Kind, usize)> {
    Some(match (byte, second, third) {
        (b'(', ..) => (Kind::Open(Bracket::Round), 1),
        (b'[', ..) => (Kind::Open(Bracket::Square), 1),
        (b'{', ..) => (Kind::Open(Bracket::Curly), 1),
        (b')', ..) => (Kind::Close(Bracket::Round), 1),
        (b']', ..) => (Kind::Close(Bracket::Square), 1),
        (b'}', ..) => (Kind::Close(Bracket::Curly), 1),
        (b',', ..) => (Kind::Comma, 1),
        (b'.', b'.', b'.') => (Kind::Ellipsis, 3),
        (b'.', b'.', _) => (Kind::DotDot, 2),
        (b'.', ..) => (Kind::Dot, 1),
        (b'-', b'>', _) => (Kind::Arrow, 2),
        (b'*', b'*', b'=') | (b'/', b'/', b'=') => (Kind::Augmented, 3),
        (b'+' | b'-' | b'*' | b'/' | b'%', b'=', _) => (Kind::Augmented, 2),
        (b'-', ..) => (Kind::Minus, 1),
        (b'*', b'*', _) | (b'/', b'/', _) | (b'=' | b'!' | b'<' | b'>', b'=', _) => (Kind::Operator, 2),
        (b'*', ..) => (Kind::Star, 1),
        (b'+' | b'/' | b'%' | b'<' | b'>', ..) => (Kind::Operator, 1),
        (b':', second, _) if second != b'=' => (Kind::Colon, 1),
        (b'=', ..) => (Kind::Assign, 1),
        (b'@', ..) => (Kind::At, 1),
        (b'^', ..) => (Kind::Caret, 1),
        _ => return None,
    })
}

/// What is wrong with a number: nothing, or something that may have a help.
#[allow(clippy::option_option, reason = "the outer one says whether there is a mistake, the inner one its help")]
fn number_mistake(text: &str) -> Option<Option<String>> {
    let lower = text.to_ascii_lowercase();
    if let Some((prefix, radix)) =
        [("0x", 16), ("0o", 8), ("0b", 2)].iter().find(|(prefix, _)| lower.starts_with(prefix))
    {
        let digits = lower.strip_prefix(prefix).unwrap_or("").replace('_', "");
        let value = i64::from_str_radix(&digits, *radix).ok();
        return Some(Some(match value {
            Some(value) => format!("numbers are decimal: write `{value}`"),
            None => "numbers are decimal".to_owned(),
        }));
    }
    let bytes = text.as_bytes();
    let digit = |index: Option<usize>| index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit);
    let lonely = bytes
        .iter()
        .enumerate()
        .any(|(index, &byte)| byte == b'_' && !(digit(index.checked_sub(1)) && digit(index.checked_add(1))));
    if lonely {
        return Some(Some("a `_` stands between two digits".to_owned()));
    }
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'+' | b'-' | b'e' | b'E'));
    if !plain || text.replace('_', "").parse::<f64>().is_err() {
        let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        let rest = text.get(end..).unwrap_or("");
        let product = rest.starts_with(XID_START).then(|| {
            format!(
                "a name can't begin with a digit; a product is written `{} * {}`",
                quoted(text.get(..end).unwrap_or("")),
                quoted(rest)
            )
        });
        return Some(product);
    }
    let whole = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let trimmed = text.trim_start_matches(['0', '_']);
    if whole && text.starts_with('0') && !trimmed.is_empty() {
        return Some(Some(format!("write `{}`, without the zero in front", quoted(trimmed))));
    }
    None
}

/// How much of a line a string that isn't closed there takes: not the brackets and commas at the end of the line,
/// which were most likely meant to stand behind it.
fn unclosed_length(line: &str) -> usize {
    let kept = line.trim_end_matches([')', ']', '}', '{', '(', ',', ' ', '\t', '\r']);
    kept.len().max(1)
}

fn unexpected_length(rest: &str, first: char) -> usize {
    match first {
        ':' => 2,
        _ if is_quotation(first) => {
            let line = rest.split('\n').next().unwrap_or("");
            let mut quotes = line.char_indices().skip(1).filter(|(_, character)| is_quotation(*character));
            quotes.next().map_or(first.len_utf8(), |(at, character)| at + character.len_utf8())
        }
        _ => {
            let same = |character: char| {
                character == first
                    || (is_unprintable(character) && is_unprintable(first) && !matches!(character, '\n' | '\r' | '\t'))
            };
            rest.find(|character| !same(character)).unwrap_or(rest.len())
        }
    }
}
