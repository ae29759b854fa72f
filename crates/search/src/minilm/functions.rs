//! What a layer computes number by number, written so that a compiler makes vectors of it: no branches, no calls.

use numbers::{exponential, sum};

/// What the model adds to a variance before it divides by it.
const EPSILON: f32 = 1e-12;

/// The Gaussian error linear unit. The error function is formula 7.1.26 of Abramowitz and Stegun, "Handbook of
/// Mathematical Functions", which is off by at most 1.5e-7.
#[inline(always)]
pub(super) fn gelu(numbers: &mut [f32]) {
    for number in numbers {
        let at = (*number * std::f32::consts::FRAC_1_SQRT_2).abs();
        let share = 1.0 / (1.0 + 0.327_591_1 * at);
        let series = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6];
        let rest = series.into_iter().fold(0.0, |sum, factor| sum * share + factor) * share * exponential(-at * at);
        let error = (1.0 - rest).copysign(*number);
        *number *= 0.5 * (1.0 + error);
    }
}

/// Shares that add up to 1 and are in proportion to `e` to the power of `numbers`.
#[inline(always)]
pub(super) fn softmax(numbers: &mut [f32]) {
    let largest = numbers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for number in numbers.iter_mut() {
        *number = exponential(*number - largest);
    }
    let whole = sum(numbers, |number| number);
    for number in numbers {
        *number /= whole;
    }
}

/// Moves and scales `row` to mean 0 and variance 1, then by `factor` and `shift`.
#[inline(always)]
pub(super) fn normalise(row: &mut [f32], factor: &[f32], shift: &[f32]) {
    let mean = sum(row, |number| number) / row.len() as f32;
    let variance = sum(row, |number| (number - mean) * (number - mean)) / row.len() as f32;
    let scale = 1.0 / (variance + EPSILON).sqrt();
    for ((number, factor), shift) in row.iter_mut().zip(factor).zip(shift) {
        *number = (*number - mean) * scale * factor + shift;
    }
}

#[cfg(test)]
mod tests;
