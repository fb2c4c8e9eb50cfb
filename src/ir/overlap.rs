//! Which elements of a storage views see, and whether two see the same ones.

use super::view::{View, ViewStep};
use crate::shape::{Dim, Facts, Shape};

/// How two views of one storage lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// They have no element in common.
    Apart,
    /// They see the same elements, or one sees some of the other's.
    Nested,
    /// Each sees elements that the other doesn't, and some that both do.
    Partial,
    /// It hangs on sizes that aren't known.
    Unknown,
}

impl Overlap {
    /// As far as is known, they have an element in common.
    #[must_use]
    pub const fn meets(self) -> bool {
        !matches!(self, Self::Apart)
    }
}

/// For each axis of a storage the half-open range that is seen.
type Region = Vec<(Dim, Dim)>;

/// The largest storage whose elements are looked at one by one.
const MAX_ELEMENTS: i64 = 1 << 22;

/// How two views of a storage of this shape lie to each other.
#[must_use]
pub fn overlap(facts: &Facts, storage: &Shape, a: &View, b: &View) -> Overlap {
    if a == b {
        return Overlap::Nested;
    }
    let ((left, left_exact), (right, right_exact)) = (region(storage, a), region(storage, b));
    let found = compare(facts, &left, &right);
    if found == Overlap::Apart {
        return found;
    }
    // Whatever the sizes are, nothing lies outside of the whole.
    let sees_all = |view: &View| view.0.iter().all(|step| !matches!(step, ViewStep::Slice(_)));
    if sees_all(a) || sees_all(b) {
        return Overlap::Nested;
    }
    if left_exact && right_exact {
        return found;
    }
    match (elements(storage, a), elements(storage, b)) {
        (Some(left), Some(right)) => compare_elements(&left, &right),
        _ => Overlap::Unknown,
    }
}

/// The smallest region that holds what a view sees, and whether it sees all of that.
fn region(storage: &Shape, view: &View) -> (Region, bool) {
    let mut region: Region = storage.iter().map(|size| (Dim::ZERO, size.clone())).collect();
    // Which axis of the storage each axis of the view is.
    let mut axes: Vec<usize> = (0..storage.rank()).collect();
    let mut reshaped = false;
    for step in &view.0 {
        match step {
            ViewStep::Transpose => axes.reverse(),
            ViewStep::Reshape(_) => reshaped = true,
            ViewStep::Slice(_) if reshaped => return (region, false),
            ViewStep::Slice(ranges) => {
                for (range, axis) in ranges.iter().zip(&axes) {
                    if let (Some((from, to)), Some(seen)) = (range, region.get_mut(*axis)) {
                        let start = seen.0.clone();
                        *seen = (start.add(from), start.add(to));
                    }
                }
            }
        }
    }
    (region, true)
}

fn compare(facts: &Facts, a: &Region, b: &Region) -> Overlap {
    let at_most = |left: &Dim, right: &Dim| facts.is_at_most(left, right);
    let pairs = || a.iter().zip(b);
    if pairs().any(|(a, b)| at_most(&a.1, &b.0) == Some(true) || at_most(&b.1, &a.0) == Some(true)) {
        return Overlap::Apart;
    }
    if a.iter().chain(b).any(|range| at_most(&range.1, &range.0) == Some(true)) {
        return Overlap::Apart;
    }
    let within = |inner: &(Dim, Dim), outer: &(Dim, Dim)| {
        at_most(&outer.0, &inner.0) == Some(true) && at_most(&inner.1, &outer.1) == Some(true)
    };
    if pairs().all(|(a, b)| within(a, b)) || pairs().all(|(a, b)| within(b, a)) {
        return Overlap::Nested;
    }
    let meet =
        |(a, b): (&(Dim, Dim), &(Dim, Dim))| at_most(&a.1, &b.0) == Some(false) && at_most(&b.1, &a.0) == Some(false);
    if pairs().all(meet) { Overlap::Partial } else { Overlap::Unknown }
}

