//! The command line as scripts meet it: the JSON of a check, exit statuses, streams, colour, and names that aren't there.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test may panic, and a schema is long"
)]

mod common;

use common::{Folder, examples, piped, program, wnetc};
use serde_json::{Value as Json, json};
use std::process::Stdio;

/// The name of a field, and what looks at its value; the text says where it is.
type Field<'f> = (&'f str, &'f dyn Fn(&str, &Json));

/// The fields of an object, no more and no fewer, each as it should be.
fn fields(at: &str, value: &Json, wanted: &[Field]) {
    let object = value.as_object().unwrap_or_else(|| panic!("{at} is no object: {value}"));
    let names: Vec<&str> = object.keys().map(String::as_str).collect();
    let expected: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected, "the fields of {at}");
    for (name, check) in wanted {
        check(&format!("{at}.{name}"), &object[*name]);
    }
}

fn each(at: &str, value: &Json, check: impl Fn(&str, &Json)) {
    let items = value.as_array().unwrap_or_else(|| panic!("{at} is no list: {value}"));
    items.iter().enumerate().for_each(|(index, item)| check(&format!("{at}[{index}]"), item));
}

fn text(at: &str, value: &Json) {
    assert!(value.is_string(), "{at}: {value}");
}

fn some_text(at: &str, value: &Json) {
    assert!(value.as_str().is_some_and(|text| !text.is_empty()), "{at}: {value}");
}

fn count(at: &str, value: &Json) {
    assert!(value.is_u64(), "{at}: {value}");
}

fn truth(at: &str, value: &Json) {
    assert!(value.is_boolean(), "{at}: {value}");
}

/// A number, or an expression over symbols.
fn size(at: &str, value: &Json) {
    assert!(value.is_u64() || value.as_str().is_some_and(|text| text.contains(char::is_alphabetic)), "{at}: {value}");
}

fn sizes(at: &str, value: &Json) {
    each(at, value, size);
}

fn one_of(words: &'static [&'static str]) -> impl Fn(&str, &Json) {
    move |at, value| assert!(value.as_str().is_some_and(|word| words.contains(&word)), "{at}: {value}")
}

/// Lines and columns count from 1; the end isn't before the start.
fn place(at: &str, value: &Json) {
    let from_1 = |at: &str, value: &Json| assert!(value.as_u64().is_some_and(|number| number > 0), "{at}: {value}");
    let place: [Field; 4] = [("line", &from_1), ("col", &from_1), ("end_line", &from_1), ("end_col", &from_1)];
    // A place in an imported file says in which.
    let file: Option<Field> = value.get("file").map(|_| ("file", &some_text as &dyn Fn(&str, &Json)));
    fields(at, value, &file.into_iter().chain(place).collect::<Vec<_>>());
    let number = |name: &str| value[name].as_u64().unwrap();
    assert!((number("line"), number("col")) <= (number("end_line"), number("end_col")), "{at}: {value}");
}

fn report(at: &str, value: &Json) {
    let is = |wanted: &'static str| move |at: &str, value: &Json| assert_eq!(value, wanted, "{at}");
    fields(
        at,
        value,
        &[
            ("schema", &is("wnet.check/1")),
            ("file", &some_text),
            ("errors", &count),
            ("warnings", &count),
            ("models", &|at, value| each(at, value, model)),
            ("diagnostics", &|at, value| each(at, value, diagnostic)),
        ],
    );
}

fn model(at: &str, value: &Json) {
    fields(
        at,
        value,
        &[
            ("name", &some_text),
            ("args", &|at, value| assert!(value.is_object(), "{at}")),
            ("sharing", &|at, value| fields(at, value, &[("shared", &truth), ("sentence", &some_text)])),
            ("params", &|at, value| {
                let counts = ["unique", "naive", "untied", "trainable", "buffers"];
                fields(at, value, &counts.map(|name| (name, &size as &dyn Fn(&str, &Json))));
            }),
            ("groups", &|at, value| each(at, value, group)),
            ("requires", &|at, value| {
                each(at, value, |at, value| {
                    let kind = one_of(&["eq", "le", "divides"]);
                    fields(at, value, &[("text", &some_text), ("kind", &kind), ("at", &place)]);
                });
            }),
        ],
    );
    let owners: Vec<&str> =
        value["groups"].as_array().unwrap().iter().map(|group| group["owner"].as_str().unwrap()).collect();
    assert!(owners.is_sorted(), "{owners:?}");
    let shared = value["sharing"]["sentence"].as_str().unwrap().starts_with("Yes: ");
    assert_eq!(value["sharing"]["shared"], shared);
    let groups = value["groups"].as_array().unwrap();
    // Slots that see different parts of one storage are a group and share nothing.
    let divided = |group: &Json| group["members"].as_array().unwrap().iter().all(|member| member["view"] == "slice");
    assert_eq!(groups.iter().any(|group| group["shared"] == true && !divided(group)), shared);
}

