//! `wnetc`, the compiler of wnet.

use std::process::ExitCode;

fn main() -> ExitCode {
    wnet::cli::main()
}
