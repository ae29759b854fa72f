//! Rates and shares as people write them.

use base::Code;
use base::config::Section;
use resilience::bucket::Rate;
use std::time::Duration;

/// The highest rate that may be written.
const MOST: u32 = 1_000_000;
/// The highest rate of tokens.
const MOST_TOKENS: u32 = 1_000_000_000;

/// The rate that `text` stands for: `100/s`, `30/m`, `1000/h`, `5/d`. As many as in the whole time may come at once.
pub(super) fn rate_from_text(text: &str, most: u32) -> Option<Rate> {
    let (count, unit) = text.trim().split_once('/')?;
    let count: u32 = count.trim().parse().ok().filter(|count| (1..=most).contains(count))?;
    let seconds = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Rate { count, per: Duration::from_secs(seconds), burst: count })
}

/// A rate: `100/s`. Another text is a problem.
pub fn rate(section: &mut Section<'_>, key: &'static str) -> Option<Rate> {
    rate_up_to(section, key, MOST)
}

/// A rate of tokens, of which there may be more: `2000000/m`. Another text is a problem.
pub(super) fn rate_of_tokens(section: &mut Section<'_>, key: &'static str) -> Option<Rate> {
    rate_up_to(section, key, MOST_TOKENS)
}

fn rate_up_to(section: &mut Section<'_>, key: &'static str, most: u32) -> Option<Rate> {
    let text = section.text(key)?;
    let rate = rate_from_text(&text, most);
    if rate.is_none() {
        let message = format!("`{}.{key}` must be a rate, and another text stands there", section.path());
        let next = format!("write for example `{key}: 100/s` (or with m, h or d), up to {most}");
        section.problem(key, Code::ConfigInvalidValue, message, next);
    }
    rate
}

/// A share of a whole: `20%`.
pub fn share(section: &mut Section<'_>, key: &'static str) -> Option<f64> {
    let text = section.text(key)?;
    let number = text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let share = number.filter(|number| (0.0..=100.0).contains(number)).map(|number| number / 100.0);
    if share.is_none() {
        let message = format!("`{}.{key}` must be a share, and another text stands there", section.path());
        section.problem(key, Code::ConfigInvalidValue, message, format!("write for example `{key}: 5%`"));
    }
    share
}

/// The largest factor that may be written.
const LARGEST: f64 = 1000.0;

/// How many times as much: `8`, `2.5`.
pub(super) fn factor(section: &mut Section<'_>, key: &'static str) -> Option<f64> {
    let text = section.text(key)?;
    let factor = text.trim().parse::<f64>().ok().filter(|factor| (1.0..=LARGEST).contains(factor));
    if factor.is_none() {
        let message = format!("`{}.{key}` must be a number from 1 to {LARGEST}", section.path());
        section.problem(key, Code::ConfigInvalidValue, message, format!("write for example `{key}: 4`"));
    }
    factor
}
