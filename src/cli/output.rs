//! Where text goes, and how a command ends.

use super::render::human::{Charset, Colour, Style};
use super::render::{human, short};
use crate::diag::Diagnostic;
use crate::sanitize;
use crate::span::SourceMap;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

/// The exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    Fine,
    /// The file or the data has an error.
    Found,
    /// A wrong command line, an unreadable path, an internal error.
    Usage,
    /// As of a process that SIGINT or SIGTERM ends.
    Interrupted = 130,
    Terminated = 143,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(super) enum Failure {
    /// It was called wrongly.
    Usage(String),
    /// Its output can't be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

pub(super) type Done = Result<Status, Failure>;

/// Whether human text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, or where `FORCE_COLOR` is set; never where `NO_COLOR` is.
    #[default]
    Auto,
    Always,
    Never,
}

impl From<ColorChoice> for anstream::ColorChoice {
    fn from(choice: ColorChoice) -> Self {
        match choice {
            ColorChoice::Auto => Self::Auto,
            ColorChoice::Always => Self::Always,
            ColorChoice::Never => Self::Never,
        }
    }
}

/// Standard output, buffered, and standard error for diagnostics.
pub(super) struct Output {
    out: BufWriter<io::Stdout>,
    color: anstream::ColorChoice,
}

impl Output {
    pub(super) fn new(color: anstream::ColorChoice) -> Self {
        Self { out: BufWriter::new(io::stdout()), color }
    }

    pub(super) fn out(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// Standard output is a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        self.out.get_ref().is_terminal()
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }

    /// Diagnostics for people, on standard error.
    pub(super) fn report(&mut self, map: &SourceMap, list: &[Diagnostic], max_errors: usize) -> Result<(), Failure> {
        if list.is_empty() {
            return Ok(());
        }
        self.out.flush()?;
        let choice = match self.color {
            anstream::ColorChoice::Auto if forced() => anstream::ColorChoice::Always,
            anstream::ColorChoice::Auto => anstream::AutoStream::choice(&io::stderr()),
            choice => choice,
        };
        let colour = if choice == anstream::ColorChoice::Never { Colour::Never } else { Colour::Always };
        let style = Style { charset: charset(), colour, width: width(), max_errors };
        let mut err = BufWriter::new(io::stderr());
        human::report(&mut err, map, list, &style)?;
        Ok(err.flush()?)
    }

    /// Diagnostics on one line each, on standard output.
    pub(super) fn short(&mut self, map: &SourceMap, list: &[Diagnostic]) -> Result<(), Failure> {
        Ok(short::write(&mut self.out, map, list)?)
    }
}

/// `FORCE_COLOR` asks for colour anywhere. `CLICOLOR_FORCE` does too, which `anstream` knows.
fn forced() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    set("FORCE_COLOR").is_some_and(|value| value != "0") && set("NO_COLOR").is_none()
}

/// Unicode unless the locale says that it can't be shown.
pub(super) fn charset() -> Charset {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    match locale.as_deref() {
        Some("C" | "POSIX") => Charset::Ascii,
        _ => Charset::Unicode,
    }
}

/// What joins the names of a tree.
pub(super) struct TreeMarks {
    pub(super) branch: &'static str,
    pub(super) last: &'static str,
    pub(super) pass: &'static str,
    pub(super) none: &'static str,
}

pub(super) fn tree_marks() -> TreeMarks {
    match charset() {
        Charset::Unicode => TreeMarks { branch: "├─", last: "└─", pass: "│ ", none: "  " },
        Charset::Ascii => TreeMarks { branch: "|-", last: "`-", pass: "| ", none: "  " },
    }
}

fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100)
}

/// Says on standard error why nothing was done.
pub(super) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "error: {}", sanitize::line(message));
}

/// What the parser of the command line has to say: help, the version, or what is wrong.
pub(super) fn answer(answer: &clap::Error) -> Status {
    let written = if answer.use_stderr() && sanitize::text(&answer.to_string()) != answer.to_string() {
        // A control character of an argument would get through with the colours.
        io::stderr().write_all(sanitize::text(&answer.to_string()).as_bytes())
    } else {
        answer.print().and_then(|()| io::stdout().flush())
    };
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("can't write the output: {error}"));
            Status::Usage
        }
        _ if answer.use_stderr() => Status::Usage,
        _ => Status::Fine,
    }
}

/// Says that the mistake is ours.
pub(super) fn crashed(panic: &str) {
    let version = env!("CARGO_PKG_VERSION");
    let panic = panic.replace('\n', " ");
    complain(&format!("internal error in wnetc {version}, please report it with the file that caused it: {panic}"));
}
