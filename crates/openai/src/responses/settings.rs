//! What a request says besides its input: tools, thinking, the form of the answer. Answers repeat it.

use super::namespace::{self, Offered};
use super::{OWN, Object};
use crate::custom;
use conversation::fault::{Fault, Within};
use conversation::item::Opaque;
use conversation::json::Raw;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;
use conversation::request::{Format, Function, JsonSchema, Request, Shown, Thinking, Tool, ToolChoice};
use std::collections::HashSet;

/// Takes these from the request.
///
/// # Errors
/// One of them is not as it should be.
pub(super) fn read(object: &mut Object<'_>, request: &mut Request) -> Result<(), Fault> {
    // An empty list is left for the notes.
    let tools = if object.peek("tools") == Some("[]") { None } else { object.array("tools")? };
    for (number, element) in tools.unwrap_or_default().into_iter().enumerate() {
        match read_namespace(element) {
            Some(functions) => request.tools.extend(functions.into_iter().map(Box::new).map(Tool::Function)),
            None => request.tools.push(read_tool(object.read_like(element), element).within_element("tools", number)?),
        }
    }
    namespace::tell_apart(&mut request.tools);
    let choice = object.raw("tool_choice");
    request.tool_choice = choice.map(|whole| read_choice(whole, &request.tools));
    request.parallel_tool_calls = object.flag("parallel_tool_calls")?;
    request.sampling.temperature = object.number("temperature")?;
    request.sampling.top_p = object.number("top_p")?;
    request.max_tokens = object.number("max_output_tokens")?;
    request.thinking = object.object("reasoning")?.map(read_thinking).transpose().within("reasoning")?;
    request.user = object.text("user")?;
    request.metadata = object.value("metadata");
    Ok(())
}

/// The tools of a namespace. None of any other tool.
fn read_namespace(whole: &str) -> Option<Vec<Function>> {
    Object::read(whole).ok().filter(|object| object.peek_text("type").as_deref() == Some("namespace"))?;
    namespace::read(whole, |tool| match read_tool(Object::read(tool), tool) {
        Ok(Tool::Function(function)) => Some(*function),
        Ok(Tool::Opaque(_)) | Err(_) => None,
    })
}

fn read_tool(object: Result<Object<'_>, Fault>, whole: &str) -> Result<Tool, Fault> {
    let mut object = object?;
    let kind = object.peek_text("type").unwrap_or_default();
    if kind == "custom"
        && let Some(function) = read_custom(whole)
    {
        return Ok(Tool::Function(Box::new(function)));
    }
    if kind != "function" {
        return Ok(Tool::Opaque(opaque_of(&kind, whole)));
    }
    object.raw("type");
    let (name, description) = (object.needed_text("name")?, object.text("description")?);
    let (parameters, strict) = (object.value("parameters"), object.flag("strict")?);
    let function = Function { name, description, parameters, strict, cache: None, extra: object.rest(OWN) };
    Ok(Tool::Function(Box::new(function)))
}

/// A tool with plain text as its input. None where it is not as it should be.
fn read_custom(whole: &str) -> Option<Function> {
    let mut object = Object::read(whole).ok()?;
    object.raw("type");
    let said = (object.text("name").ok()??, object.text("description").ok()?);
    let mut grammar = None;
    if let Some(mut format) = object.object("format").ok()?
        && format.text("type").ok()?.as_deref() != Some("text")
    {
        grammar = Some((format.text("syntax").ok()??, format.text("definition").ok()??));
    }
    Some(custom::function(said, grammar.as_ref(), object.rest(OWN), whole))
}

fn opaque_of(kind: &str, whole: &str) -> Opaque {
    Opaque::new(OWN, kind, Raw::of_valid(whole))
}

/// What has more to it than the model can say is opaque.
fn read_choice(whole: &str, tools: &[Tool]) -> ToolChoice {
    let kept = |kind: &str| ToolChoice::Opaque(opaque_of(kind, whole));
    let Ok(mut object) = Object::read_leniently(whole) else {
        return match whole {
            "\"auto\"" => ToolChoice::Auto,
            "\"none\"" => ToolChoice::None,
            "\"required\"" => ToolChoice::Required,
            _ => kept("word"),
        };
    };
    let kind = object.text("type").ok().flatten().unwrap_or_default();
    let (customs, offered) = (custom::names(tools, OWN), Offered::of(tools));
    let known = match kind.as_str() {
        "function" | "custom" => {
            let name = read_chosen(&mut object, &offered);
            name.filter(|name| word_of(&customs, name) == kind).map(ToolChoice::Function)
        }
        "allowed_tools" => read_allowed(&mut object, &customs, &offered),
        _ => None,
    };
    known.filter(|_| object.rest(OWN).is_empty()).unwrap_or_else(|| kept(&kind))
}

