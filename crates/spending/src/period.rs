//! Calendar periods in UTC, by which budgets begin anew.

use serde::Serialize;

const DAY: u64 = 86_400;
const WEEK: u64 = 7 * DAY;
/// The first Monday: 1 January 1970 was a Thursday.
const FIRST_MONDAY: u64 = 4 * DAY;

/// After which time a budget begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// Never.
    Total,
    /// At midnight.
    Day,
    /// On Monday at midnight.
    Week,
    /// On the first of the month at midnight.
    Month,
}

/// One period: from its start to before its end, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) starts_at: u64,
    pub(crate) ends_at: Option<u64>,
}

impl Period {
    /// The word for it: `total`, `day`, `week` or `month`.
    pub const fn word(self) -> &'static str {
        match self {
            Period::Total => "total",
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
        }
    }

    /// The period that `now` lies in, in seconds since 1970.
    pub(crate) fn window(self, now: u64) -> Window {
        let from = |starts_at, length| Window { starts_at, ends_at: Some(starts_at + length) };
        match self {
            Period::Total => Window { starts_at: 0, ends_at: None },
            Period::Day => from(now / DAY * DAY, DAY),
            // The days before the first Monday are a week of their own.
            Period::Week if now < FIRST_MONDAY => Window { starts_at: 0, ends_at: Some(FIRST_MONDAY) },
            Period::Week => from((now - FIRST_MONDAY) / WEEK * WEEK + FIRST_MONDAY, WEEK),
            Period::Month => month(now),
        }
    }
}

/// By the algorithm `civil_from_days` of Howard Hinnant ("chrono-Compatible Low-Level Date Algorithms"): there years begin
/// in March, so that the leap day is the last.
fn month(now: u64) -> Window {
    let day = now / DAY;
    let day_of_era = (day + 719_468) % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let first = (153 * month_from_march + 2) / 5;
    let starts_on = day - (day_of_year - first);
    let length = match month_from_march {
        11 => {
            // February, at the end of the year that began in March: the next calendar year says whether it is a leap year.
            let year = year_of_era + 1;
            if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) { 29 } else { 28 }
        }
        1 | 3 | 6 | 8 => 30,
        _ => 31,
    };
    Window { starts_at: starts_on * DAY, ends_at: Some((starts_on + length) * DAY) }
}

#[cfg(test)]
mod tests;
