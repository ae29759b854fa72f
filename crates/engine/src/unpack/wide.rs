//! The types whose blocks have 256 numbers, with scales that are packed themselves and multiplied in here.

use super::{GROUP, GROUPS, STRETCH, Stretch};
use crate::half::half_at;

/// Numbers that take turns in the bits of the same bytes.
const TURN: usize = 32;
const TURNS: usize = STRETCH / TURN;

/// Multiplies sixteen numbers by each of the scales.
#[inline(always)]
fn scale(integers: &mut [i16; STRETCH], scales: [i16; GROUPS]) {
    for (integers, scale) in integers.as_chunks_mut::<GROUP>().0.iter_mut().zip(scales) {
        integers.iter_mut().for_each(|integer| *integer *= scale);
    }
}

/// Two bits a number. 16 bytes of scales (low) and offsets (high), 64 of numbers, both units.
#[inline(always)]
pub(super) fn q2(block: &[u8; 84], stretch: &mut Stretch) {
    let (unit, offset) = (half_at(block, 80), half_at(block, 82));
    let mut scales = [0; GROUPS];
    for group in 0..GROUPS {
        scales[group] = i16::from(block[group] & 15);
        stretch.offsets[group] = offset * f32::from(block[group] >> 4);
    }
    for (turn, integers) in stretch.integers.as_chunks_mut::<TURN>().0.iter_mut().enumerate() {
        let bytes = &block[16 + turn / 4 * TURN..][..TURN];
        let shift = turn % 4 * 2;
        for (integer, byte) in integers.iter_mut().zip(bytes) {
            *integer = i16::from(byte >> shift & 3);
        }
    }
    scale(&mut stretch.integers, scales);
    stretch.scales = [unit; TURNS];
}

/// Three bits a number. 32 bytes of high bits, 64 of low ones, 12 of scales, the unit.
#[inline(always)]
pub(super) fn q3(block: &[u8; 110], stretch: &mut Stretch) {
    let packed = &block[96..108];
    let mut scales = [0; GROUPS];
    for (group, scale) in scales.iter_mut().enumerate() {
        let low = packed[group % 8] >> (group / 8 * 4) & 15;
        let high = packed[8 + group % 4] >> (group / 4 * 2) & 3;
        *scale = i16::from(low | high << 4) - 32;
    }
    for (turn, integers) in stretch.integers.as_chunks_mut::<TURN>().0.iter_mut().enumerate() {
        let bytes = &block[32 + turn / 4 * TURN..][..TURN];
        let shift = turn % 4 * 2;
        for ((integer, byte), high) in integers.iter_mut().zip(bytes).zip(&block[..TURN]) {
            *integer = i16::from(byte >> shift & 3 | (high >> turn & 1) << 2) - 4;
        }
    }
    scale(&mut stretch.integers, scales);
    stretch.scales = [half_at(block, 108); TURNS];
}

/// The scales of 6 bits of the types of four and five bits, which are given, and their offsets: in 12 bytes, each for 32 numbers.
#[inline(always)]
fn scales(block: &[u8; 16], stretch: &mut Stretch) -> [i16; TURNS] {
    let offset = half_at(block, 2);
    let packed = &block[4..];
    let (mut scales, mut offsets) = ([0; TURNS], [0; TURNS]);
    for turn in 0..4 {
        (scales[turn], offsets[turn]) = (packed[turn] & 63, packed[turn + 4] & 63);
        scales[turn + 4] = packed[turn + 8] & 15 | packed[turn] >> 6 << 4;
        offsets[turn + 4] = packed[turn + 8] >> 4 | packed[turn + 4] >> 6 << 4;
    }
    for (pair, less) in stretch.offsets.as_chunks_mut::<2>().0.iter_mut().zip(offsets) {
        *pair = [offset * f32::from(less); 2];
    }
    stretch.scales = [half_at(block, 0); TURNS];
    scales.map(i16::from)
}

/// Four bits a number. Both units, 12 bytes of scales, 128 of numbers.
#[inline(always)]
pub(super) fn q4(block: &[u8; 144], stretch: &mut Stretch) {
    let Some((head, rest)) = block.split_first_chunk::<16>() else { return };
    let scales = scales(head, stretch);
    let pairs = stretch.integers.as_chunks_mut::<{ 2 * TURN }>().0.iter_mut();
    for ((integers, bytes), scales) in pairs.zip(rest.as_chunks::<TURN>().0).zip(scales.as_chunks::<2>().0) {
        let (low, high) = integers.split_at_mut(TURN);
        for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
            *low = i16::from(byte & 15) * scales[0];
            *high = i16::from(byte >> 4) * scales[1];
        }
    }
}

/// Five bits a number. Both units, 12 bytes of scales, 32 of fifth bits, 128 of the others.
#[inline(always)]
pub(super) fn q5(block: &[u8; 176], stretch: &mut Stretch) {
    let Some((head, rest)) = block.split_first_chunk::<16>() else { return };
    let Some((fifths, rest)) = rest.split_first_chunk::<TURN>() else { return };
    let scales = scales(head, stretch);
    let pairs = stretch.integers.as_chunks_mut::<{ 2 * TURN }>().0.iter_mut();
    for (pair, ((integers, bytes), scales)) in
        pairs.zip(rest.as_chunks::<TURN>().0).zip(scales.as_chunks::<2>().0).enumerate()
    {
        let (low, high) = integers.split_at_mut(TURN);
        for (((low, high), byte), fifth) in low.iter_mut().zip(high).zip(bytes).zip(fifths) {
            let fifth = fifth >> (2 * pair);
            *low = i16::from(byte & 15 | (fifth & 1) << 4) * scales[0];
            *high = i16::from(byte >> 4 | (fifth & 2) << 3) * scales[1];
        }
    }
}

/// Six bits a number. 128 bytes of low bits, 64 of high ones, 16 scales, the unit.
#[inline(always)]
pub(super) fn q6(block: &[u8; 210], stretch: &mut Stretch) {
    let mut scales = [0; GROUPS];
    for (scale, byte) in scales.iter_mut().zip(&block[192..208]) {
        *scale = i16::from(byte.cast_signed());
    }
    for (turn, integers) in stretch.integers.as_chunks_mut::<TURN>().0.iter_mut().enumerate() {
        let (side, place) = (turn / 4, turn % 4);
        let low = &block[side * 64 + place % 2 * TURN..][..TURN];
        let high = &block[128 + side * TURN..][..TURN];
        let (shift_low, shift_high) = (place / 2 * 4, place * 2);
        for ((integer, low), high) in integers.iter_mut().zip(low).zip(high) {
            *integer = i16::from(low >> shift_low & 15 | (high >> shift_high & 3) << 4) - 32;
        }
    }
    scale(&mut stretch.integers, scales);
    stretch.scales = [half_at(block, 208); TURNS];
}
