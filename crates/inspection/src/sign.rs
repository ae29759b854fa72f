//! What one event of a stream, or a whole answer, says of how it stands. Pure.

use crate::dialect::{Dialect, Endpoint};
use mcp::raw::{self, Object};

/// What an event means for the stream that it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Nothing a client would miss yet: the stream can still be begun anew elsewhere.
    Prelude,
    /// Something that the model said.
    Token,
    /// The last of what the model said.
    End,
    /// The provider failed.
    Error,
}

/// The answers that come side by side in one stream, where a client asked for several.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answers {
    /// How many were asked for.
    wanted: u32,
    /// Those that have begun, by their numbers.
    begun: u128,
    /// Those that are over.
    over: u128,
}

impl Answers {
    /// So many answers, none of which has begun.
    pub fn wanted(wanted: u32) -> Self {
        Self { wanted, ..Self::default() }
    }

    fn saw(&mut self, number: Option<&str>, over: bool) {
        let number = number.and_then(|number| number.parse::<u32>().ok()).unwrap_or(0);
        let bit = 1u128 << number.min(127);
        self.begun |= bit;
        if over {
            self.over |= bit;
        }
    }

    /// Whether all are over. A provider may give fewer than were asked for where `fewer` is so.
    pub fn are_over(&self, fewer: bool) -> bool {
        self.over != 0 && self.begun & !self.over == 0 && (fewer || self.over.count_ones() >= self.wanted.min(127))
    }
}

/// What `data`, one event in this dialect, means. `name` is that of the event, where the dialect needs it.
pub fn of(dialect: Dialect, name: &str, data: &Object<'_>, answers: &mut Answers) -> Sign {
    match dialect {
        Dialect::OpenAiChat => of_chat(data, answers),
        Dialect::OpenAiResponses => of_responses(data),
        Dialect::Anthropic => of_anthropic(data),
        Dialect::Gemini => of_gemini(data, answers),
        Dialect::Ollama => of_ollama(data),
        Dialect::Bedrock => of_bedrock(name, data),
    }
}

/// Why an answer is no success that is an error as a whole, …
pub const ERROR: &str = "which is an error";
/// … and one of which a part came before its provider failed.
pub const PARTLY: &str = "which ends with an error";

/// Why `answer`, which came with success, is no success; nothing where it is one.
pub fn of_whole(endpoint: Endpoint, answer: &Object<'_>) -> Option<&'static str> {
    if is_error(answer.get("error")) {
        return Some(ERROR);
    }
    let lists = |name: &str| answer.get(name).is_some_and(|list| list.starts_with('['));
    let has = |name: &str| answer.get(name).is_some();
    match endpoint {
        Endpoint::ChatCompletions => {
            let choices = answer.get("choices").and_then(|choices| choices.strip_prefix('['));
            let silent = choices.is_none_or(|choices| choices.trim_ascii_start().starts_with(']'));
            silent.then_some("which has no `choices`").or_else(|| fails_in_choices(answer).then_some(PARTLY))
        }
        Endpoint::Completions if fails_in_choices(answer) => Some(PARTLY),
        Endpoint::Completions => (!has("choices")).then_some("which has no `choices`"),
        Endpoint::Embeddings => (!lists("data")).then_some("which has no list `data`"),
        Endpoint::EmbedContent => (!has("embedding")).then_some("which has no `embedding`"),
        Endpoint::BatchEmbedContents => (!lists("embeddings")).then_some("which has no list `embeddings`"),
        Endpoint::InputTokens | Endpoint::CountTokens => {
            (!has("input_tokens")).then_some("which has no `input_tokens`")
        }
        // Google leaves zeros out, but not all of an answer.
        Endpoint::GeminiCountTokens => (!has("totalTokens") && raw::members(answer.text()).next().is_some())
            .then_some("which has no `totalTokens`"),
        Endpoint::Moderations => (!has("results")).then_some("which has no `results`"),
        Endpoint::Rerank | Endpoint::RerankV2 => {
            // Voyage says `data`.
            (!has("results") && !has("data")).then_some("which has no `results`")
        }
        Endpoint::ImageGenerations | Endpoint::ImageEdits | Endpoint::ImageVariations => {
            (!has("data")).then_some("which has no `data`")
        }
        Endpoint::Transcriptions | Endpoint::Translations => (!has("text")).then_some("which has no `text`"),
        Endpoint::Speech => Some("and no sound"),
        Endpoint::Responses => (!has("output")).then_some("which has no `output`"),
        Endpoint::Messages => (!has("content")).then_some("which has no `content`"),
        Endpoint::GenerateContent => {
            (!has("candidates") && !has("promptFeedback")).then_some("which has no `candidates`")
        }
        Endpoint::OllamaChat => (!has("message")).then_some("which has no `message`"),
        Endpoint::Converse => (!has("output")).then_some("which has no `output`"),
        // They come as streams alone.
        Endpoint::StreamGenerateContent | Endpoint::ConverseStream => None,
    }
}

/// The JSON text in `data`, one event, that is all the model says in it; nothing where it is more than that, or where events
/// of the dialect differ in more.
pub fn text_of<'a>(dialect: Dialect, data: &Object<'a>) -> Option<&'a str> {
    let part = match dialect {
        Dialect::OpenAiChat => {
            let mut choices = raw::elements(data.get("choices")?);
            let choice = choices.next().filter(|_| choices.next().is_none())?;
            raw::get(choice, "delta")?
        }
        Dialect::Anthropic => data.get("delta")?,
        _ => return None,
    };
    let mut texts = raw::members(part).filter(|member| !member.is("role") && !member.is("type"));
    let text = texts.find(|member| says(Some(member.value)))?.value;
    text.starts_with('"').then_some(text)
}

