//! Products with matrices that stay packed.
//!
//! Some rows are unpacked into a buffer that the first caches of a processor hold, multiplied with all inputs, and
//! forgotten. So memory sees the packed bytes once, however many inputs there are, and no copy of the weights is kept. Where
//! weights are small integers the inputs become integers too, of 16 bits with a scale for each 256 of them.

mod product;

use crate::half::from_half;
use crate::unpack::{GROUP, GROUPS, SHARED, STRETCH, Stretch, unpack};
use cards::Kind;
use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch, f32x8};
use std::ops::Range;
use std::sync::Arc;

/// What the largest input of a scale becomes.
const LARGEST: f32 = 32_767.0;
/// Adding this and taking it away again rounds to a whole number, which the low bits of the sum are too.
const ROUNDING: f32 = 12_582_912.0;
const LANES: usize = 8;
/// Sums that need not wait for each other.
const PARTS: usize = 2;
/// Rows that are unpacked and multiplied together, so that each input is read once for all of them.
const ROWS: usize = 4;

/// A matrix in a file: rows of weights, one after the other, a row for each output.
#[derive(Clone)]
pub(crate) struct Matrix {
    file: Arc<Vec<u8>>,
    start: usize,
    kind: Kind,
    inputs: usize,
    outputs: usize,
    /// The same on a graphics card, where it is there too.
    on_card: Option<Arc<cards::Matrix>>,
}

/// Rows of numbers that are multiplied with matrices.
pub(crate) struct Inputs {
    count: usize,
    width: usize,
    plain: Vec<f32>,
    /// The same as integers, for each row whole stretches, with zeros at the end.
    stretches: Vec<Rounded>,
}

/// Inputs as integers: `integers[i] * scale`.
#[derive(Clone)]
struct Rounded {
    integers: [i16; STRETCH],
    scale: f32,
    /// For each 16 of the integers, times the scale.
    sums: [f32; GROUPS],
}

impl Inputs {
    /// Takes `plain`, rows of `width` numbers. Unless `width` is a multiple of 32 only plain matrices can take them.
    pub(crate) fn new(plain: Vec<f32>, width: usize) -> Self {
        let count = plain.len() / width.max(1);
        let mut inputs = Self { count, width, plain, stretches: Vec::new() };
        if width.is_multiple_of(SHARED) {
            let empty = Rounded { integers: [0; STRETCH], scale: 0.0, sums: [0.0; GROUPS] };
            inputs.stretches = vec![empty; count * width.div_ceil(STRETCH)];
            let level = Level::new();
            dispatch!(level, simd => simd.vectorize(
                #[inline(always)]
                || inputs.round(),
            ));
        }
        inputs
    }

    #[inline(always)]
    fn round(&mut self) {
        let plain = self.plain.chunks_exact(self.width).flat_map(|row| row.chunks(STRETCH));
        for (plain, rounded) in plain.zip(&mut self.stretches) {
            // As bits numbers without a sign have the order that they have as numbers, and processors compare many at once.
            let largest = plain.iter().fold(0, |largest: u32, number| largest.max(number.to_bits() & (u32::MAX >> 1)));
            let largest = f32::from_bits(largest);
            let (scale, inverse) = if largest > 0.0 { (largest / LARGEST, LARGEST / largest) } else { (0.0, 0.0) };
            for (integer, number) in rounded.integers.iter_mut().zip(plain) {
                *integer = (number * inverse + ROUNDING).to_bits() as i16;
            }
            rounded.scale = scale;
            for (sum, group) in rounded.sums.iter_mut().zip(rounded.integers.as_chunks::<GROUP>().0) {
                *sum = group.iter().map(|integer| i32::from(*integer)).sum::<i32>() as f32 * scale;
            }
        }
    }

    /// How many rows there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The numbers as they came.
    pub(crate) fn plain(&self) -> &[f32] {
        &self.plain
    }
}

