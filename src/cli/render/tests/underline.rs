//! Labels stand under the characters they mean, whatever these are replaced by and however wide they are.

use unicode_width::UnicodeWidthStr;

use super::super::human::{Charset, Style};
use super::{file, find, finding, human};
use crate::span::SourceMap;

/// The columns of the screen under which the only label of a report has its line, and the source line above it.
fn underlined(map: &SourceMap, needle: &str) -> String {
    let style = Style { charset: Charset::Ascii, width: 400, ..Style::default() };
    let report = human(map, &[finding("x", "m", &[(find(map, needle, 0), "here")])], &style);
    let lines: Vec<&str> = report.lines().collect();
    let at = lines.iter().position(|line| line.trim_start().starts_with(':')).unwrap();
    let (source, marks) = (lines[at - 1], lines[at]);
    let from = marks.find(['^', '|']).unwrap();
    let to = marks.trim_end().len();
    let mut column = 0;
    let mut under = String::new();
    for c in source.chars() {
        let next = column + c.to_string().width();
        if column < to && next > from || (next == column && column > from && column <= to) {
            under.push(c);
        }
        column = next;
    }
    under
}

#[test]
fn wide_combining_emoji_and_tabs() {
    for (line, needle, expected) in [
        ("a = dense(b)", "dense", "dense"),
        ("變數 = dense", "dense", "dense"),
        ("變數 = dense", "變數", "變數"),
        ("e\u{301}e\u{301} = dense", "dense", "dense"),
        ("e\u{301}e\u{301} = dense", "e\u{301}e\u{301}", "e\u{301}e\u{301}"),
        ("🙂🙂 = dense # 🙂", "dense", "dense"),
        ("\t\ta\t= dense", "dense", "dense"),
        ("變\tx = dense", "x", "x"),
        ("\u{1b}[31m = dense", "dense", "dense"),
        ("a \u{1b} b", "\u{1b}", "␛"),
        ("a\u{202e}b = dense", "dense", "dense"),
        ("a\u{202e}b = dense", "\u{202e}", r"\u{202e}"),
        ("a\0b\u{200b}\u{feff} = dense", "dense", "dense"),
        ("🏳\u{fe0f}\u{200d}🌈 = dense", "dense", "dense"),
    ] {
        assert_eq!(underlined(&file(format!("# first\n{line}\nlast\n")), needle), expected, "{line:?}");
    }
}

#[test]
fn any_column_of_a_long_line() {
    for column in [10, 65_525, 65_530, 65_536, 65_537, 1_000_000, 10_000_000] {
        let map = file(format!("{}dense{}", "é".repeat(column - 1), " b".repeat(1_000)));
        assert_eq!(underlined(&map, "dense"), "dense");
        let report = human(&map, &[finding("x", "m", &[(find(&map, "dense", 0), "here")])], &Style::default());
        assert!(report.contains(&format!("model.wnet:1:{column}")), "{report}");
        assert!(report.lines().all(|line| line.width() <= 420), "{report}");
    }
}
