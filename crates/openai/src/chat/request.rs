//! Reading requests.

use super::notes::PLACE;
use super::{OWN, message, tools};
use conversation::fault::{Fault, Within};
use conversation::json;
use conversation::object::Object;
use conversation::request::{Request, Sampling, Shown, Thinking, ThinkingMode};

/// The two names for the most tokens of an answer: the newer first.
pub(super) const LENGTHS: [&str; 2] = ["max_completion_tokens", "max_tokens"];

/// What is so without these: nobody misses them who is not told.
pub(super) const USUAL: &[(&str, &str)] = &[
    ("n", "1"),
    ("logprobs", "false"),
    ("top_logprobs", "0"),
    ("logit_bias", "{}"),
    ("modalities", r#"["text"]"#),
    ("service_tier", r#""auto""#),
    ("store", "false"),
];

/// Reads a request.
///
/// # Errors
/// The body is not what the dialect says.
pub fn read_request(body: &str) -> Result<Request, Fault> {
    let mut object = Object::read(body)?;
    let mut request = Request { model: object.needed_text("model")?, ..Request::default() };
    let messages = object.array("messages")?.ok_or_else(|| Fault::new("is missing").inside("messages"))?;
    for (number, raw) in messages.into_iter().enumerate() {
        request.turns.push(message::read(object.read_like(raw)?).within_element("messages", number)?);
    }
    tools::read(&mut object, &mut request)?;
    request.parallel_tool_calls = object.flag("parallel_tool_calls")?;
    request.sampling = Sampling {
        temperature: object.number("temperature")?,
        top_p: object.number("top_p")?,
        top_k: object.number("top_k")?,
        seed: object.number("seed")?,
        frequency_penalty: object.number("frequency_penalty")?,
        presence_penalty: object.number("presence_penalty")?,
    };
    read_length(&mut object, &mut request)?;
    read_stop(&mut object, &mut request)?;
    request.thinking = read_thinking(&mut object)?;
    request.format = tools::read_format(&mut object, &mut request.extra)?;
    if let Some(stream) = object.flag("stream")? {
        request.stream = stream;
        request.extra.note("stream", if stream { "true" } else { "false" });
    }
    if let Some(raw) = object.raw("stream_options") {
        let usage = Object::read(raw).within("stream_options")?.flag("include_usage").within("stream_options")?;
        request.stream_usage = usage == Some(true);
        request.extra.note("stream_options", raw);
    }
    request.user = object.text("user")?;
    request.metadata = object.value("metadata");
    object.take_usual(USUAL, &mut request.extra);
    let noted = std::mem::replace(&mut request.extra, object.rest(OWN));
    request.extra.merge(noted);
    Ok(request)
}

/// Of two lengths that are both said the newer name counts; the older stays unknown.
fn read_length(object: &mut Object<'_>, request: &mut Request) -> Result<(), Fault> {
    for name in LENGTHS {
        if request.max_tokens.is_none() {
            request.max_tokens = object.number(name)?;
            if request.max_tokens.is_some() {
                request.extra.note("length", name);
            }
        }
    }
    Ok(())
}

fn read_stop(object: &mut Object<'_>, request: &mut Request) -> Result<(), Fault> {
    let Some(raw) = object.raw("stop") else { return Ok(()) };
    if let Some(text) = json::text(raw) {
        request.stop.push(text);
        request.extra.note("stop", raw);
        return Ok(());
    }
    let texts = json::elements(raw).ok_or_else(|| Fault::new("is neither text nor a list of texts").inside("stop"))?;
    if texts.is_empty() {
        request.extra.note("stop", raw);
    }
    for (number, text) in texts.into_iter().enumerate() {
        let text = json::text(text).ok_or_else(|| Fault::new("is no string")).within_element("stop", number)?;
        request.stop.push(text);
    }
    Ok(())
}

/// `reasoning_effort` (OpenAI), `reasoning` (OpenRouter) or `thinking` (DeepSeek, Z.ai). Of several the first counts, the
/// others stay unknown.
fn read_thinking(object: &mut Object<'_>) -> Result<Option<Thinking>, Fault> {
    if let Some(effort) = object.text("reasoning_effort")? {
        return Ok(Some(Thinking { effort: Some(effort), ..Thinking::default() }));
    }
    if let Some(mut inner) = object.object("reasoning")? {
        let mut thinking = Thinking { effort: inner.text("effort")?, ..Thinking::default() };
        thinking.budget = inner.number("max_tokens").within("reasoning")?;
        thinking.mode = inner.flag("enabled")?.map(|on| if on { ThinkingMode::On } else { ThinkingMode::Off });
        thinking.shown = inner.flag("exclude")?.map(|hidden| if hidden { Shown::Hidden } else { Shown::Shown });
        thinking.extra = inner.rest(OWN);
        thinking.extra.note(PLACE, "reasoning");
        return Ok(Some(thinking));
    }
    let Some(mut inner) = object.object("thinking")? else { return Ok(None) };
    let mode = inner.text("type")?.map(|mode| match mode.as_str() {
        "enabled" => ThinkingMode::On,
        "disabled" => ThinkingMode::Off,
        "adaptive" => ThinkingMode::Adaptive,
        _ => ThinkingMode::Other(mode),
    });
    let mut thinking = Thinking { mode, budget: inner.number("budget_tokens")?, ..Thinking::default() };
    thinking.extra = inner.rest(OWN);
    thinking.extra.note(PLACE, "thinking");
    Ok(Some(thinking))
}
