//! Text from outside → text that is safe to print: control characters, bidirectional controls and characters that
//! take no room become visible. Everything printed for people goes through here; JSON doesn't, `serde` escapes it.

use std::borrow::Cow;

/// What a tab inside a message becomes.
const TAB: &str = "    ";

/// The most characters of one text that are shown.
const LONGEST: usize = 1000;

/// A text of several lines: keeps line feeds, turns tabs into spaces and CRLF into LF, and shows all else that a
/// terminal would act on or hide.
pub fn text(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' => shown.push('\n'),
            '\t' => shown.push_str(TAB),
            _ => push(&mut shown, c),
        }
    }
    Cow::Owned(shown)
}

/// A text that must stay on one line, such as a file name: line feeds and tabs are shown too.
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push(&mut shown, c));
    Cow::Owned(shown)
}

/// As much of a text as someone reads: a name of a megabyte in a message says no more than its beginning.
pub fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or(text))),
        None => Cow::Borrowed(text),
    }
}

/// Appends one character, or what stands for it: `␛` for ESC, `\u{202e}` for a right-to-left override.
pub fn push(shown: &mut String, c: char) {
    match c {
        '\0'..='\u{1f}' => shown.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
        '\u{7f}' => shown.push('␡'),
        _ if is_hidden(c) => shown.extend(c.escape_unicode()),
        _ => shown.push(c),
    }
}

/// Whether a character would steer a terminal, reorder the text around it, or be there without being seen.
/// Combining marks are none of these: they belong to the letter before them.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Bidirectional marks, embeddings, overrides and isolates.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
        // Separators that some terminals break lines at.
        | '\u{2028}' | '\u{2029}'
        // Joiners, fillers, variation selectors and tags.
        | '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_text_is_not_copied() {
        for clean in ["", "layer a = Linear(3, 4)", "größe 変数 🙂 e\u{301}"] {
            assert!(matches!(text(clean), Cow::Borrowed(same) if same == clean));
            assert!(matches!(line(clean), Cow::Borrowed(same) if same == clean));
        }
    }

    #[test]
    fn controls_become_visible() {
        for (raw, shown) in [
            ("\u{1b}[31mred", "␛[31mred"),
            ("a\u{7}b\0c\u{7f}", "a␇b␀c␡"),
            ("a\u{9b}2J", r"a\u{9b}2J"),
            ("x\u{202e}y\u{2066}z", r"x\u{202e}y\u{2066}z"),
            ("a\u{200b}b\u{feff}c\u{ad}", r"a\u{200b}b\u{feff}c\u{ad}"),
            ("a\rb", "a␍b"),
        ] {
            assert_eq!(text(raw), shown);
            assert_eq!(line(raw), shown);
        }
    }

    #[test]
    fn only_a_single_line_shows_its_breaks() {
        assert_eq!(text("a\r\n\tb\n"), "a\n    b\n");
        assert_eq!(line("a\r\n\tb"), "a␍␊␉b");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(cut("größe"), "größe");
        assert_eq!(cut(&"é".repeat(LONGEST)), "é".repeat(LONGEST));
        assert_eq!(cut(&"é".repeat(1_000_000)), "é".repeat(LONGEST) + "…");
    }

    #[test]
    fn nothing_hidden_is_left() {
        for c in '\0'..=char::MAX {
            let raw = c.to_string();
            assert!(!line(&raw).chars().any(is_hidden), "{}", raw.escape_unicode());
            assert!(!text(&raw).chars().any(|c| c != '\n' && is_hidden(c)), "{}", raw.escape_unicode());
        }
    }
}
