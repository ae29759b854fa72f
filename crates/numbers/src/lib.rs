//! What models are computed with, number by number, written so that a compiler makes vectors of it: no branches, no calls, sums
//! in lanes. Pure.
//!
//! All of it is inlined wherever it is used, so that it is compiled for the instructions that are used there.

/// Lanes of a sum: more than one, so that additions need not wait for each other.
const LANES: usize = 16;

/// `e` to the power of `number`, to about 7 digits; 0 and the largest number stand for what is beyond them.
#[inline(always)]
pub fn exponential(number: f32) -> f32 {
    // Adding this and taking it away again rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let number = number.clamp(-87.0, 88.0);
    let whole = (number * std::f32::consts::LOG2_E + ROUND) - ROUND;
    // The logarithm of 2 in two parts, so that nothing is lost in the difference.
    let rest = number - whole * 0.693_359_4 - whole * -2.121_944_4e-4;
    let series = [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
    let power = series.into_iter().fold(0.0, |sum, factor| sum * rest + factor);
    power * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

/// The sum of what `of` makes of the numbers.
#[inline(always)]
pub fn sum(numbers: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0; LANES];
    let chunks = numbers.chunks_exact(LANES);
    let rest: f32 = chunks.remainder().iter().map(|number| of(*number)).sum();
    for chunk in chunks {
        for (sum, number) in sums.iter_mut().zip(chunk) {
            *sum += of(*number);
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// The number that `bits` mean as IEEE 754 binary16. Infinities become large numbers, and so does what is no number.
#[inline(always)]
pub fn from_half(bits: u16) -> f32 {
    const STEP: f32 = 5.960_464_5e-8;
    let bits = u32::from(bits);
    let usual = ((bits & 0x7fff) << 13) + (112 << 23);
    // The smallest are counted in steps: as numbers of 32 bits of the same kind they would take a hundred times as long.
    let small = ((bits & 0x3ff) as f32 * STEP).to_bits();
    let size = if bits & 0x7c00 == 0 { small } else { usual };
    f32::from_bits(size | (bits & 0x8000) << 16)
}

/// The nearest binary16, the even one of two; the largest stands for what is beyond it.
#[inline(always)]
pub fn to_half(number: f32) -> u16 {
    let sign = (number.to_bits() >> 16) & 0x8000;
    let size = number.abs().min(65_504.0);
    // Adding a number of the right size rounds in place: what is below 2^-14 has steps of 2^-24, else 10 bits are kept.
    let rounded = if size < 6.103_515_6e-5 {
        (size + 0.5).to_bits() - 0.5_f32.to_bits()
    } else {
        let bits = size.to_bits();
        ((bits + 0xfff + ((bits >> 13) & 1)) >> 13) - (112 << 10)
    };
    (sign | rounded) as u16
}

#[cfg(test)]
mod tests;
