//! Tools, and which of them must be called.

use crate::bedrock::block::{read_point, write_point};
use crate::bedrock::own::{ABSENT, LONGEST, OWN};
use crate::schema::closed;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::ids::fit;
use conversation::item::Opaque;
use conversation::json::Raw;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::request::{Function, Request, Tool, ToolChoice};

/// The schema of a tool that says none: the service wants one.
const ANY: &str = r#"{"type":"object","properties":{}}"#;

pub(super) fn read(mut config: Object, request: &mut Request, notes: &mut Extra) -> Result<(), Fault> {
    match config.array("tools")? {
        Some(tools) => {
            for (number, whole) in tools.into_iter().enumerate() {
                let tool = config.read_like(whole).and_then(|tool| read_tool(tool, whole, &mut request.tools));
                tool.within_element("tools", number)?;
            }
        }
        None => notes.note("tools", ABSENT),
    }
    if let Some(raw) = config.value("toolChoice") {
        request.tool_choice = Some(read_choice(&raw).within("toolChoice")?);
    }
    notes.note("toolConfig", "{}");
    notes.keep_inner("toolConfig", config.rest(OWN));
    Ok(())
}

/// A cache point belongs to the tool before it.
fn read_tool(mut object: Object, whole: &str, tools: &mut Vec<Tool>) -> Result<(), Fault> {
    let opaque = |kind: &str| Tool::Opaque(Opaque::new(OWN, kind, Raw::of_valid(whole)));
    if let Some(mut inner) = object.object("toolSpec")? {
        let function = read_function(&mut inner).within("toolSpec")?;
        let mut notes = Extra::new(OWN);
        if function.parameters.is_none() {
            notes.note("inputSchema", inner.peek("inputSchema").unwrap_or(ABSENT));
        }
        if let Some(mut schema) = inner.object("inputSchema")? {
            schema.raw("json");
            notes.keep_inner("inputSchema", schema.rest(OWN));
        }
        notes.keep_inner("beside", object.rest(OWN));
        notes.merge(inner.rest(OWN));
        tools.push(Tool::Function(Box::new(Function { extra: notes, ..function })));
        return Ok(());
    }
    let kind = ["cachePoint", "systemTool"].into_iter().find(|kind| object.peek(kind).is_some()).unwrap_or("tool");
    if let Some(inner) = object.object("cachePoint")?
        && object.rest(OWN).is_empty()
        && let Some(Tool::Function(function)) = tools.last_mut()
        && function.cache.is_none()
    {
        function.cache = Some(read_point(inner).within("cachePoint")?);
        return Ok(());
    }
    tools.push(opaque(kind));
    Ok(())
}

fn read_function(inner: &mut Object) -> Result<Function, Fault> {
    let schema = inner.peek("inputSchema").and_then(|schema| Object::read(schema).ok());
    Ok(Function {
        name: inner.needed_text("name")?,
        description: inner.text("description")?,
        parameters: schema.and_then(|mut schema| schema.value("json")),
        strict: inner.flag("strict")?,
        ..Function::default()
    })
}

/// A choice with anything else in it is one that only the service knows.
fn read_choice(raw: &Raw) -> Result<ToolChoice, Fault> {
    let mut object = Object::read(raw.as_str())?;
    let mut is_empty = |name| Ok(object.object(name)?.is_some_and(|inner| inner.rest(OWN).is_empty()));
    let mut known = match (is_empty("auto")?, is_empty("any")?) {
        (true, false) => Some(ToolChoice::Auto),
        (false, true) => Some(ToolChoice::Required),
        _ => None,
    };
    if let (None, Some(mut tool)) = (&known, object.object("tool")?) {
        let name = tool.text("name").within("tool")?;
        known = name.filter(|_| tool.rest(OWN).is_empty()).map(ToolChoice::Function);
    }
    let known = known.filter(|_| object.rest(OWN).is_empty());
    Ok(known.unwrap_or_else(|| ToolChoice::Opaque(Opaque::new(OWN, "toolChoice", raw.clone()))))
}

