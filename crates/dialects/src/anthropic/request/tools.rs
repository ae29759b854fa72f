//! Tools, and which of them must be called.

use super::super::{OWN, block, content};
use crate::schema;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::Opaque;
use conversation::json::Raw;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::request::{Function, Request, Tool, ToolChoice};

/// Takes `tools` and `tool_choice`.
pub(super) fn read(object: &mut Object, request: &mut Request, notes: &mut Extra) -> Result<(), Fault> {
    if let Some(tools) = object.array("tools")? {
        if tools.is_empty() {
            notes.note("tools", "[]");
        }
        for (number, raw) in tools.into_iter().enumerate() {
            let tool = object.read_like(raw).and_then(|tool| read_tool(tool, raw)).within_element("tools", number)?;
            request.tools.push(tool);
        }
    }
    let Some(raw) = object.peek("tool_choice") else {
        object.raw("tool_choice");
        return Ok(());
    };
    let Some(mut choice) = object.object("tool_choice")? else { return Ok(()) };
    request.tool_choice = Some(match choice.needed_text("type").within("tool_choice")?.as_str() {
        "auto" => ToolChoice::Auto,
        "any" => ToolChoice::Required,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Function(choice.needed_text("name").within("tool_choice")?),
        other => {
            request.tool_choice =
                Some(ToolChoice::Opaque(Opaque::new(OWN, format!("tool_choice.{other}"), Raw::of_valid(raw))));
            return Ok(());
        }
    });
    let serial = choice.flag("disable_parallel_tool_use").within("tool_choice")?;
    request.parallel_tool_calls = serial.map(|serial| !serial);
    notes.keep_inner("tool_choice", choice.rest(OWN));
    Ok(())
}

/// A tool that the client runs has no type, or `custom`; all others are the provider's.
fn read_tool(mut object: Object, raw: &str) -> Result<Tool, Fault> {
    let kind = object.text("type")?;
    if let Some(other) = kind.as_deref().filter(|kind| *kind != "custom") {
        return Ok(Tool::Opaque(Opaque::new(OWN, other, Raw::of_valid(raw))));
    }
    let name = object.needed_text("name")?;
    let description = object.text("description")?;
    let parameters = object.value("input_schema");
    let strict = object.flag("strict")?;
    let cache = block::take_cache(&mut object)?;
    let mut extra = object.rest(OWN);
    kind.iter().for_each(|kind| extra.note("kind", kind));
    Ok(Tool::Function(Box::new(Function { name, description, parameters, strict, cache, extra })))
}

/// Adds `tools` and `tool_choice`.
pub(super) fn write(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    let mut tools = ArrayWriter::new();
    for (number, tool) in request.tools.iter().enumerate() {
        match tool {
            Tool::Function(function) => {
                tools.object(write_function(function, number, losses));
            }
            Tool::Opaque(opaque) => content::opaque(opaque, losses).into_iter().for_each(|raw| {
                tools.raw(&raw);
            }),
        }
    }
    let any = !tools.is_empty();
    if any || request.extra.noted(OWN, "tools") == Some("[]") {
        out.array("tools", tools);
    }
    // A choice without tools is refused.
    if any || request.extra.is_from(OWN) {
        write_choice(request, out, losses);
    } else {
        losses.add_if(forces(request.tool_choice.as_ref()), "tool_choice");
    }
}

fn write_function(function: &Function, number: usize, losses: &mut Losses) -> ObjectWriter {
    let own = function.extra.is_from(OWN);
    let place = format!("tools[{number}]");
    let mut out = ObjectWriter::new();
    out.text_if("type", function.extra.noted(OWN, "kind").filter(|kind| *kind == "custom"));
    out.text("name", &function.name).text_if("description", function.description.as_deref());
    if own {
        out.raw_if("input_schema", function.parameters.as_ref());
    } else if let Some(said) = content::schema(function.parameters.as_ref()) {
        let strict = function.strict == Some(true);
        let closed = strict.then(|| schema::closed(&said, &format!("{place}.parameters"), losses));
        out.raw("input_schema", closed.as_ref().unwrap_or(&said));
    } else {
        losses.add(&format!("{place}.parameters"));
        content::schema(None).iter().for_each(|schema| {
            out.raw("input_schema", schema);
        });
    }
    out.flag_if("strict", function.strict);
    content::write_cache(function.cache.as_ref(), &mut out, losses);
    function.extra.write(OWN, &place, &mut out, losses);
    out
}

/// Whether the model must call a tool.
pub(super) fn forces(choice: Option<&ToolChoice>) -> bool {
    matches!(choice, Some(ToolChoice::Required | ToolChoice::Function(_) | ToolChoice::Allowed { required: true, .. }))
}

fn write_choice(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    let serial = request.parallel_tool_calls == Some(false);
    let mut choice = ObjectWriter::new();
    match &request.tool_choice {
        Some(ToolChoice::Opaque(opaque)) => {
            content::opaque(opaque, losses).into_iter().for_each(|raw| {
                out.raw("tool_choice", &raw);
            });
            return;
        }
        None if serial => choice.text("type", "auto"),
        None => return,
        Some(ToolChoice::Auto) => choice.text("type", "auto"),
        Some(ToolChoice::None) => choice.text("type", "none"),
        Some(ToolChoice::Required) => choice.text("type", "any"),
        Some(ToolChoice::Function(name)) => choice.text("type", "tool").text("name", name),
        Some(ToolChoice::Allowed { names, required }) => match (names.as_slice(), required) {
            ([name], true) => choice.text("type", "tool").text("name", name),
            (_, required) => {
                losses.add("tool_choice");
                choice.text("type", if *required { "any" } else { "auto" })
            }
        },
    };
    let own = request.extra.is_from(OWN);
    let without = request.tool_choice == Some(ToolChoice::None) && !own;
    if serial && !without {
        choice.flag("disable_parallel_tool_use", true);
    } else if own && request.parallel_tool_calls == Some(true) {
        choice.flag("disable_parallel_tool_use", false);
    }
    if let Some(inner) = request.extra.inner(OWN, "tool_choice") {
        inner.write(OWN, "tool_choice", &mut choice, losses);
    }
    out.object("tool_choice", choice);
}

#[cfg(test)]
mod tests;
