//! What requests need that are passed on: how much there is, for choices and budgets. Pure.

use super::media::{BYTES_OF_MEDIUM, MEDIUM};
use super::{BYTES_OF_TOKEN, Length, Needs};
use crate::dialect::Endpoint;
use crate::multipart::Form;
use mcp::raw;
use model::Units;

/// What a picture or a piece of sound takes as a rule, in tokens.
const USUAL_MEDIUM: u64 = 500;
/// What a picture takes at most that is made, in tokens: the largest of gpt-image-1 has 6,240, and each of three first sketches 100.
const PICTURE: u64 = 7_000;
/// How many tokens a character takes at most that is spoken: OpenAI has 1,250 in a minute, in which the slowest speech has 250
/// characters.
const SPOKEN: u64 = 5;
/// How many bytes a second of sound has as a rule, and at least: speech in MP3 has 64 kbit/s, and in Opus 6.
const SOUND: [u64; 2] = [8_000, 750];
/// How many bytes of sound a provider fetches at most where only its address is said, as Groq has it.
const FETCHED: u64 = 100 << 20;
/// How many documents are a unit of search at Cohere, and how many bytes of a long one are one of them at least (500 tokens).
const SEARCH: [u64; 2] = [100, 500];

/// What is asked with a body of JSON. Words in it mean nothing for the choice.
pub(super) fn needs(endpoint: Endpoint, body: &str) -> Needs {
    let bytes = body.len() as u64;
    let mut length = Length::default();
    raw::get(body, "max_tokens").into_iter().for_each(|value| length.said(value));
    let max_output = match endpoint {
        Endpoint::Completions => length.most(),
        _ => written(endpoint, bytes),
    };
    let beside = match endpoint {
        // Each document is read with the question, and one that is no text may be a picture.
        _ if endpoint.ranks() => {
            let question = raw::get(body, "query").unwrap_or_default().len() as u64;
            let documents = || raw::elements(raw::get(body, "documents").unwrap_or_default());
            let is_medium = |document: &&str| raw::members(document).any(|member| !member.is("text"));
            let media = documents().filter(is_medium).count() as u64;
            question.saturating_mul(documents().count() as u64).saturating_add(media.saturating_mul(MEDIUM))
        }
        // Pictures may stand here by their addresses.
        _ if endpoint.is_media() => {
            let pictures = raw::elements(raw::get(body, "images").unwrap_or_default()).count() as u64;
            pictures.saturating_add(u64::from(endpoint.takes_form()) * 2).saturating_mul(MEDIUM)
        }
        _ => 0,
    };
    let input_most = bytes.saturating_add(beside);
    Needs { input: bytes / BYTES_OF_TOKEN, input_most, max_output, ..Needs::default() }
}

/// What is asked with a form: its files are pictures or sound.
pub fn of_form(endpoint: Endpoint, form: &Form) -> Needs {
    let media = form.files.saturating_mul(MEDIUM).max(form.file_bytes / BYTES_OF_MEDIUM);
    Needs {
        input: (form.text_bytes / BYTES_OF_TOKEN).saturating_add(form.files.saturating_mul(USUAL_MEDIUM)),
        input_most: form.text_bytes.saturating_add(media),
        max_output: written(endpoint, form.text_bytes),
        ..Needs::default()
    }
}

/// How many tokens one answer has at most; nothing where that is the model's affair. `bytes` are those that are read.
fn written(endpoint: Endpoint, bytes: u64) -> Option<u64> {
    match endpoint {
        Endpoint::Speech => Some(bytes.saturating_mul(SPOKEN)),
        _ if endpoint.reads_sound() => None,
        _ if endpoint.is_media() => Some(PICTURE),
        _ => Some(0),
    }
}

/// About how much of other things than tokens is asked for, or how much at most. `answers` are wanted, and `files` the bytes of the
/// files of a form.
pub fn units(endpoint: Endpoint, body: &str, (answers, files): (u32, u64), most: bool) -> Units {
    let mut units = Units::default();
    let [usual, least] = SOUND;
    match endpoint {
        Endpoint::Speech => {
            let text = raw::get(body, "input").and_then(raw::text).unwrap_or_default();
            units.characters = text.chars().count() as u64;
        }
        Endpoint::Transcriptions | Endpoint::Translations => {
            let rate = if most { least } else { usual };
            // Where the sound stands in JSON it is base64, which is longer than what it stands for.
            let here = files > 0 || raw::get(body, "file").is_some();
            let bytes = if here { files.max(body.len() as u64) } else { FETCHED };
            units.milliseconds = bytes.saturating_mul(1_000).div_ceil(rate);
        }
        Endpoint::Rerank | Endpoint::RerankV2 => {
            let [together, long] = SEARCH;
            let documents = raw::elements(raw::get(body, "documents").unwrap_or_default()).count() as u64;
            let parts = if most { body.len() as u64 / long } else { 0 };
            units.searches = documents.saturating_add(parts).div_ceil(together);
        }
        _ if endpoint.is_media() => units.images = u64::from(answers),
        _ => {}
    }
    units
}

#[cfg(test)]
mod tests;