/// The numbers of the elements that are seen, in increasing order, if they can be counted.
fn elements(storage: &Shape, view: &View) -> Option<Vec<u32>> {
    let sizes = |shape: &Shape| -> Option<Vec<usize>> {
        shape.iter().map(|size| size.as_const().and_then(|size| usize::try_from(size).ok())).collect()
    };
    let mut shape = sizes(storage)?;
    let total = storage.numel().as_const().filter(|total| *total <= MAX_ELEMENTS)?;
    let mut seen: Vec<u32> = (0..u32::try_from(total).ok()?).collect();
    for step in &view.0 {
        match step {
            ViewStep::Reshape(new) => shape = sizes(new)?,
            ViewStep::Transpose => {
                let [rows, columns] = *shape.as_slice() else { return None };
                seen = (0..columns)
                    .flat_map(|column| (0..rows).map(move |row| row * columns + column))
                    .map(|at| seen.get(at).copied())
                    .collect::<Option<_>>()?;
                shape = vec![columns, rows];
            }
            ViewStep::Slice(ranges) => {
                for (axis, range) in ranges.iter().enumerate() {
                    let Some((from, to)) = range else { continue };
                    let (from, to) = (usize::try_from(from.as_const()?).ok()?, usize::try_from(to.as_const()?).ok()?);
                    let size = *shape.get(axis)?;
                    if from > to || to > size {
                        return None;
                    }
                    let inner: usize = shape.iter().skip(axis + 1).product();
                    seen = seen
                        .into_iter()
                        .enumerate()
                        .filter(|(at, _)| (from..to).contains(&(at / inner.max(1) % size.max(1))))
                        .map(|(_, element)| element)
                        .collect();
                    *shape.get_mut(axis)? = to - from;
                }
            }
        }
    }
    seen.sort_unstable();
    Some(seen)
}

fn compare_elements(a: &[u32], b: &[u32]) -> Overlap {
    let common = a.iter().filter(|element| b.binary_search(element).is_ok()).count();
    match common {
        0 => Overlap::Apart,
        common if common == a.len() || common == b.len() => Overlap::Nested,
        _ => Overlap::Partial,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(ranges: &[Option<(i64, i64)>]) -> ViewStep {
        ViewStep::Slice(ranges.iter().map(|range| range.map(|(a, b)| (Dim::from(a), Dim::from(b)))).collect())
    }

    fn reshape(sizes: &[i64]) -> ViewStep {
        ViewStep::Reshape(sizes.iter().map(|size| Dim::from(*size)).collect())
    }

    fn lie(a: Vec<ViewStep>, b: Vec<ViewStep>) -> Overlap {
        let storage: Shape = [6i64, 4].into_iter().map(Dim::from).collect();
        let there = overlap(&Facts::new(), &storage, &View(a.clone()), &View(b.clone()));
        assert_eq!(there, overlap(&Facts::new(), &storage, &View(b), &View(a)), "whichever comes first");
        there
    }

    #[test]
    fn slices_meet_where_their_ranges_do() {
        let rows = |from, to| vec![slice(&[Some((from, to))])];
        assert_eq!(lie(rows(0, 2), rows(2, 4)), Overlap::Apart);
        assert_eq!(lie(rows(0, 3), rows(2, 4)), Overlap::Partial);
        assert_eq!(lie(rows(0, 4), rows(1, 2)), Overlap::Nested);
        assert_eq!(lie(rows(0, 4), vec![]), Overlap::Nested);
        assert_eq!(lie(rows(0, 0), vec![]), Overlap::Apart);
        assert_eq!(lie(rows(0, 2), vec![slice(&[None, Some((0, 1))])]), Overlap::Partial);
    }

    #[test]
    fn turned_and_chained_views_are_seen_through() {
        let columns = vec![ViewStep::Transpose, slice(&[Some((0, 2))])];
        assert_eq!(lie(columns.clone(), vec![slice(&[None, Some((2, 4))])]), Overlap::Apart);
        assert_eq!(lie(columns, vec![slice(&[None, Some((1, 2))])]), Overlap::Nested);
        let chained = vec![slice(&[Some((2, 6))]), slice(&[Some((0, 2))])];
        assert_eq!(lie(chained, vec![slice(&[Some((2, 4))]), ViewStep::Transpose]), Overlap::Nested);
    }

    #[test]
    fn slices_of_what_is_reshaped_are_compared_element_by_element() {
        let flat = |from, to| vec![reshape(&[24]), slice(&[Some((from, to))])];
        assert_eq!(lie(flat(0, 8), vec![slice(&[Some((2, 6))])]), Overlap::Apart);
        assert_eq!(lie(flat(0, 9), vec![slice(&[Some((2, 6))])]), Overlap::Partial);
        assert_eq!(lie(flat(8, 12), vec![slice(&[Some((2, 6))])]), Overlap::Nested);
        assert_eq!(
            lie(flat(0, 12), vec![ViewStep::Transpose, reshape(&[24]), slice(&[Some((0, 6))])]),
            Overlap::Partial
        );
        assert_eq!(lie(vec![reshape(&[24])], vec![ViewStep::Transpose]), Overlap::Nested);
    }
}
