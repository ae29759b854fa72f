//! Requests.

mod write;

use super::message::{ABSENT, OWN, read_content, read_items};
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{Item, Opaque, ToolResult};
use conversation::json::{Raw, text};
use conversation::object::Object;
use conversation::request::{Format, Function, JsonSchema, Request, Role, Thinking, ThinkingMode, Tool, Turn};
pub(crate) use write::write_request;

/// Ollama streams unless it is told not to. What has no counterpart, such as `keep_alive` and most `options`, is kept.
pub(crate) fn read_request(body: &str) -> Result<Request, Fault> {
    let mut object = Object::read(body)?;
    let mut notes = Extra::new(OWN);
    let mut request = Request { model: object.needed_text("model")?, ..Request::default() };
    for (number, element) in list(&mut object, "messages", &mut notes)?.into_iter().enumerate() {
        let turn = object.read_like(element).and_then(read_message).within_element("messages", number)?;
        request.turns.push(turn);
    }
    for (number, element) in list(&mut object, "tools", &mut notes)?.into_iter().enumerate() {
        let tool = object.read_like(element).and_then(|tool| read_tool(tool, element));
        request.tools.push(tool.within_element("tools", number)?);
    }
    request.stream = object.flag("stream")?.unwrap_or_else(|| {
        notes.note("stream", ABSENT);
        true
    });
    if let Some(raw) = object.value("format") {
        read_format(&raw, &mut request, &mut notes)?;
    }
    if let Some(raw) = object.value("think") {
        request.thinking = Some(read_thinking(&raw)?);
    }
    if let Some(options) = object.object("options")? {
        read_options(options, &mut request, &mut notes).within("options")?;
    }
    notes.merge(object.rest(OWN));
    request.extra = notes;
    Ok(request)
}

/// Takes a list. Which way there is nothing in it is noted.
fn list<'a>(object: &mut Object<'a>, name: &str, notes: &mut Extra) -> Result<Vec<&'a str>, Fault> {
    let list = object.array(name)?;
    if list.as_ref().is_none_or(Vec::is_empty) {
        notes.note(name, if list.is_some() { "[]" } else { ABSENT });
    }
    Ok(list.unwrap_or_default())
}

fn read_message(mut object: Object) -> Result<Turn, Fault> {
    let mut notes = Extra::new(OWN);
    let word = object.needed_text("role")?;
    // The server reads roles in any case.
    let lower = word.to_lowercase();
    if lower != word {
        notes.note("role", &word);
    }
    let role = match lower.as_str() {
        "system" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        _ => Role::Other(word),
    };
    let items = if role == Role::Tool {
        let content = read_content(&mut object, &mut notes)?;
        let (id, name) = (object.text("tool_call_id")?, object.text("tool_name")?);
        vec![Item::ToolResult(ToolResult { id, name, content, is_error: None, extra: Extra::new(OWN) })]
    } else {
        read_items(&mut object, &mut notes)?
    };
    notes.merge(object.rest(OWN));
    Ok(Turn { role, items, extra: notes })
}

fn read_tool(mut object: Object, whole: &str) -> Result<Tool, Fault> {
    let kind = object.text("type")?;
    let mut notes = Extra::new(OWN);
    let Some(mut inner) = object.object("function")? else {
        let kind = kind.unwrap_or_else(|| "tool".to_owned());
        return Ok(Tool::Opaque(Opaque::new(OWN, kind, Raw::of_valid(whole))));
    };
    match kind.as_deref() {
        Some("function") => {}
        Some(other) => notes.note("type", &Raw::text(other).to_string()),
        None => notes.note("type", ABSENT),
    }
    let mut function = Function {
        name: match inner.text("name").within("function")? {
            Some(name) => name,
            None => {
                notes.note("name", ABSENT);
                String::new()
            }
        },
        description: inner.text("description").within("function")?,
        parameters: inner.value("parameters"),
        ..Function::default()
    };
    notes.keep_inner("function", inner.rest(OWN));
    notes.merge(object.rest(OWN));
    function.extra = notes;
    Ok(Tool::Function(Box::new(function)))
}

fn read_format(raw: &Raw, request: &mut Request, notes: &mut Extra) -> Result<(), Fault> {
    request.format = match raw.as_text().as_deref() {
        Some("json") => Some(Format::JsonObject),
        Some("") => {
            notes.note("format", "\"\"");
            None
        }
        Some(word) => Some(Format::Opaque(Opaque::new(OWN, format!("format.{word:.40}"), raw.clone()))),
        None if raw.is_object() => {
            Some(Format::JsonSchema(JsonSchema { schema: Some(raw.clone()), ..JsonSchema::default() }))
        }
        None => return Err(Fault::new("is neither a word nor a schema").inside("format")),
    };
    Ok(())
}

fn read_thinking(raw: &Raw) -> Result<Thinking, Fault> {
    let mode = match raw.as_str() {
        "true" => Some(ThinkingMode::On),
        "false" => Some(ThinkingMode::Off),
        _ => None,
    };
    let effort = raw.as_text();
    if mode.is_none() && effort.is_none() {
        return Err(Fault::new("is neither true nor false nor a level").inside("think"));
    }
    Ok(Thinking { mode, effort, extra: Extra::new(OWN), ..Thinking::default() })
}

fn read_options(mut options: Object, request: &mut Request, notes: &mut Extra) -> Result<(), Fault> {
    let sampling = &mut request.sampling;
    let numbers = [
        ("temperature", &mut sampling.temperature),
        ("top_p", &mut sampling.top_p),
        ("top_k", &mut sampling.top_k),
        ("seed", &mut sampling.seed),
        ("frequency_penalty", &mut sampling.frequency_penalty),
        ("presence_penalty", &mut sampling.presence_penalty),
    ];
    for (name, place) in numbers {
        *place = options.number(name)?;
    }
    // Less than 0 means without an end, which no other dialect says so.
    if options.peek("num_predict").is_some_and(|value| !value.starts_with('-')) {
        request.max_tokens = options.number("num_predict")?;
    }
    if let Some(raw) = options.value("stop") {
        request.stop = read_stop(&raw, notes)?;
    }
    let rest = options.rest(OWN);
    if rest.is_empty() {
        notes.note("options", "{}");
    }
    notes.keep_inner("options", rest);
    Ok(())
}

fn read_stop(raw: &Raw, notes: &mut Extra) -> Result<Vec<String>, Fault> {
    if let Some(one) = raw.as_text() {
        notes.note("stop", raw.as_str());
        return Ok(vec![one]);
    }
    let all = conversation::json::elements(raw.as_str())
        .and_then(|all| all.into_iter().map(text).collect::<Option<Vec<_>>>());
    let all = all.ok_or_else(|| Fault::new("is neither a string nor an array of strings").inside("stop"))?;
    if all.is_empty() {
        notes.note("stop", "[]");
    }
    Ok(all)
}