/// Writes the tools. `called` are those that the conversation calls: the service wants tools wherever it finds calls.
pub(super) fn write(request: &Request, called: &[String], out: &mut ObjectWriter, losses: &mut Losses) {
    let own = request.extra.is_from(OWN);
    let mut list = ArrayWriter::new();
    let (allowed, choice) = choice(request.tool_choice.as_ref(), own, losses);
    let none = matches!(request.tool_choice, Some(ToolChoice::None));
    losses.add_if(none && !called.is_empty(), "tool_choice");
    if !none || !called.is_empty() {
        for (number, tool) in request.tools.iter().enumerate() {
            write_tool(tool, number, allowed, &mut list, losses);
        }
    }
    if list.is_empty() && !own {
        for name in called {
            let (mut tool, mut spec, mut schema) = (ObjectWriter::new(), ObjectWriter::new(), ObjectWriter::new());
            schema.raw("json", ANY);
            spec.text("name", name).object("inputSchema", schema);
            tool.object("toolSpec", spec);
            list.object(tool);
        }
    }
    let mut config = ObjectWriter::new();
    let unsaid = matches!(request.extra.noted(OWN, "tools"), Some(ABSENT | "null"));
    let noted = request.extra.noted(OWN, "toolConfig") == Some("{}");
    if !list.is_empty() || (noted && !unsaid) {
        config.array("tools", list);
    }
    if let Some(choice) = choice.filter(|_| own || config.has("tools")) {
        config.raw("toolChoice", &choice);
    }
    if let Some(inner) = request.extra.inner(OWN, "toolConfig") {
        inner.write(OWN, "request.toolConfig", &mut config, losses);
    }
    if !config.is_empty() || noted {
        out.object("toolConfig", config);
    }
}

/// The tools that may be called, if not all, and the choice as it is written.
fn choice<'a>(
    choice: Option<&'a ToolChoice>,
    own: bool,
    losses: &mut Losses,
) -> (Option<&'a [String]>, Option<String>) {
    let said = |text: &str| Some(text.to_owned());
    match choice {
        None | Some(ToolChoice::None) => (None, None),
        Some(ToolChoice::Auto) => (None, said(r#"{"auto":{}}"#)),
        Some(ToolChoice::Required) => (None, said(r#"{"any":{}}"#)),
        Some(ToolChoice::Function(name)) => {
            let (mut out, mut tool) = (ObjectWriter::new(), ObjectWriter::new());
            tool.text("name", &if own { name.as_str().into() } else { fit(name, LONGEST) });
            out.object("tool", tool);
            (None, Some(out.finish()))
        }
        Some(ToolChoice::Allowed { names, required }) => {
            (Some(names), said(if *required { r#"{"any":{}}"# } else { r#"{"auto":{}}"# }))
        }
        Some(ToolChoice::Opaque(opaque)) if opaque.dialect == OWN => (None, said(opaque.raw.as_str())),
        Some(ToolChoice::Opaque(_)) => {
            losses.add("tool_choice");
            (None, None)
        }
    }
}

fn write_tool(tool: &Tool, number: usize, allowed: Option<&[String]>, list: &mut ArrayWriter, losses: &mut Losses) {
    let function = match tool {
        Tool::Function(function) => function,
        Tool::Opaque(opaque) if opaque.dialect == OWN => {
            list.raw(opaque.raw.as_str());
            return;
        }
        Tool::Opaque(opaque) => return losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
    };
    if allowed.is_some_and(|names| !names.contains(&function.name)) {
        return;
    }
    let (extra, own) = (&function.extra, function.extra.is_from(OWN));
    let (mut out, mut spec) = (ObjectWriter::new(), ObjectWriter::new());
    let name = if own { function.name.as_str().into() } else { fit(&function.name, LONGEST) };
    losses.add_if(name != function.name, &format!("tools[{number}].name"));
    spec.text("name", &name);
    // An empty description is refused.
    let description = function.description.as_deref().filter(|description| own || !description.is_empty());
    // Not to be strict is what is usual, and some models refuse even that to be said.
    let strict = function.strict.filter(|strict| own || *strict);
    spec.text_if("description", description).flag_if("strict", strict);
    match extra.noted(OWN, "inputSchema") {
        Some(ABSENT | "null") => {}
        Some(raw) => {
            spec.raw("inputSchema", raw);
        }
        None => {
            let mut schema = ObjectWriter::new();
            match &function.parameters {
                Some(said) if !own && function.strict == Some(true) => {
                    schema.raw("json", &closed(said.as_str(), &format!("tools[{number}].parameters"), losses));
                }
                said => {
                    schema.raw_if("json", said.as_ref()).raw("json", ANY);
                }
            }
            if let Some(rest) = extra.inner(OWN, "inputSchema") {
                rest.write(OWN, "tool.inputSchema", &mut schema, losses);
            }
            spec.object("inputSchema", schema);
        }
    }
    extra.write(OWN, &format!("tools[{number}]"), &mut spec, losses);
    out.object("toolSpec", spec);
    if let Some(beside) = extra.inner(OWN, "beside") {
        beside.write(OWN, "tool", &mut out, losses);
    }
    list.object(out);
    if let Some(point) = &function.cache {
        list.object(write_point(point, losses));
    }
}
