//! What pest tried where it stopped, in words for readers.

use super::grammar::Rule;
use super::token::Bracket;

/// How many alternatives a message names.
const MOST: usize = 4;

/// What could have stood at a place, as "a, b or c". `inside` is the innermost open bracket there.
pub(super) fn expected(tried: &[Rule], piece: Rule, inside: Option<Bracket>) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut add = |word| {
        if !words.contains(&word) {
            words.push(word);
        }
    };
    let value = tried.iter().any(|rule| is_value(*rule));
    if value {
        add("an expression");
    }
    if inside.is_none()
        && (tried.contains(&Rule::kw_if) || (tried.contains(&Rule::arrow) && !tried.contains(&Rule::kw_and)))
    {
        add("an operator");
    }
    let after_value = tried.iter().any(|rule| is_after_value(*rule));
    for rule in tried {
        if let Some(word) = word(*rule, value, after_value && inside.is_some()) {
            add(word);
        }
    }
    match inside {
        Some(bracket) if after_value || tried.contains(&Rule::equals) => {
            add("`,`");
            add(match bracket {
                Bracket::Round => "`)`",
                Bracket::Square => "`]`",
                Bracket::Curly => "`}`",
            });
        }
        None if tried.contains(&Rule::EOI) => add(match piece {
            Rule::head_piece | Rule::train_piece | Rule::for_piece | Rule::if_piece => "`{`",
            Rule::use_piece | Rule::const_piece => "the next item",
            _ => "the end of the statement",
        }),
        _ => {}
    }
    words.truncate(MOST);
    match words.as_slice() {
        [] => "something else".to_owned(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// Whether a value was possible.
pub(super) fn is_value(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::expression
            | Rule::operation
            | Rule::number
            | Rule::parenthesis
            | Rule::list
            | Rule::argument
            | Rule::subscript
            | Rule::kw_true
            | Rule::kw_false
            | Rule::kw_none
            | Rule::anonymous
    )
}

/// Whether the rule goes on a value.
fn is_after_value(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::call
            | Rule::index
            | Rule::field
            | Rule::choice
            | Rule::kw_if
            | Rule::arrow
            | Rule::slice
            | Rule::repeat
            | Rule::kw_as
    )
}

fn word(rule: Rule, value: bool, closing: bool) -> Option<&'static str> {
    Some(match rule {
        Rule::name | Rule::word | Rule::import | Rule::setting if !value => "a name",
        Rule::parameter => "an argument",
        Rule::string if !value => "a path in double quotes",
        Rule::imports | Rule::parameters => "`(`",
        Rule::parameter_type | Rule::list_type => "a type such as `int`",
        Rule::type_expr | Rule::element => "a shape such as `[batch, 10]`",
        Rule::kind | Rule::kind_name => "a layer kind such as `Linear(…)`",
        Rule::slot | Rule::slot_name | Rule::tie => "a tie such as `weight=@p`",
        Rule::reference => "`@`",
        Rule::stage | Rule::group => "a stage such as `f` or `f(…)`",
        Rule::equals if !closing => "`=`",
        Rule::colon => "`:`",
        Rule::kw_in if !closing => "`in`",
        Rule::kw_as => "`as`",
        Rule::kw_else => "`else`",
        Rule::kw_param => "`param`",
        Rule::kw_layer => "`layer`",
        Rule::binding | Rule::layer | Rule::input | Rule::output | Rule::storage | Rule::loss | Rule::assertion => {
            "a statement"
        }
        _ => return None,
    })
}
