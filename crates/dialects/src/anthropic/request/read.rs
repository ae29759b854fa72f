//! Requests, read.

use super::super::block::{self, Place};
use super::super::{OWN, keep_object};
use super::{SYSTEM, thinking, tools};
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::Opaque;
use conversation::json::{self, Raw};
use conversation::object::Object;
use conversation::request::{Format, JsonSchema, Request, Role, Turn};

/// What is so without these: nobody misses them who is not told.
pub(super) const USUAL: &[(&str, &str)] = &[("service_tier", r#""auto""#)];

/// Reads a request. `max_tokens` may be missing: requests that only count tokens have none.
pub(in super::super) fn read(body: &str) -> Result<Request, Fault> {
    let mut object = Object::read(body)?;
    let mut request = Request { model: object.needed_text("model")?, ..Request::default() };
    let mut notes = Extra::new(OWN);
    request.turns.extend(read_system(&mut object)?);
    let messages = object.array("messages")?.ok_or_else(|| Fault::new("is missing").inside("messages"))?;
    for (number, message) in messages.into_iter().enumerate() {
        let turn = object.read_like(message).and_then(read_message).within_element("messages", number)?;
        request.turns.push(turn);
    }
    tools::read(&mut object, &mut request, &mut notes)?;
    request.max_tokens = object.number("max_tokens")?;
    let sampling = &mut request.sampling;
    sampling.temperature = object.number("temperature")?;
    sampling.top_p = object.number("top_p")?;
    sampling.top_k = object.number("top_k")?;
    request.stop = read_stop(&mut object, &mut notes)?;
    if let Some(stream) = object.flag("stream")? {
        request.stream = stream;
        // Clients of this dialect are always told the usage.
        request.stream_usage = stream;
        notes.note("stream", if stream { "true" } else { "false" });
    }
    if let Some(mut metadata) = object.object("metadata")? {
        request.user = metadata.text("user_id").within("metadata")?;
        keep_object(&mut notes, "metadata", metadata.rest(OWN));
    }
    read_output(&mut object, &mut request, &mut notes)?;
    object.take_usual(USUAL, &mut notes);
    let mut extra = object.rest(OWN);
    extra.merge(notes);
    request.extra = extra;
    Ok(request)
}

/// The system prompt as a turn.
fn read_system(object: &mut Object) -> Result<Option<Turn>, Fault> {
    let Some(content) = block::take_content(object, SYSTEM, Place::Message)? else { return Ok(None) };
    let mut extra = Extra::new(OWN);
    extra.note("place", SYSTEM);
    content.form.into_iter().for_each(|form| extra.note("content", form));
    Ok(Some(Turn { role: Role::System, items: content.items, extra }))
}

fn read_message(mut object: Object) -> Result<Turn, Fault> {
    let role = match object.needed_text("role")?.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        SYSTEM => Role::System,
        other => Role::Other(other.to_owned()),
    };
    let content = block::take_content(&mut object, "content", Place::Message)?;
    let content = content.ok_or_else(|| Fault::new("is missing").inside("content"))?;
    let mut extra = object.rest(OWN);
    content.form.into_iter().for_each(|form| extra.note("content", form));
    Ok(Turn { role, items: content.items, extra })
}

fn read_stop(object: &mut Object, notes: &mut Extra) -> Result<Vec<String>, Fault> {
    let Some(sequences) = object.array("stop_sequences")? else { return Ok(Vec::new()) };
    if sequences.is_empty() {
        notes.note("stop_sequences", "[]");
    }
    let read = |(number, sequence)| {
        json::text(sequence).ok_or_else(|| Fault::new("is no string")).within_element("stop_sequences", number)
    };
    sequences.into_iter().enumerate().map(read).collect()
}

/// Reads `thinking`, and `output_config` with what is said of effort and of the form. `output_format` is where the form
/// stood before there was `output_config`.
fn read_output(object: &mut Object, request: &mut Request, notes: &mut Extra) -> Result<(), Fault> {
    request.thinking = thinking::read(object)?;
    if let Some(mut config) = object.object("output_config")? {
        if let Some(effort) = config.text("effort").within("output_config")? {
            let thinking = request.thinking.get_or_insert_default();
            thinking.effort = Some(effort);
            thinking.extra.merge(Extra::new(OWN));
        }
        request.format = read_format(&mut config, "format").within("output_config")?;
        keep_object(notes, "output_config", config.rest(OWN));
    }
    if request.format.is_none() {
        request.format = read_format(object, "output_format")?;
        if request.format.is_some() {
            notes.note("format", "output_format");
        }
    }
    Ok(())
}

fn read_format(object: &mut Object, name: &str) -> Result<Option<Format>, Fault> {
    let Some(raw) = object.peek(name) else {
        object.raw(name);
        return Ok(None);
    };
    let Some(mut format) = object.object(name)? else { return Ok(None) };
    let kind = format.text("type").within(name)?.unwrap_or_default();
    if kind != "json_schema" {
        return Ok(Some(Format::Opaque(Opaque::new(OWN, format!("format.{kind}"), Raw::of_valid(raw)))));
    }
    let schema = format.value("schema");
    Ok(Some(Format::JsonSchema(JsonSchema { schema, extra: format.rest(OWN), ..JsonSchema::default() })))
}
