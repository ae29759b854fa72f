//! Values on their way into a context.

use crate::decimal;
use crate::known::{Known, Source};
use crate::price::{Price, Rates};
use serde_json::{Map, Value};

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 200;
/// The longest template that is kept, in bytes.
const LONGEST_TEMPLATE: usize = 1 << 20;
/// Decimal places of dollars.
const PLACES: u32 = 9;

pub(super) fn of<T>(source: Source, value: Option<T>) -> Option<Known<T>> {
    value.map(|value| Known { value, source })
}

/// A name: the first line of `value`, without what terminals act on. None where that is empty.
pub(super) fn text(source: Source, value: &str) -> Option<Known<String>> {
    let line = value.trim().lines().next().unwrap_or_default();
    let plain: String = line.chars().filter(|character| !character.is_control()).take(LONGEST_NAME).collect();
    of(source, (!plain.is_empty()).then_some(plain))
}

/// A template, as it is.
pub(super) fn template(source: Source, value: &str) -> Option<Known<String>> {
    of(source, (!value.is_empty() && value.len() <= LONGEST_TEMPLATE).then(|| value.to_owned()))
}

impl From<Price> for Value {
    fn from(price: Price) -> Self {
        let mut object = rates(&price.rates);
        if price.request > 0 {
            object.insert("request".to_owned(), decimal::written(price.request, PLACES).into());
        }
        let units = price.units;
        let named = [
            ("image", units.image),
            ("second", units.second),
            ("characters", units.characters),
            ("web_search", units.web_search),
            ("web_searched", units.web_searched),
            ("file_search", units.file_search),
            ("code_session", units.code_session),
        ];
        for (name, rate) in named {
            if rate > 0 {
                object.insert(name.to_owned(), decimal::written(rate, PLACES).into());
            }
        }
        let tier = |tier: &crate::price::Tier| {
            let above = std::iter::once(("above".to_owned(), Value::from(tier.above)));
            Value::Object(above.chain(rates(&tier.rates)).collect())
        };
        if !price.tiers.is_empty() {
            object.insert("tiers".to_owned(), price.tiers.iter().map(tier).collect());
        }
        Value::Object(object)
    }
}

fn rates(rates: &Rates) -> Map<String, Value> {
    let all = [
        ("input", Some(rates.input)),
        ("output", Some(rates.output)),
        ("cache_read", rates.cache_read),
        ("cache_write", rates.cache_write),
        ("cache_write_hour", rates.cache_write_hour),
        ("audio_input", rates.audio_input),
        ("audio_output", rates.audio_output),
        ("reasoning", rates.reasoning),
    ];
    let said =
        all.into_iter().filter_map(|(name, rate)| Some((name.to_owned(), decimal::written(rate?, PLACES).into())));
    said.collect()
}
