//! Typed ids and the vectors they index. An [`Id`] is made only by the arena that holds its element, and
//! nothing is ever removed.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// The index of a `T` in an [`Arena`] of `T`.
pub struct Id<T> {
    index: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }
}

// Written by hand because a derive would ask the same of `T`.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.index.cmp(&other.index)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.index)
    }
}

/// A growing list of `T`, indexed by [`Id<T>`].
#[derive(Clone, Debug, PartialEq)]
pub struct Arena<T> {
    items: Vec<T>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T> Arena<T> {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, count: usize) {
        self.items.reserve(count);
    }

    pub fn push(&mut self, item: T) -> Id<T> {
        let id = self.next_id();
        self.items.push(item);
        id
    }

    /// The id that the next pushed item will get.
    #[must_use]
    pub fn next_id(&self) -> Id<T> {
        // Node counts are capped at a million long before 2^32.
        Id { index: u32::try_from(self.items.len()).unwrap_or(u32::MAX), of: PhantomData }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Id<T>, &T)> + DoubleEndedIterator {
        self.items.iter().enumerate().map(|(index, item)| (id(index), item))
    }

    pub fn ids(&self) -> impl ExactSizeIterator<Item = Id<T>> + DoubleEndedIterator + use<T> {
        (0..self.items.len()).map(id)
    }

    /// The id of the element with this index, if there is one.
    #[must_use]
    pub fn nth(&self, index: usize) -> Option<Id<T>> {
        (index < self.items.len()).then(|| id(index))
    }

    #[must_use]
    pub fn find(&self, id: Id<T>) -> Option<&T> {
        self.items.get(id.index())
    }

    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }
}

fn id<T>(index: usize) -> Id<T> {
    Id { index: u32::try_from(index).unwrap_or(u32::MAX), of: PhantomData }
}

impl<T> Index<Id<T>> for Arena<T> {
    type Output = T;

    #[allow(clippy::indexing_slicing, reason = "an id comes from its own arena, which never shrinks")]
    fn index(&self, id: Id<T>) -> &T {
        &self.items[id.index()]
    }
}

impl<T> IndexMut<Id<T>> for Arena<T> {
    #[allow(clippy::indexing_slicing, reason = "an id comes from its own arena, which never shrinks")]
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        &mut self.items[id.index()]
    }
}

/// A value for every element of an arena: what an analysis learnt about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<K, V> {
    values: Vec<V>,
    of: PhantomData<fn() -> K>,
}

impl<K, V: Clone> Table<K, V> {
    /// A table with one value for each of the arena's elements.
    #[must_use]
    pub fn filled(arena: &Arena<K>, value: V) -> Self {
        Self { values: vec![value; arena.len()], of: PhantomData }
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { values: Vec::new(), of: PhantomData }
    }
}

impl<K, V> Table<K, V> {
    /// Appends the value of the next element, for tables that grow beside their arena.
    pub fn push(&mut self, value: V) {
        self.values.push(value);
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Id<K>, &V)> {
        self.values.iter().enumerate().map(|(index, value)| (id(index), value))
    }
}

impl<K, V> Index<Id<K>> for Table<K, V> {
    type Output = V;

    #[allow(clippy::indexing_slicing, reason = "a table is as long as the arena that its ids come from")]
    fn index(&self, id: Id<K>) -> &V {
        &self.values[id.index()]
    }
}

impl<K, V> IndexMut<Id<K>> for Table<K, V> {
    #[allow(clippy::indexing_slicing, reason = "a table is as long as the arena that its ids come from")]
    fn index_mut(&mut self, id: Id<K>) -> &mut V {
        &mut self.values[id.index()]
    }
}
