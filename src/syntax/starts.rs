//! Where statements and items begin. Newlines are white space, so this is told from the tokens around a place alone.

use super::token::{Bracket, Keyword, Kind, Tokens};

/// Whether an item begins at `index`: its keyword, and what must follow it.
pub(super) fn begins_item(tokens: &Tokens, index: usize) -> bool {
    if tokens.kind(index) != Kind::Name || !may_begin(tokens, index) {
        return false;
    }
    let (next, then) = (tokens.kind(index + 1), tokens.kind(index + 2));
    match tokens.word(index) {
        "use" => next == Kind::Text,
        "const" => next.is_word() && then == Kind::Assign,
        "block" | "model" => next.is_word() && matches!(then, Kind::Open(Bracket::Round | Bracket::Curly)),
        "train" => match next {
            Kind::Open(Bracket::Curly) => !is_item_name(tokens, index),
            next => next == Kind::Name && then == Kind::Open(Bracket::Curly),
        },
        _ => false,
    }
}

/// Whether a block begins at `index`, which stands in a body: `block NAME (` or `block NAME {`.
pub(super) fn begins_block(tokens: &Tokens, index: usize) -> bool {
    tokens.kind(index + 1) == Kind::Name
        && tokens.word(index) == "block"
        && begins_item(tokens, index)
        && !tokens.before(index).wants_value()
}

/// Whether an item is meant at `index`, perhaps a broken one. Asked outside of bodies only.
pub(super) fn means_item(tokens: &Tokens, index: usize) -> bool {
    if begins_item(tokens, index) {
        return true;
    }
    tokens.kind(index) == Kind::Name
        && tokens.is_first(index)
        && may_begin(tokens, index)
        && matches!(tokens.word(index), "use" | "const" | "block" | "model" | "train")
        && !tokens.before(index).wants_value()
        && !is_item_name(tokens, index)
        && (tokens.kind(index + 1).is_word()
            || matches!(tokens.kind(index + 1), Kind::Open(_) | Kind::Text | Kind::Bad | Kind::Assign | Kind::End))
}

/// Whether a word is the name of the item that begins before it.
fn is_item_name(tokens: &Tokens, index: usize) -> bool {
    index.checked_sub(1).is_some_and(|before| tokens.kind(before + 1) == Kind::Name && begins_item(tokens, before))
}

/// Whether a new statement can stand at `index` at all.
fn may_begin(tokens: &Tokens, index: usize) -> bool {
    let before = tokens.before(index);
    let room = tokens.is_first(index) || before.ends_expression() || before == Kind::Open(Bracket::Curly);
    room && before != Kind::Dot
}

/// Whether a statement begins at `index`, which stands in a body and in no other bracket.
pub(super) fn begins_statement(tokens: &Tokens, index: usize) -> bool {
    match tokens.kind(index) {
        Kind::Keyword(keyword) => may_begin(tokens, index) && keyword_begins(tokens, index, keyword),
        Kind::Name => may_begin(tokens, index) && name_begins(tokens, index),
        _ => false,
    }
}

fn keyword_begins(tokens: &Tokens, index: usize, keyword: Keyword) -> bool {
    match keyword {
        Keyword::Layer | Keyword::Param => tokens.before(index) != Kind::Keyword(Keyword::Frozen),
        Keyword::If => is_statement_if(tokens, index, usize::MAX),
        Keyword::Else => match tokens.kind(index + 1) {
            Kind::Open(Bracket::Curly) => true,
            Kind::Keyword(Keyword::If) => is_statement_if(tokens, index + 1, usize::MAX),
            _ => false,
        },
        _ if keyword.begins_statement() => true,
        _ => tokens.is_first(index) && (tokens.kind(index + 1) == Kind::Assign || targets_begin(tokens, index)),
    }
}

