//! A request of chat completions as the engine takes it.

use conversation::json::Number;
use conversation::request::{Format, Sampling as Said};
use conversation::{Failure, FailureKind, Item, Request, Role, ToolChoice, Turn};
use engine::{Chat, Message, Model, Sampling};
use serde_json::{Value, json};

/// How a model chooses where a request does not say it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual {
    /// 0 takes the likeliest only.
    pub(crate) temperature: f32,
    /// What chance begins with.
    pub(crate) seed: u64,
}

/// What the engine shall answer.
///
/// # Errors
/// The request asks for what models of files do not do here, or for what they cannot.
pub(crate) fn wanted(request: &Request, model: &Model, usual: Usual) -> Result<engine::Request, Failure> {
    check(request)?;
    let messages = request.turns.iter().map(message).collect::<Result<Vec<Message>, Failure>>()?;
    let chat = Chat { messages, add_generation_prompt: true, ..Chat::default() };
    Ok(engine::Request {
        prompt: model.render(&chat).map_err(|failure| failed(&failure))?,
        most: request.max_tokens.as_ref().map(most).transpose()?,
        stops: request.stop.clone(),
        sampling: sampling(request, usual),
        schema: schema(request)?,
    })
}

/// The failure of the engine as clients are told it.
pub(crate) fn failed(failure: &engine::Failure) -> Failure {
    use engine::FailureKind as Kind;
    let kind = match failure.kind {
        Kind::Template | Kind::Schema | Kind::TooLong | Kind::Invalid => FailureKind::Invalid,
        Kind::Full => FailureKind::Overloaded,
        Kind::Broken | Kind::Unsupported | Kind::TooLarge | Kind::NoCard | Kind::CardLost | Kind::Internal => {
            FailureKind::Internal
        }
    };
    let code = (failure.kind == Kind::TooLong).then(|| "context_length_exceeded".to_owned());
    Failure { kind, message: failure.cause.clone(), code }
}

/// A request that is refused, and why.
pub(crate) fn refused(why: &str) -> Failure {
    Failure::new(FailureKind::Invalid, why)
}

/// What would be passed over is refused: an answer without it would be another than was asked for.
fn check(request: &Request) -> Result<(), Failure> {
    if !request.tools.is_empty() && request.tool_choice != Some(ToolChoice::None) {
        return Err(refused("`tools`: a built-in model calls no tools"));
    }
    let said = |name: &str| request.extra.get(name).map(conversation::Raw::as_str);
    if said("n").is_some_and(|n| n != "1" && n != "null") {
        return Err(refused("`n`: a built-in model gives one answer"));
    }
    if said("logprobs") == Some("true") {
        return Err(refused("`logprobs`: a built-in model does not tell them"));
    }
    if said("logit_bias").is_some_and(|bias| bias != "{}" && bias != "null") {
        return Err(refused("`logit_bias`: a built-in model does not take it"));
    }
    Ok(())
}

fn message(turn: &Turn) -> Result<Message, Failure> {
    let role = match turn.role {
        Role::System | Role::Developer => engine::Role::System,
        Role::Assistant => engine::Role::Assistant,
        Role::Tool => return Err(refused("`messages`: a built-in model knows no tools")),
        Role::User | Role::Other(_) => engine::Role::User,
    };
    let mut texts = Vec::new();
    for item in &turn.items {
        match item {
            Item::Text(text) => texts.push(text.text.as_str()),
            Item::Reasoning(_) | Item::CacheBreakpoint(_) => {}
            Item::Media(_) => {
                return Err(refused("`messages`: a built-in model reads text only, no pictures, sound or files"));
            }
            Item::ToolCall(_) | Item::ToolResult(_) => {
                return Err(refused("`messages`: a built-in model knows no tools"));
            }
            Item::Opaque(opaque) => {
                return Err(refused(&format!("`messages`: a built-in model does not know `{}`", opaque.kind)));
            }
        }
    }
    Ok(Message::new(role, texts.join("\n")))
}

fn most(number: &Number) -> Result<usize, Failure> {
    let tokens = number.as_u64().filter(|tokens| *tokens > 0);
    let tokens = tokens.ok_or_else(|| refused("`max_tokens` must be a whole number above 0"))?;
    Ok(usize::try_from(tokens).unwrap_or(usize::MAX))
}

#[expect(clippy::cast_possible_truncation, reason = "no setting is known to more than some digits")]
fn sampling(request: &Request, usual: Usual) -> Sampling {
    let Said { temperature, top_p, top_k, seed, frequency_penalty, presence_penalty } = &request.sampling;
    let number = |number: &Option<Number>, usual: f32| number.as_ref().map_or(usual, |said| said.as_f64() as f32);
    // What servers like llama.cpp's know beside OpenAI's names.
    let more = |name: &str, usual: f32| {
        let said = request.extra.get(name).and_then(|raw| raw.as_str().parse().ok());
        said.unwrap_or(usual)
    };
    let seed = seed.as_ref().map_or(usual.seed, |seed| {
        seed.as_u64().or_else(|| seed.as_str().parse::<i64>().ok().map(i64::cast_unsigned)).unwrap_or(usual.seed)
    });
    Sampling {
        temperature: number(temperature, usual.temperature),
        top_p: number(top_p, 1.0),
        top_k: top_k.as_ref().and_then(Number::as_u64).map_or(0, |most| usize::try_from(most).unwrap_or(0)),
        min_p: more("min_p", 0.0),
        repetition_penalty: more("repeat_penalty", more("repetition_penalty", 1.0)),
        frequency_penalty: number(frequency_penalty, 0.0),
        presence_penalty: number(presence_penalty, 0.0),
        seed,
        ..Sampling::default()
    }
}

fn schema(request: &Request) -> Result<Option<Value>, Failure> {
    match &request.format {
        None | Some(Format::Text) => Ok(None),
        Some(Format::JsonObject) => Ok(Some(json!({"type": "object"}))),
        Some(Format::JsonSchema(form)) => {
            let schema = form.schema.as_ref().map_or("{}", |raw| raw.as_str());
            let schema = base::json::from_text(schema);
            schema.map(Some).map_err(|_| refused("`response_format`: the schema cannot be read"))
        }
        Some(Format::Opaque(form)) => {
            Err(refused(&format!("`response_format`: a built-in model does not know `{}`", form.kind)))
        }
    }
}

#[cfg(test)]
mod tests;
