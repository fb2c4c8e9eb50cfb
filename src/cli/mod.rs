//! The command line: arguments, one file per subcommand, and the words shown to people and tools. The only place that
//! prints, and that opens files for the user.

mod args;
mod bench;
mod check;
mod completions;
mod explain;
mod fmt;
mod footprint;
mod gradcheck;
mod ir;
mod library;
mod load;
mod memory;
mod output;
pub mod render;
mod report;
mod run;
mod sharing;
mod summary;
mod threads;
mod train;
mod values;
mod version;

use crate::stack::with_room;
use args::{Args, Command};
use clap::Parser;
use output::{Failure, Output, Status};
use std::panic;
use std::process::ExitCode;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    panic::set_hook(Box::new(|panic| output::crashed(&panic.to_string())));
    // Reading the flags takes more stack than a small one has.
    let work = || Args::try_parse().map_or_else(|answer| output::answer(&answer), |args| dispatch(&args));
    // What there is to say of a panic was said by the hook.
    panic::catch_unwind(|| with_room(work)).unwrap_or(Status::Usage).into()
}

#[allow(clippy::panic, reason = "`--crash` shows what a mistake of ours looks like")]
fn dispatch(args: &Args) -> Status {
    assert!(!args.crash, "as asked for");
    let mut output = Output::new(args.color.into());
    let done = match &args.command {
        Command::Check(check) => check::main(check, &mut output),
        Command::Run(run) => run::main(run, &mut output),
        Command::Gradcheck(gradcheck) => gradcheck::main(gradcheck, &mut output),
        Command::Bench(bench) => bench::main(bench, &mut output),
        Command::Train(train) => train::main(train, &mut output),
        Command::Summary(summary) => summary::main(summary, &mut output),
        Command::Fmt(fmt) => fmt::main(fmt, &mut output),
        Command::Ir(ir) => ir::main(ir, &mut output),
        Command::Explain(explain) => explain::main(explain, &mut output),
        Command::Version(version) => version::main(version, &mut output),
        Command::Completions(completions) => completions::main(completions, &mut output),
    };
    let done = done.and_then(|status| output.flush().map(|()| status));
    done.unwrap_or_else(|failure| match failure {
        // Whoever read the output has seen enough.
        Failure::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Status::Fine,
        Failure::Output(error) => {
            output::complain(&format!("can't write the output: {error}"));
            Status::Usage
        }
        Failure::Usage(message) => {
            // What came before it comes before it.
            let _ = output.flush();
            output::complain(&message);
            Status::Usage
        }
    })
}
