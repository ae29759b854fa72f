//! Whole answers, and what they share with the events of a stream.

use super::block::{Blocks, read_all};
use super::own::{ABSENT, LONGEST, OWN};
use conversation::answer::{Answer, Finish, Part, Reason, Reply, Usage};
use conversation::extra::Extra;
use conversation::fault::Fault;
use conversation::ids;
use conversation::item::Item;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::json::{Number, elements};
use conversation::loss::{Losses, Written};
use conversation::object::Object;
use std::borrow::Cow;

/// Why an answer ends (`stopReason`). Of two words for one reason the first is written.
const REASONS: [(&str, Reason); 10] = [
    ("end_turn", Reason::Stop),
    ("tool_use", Reason::ToolCalls),
    ("max_tokens", Reason::Length),
    ("stop_sequence", Reason::StopSequence),
    ("content_filtered", Reason::ContentFilter),
    ("guardrail_intervened", Reason::ContentFilter),
    ("malformed_tool_use", Reason::MalformedCall),
    ("malformed_model_output", Reason::Failed),
    ("model_context_window_exceeded", Reason::ContextFull),
    ("refusal", Reason::Refusal),
];

pub(crate) fn read_answer(body: &str) -> Result<Answer, Fault> {
    let mut object = Object::read_leniently(body)?;
    let (mut answer, mut notes) = (Answer::default(), Extra::new(OWN));
    match object.object("output")? {
        Some(mut output) => {
            match output.object("message")? {
                Some(mut message) => {
                    read_role(&mut message, &mut notes);
                    match message.array("content")? {
                        Some(blocks) => answer.items = read_all(&message, blocks, "content")?,
                        None => notes.note("content", ABSENT),
                    }
                    notes.keep_inner("message", message.rest(OWN));
                }
                None => notes.note("message", ABSENT),
            }
            notes.keep_inner("output", output.rest(OWN));
        }
        None => notes.note("output", ABSENT),
    }
    answer.finish = read_finish(&mut object)?;
    answer.usage = object.object("usage")?.map(read_usage).transpose()?;
    notes.merge(object.rest(OWN));
    answer.extra = notes;
    Ok(answer)
}

/// Takes the role of an answer, which says nothing; another than `assistant` is left as unknown.
pub(super) fn read_role(message: &mut Object, notes: &mut Extra) {
    match message.peek_text("role").as_deref() {
        Some("assistant") => {
            message.raw("role");
        }
        _ => notes.note("role", ABSENT),
    }
}

/// Takes why the answer ends.
pub(super) fn read_finish(object: &mut Object) -> Result<Option<Finish>, Fault> {
    let Some(word) = object.text("stopReason")? else { return Ok(None) };
    let reason = REASONS.iter().find(|(known, _)| *known == word).map_or(Reason::Unknown, |(_, reason)| *reason);
    Ok(Some(Finish::told(reason, OWN, word)))
}

/// The service counts what it read from its cache, or put into it, beside the input.
pub(super) fn read_usage(mut object: Object) -> Result<Usage, Fault> {
    let (mut usage, mut notes) = (Usage::default(), Extra::new(OWN));
    let fresh = object.whole("inputTokens")?;
    usage.cache_read = object.whole("cacheReadInputTokens")?;
    usage.cache_write = object.whole("cacheWriteInputTokens")?;
    usage.output = object.whole("outputTokens")?;
    let cached = usage.cache_read.unwrap_or(0).saturating_add(usage.cache_write.unwrap_or(0));
    usage.input = fresh.map(|fresh| fresh.saturating_add(cached));
    if let Some(total) = object.value("totalTokens") {
        notes.note("totalTokens", total.as_str());
    } else {
        notes.note("totalTokens", ABSENT);
    }
    if let Some(details) = object.value("cacheDetails") {
        usage.cache_write_hour = hour(details.as_str());
        notes.note("cacheDetails", details.as_str());
    }
    notes.merge(object.rest(OWN));
    usage.extra = notes;
    Ok(usage)
}

/// Of what was put into the cache, what stays for an hour.
fn hour(details: &str) -> Option<u64> {
    elements(details)?.into_iter().find_map(|detail| {
        let mut detail = Object::read_leniently(detail).ok()?;
        (detail.text("ttl").ok()?? == "1h").then(|| detail.whole("inputTokens").ok()?)?
    })
}

