//! Whatever stands in a file, the compiler comes back: with every mistake, once, in order, each at a place in the file,
//! and with nothing in its output that a terminal would obey.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;
#[path = "robust/examine.rs"]
mod examine;

use common::{Folder, piped, wnetc};
use examine::{examine, exercise};
use std::fmt::Write as _;
use wnet::diag::Severity;
use wnet::span::SourceMap;
use wnet::{Checked, Settings, check};

fn map_of(text: &str) -> SourceMap {
    let mut map = SourceMap::new();
    map.add("file.wnet", text).unwrap();
    map
}

fn checked(map: &SourceMap) -> Checked {
    check(&map.files()[0], &Settings::default())
}

/// A thousand statements, every fiftieth of them wrong in another way.
#[test]
fn twenty_mistakes_in_a_thousand_statements_are_twenty_errors() {
    let mistakes = [
        ("  layer bad1 = Linear(8, 8,, true)", "syntax"),
        ("  h = relu(h", "unclosed-bracket"),
        ("  h = relu(h))", "unmatched-bracket"),
        ("  layer bad2 = Linaer(8, 8)", "unknown-kind"),
        ("  h = unknown(h)", "unknown-name"),
        ("  h = l1(nothing)", "unknown-name"),
        ("  layer bad3 = Linear(8, 8, bais=true)", "argument-unknown"),
        ("  layer bad4 = Linear(8)", "argument-missing"),
        ("  layer bad5 = Linear(8, \"a\")", "argument-type"),
        ("  x += h", "augmented-assignment"),
        ("  h = h @ h", "at-operator"),
        ("  layer bad6 = Linear(8, 8) weight=@nothing", "unknown-reference"),
        ("  h = 'a'", "single-quotes"),
        ("  h = True", "unknown-name"),
        ("  layer l5 = Linear(8, 8)", "duplicate-name"),
        ("  layer bad7 = Linear(8, 8) weight=@l1.weight weight=@l2.weight", "tied-twice"),
        ("  h = l1(h) -> relu + h", "pipeline-operand"),
        ("  h = 1e999", "number-range"),
        ("  h = h ~ h", "unexpected-character"),
        ("  layer = Linear(8, 8)", "syntax"),
    ];
    let mut text = "model M {\n  input x: [batch, 8]\n  h = x\n".to_owned();
    let mut wanted = Vec::new();
    for index in 0..1000 {
        if index % 50 == 25 {
            let (line, code) = mistakes[index / 50];
            wanted.push((text.lines().count() + 1, code));
            text.push_str(line);
        } else if index % 2 == 0 {
            write!(text, "  layer l{} = Linear(8, 8)", index / 2).unwrap();
        } else {
            write!(text, "  h = relu(l{}(h))", index / 4 * 2 / 2).unwrap();
        }
        text.push('\n');
    }
    text.push_str("  output h\n}\n");
    let map = map_of(&text);
    let found = checked(&map).diagnostics;
    let errors = found.iter().filter(|found| found.severity == Severity::Error);
    let errors: Vec<(usize, &str)> =
        errors.map(|found| (map.files()[0].line_at(found.span().start) + 1, found.code.as_str())).collect();
    assert_eq!(errors, wanted, "{found:#?}");
}

#[test]
fn a_mistake_far_to_the_right_is_shown() {
    for column in [10, 65_530, 65_536, 1_000_000, 10_000_000] {
        let start = "model M { input x: [4] ";
        // Columns count characters, whatever their size.
        let wide = "é变".repeat(10);
        let text = format!("{start}# {wide}\n{}output nothing }}", " ".repeat(column - 1));
        let ran = piped("check -", text.as_bytes());
        assert_eq!(ran.status, Some(1));
        assert!(ran.err.contains(&format!("[<stdin>:2:{}]", column + 7)), "{}", ran.err);
        assert!(ran.err.contains("nothing has this name here") && ran.err.len() < 2000, "{}", ran.err);
        let ran = piped("check - --format json", text.as_bytes());
        assert_eq!(ran.json()[0]["diagnostics"][0]["labels"][0]["at"]["col"], column + 7);
    }
    let text = format!("model M {{ input {}: [4] output nothing }}", "变".repeat(1000));
    let json = piped("check - --format json", text.as_bytes()).json().remove(0);
    assert_eq!(json["diagnostics"][0]["labels"][0]["at"]["col"], text.chars().count() - 8);
}

#[test]
fn messages_are_short_however_long_a_name_is() {
    let name = "n".repeat(1_000_000);
    let text = format!("model M {{\n  input x: [4]\n  output {name}\n}}\n");
    let ran = piped("check -", text.as_bytes());
    assert!(ran.status == Some(1) && ran.err.len() < 10_000, "{} bytes", ran.err.len());
    let ran = piped("check - --format short", text.as_bytes());
    assert!(ran.out.len() < 10_000, "{} bytes", ran.out.len());
}

#[test]
fn text_must_be_text() {
    let folder = Folder::new();
    for (bytes, wanted) in [
        (&b"model M {\n  \xff\n}"[..], "error[source-utf8]: byte 0xff at offset 12 (line 2, column 3) isn't UTF-8\n"),
        (b"\xc3", "error[source-utf8]: byte 0xc3 at offset 0 (line 1, column 1) isn't UTF-8\n"),
        (b"model M {\0}", "error[source-nul]: there is a NUL byte at offset 9 (line 1, column 10)\n"),
        (b"\xff\xfem\0o\0", "error[source-utf8]: byte 0xff at offset 0 (line 1, column 1) isn't UTF-8\n"),
        (b"m\0o\0", "error[source-nul]: there is a NUL byte at offset 1 (line 1, column 2)\n"),
    ] {
        let ran = wnetc(&format!("check {}", folder.write("a.wnet", bytes)));
        assert_eq!(ran.status, Some(1));
        assert!(ran.err.starts_with(wanted), "{}", ran.err);
    }
    let ran = piped("check -", &vec![b' '; (64 << 20) + 1]);
    assert!(
        ran.status == Some(1) && ran.err.starts_with("error[source-size]: the file is larger than 64 MiB\n"),
        "{}",
        ran.err
    );
}

