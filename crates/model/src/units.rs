//! What is charged by other measures than tokens: pictures, sound, characters, searches.

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
}

/// What they cost beside the tokens of the call: exact, and then rounded up to a whole nano-dollar.
///
/// The first unit of search is the call itself, which [`crate::cost`] has.
pub fn cost_of_units(price: &Price, units: &Units) -> NanoDollars {
    let UnitRates { image, second, characters } = price.units;
    let product = |count: u64, rate: u64| u128::from(count) * u128::from(rate);
    let whole = product(units.images, image)
        .saturating_add(product(units.milliseconds, second).div_ceil(1_000))
        .saturating_add(product(units.characters, characters).div_ceil(1_000_000));
    NanoDollars::saturating(whole.saturating_add(product(units.searches.saturating_sub(1), price.request)))
}

#[cfg(test)]
mod tests;
