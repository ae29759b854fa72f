//! `tools` and `toolConfig`.

use super::spelling::{self, Members, Spelled};
use super::{OWN, schema};
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::Opaque;
use conversation::json::Raw;
use conversation::loss::Losses;
use conversation::request::{Function, Tool, ToolChoice};
use std::collections::HashMap;

/// Notes: in which element of `tools` a function stood, its parameters as OpenAPI schema, and the mode.
const GROUP: &str = "group";
const OPEN_API: &str = "parameters-as-written";
const MODE: &str = "mode-as-written";
const NAMES_THERE: &str = "allowedFunctionNames-there";

/// Reads an element of `tools`, the one of this number: declarations of functions, or a tool that only Gemini knows.
pub(super) fn read(text: &str, mut tool: Members<'_>, number: usize, tools: &mut Vec<Tool>) -> Result<(), Fault> {
    let declarations = tool.list("functionDeclarations")?.unwrap_or_default();
    let mut functions = Vec::new();
    for (place, declaration) in declarations.into_iter().enumerate() {
        let read = tool.element(declaration).and_then(read_function);
        functions.push(read.within_element("functionDeclarations", place)?);
    }
    let rest = tool.rest();
    let Some(first) = functions.first_mut() else {
        let kind = rest.unknown().map(|(name, _)| name).next().unwrap_or("tool").to_owned();
        tools.push(Tool::Opaque(Opaque::new(OWN, kind, Raw::of_valid(text))));
        return Ok(());
    };
    first.extra.keep_inner("tool", rest);
    for mut function in functions {
        function.extra.note(GROUP, &number.to_string());
        tools.push(Tool::Function(Box::new(function)));
    }
    Ok(())
}

fn read_function(mut declaration: Members<'_>) -> Result<Function, Fault> {
    let name = declaration.text("name")?.ok_or_else(|| Fault::new("is missing").inside("name"))?;
    let description = declaration.text("description")?;
    let mut parameters = declaration.value("parametersJsonSchema");
    let mut written = None;
    if parameters.is_none() {
        written = declaration.value("parameters");
        parameters = written.as_ref().map(schema::json_schema);
    }
    let mut extra = declaration.rest();
    if let Some(written) = written {
        extra.note(OPEN_API, written.as_str());
    }
    Ok(Function { name, description, parameters, extra, ..Function::default() })
}

/// Writes the elements of `tools`. Functions that were read elsewhere stand in one element together.
pub(super) fn write(tools: &[Tool], losses: &mut Losses) -> Vec<String> {
    let mut elements: Vec<Element<'_>> = Vec::new();
    let mut groups: HashMap<Option<&str>, usize> = HashMap::new();
    for (number, tool) in tools.iter().enumerate() {
        match tool {
            Tool::Function(function) => {
                let declaration = write_function(function, number, losses);
                let group = function.extra.noted(OWN, GROUP);
                let place = *groups.entry(group).or_insert(elements.len());
                match elements.get_mut(place) {
                    Some(Element::Functions(declarations, _)) => declarations.push(declaration),
                    _ => elements.push(Element::Functions(vec![declaration], function.extra.inner(OWN, "tool"))),
                }
            }
            Tool::Opaque(opaque) if opaque.dialect == OWN => elements.push(Element::Opaque(opaque.raw.as_str())),
            Tool::Opaque(opaque) => losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
        }
    }
    elements.into_iter().map(|element| element.finish(losses)).collect()
}

enum Element<'a> {
    /// Declarations, and what else stood beside them.
    Functions(Vec<String>, Option<&'a Extra>),
    Opaque(&'a str),
}

impl Element<'_> {
    fn finish(self, losses: &mut Losses) -> String {
        match self {
            Element::Functions(declarations, beside) => {
                let mut tool = Spelled::new(beside);
                tool.list("functionDeclarations", &declarations);
                tool.finish("tools", losses)
            }
            Element::Opaque(raw) => raw.to_owned(),
        }
    }
}

