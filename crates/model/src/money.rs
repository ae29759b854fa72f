//! Amounts of money.

use crate::decimal;
use conversation::Fault;
use std::fmt::{Display, Formatter, Result as Written};
use std::str::FromStr;

/// Decimal places of a dollar that are kept.
const PLACES: u32 = 9;

/// An amount in billionths of a US dollar: at most some 18 billion dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NanoDollars(pub u64);

impl NanoDollars {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount.
    pub const MAX: Self = Self(u64::MAX);

    /// The sum, unless it is too large.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it is below nothing.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The sum, or the largest amount.
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or nothing.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The nearest amount that the 128 bits hold.
    pub(crate) fn saturating(amount: u128) -> Self {
        Self(u64::try_from(amount).unwrap_or(u64::MAX))
    }
}

impl Display for NanoDollars {
    /// `$12.50`, `$0.001234567`: at least two decimals, and as many as it takes.
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        let text = decimal::written(self.0, PLACES);
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let missing = match decimals {
            0 => ".00",
            1 => "0",
            _ => "",
        };
        write!(out, "${text}{missing}")
    }
}

impl FromStr for NanoDollars {
    type Err = Fault;

    /// Reads `$12.50`, `12.5` and `0.5`.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let number = text.strip_prefix('$').unwrap_or(text);
        match decimal::scaled(number, PLACES as usize) {
            Some((amount, true)) => Ok(Self(amount)),
            Some((_, false)) => Err(Fault::new(format!("{text:?} has more than {PLACES} decimals"))),
            None => Err(Fault::new(format!("{text:?} is no amount of dollars such as `$12.50` or `0.5`"))),
        }
    }
}

#[cfg(test)]
mod tests;
