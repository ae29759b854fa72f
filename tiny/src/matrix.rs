//! Products of matrices, and the few functions of numbers that the model needs.
//!
//! Each number is added up in one fixed order with the basic operations of IEEE 754 alone, so that every processor gets the
//! same bits.

use fearless_simd::{Level, dispatch};

/// How many rows and columns of the product are made at once: their sums stay in registers.
const ROWS: usize = 4;
const COLUMNS: usize = 16;

/// Numbers seen as a matrix.
#[derive(Clone, Copy)]
pub(crate) struct View<'values> {
    values: &'values [f32],
    /// How far apart two rows and two columns are.
    row: usize,
    column: usize,
}

impl<'values> View<'values> {
    /// Rows of `columns` numbers, one after the other.
    pub(crate) fn new(values: &'values [f32], columns: usize) -> Self {
        Self { values, row: columns, column: 1 }
    }

    /// Rows as columns.
    pub(crate) fn transposed(self) -> Self {
        Self { values: self.values, row: self.column, column: self.row }
    }

    fn at(&self, row: usize, column: usize) -> f32 {
        self.values[row * self.row + column * self.column]
    }
}

/// Adds `left` times `right` to `product`, whose rows have `columns` numbers, a multiple of 16; `inner` is the number of columns
/// of `left`, and of rows of `right`.
pub(crate) fn multiply(product: &mut [f32], left: View<'_>, right: View<'_>, columns: usize, inner: usize) {
    let panels: Vec<Vec<f32>> = (0..columns)
        .step_by(COLUMNS)
        .map(|first| {
            (0..inner).flat_map(|row| (first..first + COLUMNS).map(move |column| right.at(row, column))).collect()
        })
        .collect();
    // Wider registers do more at once of the same.
    dispatch!(Level::new(), _ => strips(product, left, &panels, columns, inner));
}

/// Adds the products of strips of rows with all `panels`, which are strips of columns.
#[inline(always)]
fn strips(product: &mut [f32], left: View<'_>, panels: &[Vec<f32>], columns: usize, inner: usize) {
    let rows = product.len() / columns;
    let mut block = vec![0.0; inner * ROWS];
    for (part, strip) in product.chunks_mut(columns * ROWS).enumerate() {
        let first = part * ROWS;
        let present = ROWS.min(rows - first);
        for (column, numbers) in block.chunks_exact_mut(ROWS).enumerate() {
            for (row, number) in numbers.iter_mut().take(present).enumerate() {
                *number = left.at(first + row, column);
            }
        }
        for (panel, column) in panels.iter().zip((0..columns).step_by(COLUMNS)) {
            let sums = tile(&block, panel);
            for (row, sums) in strip.chunks_exact_mut(columns).zip(sums) {
                for (number, sum) in row[column..column + COLUMNS].iter_mut().zip(sums) {
                    *number += sum;
                }
            }
        }
    }
}

/// The product of a strip of rows and a strip of columns.
#[inline(always)]
fn tile(left: &[f32], right: &[f32]) -> [[f32; COLUMNS]; ROWS] {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    let (left, _) = left.as_chunks::<ROWS>();
    let (right, _) = right.as_chunks::<COLUMNS>();
    for (left, right) in left.iter().zip(right) {
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                sums[row][column] += left[row] * right[column];
            }
        }
    }
    sums
}

/// The sum of the products of two rows, in eight sums that are put together at the end.
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let ((left, left_rest), (right, right_rest)) = (left.as_chunks::<8>(), right.as_chunks::<8>());
    for (left, right) in left.iter().zip(right) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    for ((sum, left), right) in sums.iter_mut().zip(left_rest).zip(right_rest) {
        *sum += left * right;
    }
    ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))
}

/// Adds `times` the row `from` to the row `to`.
pub(crate) fn add_scaled(to: &mut [f32], from: &[f32], times: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += times * from;
    }
}

/// The exponential function, to a few units of the last place. The one of the system has other bits on other systems.
pub(crate) fn exponential(value: f32) -> f32 {
    // Adding this rounds to a whole number, which then stands in the lowest bits.
    const ROUNDER: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let value = value.clamp(-87.0, 87.0);
    let shifted = value * std::f32::consts::LOG2_E + ROUNDER;
    let whole = shifted - ROUNDER;
    let rest = value - whole * LN_2_HIGH - whole * LN_2_LOW;
    // The series of Taylor, as far as it matters for numbers of at most half of ln 2.
    let mut sum = 1.0 / 5_040.0;
    for divisor in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0_f32] {
        sum = sum * rest + 1.0 / divisor;
    }
    let exponent = shifted.to_bits().wrapping_sub(ROUNDER.to_bits()).wrapping_add(127);
    sum * f32::from_bits(exponent << 23)
}

/// Makes probabilities of a row of scores.
pub(crate) fn softmax(row: &mut [f32]) {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in row.iter_mut() {
        *score = exponential(*score - most);
        sum += *score;
    }
    for score in row.iter_mut() {
        *score /= sum;
    }
}

/// The cosine and the sine of an angle of at most 1, by Taylor's series.
pub(crate) fn direction(angle: f64) -> (f64, f64) {
    let (mut cosine, mut sine, mut term) = (0.0, 0.0, 1.0);
    for power in 0..24 {
        match power % 4 {
            0 => cosine += term,
            1 => sine += term,
            2 => cosine -= term,
            _ => sine -= term,
        }
        term *= angle / f64::from(power + 1);
    }
    (cosine, sine)
}

#[cfg(test)]
mod tests;
