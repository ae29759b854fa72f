//! What is charged by other measures than tokens: pictures, sound, characters, searches, tools that providers run.

use crate::money::NanoDollars;
use crate::price::{Price, UnitRates};

/// How much of them a call takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Pictures that are made.
    pub images: u64,
    /// Sound that is read, in milliseconds.
    pub milliseconds: u64,
    /// Characters that are spoken.
    pub characters: u64,
    /// Units of search of a model that ranks; none is one.
    pub searches: u64,
    /// Calls of tools that the provider runs itself.
    pub calls: ProviderCalls,
}

/// Calls of tools that the provider runs itself, as far as each is paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProviderCalls {
    /// Searches on the web.
    pub web_searches: u64,
    /// Searches in files that are with it.
    pub file_searches: u64,
    /// Containers in which it runs code.
    pub code_sessions: u64,
}

/// What they cost beside the tokens of the call: exact, and then rounded up to a whole nano-dollar.
///
/// The first unit of search is the call itself, which [`crate::cost`] has.
pub fn cost_of_units(price: &Price, units: &Units) -> NanoDollars {
    let UnitRates { image, second, characters, web_search, web_searched, file_search, code_session } = price.units;
    let product = |count: u64, rate: u64| u128::from(count) * u128::from(rate);
    let whole = product(units.images, image)
        .saturating_add(product(units.milliseconds, second).div_ceil(1_000))
        .saturating_add(product(units.characters, characters).div_ceil(1_000_000))
        .saturating_add(product(units.calls.web_searches, web_search))
        .saturating_add(product(units.calls.web_searches.min(1), web_searched))
        .saturating_add(product(units.calls.file_searches, file_search))
        .saturating_add(product(units.calls.code_sessions, code_session));
    NanoDollars::saturating(whole.saturating_add(product(units.searches.saturating_sub(1), price.request)))
}

#[cfg(test)]
mod tests;
