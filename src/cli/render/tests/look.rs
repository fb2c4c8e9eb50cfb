//! Ordinary reports, to be read as a stranger would.

use insta::assert_snapshot;

use super::super::human::{Charset, Colour, Style};
use super::{file, find, finding, human, short, warning, with_help};
use crate::diag::{Diagnostic, Severity};
use crate::span::{SourceMap, Span};

const MODEL: &str = "\
model Tiny(vocab=100, width=32) {
  param table [vocab, width]
  layer embed = Embedding(vocab, width) @table
  layer hidden = Linear(width, 64)

  input ids: int[batch, time]



  x = embed(ids)
  output y = hidden(x) @ table
}
";

fn shown(map: &SourceMap, list: &[Diagnostic]) -> String {
    human(map, list, &Style::default())
}

#[test]
fn one_place() {
    let map = file(MODEL);
    let place = find(&map, "@ table", 0);
    let diagnostic = finding("shape-mismatch", "`@` needs equal inner dimensions", &[(place, "64 and 100 differ")]);
    assert_snapshot!(shown(&map, &[with_help("write `@ table.T`", diagnostic)]));
}

#[test]
fn places_far_apart() {
    let map = file(MODEL);
    let labels = [
        (find(&map, "hidden(x) @ table", 0), "[batch, time, 64] @ [100, 32]"),
        (find(&map, "table [vocab, width]", 0), "[100, 32] from here"),
        (find(&map, "Linear(width, 64)", 0), "64 from here"),
    ];
    assert_snapshot!(shown(&map, &[finding("shape-mismatch", "inner dimensions 64 and 100 differ", &labels)]));
}

#[test]
fn two_places_on_a_line() {
    let map = file("layer a = Linear(3, 4)\n");
    let labels = [(find(&map, "Linear", 0), "takes `in_features` first"), (find(&map, "3", 0), "3 features")];
    assert_snapshot!(shown(&map, &[finding("x", "message", &labels)]));
}

#[test]
fn a_place_within_another() {
    let map = file("layer a = Linear(3, 4)\n");
    let labels = [(find(&map, "4", 0), "the argument"), (find(&map, "Linear(3, 4)", 0), "the call")];
    assert_snapshot!(shown(&map, &[finding("x", "message", &labels)]));
}

#[test]
fn two_texts_for_one_place() {
    let map = file("layer a = Linear(3, 4)\n");
    let place = find(&map, "Linear", 0);
    assert_snapshot!(shown(&map, &[finding("x", "message", &[(place, "first"), (place, "second")])]));
}

#[test]
fn two_files() {
    let mut map = file("use \"parts/block.wnet\"\nlayer b = Block(3)\n");
    map.add("parts/block.wnet", "# A block.\nmodel Block(n, m) {\n}\n").unwrap();
    let labels = [(find(&map, "Block(3)", 0), "one argument"), (find(&map, "(n, m)", 0), "two are declared here")];
    assert_snapshot!(shown(&map, &[finding("missing-argument", "`Block` lacks its argument `m`", &labels)]));
}

#[test]
fn several_lines() {
    let map = file("x = f(\n  a,\n  b,\n)\ny = x\n");
    let place = find(&map, "f(\n  a,\n  b,\n)", 0);
    assert_snapshot!(shown(&map, &[finding("x", "the call has no result", &[(place, "from `(` to `)`")])]));
}

#[test]
fn very_many_lines() {
    let map = file(format!("model A {{\n{}}}\n", "  x = relu(x)\n".repeat(30)));
    let whole = Span::new(0, map.files()[0].span().end);
    assert_snapshot!(shown(&map, &[finding("x", "a model without output", &[(whole, "this model")])]));
}

#[test]
fn the_end_of_a_file() {
    let map = file("model A {\n");
    let end = map.files()[0].span().end;
    let labels = [(Span::new(end, end), "expected `}`"), (find(&map, "{", 0), "opened here")];
    assert_snapshot!(shown(&map, &[finding("unclosed", "`{` is never closed", &labels)]));
}

#[test]
fn an_empty_file() {
    let map = file("");
    assert_snapshot!(shown(&map, &[finding("no-model", "no model", &[(Span::new(0, 0), "expected `model`")])]));
}

#[test]
fn no_place() {
    assert_snapshot!(shown(&file("x"), &[with_help("rebuild it", finding("data", "the archive is cut short", &[]))]));
}

#[test]
fn windows_line_breaks_look_like_others() {
    let render = |text: &str| {
        let map = file(text);
        let place = find(&map, "dense", 0);
        shown(&map, &[finding("x", "message", &[(place, "here")])])
    };
    assert_eq!(render("a = b\r\nc = dense\r\nd = e\r\n"), render("a = b\nc = dense\nd = e\n"));
}

#[test]
fn texts_of_several_lines() {
    let map = file("layer a = Linear(3, 4)\n");
    let place = find(&map, "Linear", 0);
    let diagnostic = finding("x", "two shapes differ:\n  left   [3, 4]\n  right  [4, 3]", &[(place, "one\ntwo")]);
    assert_snapshot!(shown(&map, &[with_help("either\n  transpose it, or\n  reshape it", diagnostic)]));
}

#[test]
fn ascii_and_colour() {
    let map = file("layer a = Linear(3, 4)\n");
    let labels = [(find(&map, "Linear", 0), "here"), (find(&map, "4", 0), "and here")];
    let diagnostic = with_help("remedy", warning("unused", "message", &labels));
    let style = Style { charset: Charset::Ascii, ..Style::default() };
    assert_snapshot!("ascii", human(&map, std::slice::from_ref(&diagnostic), &style));
    let style = Style { colour: Colour::Always, ..Style::default() };
    let coloured = human(&map, &[diagnostic], &style);
    assert_snapshot!("colour", coloured.replace('\u{1b}', "ESC"));
}

#[test]
fn totals_count_what_is_not_shown() {
    let map = file("a b c d e f");
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut list: Vec<Diagnostic> =
        names.iter().map(|name| finding("x", &format!("no `{name}`"), &[(find(&map, name, 0), "")])).collect();
    list[0].severity = Severity::Warning;
    list[5].severity = Severity::Note;
    let all = shown(&map, &list);
    assert!(all.ends_with("\nmodel.wnet: 4 errors, 1 warning, 1 note\n"), "{all}");
    assert!(!all.contains("more"));
    assert_snapshot!(human(&map, &list, &Style { max_errors: 2, ..Style::default() }));
    let none = human(&map, &list, &Style { max_errors: 0, ..Style::default() });
    assert!(none.starts_with("… and 4 more errors, 1 more warning, 1 more note"), "{none}");
    assert_eq!(shown(&map, &[]), "");
}

#[test]
fn one_line_each() {
    let mut map = file("é = f(x)\n");
    map.add("b\n.wnet", "x").unwrap();
    let list = [
        finding("one", "first\n  second", &[(find(&map, "f", 0), "a label")]),
        warning("two", "an \u{1b}[31mescape", &[(find(&map, "x", 1), "")]),
        finding("", "no place", &[]),
    ];
    assert_snapshot!(short(&map, &list));
}
