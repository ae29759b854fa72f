//! `usageMetadata`.

use super::OWN;
use super::spelling::{Members, Spelled};
use conversation::answer::{Part, Usage};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::json::{Number, elements};
use conversation::loss::Losses;
use conversation::object::Object;

const PROMPT: &str = "promptTokenCount";
const CANDIDATES: &str = "candidatesTokenCount";
const TOTAL: &str = "totalTokenCount";
const TOOLS: &str = "toolUsePromptTokenCount";
const THOUGHTS: &str = "thoughtsTokenCount";
const CACHED: &str = "cachedContentTokenCount";
const PROMPT_DETAILS: &str = "promptTokensDetails";
const CANDIDATES_DETAILS: &str = "candidatesTokensDetails";

/// What is understood. These are noted as they were written, so that sums and zeros come back.
const KNOWN: [&str; 10] = [
    PROMPT,
    CANDIDATES,
    TOTAL,
    TOOLS,
    THOUGHTS,
    CACHED,
    PROMPT_DETAILS,
    CANDIDATES_DETAILS,
    "cacheTokensDetails",
    "toolUsePromptTokensDetails",
];

/// Reads `usageMetadata`. Where a number is missing, that of an `earlier` event of the same stream holds.
pub(super) fn read(mut members: Members<'_>, earlier: Option<&Usage>) -> Usage {
    let before = |name: &str| earlier.and_then(|usage| usage.extra.noted(OWN, name)).map(str::to_owned);
    let known: Vec<(&str, Option<String>)> = KNOWN
        .into_iter()
        .map(|name| (name, members.value(name).map(|value| value.as_str().to_owned()).or_else(|| before(name))))
        .collect();
    let raw = |name: &str| known.iter().find(|(known, _)| *known == name).and_then(|(_, raw)| raw.as_deref());
    let count = |name: &str| raw(name).and_then(whole);
    let audio = |name: &str| raw(name).and_then(audio);
    let mut usage = Usage {
        input: sum(count(PROMPT), count(TOOLS)),
        output: sum(count(CANDIDATES), count(THOUGHTS)),
        cache_read: count(CACHED),
        reasoning: count(THOUGHTS),
        audio_input: audio(PROMPT_DETAILS),
        audio_output: audio(CANDIDATES_DETAILS),
        ..Usage::default()
    };
    usage.extra = members.rest();
    for (name, raw) in known.iter().filter_map(|(name, raw)| Some((name, raw.as_ref()?))) {
        usage.extra.forget(name);
        usage.extra.note(name, raw);
    }
    usage
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (None, None) => None,
        _ => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
    }
}

fn whole(raw: &str) -> Option<u64> {
    conversation::json::text(raw).map_or_else(|| Number::parse(raw), |text| Number::parse(&text))?.as_u64()
}

/// The sound in a list of tokens by modality.
fn audio(details: &str) -> Option<u64> {
    let of_audio = |detail: &str| {
        let detail = Object::read(detail).ok()?;
        (detail.peek_text("modality")? == "AUDIO").then(|| detail.peek("tokenCount").and_then(whole))?
    };
    elements(details)?.into_iter().find_map(of_audio)
}

/// Writes `usageMetadata`.
pub(super) fn write(usage: &Usage, losses: &mut Losses) -> String {
    let mut out = Spelled::new(Some(&usage.extra));
    if usage.extra.is_from(OWN) {
        for name in KNOWN {
            // A null is written again by itself.
            out.raw_if(name, usage.extra.noted(OWN, name).filter(|noted| *noted != "null"));
        }
        return out.finish("usage", losses);
    }
    let number = |number: Option<u64>| number.map(Number::from);
    let visible = usage.output.map(|output| output.saturating_sub(usage.reasoning.unwrap_or(0)));
    out.number_if(PROMPT, number(usage.input).as_ref());
    out.number_if(CANDIDATES, number(visible).as_ref());
    out.number_if(TOTAL, Some(&Number::from(usage.total())));
    out.number_if(THOUGHTS, number(usage.reasoning).as_ref());
    out.number_if(CACHED, number(usage.cache_read).as_ref());
    let sounds = [(PROMPT_DETAILS, usage.input, usage.audio_input), (CANDIDATES_DETAILS, visible, usage.audio_output)];
    for (name, all, audio) in sounds {
        let Some(audio) = audio.filter(|audio| *audio > 0) else { continue };
        let mut details = ArrayWriter::new();
        details.object(detail("TEXT", all.unwrap_or(0).saturating_sub(audio))).object(detail("AUDIO", audio));
        out.raw(name, &details.finish());
    }
    usage.lose(&[Part::CacheWrite, Part::CacheWriteHour], losses);
    out.finish("usage", losses)
}

fn detail(modality: &str, tokens: u64) -> ObjectWriter {
    let mut detail = ObjectWriter::new();
    detail.text("modality", modality).whole("tokenCount", tokens);
    detail
}

#[cfg(test)]
mod tests;
