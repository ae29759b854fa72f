//! What an answer takes, in tokens: read as it goes by, without a tree. Pure.
//!
//! The crate `dialects` reads the same numbers, and more, of answers that are translated; a test holds both against each
//! other.

mod calls;
mod passed;
mod written;

use crate::dialect::{Dialect, Endpoint};
use crate::tier::Served;
use conversation::Usage;
use http::HeaderMap;
use mcp::raw::{self, Object};
use memchr::memmem;
use model::{ProviderCalls, Units};
use std::sync::LazyLock;

/// How many bytes of an answer a token has, where nothing better is known than how much there is: English has about four,
/// code and other languages fewer, and the form around it makes up for that.
const BYTES_OF_TOKEN: u64 = 4;
/// How many bytes of events there are for a token where a server gathers several in one.
const BYTES_OF_EVENTS: u64 = 300;

/// What stands in every event that tells of usage, in each dialect that names it.
static USAGE: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("\"usage"));

/// What chats of OpenAI, and those that are like it, tell of usage, …
const CHAT: [&str; 7] = [
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "prompt_cache_hit_tokens",
    "cached_tokens",
    "prompt_tokens_details",
    "completion_tokens_details",
];
/// … and of the parts of it.
const DETAILS: [&str; 4] = ["cached_tokens", "cache_write_tokens", "audio_tokens", "reasoning_tokens"];

/// Reads what one answer takes.
#[derive(Debug, Clone)]
pub struct Meter {
    dialect: Dialect,
    /// Whether the answer is what a model generates.
    generates: bool,
    /// Whether the endpoint is one of those that are passed on, whose answers tell the same in more ways.
    passed: bool,
    usage: Usage,
    /// What was told of other things than tokens.
    units: Units,
    /// What was told of tools that the provider runs.
    calls: ProviderCalls,
    /// The parts of the input, where the dialect tells each by itself.
    parts: Parts,
    /// How many bytes of events went by in which the model said something.
    said: u64,
    /// How many such events.
    events: u64,
    /// About how many tokens the words of a whole answer have.
    words: u64,
    /// What is left of the sum for the output, where that is not told by itself: Google leaves zeros out.
    rest: Option<u64>,
    /// How it was served, where that was said.
    served: Option<Served>,
    /// Whether the provider said with its answer that it is not made yet.
    unmade: bool,
}

/// What Anthropic and Bedrock tell apart: input that was neither read from the cache nor put into it, and both others.
#[derive(Debug, Clone, Copy, Default)]
struct Parts {
    fresh: Option<u64>,
    read: Option<u64>,
    written: Option<u64>,
}

impl Parts {
    fn sum(self) -> Option<u64> {
        let parts = [self.fresh, self.read, self.written];
        let told = parts.iter().any(Option::is_some);
        told.then(|| parts.into_iter().flatten().fold(0, u64::saturating_add))
    }
}

impl Meter {
    /// One for an answer of this endpoint.
    pub fn of(endpoint: Endpoint) -> Self {
        let writes = endpoint == Endpoint::Completions || endpoint.reads_sound();
        let generates = endpoint.generates() || writes;
        Self { generates, passed: endpoint.is_passed(), ..Self::new(endpoint.dialect()) }
    }

    /// One for an answer of this endpoint of which more came than is read: `length` bytes.
    pub fn of_cut(endpoint: Endpoint, length: usize) -> Self {
        Self { words: u64::try_from(length).unwrap_or(u64::MAX) / BYTES_OF_TOKEN, ..Self::of(endpoint) }
    }

