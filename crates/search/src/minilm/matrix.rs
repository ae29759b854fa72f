//! Products with packed matrices.
//!
//! A matrix is unpacked a block at a time, into a buffer that the first cache of a processor holds, and each block is
//! multiplied with all rows before the next. So memory sees 4 bits a weight, however many rows there are, and no copy of
//! the weights is kept.

use fearless_simd::{Simd, SimdBase, SimdFloat, f32x16};
use numbers::from_half;

/// Outputs that are packed together.
const PANEL: usize = 32;
/// Inputs that share a scale.
const GROUP: usize = 32;
/// Inputs whose numbers share a word of 32 bits.
const IN_WORD: usize = 8;
const SCALES_BYTES: usize = PANEL * 2;
const GROUP_BYTES: usize = SCALES_BYTES + GROUP / IN_WORD * PANEL * 4;
/// Groups that are unpacked at once. It divides the number of groups of both widths of the model.
const BLOCK_GROUPS: usize = 6;
const BLOCK: usize = BLOCK_GROUPS * GROUP;
/// Rows that are multiplied at once, as many as fit into the registers of processors with 16 of 256 bits.
const ROWS: usize = 6;
/// Numbers in the vectors of the code.
const LANES: usize = 16;

/// A matrix with a bias.
pub(super) struct Matrix {
    packed: &'static [u8],
    inputs: usize,
    bias: Vec<f32>,
}

impl Matrix {
    /// How many bytes a matrix takes.
    pub(super) const fn bytes(inputs: usize, outputs: usize) -> usize {
        inputs / GROUP * GROUP_BYTES * (outputs / PANEL)
    }

    /// The matrix that is packed in `packed` and has as many outputs as `bias`.
    pub(super) fn new(packed: &'static [u8], inputs: usize, bias: Vec<f32>) -> Self {
        Self { packed, inputs, bias }
    }

    /// How many outputs a row has.
    pub(super) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Each row of `input` times the matrix, plus the bias, into the rows of `output`.
    #[inline(always)]
    pub(super) fn apply<S: Simd>(&self, simd: S, input: &[f32], output: &mut [f32]) {
        let outputs = self.outputs();
        for row in output.chunks_exact_mut(outputs) {
            row.copy_from_slice(&self.bias);
        }
        let mut weights = [0.0; BLOCK * PANEL];
        let panel_bytes = self.inputs / GROUP * GROUP_BYTES;
        for (panel, packed) in self.packed.chunks_exact(panel_bytes).enumerate() {
            for (block, packed) in packed.chunks_exact(BLOCK_GROUPS * GROUP_BYTES).enumerate() {
                unpack(packed, &mut weights);
                let place =
                    Place { inputs: self.inputs, first_input: block * BLOCK, outputs, first_output: panel * PANEL };
                simd.vectorize(
                    #[inline(always)]
                    || multiply(simd, &weights, &place, input, output),
                );
            }
        }
    }
}

/// Where a block of a matrix stands.
struct Place {
    inputs: usize,
    first_input: usize,
    outputs: usize,
    first_output: usize,
}

/// A block, each input's weights for all outputs of the panel one after the other.
#[inline(always)]
fn unpack(packed: &[u8], weights: &mut [f32; BLOCK * PANEL]) {
    for (group, weights) in packed.chunks_exact(GROUP_BYTES).zip(weights.chunks_exact_mut(GROUP * PANEL)) {
        let (packed_scales, words) = group.split_at(SCALES_BYTES);
        let mut scales = [0.0; PANEL];
        for (scale, bytes) in scales.iter_mut().zip(packed_scales.chunks_exact(2)) {
            *scale = from_half(u16::from_le_bytes([bytes[0], bytes[1]]));
        }
        for (bytes, weights) in words.chunks_exact(PANEL * 4).zip(weights.chunks_exact_mut(IN_WORD * PANEL)) {
            let mut bits = [0_u32; PANEL];
            for (bits, bytes) in bits.iter_mut().zip(bytes.chunks_exact(4)) {
                *bits = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            }
            for (input, weights) in weights.chunks_exact_mut(PANEL).enumerate() {
                for ((weight, bits), scale) in weights.iter_mut().zip(&bits).zip(&scales) {
                    let number = (bits >> (4 * input) & 15) as i32 - 8;
                    *weight = number as f32 * scale;
                }
            }
        }
    }
}

/// Adds what a block gives to all rows.
#[inline(always)]
fn multiply<S: Simd>(simd: S, weights: &[f32; BLOCK * PANEL], place: &Place, input: &[f32], output: &mut [f32]) {
    let mut inputs = input.chunks(ROWS * place.inputs);
    for output in output.chunks_mut(ROWS * place.outputs) {
        let Some(input) = inputs.next() else { return };
        match output.len() / place.outputs {
            6 => rows::<S, 6>(simd, weights, place, input, output),
            5 => rows::<S, 5>(simd, weights, place, input, output),
            4 => rows::<S, 4>(simd, weights, place, input, output),
            3 => rows::<S, 3>(simd, weights, place, input, output),
            2 => rows::<S, 2>(simd, weights, place, input, output),
            _ => rows::<S, 1>(simd, weights, place, input, output),
        }
    }
}

#[inline(always)]
fn rows<S: Simd, const N: usize>(
    simd: S,
    weights: &[f32; BLOCK * PANEL],
    place: &Place,
    input: &[f32],
    output: &mut [f32],
) {
    // Wide registers hold the sums of a whole panel, narrow ones of half of it.
    if S::f32s::LEN >= LANES {
        columns::<S, N, 2>(simd, weights, place, 0, input, output);
    } else {
        columns::<S, N, 1>(simd, weights, place, 0, input, output);
        columns::<S, N, 1>(simd, weights, place, LANES, input, output);
    }
}

/// Adds what a block gives to `N` rows and `C · 16` of its outputs from `first` on.
#[inline(always)]
fn columns<S: Simd, const N: usize, const C: usize>(
    simd: S,
    weights: &[f32; BLOCK * PANEL],
    place: &Place,
    first: usize,
    input: &[f32],
    output: &mut [f32],
) {
    let input: [&[f32]; N] = std::array::from_fn(|row| &input[row * place.inputs + place.first_input..][..BLOCK]);
    let start = |row: usize, column: usize| row * place.outputs + place.first_output + first + column * LANES;
    let mut sums: [[f32x16<S>; C]; N] = std::array::from_fn(|row| {
        std::array::from_fn(|column| f32x16::from_slice(simd, &output[start(row, column)..][..LANES]))
    });
    for (at, weights) in weights.chunks_exact(PANEL).enumerate() {
        let weights: [f32x16<S>; C] =
            std::array::from_fn(|column| f32x16::from_slice(simd, &weights[first + column * LANES..][..LANES]));
        for row in 0..N {
            let number = f32x16::splat(simd, input[row][at]);
            for column in 0..C {
                sums[row][column] = number.mul_add(weights[column], sums[row][column]);
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        for (column, sum) in sums.iter().enumerate() {
            sum.store_slice(&mut output[start(row, column)..][..LANES]);
        }
    }
}
