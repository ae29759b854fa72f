//! What a response took.

use super::{OWN, Object, rest};
use conversation::answer::{Part, Usage};
use conversation::fault::Fault;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;

/// Reads the usage.
///
/// # Errors
/// It is not as it should be.
pub(super) fn read(mut object: Object<'_>) -> Result<Usage, Fault> {
    let mut usage =
        Usage { input: object.whole("input_tokens")?, output: object.whole("output_tokens")?, ..Usage::default() };
    let (input, output) = (object.object("input_tokens_details")?, object.object("output_tokens_details")?);
    usage.extra = rest(object, &[("total_tokens", "")]);
    if let Some(mut details) = input {
        usage.cache_read = details.whole("cached_tokens")?;
        usage.cache_write = details.whole("cache_write_tokens")?;
        usage.audio_input = details.whole("audio_tokens")?;
        usage.extra.note("input_tokens_details", "object");
        usage.extra.keep_inner("input_tokens_details", details.rest(OWN));
    }
    if let Some(mut details) = output {
        usage.reasoning = details.whole("reasoning_tokens")?;
        usage.audio_output = details.whole("audio_tokens")?;
        usage.extra.note("output_tokens_details", "object");
        usage.extra.keep_inner("output_tokens_details", details.rest(OWN));
    }
    Ok(usage)
}

/// The usage. What others than this dialect's servers say gets the zeros that clients count on.
pub(super) fn write(usage: &Usage, losses: &mut Losses) -> ObjectWriter {
    let own = usage.extra.is_from(OWN);
    let zero = if own { None } else { Some(0) };
    let (mut out, mut input, mut output) = (ObjectWriter::new(), ObjectWriter::new(), ObjectWriter::new());
    whole_if(&mut input, "cached_tokens", usage.cache_read.or(zero));
    whole_if(&mut input, "cache_write_tokens", usage.cache_write.or(zero));
    whole_if(&mut input, "audio_tokens", usage.audio_input);
    whole_if(&mut output, "reasoning_tokens", usage.reasoning.or(zero));
    whole_if(&mut output, "audio_tokens", usage.audio_output);
    let sides = [("input_tokens_details", input), ("output_tokens_details", output)];
    whole_if(&mut out, "input_tokens", usage.input.or(zero));
    whole_if(&mut out, "output_tokens", usage.output.or(zero));
    for (name, mut details) in sides {
        if let Some(inner) = usage.extra.inner(OWN, name) {
            inner.write(OWN, name, &mut details, losses);
        }
        if !details.is_empty() || usage.extra.noted(OWN, name) == Some("object") {
            out.object(name, details);
        }
    }
    match usage.extra.noted(OWN, "total_tokens") {
        Some(total) => {
            out.raw("total_tokens", total);
        }
        None if own => {}
        None => {
            out.whole("total_tokens", usage.total());
        }
    }
    usage.lose(&[Part::CacheWriteHour], losses);
    usage.extra.write(OWN, "usage", &mut out, losses);
    out
}

fn whole_if(out: &mut ObjectWriter, name: &'static str, value: Option<u64>) {
    value.into_iter().for_each(|value| {
        out.whole(name, value);
    });
}
