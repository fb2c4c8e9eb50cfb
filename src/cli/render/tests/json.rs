//! The `diagnostics` array, as scripts read it.

use serde_json::json;

use super::super::json::diagnostics;
use super::{file, find, finding, warning, with_help};

#[test]
fn the_array_of_the_schema() {
    let mut map = file("model M {\n  layer embed = Embedding(vocab, 9) @table\n}\n");
    map.add("part.wnet", "model Part {}").unwrap();
    let list = [
        with_help(
            "remedy",
            finding("one", "first \u{1b}", &[(find(&map, "@table", 0), "here"), (find(&map, "Part", 0), "there")]),
        ),
        warning("two", "second", &[]),
    ];
    assert_eq!(
        serde_json::to_value(diagnostics(&map, &list)).unwrap(),
        json!([
            {"code": "one", "severity": "error", "message": "first \u{1b}", "help": "remedy", "labels": [
                {"text": "here", "at": {"line": 2, "col": 37, "end_line": 2, "end_col": 43}},
                {"text": "there", "at": {"file": "part.wnet", "line": 1, "col": 7, "end_line": 1, "end_col": 11}},
            ]},
            {"code": "two", "severity": "warning", "message": "second", "labels": [], "help": null},
        ])
    );
}
