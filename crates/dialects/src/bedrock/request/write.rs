//! Requests as they are written.

use super::tools;
use crate::anthropic::{Chosen, Plan, version};
use crate::bedrock::block::Blocks;
use crate::bedrock::own::{ABSENT, OWN};
use crate::{breakpoints, schema};
use conversation::json::Raw;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::{Losses, Written};
use conversation::object::Object;
use conversation::request::{Format, JsonSchema, Request, Role, Thinking, Turn};
use std::borrow::Cow;

pub(crate) fn write_request(request: &Request) -> Written {
    let mut out = ObjectWriter::new();
    let is_claude = is_of(request, &CLAUDE);
    let mut losses = Losses::new();
    let limits = is_claude && !request.extra.is_from(OWN);
    let cached = cached(request, &mut losses);
    let limited = if limits { breakpoints::taken(&cached, &mut losses) } else { Cow::Borrowed(&*cached) };
    let request = &*limited;
    let mut blocks = Blocks::new(is_claude);
    let (system, messages) = write_turns(request, &mut blocks);
    let noted = |name| request.extra.noted(OWN, name);
    if !matches!(noted("messages"), Some(ABSENT | "null")) || !messages.is_empty() {
        out.array("messages", messages);
    }
    if !system.is_empty() || noted("system") == Some("[]") {
        out.array("system", system);
    }
    losses.extend(&blocks.losses);
    let called = blocks.called;
    let said = Said::of(request, limits, &mut losses);
    write_inference(request, &said, &mut out, &mut losses);
    tools::write(request, &called, &mut out, &mut losses);
    write_fields(request, said, &mut out, &mut losses);
    match (&request.format, noted("outputConfig")) {
        (Some(Format::JsonSchema(_)), Some(raw)) if raw != "null" => {
            out.raw("outputConfig", raw);
        }
        (Some(Format::JsonSchema(format)), _) => write_format(format, &mut out, &mut losses),
        (None | Some(Format::Text), _) => {}
        (Some(Format::JsonObject | Format::Opaque(_)), _) => losses.add("format"),
    }
    match &request.metadata {
        Some(metadata) if request.extra.is_from(OWN) || is_taken(metadata) => {
            out.raw("requestMetadata", metadata.as_str());
        }
        metadata => losses.add_if(metadata.is_some(), "metadata"),
    }
    losses.add_if(request.parallel_tool_calls == Some(false), "parallel_tool_calls");
    losses.add_if(request.user.is_some(), "user");
    request.extra.write(OWN, "request", &mut out, &mut losses);
    Written { body: out.finish(), losses }
}

/// What stands in the names of Claude.
const CLAUDE: [&str; 2] = ["anthropic", "claude"];
/// Whose models have no cache that is told where to end: they refuse a request that says so
/// (`You invoked an unsupported model or your request did not allow prompt caching`).
const WITHOUT_CACHE: [&str; 11] = [
    "openai.", "meta.", "mistral.", "deepseek", "qwen", "cohere.", "ai21.", "nvidia.", "google.", "minimax", "moonshot",
];
/// The first Claude that has one.
const FIRST_WITH_CACHE: (u32, u32) = (3, 5);

/// The request with breakpoints where its model takes them. What was said in this dialect is its client's business.
fn cached<'a>(request: &'a Request, losses: &mut Losses) -> Cow<'a, Request> {
    let old = || version(&request.model).is_some_and(|version| version < FIRST_WITH_CACHE);
    if request.extra.is_from(OWN) {
        Cow::Borrowed(request)
    } else if !is_of(request, &CLAUDE) && is_of(request, &WITHOUT_CACHE) || old() {
        breakpoints::none(request, losses)
    } else if is_of(request, &["amazon.nova"]) {
        // `#/toolConfig/tools/0: extraneous key [cachePoint] is not permitted`, and the same of a message behind a result.
        breakpoints::of_words(request, losses)
    } else {
        breakpoints::merged(request, losses)
    }
}

/// Whether the model is one of these families, as far as its name says.
fn is_of(request: &Request, families: &[&str]) -> bool {
    families.iter().any(|family| request.model.contains(family))
}

