//! What an answer took.
//!
//! `input_tokens` is only what was neither read from the cache nor put into it. In a stream `message_start` tells the
//! input, and `message_delta` the whole so far of what it names.

use super::{OWN, keep_object, keeps, write_object};
use conversation::answer::{Part, Usage};
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::object::Object;

/// The parts of the input, as far as they were told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Input {
    fresh: Option<u64>,
    read: Option<u64>,
    written: Option<u64>,
}

impl Input {
    /// Reads a `usage`. Parts of the input that it does not tell are those that were told before.
    pub(super) fn read(&mut self, mut object: Object) -> Usage {
        let mut whole = |name| object.whole(name).ok().flatten();
        self.fresh = whole("input_tokens").or(self.fresh);
        self.read = whole("cache_read_input_tokens").or(self.read);
        self.written = whole("cache_creation_input_tokens").or(self.written);
        let output = whole("output_tokens");
        let parts = [self.fresh, self.read, self.written];
        let input =
            parts.iter().any(Option::is_some).then(|| parts.iter().flatten().copied().fold(0, u64::saturating_add));
        let creation = object.raw("cache_creation");
        let hour = creation
            .and_then(|creation| Object::read_leniently(creation).ok())
            .and_then(|mut creation| creation.whole("ephemeral_1h_input_tokens").ok().flatten());
        let details = object.object("output_tokens_details").ok().flatten();
        let (reasoning, details) = match details {
            Some(mut details) => (details.whole("thinking_tokens").ok().flatten(), Some(details.rest(OWN))),
            None => (None, None),
        };
        let mut extra = object.rest(OWN);
        if self.fresh.is_some() {
            // A `null` later in a stream takes nothing back.
            extra.forget("input_tokens");
        }
        details.into_iter().for_each(|details| keep_object(&mut extra, "output_tokens_details", details));
        creation.into_iter().for_each(|creation| extra.note("cache_creation", creation));
        Usage {
            input,
            output,
            cache_read: self.read,
            cache_write: self.written,
            cache_write_hour: hour,
            reasoning,
            extra,
            ..Usage::default()
        }
    }
}

/// Writes a `usage`; SDKs want both sums in it.
pub(super) fn write(usage: Option<&Usage>, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    let nothing = Usage::default();
    let usage = usage.unwrap_or(&nothing);
    let cached = usage.cache_read.unwrap_or(0).saturating_add(usage.cache_write.unwrap_or(0));
    let own = usage.extra.is_from(OWN);
    let input = usage.input.map(|input| input.saturating_sub(cached)).filter(|_| !keeps(&usage.extra, "input_tokens"));
    let numbers = [
        ("input_tokens", input, true),
        ("cache_creation_input_tokens", usage.cache_write, false),
        ("cache_read_input_tokens", usage.cache_read, false),
        ("output_tokens", usage.output, true),
    ];
    for (name, number, always) in numbers {
        if let Some(number) = number.or((always && !own).then_some(0)) {
            out.whole(name, number);
        }
    }
    if let Some(creation) = usage.extra.noted(OWN, "cache_creation") {
        out.raw("cache_creation", creation);
    } else if let Some(hour) = usage.cache_write_hour {
        let mut creation = ObjectWriter::new();
        creation.whole("ephemeral_5m_input_tokens", usage.cache_write.unwrap_or(0).saturating_sub(hour));
        creation.whole("ephemeral_1h_input_tokens", hour);
        out.object("cache_creation", creation);
    }
    let mut details = ObjectWriter::new();
    usage.reasoning.into_iter().for_each(|tokens| {
        details.whole("thinking_tokens", tokens);
    });
    write_object(&usage.extra, "output_tokens_details", details, &mut out, losses);
    usage.lose(&[Part::AudioInput, Part::AudioOutput], losses);
    usage.extra.write(OWN, "usage", &mut out, losses);
    out
}

#[cfg(test)]
mod tests;