    /// One for what a model generates in this dialect.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            generates: true,
            passed: false,
            usage: Usage::default(),
            units: Units::default(),
            calls: ProviderCalls::default(),
            parts: Parts::default(),
            said: 0,
            events: 0,
            words: 0,
            rest: None,
            served: None,
            unmade: false,
        }
    }

    /// Takes one event of a stream. `says` is whether the model says something in it.
    pub fn event(&mut self, data: &Object<'_>, says: bool) {
        if says {
            self.said = self.said.saturating_add(data.text().len() as u64);
            self.events = self.events.saturating_add(1);
        }
        self.serve(data);
        if self.passed {
            return passed::read(data, &mut self.usage, &mut self.units);
        }
        calls::read(self.dialect, data, &mut self.calls);
        match self.dialect {
            // Only the last line has numbers, and it has them without a word like `usage`.
            Dialect::Ollama if data.get("done") == Some("true") => self.object(data),
            Dialect::Ollama => {}
            _ if USAGE.find(data.text().as_bytes()).is_none() => {}
            Dialect::OpenAiChat => {
                // Moonshot tells it with the last choice.
                for choice in raw::elements(data.get("choices").unwrap_or_default()) {
                    self.told_in(raw::get(choice, "usage"));
                }
                self.told_in(data.get("usage").or_else(|| data.at(&["x_groq", "usage"])));
            }
            Dialect::OpenAiResponses => self.told_in(data.at(&["response", "usage"])),
            Dialect::Anthropic => self.told_in(data.get("usage").or_else(|| data.at(&["message", "usage"]))),
            Dialect::Gemini => self.told_in(data.get("usageMetadata").or_else(|| data.get("usage_metadata"))),
            Dialect::Bedrock => self.told_in(data.get("usage")),
        }
    }

    /// Takes one event more whose data has `length` bytes, and which tells no other numbers than the one before.
    pub fn again(&mut self, length: usize) {
        self.said = self.said.saturating_add(length as u64);
        self.events = self.events.saturating_add(1);
    }

    /// Takes a whole answer.
    pub fn whole(&mut self, data: &Object<'_>) {
        self.read_whole(data);
        if self.generates && self.usage.output.is_none() {
            self.words = written::tokens(self.dialect, data);
        }
    }

    fn read_whole(&mut self, data: &Object<'_>) {
        self.serve(data);
        if self.passed {
            return passed::read(data, &mut self.usage, &mut self.units);
        }
        calls::read(self.dialect, data, &mut self.calls);
        if self.dialect == Dialect::OpenAiResponses {
            self.unmade = matches!(data.get("status"), Some("\"queued\"" | "\"in_progress\""));
        }
        match self.dialect {
            Dialect::Ollama => self.object(data),
            Dialect::Gemini => self.told_in(data.get("usageMetadata").or_else(|| data.get("usage_metadata"))),
            Dialect::OpenAiChat | Dialect::OpenAiResponses | Dialect::Anthropic | Dialect::Bedrock => {
                self.told_in(data.get("usage"));
            }
        }
    }

    /// Takes what the headers of the answer say.
    pub fn headers(&mut self, headers: &HeaderMap) {
        self.served = Served::of_headers(headers).or(self.served);
    }

    /// How it was served, where that was said.
    pub fn served(&self) -> Option<Served> {
        self.served
    }

    /// A later word takes the place of an earlier one, as that is decided while the answer is made.
    fn serve(&mut self, data: &Object<'_>) {
        self.served = Served::of_answer(self.dialect, data).or(self.served);
    }

    /// What was told so far.
    #[cfg(test)]
    pub fn told(&self) -> &Usage {
        &self.usage
    }

    /// What the answer took of other things than tokens: what was told, or else `asked`.
    pub fn units(&self, asked: Units) -> Units {
        let told = |told: u64, asked: u64| if told > 0 { told } else { asked };
        Units {
            images: told(self.units.images, asked.images),
            milliseconds: told(self.units.milliseconds, asked.milliseconds),
            characters: asked.characters,
            searches: told(self.units.searches, asked.searches),
            calls: calls::taken(self.dialect, self.calls, asked.calls),
        }
    }

    /// Whether the provider has told how much was written.
    pub fn tells_output(&self) -> bool {
        self.usage.output.is_some() || self.rest.is_some_and(|rest| rest > 0 || self.words == 0)
    }

    /// Whether the provider goes on behind its answer, and has told nothing of what that takes.
    pub fn goes_on(&self) -> bool {
        self.unmade && self.usage.output.is_none()
    }

    /// What the answer took, and whether that is a guess because the provider did not tell. `input` is the guess for what
    /// was asked. Of an answer that is not `whole` more went by than was told: Anthropic begins with a token or two.
    pub fn taken(&self, input: u64, whole: bool) -> (Usage, bool) {
        let mut usage = self.usage.clone();
        let written = self.said > 0 || self.words > 0;
        if whole {
            // Nothing is left where something was written: it was not counted.
            usage.output = usage.output.max(self.rest.filter(|rest| *rest > 0 || !written));
        }
        let mut guessed = usage.input.is_none() || (self.generates && usage.output.is_none() && written);
        usage.input.get_or_insert(input);
        let output = match (self.generates, self.events) {
            (false, _) => 0,
            (true, 0) => self.words,
            // Most servers send an event for each token; some gather several.
            (true, events) => events.max(self.said / BYTES_OF_EVENTS),
        };
        if !whole && usage.output.is_some_and(|told| told < output) {
            (usage.output, guessed) = (Some(output), true);
        }
        usage.output.get_or_insert(output);
        (usage, guessed)
    }

    fn told_in(&mut self, usage: Option<&str>) {
        let Some(usage) = usage.filter(|usage| raw::is_object(usage)) else { return };
        match self.dialect {
            // What it stands in was read, so that this needs no index of its own.
            Dialect::OpenAiChat => self.chat(usage),
            _ => Object::read(usage).iter().for_each(|usage| self.object(usage)),
        }
    }

    fn object(&mut self, object: &Object<'_>) {
        match self.dialect {
            Dialect::OpenAiChat => self.chat(object.text()),
            Dialect::OpenAiResponses => self.responses(object),
            Dialect::Anthropic => self.anthropic(object),
            Dialect::Gemini => self.gemini(object),
            Dialect::Ollama => {
                keep(&mut self.usage.input, whole(object, "prompt_eval_count"));
                keep(&mut self.usage.output, whole(object, "eval_count"));
            }
            Dialect::Bedrock => self.bedrock(object),
        }
    }

    fn chat(&mut self, told: &str) {
        let told = raw::pick(told, CHAT);
        let [prompt, completion, total, hit, cached] = [told[0], told[1], told[2], told[3], told[4]].map(of_number);
        let of_details =
            |details: Option<&str>| details.map_or([None; 4], |told| raw::pick(told, DETAILS).map(of_number));
        let ([read, written, heard, _], [_, _, spoken, reasoning]) = (of_details(told[5]), of_details(told[6]));
        let usage = &mut self.usage;
        keep(&mut usage.input, prompt);
        keep(&mut usage.output, completion);
        // DeepSeek and Moonshot say beside it what OpenAI says in the details.
        keep(&mut usage.cache_read, read.or(hit).or(cached));
        keep(&mut usage.cache_write, written);
        keep(&mut usage.audio_input, heard);
        keep(&mut usage.reasoning, reasoning);
        keep(&mut usage.audio_output, spoken);
        // Servers of xAI and Google count thoughts in the sum and not in the completion.
        let known = prompt.zip(completion).map(|(prompt, completion)| prompt.saturating_add(completion));
        let beside = total.zip(known).and_then(|(total, known)| total.checked_sub(known));
        let beside = beside.filter(|beside| *beside > 0 && usage.reasoning.is_none_or(|told| told == *beside));
        if let Some(beside) = beside {
            usage.output = completion.map(|completion| completion.saturating_add(beside));
            usage.reasoning = Some(beside);
        }
    }

    fn responses(&mut self, object: &Object<'_>) {
        let usage = &mut self.usage;
        keep(&mut usage.input, whole(object, "input_tokens"));
        keep(&mut usage.output, whole(object, "output_tokens"));
        keep(&mut usage.cache_read, within(object, "input_tokens_details", "cached_tokens"));
        keep(&mut usage.cache_write, within(object, "input_tokens_details", "cache_write_tokens"));
        keep(&mut usage.audio_input, within(object, "input_tokens_details", "audio_tokens"));
        keep(&mut usage.reasoning, within(object, "output_tokens_details", "reasoning_tokens"));
        keep(&mut usage.audio_output, within(object, "output_tokens_details", "audio_tokens"));
    }

    fn anthropic(&mut self, object: &Object<'_>) {
        let told = |name: &str| with_iterations(object, |told| number(raw::get(told, name)?));
        let hour = |told: &str| number(raw::at(told, &["cache_creation", "ephemeral_1h_input_tokens"])?);
        keep(&mut self.parts.fresh, told("input_tokens"));
        keep(&mut self.parts.read, told("cache_read_input_tokens"));
        keep(&mut self.parts.written, told("cache_creation_input_tokens"));
        self.take_parts();
        let usage = &mut self.usage;
        keep(&mut usage.cache_write_hour, with_iterations(object, hour));
        keep(&mut usage.reasoning, within(object, "output_tokens_details", "thinking_tokens"));
        keep(&mut usage.output, told("output_tokens"));
    }

    fn gemini(&mut self, object: &Object<'_>) {
        let count = |name: &str, other: &str| whole(object, name).or_else(|| whole(object, other));
        let prompt = count("promptTokenCount", "prompt_token_count");
        let tools = count("toolUsePromptTokenCount", "tool_use_prompt_token_count");
        let candidates = count("candidatesTokenCount", "candidates_token_count");
        let thoughts = count("thoughtsTokenCount", "thoughts_token_count");
        let sum = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (None, None) => None,
            _ => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
        };
        let usage = &mut self.usage;
        keep(&mut usage.input, sum(prompt, tools));
        keep(&mut usage.output, sum(candidates, thoughts.or(usage.reasoning)));
        keep(&mut usage.reasoning, thoughts);
        let total = count("totalTokenCount", "total_token_count");
        let rest = total.zip(usage.input).map(|(total, input)| total.saturating_sub(input));
        self.rest = rest.filter(|_| candidates.is_none());
        keep(&mut usage.cache_read, count("cachedContentTokenCount", "cached_content_token_count"));
        keep(&mut usage.audio_input, audio(object.get("promptTokensDetails")));
        keep(&mut usage.audio_output, audio(object.get("candidatesTokensDetails")));
    }

    fn bedrock(&mut self, object: &Object<'_>) {
        keep(&mut self.parts.fresh, whole(object, "inputTokens"));
        keep(&mut self.parts.read, whole(object, "cacheReadInputTokens"));
        keep(&mut self.parts.written, whole(object, "cacheWriteInputTokens"));
        self.take_parts();
        keep(&mut self.usage.output, whole(object, "outputTokens"));
        let hour = raw::elements(object.get("cacheDetails").unwrap_or_default())
            .find(|detail| raw::get(detail, "ttl") == Some("\"1h\""))
            .and_then(|detail| number(raw::get(detail, "inputTokens")?));
        keep(&mut self.usage.cache_write_hour, hour);
    }

    fn take_parts(&mut self) {
        let usage = &mut self.usage;
        keep(&mut usage.cache_read, self.parts.read);
        keep(&mut usage.cache_write, self.parts.written);
        keep(&mut usage.input, self.parts.sum());
    }
}

