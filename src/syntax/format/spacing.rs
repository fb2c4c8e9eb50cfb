//! Whether a blank stands between two tokens on one line.

use super::outline::{Role, Unit};
use crate::syntax::token::{Bracket, Keyword, Kind, Tokens};

/// The innermost bracket around a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// None.
    Unit,
    /// The round one of a block's or model's arguments.
    Parameters,
    Round,
    Square,
}

impl Scope {
    /// Inside a bracket that stands in `self`.
    pub(super) fn inside(self, bracket: Bracket, tokens: &Tokens, unit: Unit) -> Self {
        match bracket {
            Bracket::Square => Self::Square,
            // Loops and conditions begin with a keyword.
            _ if self == Self::Unit && unit.role == Role::Head && tokens.kind(unit.from) == Kind::Name => {
                Self::Parameters
            }
            _ => Self::Round,
        }
    }
}

/// Whether the token at `index` follows the one before it without a blank. `assign` is the `=` that binds the unit's
/// name, if it has one.
pub(super) fn is_tight(tokens: &Tokens, index: usize, scope: Scope, assign: Option<usize>) -> bool {
    let (before, next) = (tokens.before(index), tokens.kind(index));
    let binds = |at: usize| scope == Scope::Parameters || assign == Some(at);
    match (before, next) {
        (Kind::Number, Kind::Dot) => false,
        // `1.` and `..` would be read as `1` and `...`.
        (Kind::Number, Kind::DotDot) => !tokens.word(index - 1).ends_with('.'),
        (Kind::Open(_) | Kind::Dot | Kind::DotDot | Kind::Caret | Kind::At, _)
        | (_, Kind::Close(_) | Kind::Comma | Kind::Dot | Kind::DotDot | Kind::Caret | Kind::Colon) => true,
        (_, Kind::Assign) => !binds(index),
        (Kind::Assign, _) => !binds(index - 1),
        (Kind::Colon, _) => scope == Scope::Square,
        (Kind::Minus, _) if is_sign(tokens, index - 1) => true,
        // In `use "f.wnet" (A)`.
        (Kind::Text, Kind::Open(Bracket::Round)) => scope != Scope::Unit || assign.is_some(),
        (_, Kind::Open(Bracket::Round | Bracket::Square)) => ends_value(tokens, index - 1),
        _ => false,
    }
}

/// Whether a value may end with the token at `index`; a reserved word behind a dot is a name.
pub(super) fn ends_value(tokens: &Tokens, index: usize) -> bool {
    let kind = tokens.kind(index);
    kind.ends_expression() || (matches!(kind, Kind::Keyword(_)) && tokens.before(index) == Kind::Dot)
}

/// Whether the `-` at `index` stands in front of a value, and not between two.
fn is_sign(tokens: &Tokens, index: usize) -> bool {
    index.checked_sub(1).is_none_or(|before| !ends_value(tokens, before))
}

/// The `=` behind the name that a unit binds, if it has one: the first outside of all brackets.
pub(super) fn binding_sign(tokens: &Tokens, unit: Unit) -> Option<usize> {
    if !matches!(unit.role, Role::Statement | Role::FlatItem) {
        return None;
    }
    let mut at = unit.from;
    while at < unit.to {
        match tokens.kind(at) {
            Kind::Assign => return Some(at),
            // Nothing is bound behind the words of a value.
            Kind::Keyword(Keyword::Loss | Keyword::Assert) => return None,
            _ => at = tokens.skip(at),
        }
    }
    None
}
