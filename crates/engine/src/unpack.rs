//! Packed numbers as small integers with their scales.
//!
//! What the bytes of each type mean is defined by the functions `dequantize_row_…` of
//! <https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-quants.c>. Here each becomes the same thing: integers, and for
//! each sixteen of them a scale and an offset, so that one product does for all.

mod wide;

use crate::half::half_at;
use crate::kind::Kind;

/// The most numbers that are unpacked at once.
pub(crate) const STRETCH: usize = 256;
/// Numbers that share a scale and an offset.
pub(crate) const GROUP: usize = 16;
pub(crate) const GROUPS: usize = STRETCH / GROUP;
/// Numbers of a block of the types with short blocks.
const SHORT: usize = 32;

/// Unpacked numbers: `integers[i] * scales[i / 16] - offsets[i / 16]`.
pub(crate) struct Stretch {
    pub(crate) integers: [i16; STRETCH],
    pub(crate) scales: [f32; GROUPS],
    pub(crate) offsets: [f32; GROUPS],
}

impl Stretch {
    pub(crate) fn new() -> Self {
        Self { integers: [0; STRETCH], scales: [0.0; GROUPS], offsets: [0.0; GROUPS] }
    }

    /// Unpacks whole blocks of a packed type, of 256 numbers at most.
    #[inline(always)]
    pub(crate) fn unpack(&mut self, kind: Kind, packed: &[u8]) {
        match kind {
            Kind::Q4_0 | Kind::Q4_1 | Kind::Q5_0 | Kind::Q5_1 | Kind::Q8_0 => self.unpack_short(kind, packed),
            Kind::Q2K => wide::q2(packed, self),
            Kind::Q3K => wide::q3(packed, self),
            Kind::Q4K => wide::q4(packed, self),
            Kind::Q5K => wide::q5(packed, self),
            Kind::Q6K => wide::q6(packed, self),
            Kind::F32 | Kind::F16 | Kind::Bf16 => {}
        }
    }

    #[inline(always)]
    fn unpack_short(&mut self, kind: Kind, packed: &[u8]) {
        let blocks = packed.chunks_exact(kind.bytes()).zip(self.integers.chunks_exact_mut(SHORT));
        for (number, (block, integers)) in blocks.enumerate() {
            let scale = half_at(block, 0);
            let mut offset = 0.0;
            match kind {
                Kind::Q8_0 => {
                    for (integer, byte) in integers.iter_mut().zip(&block[2..]) {
                        *integer = i16::from(byte.cast_signed());
                    }
                }
                Kind::Q4_0 => nibbles(&block[2..], 8, integers),
                Kind::Q4_1 => {
                    offset = -half_at(block, 2);
                    nibbles(&block[4..], 0, integers);
                }
                Kind::Q5_0 => {
                    nibbles(&block[6..], 16, integers);
                    fifth_bits([block[2], block[3], block[4], block[5]], integers);
                }
                _ => {
                    offset = -half_at(block, 2);
                    nibbles(&block[8..], 0, integers);
                    fifth_bits([block[4], block[5], block[6], block[7]], integers);
                }
            }
            for group in [2 * number, 2 * number + 1] {
                self.scales[group] = scale;
                self.offsets[group] = offset;
            }
        }
    }
}

/// The low halves of 16 bytes, and then the high ones, each less `middle`.
#[inline(always)]
fn nibbles(bytes: &[u8], middle: i16, integers: &mut [i16]) {
    let (low, high) = integers.split_at_mut(SHORT / 2);
    for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
        *low = i16::from(byte & 15) - middle;
        *high = i16::from(byte >> 4) - middle;
    }
}

/// Adds the fifth bit of each number.
#[inline(always)]
fn fifth_bits(bytes: [u8; 4], integers: &mut [i16]) {
    let bits = u32::from_le_bytes(bytes);
    for (place, integer) in (0_u32..).zip(integers) {
        *integer += (bits >> place & 1) as i16 * 16;
    }
}

#[cfg(test)]
pub(crate) mod tests;
