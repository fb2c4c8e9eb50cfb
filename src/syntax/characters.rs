//! Characters that look like others, that can't be seen, or that other writing has for the signs of the language: what
//! they are called, and what is meant.

use super::errors::{is_unprintable, quoted};

/// Letters of other scripts that look like those of ASCII: the letter, its twin, its name.
const LETTERS: &[(char, char, &str)] = &[
    ('а', 'a', "Cyrillic small letter a"),
    ('с', 'c', "Cyrillic small letter es"),
    ('ԁ', 'd', "Cyrillic small letter komi de"),
    ('е', 'e', "Cyrillic small letter ie"),
    ('һ', 'h', "Cyrillic small letter shha"),
    ('і', 'i', "Cyrillic small letter Ukrainian i"),
    ('ј', 'j', "Cyrillic small letter je"),
    ('о', 'o', "Cyrillic small letter o"),
    ('р', 'p', "Cyrillic small letter er"),
    ('ԛ', 'q', "Cyrillic small letter qa"),
    ('ѕ', 's', "Cyrillic small letter dze"),
    ('ԝ', 'w', "Cyrillic small letter we"),
    ('х', 'x', "Cyrillic small letter ha"),
    ('у', 'y', "Cyrillic small letter u"),
    ('А', 'A', "Cyrillic capital letter a"),
    ('В', 'B', "Cyrillic capital letter ve"),
    ('С', 'C', "Cyrillic capital letter es"),
    ('Е', 'E', "Cyrillic capital letter ie"),
    ('Н', 'H', "Cyrillic capital letter en"),
    ('І', 'I', "Cyrillic capital letter Ukrainian i"),
    ('Ј', 'J', "Cyrillic capital letter je"),
    ('К', 'K', "Cyrillic capital letter ka"),
    ('М', 'M', "Cyrillic capital letter em"),
    ('О', 'O', "Cyrillic capital letter o"),
    ('Р', 'P', "Cyrillic capital letter er"),
    ('Ѕ', 'S', "Cyrillic capital letter dze"),
    ('Т', 'T', "Cyrillic capital letter te"),
    ('Х', 'X', "Cyrillic capital letter ha"),
    ('У', 'Y', "Cyrillic capital letter u"),
    ('Α', 'A', "Greek capital letter alpha"),
    ('Β', 'B', "Greek capital letter beta"),
    ('Ε', 'E', "Greek capital letter epsilon"),
    ('Ζ', 'Z', "Greek capital letter zeta"),
    ('Η', 'H', "Greek capital letter eta"),
    ('Ι', 'I', "Greek capital letter iota"),
    ('Κ', 'K', "Greek capital letter kappa"),
    ('Μ', 'M', "Greek capital letter mu"),
    ('Ν', 'N', "Greek capital letter nu"),
    ('Ο', 'O', "Greek capital letter omicron"),
    ('Ρ', 'P', "Greek capital letter rho"),
    ('Τ', 'T', "Greek capital letter tau"),
    ('Υ', 'Y', "Greek capital letter upsilon"),
    ('Χ', 'X', "Greek capital letter chi"),
    ('ο', 'o', "Greek small letter omicron"),
    ('ı', 'i', "Latin small letter dotless i"),
    ('ɡ', 'g', "Latin small letter script g"),
    ('ſ', 's', "Latin small letter long s"),
    ('\u{212a}', 'K', "Kelvin sign"),
];

/// Signs that stand for others: the sign, what is written in its place, its name.
const SIGNS: &[(char, &str, &str)] = &[
    ('“', "\"", "left double quotation mark"),
    ('”', "\"", "right double quotation mark"),
    ('„', "\"", "double low quotation mark"),
    ('«', "\"", "left guillemet"),
    ('»', "\"", "right guillemet"),
    ('‘', "\"", "left single quotation mark"),
    ('’', "\"", "right single quotation mark"),
    ('‚', ",", "single low quotation mark"),
    ('−', "-", "minus sign"),
    ('‐', "-", "hyphen"),
    ('‑', "-", "non-breaking hyphen"),
    ('–', "-", "en dash"),
    ('—', "-", "em dash"),
    ('×', "*", "multiplication sign"),
    ('·', "*", "middle dot"),
    ('⋅', "*", "dot operator"),
    ('∗', "*", "asterisk operator"),
    ('÷', "/", "division sign"),
    ('∕', "/", "division slash"),
    ('→', "->", "rightwards arrow"),
    ('⟶', "->", "long rightwards arrow"),
    ('⇒', "->", "rightwards double arrow"),
    ('≤', "<=", "less-than or equal to"),
    ('≥', ">=", "greater-than or equal to"),
    ('≠', "!=", "not equal to"),
    ('∧', "and", "logical and"),
    ('∨', "or", "logical or"),
    ('¬', "not", "not sign"),
    ('²', "** 2", "superscript two"),
    ('³', "** 3", "superscript three"),
    ('…', "...", "horizontal ellipsis"),
    ('、', ",", "ideographic comma"),
    ('。', ".", "ideographic full stop"),
];