fn write_function(function: &Function, number: usize, losses: &mut Losses) -> String {
    let place = format!("tools[{number}]");
    losses.add_if(function.strict == Some(true), &format!("{place}.strict"));
    losses.add_if(function.cache.is_some(), "cache_breakpoint");
    let mut declaration = Spelled::new(Some(&function.extra));
    declaration.text_if("name", Some(&function.name)).text_if("description", function.description.as_deref());
    match function.extra.noted(OWN, OPEN_API) {
        Some(written) => declaration.raw("parameters", written),
        None => declaration.raw_if("parametersJsonSchema", function.parameters.as_ref().map(Raw::as_str)),
    };
    declaration.finish(&place, losses)
}

/// What `toolConfig` says: the choice, and the rest.
pub(super) fn read_config(mut config: Members<'_>) -> Result<(Option<ToolChoice>, Extra), Fault> {
    let text = config.peek("functionCallingConfig").unwrap_or_default();
    let Some(calling) = config.object("functionCallingConfig")? else { return Ok((None, config.rest())) };
    let (choice, inner) = read_choice(text, calling).within("functionCallingConfig")?;
    let mut extra = config.rest();
    extra.keep_inner("functionCallingConfig", inner);
    Ok((Some(choice), extra))
}

fn read_choice(text: &str, mut calling: Members<'_>) -> Result<(ToolChoice, Extra), Fault> {
    let mode = calling.text("mode")?;
    let names = calling.texts("allowedFunctionNames")?;
    let has_names = names.is_some();
    let mut names = names.unwrap_or_default();
    let is = |word: &str| mode.as_deref().is_some_and(|mode| mode.eq_ignore_ascii_case(word));
    let choice = if is("NONE") && names.is_empty() {
        ToolChoice::None
    } else if is("ANY") {
        match names.len() {
            0 => ToolChoice::Required,
            1 => ToolChoice::Function(names.pop().unwrap_or_default()),
            _ => ToolChoice::Allowed { names, required: true },
        }
    } else if is("AUTO") || is("VALIDATED") {
        if names.is_empty() { ToolChoice::Auto } else { ToolChoice::Allowed { names, required: false } }
    } else {
        let kind = format!("functionCallingConfig.{:.40}", mode.as_deref().unwrap_or_default());
        return Ok((ToolChoice::Opaque(Opaque::new(OWN, kind, Raw::of_valid(text))), Extra::new(OWN)));
    };
    let mut extra = calling.rest();
    spelling::note_text(&mut extra, MODE, mode.as_deref().unwrap_or_default());
    if has_names {
        extra.note(NAMES_THERE, "");
    }
    Ok((choice, extra))
}

/// Writes `toolConfig`, where there is anything to say in it. `extra` is what was read of it.
pub(super) fn write_config(choice: Option<&ToolChoice>, extra: Option<&Extra>, losses: &mut Losses) -> Option<String> {
    let mut config = Spelled::new(extra);
    if let Some(choice) = choice {
        let inner = extra.and_then(|extra| extra.inner(OWN, "functionCallingConfig"));
        config.raw_if("functionCallingConfig", write_choice(choice, inner, losses).as_deref());
    }
    config.finish_filled("request", losses)
}

fn write_choice(choice: &ToolChoice, extra: Option<&Extra>, losses: &mut Losses) -> Option<String> {
    let noted = |name: &str| extra.and_then(|extra| extra.noted(OWN, name));
    let (mode, names) = match choice {
        ToolChoice::Auto => ("AUTO", &[][..]),
        ToolChoice::None => ("NONE", &[][..]),
        ToolChoice::Required => ("ANY", &[][..]),
        ToolChoice::Function(name) => ("ANY", std::slice::from_ref(name)),
        ToolChoice::Allowed { names, required } => (if *required { "ANY" } else { "VALIDATED" }, names.as_slice()),
        ToolChoice::Opaque(opaque) if opaque.dialect == OWN => return Some(opaque.raw.as_str().to_owned()),
        ToolChoice::Opaque(opaque) => {
            losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind));
            return None;
        }
    };
    let mut calling = Spelled::new(extra);
    calling.text_if("mode", Some(spelling::noted_text(extra, MODE).unwrap_or(mode)));
    if !names.is_empty() || noted(NAMES_THERE).is_some() {
        calling.texts("allowedFunctionNames", names);
    }
    Some(calling.finish("tool_choice", losses))
}
