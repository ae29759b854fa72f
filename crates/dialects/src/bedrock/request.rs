//! Requests as they are read.

mod tools;
mod write;

use super::block::{read_all, strings};
use super::own::{ABSENT, OWN};
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::json::Raw;
use conversation::object::Object;
use conversation::request::{Format, JsonSchema, Request, Role, Thinking, ThinkingMode, Turn};
pub(crate) use write::write_request;

/// The model and whether the answer is streamed stand in the path.
pub(crate) fn read_request(body: &str) -> Result<Request, Fault> {
    let mut object = Object::read(body)?;
    let (mut request, mut notes) = (Request::default(), Extra::new(OWN));
    if let Some(blocks) = object.array("system")? {
        if blocks.is_empty() {
            notes.note("system", "[]");
        } else {
            let items = read_all(&object, blocks, "system")?;
            request.turns.push(Turn { role: Role::System, items, extra: Extra::new(OWN) });
        }
    }
    match object.array("messages")? {
        Some(messages) => {
            for (number, element) in messages.into_iter().enumerate() {
                let turn = object.read_like(element).and_then(read_message).within_element("messages", number)?;
                request.turns.push(turn);
            }
        }
        None => notes.note("messages", ABSENT),
    }
    if let Some(config) = object.object("inferenceConfig")? {
        read_inference(config, &mut request, &mut notes).within("inferenceConfig")?;
    }
    if let Some(config) = object.object("toolConfig")? {
        tools::read(config, &mut request, &mut notes).within("toolConfig")?;
    }
    if object.peek("additionalModelRequestFields").is_some_and(|fields| fields.starts_with('{'))
        && let Some(fields) = object.object("additionalModelRequestFields")?
    {
        read_fields(fields, &mut request, &mut notes);
    }
    if object.peek("requestMetadata").is_some_and(|metadata| metadata.starts_with('{')) {
        request.metadata = object.value("requestMetadata");
    }
    if let Some(raw) = object.peek("outputConfig")
        && let Some((format, rest)) = read_format(raw)
    {
        notes.note("outputConfig", Raw::of_valid(raw).as_str());
        notes.keep_inner("outputConfig", rest);
        object.raw("outputConfig");
        request.format = Some(format);
    }
    notes.merge(object.rest(OWN));
    request.extra = notes;
    Ok(request)
}

fn read_message(mut object: Object) -> Result<Turn, Fault> {
    let word = object.needed_text("role")?;
    let role = match word.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => Role::Other(word),
    };
    let blocks = object.array("content")?.ok_or_else(|| Fault::new("is missing").inside("content"))?;
    let items = read_all(&object, blocks, "content")?;
    Ok(Turn { role, items, extra: object.rest(OWN) })
}

fn read_inference(mut config: Object, request: &mut Request, notes: &mut Extra) -> Result<(), Fault> {
    request.max_tokens = config.number("maxTokens")?;
    request.sampling.temperature = config.number("temperature")?;
    request.sampling.top_p = config.number("topP")?;
    if let Some(raw) = config.value("stopSequences") {
        let wrong = || Fault::new("is no array of strings").inside("stopSequences");
        request.stop = strings(&raw).ok_or_else(wrong)?;
        if request.stop.is_empty() {
            notes.note("stopSequences", "[]");
        }
    }
    notes.note("inferenceConfig", "{}");
    notes.keep_inner("inferenceConfig", config.rest(OWN));
    Ok(())
}

/// Reads what the model's own fields say that the model of all dialects knows: `thinking` and `top_k` of Anthropic's models.
fn read_fields(mut fields: Object, request: &mut Request, notes: &mut Extra) {
    let thinking = fields.peek("thinking").and_then(read_thinking);
    if thinking.is_some() {
        fields.raw("thinking");
        request.thinking = thinking;
    }
    if fields.peek("top_k").and_then(conversation::json::Number::parse).is_some() {
        request.sampling.top_k = fields.number("top_k").ok().flatten();
    }
    notes.note("additionalModelRequestFields", "{}");
    notes.keep_inner("additionalModelRequestFields", fields.rest(OWN));
}

fn read_thinking(raw: &str) -> Option<Thinking> {
    let mut object = Object::read_leniently(raw).ok()?;
    let mode = match object.text("type").ok()??.as_str() {
        "enabled" => ThinkingMode::On,
        "disabled" => ThinkingMode::Off,
        "adaptive" => ThinkingMode::Adaptive,
        other => ThinkingMode::Other(other.to_owned()),
    };
    let budget = object.number("budget_tokens").ok()?;
    let mut extra = object.rest(OWN);
    extra.note("thinking", Raw::of_valid(raw).as_str());
    Some(Thinking { mode: Some(mode), budget, extra, ..Thinking::default() })
}

/// The form of the answer, and what else was said. The service takes the schema as text.
fn read_format(raw: &str) -> Option<(Format, Extra)> {
    let mut config = Object::read_leniently(raw).ok()?;
    let mut format = config.object("textFormat").ok()??;
    if format.text("type").ok()?? != "json_schema" {
        return None;
    }
    let mut structure = format.object("structure").ok()??;
    let mut inner = structure.object("jsonSchema").ok()??;
    let schema = Raw::parse(&inner.text("schema").ok()??).ok()?;
    let (name, description) = (inner.text("name").ok()?, inner.text("description").ok()?);
    let mut rest = config.rest(OWN);
    [format.rest(OWN), structure.rest(OWN), inner.rest(OWN)].into_iter().for_each(|more| rest.merge(more));
    Some((Format::JsonSchema(JsonSchema { name, description, schema: Some(schema), ..JsonSchema::default() }), rest))
}
