//! Bytes to elements and back. Narrower ints are widened, half-precision floats become single.

use super::Elements;
use std::io::{self, Read};

/// How many elements are read or written at a time.
const BLOCK: usize = 4096;

/// How an element is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    F64,
    F32,
    F16,
    Bf16,
    /// With this many bytes.
    Signed(usize),
    Unsigned(usize),
    Bool,
}

impl Stored {
    /// In bytes.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Signed(size) | Self::Unsigned(size) => size,
            Self::Bool => 1,
        }
    }

    /// In bytes, once read.
    pub(super) const fn size_in_memory(self) -> usize {
        match self {
            Self::F64 | Self::Signed(_) | Self::Unsigned(_) => 8,
            Self::F32 | Self::F16 | Self::Bf16 => 4,
            Self::Bool => 1,
        }
    }

    /// No elements of the type that they have in memory.
    pub(super) const fn none(self) -> Elements {
        match self {
            Self::F64 => Elements::F64(Vec::new()),
            Self::F32 | Self::F16 | Self::Bf16 => Elements::F32(Vec::new()),
            Self::Signed(_) | Self::Unsigned(_) => Elements::I64(Vec::new()),
            Self::Bool => Elements::Bool(Vec::new()),
        }
    }

    /// Reads so many elements, and takes memory for no more.
    pub(super) fn read(self, source: &mut dyn Read, count: usize, big_endian: bool) -> Result<Elements, Unreadable> {
        let mut input = Input { source, stored: self, count, big_endian };
        Ok(match self {
            Self::F64 => Elements::F64(input.collect(|bits| Ok(f64::from_bits(bits)))?),
            Self::F32 => Elements::F32(input.collect(|bits| Ok(f32::from_bits(bits as u32)))?),
            Self::F16 => Elements::F32(input.collect(|bits| Ok(half(bits as u16)))?),
            Self::Bf16 => Elements::F32(input.collect(|bits| Ok(f32::from_bits((bits as u32) << 16)))?),
            Self::Signed(size) => {
                let shift = 64 - 8 * size as u32;
                Elements::I64(input.collect(|bits| Ok((bits << shift) as i64 >> shift))?)
            }
            Self::Unsigned(_) => {
                Elements::I64(input.collect(|bits| i64::try_from(bits).map_err(|_| "an int of 2^63 or more".into()))?)
            }
            Self::Bool => Elements::Bool(input.collect(|bits| match bits {
                0 | 1 => Ok(bits == 1),
                other => Err(format!("a bool that is {other}")),
            })?),
        })
    }
}

/// Why elements couldn't be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    Source(io::Error),
    /// One that can't be held, and what it is.
    Value(String),
    Memory,
}

struct Input<'s> {
    source: &'s mut dyn Read,
    stored: Stored,
    count: usize,
    big_endian: bool,
}

impl Input<'_> {
    fn collect<E>(&mut self, convert: impl Fn(u64) -> Result<E, String>) -> Result<Vec<E>, Unreadable> {
        let size = self.stored.size();
        let mut elements = Vec::new();
        elements.try_reserve_exact(self.count).map_err(|_| Unreadable::Memory)?;
        let mut block = vec![0; size * self.count.min(BLOCK)];
        while elements.len() < self.count {
            let length = size * (self.count - elements.len()).min(BLOCK);
            let Some(bytes) = block.get_mut(..length) else { break };
            self.source.read_exact(bytes).map_err(Unreadable::Source)?;
            for item in bytes.chunks_exact(size) {
                elements.push(convert(bits(item, self.big_endian)).map_err(Unreadable::Value)?);
            }
        }
        Ok(elements)
    }
}

fn bits(item: &[u8], big_endian: bool) -> u64 {
    let push = |bits: u64, byte: &u8| bits << 8 | u64::from(*byte);
    if big_endian { item.iter().fold(0, push) } else { item.iter().rev().fold(0, push) }
}

/// An IEEE 754 half-precision float.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    sign * match exponent {
        0 => fraction * f32::exp2(-24.0),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * f32::exp2((exponent - 25) as f32),
    }
}

/// Calls `write` with the little-endian bytes, a block at a time.
pub(super) fn blocks(elements: &Elements, mut write: impl FnMut(&[u8]) -> std::io::Result<()>) -> std::io::Result<()> {
    fn each<E: Copy, const N: usize>(
        elements: &[E],
        bytes: impl Fn(E) -> [u8; N],
        write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let mut block = Vec::with_capacity(N * BLOCK);
        for chunk in elements.chunks(BLOCK) {
            block.clear();
            chunk.iter().for_each(|element| block.extend_from_slice(&bytes(*element)));
            write(&block)?;
        }
        Ok(())
    }
    match elements {
        Elements::F32(elements) => each(elements, f32::to_le_bytes, &mut write),
        Elements::F64(elements) => each(elements, f64::to_le_bytes, &mut write),
        Elements::I64(elements) => each(elements, i64::to_le_bytes, &mut write),
        Elements::Bool(elements) => each(elements, |element| [u8::from(element)], &mut write),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_is_exact() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 5.960_464_5e-8), (0x3555, 0.333_251_95)]
        {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan() && half(0xfc00) == f32::NEG_INFINITY);
    }

    fn read(stored: Stored, mut bytes: &[u8], big_endian: bool) -> Result<Elements, Unreadable> {
        let count = bytes.len() / stored.size();
        stored.read(&mut bytes, count, big_endian)
    }

    #[test]
    fn ints_keep_their_sign_in_either_byte_order() {
        let ints = |stored, bytes: &[u8], big_endian| read(stored, bytes, big_endian).unwrap();
        assert_eq!(ints(Stored::Signed(2), &[0xfe, 0xff], false), Elements::I64(vec![-2]));
        assert_eq!(ints(Stored::Signed(4), &[0, 0, 1, 0], true), Elements::I64(vec![256]));
        assert_eq!(ints(Stored::Unsigned(1), &[255], false), Elements::I64(vec![255]));
        assert!(matches!(read(Stored::Unsigned(8), &[255; 8], false), Err(Unreadable::Value(_))));
        assert!(matches!(read(Stored::Bool, &[2], false), Err(Unreadable::Value(_))));
    }

    #[test]
    fn many_elements_are_read_in_blocks() {
        let values: Vec<f32> = (0..3 * BLOCK + 5).map(|index| index as f32).collect();
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(read(Stored::F32, &bytes, false).unwrap(), Elements::F32(values));
        assert!(matches!(Stored::F32.read(&mut &bytes[1..], 3 * BLOCK + 5, false), Err(Unreadable::Source(_))));
        assert!(matches!(Stored::F32.read(&mut &bytes[..], usize::MAX, false), Err(Unreadable::Memory)));
    }
}
