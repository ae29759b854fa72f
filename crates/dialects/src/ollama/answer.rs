//! Whole answers, and what they share with the last line of a stream.

use super::message::{ABSENT, OWN, Saying, read_items};
use super::moment;
use conversation::answer::{Answer, Finish, Part, Reason, Reply, Usage};
use conversation::extra::Extra;
use conversation::fault::Fault;
use conversation::item::Item;
use conversation::json::Number;
use conversation::json::write::ObjectWriter;
use conversation::loss::{Losses, Written};
use conversation::object::Object;

/// What the server says of the time that it took, in nanoseconds.
const DURATIONS: [&str; 4] = ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"];

/// Why an answer ends. Beside `stop` and `length` the server says `load` and `unload` where nothing was asked; the words
/// below them are what other dialects tell apart, since clients take any word.
const REASONS: [(&str, Reason); 9] = [
    ("stop", Reason::Stop),
    ("length", Reason::Length),
    ("load", Reason::Stop),
    ("unload", Reason::Stop),
    ("content_filter", Reason::ContentFilter),
    ("refusal", Reason::Refusal),
    ("malformed_tool_call", Reason::MalformedCall),
    ("error", Reason::Failed),
    // The server says nothing where it is of an older version.
    ("", Reason::Stop),
];

pub(crate) fn read_answer(body: &str) -> Result<Answer, Fault> {
    let mut object = Object::read_leniently(body)?;
    let mut answer = Answer { model: object.text("model")?, ..Answer::default() };
    let mut notes = Extra::new(OWN);
    answer.created = read_moment(&mut object, &mut notes);
    match object.object("message")? {
        Some(mut message) => {
            read_role(&mut message, &mut notes);
            let mut inner = Extra::new(OWN);
            answer.items = read_items(&mut message, &mut inner)?;
            inner.merge(message.rest(OWN));
            notes.keep_inner("message", inner);
        }
        None => notes.note("message", ABSENT),
    }
    match object.flag("done")? {
        Some(true) => answer.finish = Some(read_finish(&mut object, &answer.items)?),
        Some(false) => notes.note("done", "false"),
        None => notes.note("done", ABSENT),
    }
    answer.usage = read_usage(&mut object)?;
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

/// Takes when the answer was made.
pub(super) fn read_moment(object: &mut Object, notes: &mut Extra) -> Option<Number> {
    let text = object.peek_text("created_at")?;
    let seconds = moment::seconds(&text)?;
    object.raw("created_at");
    notes.note("created_at", &text);
    Some(Number::from(seconds))
}

/// Takes why the answer ends. An answer that calls tools ends with `stop` as any other.
pub(super) fn read_finish(object: &mut Object, items: &[Item]) -> Result<Finish, Fault> {
    let says = object.peek("done_reason").is_some_and(|word| word != "\"\"");
    let word = if says { object.text("done_reason")?.unwrap_or_default() } else { String::new() };
    let reason = REASONS.iter().find(|(known, _)| *known == word).map_or(Reason::Unknown, |(_, reason)| *reason);
    let calls = items.iter().any(|item| matches!(item, Item::ToolCall(_)));
    let reason = if calls && matches!(word.as_str(), "stop" | "") { Reason::ToolCalls } else { reason };
    Ok(Finish::told(reason, OWN, word))
}

/// Takes what the answer took.
pub(super) fn read_usage(object: &mut Object) -> Result<Option<Usage>, Fault> {
    let (input, output) = (object.whole("prompt_eval_count")?, object.whole("eval_count")?);
    let mut usage = Usage { input, output, ..Usage::default() };
    let mut extra = Extra::new(OWN);
    for name in DURATIONS {
        if let Some(value) = object.value(name) {
            extra.keep(name, value);
        }
    }
    if input.is_none() && output.is_none() && extra.is_empty() {
        return Ok(None);
    }
    usage.extra = extra;
    Ok(Some(usage))
}

/// Ollama has no ids, so that of the answer is left out.
pub(crate) fn write_answer(answer: &Answer, reply: &Reply) -> Written {
    let (mut out, mut losses) = (ObjectWriter::new(), Losses::new());
    let model = answer.model.as_deref().unwrap_or(&reply.request.model);
    let noted = |name| answer.extra.noted(OWN, name);
    if !(answer.model.is_none() && answer.extra.is_from(OWN)) {
        out.text("model", model);
    }
    if let Some(moment) = written_moment(answer.created.as_ref(), &answer.extra, reply) {
        out.text("created_at", &moment);
    }
    if noted("message").is_none() || !answer.items.is_empty() {
        let (mut saying, mut message) = (Saying::default(), ObjectWriter::new());
        answer.items.iter().for_each(|item| saying.add(item, &mut losses));
        let none = Extra::default();
        let inner = answer.extra.inner(OWN, "message").unwrap_or(&none);
        if noted("role").is_none() {
            message.text("role", "assistant");
        }
        saying.write(inner, &mut message);
        inner.write(OWN, "answer.message", &mut message, &mut losses);
        out.object("message", message);
    }
    match noted("done") {
        Some(ABSENT | "null") => {}
        Some(_) => {
            out.flag("done", false);
        }
        None => {
            out.flag("done", true);
            write_end(answer.finish.as_ref(), answer.usage.as_ref(), &mut out, &mut losses);
        }
    }
    if noted("done").is_some()
        && let Some(usage) = &answer.usage
    {
        write_usage(usage, &mut out, &mut losses);
    }
    answer.extra.write(OWN, "answer", &mut out, &mut losses);
    Written { body: out.finish(), losses }
}

/// When the answer was made, as it is written: as it was told here, or made of the seconds. None where the server of this
/// dialect did not say.
pub(super) fn written_moment(created: Option<&Number>, extra: &Extra, reply: &Reply) -> Option<String> {
    let told = extra.noted(OWN, "created_at").filter(|told| *told != "null").map(str::to_owned);
    let made = || moment::text(created.and_then(Number::as_u64).unwrap_or(reply.created));
    told.or_else(|| (!extra.is_from(OWN)).then(made))
}

/// Why the answer ends and what it took.
pub(super) fn write_end(finish: Option<&Finish>, usage: Option<&Usage>, out: &mut ObjectWriter, losses: &mut Losses) {
    if let Some(finish) = finish {
        losses.add_if(finish.sequence.is_some(), "stop_sequence");
        losses.add_if(finish.reason == Reason::Pause && finish.word(OWN).is_none(), "answer.finish");
        match word(finish) {
            "" => {}
            word => {
                out.text("done_reason", word);
            }
        }
    }
    if let Some(usage) = usage {
        write_usage(usage, out, losses);
    }
}

fn write_usage(usage: &Usage, out: &mut ObjectWriter, losses: &mut Losses) {
    for (name, number) in [("prompt_eval_count", usage.input), ("eval_count", usage.output)] {
        out.number_if(name, number.map(Number::from).as_ref());
    }
    let cached = [Part::CacheRead, Part::CacheWrite, Part::CacheWriteHour];
    usage.lose(&cached, losses);
    usage.lose(&[Part::Reasoning, Part::AudioInput, Part::AudioOutput], losses);
    usage.extra.write(OWN, "usage", out, losses);
}

fn word(finish: &Finish) -> &str {
    let told = finish.told.as_ref().map(|(_, word)| word.as_str());
    match finish.reason {
        _ if finish.word(OWN).is_some() => told.unwrap_or_default(),
        Reason::Stop | Reason::StopSequence | Reason::ToolCalls | Reason::Pause => "stop",
        Reason::Length | Reason::ContextFull => "length",
        Reason::ContentFilter => "content_filter",
        Reason::Refusal => "refusal",
        Reason::MalformedCall => "malformed_tool_call",
        Reason::Failed => "error",
        Reason::Unknown => told.unwrap_or("stop"),
    }
}

#[cfg(test)]
mod tests;
