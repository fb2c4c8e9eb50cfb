//! Loops that walk several tensors in step: broadcast, permuted or reduced, each has its own distance between the
//! elements that follow one another along an axis. Neighbouring axes that can be walked as one become one.

#![allow(clippy::indexing_slicing, reason = "the index of an axis is below the number of loops")]

use smallvec::{SmallVec, smallvec};

/// One number for each axis.
pub type Steps = SmallVec<[usize; 8]>;

/// Loops over `K` tensors, the outermost first.
#[derive(Clone, Debug, Default)]
pub struct Nest<const K: usize> {
    loops: SmallVec<[Loop<K>; 8]>,
}

#[derive(Clone, Copy, Debug)]
struct Loop<const K: usize> {
    size: usize,
    steps: [usize; K],
}

/// The distance between neighbours along each axis of a dense row-major tensor.
#[must_use]
pub fn dense_steps(shape: &[usize]) -> Steps {
    let mut steps: Steps = smallvec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        steps[axis - 1] = steps[axis] * shape[axis];
    }
    steps
}

/// The distances in a tensor of this shape, for each axis of the shape that it is broadcast to; 0 where it is repeated.
#[must_use]
pub fn broadcast_steps(shape: &[usize], to: &[usize]) -> Steps {
    let missing = to.len().saturating_sub(shape.len());
    let mut steps: Steps = smallvec![0; missing];
    for (step, &size) in dense_steps(shape).into_iter().zip(shape) {
        steps.push(if size == 1 { 0 } else { step });
    }
    steps
}

impl<const K: usize> Nest<K> {
    /// The loops over a shape, with the distances of each tensor along its axes.
    #[must_use]
    pub fn new(shape: &[usize], steps: [&[usize]; K]) -> Self {
        let mut nest = Self { loops: SmallVec::new() };
        for (axis, &size) in shape.iter().enumerate() {
            nest.push(size, std::array::from_fn(|tensor| steps[tensor].get(axis).copied().unwrap_or(0)));
        }
        nest
    }

    fn push(&mut self, size: usize, steps: [usize; K]) {
        if size == 1 {
            return;
        }
        if let Some(last) = self.loops.last_mut()
            && (0..K).all(|tensor| last.steps[tensor] == steps[tensor] * size)
        {
            *last = Loop { size: last.size * size, steps };
            return;
        }
        self.loops.push(Loop { size, steps });
    }

    /// The loops along which this tensor moves, and those along which it is repeated.
    #[must_use]
    pub fn split(&self, tensor: usize) -> (Self, Self) {
        let (mut moves, mut repeats) = (Self { loops: SmallVec::new() }, Self { loops: SmallVec::new() });
        for one in &self.loops {
            let part = if one.steps[tensor] == 0 && one.size != 0 { &mut repeats } else { &mut moves };
            part.push(one.size, one.steps);
        }
        (moves, repeats)
    }

    /// A tensor of so many elements is walked through completely, each element met once.
    #[must_use]
    pub fn is_dense(&self, tensor: usize, elements: usize) -> bool {
        let mut loops: SmallVec<[(usize, usize); 8]> =
            self.loops.iter().map(|one| (one.steps[tensor], one.size)).collect();
        loops.sort_unstable();
        let mut size = 1;
        loops.iter().all(|&(step, count)| step == std::mem::replace(&mut size, step * count)) && size == elements
    }

    /// The other loops, and two that cross: along the first the first tensor moves by one element, along the second,
    /// the innermost, the second tensor does. Walked in small squares, both meet their neighbours in memory.
    fn crossed(&self) -> Option<(Self, [Loop<K>; 2])> {
        let (inner, outer) = self.loops.split_last()?;
        if inner.steps.first() == Some(&1) || inner.steps.get(1) != Some(&1) {
            return None;
        }
        let at = outer.iter().position(|one| one.steps.first() == Some(&1))?;
        let loops = outer.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, one)| *one).collect();
        Some((Self { loops }, [outer[at], *inner]))
    }

    /// Calls `visit(indices)` for every element, in an order that suits the caches.
    pub fn for_each(&self, mut visit: impl FnMut([usize; K])) {
        let Some((others, [rows, columns])) = self.crossed() else {
            self.for_each_run(|starts, length, steps| {
                (0..length).for_each(|at| visit(std::array::from_fn(|tensor| starts[tensor] + at * steps[tensor])));
            });
            return;
        };
        others.for_each_run(|starts, length, steps| {
            for at in 0..length {
                for (row, column) in tiles(rows.size, columns.size) {
                    for row in row..rows.size.min(row + TILE) {
                        for column in column..columns.size.min(column + TILE) {
                            visit(std::array::from_fn(|tensor| {
                                let start = starts[tensor] + at * steps[tensor];
                                start + row * rows.steps[tensor] + column * columns.steps[tensor]
                            }));
                        }
                    }
                }
            }
        });
    }

    /// The distances along the innermost loop; none if it has a single element in every tensor.
    #[must_use]
    pub fn inner_steps(&self) -> [usize; K] {
        self.loops.last().map_or([0; K], |inner| inner.steps)
    }

    /// It has one element in every tensor.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.loops.is_empty()
    }

    /// Calls `visit(starts, length, steps)` for every run of the innermost loop.
    pub fn for_each_run(&self, mut visit: impl FnMut([usize; K], usize, [usize; K])) {
        if self.loops.iter().any(|one| one.size == 0) {
            return;
        }
        let Some((inner, outer)) = self.loops.split_last() else {
            visit([0; K], 1, [0; K]);
            return;
        };
        let mut index: Steps = smallvec![0; outer.len()];
        let mut starts = [0; K];
        loop {
            visit(starts, inner.size, inner.steps);
            let mut axis = outer.len();
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                let Loop { size, steps } = outer[axis];
                index[axis] += 1;
                if index[axis] < size {
                    (0..K).for_each(|tensor| starts[tensor] += steps[tensor]);
                    break;
                }
                index[axis] = 0;
                (0..K).for_each(|tensor| starts[tensor] -= steps[tensor] * (size - 1));
            }
        }
    }
}

