//! `GenerateContentRequest`.

use super::content::{self, Conversation};
use super::spelling::{self, Members, Spelled};
use super::{OWN, generation, tools};
use conversation::fault::{Fault, Within};
use conversation::loss::{Losses, Written};
use conversation::object::Object;
use conversation::request::Request;

/// Notes: the model where the body names it too, lists and objects that are there though they may be empty.
const MODEL: &str = "model-as-written";
const CONTENTS_ABSENT: &str = "contents-absent";
const TOOLS_THERE: &str = "tools-there";
const EMPTY_CHOICE: &str = "toolConfig-empty";

pub(super) fn read(body: &str) -> Result<Request, Fault> {
    let mut members = Members::of(Object::read(body)?);
    let mut request = Request::default();
    let model = members.text("model")?;
    if let Some(instruction) = members.object("systemInstruction")? {
        request.turns.push(content::read_instruction(instruction).within("systemInstruction")?);
    }
    let contents = members.list("contents")?;
    let has_contents = contents.is_some();
    for (number, text) in contents.unwrap_or_default().into_iter().enumerate() {
        let turn = members.element(text).and_then(content::read_turn);
        request.turns.push(turn.within_element("contents", number)?);
    }
    let listed = members.list("tools")?;
    let has_tools = listed.is_some();
    for (number, text) in listed.unwrap_or_default().into_iter().enumerate() {
        let read = members.element(text).and_then(|tool| tools::read(text, tool, number, &mut request.tools));
        read.within_element("tools", number)?;
    }
    let config = members.object("toolConfig")?.map(tools::read_config).transpose().within("toolConfig")?;
    let generation = generation::read(&mut members, &mut request)?;
    let mut extra = members.rest();
    if let Some((choice, config)) = config {
        if choice.is_none() && config.is_empty() {
            extra.note(EMPTY_CHOICE, "");
        }
        request.tool_choice = choice;
        extra.keep_inner("toolConfig", config);
    }
    if let Some(generation) = generation {
        extra.keep_inner("generationConfig", generation);
    }
    let notes = [(CONTENTS_ABSENT, !has_contents), (TOOLS_THERE, has_tools)];
    notes.into_iter().filter(|(_, holds)| *holds).for_each(|(name, _)| extra.note(name, ""));
    if let Some(model) = model {
        spelling::note_text(&mut extra, MODEL, &model);
        request.model = model;
    }
    request.extra = extra;
    Ok(request)
}

pub(super) fn write(request: &Request) -> Written {
    let mut losses = Losses::new();
    let noted = |name: &str| request.extra.noted(OWN, name);
    let mut out = Spelled::new(Some(&request.extra));
    out.text_if("model", spelling::noted_text(Some(&request.extra), MODEL));
    let conversation = Conversation::write(&request.turns, &request.model, &mut losses);
    out.raw_if("systemInstruction", conversation.instruction.as_deref());
    if !conversation.contents.is_empty() || noted(CONTENTS_ABSENT).is_none() {
        out.list("contents", &conversation.contents);
    }
    let tools = tools::write(&request.tools, &mut losses);
    if !tools.is_empty() || noted(TOOLS_THERE).is_some() {
        out.list("tools", &tools);
    }
    let config = request.extra.inner(OWN, "toolConfig");
    let config = tools::write_config(request.tool_choice.as_ref(), config, &mut losses);
    out.raw_if("toolConfig", config.as_deref().or_else(|| noted(EMPTY_CHOICE).map(|_| "{}")));
    out.raw_if("generationConfig", generation::write(request, &mut losses).as_deref());
    losses.add_if(request.parallel_tool_calls == Some(false), "parallel_tool_calls");
    losses.add_if(request.user.is_some(), "user");
    losses.add_if(request.metadata.is_some(), "metadata");
    let body = out.finish("request", &mut losses);
    Written { body, losses }
}