/// A number of a usage of Anthropic's. Where a request was worked at in several rounds the numbers at the top leave some of them out, such as
/// those in which a conversation is made shorter, and all are paid for.
fn with_iterations(usage: &Object<'_>, number: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let rounds = usage.get("iterations").filter(|rounds| rounds.starts_with('[')).unwrap_or_default();
    let sum = raw::elements(rounds).filter_map(&number).reduce(u64::saturating_add);
    number(usage.text()).max(sum)
}

/// The sound in a list of tokens by modality.
fn audio(details: Option<&str>) -> Option<u64> {
    let details = raw::elements(details?).find(|detail| raw::get(detail, "modality") == Some("\"AUDIO\""))?;
    number(raw::get(details, "tokenCount")?)
}

/// A later number takes the place of an earlier one: streams tell the whole so far.
fn keep(place: &mut Option<u64>, told: Option<u64>) {
    *place = told.or(*place);
}

/// A number. Google writes large ones as texts, and some servers all as fractions.
fn number(raw: &str) -> Option<u64> {
    let digits = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
    digits.strip_suffix(".0").unwrap_or(digits).parse().ok()
}

fn of_number(raw: Option<&str>) -> Option<u64> {
    number(raw?)
}

fn whole(object: &Object<'_>, name: &str) -> Option<u64> {
    number(object.get(name)?)
}

fn within(object: &Object<'_>, outer: &str, name: &str) -> Option<u64> {
    number(raw::get(object.get(outer)?, name)?)
}

#[cfg(test)]
mod tests;
