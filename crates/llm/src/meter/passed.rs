//! What answers of endpoints that are passed on say of what they took. Pure.

use super::{Numbers, keep, whole, within};
use dialects::Usage;
use mcp::raw;
use model::Units;

/// Reads an event or a whole answer.
pub(super) fn read(data: &str, usage: &mut Usage, units: &mut Units) {
    let [told, data_of, duration, meta] = raw::pick(data, ["usage", "data", "duration", "meta"]);
    if let Some(told) = told.filter(|told| raw::is_object(told)) {
        tokens(&Numbers::of(told), usage);
        // OpenAI: `{"type": "duration", "seconds": 9}`, where a model is paid by the second.
        units.milliseconds = milliseconds(raw::get(told, "seconds")).unwrap_or(units.milliseconds);
    }
    // Of transcripts that say it themselves (`verbose_json`).
    if units.milliseconds == 0 {
        units.milliseconds = milliseconds(duration).unwrap_or_default();
    }
    // Pictures stand in a list, and each by itself in a stream. Voyage has ranks there, and the price of none is for a picture.
    let listed = raw::elements(data_of.filter(|list| list.starts_with('[')).unwrap_or_default()).count() as u64;
    let ends = raw::get(data, "type").is_some_and(|kind| kind.ends_with(".completed\""));
    units.images = units.images.max(listed).saturating_add(u64::from(ends));
    // Cohere.
    if let Some(billed) = meta.and_then(|meta| raw::get(meta, "billed_units")) {
        let billed = &Numbers::of(billed);
        units.searches = whole(billed, "search_units").unwrap_or(units.searches);
        keep(&mut usage.input, whole(billed, "input_tokens"));
        keep(&mut usage.output, whole(billed, "output_tokens"));
    }
}

/// OpenAI names them as in Responses, with details in the singular for transcripts; others as in chats; Jina and Voyage say the sum alone.
fn tokens(told: &Numbers<'_>, usage: &mut Usage) {
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
