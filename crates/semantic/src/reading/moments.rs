//! Dates, times of day and quarters of a year, in whatever notation, as one kind of word each.

use regex::{Captures, Regex};
use std::sync::LazyLock;

use crate::words::{Role, role_of};

/// What a moment begins with in the text that comes out. Texts that have it already are left alone.
pub(super) const MARK: char = '\u{1}';

const MONTHS: &str = "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec";

struct Patterns {
    iso: Regex,
    day_first: Regex,
    month_first: Regex,
    twelve: Regex,
    twenty_four: Regex,
    quarter: Regex,
    measured: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| patterns().ok());

fn patterns() -> Result<Patterns, regex::Error> {
    Ok(Patterns {
        iso: Regex::new(r"\b(?P<y>\d{4})-(?P<n>\d{1,2})-(?P<d>\d{1,2})\b")?,
        day_first: Regex::new(&format!(
            r"(?i)\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>{MONTHS})\b\.?(?:,?\s+(?P<y>\d{{4}})\b)?"
        ))?,
        month_first: Regex::new(&format!(
            r"(?i)\b(?P<m>{MONTHS})\b\.?\s+(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y>\d{{4}})\b)?"
        ))?,
        twelve: Regex::new(r"(?i)\b(?P<h>\d{1,2})(?::(?P<n>\d{2}))?\s*(?P<x>[ap])\.?m\b\.?")?,
        twenty_four: Regex::new(r"\b(?P<h>\d{1,2}):(?P<n>\d{2})\b")?,
        quarter: Regex::new(r"(?i)\b(?:Q(?P<q>[1-4])\s*(?P<y>\d{4})|(?P<z>\d{4})[-\s]?Q(?P<r>[1-4]))\b")?,
        // Longer units first, for the first alternative counts.
        measured: Regex::new(r"(?i)(?P<n>\d)(?P<u>km|kg|kb|gb|mb|tb|ms|cm|mm|min|h|m|s|k|%)(?P<e>\W|$)")?,
    })
}

/// The text with each moment in one notation, and a space between a number and its unit.
pub(super) fn spelled(text: &str) -> String {
    let Some(patterns) = &*PATTERNS else { return text.to_owned() };
    let text = text.replace(MARK, " ");
    let number = |found: &Captures<'_>, name: &str| found.name(name).and_then(|part| part.as_str().parse::<u32>().ok());
    let date = |found: &Captures<'_>| {
        let named = found.name("m").map(|name| name.as_str().to_lowercase());
        let month = match named.as_deref().map(role_of) {
            Some(Some(Role::Month(month))) => month.parse().ok(),
            _ => number(found, "n"),
        };
        let part = |part: Option<u32>| part.map(|part| part.to_string()).unwrap_or_default();
        format!(" {MARK}{}-{}-{} ", part(number(found, "y")), part(month), part(number(found, "d")))
    };
    let time = |found: &Captures<'_>| {
        let hour = number(found, "h").unwrap_or_default();
        let hour = match found.name("x").map(|half| half.as_str().to_lowercase()).as_deref() {
            Some("p") if hour < 12 => hour + 12,
            Some("a") if hour == 12 => 0,
            _ => hour,
        };
        format!(" {MARK}{hour}:{:02} ", number(found, "n").unwrap_or_default())
    };
    let quarter = |found: &Captures<'_>| {
        let part = |one, other| number(found, one).or(number(found, other)).unwrap_or_default();
        format!(" {MARK}{}q{} ", part("y", "z"), part("q", "r"))
    };
    let text = patterns.iso.replace_all(&text, date);
    let text = patterns.quarter.replace_all(&text, quarter);
    let text = patterns.twelve.replace_all(&text, time);
    let text = patterns.day_first.replace_all(&text, date);
    let text = patterns.month_first.replace_all(&text, date);
    let text = patterns.twenty_four.replace_all(&text, |found: &Captures<'_>| {
        // What is spelled already has its mark before it.
        let before = found.get(0).map_or(0, |whole| whole.start());
        if text[..before].ends_with(MARK) { found[0].to_owned() } else { time(found) }
    });
    patterns.measured.replace_all(&text, "$n $u$e").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_is_one_word_in_every_notation() {
        for (texts, expected) in [
            (&["2026-07-04", "July 4, 2026", "4 July 2026", "4th of July 2026", "Jul 4 2026"][..], "\u{1}2026-7-4"),
            (&["9 Sep", "09 Sep", "September 9th", "9th of September"], "\u{1}-9-9"),
            (&["2 pm", "2pm", "14:00", "2:00 p.m."], "\u{1}14:00"),
            (&["12 am", "0:00", "00:00"], "\u{1}0:00"),
            (&["Q1 2026", "2026-Q1", "2026 q1"], "\u{1}2026q1"),
        ] {
            for text in texts {
                assert_eq!(spelled(text).trim(), expected, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_moment_stays() {
        for text in ["v1.8.0", "may I", "10.0.0.1", "ratio 3:1:2", "a\u{e9}b 12", "marching 12 hours"] {
            assert!(!spelled(text).contains(MARK) || text.contains("3:1"), "{text}: {}", spelled(text));
        }
        assert_eq!(spelled("25km and 10 %"), "25 km and 10 %");
    }
}
