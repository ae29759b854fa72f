//! Requests, written.

use super::super::{OWN, content, write_object};
use super::read::USUAL;
use super::thinking::Plan;
use super::{tools, turns};
use crate::{breakpoints, schema};
use conversation::json::Number;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::{Losses, Written};
use conversation::request::{Format, JsonSchema, Request, Sampling};
use std::borrow::Cow;

/// Writes a request.
pub(in super::super) fn write(request: &Request) -> Written {
    let mut losses = Losses::new();
    let own = request.extra.is_from(OWN);
    let limited = if own { Cow::Borrowed(request) } else { breakpoints::taken(request, &mut losses) };
    let request = &*limited;
    let mut out = ObjectWriter::new();
    out.text("model", &request.model);
    let plan = Plan::of(request, &mut losses);
    out.number_if("max_tokens", plan.max_tokens.as_ref());
    let conversation = turns::write(&request.turns, own, &mut losses);
    if let Some(system) = &conversation.system {
        out.raw("system", system);
    }
    out.array("messages", conversation.messages);
    tools::write(request, &mut out, &mut losses);
    write_sampling(request, plan.narrows_sampling, &mut out, &mut losses);
    write_stop(request, &mut out, &mut losses);
    write_metadata(request, &mut out, &mut losses);
    if let Some(thinking) = plan.thinking {
        out.object("thinking", thinking);
    }
    write_output(request, plan.effort.as_deref(), &mut out, &mut losses);
    if request.stream || request.extra.noted(OWN, "stream") == Some("false") {
        out.flag("stream", request.stream);
    }
    request.extra.write_usual(OWN, USUAL, &mut out);
    request.extra.write(OWN, "request", &mut out, &mut losses);
    Written { body: out.finish(), losses }
}

/// Adds what is said of how tokens are chosen.
fn write_sampling(request: &Request, narrow: bool, out: &mut ObjectWriter, losses: &mut Losses) {
    let chosen = Chosen::of(&request.sampling, request.extra.is_from(OWN), narrow, losses);
    out.number_if("temperature", chosen.temperature.as_ref());
    out.number_if("top_p", chosen.top_p.as_ref());
    out.number_if("top_k", chosen.top_k.as_ref());
}

/// How tokens are chosen, as Claude takes it.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) temperature: Option<Number>,
    pub(crate) top_p: Option<Number>,
    pub(crate) top_k: Option<Number>,
}

impl Chosen {
    /// What of `sampling` is taken. Models that think take only part of it: then `narrow` is true. What was said in the `own`
    /// dialect stays.
    pub(crate) fn of(sampling: &Sampling, own: bool, narrow: bool, losses: &mut Losses) -> Self {
        let warm = |number: &Number| !own && (number.as_f64() > 1.0 || narrow && number.as_f64() < 1.0);
        let temperature = match &sampling.temperature {
            Some(number) if warm(number) => {
                losses.add("temperature");
                (!narrow).then(|| Number::from(1))
            }
            told => told.clone(),
        };
        let fits = |number: &Number| !narrow || number.as_f64() >= 0.95;
        // Newer models refuse both at once.
        let alone = own || temperature.is_none();
        let top_p = sampling.top_p.clone().filter(fits).filter(|_| alone);
        losses.add_if(top_p != sampling.top_p, "top_p");
        let top_k = sampling.top_k.clone().filter(|_| !narrow);
        losses.add_if(top_k != sampling.top_k, "top_k");
        losses.add_if(sampling.seed.is_some(), "seed");
        losses.add_if(sampling.frequency_penalty.is_some(), "frequency_penalty");
        losses.add_if(sampling.presence_penalty.is_some(), "presence_penalty");
        Self { temperature, top_p, top_k }
    }
}

/// Adds the stop sequences. Those of white space only are refused.
fn write_stop(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    let own = request.extra.is_from(OWN);
    let mut array = ArrayWriter::new();
    for sequence in &request.stop {
        if own || !sequence.trim().is_empty() {
            array.text(sequence);
        } else {
            losses.add("stop");
        }
    }
    if !array.is_empty() || request.extra.noted(OWN, "stop_sequences") == Some("[]") {
        out.array("stop_sequences", array);
    }
}

fn write_metadata(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    losses.add_if(request.metadata.is_some(), "metadata");
    let mut metadata = ObjectWriter::new();
    metadata.text_if("user_id", request.user.as_deref());
    write_object(&request.extra, "metadata", metadata, out, losses);
}

/// Adds `output_config`: the effort and the form of the answer.
fn write_output(request: &Request, effort: Option<&str>, out: &mut ObjectWriter, losses: &mut Losses) {
    let mut config = ObjectWriter::new();
    config.text_if("effort", effort);
    let format = match &request.format {
        None | Some(Format::Text) => None,
        Some(Format::JsonObject) => {
            losses.add("format");
            None
        }
        Some(Format::JsonSchema(schema)) => Some(write_schema(schema, losses).finish()),
        Some(Format::Opaque(opaque)) => content::opaque(opaque, losses),
    };
    let aside = request.extra.noted(OWN, "format") == Some("output_format");
    if let Some(format) = format {
        if aside {
            out.raw("output_format", &format);
        } else {
            config.raw("format", &format);
        }
    }
    write_object(&request.extra, "output_config", config, out, losses);
}

/// The form by a schema, to which answers here always keep.
fn write_schema(form: &JsonSchema, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.text("type", "json_schema");
    match &form.schema {
        Some(said) if !form.extra.is_from(OWN) => {
            out.raw("schema", &schema::closed(said.as_str(), "format.schema", losses));
        }
        said => {
            out.raw_if("schema", said.as_ref());
        }
    }
    losses.add_if(form.name.is_some(), "format.name");
    losses.add_if(form.description.is_some(), "format.description");
    losses.add_if(form.strict == Some(false), "format.strict");
    form.extra.write(OWN, "format", &mut out, losses);
    out
}
