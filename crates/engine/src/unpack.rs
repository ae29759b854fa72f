//! Packed numbers as integers with their scales.
//!
//! What the bytes of each type mean is defined by the functions `dequantize_row_…` of
//! <https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-quants.c>. Here each becomes the same thing: integers of 16 bits,
//! a scale for each 32 of them and an offset for each 16, so that one product does for all. Types with blocks of 256 have scales
//! that are small integers themselves; these are multiplied in, so that one scale is left for all 256.

mod wide;

use crate::half::half_at;
use cards::Kind;

/// The most numbers that are unpacked at once.
pub(crate) const STRETCH: usize = 256;
/// Numbers that share an offset.
pub(crate) const GROUP: usize = 16;
pub(crate) const GROUPS: usize = STRETCH / GROUP;
/// Numbers that share a scale: those of a block of the types with short blocks.
pub(crate) const SHARED: usize = 32;

/// Unpacked numbers: `integers[i] * scales[i / 32] - offsets[i / 16]`. Integers have 13 bits with their sign, so that sixteen
/// products with sixteen bits fit 32.
#[derive(Clone)]
pub(crate) struct Stretch {
    pub(crate) integers: [i16; STRETCH],
    pub(crate) scales: [f32; STRETCH / SHARED],
    pub(crate) offsets: [f32; GROUPS],
}

impl Stretch {
    pub(crate) fn new() -> Self {
        Self { integers: [0; STRETCH], scales: [0.0; STRETCH / SHARED], offsets: [0.0; GROUPS] }
    }

    /// Unpacks whole blocks of a packed type, of 256 numbers at most.
    #[inline(always)]
    pub(crate) fn unpack(&mut self, kind: Kind, packed: &[u8]) {
        unpack(kind, packed, std::slice::from_mut(self));
    }

    #[inline(always)]
    fn unpack_short(&mut self, kind: Kind, packed: &[u8]) {
        match kind {
            Kind::Q8_0 => self.each_short(packed, |block: &[u8; 34], integers| {
                for (integer, byte) in integers.iter_mut().zip(&block[2..]) {
                    *integer = i16::from(byte.cast_signed());
                }
                0.0
            }),
            Kind::Q4_0 => self.each_short(packed, |block: &[u8; 18], integers| {
                nibbles(&block[2..], 8, integers);
                0.0
            }),
            Kind::Q4_1 => self.each_short(packed, |block: &[u8; 20], integers| {
                nibbles(&block[4..], 0, integers);
                -half_at(block, 2)
            }),
            Kind::Q5_0 => self.each_short(packed, |block: &[u8; 22], integers| {
                nibbles(&block[6..], 16, integers);
                fifth_bits([block[2], block[3], block[4], block[5]], integers);
                0.0
            }),
            _ => self.each_short(packed, |block: &[u8; 24], integers| {
                nibbles(&block[8..], 0, integers);
                fifth_bits([block[4], block[5], block[6], block[7]], integers);
                -half_at(block, 2)
            }),
        }
    }

    /// Unpacks each block, whose scale stands before all else, with `unpack`, which gives the offset.
    #[inline(always)]
    fn each_short<const BYTES: usize>(
        &mut self,
        packed: &[u8],
        unpack: impl Fn(&[u8; BYTES], &mut [i16; SHARED]) -> f32,
    ) {
        let (blocks, _) = packed.as_chunks::<BYTES>();
        let (integers, _) = self.integers.as_chunks_mut::<SHARED>();
        let (offsets, _) = self.offsets.as_chunks_mut::<{ SHARED / GROUP }>();
        for (((block, integers), scale), offset) in blocks.iter().zip(integers).zip(&mut self.scales).zip(offsets) {
            *scale = half_at(block, 0);
            *offset = [unpack(block, integers); SHARED / GROUP];
        }
    }
}

/// Unpacks the blocks of a row into as many stretches as they take.
#[inline(always)]
pub(crate) fn unpack(kind: Kind, packed: &[u8], stretches: &mut [Stretch]) {
    match kind {
        Kind::Q4_0 | Kind::Q4_1 | Kind::Q5_0 | Kind::Q5_1 | Kind::Q8_0 => {
            let blocks = packed.chunks(STRETCH / SHARED * kind.bytes());
            stretches.iter_mut().zip(blocks).for_each(|(stretch, blocks)| stretch.unpack_short(kind, blocks));
        }
        Kind::Q2K => each(packed, stretches, wide::q2),
        Kind::Q3K => each(packed, stretches, wide::q3),
        Kind::Q4K => each(packed, stretches, wide::q4),
        Kind::Q5K => each(packed, stretches, wide::q5),
        Kind::Q6K => each(packed, stretches, wide::q6),
        Kind::F32 | Kind::F16 | Kind::Bf16 => {}
    }
}

/// Unpacks blocks of 256 numbers with `unpack`.
#[inline(always)]
fn each<const BYTES: usize>(packed: &[u8], stretches: &mut [Stretch], unpack: impl Fn(&[u8; BYTES], &mut Stretch)) {
    for (block, stretch) in packed.as_chunks::<BYTES>().0.iter().zip(stretches) {
        unpack(block, stretch);
    }
}

/// The low halves of 16 bytes, and then the high ones, each less `middle`.
#[inline(always)]
fn nibbles(bytes: &[u8], middle: i16, integers: &mut [i16; SHARED]) {
    let (low, high) = integers.split_at_mut(SHARED / 2);
    for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
        *low = i16::from(byte & 15) - middle;
        *high = i16::from(byte >> 4) - middle;
    }
}

/// Adds the fifth bit of each number.
#[inline(always)]
fn fifth_bits(bytes: [u8; 4], integers: &mut [i16; SHARED]) {
    let bits = u32::from_le_bytes(bytes);
    for (place, integer) in (0_u32..).zip(integers) {
        *integer += (bits >> place & 1) as i16 * 16;
    }
}

#[cfg(test)]
pub(crate) mod tests;