fn group(at: &str, value: &Json) {
    fields(
        at,
        value,
        &[
            ("owner", &some_text),
            ("kind", &one_of(&["param", "slot", "buffer"])),
            ("shape", &sizes),
            ("dtype", &one_of(&["f32", "int", "bool"])),
            ("numel", &size),
            ("trainable", &truth),
            ("init", &some_text),
            ("shared", &truth),
            ("use_count", &count),
            ("members", &|at, value| {
                each(at, value, |at, value| {
                    let view = one_of(&["whole", "T", "slice", "reshape", "chain"]);
                    let parts: [Field; 5] =
                        [("path", &some_text), ("view", &view), ("expr", &text), ("shape", &sizes), ("at", &place)];
                    fields(at, value, &parts);
                });
            }),
            ("uses", &|at, value| {
                each(at, value, |at, value| {
                    let kind = one_of(&["call", "value"]);
                    let parts: [Field; 5] =
                        [("path", &some_text), ("via", &some_text), ("as", &kind), ("count", &count), ("at", &place)];
                    fields(at, value, &parts);
                });
            }),
        ],
    );
    let uses: u64 = value["uses"].as_array().unwrap().iter().map(|site| site["count"].as_u64().unwrap()).sum();
    assert_eq!(value["use_count"], uses, "{at}");
    assert_eq!(value["shared"], uses >= 2 || value["members"].as_array().unwrap().len() >= 2, "{at}");
}

fn diagnostic(at: &str, value: &Json) {
    fields(
        at,
        value,
        &[
            ("code", &some_text),
            ("severity", &one_of(&["error", "warning", "note"])),
            ("message", &some_text),
            ("labels", &|at, value| {
                each(at, value, |at, value| fields(at, value, &[("text", &text), ("at", &place)]));
            }),
            ("help", &|at, value| assert!(value.is_null() || value.is_string(), "{at}: {value}")),
        ],
    );
}

/// A file with everything that a report can hold.
const RICH: &str = "\
model Größe(d, e, n: int = 3, p: float = 0.5, name: string = \"a\", flag: bool = true, list: [int] = [1, 2]) {
  input x: [batch, d]
  param w: [d, d] = normal(std=0.02)
  frozen param f: [d, d] = ones()
  buffer b: [d] = zeros()
  layer one = Linear(d, d) weight=@w
  layer two = Linear(e, d) weight=@one.weight.T
  layer three = Linear(d, d, bias=false) weight=@f
  layer unused = Linear(2, 2)
  h = x -> (one -> relu)^3 -> two -> three
  output h + matmul(x, w) + b
}
model Other {
  input x: [2]
  output x
}
";

