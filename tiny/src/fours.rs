//! Numbers of 4 bits in blocks of 256, whose factors and offsets have 6 bits: the form that llama.cpp calls `Q4_K`.

use crate::quantized::{half, whole};

/// How many numbers a block has.
pub(crate) const BLOCK: usize = 256;
/// How many bytes.
pub(crate) const BYTES: usize = 144;
/// How many numbers share a factor and an offset.
const PART: usize = 32;
/// The largest factor or offset, in units of its block, and the largest number.
const MOST: f32 = 63.0;
const LARGEST: f32 = 15.0;

/// The bytes of numbers, a multiple of 256 of them.
pub(crate) fn pack(numbers: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    numbers.chunks_exact(BLOCK).for_each(|block| pack_block(block, &mut bytes));
    bytes
}

fn pack_block(numbers: &[f32], bytes: &mut Vec<u8>) {
    let parts: Vec<(f32, f32)> = numbers.chunks_exact(PART).map(factor_and_offset).collect();
    let unit = |of: fn(&(f32, f32)) -> f32| half(parts.iter().map(of).fold(0.0, f32::max) / MOST);
    let units = (unit(|part| part.0), unit(|part| part.1));
    let (scale, less) = (whole(units.0), whole(units.1));
    let packed = |part: &(f32, f32)| (steps(part.0, scale, MOST), steps(part.1, less, MOST));
    let packed: Vec<(u8, u8)> = parts.iter().map(packed).collect();
    bytes.extend(units.0.to_le_bytes());
    bytes.extend(units.1.to_le_bytes());
    bytes.extend((0..4).map(|part| packed[part].0 | packed[part + 4].0 >> 4 << 6));
    bytes.extend((0..4).map(|part| packed[part].1 | packed[part + 4].1 >> 4 << 6));
    bytes.extend((4..8).map(|part| packed[part].0 & 15 | packed[part].1 << 4));
    let number = |at: usize| {
        let (factor, offset) = packed[at / PART];
        steps(numbers[at] + less * f32::from(offset), scale * f32::from(factor), LARGEST)
    };
    for pair in 0..4 {
        let first = pair * 2 * PART;
        bytes.extend((first..first + PART).map(|at| number(at) | number(at + PART) << 4));
    }
}

/// What numbers are multiplied with and what is taken away from them, so that all become 0 to 15.
fn factor_and_offset(numbers: &[f32]) -> (f32, f32) {
    let least = numbers.iter().fold(0.0_f32, |least, number| least.min(*number));
    let most = numbers.iter().fold(0.0_f32, |most, number| most.max(*number));
    ((most - least) / LARGEST, -least)
}

/// How often `unit` goes into `number`, rounded.
fn steps(number: f32, unit: f32, most: f32) -> u8 {
    if unit > 0.0 { (number / unit).round().clamp(0.0, most) as u8 } else { 0 }
}

#[cfg(test)]
mod tests;