/// Blanks, and what can't be seen.
const UNSEEN: &[(char, &str)] = &[
    ('\u{85}', "next line"),
    ('\u{a0}', "no-break space"),
    ('\u{ad}', "soft hyphen"),
    ('\u{61c}', "Arabic letter mark"),
    ('\u{2002}', "en space"),
    ('\u{2003}', "em space"),
    ('\u{2007}', "figure space"),
    ('\u{2009}', "thin space"),
    ('\u{200b}', "zero width space"),
    ('\u{200c}', "zero width non-joiner"),
    ('\u{200d}', "zero width joiner"),
    ('\u{200e}', "left-to-right mark"),
    ('\u{200f}', "right-to-left mark"),
    ('\u{2028}', "line separator"),
    ('\u{2029}', "paragraph separator"),
    ('\u{202a}', "left-to-right embedding"),
    ('\u{202b}', "right-to-left embedding"),
    ('\u{202c}', "pop directional formatting"),
    ('\u{202d}', "left-to-right override"),
    ('\u{202e}', "right-to-left override"),
    ('\u{202f}', "narrow no-break space"),
    ('\u{2060}', "word joiner"),
    ('\u{2066}', "left-to-right isolate"),
    ('\u{2067}', "right-to-left isolate"),
    ('\u{2068}', "first strong isolate"),
    ('\u{2069}', "pop directional isolate"),
    ('\u{3000}', "ideographic space"),
    ('\u{feff}', "byte order mark"),
];

/// What a character of a word is mistaken for, and what it is called.
fn twin(character: char) -> Option<(char, String)> {
    if let Some((_, twin, name)) = LETTERS.iter().find(|(letter, ..)| *letter == character) {
        return Some((*twin, (*name).to_owned()));
    }
    let ascii = |code: u32| char::from_u32(code).filter(char::is_ascii_alphanumeric);
    match u32::from(character) {
        code @ 0xff10..=0xff5a => ascii(code - 0xfee0).map(|twin| (twin, format!("fullwidth `{twin}`"))),
        code @ 0x1d400..=0x1d6a3 => {
            let index = (code - 0x1d400) % 52;
            let twin = ascii(if index < 26 { 0x41 + index } else { 0x61 + index - 26 })?;
            Some((twin, format!("mathematical `{twin}`")))
        }
        code @ 0x1d7ce..=0x1d7ff => {
            ascii(0x30 + (code - 0x1d7ce) % 10).map(|twin| (twin, format!("mathematical `{twin}`")))
        }
        _ => None,
    }
}

/// A character of a word that isn't what it looks like.
pub(super) struct Confusable {
    /// Its offset in the word.
    pub(super) at: usize,
    pub(super) character: char,
    pub(super) name: String,
    pub(super) twin: char,
}

/// The first character that makes a word look like one of ASCII letters. A word with letters that look like none of them
/// is what it seems to be.
pub(super) fn confusable(word: &str) -> Option<Confusable> {
    let mut first = None;
    for (at, character) in word.char_indices().filter(|(_, character)| !character.is_ascii()) {
        let (twin, name) = twin(character)?;
        first.get_or_insert(Confusable { at, character, name, twin });
    }
    first
}

/// A word in the letters that are meant.
pub(super) fn plain(word: &str) -> String {
    word.chars().map(|character| twin(character).map_or(character, |(twin, _)| twin)).collect()
}

/// A mark that makes one letter of two characters.
pub(super) fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// It changes the order in which the characters around it are shown.
pub(super) fn turns_text(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What stands in a text, with its number and its name if it isn't ASCII.
pub(super) fn describe(text: &str) -> String {
    let first = text.chars().next().unwrap_or(' ');
    let code = match name(first) {
        Some(name) => format!("U+{:04X}, {name}", first as u32),
        None => format!("U+{:04X}", first as u32),
    };
    if is_combining(first) {
        format!("combining mark {code}")
    } else if first.is_ascii_graphic() {
        format!("`{}`", quoted(text))
    } else if first.is_whitespace() || is_unprintable(first) {
        format!("character {code}")
    } else {
        format!("`{}` ({code})", quoted(text))
    }
}

fn name(character: char) -> Option<String> {
    let unseen = UNSEEN.iter().find(|(unseen, _)| *unseen == character).map(|(_, name)| (*name).to_owned());
    let sign = || SIGNS.iter().find(|(sign, ..)| *sign == character).map(|(.., name)| (*name).to_owned());
    let wide = || fullwidth(character).map(|twin| format!("fullwidth `{twin}`"));
    unseen.or_else(sign).or_else(wide).or_else(|| twin(character).map(|(_, name)| name))
}

/// The sign of ASCII that a wide one stands for.
fn fullwidth(character: char) -> Option<char> {
    let code = u32::from(character);
    (0xff01..=0xff5e).contains(&code).then(|| char::from_u32(code - 0xfee0)).flatten()
}

/// What is to be written for text that is no token.
pub(super) fn replacement(text: &str, first: char) -> Option<String> {
    let write = |word: &str| Some(format!("write `{word}`"));
    match first {
        ':' => write("="),
        ';' => Some("statements need nothing between them; leave it out".to_owned()),
        '&' => write("and"),
        '|' => write("or"),
        '!' | '~' => write("not"),
        _ if is_quotation(first) && text.chars().count() > 1 => {
            write(&format!("\"{}\"", quoted(text.trim_matches(is_quotation))))
        }
        _ if first.is_whitespace() => Some("replace it by an ordinary space".to_owned()),
        _ if turns_text(first) => Some("delete it; it turns the text around it when that is shown".to_owned()),
        _ if is_unprintable(first) => Some("delete it; it can't be seen".to_owned()),
        _ => match SIGNS.iter().find(|(sign, ..)| *sign == first) {
            Some((_, meant, _)) => write(meant),
            None => fullwidth(first).map(|twin| format!("write `{twin}`")),
        },
    }
}

/// Double quotation marks as books have them.
pub(super) fn is_quotation(character: char) -> bool {
    matches!(character, '“' | '”' | '„' | '«' | '»')
}