#[test]
fn the_json_of_a_check_is_as_documented() {
    for path in examples() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let json = wnetc(&format!("check --format json examples/{name}")).json();
        assert_eq!(json.len(), 1);
        report("report", &json[0]);
    }
    let ran = piped("check - --format json --stdin-filename rich.wnet", RICH.as_bytes());
    let json = ran.json().remove(0);
    report("report", &json);
    assert_eq!(ran.status, Some(0), "{}", ran.all());
    assert_eq!(json["file"], "rich.wnet");
    let model = &json["models"][0];
    assert_eq!(model["args"], json!({"d": "d", "e": "e", "n": 3, "p": 0.5, "name": "a", "flag": true, "list": [1, 2]}));
    assert_eq!(model["params"]["buffers"], "d");
    assert_eq!(model["requires"][0]["kind"], "eq");
    assert_eq!(json["models"][1]["groups"], json!([]));
    let codes: Vec<&Json> = json["diagnostics"].as_array().unwrap().iter().map(|found| &found["code"]).collect();
    assert_eq!(codes, ["nothing-shared", "unused"]);
    assert_eq!((&json["errors"], &json["warnings"]), (&json!(0), &json!(2)));
    let group =
        |owner: &str| model["groups"].as_array().unwrap().iter().find(|group| group["owner"] == owner).unwrap().clone();
    let w = group("w");
    assert_eq!((&w["kind"], &w["shape"], &w["numel"]), (&json!("param"), &json!(["d", "d"]), &json!("d**2")));
    assert_eq!(w["init"], "normal(mean=0, std=0.02)");
    assert_eq!(w["use_count"], 5, "three calls of one, one of two, one value");
    assert_eq!(w["members"][1]["view"], "T");
    assert_eq!(w["members"][1]["expr"], "@one.weight.T");
    assert_eq!(w["uses"][0]["count"], 3);
    assert_eq!(w["uses"][2]["as"], "value");
    let (f, b) = (group("f"), group("b"));
    assert_eq!((&f["trainable"], &f["shared"]), (&json!(false), &json!(false)));
    assert_eq!((&b["kind"], &b["trainable"], &b["members"]), (&json!("buffer"), &json!(false), &json!([])));
}

#[test]
fn the_whole_report_of_one_file() {
    let text = "model M {\n  input x: [2, 3]\n  param p: [3, 3] = normal(std=0.5)\n  layer é = Linear(3, 3, bias=false) \
                weight=@p\n  output x -> é -> matmul(p)\n}\n";
    let found = piped("check - --format json", text.as_bytes()).json().remove(0);
    let at =
        |line: u32, col: u32, end_col: u32| json!({"line": line, "col": col, "end_line": line, "end_col": end_col});
    let wanted = json!({
        "schema": "wnet.check/1", "file": "<stdin>", "errors": 0, "warnings": 0,
        "models": [{
            "name": "M", "args": {},
            "sharing": {"shared": true, "sentence": "Yes: p is used 2 times."},
            "params": {"unique": 9, "naive": 9, "untied": 18, "trainable": 9, "buffers": 0},
            "groups": [{
                "owner": "p", "kind": "param", "shape": [3, 3], "dtype": "f32", "numel": 9, "trainable": true,
                "init": "normal(mean=0, std=0.5)", "shared": true, "use_count": 2,
                "members": [{"path": "é.weight", "view": "whole", "expr": "@p", "shape": [3, 3], "at": at(4, 45, 47)}],
                "uses": [
                    {"path": "é", "via": "é.weight", "as": "call", "count": 1, "at": at(5, 15, 16)},
                    {"path": "p", "via": "p", "as": "value", "count": 1, "at": at(5, 27, 28)},
                ],
            }],
            "requires": [],
        }],
        "diagnostics": [],
    });
    assert_eq!(found, wanted);
}

#[test]
fn a_wrong_file_has_a_report_too() {
    let text = "model M {\n  input x: [2, 3]\n  x = 'a'\n  layer l = Linaer(3, 4)\n  output y\n}\n";
    let ran = piped("check - --format json", text.as_bytes());
    assert_eq!((ran.status, ran.err.as_str()), (Some(1), ""));
    let json = ran.json().remove(0);
    report("report", &json);
    assert_eq!(json["errors"], 3);
    let codes: Vec<&Json> = json["diagnostics"].as_array().unwrap().iter().map(|found| &found["code"]).collect();
    assert_eq!(codes, ["single-quotes", "unknown-kind", "unknown-name"]);
    // No text, and so no place.
    for (bytes, code) in [(&b"\xff"[..], "source-utf8"), (b"a\0b", "source-nul")] {
        let ran = piped("check - --format json", bytes);
        let json = ran.json().remove(0);
        report("report", &json);
        assert_eq!((ran.status, &json["diagnostics"][0]["code"]), (Some(1), &json!(code)));
    }
}

