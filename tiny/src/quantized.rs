//! Numbers of 8 bits in blocks of 32 with a common factor of 16 bits: the form that llama.cpp calls `Q8_0`.

/// How many numbers share a factor.
pub(crate) const BLOCK: usize = 32;

/// The bytes of numbers, a multiple of 32 of them.
pub(crate) fn pack(numbers: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for block in numbers.chunks_exact(BLOCK) {
        let most = block.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
        let factor = most / 127.0;
        bytes.extend(half(factor).to_le_bytes());
        let scale = if factor > 0.0 { 1.0 / factor } else { 0.0 };
        bytes.extend(block.iter().map(|number| (number * scale).round() as i8 as u8));
    }
    bytes
}

/// The numbers of such bytes.
pub(crate) fn unpack(bytes: &[u8]) -> Vec<f32> {
    let mut numbers = Vec::new();
    for block in bytes.chunks_exact(BLOCK + 2) {
        let factor = whole(u16::from_le_bytes([block[0], block[1]]));
        numbers.extend(block[2..].iter().map(|byte| f32::from(*byte as i8) * factor));
    }
    numbers
}

/// A number that is not negative, in 16 bits, rounded to the nearest, between two to the even one.
pub(crate) fn half(number: f32) -> u16 {
    /// The smallest number that 16 bits have with all digits, and the step between those below it.
    const SMALLEST: f32 = 6.103_515_6e-5;
    const STEP: f32 = 5.960_464_5e-8;
    if number < SMALLEST {
        return (number / STEP).round_ties_even() as u16;
    }
    let bits = number.to_bits();
    // Half of the last place that is kept, so that cutting rounds.
    let rounded = bits + 0xFFF + ((bits >> 13) & 1);
    ((rounded - (112 << 23)) >> 13).min(0x7C00) as u16
}

/// A number of 16 bits that is not negative.
pub(crate) fn whole(half: u16) -> f32 {
    const STEP: f32 = 5.960_464_5e-8;
    let (exponent, digits) = (u32::from(half >> 10), u32::from(half & 0x3FF));
    if exponent == 0 { digits as f32 * STEP } else { f32::from_bits((exponent + 112) << 23 | digits << 13) }
}

#[cfg(test)]
mod tests;
