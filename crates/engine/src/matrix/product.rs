//! Products of unpacked rows with rounded inputs, several of each at once, so that what is read serves more than once.

use super::{ROWS, Rounded};
use crate::unpack::{SHARED, STRETCH, Stretch};
use fearless_simd::{Simd, SimdBase, SimdFloat, SimdInt, SimdIntWiden, f32x16, i16x32, i32x16};

/// Bytes of registers of a processor that registers hold the sums of two inputs.
const WIDE: usize = 64;

/// Gives to `keep` the product of each row of `weights` with each of the inputs: row, input, product.
#[inline(always)]
pub(super) fn products<S: Simd, const IS_WIDE: bool, const OFFSETS: bool>(
    simd: S,
    weights: &[Stretch],
    inputs: &[Rounded],
    stretches: usize,
    mut keep: impl FnMut(usize, usize, f32),
) {
    let count = inputs.len() / stretches.max(1);
    let mut input = 0;
    if size_of::<S::f32s>() >= WIDE {
        while input + 2 <= count {
            let inputs = &inputs[input * stretches..][..2 * stretches];
            let sums = block::<S, 2, IS_WIDE, OFFSETS>(simd, weights, inputs, stretches);
            for (row, sums) in sums.into_iter().enumerate() {
                keep(row, input, total(simd, sums[0]));
                keep(row, input + 1, total(simd, sums[1]));
            }
            input += 2;
        }
    }
    while input < count {
        let inputs = &inputs[input * stretches..][..stretches];
        let sums = block::<S, 1, IS_WIDE, OFFSETS>(simd, weights, inputs, stretches);
        for (row, sums) in sums.into_iter().enumerate() {
            keep(row, input, total(simd, sums[0]));
        }
        input += 1;
    }
}

/// The products of some rows with some inputs, in parts that are to be added up.
#[inline(always)]
fn block<S: Simd, const INPUTS: usize, const IS_WIDE: bool, const OFFSETS: bool>(
    simd: S,
    weights: &[Stretch],
    inputs: &[Rounded],
    stretches: usize,
) -> [[f32x16<S>; INPUTS]; ROWS] {
    let zero = f32x16::splat(simd, 0.0);
    let mut totals = [[zero; INPUTS]; ROWS];
    for stretch in 0..stretches {
        let mut whole = [[i32x16::splat(simd, 0); INPUTS]; ROWS];
        let mut scaled = [[zero; INPUTS]; ROWS];
        for part in 0..STRETCH / SHARED {
            let mut numbers = [i16x32::splat(simd, 0); INPUTS];
            for input in 0..INPUTS {
                let integers = &inputs[input * stretches + stretch].integers;
                numbers[input] = i16x32::from_slice(simd, &integers[part * SHARED..][..SHARED]);
            }
            for row in 0..ROWS {
                let weights = &weights[row * stretches + stretch];
                let factors = i16x32::from_slice(simd, &weights.integers[part * SHARED..][..SHARED]);
                for input in 0..INPUTS {
                    let sum = factors.pairwise_dot_product(numbers[input]);
                    if IS_WIDE {
                        whole[row][input] += sum;
                    } else {
                        let scale = f32x16::splat(simd, weights.scales[part]);
                        scaled[row][input] = sum.to_float::<f32x16<S>>().mul_add(scale, scaled[row][input]);
                    }
                }
            }
        }
        for row in 0..ROWS {
            let weights = &weights[row * stretches + stretch];
            for input in 0..INPUTS {
                let inputs = &inputs[input * stretches + stretch];
                let total = totals[row][input];
                let mut total = if IS_WIDE {
                    let scale = f32x16::splat(simd, weights.scales[0] * inputs.scale);
                    whole[row][input].to_float::<f32x16<S>>().mul_add(scale, total)
                } else {
                    scaled[row][input].mul_add(f32x16::splat(simd, inputs.scale), total)
                };
                if OFFSETS {
                    let offsets = f32x16::from_slice(simd, &weights.offsets);
                    total -= offsets * f32x16::from_slice(simd, &inputs.sums);
                }
                totals[row][input] = total;
            }
        }
    }
    totals
}

#[inline(always)]
fn total<S: Simd>(simd: S, sums: f32x16<S>) -> f32 {
    let (low, high) = simd.split_f32x16(sums);
    super::total(low + high)
}
