//! Sums of products of two tensors over any of their axes: products of matrices wherever they stand in memory, in
//! batches, and what is simpler than a product of matrices.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::Real;
use super::nest::Nest;
use super::reduce::add_sums;
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};
use smallvec::SmallVec;

/// A loop over the first factor, the second and the sum: its size, and the distance of neighbours in each of them, 0
/// where a tensor is repeated, or summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    pub size: usize,
    pub steps: [usize; 3],
}

/// The loops in the order in which they run: products of matrices inside the others.
#[derive(Debug)]
pub struct Contraction {
    outer: Nest<3>,
    /// Rows, columns, and what is summed; a single one where there are none.
    matrices: Option<[Axis; 3]>,
}

const SINGLE: Axis = Axis { size: 1, steps: [1; 3] };

impl Contraction {
    /// The axes may come in any order.
    #[must_use]
    pub fn new(axes: impl IntoIterator<Item = Axis>) -> Self {
        let mut kinds: [SmallVec<[Axis; 8]>; 4] = Default::default();
        for axis in axes.into_iter().filter(|axis| axis.size != 1) {
            if axis.size == 0 {
                return Self { outer: Nest::new(&[0], [&[0], &[0], &[0]]), matrices: None };
            }
            let kind = match axis.steps {
                [.., 0] => 2,
                [_, 0, _] => 0,
                [0, ..] => 1,
                _ => 3,
            };
            kinds[kind].push(axis);
        }
        kinds.iter_mut().for_each(merge);
        let [rows, columns, summed, others] = &mut kinds;
        let matrices =
            (!rows.is_empty() || !columns.is_empty()).then(|| [largest(rows), largest(columns), largest(summed)]);
        let outer: SmallVec<[Axis; 8]> =
            [others, rows, columns, summed].into_iter().flat_map(|axes| axes.drain(..)).collect();
        let sizes: SmallVec<[usize; 8]> = outer.iter().map(|axis| axis.size).collect();
        let steps = |tensor: usize| outer.iter().map(|axis| axis.steps[tensor]).collect::<SmallVec<[usize; 8]>>();
        let outer = Nest::new(&sizes, [&steps(0), &steps(1), &steps(2)]);
        Self { outer, matrices }
    }

    /// out += scale · Σ a · b
    pub fn add<T: Real>(&self, scale: T, a: &[T], b: &[T], out: &mut [T]) {
        let Some([rows, columns, summed]) = self.matrices else {
            add_sums(&self.outer, 2, scale.to_f64(), |[i, j, _]| a[i] * b[j], out);
            return;
        };
        self.outer.for_each_run(|starts, length, steps| {
            for at in 0..length {
                let [i, j, k] = std::array::from_fn(|tensor| starts[tensor] + at * steps[tensor]);
                let left = (rows.size, summed.size).strides((rows.steps[0], summed.steps[0]));
                let right = (summed.size, columns.size).strides((summed.steps[1], columns.steps[1]));
                let result = (rows.size, columns.size).strides((rows.steps[2], columns.steps[2]));
                let views = (
                    ArrayView2::from_shape(left, &a[i..]),
                    ArrayView2::from_shape(right, &b[j..]),
                    ArrayViewMut2::from_shape(result, &mut out[k..]),
                );
                if let (Ok(a), Ok(b), Ok(mut out)) = views {
                    general_mat_mul(scale, &a, &b, T::one(), &mut out);
                }
            }
        });
    }
}

/// Neighbours that can be walked as one become one.
fn merge(axes: &mut SmallVec<[Axis; 8]>) {
    axes.sort_by_key(|axis| std::cmp::Reverse([axis.steps[2], axis.steps[0], axis.steps[1]]));
    let mut merged: SmallVec<[Axis; 8]> = SmallVec::new();
    for &axis in axes.iter() {
        match merged.last_mut() {
            Some(last) if (0..3).all(|tensor| last.steps[tensor] == axis.steps[tensor] * axis.size) => {
                *last = Axis { size: last.size * axis.size, steps: axis.steps };
            }
            _ => merged.push(axis),
        }
    }
    *axes = merged;
}

