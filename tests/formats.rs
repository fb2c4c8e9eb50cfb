//! `wnetc check --format json-lines|github|sarif`: the text that other programs read, for ordinary files and for names
//! and messages made to break out of it.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use assert_cmd::Command;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use wnet::cli::render::{github, json_lines, sarif};
use wnet::diag::{Diagnostic, Label, Severity};
use wnet::span::{SourceMap, Span};

const WRONG: &str =
    "model M {\n    input größe: [batch, 10]\n    layer fc = Linear(20, 5)\n    output größe -> fc\n}\n";
const WARNED: &str =
    "model M {\n    input x: [4]\n    layer a = Linear(4, 4)\n    layer b = Linear(4, 4)\n    output a(x)\n}\n";
const FINE: &str = "model M {\n    input x: [4]\n    output x\n}\n";

fn check(folder: &Path, format: &str, args: &[&str], stdin: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wnetc"));
    command.args(["check", "--format", format]).args(args).current_dir(folder).write_stdin(stdin);
    let output = command.output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

#[test]
fn json_lines_are_the_diagnostics_of_json() {
    let folder = folder(&[("a.wnet", WRONG), ("b.wnet", FINE), ("c.wnet", WARNED)]);
    let (status, out) = check(folder.path(), "json-lines", &["a.wnet", "b.wnet", "c.wnet"], "");
    assert_eq!(status, 1);
    let lines: Vec<Json> = out.lines().map(parsed).collect();
    let mut expected = Vec::new();
    for line in check(folder.path(), "json", &["a.wnet", "b.wnet", "c.wnet"], "").1.lines() {
        let report = parsed(line);
        for diagnostic in report["diagnostics"].as_array().unwrap() {
            let mut diagnostic = diagnostic.clone();
            diagnostic["file"] = report["file"].clone();
            expected.push(diagnostic);
        }
    }
    assert_eq!(lines, expected);
    assert_eq!(lines.iter().map(|line| line["file"].as_str().unwrap()).collect::<Vec<_>>(), ["a.wnet", "c.wnet"]);
    assert_eq!(check(folder.path(), "json-lines", &["b.wnet"], ""), (0, String::new()));
    assert_eq!(check(folder.path(), "json-lines", &["c.wnet"], "").0, 0, "warnings only");
}

#[test]
fn github_commands_name_places_and_codes() {
    let folder = folder(&[("a.wnet", WRONG), ("c,d: 100%.wnet", WARNED), ("b.wnet", FINE)]);
    let (status, out) = check(folder.path(), "github", &["a.wnet", "b.wnet", "c,d: 100%.wnet"], "");
    assert_eq!(status, 1);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 2, "{out}");
    let command = "::error file=a.wnet,line=4,col=21,endLine=4,endColumn=23,title=shape-mismatch::";
    assert!(lines[0].starts_with(command), "{}", lines[0]);
    let command = "::warning file=c%2Cd%3A 100%25.wnet,line=4,col=11,endLine=4,endColumn=12,title=unused::";
    assert!(lines[1].starts_with(command), "{}", lines[1]);
    assert_eq!(check(folder.path(), "github", &["b.wnet"], ""), (0, String::new()));
    // Standard input, with a place and without.
    let (_, out) =
        check(folder.path(), "github", &["-", "--stdin-filename", "x.wnet"], "model M {\n    input x: [3]\n}\n");
    assert!(out.starts_with("::error file=x.wnet,line="), "{out}");
    let (status, out) = check(folder.path(), "github", &["-"], "\0");
    assert_eq!(status, 1);
    assert!(out.starts_with("::error file=<stdin>,title=source-nul::"), "{out}");
}

