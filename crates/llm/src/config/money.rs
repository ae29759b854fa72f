//! Amounts of money, as they are written: budgets and prices.

use base::Code;
use base::config::Section;
use model::{NanoDollars, SaidPrice, SaidRates, SaidTier, SaidUnits};
use spending::{Budget, Period};

/// The periods, as they are written behind an amount.
const PERIODS: [(&str, Period); 3] = [("day", Period::Day), ("week", Period::Week), ("month", Period::Month)];

/// Reads `budget: $20/month` of a section: what may be spent under `name`, in one period or, without one, ever.
pub fn budget(section: &mut Section<'_>, name: String) -> Option<Budget> {
    const KEY: &str = "budget";
    let text = section.text(KEY)?;
    let (amount, period) = match text.split_once('/') {
        None => (text.as_str(), Some(Period::Total)),
        Some((amount, word)) => {
            let word = word.trim();
            (amount, PERIODS.iter().find(|(known, _)| *known == word).map(|(_, period)| *period))
        }
    };
    let limit = amount.trim().parse::<NanoDollars>().ok();
    if let (Some(NanoDollars(limit)), Some(period)) = (limit, period) {
        return Some(Budget { name, limit, period });
    }
    let message = format!("`{}.{KEY}` is `{text}`, which is no amount of money", section.path());
    let next = "write `$20/month`, with `day`, `week` or `month`, or `$20` for all time".to_owned();
    section.problem(KEY, Code::ConfigInvalidValue, message, next);
    None
}

/// Reads `price: { input: 3, output: 15, … }` of a section, in dollars per million tokens.
pub(super) fn price(section: &mut Section<'_>) -> Option<SaidPrice> {
    let mut part = section.section("price")?;
    let rates = rates(&mut part);
    let request = amount(&mut part, "request");
    let mut unit = |key| amount(&mut part, key);
    let units = SaidUnits {
        image: unit("image"),
        second: unit("second"),
        characters: unit("characters"),
        web_search: unit("web_search"),
        web_searched: unit("web_searched"),
        file_search: unit("file_search"),
        code_session: unit("code_session"),
    };
    let long = part.section("long").map(|mut long| {
        let above = long.integer("above", 1..=i64::MAX).and_then(|above| u64::try_from(above).ok());
        let tier = SaidTier { above: above.unwrap_or(200_000), rates: self::rates(&mut long) };
        long.finish();
        tier
    });
    part.finish();
    Some(SaidPrice { rates, request, long, units })
}

fn rates(part: &mut Section<'_>) -> SaidRates {
    SaidRates {
        input: amount(part, "input"),
        output: amount(part, "output"),
        cache_read: amount(part, "cache_read"),
        cache_write: amount(part, "cache_write"),
        cache_write_hour: amount(part, "cache_write_hour"),
        audio_input: amount(part, "audio_input"),
        audio_output: amount(part, "audio_output"),
        reasoning: amount(part, "reasoning"),
    }
}

/// An amount in dollars; as a price of a million tokens, the same number in nano-dollars.
fn amount(part: &mut Section<'_>, key: &'static str) -> Option<u64> {
    let text = part.text(key)?;
    if let Ok(NanoDollars(amount)) = text.trim().parse() {
        return Some(amount);
    }
    let message = format!("`{}.{key}` is `{text}`, which is no amount of money", part.path());
    part.problem(key, Code::ConfigInvalidValue, message, "write dollars, such as `0.15`".to_owned());
    None
}
