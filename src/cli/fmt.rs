//! `wnetc fmt`: files in place, or standard input to standard output. All files are read before any is written, and one
//! with mistakes is left as it is.

use super::args::{Fmt, Source};
use super::load::{Loaded, load};
use super::output::{self, Done, Failure, Output, Status};
use crate::syntax::{FormatError, format};
use crate::{atomic, sanitize};
use similar::TextDiff;
use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// How long the shortest difference of two texts is looked for. After that, one is shown that may be longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many mistakes of a file are shown; all are counted.
const MAX_ERRORS: usize = 50;

pub(super) fn main(args: &Fmt, output: &mut Output) -> Done {
    let source = Source { model: None, set: Vec::new(), max_nodes: None, stdin_filename: args.stdin_filename.clone() };
    let files: Result<Vec<Loaded>, Failure> = args.files.iter().map(|path| load(path, &source)).collect();
    let mut status = Status::Fine;
    for (path, loaded) in args.files.iter().zip(files?) {
        status = status.max(one(args, path, &loaded, output)?);
    }
    Ok(status)
}

fn one(args: &Fmt, path: &Path, loaded: &Loaded, output: &mut Output) -> Done {
    let formatted = match formatted(loaded) {
        Ok(formatted) => formatted,
        Err(FormatError::Mistakes(found)) => {
            output.report(&loaded.map, &found, MAX_ERRORS)?;
            return Ok(Status::Found);
        }
        Err(error @ FormatError::Changed) => {
            output::crashed(&format!("`{}`: {error}", loaded.name));
            return Ok(Status::Usage);
        }
    };
    let before = original(loaded);
    let changed = before != formatted;
    if args.diff || args.check {
        let name = sanitize::line(&loaded.name);
        if changed && args.diff {
            let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before.as_ref(), &formatted);
            diff.unified_diff().header(&name, &name).to_writer(output.out())?;
        } else if changed {
            writeln!(output.out(), "{name}")?;
        }
        return Ok(if changed { Status::Found } else { Status::Fine });
    }
    if path == Path::new("-") {
        output.out().write_all(formatted.as_bytes())?;
    } else if changed {
        atomic::write(path, |out| out.write_all(formatted.as_bytes()))
            .map_err(|error| Failure::Usage(format!("can't write `{}`: {error}", path.display())))?;
    }
    Ok(Status::Fine)
}

fn formatted(loaded: &Loaded) -> Result<String, FormatError> {
    if let Some(unreadable) = &loaded.unreadable {
        return Err(FormatError::Mistakes(vec![unreadable.clone()]));
    }
    loaded.map.files().first().map_or(Ok(String::new()), format)
}

/// The file as it is, with the byte order mark that isn't part of its text.
fn original(loaded: &Loaded) -> Cow<'_, str> {
    let text = loaded.map.files().first().map_or("", |file| file.text());
    if loaded.marked { Cow::Owned(format!("\u{feff}{text}")) } else { Cow::Borrowed(text) }
}
