//! Being told to stop: the first SIGINT or SIGTERM lets the step that is under way end, a second one ends the process.

use super::super::output::Status;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub(super) struct Signals {
    /// The signal that came last; 0 for none.
    last: Arc<AtomicUsize>,
}

impl Signals {
    /// From now on they are heeded.
    pub(super) fn heed() -> io::Result<Self> {
        let (came, last) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        for (signal, status) in [(SIGINT, Status::Interrupted), (SIGTERM, Status::Terminated)] {
            // Asked before the flag is set, so that it is the second signal that ends the process.
            flag::register_conditional_shutdown(signal, status as i32, Arc::clone(&came))?;
            flag::register(signal, Arc::clone(&came))?;
            flag::register_usize(signal, Arc::clone(&last), signal as usize)?;
        }
        Ok(Self { last })
    }

    /// How the command ends, if it was told to stop.
    pub(super) fn status(&self) -> Option<Status> {
        match self.last.load(Ordering::Relaxed) as i32 {
            SIGINT => Some(Status::Interrupted),
            SIGTERM => Some(Status::Terminated),
            _ => None,
        }
    }
}