/// The name of the tool that a choice names. None where it is not one that `offered` has.
fn read_chosen(object: &mut Object<'_>, offered: &Offered<'_>) -> Option<String> {
    let name = object.text("name").ok()??;
    let namespace = object.text("namespace").ok()?;
    offered.chosen(namespace.as_deref(), name)
}

/// What a tool of this name is called where it is chosen.
fn word_of(customs: &HashSet<&str>, name: &str) -> &'static str {
    if customs.contains(name) { "custom" } else { "function" }
}

fn read_allowed(object: &mut Object<'_>, customs: &HashSet<&str>, offered: &Offered<'_>) -> Option<ToolChoice> {
    let required = match object.text("mode").ok()??.as_str() {
        "auto" => false,
        "required" => true,
        _ => return None,
    };
    let name_of = |element: &str| {
        let mut tool = Object::read_leniently(element).ok()?;
        let kind = tool.text("type").ok()??;
        read_chosen(&mut tool, offered).filter(|name| kind == word_of(customs, name) && tool.rest(OWN).is_empty())
    };
    let names: Option<Vec<String>> = object.array("tools").ok()??.into_iter().map(name_of).collect();
    Some(ToolChoice::Allowed { names: names?, required })
}

fn read_thinking(mut object: Object<'_>) -> Result<Thinking, Fault> {
    let effort = object.text("effort")?;
    let shown = object.text("summary")?.map(Shown::Summary);
    Ok(Thinking { effort, shown, extra: object.rest(OWN), ..Thinking::default() })
}

/// The form of the answer in `text`.
///
/// # Errors
/// It is no object.
pub(super) fn read_format(text: &mut Object<'_>) -> Result<Option<Format>, Fault> {
    let whole = text.peek("format").unwrap_or_default();
    let Some(mut object) = text.object("format")? else { return Ok(None) };
    let kind = object.text("type")?.unwrap_or_default();
    let format = match kind.as_str() {
        "text" => Some(Format::Text),
        "json_object" => Some(Format::JsonObject),
        "json_schema" => {
            let (name, description) = (object.text("name")?, object.text("description")?);
            let (schema, strict) = (object.value("schema"), object.flag("strict")?);
            let extra = object.rest(OWN);
            return Ok(Some(Format::JsonSchema(JsonSchema { name, description, schema, strict, extra })));
        }
        _ => None,
    };
    let format = format.filter(|_| object.rest(OWN).is_empty());
    Ok(format.or_else(|| Some(Format::Opaque(opaque_of(&kind, whole)))))
}

/// Writes these.
pub(super) fn write(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    if !request.tools.is_empty() {
        out.array("tools", write_tools(&request.tools, losses));
    }
    if let Some(choice) = &request.tool_choice {
        write_choice(choice, &request.tools, out, losses);
    }
    out.flag_if("parallel_tool_calls", request.parallel_tool_calls);
    out.number_if("temperature", request.sampling.temperature.as_ref());
    out.number_if("top_p", request.sampling.top_p.as_ref());
    out.number_if("max_output_tokens", request.max_tokens.as_ref());
    if let Some(thinking) = &request.thinking {
        let written = write_thinking(thinking, losses);
        if thinking.extra.is_from(OWN) || !written.is_empty() {
            out.object("reasoning", written);
        }
    }
    let text = write_form(request, losses);
    if !text.is_empty() || request.extra.noted(OWN, "text") == Some("object") {
        out.object("text", text);
    }
    out.text_if("user", request.user.as_deref());
    out.raw_if("metadata", request.metadata.as_ref());
}

