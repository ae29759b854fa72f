//! Durations and sizes as people write them.

use std::time::Duration;

const KIBI: u64 = 1 << 10;
const MEBI: u64 = 1 << 20;
const GIBI: u64 = 1 << 30;

/// The duration that `text` stands for: `500ms`, `30s`, `5m`, `2h`, `1d`, with a fraction where wanted, or a bare
/// number of seconds.
pub fn duration_from_text(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" | "" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        "d" => number * 86_400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// The shortest text that [`duration_from_text`] reads as this duration, to the millisecond.
pub fn duration_text(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    match milliseconds {
        0 => "0s".to_owned(),
        _ if milliseconds.is_multiple_of(3_600_000) => format!("{}h", milliseconds / 3_600_000),
        _ if milliseconds.is_multiple_of(60_000) => format!("{}m", milliseconds / 60_000),
        _ if milliseconds.is_multiple_of(1000) => format!("{}s", milliseconds / 1000),
        _ => format!("{milliseconds}ms"),
    }
}

/// The number of bytes that `text` stands for: `64KiB`, `16MiB`, `1GiB`, `4KB`, `4MB`, `1GB`, `512B`, or a bare number.
pub fn size_from_text(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" => KIBI,
        "mib" => MEBI,
        "gib" => GIBI,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return None,
    };
    let bytes = number * factor as f64;
    // Above 2^53 a float no longer holds every whole number; no limit of ours is near it.
    (bytes.fract() == 0.0 && bytes < 9e15).then_some(bytes as u64)
}

/// The shortest text that [`size_from_text`] reads as this number of bytes.
pub fn size_text(bytes: u64) -> String {
    match bytes {
        0 => "0".to_owned(),
        _ if bytes.is_multiple_of(GIBI) => format!("{}GiB", bytes / GIBI),
        _ if bytes.is_multiple_of(MEBI) => format!("{}MiB", bytes / MEBI),
        _ if bytes.is_multiple_of(KIBI) => format!("{}KiB", bytes / KIBI),
        _ => format!("{bytes}B"),
    }
}

/// A number that is not negative, and the unit after it.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim_start()))
}

#[cfg(test)]
mod tests;
