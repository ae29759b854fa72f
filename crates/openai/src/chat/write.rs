//! Writing requests.

use super::notes::PLACE;
use super::request::{LENGTHS, USUAL};
use super::turns::Messages;
use super::{OWN, shared, tools};
use crate::breakpoint;
use crate::model::Model;
use conversation::dialect::Dialect;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::{Losses, Written};
use conversation::request::{Request, Shown, Thinking, ThinkingMode};

/// Writes a request.
pub fn write_request(request: &Request) -> Written {
    let (mut out, mut losses) = (ObjectWriter::new(), Losses::new());
    let request = &*breakpoint::taken(request, OWN, &mut losses);
    out.text("model", &request.model).array("messages", Messages::write(&request.turns, &mut losses));
    tools::write(request, &mut out, &mut losses);
    if request.extra.is_from(OWN) || !request.tools.is_empty() {
        out.flag_if("parallel_tool_calls", request.parallel_tool_calls);
    }
    let sampling = &request.sampling;
    out.number_if("temperature", sampling.temperature.as_ref()).number_if("top_p", sampling.top_p.as_ref());
    if request.extra.is_from(OWN) {
        out.number_if("top_k", sampling.top_k.as_ref());
    } else {
        // Many servers know it, OpenAI refuses it.
        losses.add_if(sampling.top_k.is_some(), "top_k");
    }
    out.number_if("seed", sampling.seed.as_ref());
    out.number_if("frequency_penalty", sampling.frequency_penalty.as_ref());
    out.number_if("presence_penalty", sampling.presence_penalty.as_ref());
    out.number_if(length_name(request), request.max_tokens.as_ref());
    write_stop(request, &mut out, &mut losses);
    if let Some(thinking) = &request.thinking {
        write_thinking(thinking, &mut out, &mut losses);
    }
    tools::write_format(request, &mut out, &mut losses);
    write_stream(request, &mut out);
    out.text_if("user", request.user.as_deref()).raw_if("metadata", request.metadata.as_ref());
    request.extra.write_usual(OWN, USUAL, &mut out);
    let shared = (Dialect::OpenAiResponses, shared(&request.model));
    request.extra.write_shared(OWN, shared, "request", &mut out, &mut losses);
    Written { body: out.finish(), losses }
}

/// The name for the most tokens: as it was, else by the model. OpenAI's models that think refuse the older name, and
/// servers that are like OpenAI's may not know the newer.
fn length_name(request: &Request) -> &'static str {
    let [newer, older] = LENGTHS;
    let noted = request.extra.noted(OWN, "length");
    let model = request.model.rsplit('/').next().unwrap_or_default();
    let thinks = model.starts_with("gpt-5") || Model::of(model).is_some_and(Model::reasons);
    if noted == Some(newer) || (noted.is_none() && thinks) { newer } else { older }
}

fn write_stop(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    if let Some(raw) = request.extra.noted(OWN, "stop").filter(|raw| *raw != "null") {
        out.raw("stop", raw);
        return;
    }
    // OpenAI takes four at most.
    let most = if request.extra.is_from(OWN) { usize::MAX } else { 4 };
    losses.add_if(request.stop.len() > most, "stop");
    let mut texts = ArrayWriter::new();
    request.stop.iter().take(most).for_each(|text| {
        texts.text(text);
    });
    if !texts.is_empty() {
        out.array("stop", texts);
    }
}

fn write_thinking(thinking: &Thinking, out: &mut ObjectWriter, losses: &mut Losses) {
    let mut inner = ObjectWriter::new();
    match thinking.extra.noted(OWN, PLACE) {
        Some("reasoning") => {
            inner.text_if("effort", thinking.effort.as_deref()).number_if("max_tokens", thinking.budget.as_ref());
            inner.flag_if("enabled", thinking.mode.as_ref().map(|mode| *mode != ThinkingMode::Off));
            inner.flag_if("exclude", thinking.shown.as_ref().map(|shown| *shown == Shown::Hidden));
            thinking.extra.write(OWN, "thinking", &mut inner, losses);
            out.object("reasoning", inner);
        }
        Some(_) => {
            inner.text_if(
                "type",
                thinking.mode.as_ref().map(|mode| match mode {
                    ThinkingMode::On => "enabled",
                    ThinkingMode::Off => "disabled",
                    ThinkingMode::Adaptive => "adaptive",
                    ThinkingMode::Other(word) => word,
                }),
            );
            inner.number_if("budget_tokens", thinking.budget.as_ref());
            thinking.extra.write(OWN, "thinking", &mut inner, losses);
            out.object("thinking", inner);
        }
        None => {
            thinking.extra.lose("thinking", losses);
            losses.add_if(thinking.effort.is_none() && thinking.budget.is_some(), "thinking.budget");
            losses.add_if(thinking.effort.is_none() && thinking.is_off(), "thinking");
            losses.add_if(matches!(thinking.shown, Some(Shown::Summary(_))), "thinking.summary");
            // That a model shall not think is said where somebody said it in this word: models that never think refuse it.
            let effort =
                thinking.effort.clone().or_else(|| thinking.effort_or_nearest().filter(|_| !thinking.is_off()));
            out.text_if("reasoning_effort", effort.as_deref());
        }
    }
}

fn write_stream(request: &Request, out: &mut ObjectWriter) {
    if request.stream {
        out.flag("stream", true);
    } else if request.extra.noted(OWN, "stream") == Some("false") {
        out.flag("stream", false);
    }
    if let Some(raw) = request.extra.noted(OWN, "stream_options").filter(|raw| *raw != "null") {
        out.raw("stream_options", raw);
    } else if request.stream && !request.extra.is_from(OWN) {
        // Other dialects always tell what a stream took.
        out.raw("stream_options", "{\"include_usage\":true}");
    }
}
