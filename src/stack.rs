//! Room for what recurses with the nesting of a file, whatever stack the caller has.

use std::panic;
use std::thread::{self, Builder};

/// Enough for the deepest text that is read, in a build without optimization too. It is reserved, not used up.
const STACK: usize = 256 << 20;

/// Runs something on a stack with room; on the caller's, if there is no thread to be had.
pub fn with_room<R: Send>(run: impl Fn() -> R + Sync) -> R {
    thread::scope(|scope| match Builder::new().stack_size(STACK).spawn_scoped(scope, &run) {
        Ok(worker) => worker.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked)),
        Err(_) => run(),
    })
}
