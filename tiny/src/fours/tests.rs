use super::{BLOCK, BYTES, PART, pack};
use crate::quantized::whole;
use crate::random::Random;

/// As `dequantize_row_q4_K` of llama.cpp has it.
fn unpack(block: &[u8]) -> Vec<f32> {
    let half = |at: usize| whole(u16::from_le_bytes([block[at], block[at + 1]]));
    let scales = &block[4..16];
    let mut numbers = Vec::new();
    for part in 0..BLOCK / PART {
        let (factor, offset) = if part < 4 {
            (scales[part] & 63, scales[part + 4] & 63)
        } else {
            (scales[part + 4] & 15 | scales[part - 4] >> 6 << 4, scales[part + 4] >> 4 | scales[part] >> 6 << 4)
        };
        let bytes = &block[16 + part / 2 * PART..][..PART];
        numbers.extend(bytes.iter().map(|byte| {
            let number = if part % 2 == 0 { byte & 15 } else { byte >> 4 };
            half(0) * f32::from(factor) * f32::from(number) - half(2) * f32::from(offset)
        }));
    }
    numbers
}

#[test]
fn numbers_come_back_nearly() {
    let mut random = Random::new(5);
    let numbers: Vec<f32> = (0..2 * BLOCK).map(|_| random.normal()).collect();
    let bytes = pack(&numbers);
    assert_eq!(bytes.len(), 2 * BYTES);
    let back: Vec<f32> = bytes.chunks_exact(BYTES).flat_map(unpack).collect();
    let worst = numbers.iter().zip(&back).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
    assert!(worst < 0.35, "{worst}");
    assert!(unpack(&pack(&[0.0; BLOCK])).iter().all(|number| *number == 0.0));
}
