//! What a request is expected to cost.

/// Prices of a model, in nano-dollars for a million tokens: three dollars are 3 000 000 000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// What is read.
    pub input: u64,
    /// What is said.
    pub output: u64,
    /// What is read from the provider's cache; as any input where nothing is said.
    pub cache_read: Option<u64>,
}

/// The tokens that the prices are for.
const MILLION: u128 = 1_000_000;

impl Rates {
    /// What `input` and `output` tokens cost, in nano-dollars, where this share of the input is found in the cache. A share
    /// that is no number counts as none.
    pub fn expected(&self, input: u64, output: u64, cached_share: f64) -> u64 {
        let share = if cached_share.is_finite() { cached_share.clamp(0.0, 1.0) } else { 0.0 };
        // A float becomes the nearest whole number that there is, so that this is never more than the input.
        let cached = ((input as f64 * share) as u64).min(input);
        let read = u128::from(input - cached) * u128::from(self.input);
        let found = u128::from(cached) * u128::from(self.cache_read.unwrap_or(self.input));
        let said = u128::from(output) * u128::from(self.output);
        let all = read.saturating_add(found).saturating_add(said) / MILLION;
        u64::try_from(all).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
