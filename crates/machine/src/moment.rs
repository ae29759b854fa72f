//! Moments as people write them.

use crate::fault::Fault;
use base::Code;
use serde_json::Value;

/// The last second that is taken: the end of the year 9999.
const LAST: f64 = 253_402_300_799.0;

/// A moment in milliseconds since 1970: seconds since then, or a text as of RFC 3339, section 5.6.
///
/// # Errors
/// It is neither.
pub fn of(value: &Value) -> Result<u64, Fault> {
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => read(text.trim()),
        _ => None,
    };
    let sound = seconds.filter(|seconds| (0.0..=LAST).contains(seconds));
    let wrong = || {
        let text: String = value.to_string().chars().take(80).collect();
        Fault::new(Code::WorkflowEvaluation, format!("`{text}` is no moment: write RFC 3339, or seconds since 1970"))
    };
    sound.map(|seconds| (seconds * 1000.0) as u64).ok_or_else(wrong)
}

/// The seconds since 1970 of `2027-01-31T12:00:00.5+02:00`.
fn read(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let (time, offset) = match time.strip_suffix(['Z', 'z']) {
        Some(time) => (time, 0),
        None => {
            let at = time.rfind(['+', '-'])?;
            let (time, offset) = time.split_at_checked(at)?;
            let [hours, minutes] = numbers(offset.get(1..)?, ':')?;
            let seconds = (hours * 60 + minutes) * 60;
            (time, if offset.starts_with('-') { -seconds } else { seconds })
        }
    };
    let [year, month, day] = numbers(date, '-')?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = numbers(clock, ':')?;
    let sound = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second)
        && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    let whole = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - offset;
    sound.then_some(whole as f64 + fraction)
}

fn numbers<const N: usize>(text: &str, between: char) -> Option<[i64; N]> {
    let found: Option<Vec<i64>> = text
        .split(between)
        .map(|part| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten())
        .collect();
    found?.try_into().ok()
}

/// Days since 1970-01-01 in the Gregorian calendar. The year begins in March, so that the day that some years have more is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    365 * year + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day - 1 - 719_468
}

#[cfg(test)]
mod tests;
