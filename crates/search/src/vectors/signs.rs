//! The approximate index: the signs of a vector's numbers as a sketch of it.
//!
//! Two vectors of like direction have most signs in common, and counting them takes a bit a number where a product takes
//! eight. The best by this count are then compared in full. Coming and going of vectors needs no training and leaves no
//! holes, unlike with graphs and clusters.

use crate::vector::Vector;

/// As many are looked at in full for each that is wanted.
const CANDIDATES_FOR_ONE: usize = 40;

/// The sketches of all vectors.
#[derive(Debug)]
pub(super) struct Signs {
    /// Words of 64 bits for each vector.
    words: usize,
    bits: Vec<u64>,
}

impl Signs {
    /// The sketches of rows of `width` numbers.
    pub(super) fn of(width: usize, numbers: &[i8]) -> Self {
        let words = width.div_ceil(64).max(1);
        let bits = numbers.chunks_exact(width.max(1)).flat_map(sketch).collect();
        Self { words, bits }
    }

    /// The places whose sketches differ least from that of `question`: somewhat more than `count` times what is looked at
    /// for one.
    pub(super) fn nearest(&self, question: &Vector, count: usize, allowed: impl Fn(usize) -> bool) -> Vec<u32> {
        let question: Vec<u64> = sketch(question.numbers()).collect();
        let differences: Vec<u16> =
            self.bits.chunks_exact(self.words).map(|bits| difference(bits, &question)).collect();
        // There are few possible differences: counting how often each occurs says where to stop, without sorting.
        let mut often = vec![0_usize; self.words * 64 + 1];
        for (place, &difference) in differences.iter().enumerate() {
            if allowed(place) {
                often[usize::from(difference)] += 1;
            }
        }
        let wanted = count.saturating_mul(CANDIDATES_FOR_ONE);
        let mut sum = 0;
        let last = often.iter().position(|&number| {
            sum += number;
            sum >= wanted
        });
        let last = last.unwrap_or(self.words * 64) as u16;
        let near = differences.iter().enumerate().filter(|&(place, &difference)| difference <= last && allowed(place));
        near.map(|(place, _)| place as u32).collect()
    }
}

/// A bit for each number: whether it is negative.
fn sketch(numbers: &[i8]) -> impl Iterator<Item = u64> {
    numbers.chunks(64).map(|numbers| {
        numbers.iter().enumerate().fold(0, |bits, (place, number)| bits | u64::from(*number < 0) << place)
    })
}

fn difference(left: &[u64], right: &[u64]) -> u16 {
    left.iter().zip(right).map(|(left, right)| (left ^ right).count_ones() as u16).sum()
}