impl Matrix {
    /// The matrix at `start` of `file`; nothing unless it lies within and its rows are whole blocks.
    pub(crate) fn new(file: &Arc<Vec<u8>>, start: usize, kind: Kind, inputs: usize, outputs: usize) -> Option<Self> {
        let matrix = Self { file: Arc::clone(file), start, kind, inputs, outputs, on_card: None };
        let is_whole = inputs.is_multiple_of(kind.block()) && inputs > 0;
        let end = matrix.row_bytes().checked_mul(outputs)?.checked_add(start)?;
        (is_whole && end <= file.len()).then_some(matrix)
    }

    /// Some of its rows as a matrix; nothing where it has not as many.
    pub(crate) fn part(&self, rows: Range<usize>) -> Option<Self> {
        let start = self.start + self.row_bytes() * rows.start;
        (rows.start <= rows.end && rows.end <= self.outputs).then(|| Self {
            start,
            outputs: rows.len(),
            on_card: None,
            ..self.clone()
        })
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    /// Brings it to a card, where products with it are made from then on.
    pub(crate) fn upload(&mut self, card: &Arc<cards::Card>) -> Result<(), cards::Failure> {
        let bytes = &self.file[self.start..][..self.row_bytes() * self.outputs];
        self.on_card = Some(Arc::new(card.upload(self.kind, bytes, self.inputs, self.outputs)?));
        Ok(())
    }

    /// Forgets what is on a card.
    pub(crate) fn stay(&mut self) {
        self.on_card = None;
    }

    /// What is on a card.
    pub(crate) fn on_card(&self) -> Option<&cards::Matrix> {
        self.on_card.as_deref()
    }

    /// Saturates only where [`Self::new`] then refuses.
    fn row_bytes(&self) -> usize {
        (self.inputs / self.kind.block()).saturating_mul(self.kind.bytes())
    }

    #[inline(always)]
    fn row(&self, row: usize) -> &[u8] {
        &self.file[self.start + row * self.row_bytes()..][..self.row_bytes()]
    }

    /// The numbers of row `row`; zeros where there is no such row.
    pub(crate) fn unpack_row(&self, row: usize, numbers: &mut [f32]) {
        if row >= self.outputs {
            numbers.fill(0.0);
            return;
        }
        let mut stretch = Stretch::new();
        let packed = self.row(row).chunks(STRETCH / self.kind.block() * self.kind.bytes());
        for (packed, numbers) in packed.zip(numbers.chunks_mut(STRETCH)) {
            if self.kind.is_packed() {
                stretch.unpack(self.kind, packed);
                for (place, number) in numbers.iter_mut().enumerate() {
                    *number = f32::from(stretch.integers[place]) * stretch.scales[place / SHARED]
                        - stretch.offsets[place / GROUP];
                }
            } else {
                unpack_plain(self.kind, packed, numbers);
            }
        }
    }

    /// Each of the inputs times the rows `rows`: for each input as many numbers as there are rows.
    pub(crate) fn multiply(&self, rows: Range<usize>, inputs: &Inputs) -> Vec<f32> {
        let mut output = vec![0.0; rows.len() * inputs.count];
        let level = Level::new();
        dispatch!(level, simd => simd.vectorize(
            #[inline(always)]
            || self.multiply_with(simd, rows, inputs, &mut output),
        ));
        output
    }

    #[inline(always)]
    fn multiply_with<S: Simd>(&self, simd: S, rows: Range<usize>, inputs: &Inputs, output: &mut [f32]) {
        match (self.kind.is_packed(), self.kind.is_wide(), self.kind.has_offsets()) {
            (false, ..) => self.multiply_plain(simd, rows, inputs, output),
            (_, true, true) => self.multiply_packed::<S, true, true>(simd, rows, inputs, output),
            (_, true, false) => self.multiply_packed::<S, true, false>(simd, rows, inputs, output),
            (_, false, true) => self.multiply_packed::<S, false, true>(simd, rows, inputs, output),
            (_, false, false) => self.multiply_packed::<S, false, false>(simd, rows, inputs, output),
        }
    }

    #[inline(always)]
    fn multiply_packed<S: Simd, const WIDE: bool, const OFFSETS: bool>(
        &self,
        simd: S,
        rows: Range<usize>,
        inputs: &Inputs,
        output: &mut [f32],
    ) {
        let stretches = self.inputs.div_ceil(STRETCH);
        let mut unpacked = vec![Stretch::new(); ROWS * stretches];
        let (begin, count) = (rows.start, rows.len());
        for first in rows.step_by(ROWS) {
            let some = (begin + count - first).min(ROWS);
            for (row, unpacked) in (first..first + some).zip(unpacked.chunks_exact_mut(stretches)) {
                unpack(self.kind, self.row(row), unpacked);
            }
            // Rows that are missing at the end are those of before, and what comes of them is not kept.
            let output = &mut output[first - begin..];
            product::products::<S, WIDE, OFFSETS>(simd, &unpacked, &inputs.stretches, stretches, |row, input, sum| {
                if row < some {
                    output[input * count + row] = sum;
                }
            });
        }
    }

    #[inline(always)]
    fn multiply_plain<S: Simd>(&self, simd: S, rows: Range<usize>, inputs: &Inputs, output: &mut [f32]) {
        let mut buffer = [0.0; STRETCH];
        let count = rows.len();
        for (place, row) in rows.enumerate() {
            for (number, packed) in self.row(row).chunks(STRETCH * self.kind.bytes()).enumerate() {
                let width = (self.inputs - number * STRETCH).min(STRETCH);
                let weights = &mut buffer[..width];
                unpack_plain(self.kind, packed, weights);
                for input in 0..inputs.count {
                    let numbers = &inputs.plain[input * inputs.width + number * STRETCH..][..width];
                    output[input * count + place] += dot(simd, weights, numbers);
                }
            }
        }
    }
}

/// The sum of the products of two rows of the same length.
#[inline(always)]
pub(crate) fn dot<S: Simd>(simd: S, left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [f32x8::splat(simd, 0.0); PARTS];
    let (lefts, rights) = (left.chunks_exact(PARTS * LANES), right.chunks_exact(PARTS * LANES));
    let rest: f32 = lefts.remainder().iter().zip(rights.remainder()).map(|(left, right)| left * right).sum();
    for (left, right) in lefts.zip(rights) {
        for (part, sum) in sums.iter_mut().enumerate() {
            let left = f32x8::from_slice(simd, &left[part * LANES..][..LANES]);
            *sum = left.mul_add(f32x8::from_slice(simd, &right[part * LANES..][..LANES]), *sum);
        }
    }
    total(sums[0] + sums[1]) + rest
}

#[inline(always)]
fn total<S: Simd>(sums: f32x8<S>) -> f32 {
    let mut numbers = [0.0; LANES];
    sums.store_slice(&mut numbers);
    let [a, b, c, d, e, f, g, h] = numbers;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

#[inline(always)]
fn unpack_plain(kind: Kind, packed: &[u8], numbers: &mut [f32]) {
    match kind {
        Kind::F32 => {
            for (number, bytes) in numbers.iter_mut().zip(packed.chunks_exact(4)) {
                *number = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            }
        }
        Kind::F16 => {
            for (number, bytes) in numbers.iter_mut().zip(packed.chunks_exact(2)) {
                *number = from_half(u16::from_le_bytes([bytes[0], bytes[1]]));
            }
        }
        _ => {
            for (number, bytes) in numbers.iter_mut().zip(packed.chunks_exact(2)) {
                *number = f32::from_bits(u32::from(u16::from_le_bytes([bytes[0], bytes[1]])) << 16);
            }
        }
    }
}

#[cfg(test)]
mod tests;