/// Takes the largest axis out.
fn largest(axes: &mut SmallVec<[Axis; 8]>) -> Axis {
    let at = axes.iter().enumerate().max_by_key(|(at, axis)| (axis.size, *at)).map(|(at, _)| at);
    at.map_or(SINGLE, |at| axes.remove(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every element alone.
    fn naive(axes: &[Axis], a: &[f64], b: &[f64], out: &mut [f64]) {
        for at in 0..axes.iter().map(|axis| axis.size).product::<usize>() {
            let (mut rest, mut places) = (at, [0; 3]);
            for axis in axes {
                (0..3).for_each(|tensor| places[tensor] += rest % axis.size * axis.steps[tensor]);
                rest /= axis.size;
            }
            out[places[2]] += 2.0 * a[places[0]] * b[places[1]];
        }
    }

    /// Tensors with the axes that the letters name; a capital is an axis of size 1.
    fn found_and_wanted([a, b, out]: [&str; 3]) -> (Vec<f64>, Vec<f64>) {
        let sizes = [('i', 3), ('j', 4), ('k', 5), ('l', 2), ('e', 0)];
        let size = |letter| sizes.iter().find(|(other, _)| *other == letter).map_or(1, |(_, size)| *size);
        let steps = |letters: &str, wanted: char| {
            let after = |at: usize| letters.chars().skip(at + 1).map(size).product::<usize>();
            letters.chars().enumerate().filter(|(_, letter)| *letter == wanted).map(|(at, _)| after(at)).sum()
        };
        let all = sizes.iter().filter(|(letter, _)| [a, b, out].iter().any(|text| text.contains(*letter)));
        let axes: Vec<Axis> =
            all.map(|&(letter, size)| Axis { size, steps: [a, b, out].map(|text| steps(text, letter)) }).collect();
        let tensor = |letters: &str, seed: usize| -> Vec<f64> {
            (0..letters.chars().map(size).product()).map(|at: usize| ((at * 7 + seed) % 11) as f64 - 5.0).collect()
        };
        let (x, y) = (tensor(a, 1), tensor(b, 4));
        let (mut found, mut wanted) = (tensor(out, 2), tensor(out, 2));
        Contraction::new(axes.iter().copied()).add(2.0, &x, &y, &mut found);
        naive(&axes, &x, &y, &mut wanted);
        (found, wanted)
    }

    #[test]
    fn all_kinds_of_axes_are_summed_and_kept() {
        for spec in [
            ["ik", "kj", "ij"],
            ["ki", "jk", "ji"],
            ["lik", "lkj", "lij"],
            ["ikl", "jkl", "ij"],
            ["kil", "jlk", "ji"],
            ["ij", "ij", "ij"],
            ["ij", "ij", ""],
            ["ij", "ij", "i"],
            ["i", "j", "ij"],
            ["i", "j", "ji"],
            ["i", "j", ""],
            ["ij", "j", "i"],
            ["j", "ij", "i"],
            ["ik", "j", "ij"],
            ["ijk", "", "kji"],
            ["", "", ""],
            ["ii", "i", "i"],
            ["i", "i", "ii"],
            ["iij", "jk", "ik"],
            ["ik", "kj", "iijj"],
            ["lijk", "ljk", "jli"],
            ["ie", "ej", "ij"],
            ["ei", "ej", "eij"],
            ["iAk", "kBj", "ij"],
            ["ki", "k", "j"],
            ["i", "", "ij"],
            ["likj", "kjli", "lj"],
        ] {
            let (found, wanted) = found_and_wanted(spec);
            assert_eq!(found, wanted, "{spec:?}");
        }
    }

    /// Attention: no axis of it needs another place in memory.
    #[test]
    fn a_batch_of_matrices_is_one_product_each() {
        let axis = |size, steps| Axis { size, steps };
        // bqhd, bkhd -> bhqk with b = 2, q = 3, k = 4, h = 5, d = 6.
        let (b, q, k) = (axis(2, [90, 120, 60]), axis(3, [30, 0, 4]), axis(4, [0, 30, 1]));
        let (h, d) = (axis(5, [6, 6, 12]), axis(6, [1, 1, 0]));
        let found = Contraction::new([d, h, b, k, q]);
        assert_eq!(found.matrices, Some([q, k, d]));
        let mut runs = 0;
        found.outer.for_each_run(|_, length, _| runs += length);
        assert_eq!(runs, 10);
    }
}
