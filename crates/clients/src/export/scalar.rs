//! How a value is written in YAML so that every reader takes it for what it is.

use base::config::Value;

/// Words that YAML 1.1 readers take for something else than a text.
const TAKEN: [&str; 14] =
    ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "nan", "inf", "undefined", "none"];

/// Ends of durations and sizes: after digits they make no number, and so need no quotes.
const UNITS: [&str; 8] = ["ms", "s", "m", "h", "KiB", "MiB", "GiB", "MB"];

/// A scalar, quoted where it must be.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::Null | Value::List(_) | Value::Map(_) => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Text(text) => text_scalar(text),
    }
}

/// A text, bare only where nothing about it is special in block or in flow.
pub(super) fn text_scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

fn is_plain(text: &str) -> bool {
    let fine = |character: char| character.is_ascii_alphanumeric() || "_-./@+=~^:".contains(character);
    let first = |character: char| character.is_ascii_alphabetic() || "_./".contains(character);
    let lower = text.to_ascii_lowercase();
    let number = lower
        .strip_prefix('.')
        .is_some_and(|rest| TAKEN.contains(&rest) || rest.starts_with(|c: char| c.is_ascii_digit()));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let quantity = UNITS.iter().any(|unit| text.strip_suffix(unit).is_some_and(digits));
    let word = text.starts_with(first)
        && text.chars().all(fine)
        && !text.ends_with(':')
        && !text.starts_with("...")
        && !number
        && !TAKEN.contains(&lower.as_str());
    quantity || word
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // Line breaks of YAML 1.1, the mark of byte order, and what a terminal would act on.
            '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            character if character.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(character))),
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests;
