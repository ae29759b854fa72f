//! The response object, which repeats what the request said.

use super::request::instructions;
use super::{OWN, Quiet, failure, finish, settings, usage, write_quiet};
use conversation::answer::{Finish, Reply, Usage};
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::failure::Failure;
use conversation::json::Number;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::request::Request;

/// What a response says of its request or of itself and nobody else has a place for.
pub(super) const REPEATED: &Quiet = &[
    ("background", ""),
    ("billing", ""),
    ("completed_at", ""),
    ("conversation", ""),
    ("frequency_penalty", ""),
    ("instructions", ""),
    ("max_output_tokens", ""),
    ("max_tool_calls", ""),
    ("metadata", ""),
    ("object", ""),
    ("parallel_tool_calls", ""),
    ("presence_penalty", ""),
    ("previous_response_id", ""),
    ("prompt", ""),
    ("prompt_cache_key", ""),
    ("prompt_cache_options", ""),
    ("prompt_cache_retention", ""),
    ("reasoning", ""),
    ("safety_identifier", ""),
    ("status", ""),
    ("store", ""),
    ("temperature", ""),
    ("text", ""),
    ("tool_choice", ""),
    ("tools", ""),
    ("top_logprobs", ""),
    ("top_p", ""),
    ("truncation", ""),
    ("user", ""),
];
/// Of a request, what is repeated as it was sent and has no place in the model. What only OpenAI keeps is not: an
/// earlier response, a conversation or a prompt was not used, and an answer that names it says that it was.
const FROM_REQUEST: [&str; 8] = [
    "background",
    "max_tool_calls",
    "prompt_cache_key",
    "prompt_cache_options",
    "safety_identifier",
    "store",
    "top_logprobs",
    "truncation",
];
/// What a request that does not say it gets told.
const DEFAULTS: [(&str, &str); 13] = [
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("previous_response_id", "null"),
    ("reasoning", r#"{"effort":null,"summary":null}"#),
    ("temperature", "null"),
    ("text", r#"{"format":{"type":"text"}}"#),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_p", "null"),
    ("truncation", "\"disabled\""),
    ("user", "null"),
];

/// What a response begins with.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) created: Option<Number>,
    pub(super) extra: Extra,
}

impl Head {
    /// Its id, or one that is made of the answer's.
    pub(super) fn id_or_made(&self, reply: &Reply) -> String {
        self.id.clone().unwrap_or_else(|| format!("resp_{}", reply.id))
    }
}

/// How a response ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct State<'a> {
    pub(super) said: finish::Said,
    pub(super) finish: Option<&'a Finish>,
    pub(super) usage: Option<&'a Usage>,
    pub(super) failure: Option<&'a Failure>,
}

/// The response object. Without a state it is in progress.
pub(super) fn write(
    head: &Head,
    state: Option<State<'_>>,
    output: &str,
    reply: &Reply,
    losses: &mut Losses,
) -> ObjectWriter {
    let own = head.extra.is_from(OWN);
    let mut out = ObjectWriter::new();
    if own {
        out.text_if("id", head.id.as_deref()).number_if("created_at", head.created.as_ref());
        out.text_if("model", head.model.as_deref());
    } else {
        out.text("id", &head.id_or_made(reply)).text("object", "response");
        out.number_if("created_at", head.created.as_ref()).whole("created_at", reply.created);
        out.text("model", head.model.as_deref().unwrap_or(&reply.request.model));
    }
    match state {
        None => {
            out.text("status", "in_progress").raw("error", "null").raw("incomplete_details", "null");
            out.raw("output", output).raw("usage", "null");
        }
        Some(state) => write_end(head, state, output, &mut out, losses),
    }
    write_quiet(&head.extra, REPEATED, &mut out);
    if !own {
        repeat(&reply.request, &mut out);
    }
    head.extra.write_shared(OWN, (Dialect::OpenAiChat, &["service_tier"]), "answer", &mut out, losses);
    out
}

fn write_end(head: &Head, state: State<'_>, output: &str, out: &mut ObjectWriter, losses: &mut Losses) {
    let own = head.extra.is_from(OWN);
    let (status, why) = match (state.failure, state.finish) {
        (Some(_), _) => (Some("failed"), None),
        (None, Some(ending)) => {
            let (status, why) = finish::words(ending, state.said, losses);
            (Some(status), why)
        }
        // Of this dialect it is among what is noted, where it was said at all.
        (None, None) => ((!own).then_some("completed"), None),
    };
    out.text_if("status", status);
    if let Some(failure) = state.failure {
        out.raw("error", &failure::of_response(failure));
    }
    if let Some(why) = why {
        let mut details = ObjectWriter::new();
        details.text("reason", why);
        if let Some(inner) = head.extra.inner(OWN, "incomplete_details") {
            inner.write(OWN, "incomplete_details", &mut details, losses);
        }
        out.object("incomplete_details", details);
    }
    if !own {
        out.raw("error", "null").raw("incomplete_details", "null");
    }
    if output != "[]" || head.extra.noted(OWN, "output").is_none() {
        out.raw("output", output);
    }
    match state.usage {
        Some(taken) => {
            out.object("usage", usage::write(taken, losses));
        }
        None if own => {}
        None => {
            out.raw("usage", "null");
        }
    }
}

/// Repeats what the client asked for.
fn repeat(request: &Request, out: &mut ObjectWriter) {
    // What cannot be said of the request was a loss where it was written for the provider.
    let mut ignored = Losses::new();
    if let Some((text, _)) = instructions(request) {
        out.text("instructions", text);
    }
    settings::write(request, out, &mut ignored);
    for name in FROM_REQUEST.iter().filter(|_| request.extra.is_from(OWN)) {
        let kept = request.extra.get(name).map(|raw| raw.as_str());
        if let Some(raw) = kept.or_else(|| request.extra.noted(OWN, name)) {
            out.raw(name, raw);
        }
    }
    for (name, value) in DEFAULTS {
        out.raw(name, value);
    }
}
