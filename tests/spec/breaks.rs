//! A program with every word and sign on a line of its own, but for those that no line begins with.

/// The signs of several characters.
const SIGNS: [&str; 11] = ["...", "->", "..", "**", "//", "==", "!=", "<=", ">=", "+=", "-="];

/// The same program, broken wherever a line may break. Comments are left out.
pub fn broken(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' => string(rest),
            first if first.is_alphanumeric() || first == '_' => word(rest),
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => word(rest),
            first => SIGNS.iter().find(|sign| rest.starts_with(**sign)).map_or(first.len_utf8(), |sign| sign.len()),
        };
        let token = &rest[..length];
        rest = &rest[length..];
        if first.is_whitespace() || first == '#' {
            continue;
        }
        let stays = matches!(token, "(" | "[" | "-");
        out.push(if stays { ' ' } else { '\n' });
        out.push_str(token);
    }
    out
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, character)| {
        let closes = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        closes
    });
    end.map_or(rest.len(), |(at, _)| at + 1)
}

/// A name, or a number with its point and exponent.
fn word(rest: &str) -> usize {
    let number = rest.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let mut length = 0;
    for (at, character) in rest.char_indices() {
        let sign = matches!(character, '+' | '-') && rest[..at].ends_with(['e', 'E']);
        let range = rest[at..].starts_with("..");
        if !(character.is_alphanumeric() || character == '_' || (number && (sign || (character == '.' && !range)))) {
            break;
        }
        length = at + character.len_utf8();
    }
    length
}