#[test]
fn sarif_is_one_log_for_all_files() {
    let folder = folder(&[("a b.wnet", WRONG), ("b.wnet", FINE), ("c.wnet", WARNED), ("nul.wnet", "\0")]);
    let (status, out) = check(folder.path(), "sarif", &["a b.wnet", "b.wnet", "c.wnet", "nul.wnet"], "");
    assert_eq!(status, 1);
    let log = parsed(&out);
    assert_schema(&log);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let seen: Vec<_> = results.iter().map(|result| (&result["ruleId"], &result["level"])).collect();
    let expected = [("shape-mismatch", "error"), ("unused", "warning"), ("source-nul", "error")]
        .map(|(a, b)| (json!(a), json!(b)));
    assert_eq!(seen, expected.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>());
    assert_eq!(
        results[0]["locations"][0]["physicalLocation"],
        json!({
            "artifactLocation": {"uri": "a%20b.wnet"},
            "region": {"startLine": 4, "startColumn": 21, "endLine": 4, "endColumn": 23},
        })
    );
    let related = results[0]["relatedLocations"].as_array().unwrap();
    assert!(related.iter().all(|place| !place["message"]["text"].as_str().unwrap().is_empty()), "{related:?}");
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["shortDescription"]["text"], wnet::explain::summary("shape-mismatch"));
    let (status, out) = check(folder.path(), "sarif", &["b.wnet"], "");
    let log = parsed(&out);
    assert_schema(&log);
    assert_eq!((status, log["runs"][0]["results"].as_array().unwrap().len()), (0, 0));
}

#[test]
fn names_become_uris() {
    let label = || vec![Label { span: Span::new(0, 1), text: String::new() }];
    for (name, uri) in [
        ("dir/model.wnet", "dir/model.wnet"),
        ("/tmp/model.wnet", "file:///tmp/model.wnet"),
        ("../c:d/größe #1?.wnet", "../c%3Ad/gr%C3%B6%C3%9Fe%20%231%3F.wnet"),
        ("<stdin>", "%3Cstdin%3E"),
    ] {
        let mut map = SourceMap::new();
        map.add(name, "x").unwrap();
        let list = [finding("code", "message", label())];
        let log = serde_json::to_value(sarif::log([(&map, list.as_slice())])).unwrap();
        assert_schema(&log);
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], uri, "{name}");
    }
}

#[test]
fn a_call_is_no_link() {
    let mut map = SourceMap::new();
    map.add("a", "x").unwrap();
    let list = [finding("code", "`blocks[i](h)` and `x[0]`", Vec::new()), finding("code", "`x[0]`", Vec::new())];
    let log = serde_json::to_value(sarif::log([(&map, list.as_slice())])).unwrap();
    let text = |at: usize| log["runs"][0]["results"][at]["message"]["text"].as_str().unwrap();
    assert_eq!((text(0), text(1)), (r"`blocks\[i\](h)` and `x\[0\]`", "`x[0]`"));
}

fn finding(code: &str, message: &str, labels: Vec<Label>) -> Diagnostic {
    Diagnostic { code: code.into(), severity: Severity::Error, message: message.into(), labels, help: None }
}

/// What the schema of SARIF 2.1.0 demands of the parts that are written.
fn assert_schema(log: &Json) {
    only(log, &["$schema", "version", "runs"], &["version", "runs"]);
    assert_eq!(log["version"], "2.1.0");
    for run in array(&log["runs"]) {
        only(run, &["tool", "columnKind", "results"], &["tool"]);
        assert!(["utf16CodeUnits", "unicodeCodePoints"].contains(&text(&run["columnKind"])));
        only(&run["tool"], &["driver"], &["driver"]);
        let driver = &run["tool"]["driver"];
        only(driver, &["name", "version", "rules"], &["name"]);
        assert_eq!((text(&driver["name"]), text(&driver["version"])), ("wnetc", env!("CARGO_PKG_VERSION")));
        let rules = array(&driver["rules"]);
        for rule in rules {
            only(rule, &["id", "shortDescription"], &["id"]);
            if let Some(description) = rule.get("shortDescription") {
                message(description);
            }
        }
        let ids: BTreeSet<&str> = rules.iter().map(|rule| text(&rule["id"])).collect();
        assert_eq!(ids.len(), rules.len(), "rules are unique");
        for result in array(&run["results"]) {
            let known = ["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations"];
            only(result, &known, &["message"]);
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(["none", "note", "warning", "error"].contains(&text(&result["level"])));
            message(&result["message"]);
            array(&result["locations"]).iter().for_each(location);
            result.get("relatedLocations").map_or(&[][..], array).iter().for_each(location);
        }
    }
}