/// Whether a name at a place where a statement can stand is the first of `name =`, `a, b =` or something like it.
fn name_begins(tokens: &Tokens, index: usize) -> bool {
    if matches!(tokens.before(index), Kind::Keyword(keyword) if keyword.takes_name()) {
        return false;
    }
    if index.checked_sub(1).is_some_and(|before| is_unknown_keyword(tokens, before)) {
        return false;
    }
    let first = tokens.is_first(index);
    match tokens.kind(index + 1) {
        Kind::Assign => tokens.kind(index + 2) != Kind::At && !is_later_target(tokens, index),
        Kind::Augmented => true,
        Kind::Bad => first && tokens.word(index + 1) == ":=",
        Kind::Comma => tokens.before(index) != Kind::Comma && targets_begin(tokens, index),
        Kind::Colon => first,
        Kind::Dot | Kind::Open(Bracket::Square) => first && path_begins(tokens, index),
        Kind::Name => is_unknown_keyword(tokens, index) || begins_block(tokens, index),
        _ => false,
    }
}

/// `lyer a = …`: a word that is no keyword stands where one should.
pub(super) fn is_unknown_keyword(tokens: &Tokens, index: usize) -> bool {
    tokens.kind(index) == Kind::Name
        && tokens.is_first(index)
        && (tokens.before(index).ends_expression() || tokens.before(index) == Kind::Open(Bracket::Curly))
        && tokens.kind(index + 1) == Kind::Name
        && !tokens.is_first(index + 1)
        && matches!(tokens.kind(index + 2), Kind::Assign | Kind::Colon | Kind::Open(Bracket::Square))
}

fn targets_begin(tokens: &Tokens, index: usize) -> bool {
    let mut at = index;
    while tokens.kind(at).is_word() && tokens.kind(at + 1) == Kind::Comma {
        at += 2;
    }
    tokens.kind(at).is_word() && tokens.kind(at + 1) == Kind::Assign && tokens.kind(at + 2) != Kind::At
}

/// The `b` of `a, b = …`, perhaps on a line of its own.
fn is_later_target(tokens: &Tokens, index: usize) -> bool {
    let mut at = index;
    while at >= 2 && tokens.kind(at - 1) == Kind::Comma && tokens.kind(at - 2).is_word() {
        at -= 2;
    }
    at < index && begins_statement(tokens, at)
}

/// `a.b = …` or `a[0] = …`: no statement, but meant as one. With `@` behind the `=` it is a tie.
fn path_begins(tokens: &Tokens, index: usize) -> bool {
    let mut at = index + 1;
    loop {
        match tokens.kind(at) {
            Kind::Dot if tokens.kind(at + 1).is_word() => at += 2,
            Kind::Open(Bracket::Square) => at = tokens.skip(at),
            Kind::Assign => return tokens.kind(at + 1) != Kind::At,
            kind => return kind == Kind::Augmented,
        }
    }
}

/// Whether an `if` has a body: a `{` comes before its `else`, and before anything that it can't hold.
pub(super) fn is_statement_if(tokens: &Tokens, index: usize, patience: usize) -> bool {
    let mut depth = 0_usize;
    let unknown = tokens.is_first(index);
    for ahead in index + 1..tokens.len().min(index.saturating_add(patience)) {
        match tokens.kind(ahead) {
            Kind::Open(Bracket::Curly) => return true,
            Kind::Open(_) => depth += 1,
            Kind::Close(Bracket::Curly) => return unknown,
            Kind::Close(_) | Kind::Keyword(Keyword::Else) if depth == 0 => return false,
            Kind::Close(_) => depth -= 1,
            Kind::Keyword(Keyword::If) if depth == 0 => return unknown,
            Kind::Keyword(keyword) if depth == 0 && keyword.begins_statement() && tokens.is_first(ahead) => {
                return unknown;
            }
            _ => {}
        }
    }
    unknown
}

/// Whether a line is a call or pipeline that goes on nothing and isn't bound to a name.
pub(super) fn is_lone_call(tokens: &Tokens, index: usize) -> bool {
    tokens.is_first(index)
        && tokens.kind(index) == Kind::Name
        && matches!(tokens.kind(index + 1), Kind::Open(Bracket::Round) | Kind::Arrow)
        && tokens.before(index).ends_expression()
}