/// A message that is being written.
struct Message<'a> {
    role: &'a str,
    content: ArrayWriter,
    /// The turn of this dialect that it is.
    own: Option<&'a Turn>,
}

/// The blocks of `system`, and the messages. A turn of this dialect is a message of its own; those of others are put
/// together, for user and assistant take turns, and what tools answered is said by the user.
fn write_turns(request: &Request, blocks: &mut Blocks) -> (ArrayWriter, ArrayWriter) {
    let (mut system, mut messages) = (ArrayWriter::new(), Vec::<Message>::new());
    for turn in &request.turns {
        let own = turn.extra.is_from(OWN);
        if !own {
            turn.extra.lose("message", &mut blocks.losses);
        }
        if turn.role.instructs() {
            // Behind the first message there is no place for it.
            blocks.losses.add_if(!messages.is_empty() && !own, "message.role");
            turn.items.iter().for_each(|item| blocks.add(item, &mut system));
            continue;
        }
        let role = role(&turn.role, own, &mut blocks.losses);
        drop_empty(&mut messages);
        if own || messages.last().is_none_or(|last| last.role != role) {
            messages.push(Message { role, content: ArrayWriter::new(), own: own.then_some(turn) });
        }
        if let Some(message) = messages.last_mut() {
            turn.items.iter().for_each(|item| blocks.add(item, &mut message.content));
        }
    }
    drop_empty(&mut messages);
    if messages.is_empty() && !system.is_empty() && !request.extra.is_from(OWN) {
        // A message there must be.
        blocks.losses.add("message.role");
        messages.push(Message { role: "user", content: std::mem::take(&mut system), own: None });
    }
    let mut list = ArrayWriter::new();
    for Message { role, content, own } in messages {
        let mut out = ObjectWriter::new();
        out.text("role", role).array("content", content);
        if let Some(turn) = own {
            turn.extra.write(OWN, "message", &mut out, &mut blocks.losses);
        }
        list.object(out);
    }
    (system, list)
}

/// Drops the last message if nothing of it could be said: one without content is refused.
fn drop_empty(messages: &mut Vec<Message>) {
    messages.pop_if(|last| last.content.is_empty() && last.own.is_none());
}

fn role<'a>(role: &'a Role, own: bool, losses: &mut Losses) -> &'a str {
    match role {
        Role::Assistant => "assistant",
        Role::Other(word) if own => word,
        Role::Other(_) => {
            losses.add("message.role");
            "user"
        }
        Role::User | Role::Tool | Role::System | Role::Developer => "user",
    }
}

/// What is said of thinking and of how tokens are chosen.
struct Said {
    /// As Claude takes it, where another dialect asks one.
    plan: Option<Plan>,
    chosen: Chosen,
}

impl Said {
    /// `limits` says that another dialect asks Claude, whose own dialect knows what it refuses.
    fn of(request: &Request, limits: bool, losses: &mut Losses) -> Self {
        let sampling = &request.sampling;
        if limits {
            let plan = Plan::elsewhere(request, losses);
            let chosen = Chosen::of(sampling, false, plan.narrows_sampling, losses);
            return Self { plan: Some(plan), chosen };
        }
        let takes_top_k = request.extra.is_from(OWN) || is_of(request, &CLAUDE);
        losses.add_if(sampling.top_k.is_some() && !takes_top_k, "top_k");
        losses.add_if(sampling.seed.is_some(), "seed");
        losses.add_if(sampling.frequency_penalty.is_some(), "frequency_penalty");
        losses.add_if(sampling.presence_penalty.is_some(), "presence_penalty");
        let (temperature, top_p) = (sampling.temperature.clone(), sampling.top_p.clone());
        let top_k = sampling.top_k.clone().filter(|_| takes_top_k);
        Self { plan: None, chosen: Chosen { temperature, top_p, top_k } }
    }
}

