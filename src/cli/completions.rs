//! `wnetc completions`: what a shell reads to complete command lines.

use super::args::{Args, Completions};
use super::output::{Done, Output, Status};
use clap::CommandFactory;
use std::io::Write;

pub(super) fn main(args: &Completions, output: &mut Output) -> Done {
    // The generator panics where a write fails, which it can't here.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "wnetc", &mut script);
    output.out().write_all(&script)?;
    Ok(Status::Fine)
}
