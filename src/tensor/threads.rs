//! Work in pieces, on as many threads as the program may use. What the pieces are never hangs on how many threads there
//! are, so that the results don't either. A hand-over costs less than a microsecond while the others still spin.

#![allow(unsafe_code, reason = "a piece borrows from its caller, who waits until all pieces are done")]

use smallvec::SmallVec;
use std::hint::spin_loop;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, Thread};

/// The largest number of pieces that `piece` leads to and `split` makes.
pub const MOST: usize = 16;
/// How often a thread without work looks for some before it sleeps.
const SPINS: u32 = 1 << 13;

static POOL: Pool = Pool {
    callers: Mutex::new(Vec::new()),
    left: AtomicU64::new(0),
    job: AtomicPtr::new(std::ptr::null_mut()),
    done: AtomicUsize::new(0),
    failed: AtomicBool::new(false),
};

struct Pool {
    /// The threads beside the caller's; whoever holds them gives work.
    callers: Mutex<Vec<Worker>>,
    /// How many pieces nobody has taken; a number of the job above them.
    left: AtomicU64,
    job: AtomicPtr<Job<'static>>,
    done: AtomicUsize,
    failed: AtomicBool,
}

struct Worker {
    thread: Thread,
    sleeps: &'static AtomicBool,
}

struct Job<'a> {
    run: &'a (dyn Fn(usize) + Sync),
}

/// Uses this many threads from now on, the caller's among them. Fewer, if the system refuses some.
pub fn use_threads(count: usize) {
    let mut workers = lock();
    while workers.len() + 1 < count {
        let sleeps: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
        let spawned = thread::Builder::new().name("wnet".to_owned()).spawn(move || POOL.serve(sleeps));
        let Ok(handle) = spawned else { return };
        workers.push(Worker { thread: handle.thread().clone(), sleeps });
    }
}

fn lock() -> MutexGuard<'static, Vec<Worker>> {
    POOL.callers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `run` with each number below `count`, each once, in any order and perhaps at the same time.
pub fn for_each(count: usize, run: impl Fn(usize) + Sync) {
    if count < 2 {
        return (0..count).for_each(run);
    }
    // Who finds others at work does it alone.
    let workers = match POOL.callers.try_lock() {
        Ok(workers) => Some(workers),
        Err(TryLockError::Poisoned(workers)) => Some(workers.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    };
    match workers {
        Some(workers) if !workers.is_empty() => POOL.give(&workers, count, &run),
        _ => (0..count).for_each(run),
    }
}

/// Calls `run` with the number and the elements of each piece of `pieces` elements. The last may have fewer.
pub fn split<T: Send>(elements: &mut [T], piece: usize, run: impl Fn(usize, &mut [T]) + Sync) {
    debug_assert!(elements.len() <= piece * MOST, "{} in pieces of {piece}", elements.len());
    if piece == 0 || elements.len() <= piece {
        run(0, elements);
        return;
    }
    parts(elements.chunks_mut(piece), run);
}

/// Calls `run` with the number of each part and the part itself, of which there are at most `MOST`.
pub fn parts<P: Send>(parts: impl Iterator<Item = P>, run: impl Fn(usize, P) + Sync) {
    let parts: SmallVec<[Mutex<Option<P>>; MOST]> = parts.map(|part| Mutex::new(Some(part))).collect();
    for_each(parts.len(), |index| {
        if let Some(part) = parts.get(index).and_then(|part| part.lock().ok()?.take()) {
            run(index, part);
        }
    });
}

/// Calls `run` with the numbers of the rows of each piece of `piece` rows, and with what the slices have of them. A slice
/// has the same number of elements for each of the `rows`.
pub fn split_rows<T: Send, const N: usize>(
    rows: usize,
    piece: usize,
    mut slices: [&mut [T]; N],
    run: impl Fn(Range<usize>, [&mut [T]; N]) + Sync,
) {
    if piece == 0 || rows <= piece {
        run(0..rows, slices);
        return;
    }
    let widths = slices.each_ref().map(|slice| slice.len() / rows);
    let pieces: SmallVec<[Mutex<(Range<usize>, [&mut [T]; N])>; MOST]> = (0..rows)
        .step_by(piece)
        .map(|first| {
            let rows = first..rows.min(first + piece);
            let mut widths = widths.iter();
            let parts = slices.each_mut().map(|slice| {
                let len = rows.len() * widths.next().copied().unwrap_or(0);
                let (part, rest) = std::mem::take(slice).split_at_mut(len);
                *slice = rest;
                part
            });
            Mutex::new((rows, parts))
        })
        .collect();
    for_each(pieces.len(), |index| {
        if let Some(Ok(mut piece)) = pieces.get(index).map(Mutex::lock) {
            let (rows, parts) = &mut *piece;
            run(rows.clone(), parts.each_mut().map(|part| &mut **part));
        }
    });
}

/// The length of pieces, a multiple of `unit`, into which `len` elements are divided if all of them cost `cost`
/// operations. Pieces of less than a few microseconds don't pay.
#[must_use]
pub fn piece(len: usize, unit: usize, cost: usize) -> usize {
    const WORTH: usize = 1 << 19;
    let pieces = (cost / WORTH).clamp(1, MOST / 2);
    len.div_ceil(pieces).next_multiple_of(unit.max(1)).max(1)
}

/// How a stack of samples with some rows each is divided: into runs of samples or, where there are few, each of them into
/// runs of rows.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    samples: usize,
    /// How many samples a part has.
    piece: usize,
    /// How many rows a part has.
    height: usize,
    /// How many parts the rows of a sample are divided into.
    parts: usize,
}