fn write_inference(request: &Request, said: &Said, out: &mut ObjectWriter, losses: &mut Losses) {
    let mut config = ObjectWriter::new();
    let most = said.plan.as_ref().map_or(&request.max_tokens, |plan| &plan.max_tokens);
    config.number_if("maxTokens", most.as_ref());
    config.number_if("temperature", said.chosen.temperature.as_ref());
    config.number_if("topP", said.chosen.top_p.as_ref());
    let mut stop = ArrayWriter::new();
    for word in &request.stop {
        stop.text(word);
    }
    if !stop.is_empty() || request.extra.noted(OWN, "stopSequences") == Some("[]") {
        config.array("stopSequences", stop);
    }
    if let Some(inner) = request.extra.inner(OWN, "inferenceConfig") {
        inner.write(OWN, "request.inferenceConfig", &mut config, losses);
    }
    if !config.is_empty() || request.extra.noted(OWN, "inferenceConfig") == Some("{}") {
        out.object("inferenceConfig", config);
    }
}

/// Fields that a model has of its own: how it thinks is no part of the service's own.
fn write_fields(request: &Request, said: Said, out: &mut ObjectWriter, losses: &mut Losses) {
    let mut fields = ObjectWriter::new();
    match (said.plan, &request.thinking) {
        (Some(plan), _) => write_plan(plan, &mut fields),
        (None, Some(thinking)) => write_thinking(thinking, request, &mut fields, losses),
        (None, None) => {}
    }
    fields.number_if("top_k", said.chosen.top_k.as_ref());
    if let Some(inner) = request.extra.inner(OWN, "additionalModelRequestFields") {
        inner.write(OWN, "request.additionalModelRequestFields", &mut fields, losses);
    }
    if !fields.is_empty() || request.extra.noted(OWN, "additionalModelRequestFields") == Some("{}") {
        out.object("additionalModelRequestFields", fields);
    }
}

/// How Claude thinks, in the words of its own dialect.
fn write_plan(plan: Plan, fields: &mut ObjectWriter) {
    let mut effort = ObjectWriter::new();
    effort.text_if("effort", plan.effort.as_deref());
    if !effort.is_empty() {
        fields.object("output_config", effort);
    }
    if let Some(thinking) = plan.thinking {
        fields.object("thinking", thinking);
    }
}

/// What was said here stays; of other makers only OpenAI's models take a word.
fn write_thinking(thinking: &Thinking, request: &Request, fields: &mut ObjectWriter, losses: &mut Losses) {
    if let Some(raw) = thinking.extra.noted(OWN, "thinking") {
        fields.raw("thinking", raw);
        return;
    }
    thinking.extra.lose("thinking", losses);
    if is_of(request, &["openai.", "gpt-oss"]) {
        losses.add_if(thinking.effort.is_none(), "thinking.budget");
        fields.text_if("reasoning_effort", thinking.effort_or_nearest().as_deref());
        return;
    }
    losses.add_if(!thinking.is_off(), "thinking");
}

fn write_format(format: &JsonSchema, out: &mut ObjectWriter, losses: &mut Losses) {
    let Some(said) = &format.schema else { return losses.add("format") };
    let schema = schema::closed(said.as_str(), "format.schema", losses);
    let (mut inner, mut structure) = (ObjectWriter::new(), ObjectWriter::new());
    inner.text("schema", &schema).text_if("name", format.name.as_deref());
    inner.text_if("description", format.description.as_deref());
    format.extra.lose("format", losses);
    structure.object("jsonSchema", inner);
    let (mut text, mut config) = (ObjectWriter::new(), ObjectWriter::new());
    text.text("type", "json_schema").object("structure", structure);
    config.object("textFormat", text);
    out.object("outputConfig", config);
}

/// Whether the service takes it: at most 16 texts of at most 256 characters, of letters, digits and a few signs.
fn is_taken(metadata: &Raw) -> bool {
    let Ok(object) = Object::read(metadata.as_str()) else { return false };
    let fits = |text: &str| {
        let known =
            |letter: char| letter.is_alphanumeric() || letter.is_ascii_whitespace() || ":_@$#=/+,-.".contains(letter);
        text.len() <= 256 && text.chars().all(known)
    };
    let rest = object.rest(OWN);
    let all = || rest.unknown();
    all().count() <= 16
        && all().all(|(name, value)| !name.is_empty() && fits(name) && value.as_text().is_some_and(|text| fits(&text)))
}

#[cfg(test)]
mod tests;