/// The sides of the squares in which loops that cross are walked.
const TILE: usize = 16;

/// The first row and column of every square.
fn tiles(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).step_by(TILE).flat_map(move |row| (0..columns).step_by(TILE).map(move |column| (row, column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(nest: &Nest<2>) -> Vec<([usize; 2], usize, [usize; 2])> {
        let mut found = Vec::new();
        nest.for_each_run(|starts, length, steps| found.push((starts, length, steps)));
        found
    }

    #[test]
    fn tensors_of_one_shape_are_one_run() {
        let steps = dense_steps(&[2, 3, 4]);
        assert_eq!(runs(&Nest::new(&[2, 3, 4], [&steps, &steps])), [([0, 0], 24, [1, 1])]);
    }

    #[test]
    fn a_repeated_tensor_starts_again() {
        let shape = [2, 1, 3];
        let (dense, row) = (dense_steps(&shape), broadcast_steps(&[3], &shape));
        assert_eq!(runs(&Nest::new(&shape, [&dense, &row])), [([0, 0], 3, [1, 1]), ([3, 0], 3, [1, 1])]);
        let column = broadcast_steps(&[2, 1, 1], &shape);
        assert_eq!(runs(&Nest::new(&shape, [&dense, &column])), [([0, 0], 3, [1, 0]), ([3, 1], 3, [1, 0])]);
    }

    #[test]
    fn a_permuted_tensor_is_walked_in_the_order_of_the_other() {
        let (dense, other) = (dense_steps(&[2, 3]), [1, 2]);
        assert_eq!(runs(&Nest::new(&[2, 3], [&dense, &other])), [([0, 0], 3, [1, 2]), ([3, 1], 3, [1, 2])]);
    }

    #[test]
    fn loops_that_cross_are_walked_in_squares() {
        // [2, 20, 40] with the last two axes exchanged.
        let nest = Nest::new(&[2, 40, 20], [&[800, 1, 40], &dense_steps(&[2, 40, 20])]);
        let mut found = Vec::new();
        nest.for_each(|[from, to]| found.push((from, to)));
        assert_eq!(found[..3], [(0, 0), (40, 1), (80, 2)]);
        assert_eq!(found[16], (1, 20), "the second row of a square");
        found.sort_by_key(|(_, to)| *to);
        let wanted: Vec<_> = (0..1600).map(|to| (to / 800 * 800 + to % 800 / 20 + to % 20 * 40, to)).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_is_dense_is_met_once() {
        let dense = |shape: &[usize], steps: &[usize], elements: usize| {
            Nest::new(shape, [steps, &dense_steps(shape)]).is_dense(0, elements)
        };
        assert!(dense(&[2, 3, 4], &[12, 4, 1], 24) && dense(&[4, 2, 3], &[1, 12, 4], 24));
        assert!(dense(&[], &[], 1) && dense(&[1, 3], &[7, 1], 3));
        assert!(!dense(&[2, 3], &[3, 1], 7) && !dense(&[2, 3], &[0, 1], 6), "a part, and a repeated one");
        // Windows of 3 at 0 and 2 of 6 elements overlap, and miss one.
        assert!(!dense(&[2, 3], &[2, 1], 6));
        assert!(!dense(&[2, 0], &[0, 1], 4));
    }

    #[test]
    fn nothing_is_visited_of_an_empty_tensor_and_one_element_of_a_scalar() {
        let steps = dense_steps(&[2, 0]);
        assert_eq!(runs(&Nest::new(&[2, 0], [&steps, &steps])), []);
        assert_eq!(runs(&Nest::new(&[], [&[], &[]])), [([0, 0], 1, [0, 0])]);
    }
}