/// Whether one of the answers side by side broke off by a fault of its provider. OpenRouter says it there.
fn fails_in_choices(answer: &Object<'_>) -> bool {
    raw::elements(answer.get("choices").unwrap_or_default()).any(|choice| {
        let [reason, error] = raw::pick(choice, ["finish_reason", "error"]);
        is_failure(reason, error)
    })
}

/// Whether an answer ends so because its provider failed.
fn is_failure(reason: Option<&str>, error: Option<&str>) -> bool {
    reason == Some("\"error\"") || is_error(error)
}

/// Whether a value that stands for an error says one. Some say that there is none.
fn is_error(value: Option<&str>) -> bool {
    says(value) && !matches!(value, Some("false" | "0"))
}

/// Whether a value is there and says something.
fn says(value: Option<&str>) -> bool {
    value.is_some_and(|value| !matches!(value, "null" | "\"\"" | "[]" | "{}"))
}

/// The same for a stream of what is passed on: pictures, sound, transcripts, and texts that go on. Those of OpenAI end with an event
/// that names itself so; vLLM streams transcripts as chunks of a chat.
pub fn of_passed(data: &Object<'_>, answers: &mut Answers) -> Sign {
    let error = data.get("error");
    let kind = data.get("type").and_then(raw::text).unwrap_or_default();
    match kind.as_ref() {
        "error" => Sign::Error,
        _ if is_error(error) => Sign::Error,
        "" => of_chat(data, answers),
        kind if kind.ends_with(".done") || kind.ends_with(".completed") => Sign::End,
        _ => Sign::Token,
    }
}

fn of_chat(data: &Object<'_>, answers: &mut Answers) -> Sign {
    if is_error(data.get("error")) {
        return Sign::Error;
    }
    let mut sign = Sign::Prelude;
    for choice in raw::elements(data.get("choices").unwrap_or_default()) {
        let [reason, index, delta, text, error] =
            raw::pick(choice, ["finish_reason", "index", "delta", "text", "error"]);
        if is_failure(reason, error) {
            return Sign::Error;
        }
        let over = says(reason);
        answers.saw(index, over);
        let said = |part: &str| raw::members(part).any(|member| says(Some(member.value)) && !member.is("role"));
        // `text` is what the older completions have in its place.
        if over || delta.is_some_and(said) || says(text) {
            sign = Sign::Token;
        }
    }
    if sign == Sign::Token && answers.are_over(false) { Sign::End } else { sign }
}

fn of_responses(data: &Object<'_>) -> Sign {
    let kind = data.get("type").and_then(raw::text).unwrap_or_default();
    match kind.as_ref() {
        "error" | "response.failed" => Sign::Error,
        "response.completed" | "response.incomplete" => Sign::End,
        "response.created"
        | "response.in_progress"
        | "response.queued"
        | "response.output_item.added"
        | "response.content_part.added" => Sign::Prelude,
        "" if is_error(data.get("error")) => Sign::Error,
        _ => Sign::Token,
    }
}

fn of_anthropic(data: &Object<'_>) -> Sign {
    let kind = data.get("type").and_then(raw::text).unwrap_or_default();
    match kind.as_ref() {
        "error" => Sign::Error,
        "message_stop" => Sign::End,
        "ping" | "message_start" => Sign::Prelude,
        "content_block_start" => {
            // A block of text or thinking begins empty; one of another kind says something by being there.
            let kind = data.at(&["content_block", "type"]).unwrap_or_default();
            if matches!(kind, "\"text\"" | "\"thinking\"") { Sign::Prelude } else { Sign::Token }
        }
        "" if is_error(data.get("error")) => Sign::Error,
        _ => Sign::Token,
    }
}

fn of_gemini(data: &Object<'_>, answers: &mut Answers) -> Sign {
    if is_error(data.get("error")) {
        return Sign::Error;
    }
    if says(data.at(&["promptFeedback", "blockReason"])) {
        return Sign::End;
    }
    let mut sign = Sign::Prelude;
    for candidate in raw::elements(data.get("candidates").unwrap_or_default()) {
        let over = says(raw::get(candidate, "finishReason"));
        answers.saw(raw::get(candidate, "index"), over);
        if over || says(raw::at(candidate, &["content", "parts"])) {
            sign = Sign::Token;
        }
    }
    if sign == Sign::Token && answers.are_over(true) { Sign::End } else { sign }
}

fn of_ollama(data: &Object<'_>) -> Sign {
    if is_error(data.get("error")) {
        return Sign::Error;
    }
    if data.get("done") == Some("true") {
        return Sign::End;
    }
    let message = data.get("message").unwrap_or_default();
    let said = raw::members(message).any(|member| !member.is("role") && says(Some(member.value)));
    if said { Sign::Token } else { Sign::Prelude }
}

fn of_bedrock(name: &str, data: &Object<'_>) -> Sign {
    match name {
        "messageStop" => Sign::End,
        "messageStart" | "contentBlockStop" | "metadata" | "initial-response" => Sign::Prelude,
        // A block of text or thoughts begins with its first piece; one of another kind says something by being there.
        "contentBlockStart" => {
            let begun = raw::members(data.get("start").unwrap_or_default()).next().is_some();
            if begun { Sign::Token } else { Sign::Prelude }
        }
        _ => Sign::Token,
    }
}

#[cfg(test)]
mod tests;
