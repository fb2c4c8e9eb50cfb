//! The command line: arguments, one file per subcommand, and the words shown to people and tools.

pub mod render;
