//! Whether one prompt is better than another on the same cases: the exact sign-flip test.
//!
//! Were both alike, each difference would be as likely to have the other sign (Fisher, "The Design of Experiments", 1935,
//! section 21; Pitman 1937). The chance that signs by luck make a sum as large as the one seen is counted over all signs, or
//! for more than 20 cases over 20 000 drawn ones, the seen one among them, which keeps the test valid (Phipson and Smyth,
//! "Permutation p-values should never be zero", Stat. Appl. Genet. Mol. Biol. 9, 2010).

/// Up to so many differences all signs are tried.
const EXACT: usize = 20;

/// So many signs are drawn for more.
const DRAWN: u32 = 20_000;

/// What is said of differences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sign {
    /// Their mean.
    pub mean: f64,
    /// How likely a mean as large is by luck.
    pub chance: f64,
}

/// Tests whether `differences` are above zero.
pub fn test(differences: &[f64], seed: u64) -> Sign {
    let sum: f64 = differences.iter().sum();
    let mean = if differences.is_empty() { 0.0 } else { sum / differences.len() as f64 };
    // Those without a difference have no sign.
    let sizes: Vec<f64> = differences.iter().map(|one| one.abs()).filter(|one| *one > 0.0).collect();
    let as_large = |flipped: f64| flipped >= sum - 1e-9;
    let chance = if sizes.len() <= EXACT {
        let all = 1_u32 << sizes.len();
        let large = (0..all).filter(|signs| as_large(flipped(&sizes, |index| signs >> index & 1 == 1)));
        large.count() as f64 / f64::from(all)
    } else {
        let mut random = Random(seed);
        let large = (0..DRAWN).filter(|_| as_large(flipped(&sizes, |_| random.next() >> 63 == 1))).count();
        (large + 1) as f64 / f64::from(DRAWN + 1)
    };
    Sign { mean, chance }
}

fn flipped(sizes: &[f64], mut positive: impl FnMut(usize) -> bool) -> f64 {
    sizes.iter().enumerate().map(|(index, size)| if positive(index) { *size } else { -size }).sum()
}

/// Signs that are the same at each run: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests;
