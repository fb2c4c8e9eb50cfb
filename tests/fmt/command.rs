//! `wnetc fmt`: what it writes, and where it doesn't.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ROUGH: &str = "model M{input x:[3] # in\noutput x}";
const FORMATTED: &str = "model M {\n    input x: [3]  # in\n    output x\n}\n";
const BROKEN: &str = "model M {\n    input x: [3\n    output x\n}\n";

/// Exit status, standard output, standard error.
type Outcome = (i32, String, String);

fn run(folder: &Path, args: &[&str], stdin: &str) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wnetc"));
    let output = command.arg("fmt").args(args).current_dir(folder).write_stdin(stdin).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

/// All is well, and there is nothing to say.
fn silent() -> Outcome {
    (0, String::new(), String::new())
}

#[test]
fn files_are_rewritten_in_place() {
    let folder = folder(&[("a.wnet", ROUGH), ("b.wnet", FORMATTED), ("c.wnet", &ROUGH.replace('\n', "\r\n"))]);
    let path = folder.path().join("b.wnet");
    let modified = |path: &PathBuf| fs::metadata(path).unwrap().modified().unwrap();
    let before = modified(&path);
    assert_eq!(run(folder.path(), &["a.wnet", "b.wnet", "c.wnet"], ""), silent());
    for name in ["a.wnet", "b.wnet", "c.wnet"] {
        assert_eq!(read(&folder, name), FORMATTED, "{name}");
    }
    assert_eq!(modified(&path), before, "what is formatted isn't written");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left behind");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = folder(&[]);
    for text in [ROUGH, FORMATTED, "\u{feff}model M { input x: [3] # in\r\n\r\noutput x }"] {
        let (status, out, err) = run(folder.path(), &["-"], text);
        assert_eq!((status, out.replace("in\n\n", "in\n"), err), (0, FORMATTED.to_owned(), String::new()));
    }
    assert_eq!(run(folder.path(), &["-"], ""), silent());
    let (status, out, err) = run(folder.path(), &["-", "--stdin-filename", "editor.wnet"], BROKEN);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(err.contains("error[unclosed-bracket]") && err.contains("editor.wnet:2:14"), "{err}");
}

#[test]
fn check_names_what_would_change() {
    let files = [("a.wnet", ROUGH), ("b.wnet", FORMATTED), ("c.wnet", BROKEN), ("d.wnet", "const A=1")];
    let folder = folder(&files);
    assert_eq!(run(folder.path(), &["--check", "b.wnet"], ""), silent());
    let (status, out, err) = run(folder.path(), &["--check", "a.wnet", "b.wnet", "d.wnet"], "");
    assert_eq!((status, out.as_str(), err.as_str()), (1, "a.wnet\nd.wnet\n", ""));
    let (status, out, err) = run(folder.path(), &["--check", "a.wnet", "c.wnet", "b.wnet"], "");
    assert_eq!((status, out.as_str()), (1, "a.wnet\n"));
    assert!(err.contains("error[unclosed-bracket]"), "{err}");
    assert_eq!(run(folder.path(), &["--check", "-"], FORMATTED), silent());
    assert_eq!(run(folder.path(), &["--check", "-"], ROUGH), (1, "<stdin>\n".to_owned(), String::new()));
    for (name, text) in files {
        assert_eq!(read(&folder, name), text, "{name}");
    }
}

#[test]
fn diff_shows_what_would_change() {
    let folder = folder(&[("a.wnet", "const A=1\n\nconst B = 2\n"), ("b.wnet", FORMATTED)]);
    let shown = "--- a.wnet\n+++ a.wnet\n@@ -1,3 +1,3 @@\n-const A=1\n+const A = 1\n \n const B = 2\n";
    for args in [["--diff", "a.wnet", "b.wnet"].as_slice(), &["--check", "--diff", "a.wnet"]] {
        assert_eq!(run(folder.path(), args, ""), (1, shown.to_owned(), String::new()));
    }
    assert_eq!(run(folder.path(), &["--diff", "b.wnet"], ""), silent());
    assert_eq!(read(&folder, "a.wnet"), "const A=1\n\nconst B = 2\n");
    let (status, out, _) = run(folder.path(), &["--diff", "-"], "const A = 1");
    assert_eq!(status, 1);
    assert_eq!(
        out.lines().skip(3).collect::<Vec<_>>(),
        ["-const A = 1", "\\ No newline at end of file", "+const A = 1"]
    );
}

#[test]
fn a_file_with_mistakes_is_left_and_the_others_are_not() {
    let folder = folder(&[("a.wnet", BROKEN), ("b.wnet", ROUGH)]);
    let (status, out, err) = run(folder.path(), &["a.wnet", "b.wnet"], "");
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(err.contains("error[unclosed-bracket]") && err.contains("a.wnet:2:14"), "{err}");
    assert_eq!((read(&folder, "a.wnet").as_str(), read(&folder, "b.wnet").as_str()), (BROKEN, FORMATTED));
    fs::write(folder.path().join("c.wnet"), b"model M { \xff }").unwrap();
    let (status, _, err) = run(folder.path(), &["c.wnet"], "");
    assert_eq!(status, 1);
    assert!(err.contains("error[source-utf8]"), "{err}");
}

#[test]
fn a_byte_order_mark_goes() {
    let marked = format!("\u{feff}{FORMATTED}");
    let folder = folder(&[("a.wnet", &marked)]);
    assert_eq!(run(folder.path(), &["--check", "a.wnet"], "").0, 1);
    let (_, out, _) = run(folder.path(), &["--diff", "a.wnet"], "");
    assert!(out.contains("-\u{feff}model M {\n+model M {\n"), "{out}");
    assert_eq!(run(folder.path(), &["a.wnet"], ""), silent());
    assert_eq!(read(&folder, "a.wnet"), FORMATTED);
}

#[test]
fn a_wrong_path_stops_everything() {
    let folder = folder(&[("a.wnet", ROUGH)]);
    let (status, out, err) = run(folder.path(), &["a.wnet", "none.wnet"], "");
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("can't read `none.wnet`"), "{err}");
    assert_eq!(read(&folder, "a.wnet"), ROUGH);
    assert_eq!(run(folder.path(), &["."], "").0, 2);
    assert_eq!(run(folder.path(), &[], "").0, 2);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder(&[("a.wnet", ROUGH), ("b.wnet", ROUGH)]);
    let path = |name: &str| folder.path().join(name);
    let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
    fs::set_permissions(path("a.wnet"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("a.wnet", path("link.wnet")).unwrap();
    assert_eq!(run(folder.path(), &["link.wnet"], ""), silent());
    assert_eq!((read(&folder, "a.wnet").as_str(), mode("a.wnet")), (FORMATTED, 0o600));
    assert!(fs::symlink_metadata(path("link.wnet")).unwrap().is_symlink());
    fs::set_permissions(path("b.wnet"), fs::Permissions::from_mode(0o444)).unwrap();
    let (status, _, err) = run(folder.path(), &["b.wnet"], "");
    assert_eq!((status, err.as_str()), (2, "error: can't write `b.wnet`: it is read-only\n"));
    assert_eq!((read(&folder, "b.wnet").as_str(), mode("b.wnet")), (ROUGH, 0o444));
    assert_eq!(run(folder.path(), &["--check", "b.wnet"], "").0, 1, "reading it is allowed");
}
