//! The types whose blocks have 256 numbers, with scales that are packed themselves.

use super::Stretch;
use crate::half::half_at;

/// Numbers that take turns in the bits of the same bytes.
const TURN: usize = 32;

/// Two bits a number. 16 bytes of scales (low) and offsets (high), 64 of numbers, both units.
#[inline(always)]
pub(super) fn q2(block: &[u8], stretch: &mut Stretch) {
    let (scale, offset) = (half_at(block, 80), half_at(block, 82));
    for (group, byte) in block[..16].iter().enumerate() {
        stretch.scales[group] = scale * f32::from(byte & 15);
        stretch.offsets[group] = offset * f32::from(byte >> 4);
    }
    for (turn, integers) in stretch.integers.chunks_exact_mut(TURN).enumerate() {
        let bytes = &block[16 + turn / 4 * TURN..][..TURN];
        let shift = turn % 4 * 2;
        for (integer, byte) in integers.iter_mut().zip(bytes) {
            *integer = i16::from(byte >> shift & 3);
        }
    }
}

/// Three bits a number. 32 bytes of high bits, 64 of low ones, 12 of scales, the unit.
#[inline(always)]
pub(super) fn q3(block: &[u8], stretch: &mut Stretch) {
    let unit = half_at(block, 108);
    let scales = &block[96..108];
    for group in 0..16 {
        let low = scales[group % 8] >> (group / 8 * 4) & 15;
        let high = scales[8 + group % 4] >> (group / 4 * 2) & 3;
        stretch.scales[group] = unit * (f32::from(low | high << 4) - 32.0);
        stretch.offsets[group] = 0.0;
    }
    for (turn, integers) in stretch.integers.chunks_exact_mut(TURN).enumerate() {
        let bytes = &block[32 + turn / 4 * TURN..][..TURN];
        let shift = turn % 4 * 2;
        for ((integer, byte), high) in integers.iter_mut().zip(bytes).zip(&block[..TURN]) {
            *integer = i16::from(byte >> shift & 3 | (high >> turn & 1) << 2) - 4;
        }
    }
}

/// The scales and offsets of 6 bits of the types of four and five bits, in 12 bytes, each for 32 numbers.
#[inline(always)]
fn scales(block: &[u8], stretch: &mut Stretch) {
    let (scale, offset) = (half_at(block, 0), half_at(block, 2));
    let packed = &block[4..16];
    for turn in 0..8 {
        let (times, less) = if turn < 4 {
            (packed[turn] & 63, packed[turn + 4] & 63)
        } else {
            (packed[turn + 4] & 15 | packed[turn - 4] >> 6 << 4, packed[turn + 4] >> 4 | packed[turn] >> 6 << 4)
        };
        for group in [2 * turn, 2 * turn + 1] {
            stretch.scales[group] = scale * f32::from(times);
            stretch.offsets[group] = offset * f32::from(less);
        }
    }
}

/// Four bits a number. Both units, 12 bytes of scales, 128 of numbers.
#[inline(always)]
pub(super) fn q4(block: &[u8], stretch: &mut Stretch) {
    scales(block, stretch);
    for (pair, integers) in stretch.integers.chunks_exact_mut(2 * TURN).enumerate() {
        let bytes = &block[16 + pair * TURN..][..TURN];
        let (low, high) = integers.split_at_mut(TURN);
        for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
            *low = i16::from(byte & 15);
            *high = i16::from(byte >> 4);
        }
    }
}

/// Five bits a number. Both units, 12 bytes of scales, 32 of fifth bits, 128 of the others.
#[inline(always)]
pub(super) fn q5(block: &[u8], stretch: &mut Stretch) {
    scales(block, stretch);
    let fifths = &block[16..48];
    for (pair, integers) in stretch.integers.chunks_exact_mut(2 * TURN).enumerate() {
        let bytes = &block[48 + pair * TURN..][..TURN];
        let (low, high) = integers.split_at_mut(TURN);
        for (((low, high), byte), fifth) in low.iter_mut().zip(high).zip(bytes).zip(fifths) {
            let fifth = fifth >> (2 * pair);
            *low = i16::from(byte & 15 | (fifth & 1) << 4);
            *high = i16::from(byte >> 4 | (fifth & 2) << 3);
        }
    }
}

/// Six bits a number. 128 bytes of low bits, 64 of high ones, 16 scales, the unit.
#[inline(always)]
pub(super) fn q6(block: &[u8], stretch: &mut Stretch) {
    let unit = half_at(block, 208);
    for (group, byte) in block[192..208].iter().enumerate() {
        stretch.scales[group] = unit * f32::from(byte.cast_signed());
        stretch.offsets[group] = 0.0;
    }
    for (turn, integers) in stretch.integers.chunks_exact_mut(TURN).enumerate() {
        let (side, place) = (turn / 4, turn % 4);
        let low = &block[side * 64 + place % 2 * TURN..][..TURN];
        let high = &block[128 + side * TURN..][..TURN];
        let (shift_low, shift_high) = (place / 2 * 4, place * 2);
        for ((integer, low), high) in integers.iter_mut().zip(low).zip(high) {
            *integer = i16::from(low >> shift_low & 15 | (high >> shift_high & 3) << 4) - 32;
        }
    }
}
