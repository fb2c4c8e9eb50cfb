//! The npy format of NumPy, <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use super::elements::{Stored, Unreadable, blocks};
use super::{Array, Elements, FileError, Room};
use npyz::{NpyHeader, Order};
use std::io::{self, Read, Write};

/// The longest header, as in NumPy.
const MAX_HEADER: usize = 64 << 10;
/// As in NumPy.
const MAX_AXES: usize = 64;

/// What a header says, checked against the bytes that follow it.
pub(super) struct Head {
    pub(super) shape: Vec<usize>,
    pub(super) stored: Stored,
    pub(super) big_endian: bool,
    /// Rows lie one after another, not columns.
    pub(super) by_row: bool,
    count: usize,
    /// Of the header, in bytes.
    pub(super) length: u64,
}

/// The header of a source of `size` bytes.
pub(super) fn head(source: &mut dyn Read, size: u64, name: &str, room: &Room<'_>) -> Result<Head, FileError> {
    let wrong = |message: String| {
        let message = if name.is_empty() { message } else { format!("the array `{name}` {message}") };
        room.wrong("an npy file", message)
    };
    let bytes = header(source).map_err(|error| wrong(unreadable_header(&error)))?;
    if !believable(&bytes) {
        return Err(wrong("has sizes that can't be".to_owned()));
    }
    let header = NpyHeader::from_reader(&mut bytes.as_slice())
        .map_err(|_| wrong("has a header that can't be read".to_owned()))?;
    let descr = header.dtype().descr();
    let Some((stored, big_endian)) = stored(descr.trim_matches('\'')) else {
        return Err(room.element(name, format!("elements of the type {descr}")));
    };
    let shape: Option<Vec<usize>> = header.shape().iter().map(|size| usize::try_from(*size).ok()).collect();
    let count = shape
        .as_ref()
        .filter(|shape| shape.len() <= MAX_AXES)
        .and_then(|shape| shape.iter().try_fold(1usize, |product, size| product.checked_mul(*size)));
    let wanted = count.and_then(|count| count.checked_mul(stored.size()));
    let (Some(shape), Some(count), Some(wanted)) = (shape, count, wanted) else {
        return Err(wrong("has sizes that can't be".to_owned()));
    };
    let length = bytes.len() as u64;
    let held = size.saturating_sub(length);
    if held != wanted as u64 {
        return Err(wrong(format!("wants {wanted} bytes of elements, and there are {held}")));
    }
    let by_row = matches!(header.order(), Order::C);
    Ok(Head { shape, stored, big_endian, by_row, count, length })
}

/// The array that a source of `size` bytes holds. Its header is checked before there is memory for its elements.
pub(super) fn read(source: &mut dyn Read, size: u64, name: &str, room: &mut Room<'_>) -> Result<Array, FileError> {
    let Head { shape, stored, big_endian, by_row, count, .. } = head(source, size, name, room)?;
    room.take(count, stored)?;
    let wrong = |message: String| room.wrong("an npy file", format!("the array `{name}` {message}"));
    let elements = stored.read(source, count, big_endian).map_err(|error| match error {
        Unreadable::Source(error) => wrong(unreadable(&error)),
        Unreadable::Value(found) => room.element(name, found),
        Unreadable::Memory => room.refused(),
    })?;
    // What is left must be nothing. Asked for it, an archive compares its checksum.
    match source.read(&mut [0]) {
        Ok(0) => {}
        Ok(_) => return Err(wrong("goes on behind its elements".to_owned())),
        Err(error) => return Err(wrong(unreadable(&error))),
    }
    Ok(if by_row { Array { shape, elements } } else { in_row_order(shape, &elements) })
}

fn unreadable(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        "ends early".to_owned()
    } else {
        format!("can't be read: {error}")
    }
}

fn unreadable_header(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => "has no header, or too long a one".to_owned(),
        _ => unreadable(error),
    }
}

/// Magic, version, length field and the header itself.
fn header(source: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 8];
    source.read_exact(&mut bytes)?;
    let wide = match bytes.strip_prefix(b"\x93NUMPY") {
        Some([version, _]) => *version > 1,
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    let mut field = vec![0; if wide { 4 } else { 2 }];
    source.read_exact(&mut field)?;
    let length = field.iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
    if length > MAX_HEADER {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = vec![0; length];
    source.read_exact(&mut text)?;
    bytes.extend(field);
    bytes.extend(text);
    Ok(bytes)
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
fn in_row_order(shape: Vec<usize>, elements: &Elements) -> Array {
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