impl Split {
    /// Parts have whole multiples of `unit` rows if they don't have all of them. `cost` is the number of operations.
    #[must_use]
    pub fn new(samples: usize, rows: usize, unit: usize, cost: usize) -> Self {
        let piece = piece(samples, 1, cost);
        let fits = |parts: &usize| rows.is_multiple_of(parts * unit) && self::piece(parts * samples, 1, cost) == 1;
        let parts = if piece == 1 { [8, 4, 2].into_iter().find(fits).unwrap_or(1) } else { 1 };
        Self { samples, piece, height: rows / parts, parts }
    }

    /// How many rows there are in a part, of all its samples together.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.piece * self.height
    }

    /// The samples and the rows of the part with this number.
    #[must_use]
    pub fn part(&self, index: usize) -> (Range<usize>, Range<usize>) {
        let (sample, row) = (index / self.parts * self.piece, index % self.parts * self.height);
        (sample..self.samples.min(sample + self.piece), row..row + self.height)
    }
}

impl Pool {
    fn give(&self, workers: &[Worker], count: usize, run: &(dyn Fn(usize) + Sync)) {
        let job = Job { run };
        // SAFETY: the pointer is read by those that took a piece of this job, and `give` returns after all are done.
        let pointer = std::ptr::from_ref(&job).cast_mut().cast::<Job<'static>>();
        self.done.store(0, Relaxed);
        self.job.store(pointer, Relaxed);
        let number = (self.left.load(Relaxed) >> 32).wrapping_add(1) << 32;
        self.left.store(number | count as u64, SeqCst);
        for worker in workers.iter().take(count - 1) {
            if worker.sleeps.swap(false, SeqCst) {
                worker.thread.unpark();
            }
        }
        self.work();
        let mut spins = 0u32;
        while self.done.load(Acquire) < count {
            spins = spins.wrapping_add(1);
            if spins.is_multiple_of(SPINS) { thread::yield_now() } else { spin_loop() }
        }
        assert!(!self.failed.swap(false, Relaxed), "a piece of work failed");
    }

    /// Takes pieces until none is left.
    fn work(&self) {
        let mut left = self.left.load(Acquire);
        while untaken(left) > 0 {
            match self.left.compare_exchange_weak(left, left - 1, AcqRel, Acquire) {
                Ok(_) => {
                    // SAFETY: a piece that is taken and not done keeps the job alive.
                    let job = unsafe { &*self.job.load(Relaxed) };
                    let index = untaken(left) - 1;
                    if catch_unwind(AssertUnwindSafe(|| (job.run)(index))).is_err() {
                        self.failed.store(true, Relaxed);
                    }
                    self.done.fetch_add(1, Release);
                    left = self.left.load(Acquire);
                }
                Err(found) => left = found,
            }
        }
    }

    fn serve(&self, sleeps: &AtomicBool) {
        let mut spins = 0;
        loop {
            if untaken(self.left.load(Acquire)) > 0 {
                self.work();
                spins = 0;
            }
            spins += 1;
            spin_loop();
            if spins < SPINS {
                continue;
            }
            sleeps.store(true, SeqCst);
            // Work that came before this thread said that it sleeps.
            if untaken(self.left.load(SeqCst)) == 0 {
                thread::park();
            }
            sleeps.store(false, SeqCst);
            spins = 0;
        }
    }
}

/// Without the number of the job.
fn untaken(left: u64) -> usize {
    (left & 0xffff_ffff) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(sum: &AtomicUsize, value: usize) {
        sum.fetch_add(value, Relaxed);
    }

    #[test]
    fn every_piece_is_done_once() {
        use_threads(3);
        let mut elements = vec![0usize; 1000];
        for round in 1..2000 {
            let piece = 63 + round % 50;
            split(&mut elements, piece, |index, elements| {
                elements.iter_mut().enumerate().for_each(|(at, element)| *element += index * piece + at);
            });
            assert!(elements.iter().enumerate().all(|(at, element)| *element == round * at), "{round}");
        }
    }

    #[test]
    fn rows_of_several_slices_go_together() {
        use_threads(3);
        for rows in [0, 1, 7, 8, 30] {
            let (mut narrow, mut wide, mut empty) = (vec![0; rows], vec![0; 3 * rows], []);
            split_rows(rows, 7, [&mut narrow, &mut wide, &mut empty], |rows, [narrow, wide, empty]| {
                assert!(empty.is_empty() && narrow.len() == rows.len() && wide.len() == 3 * rows.len());
                narrow.iter_mut().zip(rows.clone()).for_each(|(x, row)| *x += row);
                wide.iter_mut().zip(3 * rows.start..).for_each(|(x, at)| *x += at);
            });
            assert!(narrow.iter().chain(&wide).enumerate().all(|(at, x)| *x == if at < rows { at } else { at - rows }));
        }
    }

    #[test]
    fn work_inside_work_and_from_several_threads_is_done_too() {
        use_threads(3);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let sum = AtomicUsize::new(0);
                        for_each(5, |i| for_each(4, |j| add(&sum, i * 4 + j)));
                        assert_eq!(sum.into_inner(), 190);
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_reaches_the_caller_and_others_go_on() {
        use_threads(2);
        let caught = catch_unwind(|| for_each(8, |index| assert_ne!(index, 3)));
        assert!(caught.is_err());
        let sum = AtomicUsize::new(0);
        for_each(8, |index| add(&sum, index));
        assert_eq!(sum.into_inner(), 28);
    }

    #[test]
    fn pieces_hang_on_the_work_alone() {
        assert_eq!(piece(1000, 8, 1000), 1000);
        assert_eq!(piece(64, 8, 1 << 20), 32);
        assert_eq!(piece(100, 16, 1 << 40), 16);
        assert_eq!(piece(0, 8, 0), 1);
    }
}
