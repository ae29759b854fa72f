//! Random numbers that a seed decides: the same run twice is the same run.

/// SplitMix64, by Sebastiano Vigna. It spreads decisions and guards nothing.
#[derive(Debug, Clone)]
pub struct Seeded(u64);

impl Seeded {
    /// The sequence of one `purpose`: two purposes do not disturb each other's numbers, however often either draws.
    pub fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a joins the two.
        let joined = purpose
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut seeded = Self(joined);
        seeded.0 = seeded.draw();
        seeded
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`; 0 if that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.draw() % end.max(1)
    }

    /// From 0 to below 1.
    pub fn chance(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Seeded;

    #[test]
    fn a_seed_and_a_purpose_decide_the_sequence() {
        let first = |seed, purpose| Seeded::new(seed, purpose).draw();
        assert_eq!(first(1, "kills"), first(1, "kills"));
        assert_ne!(first(1, "kills"), first(2, "kills"));
        assert_ne!(first(1, "kills"), first(1, "calls"));
    }

    #[test]
    fn chances_are_spread_evenly() {
        let mut seeded = Seeded::new(7, "spread");
        let low = (0..10_000).filter(|_| seeded.chance() < 0.01).count();
        assert!((60..140).contains(&low), "{low}");
    }
}