/// The service names neither the answer nor the model nor the time in it, so that these are left out.
pub(crate) fn write_answer(answer: &Answer, reply: &Reply) -> Written {
    let (mut out, mut blocks) = (ObjectWriter::new(), Blocks::default());
    let noted = |name| answer.extra.noted(OWN, name);
    let mut content = ArrayWriter::new();
    let mut calls = 0;
    for item in &answer.items {
        if let Item::ToolCall(call) = item {
            calls += 1;
            if call.id.is_none() && !call.extra.is_from(OWN) {
                let mut call = call.clone();
                call.id = Some(ids::derived(&reply.id, calls - 1));
                blocks.add(&Item::ToolCall(call), &mut content);
                continue;
            }
        }
        blocks.add(item, &mut content);
    }
    let mut losses = std::mem::take(&mut blocks.losses);
    let (mut output, mut message) = (ObjectWriter::new(), ObjectWriter::new());
    if noted("role").is_none() {
        message.text("role", "assistant");
    }
    if noted("content").is_none() {
        message.array("content", content);
    }
    if let Some(inner) = answer.extra.inner(OWN, "message") {
        inner.write(OWN, "answer.message", &mut message, &mut losses);
    }
    if noted("message").is_none() {
        output.object("message", message);
    }
    if let Some(inner) = answer.extra.inner(OWN, "output") {
        inner.write(OWN, "answer.output", &mut output, &mut losses);
    }
    if noted("output").is_none() {
        out.object("output", output);
    }
    if let Some(finish) = &answer.finish {
        out.text("stopReason", &word(finish, &mut losses));
    }
    if let Some(usage) = &answer.usage {
        out.object("usage", write_usage(usage, &mut losses));
    }
    answer.extra.write(OWN, "answer", &mut out, &mut losses);
    Written { body: out.finish(), losses }
}

/// The id of a call in an answer that came from elsewhere.
pub(super) fn call_id<'a>(id: Option<&'a str>, own: bool, reply: &Reply, number: usize) -> Cow<'a, str> {
    match id {
        Some(id) if own => Cow::Borrowed(id),
        Some(id) => ids::fit(id, LONGEST),
        None => Cow::Owned(ids::derived(&reply.id, number)),
    }
}

pub(super) fn word<'a>(finish: &'a Finish, losses: &mut Losses) -> Cow<'a, str> {
    losses.add_if(finish.sequence.is_some(), "stop_sequence");
    if let Some(told) = finish.word(OWN) {
        return Cow::Borrowed(told);
    }
    let known = REASONS.iter().find(|(_, reason)| *reason == finish.reason);
    // A pause and what nobody knows are no reasons of the service.
    losses.add_if(known.is_none(), "finish");
    Cow::Borrowed(known.map_or("end_turn", |(word, _)| *word))
}

pub(super) fn write_usage(usage: &Usage, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    let cached = usage.cache_read.unwrap_or(0).saturating_add(usage.cache_write.unwrap_or(0));
    let numbers = [
        ("inputTokens", usage.input.map(|input| input.saturating_sub(cached))),
        ("outputTokens", usage.output),
        ("cacheReadInputTokens", usage.cache_read),
        ("cacheWriteInputTokens", usage.cache_write),
    ];
    for (name, number) in numbers {
        out.number_if(name, number.map(Number::from).as_ref());
    }
    match usage.extra.noted(OWN, "totalTokens") {
        Some(ABSENT | "null") => {}
        Some(raw) => {
            out.raw("totalTokens", raw);
        }
        None => {
            out.whole("totalTokens", usage.total());
        }
    }
    match (usage.extra.noted(OWN, "cacheDetails"), usage.cache_write_hour) {
        (Some(raw), _) if raw != "null" => {
            out.raw("cacheDetails", raw);
        }
        (None, Some(hour)) if hour > 0 => {
            let (mut list, mut detail) = (ArrayWriter::new(), ObjectWriter::new());
            detail.text("ttl", "1h").whole("inputTokens", hour);
            list.object(detail);
            out.array("cacheDetails", list);
        }
        _ => {}
    }
    usage.lose(&[Part::Reasoning, Part::AudioInput, Part::AudioOutput], losses);
    usage.extra.write(OWN, "usage", &mut out, losses);
    out
}

#[cfg(test)]
mod tests;
