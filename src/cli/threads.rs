//! How many threads a command uses: what `--threads` says, or else as many as the machine has.

use crate::tensor::threads::use_threads;
use std::thread::available_parallelism;

pub(super) fn use_flag(flag: Option<u32>) {
    use_threads(flag.map_or_else(|| available_parallelism().map_or(1, usize::from), |count| count as usize));
}
