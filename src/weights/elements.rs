//! Bytes to elements and back. Narrower ints are widened, half-precision floats become single.

use super::Elements;

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

    /// `bytes` hold whole elements. `Err` says what can't be held.
    pub(super) fn read(self, bytes: &[u8], big_endian: bool) -> Result<Elements, String> {
        let items = || bytes.chunks_exact(self.size()).map(|item| bits(item, big_endian));
        Ok(match self {
            Self::F64 => Elements::F64(items().map(f64::from_bits).collect()),
            Self::F32 => Elements::F32(items().map(|bits| f32::from_bits(bits as u32)).collect()),
            Self::F16 => Elements::F32(items().map(|bits| half(bits as u16)).collect()),
            Self::Bf16 => Elements::F32(items().map(|bits| f32::from_bits((bits as u32) << 16)).collect()),
            Self::Signed(size) => {
                let shift = 64 - 8 * size as u32;
                Elements::I64(items().map(|bits| (bits << shift) as i64 >> shift).collect())
            }
            Self::Unsigned(_) => {
                let values: Result<Vec<i64>, _> = items().map(i64::try_from).collect();
                Elements::I64(values.map_err(|_| "an int of 2^63 or more".to_owned())?)
            }
            Self::Bool => {
                if let Some(other) = bytes.iter().find(|byte| **byte > 1) {
                    return Err(format!("a bool that is {other}"));
                }
                Elements::Bool(bytes.iter().map(|byte| *byte == 1).collect())
            }
        })
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
        let mut block = Vec::with_capacity(N * 4096);
        for chunk in elements.chunks(4096) {
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

    #[test]
    fn ints_keep_their_sign_in_either_byte_order() {
        assert_eq!(Stored::Signed(2).read(&[0xfe, 0xff], false), Ok(Elements::I64(vec![-2])));
        assert_eq!(Stored::Signed(4).read(&[0, 0, 1, 0], true), Ok(Elements::I64(vec![256])));
        assert_eq!(Stored::Unsigned(1).read(&[255], false), Ok(Elements::I64(vec![255])));
        assert!(Stored::Unsigned(8).read(&[255; 8], false).is_err());
        assert!(Stored::Bool.read(&[2], false).is_err());
    }
}
