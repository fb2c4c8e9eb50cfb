//! The standard library: files of wnet that are compiled in, imported as `use "std/NAME.wnet" (…)`.

use include_dir::{Dir, include_dir};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/std");

pub(super) const PREFIX: &str = "std";

/// No path of a user's file begins so.
const KEY: &str = "<std>/";

/// The path by which a file of the library goes among all files. Its own imports are relative to the library.
pub(super) fn key(path: &str) -> String {
    format!("{KEY}{}", path.get(PREFIX.len() + 1..).unwrap_or_default())
}

/// The text behind a path, if it is one of the library.
pub(super) fn text(path: &str) -> Option<Result<&'static str, String>> {
    let name = path.strip_prefix(KEY)?;
    let text = FILES.get_file(name).and_then(include_dir::File::contents_utf8);
    Some(text.ok_or_else(|| {
        let near = crate::diag::nearest(name, standard_files().iter().map(|(name, _)| *name));
        match near {
            Some(near) => format!("the standard library has no such file; `std/{near}` is near to it"),
            None => {
                let names: Vec<&str> = standard_files().iter().map(|(name, _)| *name).collect();
                format!("the standard library has no such file; it has {}", names.join(", "))
            }
        }
    }))
}

/// The names and texts of the library's files, in alphabetical order.
#[must_use]
pub fn standard_files() -> Vec<(&'static str, &'static str)> {
    let mut files: Vec<(&str, &str)> =
        FILES.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?))).collect();
    files.sort_unstable();
    files
}