#[test]
fn marks_and_line_breaks_move_no_place() {
    let text = "# größe\nmodel M {\n  input x: [4]\n  output y\n  layer l = Linaer(3, 4)\n}";
    let places = |text: &str| {
        let json = piped("check - --format json", text.as_bytes()).json().remove(0);
        assert_eq!(json["errors"], 2, "{json}");
        json["diagnostics"].clone()
    };
    let plain = places(text);
    assert_eq!(plain[0]["labels"][0]["at"]["line"], 4);
    for twin in [
        format!("\u{feff}{text}"),
        text.replace('\n', "\r\n"),
        format!("{text}\n"),
        format!("\u{feff}{}\r\n", text.replace('\n', "\r\n")),
    ] {
        assert_eq!(places(&twin), plain, "{twin:?}");
    }
}

/// Depth is limited, not the stack that happens to be there.
#[cfg(unix)]
#[test]
fn no_depth_overflows_a_small_stack() {
    let folder = Folder::new();
    for (name, text) in [
        ("round", "model M { x = ".to_owned() + &"(".repeat(1_000_000)),
        ("square", "model M { x = ".to_owned() + &"[".repeat(1_000_000)),
        ("curly", "{".repeat(1_000_000)),
        ("closed", format!("model M {{ output {}1{} }}", "(".repeat(100_000), ")".repeat(100_000))),
        ("minus", format!("model M {{ output {}1 }}", "-".repeat(1_000_000))),
        ("stages", format!("model M {{ input x: [4] output x{} }}", " -> relu".repeat(100_000))),
        ("sum", format!("model M {{ input x: [4] output x{} }}", " + x".repeat(100_000))),
        ("deep", format!("model M {{ {} {} }}", "if true { ".repeat(254), "}".repeat(254))),
    ] {
        let path = folder.write(name, text);
        for stack in ["256", "8192"] {
            let command = format!("ulimit -s {stack} && exec {} check {path}", env!("CARGO_BIN_EXE_wnetc"));
            let output = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
            let err = String::from_utf8_lossy(&output.stderr);
            let wanted = i32::from(!matches!(name, "stages"));
            assert_eq!(output.status.code(), Some(wanted), "{name} with {stack} KiB: {err}");
        }
    }
}

#[test]
fn thousands_of_errors_are_counted_and_fifty_shown() {
    let lines: Vec<String> = (0..20_000).map(|index| format!("  layer l{index} = Linaer({index}, 8)")).collect();
    let lines = lines.join("\n");
    let text = format!("model M {{\n  input x: [4]\n{lines}\n  output x\n}}\n");
    let ran = piped("check -", text.as_bytes());
    assert_eq!(ran.status, Some(1));
    assert_eq!(ran.err.matches("error[unknown-kind]").count(), 50);
    assert!(
        ran.err.ends_with("… and 19,950 more errors (--max-errors shows more)\n<stdin>: 20,000 errors\n"),
        "{}",
        ran.err
    );
    let json = piped("check - --format json", text.as_bytes()).json().remove(0);
    assert_eq!((json["errors"].as_u64(), json["diagnostics"].as_array().unwrap().len()), (Some(20_000), 20_000));
    let ran = piped("check - --max-errors 3", text.as_bytes());
    assert_eq!(ran.err.matches("error[unknown-kind]").count(), 3);
    assert_eq!(piped("check - --format short", text.as_bytes()).out.lines().count(), 20_000);
}

/// Every way in which one size can be absurd, in every place where a size stands.
#[test]
fn absurd_sizes_are_refused_or_counted() {
    let values = [
        "0",
        "1",
        "2147483648",
        "4294967296",
        "4611686018427387904",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "-1",
        "1e308",
        "1e400",
        "1.5",
        "none",
        "true",
        "\"a\"",
        "[1]",
    ];
    let bodies = [
        "input x: [N]\noutput x",
        "input x: [N, N]\noutput sum(x)",
        "input x: [2, 3]\nlayer l = Linear(3, N)\noutput x -> l",
        "input x: [2, N]\nlayer l = Linear(N, N)\noutput x -> l",
        "input x: int[2]\nlayer l = Embedding(N, N)\noutput x -> l",
        "input x: [2, N]\nlayer l = LayerNorm(N)\noutput x -> l",
        "input x: [2, 3]\noutput x -> reshape([N, -1])",
        "input x: [2, 3]\noutput x -> transpose(N, 0)",
        "input x: [2, 3]\noutput sum(x, dim=N)",
        "input x: [2, 3]\nlayer f = Linear(3, 3)\noutput x -> f^N",
        "input x: [2, 3]\nlayer d = Dropout(N)\noutput x -> d",
        "input x: [2, 3]\nparam p: [N, 3] = normal(std=N)\noutput matmul(x, p.T)",
        "input x: [N, N, N, N, N, N]\noutput x * x",
    ];
    for body in bodies {
        for value in values {
            let text = format!("model M {{\n{}\n}}\n", body.replace('N', value));
            let map = map_of(&text);
            let result = checked(&map);
            examine(&map, &result.diagnostics);
            exercise(&map, &result);
        }
    }
}
