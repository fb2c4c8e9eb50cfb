//! The licences of all packages, as cargo knows them, against the list in `deny.toml`.

use serde_json::Value;
use std::process::Command;

/// How many packages there are, and those whose licence or source isn't allowed.
pub(super) fn refused() -> (usize, Vec<String>) {
    let allowed = allowed();
    // Packages of other systems aren't on this machine.
    let host = cargo(&["-vV"]);
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = cargo(&["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let refused = packages.iter().filter_map(|package| {
        let licence = package["license"].as_str().unwrap_or("");
        let own = package["source"].is_null() && package["name"] == "wnet";
        let source = package["source"].as_str().unwrap_or("").starts_with("registry+");
        let fine = holds(licence, &allowed) && (own || source);
        (!fine).then(|| format!("{} {}: `{licence}`, from {}", package["name"], package["version"], package["source"]))
    });
    (packages.len(), refused.collect())
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The strings behind `allow = [`.
fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string("deny.toml").unwrap();
    let (_, list) = text.split_once("\nallow = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether an SPDX expression can be satisfied. `AND` binds more tightly than `OR`; `/` is an older `OR`.
fn holds(licence: &str, allowed: &[String]) -> bool {
    let licence = licence.replace('/', " OR ");
    let mut depth = 0;
    // The places of `OR` and `AND` outside parentheses.
    let (mut either, mut both) = (Vec::new(), Vec::new());
    for (at, c) in licence.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && licence[at..].starts_with(" OR ") => either.push(at),
            _ if depth == 0 && licence[at..].starts_with(" AND ") => both.push(at),
            _ => {}
        }
    }
    if let Some(&at) = either.first() {
        return holds(&licence[..at], allowed) || holds(&licence[at + 4..], allowed);
    }
    if let Some(&at) = both.first() {
        return holds(&licence[..at], allowed) && holds(&licence[at + 5..], allowed);
    }
    let licence = licence.trim();
    match licence.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => holds(inner, allowed),
        None => allowed.iter().any(|allowed| allowed == licence),
    }
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let allowed = ["MIT".to_owned(), "Zlib".to_owned()];
    for fine in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "MIT AND Zlib", "GPL-3.0 AND X OR MIT", "(X OR MIT) AND Zlib"]
    {
        assert!(holds(fine, &allowed), "{fine}");
    }
    for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT WITH X", "(MIT OR X) AND GPL-3.0"] {
        assert!(!holds(refused, &allowed), "{refused}");
    }
}
