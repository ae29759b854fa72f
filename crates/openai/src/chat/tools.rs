//! Tools, which of them must be called, and the form of the answer.

use super::OWN;
use super::content::{cache_control, write_cache};
use super::tool_call::KIND;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::Opaque;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::json::{self, Raw};
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::request::{Format, Function, JsonSchema, Request, Tool, ToolChoice};

/// The note on a function that stands in `functions`, the older place for one.
const OLD: &str = "functions";

/// Takes `tools`, `functions` and the choice among them.
pub(super) fn read(object: &mut Object<'_>, request: &mut Request) -> Result<(), Fault> {
    let mut notes = Vec::new();
    for member in ["tools", OLD] {
        if object.peek(member) == Some("[]") {
            notes.push((member, "[]".to_owned()));
        }
    }
    for (number, tool) in object.array("tools")?.unwrap_or_default().into_iter().enumerate() {
        request.tools.push(read_tool(object.read_like(tool)?, tool).within_element("tools", number)?);
    }
    for (number, function) in object.array(OLD)?.unwrap_or_default().into_iter().enumerate() {
        let mut function = read_function(object.read_like(function)?).within_element(OLD, number)?;
        function.extra.note("place", OLD);
        request.tools.push(Tool::Function(Box::new(function)));
    }
    for member in ["tool_choice", "function_call"] {
        if let Some(raw) = object.raw(member).filter(|_| request.tool_choice.is_none()) {
            request.tool_choice = Some(read_choice(raw).within(member)?);
            notes.push((member, raw.to_owned()));
        }
    }
    notes.into_iter().for_each(|(name, raw)| request.extra.note(name, &raw));
    Ok(())
}

fn read_tool(mut object: Object<'_>, raw: &str) -> Result<Tool, Fault> {
    if object.peek("function").is_none_or(|function| !function.starts_with('{')) {
        let kind = object.peek_text("type").unwrap_or_default();
        return Ok(Tool::Opaque(Opaque::new(OWN, kind, Raw::of_valid(raw))));
    }
    let kind = object.fixed("type", KIND);
    let mut function = Function::default();
    if let Some(inner) = object.object("function")? {
        function = read_function(inner).within("function")?;
    }
    function.cache = cache_control(&mut object)?;
    let mut outer = object.rest(OWN);
    outer.note_fixed("type", kind);
    function.extra.keep_inner("tool", outer);
    Ok(Tool::Function(Box::new(function)))
}

fn read_function(mut object: Object<'_>) -> Result<Function, Fault> {
    Ok(Function {
        name: object.needed_text("name")?,
        description: object.text("description")?,
        parameters: object.value("parameters"),
        strict: object.flag("strict")?,
        cache: None,
        extra: object.rest(OWN),
    })
}

fn read_choice(raw: &str) -> Result<ToolChoice, Fault> {
    let opaque = |kind: String| ToolChoice::Opaque(Opaque::new(OWN, format!("tool_choice.{kind}"), Raw::of_valid(raw)));
    if let Some(word) = json::text(raw) {
        return Ok(match word.as_str() {
            "auto" => ToolChoice::Auto,
            "none" => ToolChoice::None,
            "required" | "any" => ToolChoice::Required,
            _ => opaque(word),
        });
    }
    let mut object = Object::read(raw)?;
    let kind = object.text("type")?;
    if let Some(mut allowed) = object.object("allowed_tools")? {
        let named = |tool: &str| Object::read(tool).ok()?.object("function").ok()??.peek_text("name");
        let tools = allowed.array("tools")?.unwrap_or_default();
        let names: Option<Vec<String>> = tools.into_iter().map(named).collect();
        let required = allowed.text("mode")?.as_deref() == Some("required");
        return Ok(
            names.map_or_else(|| opaque("allowed_tools".to_owned()), |names| ToolChoice::Allowed { names, required })
        );
    }
    // The older `function_call` names the function without anything around it.
    let function = if object.peek("function").is_some() { object.object("function")? } else { None };
    let name = match function {
        Some(mut function) => function.text("name")?,
        None => object.text("name")?,
    };
    Ok(name.map_or_else(|| opaque(kind.unwrap_or_default()), ToolChoice::Function))
}

/// Writes the tools and the choice among them.
pub(super) fn write(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    let (mut tools, mut functions) = (ArrayWriter::new(), ArrayWriter::new());
    for (number, tool) in request.tools.iter().enumerate() {
        match tool {
            Tool::Function(function) if function.extra.noted(OWN, "place") == Some(OLD) => {
                functions.object(write_function(function, number, losses));
            }
            Tool::Function(function) => {
                tools.object(write_tool(function, number, losses));
            }
            Tool::Opaque(opaque) if opaque.dialect == OWN => {
                tools.raw(opaque.raw.as_str());
            }
            Tool::Opaque(opaque) => losses.add(&format!("tools[{number}].{}", opaque.kind)),
        }
    }
    if !tools.is_empty() || request.extra.noted(OWN, "tools") == Some("[]") {
        out.array("tools", tools);
    }
    let offered = !functions.is_empty() || !request.tools.is_empty();
    if !functions.is_empty() || request.extra.noted(OWN, OLD) == Some("[]") {
        out.array(OLD, functions);
    }
    let noted = ["tool_choice", "function_call"].map(|member| (member, request.extra.noted(OWN, member)));
    if let Some((member, raw)) =
        noted.into_iter().find_map(|(member, raw)| Some((member, raw.filter(|raw| *raw != "null")?)))
    {
        out.raw(member, raw);
    } else if let Some(choice) = &request.tool_choice {
        write_choice(choice, offered, out, losses);
    }
}

