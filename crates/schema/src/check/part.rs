//! The keywords about one value alone.

use super::{Verdict, not};
use base::config::nearest;
use regex::RegexBuilder;
use serde_json::{Map, Number, Value};

/// The largest that a pattern may be, compiled.
const PATTERN: usize = 256 << 10;

/// The longest text that is held against a pattern, in bytes.
const LONGEST: usize = 64 << 10;

/// What a schema says of a text.
pub(super) fn text(schema: &Value, text: &str, place: &str) -> Verdict {
    let has = |keyword| schema.get(keyword).is_some();
    let mut verdict = Verdict::Fits;
    if has("minLength") || has("maxLength") {
        verdict = count(schema, "minLength", "maxLength", text.chars().count(), place, "characters");
    }
    let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else { return verdict };
    let compiled = RegexBuilder::new(pattern).size_limit(PATTERN).build().ok().filter(|_| text.len() <= LONGEST);
    verdict.and(match compiled {
        // The dialect of JSON Schema has more than this one; what cannot be read is the server's to check.
        None => Verdict::Perhaps,
        Some(compiled) if compiled.is_match(text) => Verdict::Fits,
        Some(_) => not(place, format!("it does not have the form `{}`", crate::shorten(pattern))),
    })
}

/// What a schema says of a number.
pub(super) fn number(schema: &Value, number: &Number, place: &str) -> Verdict {
    let Some(value) = number.as_f64() else { return Verdict::Perhaps };
    let bound = |keyword| schema.get(keyword).and_then(Value::as_f64);
    let checks = [
        (bound("minimum").filter(|bound| value < *bound), "at least"),
        (bound("maximum").filter(|bound| value > *bound), "at most"),
        (bound("exclusiveMinimum").filter(|bound| value <= *bound), "more than"),
        (bound("exclusiveMaximum").filter(|bound| value >= *bound), "less than"),
    ];
    let broken = checks.into_iter().find_map(|(bound, words)| bound.map(|bound| (words, bound)));
    match broken {
        Some((words, bound)) => not(place, format!("it must be {words} {bound}, and is {number}")),
        None if schema.get("multipleOf").is_some() => Verdict::Perhaps,
        None => Verdict::Fits,
    }
}

/// What a schema says of how many there are of something.
pub(super) fn count(schema: &Value, least: &str, most: &str, count: usize, place: &str, what: &str) -> Verdict {
    let bound = |keyword| schema.get(keyword).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
    match (bound(least), bound(most)) {
        (Some(least), _) if count < least => not(place, format!("it has {count} {what}, and {least} are the fewest")),
        (_, Some(most)) if count > most => not(place, format!("it has {count} {what}, and {most} are the most")),
        _ => Verdict::Fits,
    }
}

/// What is said of a member that there may not be.
pub(super) fn unknown(key: &str, known: Option<&Map<String, Value>>) -> String {
    let names: Vec<&str> = known.iter().flat_map(|known| known.keys()).map(String::as_str).collect();
    match nearest(key, names.iter().copied()) {
        Some(near) => format!("there is no such argument; did you mean `{}`?", crate::shorten(near)),
        None if names.is_empty() => "there is no such argument, and none at all".to_owned(),
        None => {
            let names: Vec<String> = names.into_iter().take(12).map(crate::shorten).collect();
            format!("there is no such argument; there are {}", names.join(", "))
        }
    }
}
