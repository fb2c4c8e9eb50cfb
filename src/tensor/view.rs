//! Borrowed dense tensors: a shape, and the elements in row-major order without gaps.

/// The elements of a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slice<'a, T> {
    Float(&'a [T]),
    Int(&'a [i64]),
    Bool(&'a [bool]),
}

/// The elements of a tensor that is written.
#[derive(Debug, PartialEq)]
pub enum SliceMut<'a, T> {
    Float(&'a mut [T]),
    Int(&'a mut [i64]),
    Bool(&'a mut [bool]),
}

/// A tensor to read. Its elements may be missing where only the shape matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View<'a, T> {
    pub shape: &'a [usize],
    pub data: Slice<'a, T>,
}

/// A tensor to write.
#[derive(Debug, PartialEq)]
pub struct ViewMut<'a, T> {
    pub shape: &'a [usize],
    pub data: SliceMut<'a, T>,
}

impl<'a, T> View<'a, T> {
    /// The elements of a float tensor; none of another.
    #[must_use]
    pub fn floats(&self) -> &'a [T] {
        if let Slice::Float(data) = self.data { data } else { &[] }
    }

    /// The elements of an int tensor; none of another.
    #[must_use]
    pub fn ints(&self) -> &'a [i64] {
        if let Slice::Int(data) = self.data { data } else { &[] }
    }

    /// The elements of a bool tensor; none of another.
    #[must_use]
    pub fn bools(&self) -> &'a [bool] {
        if let Slice::Bool(data) = self.data { data } else { &[] }
    }
}

/// The place of an element, by its number in row-major order: ` at [0, 3]`, and nothing for a scalar.
#[must_use]
pub fn place(shape: &[usize], element: usize) -> String {
    if shape.is_empty() {
        return String::new();
    }
    format!(" at {:?}", indices(shape, element))
}

/// The indices of an element, by its number in row-major order.
#[must_use]
pub fn indices(shape: &[usize], element: usize) -> Vec<usize> {
    let mut rest = element;
    let mut indices = Vec::new();
    for &size in shape.iter().rev() {
        indices.push(rest.checked_rem(size).unwrap_or(0));
        rest = rest.checked_div(size).unwrap_or(0);
    }
    indices.reverse();
    indices
}

impl<T> ViewMut<'_, T> {
    /// The elements of a float tensor; none of another.
    #[must_use]
    pub fn floats(&mut self) -> &mut [T] {
        if let SliceMut::Float(data) = &mut self.data { data } else { &mut [] }
    }

    /// The elements of an int tensor; none of another.
    #[must_use]
    pub fn ints(&mut self) -> &mut [i64] {
        if let SliceMut::Int(data) = &mut self.data { data } else { &mut [] }
    }

    /// The elements of a bool tensor; none of another.
    #[must_use]
    pub fn bools(&mut self) -> &mut [bool] {
        if let SliceMut::Bool(data) = &mut self.data { data } else { &mut [] }
    }
}
