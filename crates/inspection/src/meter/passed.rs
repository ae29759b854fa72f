//! What answers of endpoints that are passed on say of what they took. Pure.

use super::{keep, whole, within};
use conversation::Usage;
use mcp::raw::{self, Object};
use model::Units;

/// Reads an event or a whole answer.
pub(super) fn read(data: &Object<'_>, usage: &mut Usage, units: &mut Units) {
    if let Some(told) = data.get("usage").filter(|told| raw::is_object(told)).and_then(Object::read) {
        tokens(&told, usage);
        // OpenAI: `{"type": "duration", "seconds": 9}`, where a model is paid by the second.
        units.milliseconds = milliseconds(told.get("seconds")).unwrap_or(units.milliseconds);
    }
    // Of transcripts that say it themselves (`verbose_json`).
    if units.milliseconds == 0 {
        units.milliseconds = milliseconds(data.get("duration")).unwrap_or_default();
    }
    // Pictures stand in a list, and each by itself in a stream. Voyage has ranks there, and the price of none is for a picture.
    let listed =
        raw::elements(data.get("data").filter(|list| list.starts_with('[')).unwrap_or_default()).count() as u64;
    let ends = data.get("type").is_some_and(|kind| kind.ends_with(".completed\""));
    units.images = units.images.max(listed).saturating_add(u64::from(ends));
    // Cohere.
    if let Some(billed) = data.at(&["meta", "billed_units"]).and_then(Object::read) {
        let billed = &billed;
        units.searches = whole(billed, "search_units").unwrap_or(units.searches);
        keep(&mut usage.input, whole(billed, "input_tokens"));
        keep(&mut usage.output, whole(billed, "output_tokens"));
    }
}

/// OpenAI names them as in Responses, with details in the singular for transcripts; others as in chats; Jina and Voyage say the sum alone.
fn tokens(told: &Object<'_>, usage: &mut Usage) {
    let any = |names: [&str; 2]| names.into_iter().find_map(|name| whole(told, name));
    let output = any(["output_tokens", "completion_tokens"]);
    let sum = || whole(told, "total_tokens").filter(|_| output.is_none());
    keep(&mut usage.input, any(["input_tokens", "prompt_tokens"]).or_else(sum));
    keep(&mut usage.output, output);
    let details = ["input_token_details", "input_tokens_details", "prompt_tokens_details"];
    let detail = |name: &str| details.iter().find_map(|details| within(told, details, name));
    keep(&mut usage.audio_input, detail("audio_tokens"));
    keep(&mut usage.cache_read, detail("cached_tokens"));
    let spoken = ["output_token_details", "output_tokens_details", "completion_tokens_details"];
    keep(&mut usage.audio_output, spoken.iter().find_map(|details| within(told, details, "audio_tokens")));
}

/// Seconds, as a number that may have a fraction. A day is more than anybody sends at once.
fn milliseconds(number: Option<&str>) -> Option<u64> {
    let seconds = number?.trim_matches('"').parse::<f64>().ok()?;
    let fits = seconds.is_finite() && (0.0..=86_400.0).contains(&seconds);
    fits.then(|| std::time::Duration::from_secs_f64(seconds).as_millis()).and_then(|time| u64::try_from(time).ok())
}

#[cfg(test)]
mod tests;
