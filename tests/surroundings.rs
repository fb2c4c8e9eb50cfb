//! What `wnetc` says of itself: `version` and `completions`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use assert_cmd::Command;
use std::process::Output;

fn wnetc(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wnetc"));
    command.args(args);
    command
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn version_is_text_or_json() {
    let text = out(&wnetc(&["version"]).output().unwrap());
    assert_eq!(text.lines().next().unwrap(), format!("wnetc {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(out(&wnetc(&["--version"]).output().unwrap()), format!("wnetc {}\n", env!("CARGO_PKG_VERSION")));
    let json = out(&wnetc(&["version", "--format", "json"]).output().unwrap());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "wnet.version/1");
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    assert!(json["threads"].as_u64().unwrap() >= 1 && json["simd"].is_array(), "{json}");
}

#[test]
fn every_shell_gets_its_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = out(&wnetc(&["completions", shell]).output().unwrap());
        for word in ["wnetc", "check", "fmt", "explain", "format"] {
            assert!(script.contains(word), "{shell} knows `{word}`");
        }
    }
    assert_eq!(wnetc(&["completions", "cmd"]).output().unwrap().status.code(), Some(2));
    assert!(!out(&wnetc(&["--help"]).output().unwrap()).contains("completions"));
}
