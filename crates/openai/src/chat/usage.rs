//! What an answer took.

use super::OWN;
use conversation::answer::{Part, Usage};
use conversation::fault::Fault;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::object::Object;

/// Reads `usage`.
pub(super) fn read(raw: &str) -> Result<Usage, Fault> {
    let mut object = Object::read_leniently(raw)?;
    let (prompt, completion) = (object.whole("prompt_tokens")?, object.whole("completion_tokens")?);
    let total = object.whole("total_tokens")?;
    // DeepSeek and Moonshot say beside it what OpenAI says in the details.
    let hit = object.whole("prompt_cache_hit_tokens")?;
    object.whole("prompt_cache_miss_tokens")?;
    let cached = object.whole("cached_tokens")?;
    let mut usage = Usage { input: prompt, output: completion, cache_read: hit.or(cached), ..Usage::default() };
    if let Some(mut details) = object.object("prompt_tokens_details")? {
        usage.cache_read = details.whole("cached_tokens")?.or(usage.cache_read);
        usage.cache_write = details.whole("cache_write_tokens")?;
        usage.audio_input = details.whole("audio_tokens")?;
    }
    if let Some(mut details) = object.object("completion_tokens_details")? {
        usage.reasoning = details.whole("reasoning_tokens")?;
        usage.audio_output = details.whole("audio_tokens")?;
    }
    // Servers of xAI and Google count thoughts in the sum and not in the completion.
    let beside = total.zip(prompt.zip(completion)).and_then(|(total, (prompt, completion))| {
        total.checked_sub(prompt.saturating_add(completion)).filter(|beside| *beside > 0)
    });
    if let Some(beside) = beside.filter(|beside| usage.reasoning.is_none_or(|reasoning| reasoning == *beside)) {
        usage.output = usage.output.map(|output| output.saturating_add(beside));
        usage.reasoning = Some(beside);
    }
    usage.extra = object.rest(OWN);
    usage.extra.note("usage", raw);
    Ok(usage)
}

/// Writes `usage`.
pub(super) fn write(usage: &Usage, losses: &mut Losses) -> String {
    if let Some(raw) = usage.extra.noted(OWN, "usage") {
        return raw.to_owned();
    }
    let mut out = ObjectWriter::new();
    out.whole("prompt_tokens", usage.input.unwrap_or(0)).whole("completion_tokens", usage.output.unwrap_or(0));
    out.whole("total_tokens", usage.total());
    let mut prompt = ObjectWriter::new();
    prompt.whole("cached_tokens", usage.cache_read.unwrap_or(0));
    whole_if(&mut prompt, "cache_write_tokens", usage.cache_write);
    whole_if(&mut prompt, "audio_tokens", usage.audio_input);
    let mut completion = ObjectWriter::new();
    completion.whole("reasoning_tokens", usage.reasoning.unwrap_or(0));
    whole_if(&mut completion, "audio_tokens", usage.audio_output);
    out.object("prompt_tokens_details", prompt).object("completion_tokens_details", completion);
    usage.lose(&[Part::CacheWriteHour], losses);
    usage.extra.write(OWN, "usage", &mut out, losses);
    out.finish()
}

fn whole_if(out: &mut ObjectWriter, name: &'static str, value: Option<u64>) {
    value.into_iter().for_each(|value| {
        out.whole(name, value);
    });
}
