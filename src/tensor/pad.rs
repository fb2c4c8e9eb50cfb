//! Padding: where the elements of a padded tensor come from.

use super::border::Border;

/// Calls `visit(at, length, start)` for runs that make up a padded tensor in order: from `start` on of the tensor itself,
/// or, where there is none, of the constant. The tensor stands `before` elements from the start of each axis; where that
/// is negative, its first elements are left out.
pub fn for_each_run(
    shape: &[usize],
    padded: &[usize],
    before: &[isize],
    border: Border,
    mut visit: impl FnMut(usize, usize, Option<usize>),
) {
    let (Some((&size, outer)), Some((&width, lines))) = (shape.split_last(), padded.split_last()) else {
        return visit(0, 1, Some(0));
    };
    let first = before.get(outer.len()).copied().unwrap_or(0);
    // The places of the last axis at which the tensor itself stands.
    let from = usize::try_from(first).unwrap_or(0).min(width);
    let to = usize::try_from(first.saturating_add(size as isize)).unwrap_or(0).clamp(from, width);
    for line in 0..lines.iter().product() {
        let (at, start) = (line * width, start_of(line, outer, lines, before, border).map(|line| line * size));
        let Some(start) = start else {
            visit(at, width, None);
            continue;
        };
        let mut beyond = |places: std::ops::Range<usize>| {
            if border == Border::Constant && !places.is_empty() {
                visit(at + places.start, places.len(), None);
            } else {
                for place in places {
                    visit(at + place, 1, source(border, place, first, size, width).map(|x| start + x));
                }
            }
        };
        beyond(0..from);
        beyond(to..width);
        if from < to {
            visit(at + from, to - from, Some(start + (from as isize - first) as usize));
        }
    }
}

/// The number of the line that stands at this line of the padded tensor.
fn start_of(line: usize, shape: &[usize], padded: &[usize], before: &[isize], border: Border) -> Option<usize> {
    let (mut rest, mut step, mut number) = (line, 1, 0);
    for (axis, (&size, &width)) in shape.iter().zip(padded).enumerate().rev() {
        let first = before.get(axis).copied().unwrap_or(0);
        number += source(border, rest % width, first, size, width)? * step;
        rest /= width;
        step *= size;
    }
    Some(number)
}

/// The element that stands at a place of a padded axis of this width. What is left out of a circle is no part of it.
fn source(border: Border, place: usize, before: isize, size: usize, width: usize) -> Option<usize> {
    let at = (place as isize).saturating_sub(before);
    if border != Border::Circular {
        return border.source(at, size);
    }
    let first = before.saturating_neg().max(0);
    let behind = (size as isize).min((width as isize).saturating_sub(before));
    let circle = usize::try_from(behind.saturating_sub(first)).ok()?;
    border.source(at.saturating_sub(first), circle).map(|index| index + first as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(border: Border, before: [isize; 2], shape: [usize; 2]) -> String {
        let mut text = vec![b'?'; shape.iter().product()];
        for_each_run(&[2, 3], &shape, &before, border, |at, length, start| {
            for (index, place) in text[at..at + length].iter_mut().enumerate() {
                *place = start.map_or(b'.', |start| b"abcdef"[start + index]);
            }
        });
        let lines: Vec<_> = text.chunks(shape[1]).map(|line| String::from_utf8_lossy(line)).collect();
        lines.join(" ")
    }

    #[test]
    fn every_element_has_its_source() {
        assert_eq!(padded(Border::Constant, [1, 2], [4, 6]), "...... ..abc. ..def. ......");
        assert_eq!(padded(Border::Reflect, [1, 2], [4, 6]), "fedefe cbabcb fedefe cbabcb");
        assert_eq!(padded(Border::Replicate, [0, 1], [3, 5]), "aabcc ddeff ddeff");
        assert_eq!(padded(Border::Circular, [1, 0], [3, 4]), "defd abca defd");
        assert_eq!(padded(Border::Circular, [0, -1], [2, 4]), "bcbc efef");
        assert_eq!(padded(Border::Circular, [0, 1], [2, 3]), "bab ede");
        assert_eq!(padded(Border::Constant, [-1, -1], [1, 1]), "e");
        assert_eq!(padded(Border::Constant, [-1, -2], [2, 3]), "f.. ...");
        assert_eq!(padded(Border::Constant, [2, 7], [2, 4]), ".... ....");
        assert_eq!(padded(Border::Constant, [0, -5], [1, 1]), ".");
        for far in [isize::MIN, isize::MAX] {
            assert_eq!(padded(Border::Constant, [far, far], [1, 1]), ".");
        }
    }
}
