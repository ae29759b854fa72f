//! A price of which an operator says some parts. Pure.

use super::{Price, Rates, Tier, UnitRates};

/// What is said of the prices of tokens, in nano-dollars per million.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SaidRates {
    /// See [`Rates::input`].
    pub input: Option<u64>,
    /// See [`Rates::output`].
    pub output: Option<u64>,
    /// See [`Rates::cache_read`].
    pub cache_read: Option<u64>,
    /// See [`Rates::cache_write`].
    pub cache_write: Option<u64>,
    /// See [`Rates::cache_write_hour`].
    pub cache_write_hour: Option<u64>,
    /// See [`Rates::audio_input`].
    pub audio_input: Option<u64>,
    /// See [`Rates::audio_output`].
    pub audio_output: Option<u64>,
    /// See [`Rates::reasoning`].
    pub reasoning: Option<u64>,
}

/// What is said of the prices of other things than tokens, in the measures of [`UnitRates`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SaidUnits {
    /// See [`UnitRates::image`].
    pub image: Option<u64>,
    /// See [`UnitRates::second`].
    pub second: Option<u64>,
    /// See [`UnitRates::characters`].
    pub characters: Option<u64>,
    /// See [`UnitRates::web_search`].
    pub web_search: Option<u64>,
    /// See [`UnitRates::web_searched`].
    pub web_searched: Option<u64>,
    /// See [`UnitRates::file_search`].
    pub file_search: Option<u64>,
    /// See [`UnitRates::code_session`].
    pub code_session: Option<u64>,
}

/// What is said of calls with a long input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaidTier {
    /// It holds for a whole input of more tokens than this.
    pub above: u64,
    /// The prices.
    pub rates: SaidRates,
}

/// What is said of a price. What is not said is what a table says, so that nothing becomes free by being left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SaidPrice {
    /// Of tokens, however long the input is.
    pub rates: SaidRates,
    /// Of each call.
    pub request: Option<u64>,
    /// Of tokens where the input is long, above all else that is said.
    pub long: Option<SaidTier>,
    /// Of other things than tokens.
    pub units: SaidUnits,
}

impl SaidRates {
    fn over(&self, rates: &Rates) -> Rates {
        Rates {
            input: self.input.unwrap_or(rates.input),
            output: self.output.unwrap_or(rates.output),
            cache_read: self.cache_read.or(rates.cache_read),
            cache_write: self.cache_write.or(rates.cache_write),
            cache_write_hour: self.cache_write_hour.or(rates.cache_write_hour),
            audio_input: self.audio_input.or(rates.audio_input),
            audio_output: self.audio_output.or(rates.audio_output),
            reasoning: self.reasoning.or(rates.reasoning),
        }
    }

    fn named(&self) -> [(&'static str, Option<u64>); 8] {
        [
            ("input", self.input),
            ("output", self.output),
            ("cache_read", self.cache_read),
            ("cache_write", self.cache_write),
            ("cache_write_hour", self.cache_write_hour),
            ("audio_input", self.audio_input),
            ("audio_output", self.audio_output),
            ("reasoning", self.reasoning),
        ]
    }
}

impl SaidUnits {
    fn over(&self, units: &UnitRates) -> UnitRates {
        UnitRates {
            image: self.image.unwrap_or(units.image),
            second: self.second.unwrap_or(units.second),
            characters: self.characters.unwrap_or(units.characters),
            web_search: self.web_search.unwrap_or(units.web_search),
            web_searched: self.web_searched.unwrap_or(units.web_searched),
            file_search: self.file_search.unwrap_or(units.file_search),
            code_session: self.code_session.unwrap_or(units.code_session),
        }
    }

    fn named(&self) -> [(&'static str, Option<u64>); 7] {
        [
            ("image", self.image),
            ("second", self.second),
            ("characters", self.characters),
            ("web_search", self.web_search),
            ("web_searched", self.web_searched),
            ("file_search", self.file_search),
            ("code_session", self.code_session),
        ]
    }
}

impl SaidPrice {
    /// The whole price, with what is said above `price`. Where it says that tokens cost nothing, neither in nor out, the rest of `price`
    /// does not hold either.
    pub fn over(&self, price: &Price) -> Price {
        let nothing = Price::default();
        let price = if self.rates.input == Some(0) && self.rates.output == Some(0) { &nothing } else { price };
        let over = |tier: &Tier| Tier { above: tier.above, rates: self.rates.over(&tier.rates) };
        let mut whole = Price {
            rates: self.rates.over(&price.rates),
            request: self.request.unwrap_or(price.request),
            tiers: price.tiers.iter().map(over).collect(),
            units: self.units.over(&price.units),
        };
        if let Some(long) = &self.long {
            whole.begin_tier(long.above);
            for tier in whole.tiers.iter_mut().filter(|tier| tier.above >= long.above) {
                tier.rates = long.rates.over(&tier.rates);
            }
        }
        whole
    }

    /// Whether it says what tokens cost, both in and out.
    pub fn prices_tokens(&self) -> bool {
        self.rates.input.is_some() && self.rates.output.is_some()
    }

    /// What it says, by name.
    pub fn names(&self) -> Vec<String> {
        let request = [("request", self.request), ("long", self.long.map(|long| long.above))];
        let named = self.rates.named().into_iter().chain(self.units.named()).chain(request);
        named.filter(|(_, said)| said.is_some()).map(|(name, _)| name.to_owned()).collect()
    }
}

impl Price {
    /// Makes a tier that begins at this length, with the prices that hold there, unless there is one.
    fn begin_tier(&mut self, above: u64) {
        let place = self.tiers.partition_point(|tier| tier.above < above);
        if self.tiers.get(place).is_none_or(|tier| tier.above != above) {
            let rates = *self.rates(above);
            self.tiers.insert(place, Tier { above, rates });
        }
    }
}

#[cfg(test)]
mod tests;
