//! What a provider asks for, and what a call costs by that.

mod said;

pub use said::{SaidPrice, SaidRates, SaidTier, SaidUnits};

use crate::money::NanoDollars;
use conversation::Usage;

const MILLION: u128 = 1_000_000;

/// Prices of tokens, in nano-dollars per million tokens: three dollars per million are 3,000,000,000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// What was read and nothing below says otherwise.
    pub input: u64,
    /// What was written and nothing below says otherwise.
    pub output: u64,
    /// Read from the provider's cache. Where none is known such tokens cost as input: no provider asks for more.
    pub cache_read: Option<u64>,
    /// Put into the cache, for as long as is usual. Where none is known such tokens cost as input, as with all providers who
    /// do not ask for writing.
    pub cache_write: Option<u64>,
    /// Put into the cache for an hour. Where none is known: see [`Rates::hour`].
    pub cache_write_hour: Option<u64>,
    /// Sound that was read. Where none is known, as input.
    pub audio_input: Option<u64>,
    /// Sound that was made. Where none is known, as output.
    pub audio_output: Option<u64>,
    /// Thoughts. Where none is known, as output, of which they are a part.
    pub reasoning: Option<u64>,
}

impl Rates {
    fn read(&self) -> u64 {
        self.cache_read.unwrap_or(self.input)
    }

    fn write(&self) -> u64 {
        self.cache_write.unwrap_or(self.input)
    }

    /// Where writing into the cache has a price of its own, that for an hour is twice the input's, as Anthropic has it (the
    /// usual one is 1.25 times), and never below the usual one. Else it costs as input.
    fn hour(&self) -> u64 {
        let usual = |write: u64| write.max(self.input.saturating_mul(2));
        self.cache_write_hour.unwrap_or_else(|| self.cache_write.map_or(self.input, usual))
    }

    fn heard(&self) -> u64 {
        self.audio_input.unwrap_or(self.input)
    }

    fn spoken(&self) -> u64 {
        self.audio_output.unwrap_or(self.output)
    }

    fn thought(&self) -> u64 {
        self.reasoning.unwrap_or(self.output)
    }

    /// The most that a token of the input can cost.
    fn highest_input(&self) -> u64 {
        self.input.max(self.read()).max(self.write()).max(self.hour()).max(self.heard())
    }

    /// The most that a token of the output can cost.
    fn highest_output(&self) -> u64 {
        self.output.max(self.spoken()).max(self.thought())
    }
}

/// Prices for calls with a long input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// They hold for all tokens of a call, also of its output, as soon as its whole input is more than this many tokens.
    pub above: u64,
    /// The prices.
    pub rates: Rates,
}

/// Prices of other things than tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnitRates {
    /// A picture that is made, in nano-dollars.
    pub image: u64,
    /// A second of sound that is read, in nano-dollars.
    pub second: u64,
    /// Text that is spoken, in nano-dollars per million characters.
    pub characters: u64,
    /// A search on the web that the provider makes, in nano-dollars.
    pub web_search: u64,
    /// The same for all searches of a request together, where the provider does not count them one by one.
    pub web_searched: u64,
    /// A search in files that are with the provider, in nano-dollars.
    pub file_search: u64,
    /// A container in which the provider runs code, in nano-dollars.
    pub code_session: u64,
}

/// What a provider asks for a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Price {
    /// The prices of tokens.
    pub rates: Rates,
    /// What each call costs besides, in nano-dollars. Of models that rank, this is the price of a unit of search.
    pub request: u64,
    /// Other prices for long inputs, by ascending [`Tier::above`].
    pub tiers: Vec<Tier>,
    /// The prices of other things than tokens.
    pub units: UnitRates,
}

impl Price {
    /// The prices for a call whose whole input has this many tokens.
    pub fn rates(&self, input: u64) -> &Rates {
        self.tiers.iter().rev().find(|tier| input > tier.above).map_or(&self.rates, |tier| &tier.rates)
    }

    /// All prices that a call with at most this much input may have.
    fn reachable(&self, input: u64) -> impl Iterator<Item = &Rates> {
        let tiers = self.tiers.iter().filter(move |tier| input > tier.above);
        std::iter::once(&self.rates).chain(tiers.map(|tier| &tier.rates))
    }

    /// Whether nothing costs anything.
    pub fn is_free(&self) -> bool {
        let mut rates = self.reachable(u64::MAX);
        let nothing = self.request == 0 && self.units == UnitRates::default();
        nothing && rates.all(|rates| rates.highest_input() == 0 && rates.highest_output() == 0)
    }
}

/// What a call cost that took `usage`: exact, and then rounded up to a whole nano-dollar.
///
/// The parts of the input are counted in this order and never more than the whole: read from the cache, written into it for an
/// hour, otherwise written into it, sound, and the rest. So sound that was read from the cache counts as cached. Where the
/// whole was not said it is what was read from and put into the cache. Of the output: sound, thoughts, the rest.
pub fn cost(price: &Price, usage: &Usage) -> NanoDollars {
    let said = |number: Option<u64>| number.unwrap_or(0);
    let hour = said(usage.cache_write_hour);
    let write = said(usage.cache_write).max(hour);
    let input = usage.input.unwrap_or_else(|| said(usage.cache_read).saturating_add(write));
    let rates = price.rates(input);
    let read = [
        (said(usage.cache_read), rates.read()),
        (hour, rates.hour()),
        (write - hour, rates.write()),
        (said(usage.audio_input), rates.heard()),
    ];
    let output = usage.output.unwrap_or_else(|| said(usage.audio_output).saturating_add(said(usage.reasoning)));
    let written = [(said(usage.audio_output), rates.spoken()), (said(usage.reasoning), rates.thought())];
    sum(price.request, parts(input, &read, rates.input).saturating_add(parts(output, &written, rates.output)))
}

/// The most that a call can cost with at most these many tokens of input and output: [`cost`] of no usage within them is more.
pub fn most(price: &Price, input: u64, output: u64) -> NanoDollars {
    let of =
        |rates: &Rates| product(input, rates.highest_input()).saturating_add(product(output, rates.highest_output()));
    sum(price.request, price.reachable(input).map(of).max().unwrap_or(0))
}

/// What `whole` tokens cost of which some have prices of their own, in nano-dollars per million.
fn parts(whole: u64, own: &[(u64, u64)], rest: u64) -> u128 {
    let (mut left, mut sum) = (whole, 0_u128);
    for &(tokens, rate) in own {
        let tokens = tokens.min(left);
        left -= tokens;
        sum = sum.saturating_add(product(tokens, rate));
    }
    sum.saturating_add(product(left, rest))
}

fn product(tokens: u64, rate: u64) -> u128 {
    u128::from(tokens) * u128::from(rate)
}

fn sum(request: u64, tokens: u128) -> NanoDollars {
    NanoDollars::saturating(tokens.div_ceil(MILLION).saturating_add(u128::from(request)))
}

#[cfg(test)]
mod tests;
