//! Times of a schedule: `minute hour day month weekday`, in UTC.

use serde::{Deserialize, Serialize};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const WORDS: [(&str, &str); 6] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
];

/// A day, in seconds.
const DAY: u64 = 86_400;
/// How far is looked for the next time: the 29th of February is never further away.
const DAYS: u64 = 366 * 9;

/// Times that come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    written: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether a day counts that is in either of the two: both were written (as POSIX has it).
    either: bool,
}

impl TryFrom<String> for Cron {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> String {
        cron.written
    }
}

impl Cron {
    /// Reads five fields, or a word such as `@daily`.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let written = text.trim().to_owned();
        let long = WORDS.iter().find(|(word, _)| *word == written).map_or(written.as_str(), |(_, long)| long);
        if long.starts_with('@') {
            let known: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
            return Err(format!("`{}` is none of {}", crate::source::short(&written), known.join(", ")));
        }
        let fields: Vec<&str> = long.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(format!("it has {} fields instead of five: minute, hour, day, month, weekday", fields.len()));
        };
        let weekdays = field("weekday", weekday, 0, 7, &WEEKDAYS)?;
        let cron = Self {
            minutes: field("minute", minute, 0, 59, &[])?,
            hours: field("hour", hour, 0, 23, &[])?,
            days: field("day", day, 1, 31, &[])?,
            months: field("month", month, 1, 12, &MONTHS)?,
            // Sunday is 0 and 7.
            weekdays: (weekdays | weekdays >> 7) & 0x7f,
            either: !day.starts_with('*') && !weekday.starts_with('*'),
            written,
        };
        if cron.next_after(0).is_none() { Err("it never comes".to_owned()) } else { Ok(cron) }
    }

    /// The times as they were written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The first time after `seconds`, both in seconds since 1970 in UTC.
    pub fn next_after(&self, seconds: u64) -> Option<u64> {
        let first = (seconds / 60).checked_add(1)?.checked_mul(60)?;
        let today = first / DAY;
        (today..today.saturating_add(DAYS)).filter(|day| self.has_day(*day)).find_map(|day| {
            let from = if day == today { first % DAY / 60 } else { 0 };
            let minute =
                (from..DAY / 60).find(|minute| has(self.hours, minute / 60) && has(self.minutes, minute % 60))?;
            Some(day * DAY + minute * 60)
        })
    }

    fn has_day(&self, day: u64) -> bool {
        let (month, of_month) = civil(day);
        // 1970 began on a Thursday.
        let (by_month, by_week) = (has(self.days, of_month), has(self.weekdays, (day + 4) % 7));
        has(self.months, month) && if self.either { by_month || by_week } else { by_month && by_week }
    }
}

fn has(set: u64, value: u64) -> bool {
    value < 64 && set >> value & 1 == 1
}

fn field(what: &str, text: &str, least: u64, most: u64, names: &[&str]) -> Result<u64, String> {
    let wrong = || format!("the {what} `{}` is none from {least} to {most}", crate::source::short(text));
    let number = |text: &str| {
        let named = names.iter().position(|name| *name == text.to_ascii_lowercase());
        let named = named.and_then(|place| u64::try_from(place).ok()).map(|place| place + least);
        named.or_else(|| text.parse().ok()).filter(|value| (least..=most).contains(value))
    };
    let mut set = 0;
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step: u64 = step.map_or(Some(1), |step| step.parse().ok()).filter(|step| *step > 0).ok_or_else(wrong)?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((first, last)) => (number(first).ok_or_else(wrong)?, number(last).ok_or_else(wrong)?),
            None if part.contains('/') => (number(range).ok_or_else(wrong)?, most),
            None => {
                let one = number(range).ok_or_else(wrong)?;
                (one, one)
            }
        };
        let mut value = first;
        if first > last {
            return Err(wrong());
        }
        while value <= last {
            set |= 1 << value;
            value = value.saturating_add(step);
        }
    }
    Ok(set)
}

/// Month and day of the month of a day since 1970 (the algorithm of Howard Hinnant's `civil_from_days`).
fn civil(day: u64) -> (u64, u64) {
    let shifted = day + 719_468;
    let of_era = shifted % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    (if month < 10 { month + 3 } else { month - 9 }, of_month)
}

#[cfg(test)]
mod tests;
