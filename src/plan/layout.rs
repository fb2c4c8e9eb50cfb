//! Where tensors lie. There is one arena for each element type; buffers that are never needed at the same time share
//! their place in it.

use crate::arena::{Arena, Id};
use crate::shape::Element;
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};

/// The sizes of axes.
pub type Axes = SmallVec<[usize; 4]>;

pub type TensorId = Id<Tensor>;
pub(super) type BufferId = Id<Buffer>;

/// A dense tensor in row-major order.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub element: Element,
    pub shape: Axes,
    /// The index of its first element in the arena of its element type.
    pub offset: usize,
    pub(super) buffer: BufferId,
    /// The index of its first element in its buffer.
    pub(super) start: usize,
}

impl Tensor {
    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its elements in the arena.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.len()
    }
}

/// Memory that tensors share: one, its reshapes, and views of a part of it.
#[derive(Clone, Debug)]
pub(super) struct Buffer {
    pub(super) element: Element,
    pub(super) len: usize,
    /// The first and last time at which it is needed; `None` for one that is always there.
    pub(super) live: Option<(usize, usize)>,
    pub(super) offset: usize,
    /// Holds the gradient of each of its elements.
    pub(super) grad: Option<BufferId>,
    /// Of a gradient: a step so far gave it a value.
    pub(super) begun: bool,
}

/// The number of elements in each arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    pub floats: usize,
    pub ints: usize,
    pub bools: usize,
}

impl Sizes {
    /// With floats of this many bytes.
    #[must_use]
    pub fn bytes(&self, float: usize) -> u128 {
        self.floats as u128 * float as u128 + self.ints as u128 * 8 + self.bools as u128
    }
}

/// Gives every buffer its place. Buffers that are always there come first, in their order.
pub(super) fn assign(buffers: &mut Arena<Buffer>) -> Sizes {
    let mut size = |element| place(buffers, element);
    Sizes { floats: size(Element::Float), ints: size(Element::Int), bools: size(Element::Bool) }
}

fn place(buffers: &mut Arena<Buffer>, element: Element) -> usize {
    let mut end = 0;
    let mut events: Vec<(usize, usize, BufferId)> = Vec::new();
    for id in buffers.ids() {
        let buffer = &mut buffers[id];
        if buffer.element != element {
            continue;
        }
        match buffer.live {
            None => {
                buffer.offset = end;
                end += buffer.len;
            }
            Some((first, last)) => events.push((first, last, id)),
        }
    }
    events.sort_unstable();
    let mut free = Free::new(end);
    let mut ending: BTreeSet<(usize, BufferId)> = BTreeSet::new();
    for (first, last, id) in events {
        while let Some(&(over, old)) = ending.first()
            && over < first
        {
            ending.pop_first();
            free.give_back(buffers[old].offset, buffers[old].len);
        }
        buffers[id].offset = free.take(buffers[id].len);
        ending.insert((last, id));
    }
    free.end
}

/// What isn't taken of an arena: gaps by their start and by their length, and all that follows the end.
struct Free {
    by_start: BTreeMap<usize, usize>,
    by_length: BTreeSet<(usize, usize)>,
    end: usize,
}

impl Free {
    fn new(end: usize) -> Self {
        Self { by_start: BTreeMap::new(), by_length: BTreeSet::new(), end }
    }

    /// The smallest gap that is large enough, or new room.
    fn take(&mut self, len: usize) -> usize {
        if len == 0 {
            return 0;
        }
        if let Some(&(length, start)) = self.by_length.range((len, 0)..).next() {
            self.remove(start, length);
            if length > len {
                self.insert(start + len, length - len);
            }
            return start;
        }
        // A gap at the end is enlarged.
        let start = match self.by_start.last_key_value() {
            Some((&start, &length)) if start + length == self.end => {
                self.remove(start, length);
                start
            }
            _ => self.end,
        };
        self.end = start + len;
        start
    }

    fn give_back(&mut self, start: usize, len: usize) {
        if len == 0 {
            return;
        }
        let (mut start, mut len) = (start, len);
        if let Some((&before, &length)) = self.by_start.range(..start).next_back()
            && before + length == start
        {
            self.remove(before, length);
            (start, len) = (before, length + len);
        }
        if let Some(&length) = self.by_start.get(&(start + len)) {
            self.remove(start + len, length);
            len += length;
        }
        self.insert(start, len);
    }

    fn insert(&mut self, start: usize, len: usize) {
        self.by_start.insert(start, len);
        self.by_length.insert((len, start));
    }

    fn remove(&mut self, start: usize, len: usize) {
        self.by_start.remove(&start);
        self.by_length.remove(&(len, start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(len: usize, live: Option<(usize, usize)>) -> Buffer {
        Buffer { element: Element::Float, len, live, offset: usize::MAX, grad: None, begun: false }
    }

    #[test]
    fn buffers_share_places_but_never_at_the_same_time() {
        let mut buffers = Arena::new();
        for index in 0..200usize {
            let first = index * 7 % 50;
            buffers.push(buffer(1 + index * 13 % 17, Some((first, first + index % 9))));
        }
        buffers.push(buffer(5, None));
        let sizes = assign(&mut buffers);
        let always = buffers.ids().last().unwrap();
        assert_eq!(buffers[always].offset, 0);
        let mut total = 0;
        for (a, left) in buffers.iter() {
            total += left.len;
            assert!(left.offset + left.len <= sizes.floats);
            for (b, right) in buffers.iter() {
                let meet = |x: &Buffer, y: &Buffer| x.offset < y.offset + y.len && y.offset < x.offset + x.len;
                let together = match (left.live, right.live) {
                    (Some((a, b)), Some((c, d))) => a <= d && c <= b,
                    _ => true,
                };
                assert!(a == b || !(together && meet(left, right)), "{left:?} {right:?}");
            }
        }
        assert!(sizes.floats < total / 3, "{} of {total}", sizes.floats);
    }
}