#[test]
fn every_file_is_reported_in_its_turn() {
    let ran = wnetc("check --format json examples/digits.wnet examples/independent.wnet examples/no.wnet");
    let files: Vec<Json> = ran.json().iter().map(|report| report["file"].clone()).collect();
    assert_eq!(files, ["examples/digits.wnet", "examples/independent.wnet"]);
    assert_eq!(ran.status, Some(2), "a path that can't be read");
    assert!(ran.err.starts_with("error: can't read `examples/no.wnet`: "), "{}", ran.err);
    let ran = wnetc("check examples/digits.wnet examples/independent.wnet");
    assert_eq!(
        ran.out,
        "examples/digits.wnet: 8970 parameters, 17290 untied.\n\
         examples/digits.wnet: Yes: middle is used 3 times (weight, bias).\n\
         examples/independent.wnet: 325 parameters.\n\
         examples/independent.wnet: No weights are shared.\n"
    );
}

#[test]
fn statuses_tell_who_is_at_fault() {
    let folder = Folder::new();
    let good = "examples/independent.wnet";
    let wrong = folder.write("wrong.wnet", "model M { output y }");
    let none = folder.write("none.wnet", "");
    for (status, command) in [
        (0, format!("check {good}")),
        (0, format!("check {none}")),
        (0, "check examples/shared_parameter.wnet".to_owned()),
        (0, format!("run {good} --set batch=1")),
        (0, format!("ir {good}")),
        (0, "explain syntax".to_owned()),
        (0, "explain --all".to_owned()),
        (0, "explain --operators".to_owned()),
        (0, "explain Conv2d".to_owned()),
        (0, "explain -".to_owned()),
        (0, "--help".to_owned()),
        (0, "--version".to_owned()),
        (1, format!("check {wrong}")),
        (1, format!("check {good} {wrong}")),
        (1, format!("run {wrong}")),
        (1, format!("run {none}")),
        (1, format!("ir {wrong}")),
        (1, format!("run {good}")),
        (1, "run examples/repeated_call.wnet --set input_dim=3 --set batch=1".to_owned()),
        (2, String::new()),
        (2, "frob".to_owned()),
        (2, "check".to_owned()),
        (2, "check examples".to_owned()),
        (2, "check no.wnet".to_owned()),
        (2, format!("check {good} --format xml")),
        (2, format!("check {good} --set")),
        (2, format!("check {good} --set 3")),
        (2, format!("check {good} --set nobody=3")),
        (2, format!("run {good} --set bacht=3")),
        (2, format!("ir {good} --set nobody=3")),
        (2, format!("check {good} --model Nobody")),
        (2, format!("run {good} --set batch=-1")),
        (2, format!("run {good} --set batch=1.5")),
        (2, format!("run {good} --set batch=99999999999999999999")),
        (2, format!("run {good} --set batch=1 --threads 0")),
        (2, format!("run {good} --set batch=1 --data no.npz")),
        (2, format!("run {good} --set batch=1 --outputs no/folder/a.npz")),
        (2, "explain no-such-code".to_owned()),
        (2, "explain".to_owned()),
        (2, format!("check {good} --crash")),
    ] {
        let ran = wnetc(&command);
        assert_eq!(ran.status, Some(status), "{command}: {}", ran.all());
        match status {
            0 => assert!(!ran.err.contains("error"), "{command}: {}", ran.err),
            1 => assert!(ran.err.contains("error["), "{command}: {}", ran.err),
            _ => assert!(ran.err.contains("error: ") || command.is_empty(), "{command}: {}", ran.err),
        }
    }
}

#[test]
fn names_that_are_not_there_have_a_near_one_offered() {
    for (command, near) in [
        (
            "run examples/independent.wnet --set bacht=3",
            "`--set bacht`: there is no argument or size of that name; `batch`",
        ),
        (
            "check examples/digits.wnet --set hiden=3",
            "`--set hiden`: there is no argument or size of that name; `hidden`",
        ),
        ("check examples/digits.wnet --model Digit", "there is no model `Digit`; `Digits` is near to it"),
        ("explain shape-mismatsch", "there is no code or operator `shape-mismatsch`; `shape-mismatch` is near to it"),
        ("explain softmx", "there is no code or operator `softmx`; `softmax` is near to it"),
        ("run examples/digits.wnet --set batch=x", "`--set batch=\"x\"`: a size is a whole number, 0 or more"),
    ] {
        let ran = wnetc(command);
        assert!(ran.err.contains(near), "{}", ran.err);
    }
}