fn location(location: &Json) {
    only(location, &["physicalLocation", "message"], &[]);
    if let Some(text) = location.get("message") {
        message(text);
    }
    let place = &location["physicalLocation"];
    only(place, &["artifactLocation", "region"], &["artifactLocation"]);
    only(&place["artifactLocation"], &["uri"], &["uri"]);
    let uri = text(&place["artifactLocation"]["uri"]);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%:".contains(&byte);
    assert!(uri.bytes().all(allowed), "{uri}");
    for (at, _) in uri.match_indices('%') {
        assert!(uri[at + 1..at + 3].bytes().all(|byte| byte.is_ascii_hexdigit()), "{uri}");
    }
    if let Some(region) = place.get("region") {
        let names = ["startLine", "startColumn", "endLine", "endColumn"];
        only(region, &names, &names);
        let [line, column, end_line, end_column] = names.map(|name| region[name].as_u64().unwrap());
        assert!(line >= 1 && column >= 1 && (line, column) <= (end_line, end_column), "{region}");
    }
}

fn message(message: &Json) {
    only(message, &["text"], &["text"]);
    let _ = text(&message["text"]);
}

fn only(object: &Json, known: &[&str], required: &[&str]) {
    let object = object.as_object().unwrap();
    assert!(object.keys().all(|key| known.contains(&key.as_str())), "{object:?}");
    assert!(required.iter().all(|key| object.contains_key(*key)), "{object:?}");
}

fn array(json: &Json) -> &[Json] {
    json.as_array().unwrap()
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap()
}

fn poison() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-z (){}=,%:]{0,6}",
        1 => prop::sample::select(vec![
            "\u{1b}[2J", "\u{202e}", "\u{feff}", "\0", "\r", "\r\n", "\n", "\n::error::", "\t", "\u{85}", "\u{2028}", "%0A",
            "::", ",line=9", "](x)", "\"", "\\", "変", "🏳\u{fe0f}",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn diagnostic() -> impl Strategy<Value = Diagnostic> {
    let label =
        (0..200_u32, 0..200_u32, poison()).prop_map(|(start, end, text)| Label { span: Span::new(start, end), text });
    let severity = prop::sample::select(vec![Severity::Error, Severity::Warning, Severity::Note]);
    (poison(), severity, poison(), prop::collection::vec(label, 0..4), prop::option::of(poison()))
        .prop_map(|(code, severity, message, labels, help)| Diagnostic { code, severity, message, labels, help })
}

/// What GitHub makes of an escaped text.
fn unescaped(text: &str) -> String {
    text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_out(
        files in prop::collection::vec((poison(), poison()), 1..3),
        list in prop::collection::vec(diagnostic(), 0..4),
    ) {
        let mut map = SourceMap::new();
        for (name, text) in &files {
            map.add(name.as_str(), text.as_str()).unwrap();
        }

        let mut out = Vec::new();
        json_lines::write(&mut out, &map, &list).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.split_terminator('\n').collect();
        prop_assert_eq!(lines.len(), list.len());
        for (line, diagnostic) in lines.iter().zip(&list) {
            let line = parsed(line);
            prop_assert_eq!(line["file"].as_str(), Some(files[0].0.as_str()));
            prop_assert_eq!(line["message"].as_str(), Some(diagnostic.message.as_str()));
        }

        let mut out = Vec::new();
        github::write(&mut out, &map, &list).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.split_terminator('\n').collect();
        prop_assert_eq!(lines.len(), list.len(), "{}", out);
        for (line, diagnostic) in lines.iter().zip(&list) {
            prop_assert!(!line.chars().any(wnet::sanitize::is_hidden), "{:?}", line);
            let (properties, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            let (command, properties) = properties.split_once(' ').unwrap();
            prop_assert!(["error", "warning", "notice"].contains(&command));
            let keys: Vec<&str> = properties.split(',').map(|property| property.split_once('=').unwrap().0).collect();
            prop_assert!(
                [
                    &["file", "title"][..],
                    &["file", "line", "endLine", "title"],
                    &["file", "line", "col", "endLine", "endColumn", "title"],
                ]
                .contains(&keys.as_slice()),
                "{:?}",
                keys
            );
            let clean = |text: &str| !text.chars().any(|c| c != '\n' && c != '\r' && wnet::sanitize::is_hidden(c));
            if clean(&diagnostic.message) && diagnostic.help.is_none() {
                prop_assert_eq!(unescaped(message), diagnostic.message.as_str());
            }
        }

        assert_schema(&serde_json::to_value(sarif::log([(&map, list.as_slice())])).unwrap());
    }
}