fn write_tools(tools: &[Tool], losses: &mut Losses) -> ArrayWriter {
    let mut list = ArrayWriter::new();
    for (number, tool) in tools.iter().enumerate() {
        match tool {
            Tool::Function(function) if namespace::is_inside(function) => {
                namespace::written(function).into_iter().for_each(|whole| {
                    list.raw(whole);
                });
            }
            Tool::Function(function) if custom::written(function, OWN).is_some() => {
                custom::written(function, OWN).into_iter().for_each(|whole| {
                    list.raw(whole);
                });
            }
            Tool::Function(function) => {
                list.object(write_function(function, &format!("tools[{number}]"), losses));
            }
            Tool::Opaque(tool) if tool.dialect == OWN => {
                list.raw(tool.raw.as_str());
            }
            Tool::Opaque(tool) => losses.add(&format!("tools[{number}].{}", tool.kind)),
        }
    }
    list
}

fn write_function(function: &Function, place: &str, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.text("type", "function").text("name", &function.name);
    out.text_if("description", function.description.as_deref());
    out.raw_if("parameters", function.parameters.as_ref()).flag_if("strict", function.strict);
    if !function.extra.is_from(OWN) {
        // Both must be there, and here a function that does not say is strict.
        out.raw("parameters", "null").flag("strict", false);
    }
    losses.add_if(function.cache.is_some(), "cache_breakpoint");
    function.extra.write(OWN, place, &mut out, losses);
    out
}

fn write_choice(choice: &ToolChoice, tools: &[Tool], out: &mut ObjectWriter, losses: &mut Losses) {
    let mut object = ObjectWriter::new();
    let (customs, offered) = (custom::names(tools, OWN), Offered::of(tools));
    let named = |name: &str| {
        let mut object = ObjectWriter::new();
        object.text("type", word_of(&customs, name));
        offered.named(name).write(&mut object);
        object
    };
    match choice {
        ToolChoice::Opaque(opaque) if opaque.dialect != OWN => {
            losses.add("tool_choice");
            out
        }
        ToolChoice::Auto => out.text("tool_choice", "auto"),
        ToolChoice::None => out.text("tool_choice", "none"),
        ToolChoice::Required => out.text("tool_choice", "required"),
        ToolChoice::Function(name) => out.object("tool_choice", named(name)),
        ToolChoice::Allowed { names, required } => {
            let mut tools = ArrayWriter::new();
            names.iter().for_each(|name| {
                tools.object(named(name));
            });
            object.text("type", "allowed_tools").text("mode", if *required { "required" } else { "auto" });
            object.array("tools", tools);
            out.object("tool_choice", object)
        }
        ToolChoice::Opaque(opaque) => out.raw("tool_choice", opaque.raw.as_str()),
    };
}

fn write_thinking(thinking: &Thinking, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    let own = thinking.extra.is_from(OWN);
    let effort = if own { thinking.effort.clone() } else { thinking.effort_or_nearest() };
    out.text_if("effort", effort.as_deref());
    match &thinking.shown {
        Some(Shown::Summary(kind)) => {
            out.text("summary", kind);
        }
        Some(Shown::Shown) => {
            out.text("summary", "auto");
        }
        Some(Shown::Hidden) | None => {}
    }
    losses.add_if(!own && thinking.budget.is_some() && thinking.effort.is_none(), "thinking.budget");
    thinking.extra.write(OWN, "thinking", &mut out, losses);
    out
}

fn write_form(request: &Request, losses: &mut Losses) -> ObjectWriter {
    let mut text = ObjectWriter::new();
    let mut object = ObjectWriter::new();
    match &request.format {
        Some(Format::Text) => {
            object.text("type", "text");
        }
        Some(Format::JsonObject) => {
            object.text("type", "json_object");
        }
        Some(Format::JsonSchema(schema)) => {
            object.text("type", "json_schema").text_if("name", schema.name.as_deref());
            if !schema.extra.is_from(OWN) {
                object.text("name", "answer");
            }
            object.text_if("description", schema.description.as_deref());
            object.raw_if("schema", schema.schema.as_ref()).flag_if("strict", schema.strict);
            schema.extra.write(OWN, "format", &mut object, losses);
        }
        Some(Format::Opaque(format)) if format.dialect == OWN => {
            text.raw("format", format.raw.as_str());
        }
        Some(Format::Opaque(_)) => losses.add("format"),
        None => {}
    }
    if !object.is_empty() {
        text.object("format", object);
    }
    if let Some(inner) = request.extra.inner(OWN, "text") {
        inner.write(OWN, "text", &mut text, losses);
    }
    text
}