/// What isn't set is named with the flag that sets it, all of it at once.
#[test]
fn what_a_run_needs_is_asked_for_by_its_flag() {
    let text = "model M(d, e) {\n  input x: [batch, d]\n  input i: int[seq, e]\n  output x\n  output i\n}\n";
    let ran = piped("run -", text.as_bytes());
    assert_eq!(ran.status, Some(1));
    for flag in ["--set d=…", "--set e=…", "--set batch=…", "--set seq=…"] {
        assert_eq!(ran.err.matches(flag).count(), 1, "{flag} in {}", ran.err);
    }
    let ran = piped("run - --set d=1 --set e=2 --set batch=3 --set seq=0", text.as_bytes());
    assert_eq!(ran.out.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect::<Vec<_>>(), ["x", "i"]);
    assert!(ran.out.contains("[3, 1]") && ran.out.contains("[0, 2]"), "{}", ran.out);
}

#[test]
fn several_models_need_a_choice() {
    let text = "model A {\n  input x: [1]\n  output x\n}\nmodel B {\n  input y: [2]\n  output y\n}\n";
    let ran = piped("run -", text.as_bytes());
    assert_eq!(ran.status, Some(2));
    assert_eq!(ran.err, "error: `<stdin>` has several models; choose one: --model A|B\n");
    assert!(piped("run - --model B", text.as_bytes()).out.starts_with("output  y  [2]"));
    let ran = piped("check -", text.as_bytes());
    assert_eq!(ran.out.lines().last().unwrap(), "B: No weights are shared.");
    assert_eq!(piped("check - --model A --format json", text.as_bytes()).json()[0]["models"][0]["name"], "A");
}

#[test]
fn short_findings_are_a_line_each() {
    let folder = Folder::new();
    let nul = folder.write("nul.wnet", "a\0");
    let ran = wnetc(&format!("check --format short examples/shared_parameter.wnet {nul}"));
    let wanted = "\
examples/shared_parameter.wnet:5:11: warning[nothing-shared]: `shared_weight` is bound to one slot, so nothing is shared
examples/shared_parameter.wnet:5:37: warning[initializer-scale]: the initial values of `shared_weight` have 5.5 times the scale of `Linear`'s
FOLDER/nul.wnet: error[source-nul]: there is a NUL byte at offset 1 (line 1, column 2)
";
    assert_eq!(folder.hide(&ran.out), wanted);
    assert_eq!((ran.status, ran.err.as_str()), (Some(1), ""));
}

