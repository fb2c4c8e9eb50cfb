//! Room for what recurses with the nesting of a file, whatever stack the caller has.

use std::cell::Cell;
use std::panic;
use std::thread::{self, Builder};

/// Enough for the deepest text that is read, in a build without optimization too. It is reserved, not used up.
const STACK: usize = 256 << 20;

thread_local! {
    /// This thread was made here.
    static ROOMY: Cell<bool> = const { Cell::new(false) };
}

/// Runs something on a stack with room; on the caller's, if that has room already or there is no thread to be had.
pub fn with_room<R: Send>(run: impl Fn() -> R + Sync) -> R {
    if ROOMY.get() {
        return run();
    }
    let roomy = || {
        ROOMY.set(true);
        run()
    };
    thread::scope(|scope| match Builder::new().stack_size(STACK).spawn_scoped(scope, roomy) {
        Ok(worker) => worker.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked)),
        Err(_) => run(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_within_room_is_the_same_room() {
        let outside = thread::current().id();
        let (outer, inner) = with_room(|| (thread::current().id(), with_room(|| thread::current().id())));
        assert_eq!(outer, inner);
        assert_ne!(outer, outside);
        assert!(!ROOMY.get());
    }

    #[test]
    fn a_panic_gets_through() {
        let caught = panic::catch_unwind(|| with_room(|| panic!("inside")));
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"inside"));
    }
}
