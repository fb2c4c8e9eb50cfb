//! The npy format of NumPy, <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use super::elements::{Stored, blocks};
use super::{Array, Elements, FileError};
use npyz::{NpyHeader, Order};
use std::io::{self, Write};
use std::path::Path;

/// The longest header, as in NumPy.
const MAX_HEADER: usize = 64 << 10;
/// Magic, version and the longest length field.
const PREFIX: usize = 12;
/// As in NumPy.
const MAX_AXES: usize = 64;

/// One array from all bytes of its file.
pub(super) fn parse(bytes: &[u8], path: &Path, name: &str) -> Result<Array, FileError> {
    let wrong =
        |message: String| FileError::Format { path: path.display().to_string(), format: "an npy file", message };
    let described = |message: &str| {
        if name.is_empty() { wrong(message.to_owned()) } else { wrong(format!("the array `{name}` {message}")) }
    };
    let length = header_length(bytes).ok_or_else(|| described("has no header"))?;
    if length > MAX_HEADER {
        return Err(described("has too long a header"));
    }
    if !believable(bytes.get(..PREFIX + length).unwrap_or(bytes)) {
        return Err(described("has sizes that can't be"));
    }
    let mut rest = bytes;
    let header = NpyHeader::from_reader(&mut rest).map_err(|_| described("has a header that can't be read"))?;
    let descr = header.dtype().descr();
    let Some((stored, big_endian)) = stored(descr.trim_matches('\'')) else {
        let (path, name) = (path.display().to_string(), name.to_owned());
        return Err(FileError::Element { path, name, found: format!("elements of the type {descr}") });
    };
    let shape: Option<Vec<usize>> = header.shape().iter().map(|size| usize::try_from(*size).ok()).collect();
    let size = shape
        .as_ref()
        .filter(|shape| shape.len() <= MAX_AXES)
        .and_then(|shape| shape.iter().try_fold(stored.size(), |product, size| product.checked_mul(*size)));
    let (Some(shape), Some(size)) = (shape, size) else { return Err(described("has sizes that can't be")) };
    if rest.len() != size {
        return Err(described(&format!("wants {size} bytes of elements, and there are {}", rest.len())));
    }
    let elements = stored.read(rest, big_endian).map_err(|found| FileError::Element {
        path: path.display().to_string(),
        name: name.to_owned(),
        found,
    })?;
    Ok(match header.order() {
        Order::C => Array { shape, elements },
        Order::Fortran => in_rows(shape, &elements),
    })
}

/// The length field of a header.
fn header_length(bytes: &[u8]) -> Option<usize> {
    let (magic, rest) = bytes.get(..PREFIX.min(bytes.len()))?.split_at_checked(8)?;
    if magic.get(..6)? != b"\x93NUMPY" {
        return None;
    }
    let wide = *magic.get(6)? > 1;
    let field = rest.get(..if wide { 4 } else { 2 })?;
    Some(field.iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte)))
}

/// The numbers in a header don't multiply to more than 62 bits. The reader multiplies them unchecked.
fn believable(header: &[u8]) -> bool {
    let numbers = header.split(|byte| !byte.is_ascii_digit()).filter_map(|digits| std::str::from_utf8(digits).ok());
    let numbers = numbers.filter(|digits| !digits.is_empty()).map(|digits| digits.parse::<u64>().unwrap_or(u64::MAX));
    numbers.filter(|number| *number > 0).try_fold(1u64, u64::checked_mul).is_some_and(|product| product >> 62 == 0)
}

/// `<f4` and the like, and whether the first byte is the highest.
fn stored(descr: &str) -> Option<(Stored, bool)> {
    let mut letters = descr.chars();
    let big_endian = match letters.next()? {
        '<' | '|' => false,
        '>' => true,
        _ => return None,
    };
    let stored = match letters.as_str() {
        "f8" => Stored::F64,
        "f4" => Stored::F32,
        "f2" => Stored::F16,
        "i1" => Stored::Signed(1),
        "i2" => Stored::Signed(2),
        "i4" => Stored::Signed(4),
        "i8" => Stored::Signed(8),
        "u1" => Stored::Unsigned(1),
        "u2" => Stored::Unsigned(2),
        "u4" => Stored::Unsigned(4),
        "u8" => Stored::Unsigned(8),
        "b1" => Stored::Bool,
        _ => return None,
    };
    Some((stored, big_endian))
}

/// Elements that came column by column.
fn in_rows(shape: Vec<usize>, elements: &Elements) -> Array {
    fn turn<E: Copy>(shape: &[usize], elements: &[E]) -> Vec<E> {
        let mut index = vec![0usize; shape.len()];
        let mut out = Vec::with_capacity(elements.len());
        for _ in 0..elements.len() {
            let place = index.iter().zip(shape).rev().fold(0, |place, (at, size)| place * size + at);
            out.extend(elements.get(place).copied());
            for (at, size) in index.iter_mut().zip(shape).rev() {
                *at += 1;
                if *at < *size {
                    break;
                }
                *at = 0;
            }
        }
        out
    }
    let elements = match elements {
        Elements::F32(elements) => Elements::F32(turn(&shape, elements)),
        Elements::F64(elements) => Elements::F64(turn(&shape, elements)),
        Elements::I64(elements) => Elements::I64(turn(&shape, elements)),
        Elements::Bool(elements) => Elements::Bool(turn(&shape, elements)),
    };
    Array { shape, elements }
}

/// Version 1.0, row-major, little-endian.
pub(super) fn write(out: &mut impl Write, array: &Array) -> io::Result<()> {
    let descr = match array.elements {
        Elements::F32(_) => "<f4",
        Elements::F64(_) => "<f8",
        Elements::I64(_) => "<i8",
        Elements::Bool(_) => "|b1",
    };
    let sizes: Vec<String> = array.shape.iter().map(ToString::to_string).collect();
    let comma = if sizes.len() == 1 { "," } else { "" };
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}", sizes.join(", "));
    // Elements start at a multiple of 64, behind a line break.
    let padding = (64 - (10 + header.len() + 1) % 64) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let length = u16::try_from(header.len()).map_err(|_| io::Error::other("an array has too many axes"))?;
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    blocks(&array.elements, |bytes| out.write_all(bytes))
}
