//! Poisoned texts and odd widths: a report is plain text that no terminal acts on, and there is always one.

use proptest::prelude::*;

use super::super::human::{Charset, Colour, Style};
use super::{human, short};
use crate::diag::{Diagnostic, Label, Severity};
use crate::sanitize;
use crate::span::{SourceMap, Span};

fn poison() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-z (){}=,]{0,6}",
        1 => prop::sample::select(vec![
            "\u{1b}[2J", "\u{1b}]0;t\u{7}", "\u{9b}31m", "\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "\0", "\r", "\r\n",
            "\n", "\t", "\u{7f}", "\u{85}", "\u{2028}", "変", "e\u{301}", "🏳\u{fe0f}\u{200d}🌈", "\u{8}\u{8}", "\u{b}\u{c}",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn diagnostic() -> impl Strategy<Value = Diagnostic> {
    let label =
        (0..200_u32, 0..200_u32, poison()).prop_map(|(start, end, text)| Label { span: Span::new(start, end), text });
    let severity = prop::sample::select(vec![Severity::Error, Severity::Warning, Severity::Note]);
    (poison(), severity, poison(), prop::collection::vec(label, 0..6), prop::option::of(poison()))
        .prop_map(|(code, severity, message, labels, help)| Diagnostic { code, severity, message, labels, help })
}

/// The text without the colours that a report may have: `ESC [ digits and semicolons m`.
fn without_colour(report: &str) -> String {
    let mut parts = report.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (codes, rest) = part.split_once('m').unwrap();
        assert!(codes.chars().all(|c| c.is_ascii_digit() || c == ';'), "{codes:?}");
        plain.push_str(rest);
    }
    plain
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_reaches_the_terminal(
        files in prop::collection::vec((poison(), poison()), 1..3),
        list in prop::collection::vec(diagnostic(), 0..4),
        width in prop::sample::select(vec![0, 1, 20, 80, 10_000, usize::MAX]),
    ) {
        let mut map = SourceMap::new();
        for (name, text) in files {
            map.add(name, text).unwrap();
        }
        let plain = Style { charset: Charset::Ascii, colour: Colour::Never, width, max_errors: 3 };
        let coloured = Style { charset: Charset::Unicode, colour: Colour::Always, ..plain };
        let reports = [human(&map, &list, &plain), short(&map, &list), without_colour(&human(&map, &list, &coloured))];
        for report in &reports {
            prop_assert!(!report.chars().any(|c| c != '\n' && sanitize::is_hidden(c)), "{report:?}");
        }
        prop_assert_eq!(reports[1].lines().count(), list.len());
        for diagnostic in list.iter().take(3) {
            let message = sanitize::text(diagnostic.message.lines().next().unwrap_or("").trim_end()).into_owned();
            prop_assert!(reports[0].contains(&message), "{message:?} in {:?}", reports[0]);
        }
    }
}