#[test]
fn colour_is_asked_for_or_left_out() {
    let coloured = |flags: &str, variables: &[(&str, &str)]| {
        let mut command = program();
        command.args(format!("check {flags} examples/shared_parameter.wnet").split_whitespace());
        let output = command.envs(variables.iter().copied()).output().unwrap();
        assert!(!output.stdout.contains(&0x1b));
        output.stderr.contains(&0x1b)
    };
    assert!(!coloured("", &[]), "no terminal");
    assert!(coloured("--color always", &[]));
    assert!(coloured("--color always", &[("NO_COLOR", "1")]), "the flag wins");
    assert!(!coloured("--color never", &[("FORCE_COLOR", "1")]));
    assert!(coloured("", &[("FORCE_COLOR", "1")]) && coloured("", &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured("", &[("FORCE_COLOR", "0")]) && !coloured("", &[("FORCE_COLOR", "")]));
    assert!(!coloured("", &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    let json =
        program().args(["check", "--color", "always", "--format", "json", "examples/shared_parameter.wnet"]).output();
    assert!(!json.unwrap().stdout.contains(&0x1b));
}

#[test]
fn surroundings_decide_how_a_report_is_drawn() {
    let drawn = |name: &str, value: &str| {
        let mut command = program();
        let output = command.args(["check", "examples/shared_parameter.wnet"]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(drawn("LC_ALL", "C").is_ascii());
    assert!(drawn("LANG", "tr_TR.UTF-8").contains('╭'));
    assert_eq!(drawn("TERM", "dumb"), drawn("TERM", "xterm"));
    for columns in ["0", "1", "80", "10000", "-3", "99999999999999999999", "x"] {
        let text = drawn("COLUMNS", columns);
        assert!(text.contains("shared_weight"), "{text}");
    }
    assert!(drawn("COLUMNS", "60").lines().all(|line| line.chars().count() < 120));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::new();
    let many: Vec<String> = (0..20_000).map(|index| format!("layer l{index} = Linear(8, 8)")).collect();
    let many = many.join("\n");
    let large = folder.write("large.wnet", format!("model M {{\ninput x: [8]\n{many}\noutput x\n}}\n"));
    for arguments in [
        format!("check --format json {large}"),
        format!("check --format short {large}"),
        format!("check --sharing {large}"),
        format!("ir {large}"),
        format!("ir --format json --stage ast {large}"),
        "explain --all --format json".to_owned(),
        "--help".to_owned(),
    ] {
        let mut command = program();
        command.args(arguments.split_whitespace()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments}: {err}");
        assert!(!err.contains("panic") && !err.contains("rror: "), "{arguments}: {err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in [
        "check examples/digits.wnet",
        "check --format json examples/digits.wnet",
        "run examples/independent.wnet --set batch=1",
        "ir examples/digits.wnet",
        "explain --all",
        "--help",
        "--version",
    ] {
        let mut command = program();
        let output = command.args(arguments.split_whitespace()).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.starts_with("error: can't write the output: "), "{arguments}: {err}");
    }
    let mut command = program();
    let status =
        command.args(["check", "examples/shared_parameter.wnet"]).stdout(Stdio::null()).stderr(full()).status();
    assert_eq!(status.unwrap().code(), Some(2));
}

#[cfg(unix)]
#[test]
fn any_file_name_is_read() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let path = folder.path("x");
    for name in [&b"bad\xffname.wnet"[..], b"blank name", "größe\u{202e}.wnet".as_bytes(), b"esc\x1b[31m\n.wnet"] {
        let path = std::path::Path::new(&path).with_file_name(OsStr::from_bytes(name));
        std::fs::write(&path, "model M {\n  output y\n}\n").unwrap();
        let output = program().arg("check").arg(&path).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(!err.chars().any(|c| c != '\n' && wnet::sanitize::is_hidden(c)), "{err:?}");
        std::fs::remove_file(&path).unwrap();
        let output = program().arg("check").arg(&path).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && err.lines().count() == 1, "{err}");
        assert!(!err.chars().any(|c| c != '\n' && wnet::sanitize::is_hidden(c)), "{err:?}");
    }
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_opened() {
    let folder = Folder::new();
    let pipe = folder.path("pipe.wnet");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_str(), "/dev/zero", "/dev/stdin", "examples", ""] {
        let output = program().args(["check", path]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{path}");
    }
    let output =
        program().args(["run", "examples/independent.wnet", "--data", &format!("{pipe}.npz")]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn control_characters_of_arguments_are_not_printed() {
    for arguments in [
        ["\u{1b}[31mfrob", "x", "y"],
        ["check", "--set", "a\u{1b}[2J"],
        ["check", "--set", "\u{202e}x=3"],
        ["explain", "\u{9b}31m", "--format=text"],
        ["check", "examples/digits.wnet", "--model=\u{7}"],
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(!err.chars().any(|c| c != '\n' && wnet::sanitize::is_hidden(c)), "{err:?}");
    }
}

#[test]
fn explain_prints_a_page_for_every_code() {
    let all = wnetc("explain --all");
    let json = wnetc("explain --all --format json").json();
    assert_eq!(all.out.lines().count(), json.len());
    assert!(json.len() > 80, "{}", json.len());
    for (line, json) in all.out.lines().zip(&json) {
        let code = json["code"].as_str().unwrap();
        assert_eq!(line, format!("{code}: {}", json["summary"].as_str().unwrap()));
        assert!(json["page"].as_str().unwrap().starts_with(&format!("# {code}\n")));
    }
    let page = wnetc("explain tie-shape");
    assert!(page.out.starts_with("# tie-shape\n") && page.out.contains("```wnet fails"), "{}", page.out);
    assert_eq!(wnetc("explain tie-shape --format json").json()[0]["page"], page.out);
}

#[test]
fn explain_prints_a_page_for_every_operator() {
    let all = wnetc("explain --operators");
    let json = wnetc("explain --operators --format json").json();
    // A symbol that is written before one operand and between two has one line, and two objects.
    assert!(all.out.lines().count() < json.len() && json.len() > 200, "{}", json.len());
    for json in &json {
        let (name, summary) = (json["operator"].as_str().unwrap(), json["summary"].as_str().unwrap());
        assert!(all.out.contains(&format!("{name}: ")), "{name}");
        assert!(json["page"].as_str().unwrap().contains(summary), "{name}");
    }
    let page = wnetc("explain Linear");
    assert!(page.out.contains("\n    layer f = Linear(in_features, out_features, bias=true)\n"), "{}", page.out);
    let linear = &wnetc("explain Linear --format json").json()[0];
    assert_eq!(linear["page"], page.out);
    assert_eq!(
        (&linear["form"], &linear["torch"], &linear["onnx"]),
        (&"layer".into(), &"torch.nn.Linear".into(), &"Gemm".into())
    );
    assert_eq!(linear["slots"][0]["shape"][1], "in_features");
    assert_eq!(linear["slots"][1]["with"], "bias=true");
    assert_eq!(linear["parameters"][2]["default"], "true");
    assert_eq!(linear["examples"][0]["outputs"][0], "[3, 5]");
    assert_eq!(wnetc("explain - --format json").json().len(), 2);
    assert_eq!(wnetc("explain kaiming_normal --format json").json()[0]["form"], "initializer");
}

#[test]
fn a_mistake_of_ours_says_so_in_one_line() {
    let ran = wnetc("check examples/digits.wnet --crash");
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.starts_with("error: internal error in wnetc ") && ran.err.lines().count() == 1, "{}", ran.err);
}

#[test]
fn the_run_in_json() {
    let ran = wnetc("run examples/tied_autoencoder.wnet --set batch=2 --backward --format json");
    let json = ran.json().remove(0);
    let names: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["schema", "model", "outputs", "loss", "gradients", "memory", "diagnostics"]);
    assert_eq!(json["outputs"][0], json!({"name": "y", "shape": [2, 64], "dtype": "f32"}));
    assert_eq!(json["gradients"][0]["path"], "enc.weight");
    assert_eq!(json["gradients"][0]["uses"], 2);
    assert!(json["gradients"][0]["norm"].as_f64().unwrap() > 0.0 && json["loss"].as_f64().unwrap() > 0.0);
    let ran = wnetc("run examples/tied_autoencoder.wnet --format json");
    let json = ran.json().remove(0);
    assert_eq!(
        (ran.status, &json["model"], &json["diagnostics"][0]["code"]),
        (Some(1), &Json::Null, &json!("unknown-size"))
    );
}

/// What is said of memory is what a run allocates.
#[test]
fn memory_is_said_to_the_byte() {
    let said = |flags: &str| {
        let model = wnetc(&format!("check examples/digits.wnet --memory --format json {flags}")).json().remove(0);
        model["models"][0]["memory"].as_array().unwrap().clone()
    };
    let sizes = said("--set batch=3");
    assert_eq!(sizes.len(), 1);
    for (mode, name) in [("forward", "forward"), ("train", "training")] {
        let ran =
            wnetc(&format!("bench examples/digits.wnet --set batch=3 --mode {mode} --seconds 0.01 --format json"));
        assert_eq!(sizes[0][name], ran.json()[0]["arena_bytes"], "{mode}");
    }
    let open = said("");
    assert_eq!(open.iter().map(|row| row["size"][1].as_i64().unwrap()).collect::<Vec<_>>(), [1, 8, 64, 512]);
    let ran = wnetc("check examples/digits.wnet --memory --set batch=3");
    let line = format!("forward ({} bytes)", sizes[0]["forward"]);
    assert!(ran.out.contains(&line), "{}", ran.out);
    let ran = wnetc("check examples/tied_head.wnet --memory");
    assert!(ran.err.contains("unknown-size"), "{}", ran.all());
}
