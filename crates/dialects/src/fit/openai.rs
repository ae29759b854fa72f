//! What OpenAI refuses, in chat completions and in Responses.

mod form;

use super::{drop_usual, instruct, tell_format};
use crate::parameters::complete;
use conversation::dialect::Dialect;
use conversation::ids;
use conversation::item::Item;
use conversation::json::{Number, Raw, elements, text};
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::request::{Format, Request, Role, Tool};
use openai::model::Model;
use std::collections::HashSet;

/// The most characters of the name of a user.
const LONGEST_USER: usize = 64;
/// The least that Responses takes as the most tokens of an answer.
const LEAST_TOKENS: u64 = 16;
/// How deep schemas are looked at.
const DEEPEST: usize = 32;

/// Whether the model can be told how to think, as far as its name says.
pub(super) fn may_think(model: &str) -> bool {
    Model::of(model).is_none_or(Model::reasons)
}

pub(super) fn fit(dialect: Dialect, request: &mut Request, losses: &mut Losses) {
    if let Some(user) = request.user.as_mut().filter(|user| user.chars().count() > LONGEST_USER) {
        losses.add("user");
        *user = ids::fit(user, LONGEST_USER).into_owned();
    }
    let least = |most: &Number| most.as_u64().is_some_and(|most| most < LEAST_TOKENS);
    if dialect == Dialect::OpenAiResponses && request.max_tokens.as_ref().is_some_and(least) {
        losses.add("max_tokens");
        request.max_tokens = Some(Number::from(LEAST_TOKENS));
    }
    complete(request);
    let name = request.model.clone();
    let Some(model) = Model::of(&name) else { return };
    fit_thinking(model, request, losses);
    fit_sampling(model, request, losses);
    fit_strictness(request, losses);
    fit_format(dialect, request, losses);
}

/// Says how hard to think in a word that the model takes.
fn fit_thinking(model: Model<'_>, request: &mut Request, losses: &mut Losses) {
    let Some(thinking) = request.thinking.as_mut() else { return };
    let Some(wanted) = thinking.effort_or_nearest() else { return };
    let Some(taken) = model.effort(&wanted) else { return };
    if taken == wanted && !thinking.is_off() {
        return;
    }
    if taken != wanted {
        losses.add(if thinking.is_off() { "thinking.mode" } else { "thinking.effort" });
    }
    losses.add_if(!thinking.is_off() && thinking.budget.is_some() && thinking.effort.is_none(), "thinking.budget");
    (thinking.effort, thinking.mode, thinking.budget) = (Some(taken.to_owned()), None, None);
}

/// Leaves out what models that reason refuse to be told of the choice of tokens.
fn fit_sampling(model: Model<'_>, request: &mut Request, losses: &mut Losses) {
    if !model.takes_stop() && !request.stop.is_empty() {
        losses.add("stop");
        request.stop.clear();
    }
    let effort = request.thinking.as_ref().and_then(|thinking| thinking.effort_or_nearest());
    if model.takes_sampling(effort.as_deref()) {
        return;
    }
    let sampling = &mut request.sampling;
    drop_usual(&mut sampling.temperature, "temperature", losses);
    drop_usual(&mut sampling.top_p, "top_p", losses);
    losses.add_if(sampling.frequency_penalty.take().is_some(), "frequency_penalty");
    losses.add_if(sampling.presence_penalty.take().is_some(), "presence_penalty");
}

/// Takes the strictness from what cannot be kept to strictly: here each member must be needed, and no other allowed. Where it can,
/// forms of dialects in which answers always keep to them are strict.
fn fit_strictness(request: &mut Request, losses: &mut Losses) {
    for (number, tool) in request.tools.iter_mut().enumerate() {
        if let Tool::Function(function) = tool
            && function.strict == Some(true)
            && !function.parameters.as_ref().is_some_and(|schema| is_strict(schema.as_str(), 0))
        {
            losses.add(&format!("tools[{number}].strict"));
            function.strict = Some(false);
        }
    }
    let keeps = matches!(
        request.extra.dialect(),
        Some(Dialect::Anthropic | Dialect::Bedrock | Dialect::Gemini | Dialect::Ollama)
    );
    if let Some(Format::JsonSchema(form)) = &mut request.format
        && (form.strict == Some(true) || keeps && form.strict.is_none())
    {
        let schema = form.schema.as_ref().map(Raw::as_str).unwrap_or_default();
        match (form.strict, !schema.is_empty() && is_strict(schema, 0)) {
            (Some(_), false) => {
                losses.add("format.strict");
                form.strict = Some(false);
            }
            (None, true) if form::is_plain(schema) => form.strict = Some(true),
            _ => {}
        }
    }
}

/// Whether each object in a schema is closed and needs all of its members.
fn is_strict(schema: &str, depth: usize) -> bool {
    let Ok(object) = Object::read(schema) else { return true };
    if depth >= DEEPEST || object.peek("oneOf").is_some() || object.peek("allOf").is_some() {
        return false;
    }
    let members = |name: &str| object.peek(name).and_then(|inner| Object::read(inner).ok());
    let all =
        |name: &str| members(name).is_none_or(|inner| inner.members().all(|(_, schema)| is_strict(schema, depth + 1)));
    let listed = |name: &str| {
        let schemas = object.peek(name).and_then(elements).unwrap_or_default();
        schemas.into_iter().all(|schema| is_strict(schema, depth + 1))
    };
    let needed: HashSet<String> =
        object.peek("required").and_then(elements).unwrap_or_default().into_iter().filter_map(text).collect();
    let whole =
        members("properties").is_none_or(|properties| properties.members().all(|(name, _)| needed.contains(name)));
    let open = object.peek("type") == Some("\"object\"") || object.peek("properties").is_some();
    (!open || object.peek("additionalProperties") == Some("false"))
        && whole
        && ["properties", "$defs", "definitions"].into_iter().all(all)
        && object.peek("items").is_none_or(|items| is_strict(items, depth + 1))
        && listed("anyOf")
}

/// Says a form in words where the API has no other place for it: the outermost is an object always, and one of any form must be
/// spoken of.
fn fit_format(dialect: Dialect, request: &mut Request, losses: &mut Losses) {
    match &request.format {
        Some(Format::JsonSchema(form)) => {
            let kind = |schema: &Raw| Object::read(schema.as_str()).ok()?.peek_text("type");
            if form.schema.as_ref().is_some_and(|schema| kind(schema).is_none_or(|kind| kind != "object")) {
                tell_format(request, losses);
            }
        }
        Some(Format::JsonObject) if !speaks_of_json(dialect, request) => {
            instruct(request, Role::Developer, "Answer with a JSON object.".to_owned());
        }
        _ => {}
    }
}

/// Whether the word stands in a message. What a system says first is none in Responses.
fn speaks_of_json(dialect: Dialect, request: &Request) -> bool {
    let skipped = usize::from(
        dialect == Dialect::OpenAiResponses && request.turns.first().is_some_and(|turn| turn.role == Role::System),
    );
    let said = request.turns.iter().skip(skipped).flat_map(|turn| &turn.items);
    said.into_iter().any(|item| matches!(item, Item::Text(text) if text.text.to_ascii_lowercase().contains("json")))
}

#[cfg(test)]
mod tests;
