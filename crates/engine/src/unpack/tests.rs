//! Each type against its definition, number by number.

use super::{GROUP, SHARED, STRETCH, Stretch};
use crate::half::half_at;
use crate::sampling::Chance;
use cards::Kind;

pub(crate) const PACKED: [Kind; 10] =
    [Kind::Q4_0, Kind::Q4_1, Kind::Q5_0, Kind::Q5_1, Kind::Q8_0, Kind::Q2K, Kind::Q3K, Kind::Q4K, Kind::Q5K, Kind::Q6K];

/// Where the units of a block lie, which must be numbers that are no infinities.
fn units(kind: Kind) -> &'static [usize] {
    match kind {
        Kind::Q4_0 | Kind::Q5_0 | Kind::Q8_0 => &[0],
        Kind::Q4_1 | Kind::Q5_1 | Kind::Q4K | Kind::Q5K => &[0, 2],
        Kind::Q2K => &[80, 82],
        Kind::Q3K => &[108],
        Kind::Q6K => &[208],
        Kind::F32 | Kind::F16 | Kind::Bf16 => &[],
    }
}

/// Blocks of chance.
pub(crate) fn random_blocks(kind: Kind, count: usize, seed: u64) -> Vec<u8> {
    let mut chance = Chance::new(seed);
    let mut bytes: Vec<u8> = (0..count * kind.bytes()).map(|_| (chance.share() * 256.0) as u8).collect();
    for block in bytes.chunks_exact_mut(kind.bytes()) {
        for unit in units(kind) {
            let half = crate::half::to_half(chance.share() * 0.1 - 0.03);
            block[*unit..unit + 2].copy_from_slice(&half.to_le_bytes());
        }
    }
    bytes
}

/// Scale and offset of 6 bits of the types of four and five bits.
fn six(packed: &[u8], turn: usize) -> (f32, f32) {
    let (scale, offset) = if turn < 4 {
        (packed[turn] & 63, packed[turn + 4] & 63)
    } else {
        ((packed[turn + 4] & 15) | ((packed[turn - 4] >> 6) << 4), (packed[turn + 4] >> 4) | ((packed[turn] >> 6) << 4))
    };
    (f32::from(scale), f32::from(offset))
}

/// Number `at` of a block.
pub(crate) fn naive(kind: Kind, block: &[u8], at: usize) -> f32 {
    let nibble = |bytes: &[u8]| if at < 16 { bytes[at] & 15 } else { bytes[at - 16] >> 4 };
    let unit = |place: usize| half_at(block, place);
    let fifth = |bytes: &[u8]| bytes[at / 8] >> (at % 8) & 1;
    match kind {
        Kind::Q4_0 => unit(0) * (f32::from(nibble(&block[2..])) - 8.0),
        Kind::Q4_1 => unit(0) * f32::from(nibble(&block[4..])) + unit(2),
        Kind::Q5_0 => unit(0) * (f32::from(nibble(&block[6..]) | fifth(&block[2..6]) << 4) - 16.0),
        Kind::Q5_1 => unit(0) * f32::from(nibble(&block[8..]) | fifth(&block[4..8]) << 4) + unit(2),
        Kind::Q8_0 => unit(0) * f32::from(block[2 + at].cast_signed()),
        Kind::Q2K => {
            let bits = block[16 + at / 128 * 32 + at % 32] >> (at % 128 / 32 * 2) & 3;
            let scale = block[at / 16];
            unit(80) * f32::from(scale & 15) * f32::from(bits) - unit(82) * f32::from(scale >> 4)
        }
        Kind::Q3K => {
            let low = block[32 + at / 128 * 32 + at % 32] >> (at % 128 / 32 * 2) & 3;
            let is_high = block[at % 32] >> (at / 32) & 1 == 1;
            let (group, scales) = (at / 16, &block[96..108]);
            let nibble = if group < 8 { scales[group] & 15 } else { scales[group - 8] >> 4 };
            let scale = nibble | (scales[8 + group % 4] >> (group / 4 * 2) & 3) << 4;
            let number = f32::from(low) - if is_high { 0.0 } else { 4.0 };
            unit(108) * (f32::from(scale) - 32.0) * number
        }
        Kind::Q4K | Kind::Q5K => {
            let (scale, offset) = six(&block[4..16], at / 32);
            let start = if kind == Kind::Q4K { 16 } else { 48 };
            let byte = block[start + at / 64 * 32 + at % 32];
            let nibble = if at % 64 < 32 { byte & 15 } else { byte >> 4 };
            let fifth = if kind == Kind::Q4K { 0 } else { block[16 + at % 32] >> (at / 32) & 1 };
            unit(0) * scale * f32::from(nibble | fifth << 4) - unit(2) * offset
        }
        Kind::Q6K => {
            let (side, place) = (at / 128, at % 128);
            let byte = block[side * 64 + place % 64];
            let low = if place < 64 { byte & 15 } else { byte >> 4 };
            let high = block[128 + side * 32 + place % 32] >> (place / 32 * 2) & 3;
            let scale = f32::from(block[192 + at / 16].cast_signed());
            unit(208) * scale * (f32::from(low | high << 4) - 32.0)
        }
        Kind::F32 | Kind::F16 | Kind::Bf16 => 0.0,
    }
}

#[test]
fn every_type_is_unpacked_as_it_is_defined() {
    for kind in PACKED {
        let blocks = random_blocks(kind, 4 * STRETCH / kind.block(), 11);
        let stretch_bytes = STRETCH / kind.block() * kind.bytes();
        let mut stretch = Stretch::new();
        for packed in blocks.chunks(stretch_bytes) {
            stretch.unpack(kind, packed);
            for at in 0..STRETCH {
                let block = &packed[at / kind.block() * kind.bytes()..];
                let expected = naive(kind, block, at % kind.block());
                let found = f32::from(stretch.integers[at]) * stretch.scales[at / SHARED] - stretch.offsets[at / GROUP];
                assert!((found - expected).abs() < 1e-4, "{kind:?} {at}: {found} {expected}");
                assert!(stretch.integers[at].unsigned_abs() <= 4_096, "{kind:?} {at}: products must fit");
            }
        }
    }
}
