//! Takes the regions of a step out of an arena, so that one may be written while others are read.

use crate::plan::Region;

/// The elements of one operand.
pub(super) enum Part<'t, E> {
    Read(&'t [E]),
    Write(&'t mut [E]),
}

impl<'t, E> Part<'t, E> {
    pub(super) fn map<R, W>(
        self,
        read: impl FnOnce(&'t [E]) -> R,
        write: impl FnOnce(&'t mut [E]) -> W,
    ) -> Result<R, W> {
        match self {
            Self::Read(elements) => Ok(read(elements)),
            Self::Write(elements) => Err(write(elements)),
        }
    }
}

/// Calls `give` with the index of each operand and its elements.
pub(super) fn carve<'t, E>(memory: &'t mut [E], regions: &[Region], mut give: impl FnMut(usize, Part<'t, E>)) {
    let mut rest = memory;
    let mut base = 0;
    for region in regions {
        let (Some(skip), Some(len)) = (region.start.checked_sub(base), region.end.checked_sub(region.start)) else {
            return;
        };
        let Some((_, tail)) = rest.split_at_mut_checked(skip) else { return };
        let Some((elements, tail)) = tail.split_at_mut_checked(len) else { return };
        (rest, base) = (tail, region.end);
        if region.write {
            if let Some((index, _)) = region.parts.first() {
                give(*index, Part::Write(elements));
            }
            continue;
        }
        let elements: &'t [E] = elements;
        for (index, part) in &region.parts {
            give(*index, Part::Read(elements.get(part.clone()).unwrap_or(&[])));
        }
    }
}
