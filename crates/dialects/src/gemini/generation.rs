//! `generationConfig`: how tokens are chosen, how many, and in which form.

use super::spelling::{Members, Spelled};
use super::{OWN, schema, thinking};
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::json::Raw;
use conversation::loss::Losses;
use conversation::request::{Format, JsonSchema, Request};

const NAME: &str = "generationConfig";
const JSON: &str = "application/json";
/// The most stop sequences that are taken.
const MOST_STOPS: usize = 5;
/// Notes: that the object is there though it may say nothing, that `stopSequences` is, and how the form was said.
const THERE: &str = "generationConfig-there";
const STOPS_THERE: &str = "stopSequences-there";
const MIME_ABSENT: &str = "responseMimeType-absent";
const OPEN_API: &str = "responseSchema-as-written";
/// One answer, which is what everybody gives who is asked for no number of them.
const ONE: &str = "candidateCount-one";
const COUNT: &str = "candidateCount";
const UNDERSCORE: &str = "_responseJsonSchema";

/// Reads `generationConfig` into `request`; the rest of it goes into `extra`.
pub(super) fn read(members: &mut Members<'_>, request: &mut Request) -> Result<Option<Extra>, Fault> {
    let Some(mut config) = members.object(NAME)? else { return Ok(None) };
    fill(&mut config, request).within(NAME)?;
    let one = config.peek(COUNT) == Some("1") && config.value(COUNT).is_some();
    let has_stops = config.has("stopSequences");
    request.stop = config.texts("stopSequences").within(NAME)?.unwrap_or_default();
    let (format, notes) = read_format(&mut config).within(NAME)?;
    request.format = format;
    let mut extra = config.rest();
    if one {
        extra.note(ONE, "");
    }
    for (name, how) in notes {
        extra.note(name, &how);
    }
    if has_stops {
        extra.note(STOPS_THERE, "");
    }
    extra.note(THERE, "");
    Ok(Some(extra))
}

fn fill(config: &mut Members<'_>, request: &mut Request) -> Result<(), Fault> {
    let sampling = &mut request.sampling;
    sampling.temperature = config.number("temperature")?;
    sampling.top_p = config.number("topP")?;
    sampling.top_k = config.number("topK")?;
    sampling.seed = config.number("seed")?;
    sampling.frequency_penalty = config.number("frequencyPenalty")?;
    sampling.presence_penalty = config.number("presencePenalty")?;
    request.max_tokens = config.number("maxOutputTokens")?;
    if let Some(config) = config.object("thinkingConfig")? {
        request.thinking = Some(thinking::read(config).within("thinkingConfig")?);
    }
    Ok(())
}

type Notes = Vec<(&'static str, String)>;

/// The form, and notes of how it was said. What is neither plain text nor JSON stays where it is, unknown to others.
fn read_format(config: &mut Members<'_>) -> Result<(Option<Format>, Notes), Fault> {
    let media_type = config.peek("responseMimeType").and_then(conversation::json::text);
    let has_schema = ["responseJsonSchema", UNDERSCORE, "responseSchema"].iter().any(|name| config.has(name));
    let mut notes = Notes::new();
    match media_type.as_deref() {
        Some("text/plain") if !has_schema => {
            config.text("responseMimeType")?;
            return Ok((Some(Format::Text), notes));
        }
        Some(JSON) => {
            config.text("responseMimeType")?;
        }
        None if has_schema => notes.push((MIME_ABSENT, String::new())),
        _ => return Ok((None, notes)),
    }
    let schema = match (config.value("responseJsonSchema"), config.has(UNDERSCORE)) {
        (Some(schema), _) => Some(schema),
        (None, true) => {
            notes.push((UNDERSCORE, String::new()));
            config.value(UNDERSCORE)
        }
        (None, false) => config.value("responseSchema").map(|written| {
            notes.push((OPEN_API, written.as_str().to_owned()));
            schema::json_schema(&written)
        }),
    };
    let of_schema = |schema| Format::JsonSchema(JsonSchema { schema: Some(schema), ..JsonSchema::default() });
    Ok((Some(schema.map_or(Format::JsonObject, of_schema)), notes))
}

/// Writes `generationConfig`, where there is anything to say in it.
pub(super) fn write(request: &Request, losses: &mut Losses) -> Option<String> {
    let inner = request.extra.inner(OWN, NAME);
    let noted = |name: &str| inner.is_some_and(|inner| inner.noted(OWN, name).is_some());
    let mut config = Spelled::new(inner);
    let sampling = &request.sampling;
    config.number_if("temperature", sampling.temperature.as_ref());
    config.number_if("topP", sampling.top_p.as_ref());
    config.number_if("topK", sampling.top_k.as_ref());
    config.number_if("seed", sampling.seed.as_ref());
    config.number_if("frequencyPenalty", sampling.frequency_penalty.as_ref());
    config.number_if("presencePenalty", sampling.presence_penalty.as_ref());
    config.number_if("maxOutputTokens", request.max_tokens.as_ref());
    config.raw_if(COUNT, noted(ONE).then_some("1"));
    if inner.is_some() {
        if noted(STOPS_THERE) || !request.stop.is_empty() {
            config.texts("stopSequences", &request.stop);
        }
    } else if !request.stop.is_empty() {
        losses.add_if(request.stop.len() > MOST_STOPS, "stop");
        config.texts("stopSequences", request.stop.get(..MOST_STOPS).unwrap_or(&request.stop));
    }
    if let Some(thinking) = &request.thinking {
        config.raw_if(
            "thinkingConfig",
            thinking::write(thinking, &request.model, request.max_tokens.as_ref(), losses).as_deref(),
        );
    }
    if let Some(format) = &request.format {
        write_format(format, inner, &mut config, losses);
    }
    if noted(THERE) { Some(config.finish("request", losses)) } else { config.finish_filled("request", losses) }
}

fn write_format(format: &Format, inner: Option<&Extra>, config: &mut Spelled<'_>, losses: &mut Losses) {
    let noted = |name: &str| inner.and_then(|inner| inner.noted(OWN, name));
    let form = match format {
        Format::Text => {
            config.text_if("responseMimeType", Some("text/plain"));
            return;
        }
        Format::JsonObject => None,
        Format::JsonSchema(form) => Some(form),
        Format::Opaque(opaque) => {
            losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind));
            return;
        }
    };
    if noted(MIME_ABSENT).is_none() {
        config.text_if("responseMimeType", Some(JSON));
    }
    let Some(form) = form else { return };
    // The form's name says nothing to Gemini, and it always keeps to the schema.
    losses.add_if(form.description.is_some(), "format.description");
    form.extra.lose("format", losses);
    let schema = form.schema.as_ref().map(Raw::as_str);
    match (noted(OPEN_API), noted(UNDERSCORE)) {
        (Some(written), _) => config.raw("responseSchema", written),
        (None, Some(_)) => config.raw_if(UNDERSCORE, schema),
        (None, None) => config.raw_if("responseJsonSchema", schema),
    };
}
