//! Views of storages in numbers: where each element that is seen lies.

use crate::ir::{View, ViewStep};
use crate::shape::{Dim, Shape};

/// What is seen of a dense tensor: a first element, and along each axis the distance between neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strided {
    pub start: usize,
    pub shape: Vec<usize>,
    pub steps: Vec<usize>,
}

impl Strided {
    /// All of a tensor.
    pub(super) fn whole(shape: &[usize]) -> Self {
        Self { start: 0, shape: shape.to_vec(), steps: crate::tensor::nest::dense_steps(shape).to_vec() }
    }

    /// The elements lie next to each other, in row-major order.
    pub(super) fn is_dense(&self) -> bool {
        let mut distance = 1;
        for (&size, &step) in self.shape.iter().zip(&self.steps).rev() {
            if size != 1 && step != distance {
                return self.shape.contains(&0);
            }
            distance *= size;
        }
        true
    }

    /// What one more step, which isn't a reshape, sees of this.
    fn seen(mut self, step: &ViewStep, size: impl Fn(&Dim) -> Option<usize>) -> Option<Self> {
        match step {
            ViewStep::Transpose => {
                self.shape.reverse();
                self.steps.reverse();
            }
            ViewStep::Slice(ranges) => {
                for (axis, range) in ranges.iter().enumerate() {
                    let Some((from, to)) = range else { continue };
                    let (from, to) = (size(from)?, size(to)?);
                    let length = self.shape.get_mut(axis)?;
                    if from > to || to > *length {
                        return None;
                    }
                    *length = to - from;
                    self.start += from * self.steps.get(axis)?;
                }
            }
            ViewStep::Reshape(_) => return None,
        }
        Some(self)
    }
}

/// A view as copies that follow one another: each is taken of the dense tensor that the one before made, and has the
/// shape beside it. The last needs no copy if it is dense.
pub(super) fn copies(
    storage: &[usize],
    view: &View,
    size: impl Fn(&Dim) -> Option<usize>,
    sizes: impl Fn(&Shape) -> Option<Vec<usize>>,
) -> Option<Vec<Strided>> {
    let mut done = Vec::new();
    let mut current = Strided::whole(storage);
    for step in &view.0 {
        current = match step {
            ViewStep::Reshape(shape) => {
                let mut next = Strided::whole(&sizes(shape)?);
                if current.is_dense() {
                    next.start = current.start;
                } else {
                    done.push(current);
                }
                next
            }
            _ => current.seen(step, &size)?,
        };
    }
    done.push(current);
    Some(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(storage: &[usize], steps: Vec<ViewStep>) -> Vec<Strided> {
        let size = |dim: &Dim| dim.as_const().map(|size| size as usize);
        copies(storage, &View(steps), size, |shape| shape.iter().map(size).collect()).unwrap()
    }

    fn slice(ranges: &[Option<(i64, i64)>]) -> ViewStep {
        ViewStep::Slice(ranges.iter().map(|range| range.map(|(a, b)| (Dim::from(a), Dim::from(b)))).collect())
    }

    fn reshape(sizes: &[i64]) -> ViewStep {
        ViewStep::Reshape(sizes.iter().map(|size| Dim::from(*size)).collect())
    }

    #[test]
    fn rows_are_dense_and_columns_are_not() {
        let rows = numbers(&[4, 3], vec![slice(&[Some((1, 3))])]);
        assert_eq!(rows, [Strided { start: 3, shape: vec![2, 3], steps: vec![3, 1] }]);
        assert!(rows[0].is_dense());
        let columns = numbers(&[4, 3], vec![slice(&[None, Some((1, 3))]), ViewStep::Transpose]);
        assert_eq!(columns, [Strided { start: 1, shape: vec![2, 4], steps: vec![1, 3] }]);
        assert!(!columns[0].is_dense());
    }

    #[test]
    fn a_reshape_copies_only_what_is_not_dense() {
        let rows = numbers(&[4, 3], vec![slice(&[Some((2, 4))]), reshape(&[3, 2])]);
        assert_eq!(rows, [Strided { start: 6, shape: vec![3, 2], steps: vec![2, 1] }]);
        let turned = numbers(&[4, 3], vec![ViewStep::Transpose, reshape(&[2, 6]), ViewStep::Transpose]);
        assert_eq!(turned.len(), 2);
        assert_eq!(turned[1], Strided { start: 0, shape: vec![6, 2], steps: vec![1, 6] });
    }
}