fn write_tool(function: &Function, number: usize, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    let nothing = Extra::default();
    let outer = function.extra.inner(OWN, "tool").unwrap_or(&nothing);
    outer.write_fixed(OWN, "type", KIND, &mut out);
    out.object("function", write_function(function, number, losses));
    write_cache(function.cache.as_ref(), &mut out, losses);
    outer.write(OWN, "tool", &mut out, losses);
    out
}

fn write_function(function: &Function, number: usize, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.text("name", &function.name).text_if("description", function.description.as_deref());
    out.raw_if("parameters", function.parameters.as_ref()).flag_if("strict", function.strict);
    function.extra.write(OWN, &format!("tools[{number}]"), &mut out, losses);
    out
}

/// A choice without tools is refused by OpenAI, so it is only written with some.
fn write_choice(choice: &ToolChoice, offered: bool, out: &mut ObjectWriter, losses: &mut Losses) {
    if !offered {
        return;
    }
    match choice {
        ToolChoice::Auto => out.text("tool_choice", "auto"),
        ToolChoice::None => out.text("tool_choice", "none"),
        ToolChoice::Required => out.text("tool_choice", "required"),
        ToolChoice::Function(name) => out.object("tool_choice", named(name)),
        ToolChoice::Allowed { names, required } => {
            let (mut tools, mut allowed, mut choice) = (ArrayWriter::new(), ObjectWriter::new(), ObjectWriter::new());
            names.iter().for_each(|name| {
                tools.object(named(name));
            });
            allowed.text("mode", if *required { "required" } else { "auto" }).array("tools", tools);
            choice.text("type", "allowed_tools").object("allowed_tools", allowed);
            out.object("tool_choice", choice)
        }
        // One of this dialect is in the notes.
        ToolChoice::Opaque(_) => {
            losses.add("tool_choice");
            out
        }
    };
}

fn named(name: &str) -> ObjectWriter {
    let (mut function, mut out) = (ObjectWriter::new(), ObjectWriter::new());
    function.text("name", name);
    out.text("type", "function").object("function", function);
    out
}

/// Takes `response_format`.
pub(super) fn read_format(object: &mut Object<'_>, extra: &mut Extra) -> Result<Option<Format>, Fault> {
    let Some(raw) = object.peek("response_format") else {
        object.raw("response_format");
        return Ok(None);
    };
    let Some(mut form) = object.object("response_format")? else { return Ok(None) };
    let kind = form.needed_text("type").within("response_format")?;
    let format = match (kind.as_str(), form.object("json_schema")?) {
        ("text", None) => Format::Text,
        ("json_object", None) => Format::JsonObject,
        ("json_schema", Some(mut inner)) => Format::JsonSchema(JsonSchema {
            name: inner.text("name")?,
            description: inner.text("description")?,
            schema: inner.value("schema"),
            strict: inner.flag("strict")?,
            extra: inner.rest(OWN),
        }),
        _ => return Ok(Some(Format::Opaque(Opaque::new(OWN, format!("response_format.{kind}"), Raw::of_valid(raw))))),
    };
    extra.keep_inner("response_format", form.rest(OWN));
    Ok(Some(format))
}

/// Writes `response_format`.
pub(super) fn write_format(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    let mut form = ObjectWriter::new();
    match &request.format {
        None => return,
        Some(Format::Text) => form.text("type", "text"),
        Some(Format::JsonObject) => form.text("type", "json_object"),
        Some(Format::JsonSchema(schema)) => {
            let mut inner = ObjectWriter::new();
            let unnamed = (!schema.extra.is_from(OWN)).then_some("answer");
            inner.text_if("name", schema.name.as_deref().or(unnamed));
            inner.text_if("description", schema.description.as_deref());
            inner.raw_if("schema", schema.schema.as_ref()).flag_if("strict", schema.strict);
            schema.extra.write(OWN, "format", &mut inner, losses);
            form.text("type", "json_schema").object("json_schema", inner)
        }
        Some(Format::Opaque(opaque)) if opaque.dialect == OWN => {
            out.raw("response_format", opaque.raw.as_str());
            return;
        }
        Some(Format::Opaque(_)) => {
            losses.add("format");
            return;
        }
    };
    if let Some(extra) = request.extra.inner(OWN, "response_format") {
        extra.write(OWN, "format", &mut form, losses);
    }
    out.object("response_format", form);
}
