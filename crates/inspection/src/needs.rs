//! What a request needs of a model, read of its bytes without a tree. Pure.
//!
//! Nothing here decides what is sent: a sign that is missed costs a better choice, never the request.

mod calls;
mod media;
mod passed;

pub use calls::calls;
pub use passed::{of_form, units};

use crate::dialect::{Dialect, Endpoint};
use mcp::raw::{self, Index};
use media::Media;
use memchr::memmem::find_iter;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How many bytes of text make a token: an estimate, for choices between models.
pub const BYTES_OF_TOKEN: u64 = 4;
/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// About how many tokens are read.
    pub input: u64,
    /// How many are read at most: a token is a byte at least, and media take fewer.
    pub input_most: u64,
    /// How many tokens may be written for one answer, if the request says so.
    pub max_output: Option<u64>,
    /// Whether the model is given tools.
    pub tools: bool,
    /// Whether there are pictures.
    pub vision: bool,
    /// Whether there is sound.
    pub audio: bool,
    /// Whether there are documents.
    pub documents: bool,
    /// Whether the answer must fit a schema.
    pub json_schema: bool,
    /// Whether thoughts are asked for.
    pub reasoning: bool,
    /// Whether more is read than the request has: a conversation or a prompt that is with the provider, what its tools find,
    /// or a document or a film, which can be few bytes and many tokens.
    pub beyond: bool,
}

impl Needs {
    /// Reads `body`, a request to `endpoint`, whose members stand where `index` says.
    pub fn read(endpoint: Endpoint, body: &str, index: &Index) -> Self {
        if endpoint.is_passed() {
            return passed::needs(endpoint, body);
        }
        let mut needs = Self::default();
        let dialect = endpoint.dialect();
        let media = needs.look_for_media(dialect, body, index);
        let mut length = Length::default();
        for member in index.members(body) {
            let name = raw::text(member.key).unwrap_or_default();
            if LENGTHS.iter().any(|(of, known)| *of == dialect && *known == name) {
                length.said(member.value);
            }
            match &*name {
                "tools" | "functions" => {
                    needs.tools = member.value != "[]" && member.value != "null";
                    needs.beyond |= raw::elements(member.value).any(|tool| runs_at_provider(dialect, tool));
                }
                "generationConfig" | "generation_config" | "options" => {
                    needs.settings(dialect, member.value, &mut length);
                }
                "response_format" | "output_format" => needs.json_schema |= is_schema(Some(member.value)),
                "text" | "output_config" => needs.json_schema |= is_schema(raw::get(member.value, "format")),
                // Ollama has the schema itself here.
                "format" => needs.json_schema |= raw::is_object(member.value),
                "reasoning" | "reasoning_effort" | "think" | "thinking" => needs.reasoning |= thinks(member.value),
                "previous_response_id"
                | "conversation"
                | "prompt"
                | "cachedContent"
                | "cached_content"
                | "web_search_options"
                | "plugins"
                | "mcp_servers" => {
                    needs.beyond |= !matches!(member.value, "null" | "[]");
                }
                _ => {}
            }
        }
        needs.max_output = length.most();
        let text = (body.len() as u64).saturating_sub(media.bytes);
        needs.input = (text / BYTES_OF_TOKEN).saturating_add(media.usual);
        needs.input_most = text.saturating_add(media.most());
        if !endpoint.generates() {
            needs.max_output = Some(0);
        }
        needs
    }

    /// Looks at the beginning of each text for the words that tell of media, and of parts that may be many more tokens than
    /// they have bytes, in one walk. Only where there is such a word the parts are looked at one by one: it can be the name
    /// of anything. Types of parts that unfold into more than they say count wherever they stand.
    fn look_for_media(&mut self, dialect: Dialect, body: &str, index: &Index) -> Media {
        let bytes = body.as_bytes();
        let (mut by_address, mut image, mut told) = (false, false, false);
        for quote in memchr::memchr_iter(b'"', bytes) {
            let text = bytes.get(quote + 1..).unwrap_or_default();
            let any = |words: &[&str]| words.iter().any(|word| text.starts_with(word.as_bytes()));
            let (telling, unfolding): (&[&str], &[&str]) = match text.first() {
                Some(b'a') => {
                    self.beyond |= any(&["application/pdf\""]);
                    (&["audio\"", "audio_url\""], &[])
                }
                Some(b'd') => (&["document\""], &["document\""]),
                Some(b'f') => {
                    by_address |= any(&["fileUri\"", "file_uri\""]);
                    (&["file\"", "file_id\"", "fileData\"", "file_data\""], &["file\""])
                }
                Some(b'i') => {
                    image |= any(&["image/"]);
                    let parts = &["input_file\"", "input_video\"", "item_reference\""];
                    (&["image", "input_", "inlineData\"", "inline_data\""], parts)
                }
                Some(b'v') => {
                    self.beyond |= any(&["video/"]);
                    (&["video"], &["video_url\""])
                }
                _ => continue,
            };
            told |= any(telling);
            self.beyond |= any(unfolding) && follows_type(bytes.get(..quote).unwrap_or_default());
        }
        // Or it is written so that it might.
        let hidden = has_hidden_letters(bytes);
        self.beyond |= (by_address && !image) || hidden;
        let media = if told || hidden { Media::of(dialect, body, index) } else { Media::default() };
        self.vision = media.pictures;
        self.audio = media.sounds;
        self.documents = media.documents;
        self.beyond |= media.beyond;
        media
    }

    fn settings(&mut self, dialect: Dialect, object: &str, length: &mut Length) {
        for member in raw::members(object) {
            match (dialect, &*raw::text(member.key).unwrap_or_default()) {
                // A negative number stands for no bound in Ollama.
                (Dialect::Gemini, "maxOutputTokens" | "max_output_tokens") | (Dialect::Ollama, "num_predict") => {
                    length.said(member.value);
                }
                (
                    Dialect::Gemini,
                    "responseSchema"
                    | "response_schema"
                    | "responseJsonSchema"
                    | "response_json_schema"
                    | "_responseJsonSchema"
                    | "_response_json_schema",
                ) => self.json_schema = true,
                (Dialect::Gemini, "thinkingConfig" | "thinking_config") => self.reasoning |= thinks(member.value),
                _ => {}
            }
        }
    }
}

/// Whether a text ends with `"type":`.
fn follows_type(before: &[u8]) -> bool {
    let name = before.trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end);
    name.is_some_and(|name| name.ends_with(b"\"type\""))
}

/// Whether a letter is written as its number, as nobody does who has nothing to hide: what is looked for by its letters
/// could stand there.
fn has_hidden_letters(bytes: &[u8]) -> bool {
    // Most texts have no escapes.
    memchr::memchr(b'\\', bytes).is_some()
        && find_iter(bytes, b"\\u00").any(|at| {
            let digits = bytes.get(at + 4..at + 6).and_then(|digits| std::str::from_utf8(digits).ok());
            let letter = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            letter.is_some_and(|letter| letter.is_ascii_alphabetic() || letter == b'_')
        })
}

/// How the types of tools begin that Anthropic defines and clients run.
const OF_CLIENTS: [&str; 5] = ["custom", "bash_", "text_editor_", "computer_", "memory_"];

/// Whether the provider runs a tool by itself, and reads what it finds.
fn runs_at_provider(dialect: Dialect, tool: &str) -> bool {
    let kind = raw::get(tool, "type").and_then(raw::text);
    match dialect {
        Dialect::Gemini => {
            raw::members(tool).any(|member| !member.is("functionDeclarations") && !member.is("function_declarations"))
        }
        Dialect::Anthropic => kind.is_some_and(|kind| !OF_CLIENTS.iter().any(|begin| kind.starts_with(begin))),
        Dialect::OpenAiResponses => kind.is_some_and(|kind| match &*kind {
            "function" | "custom" | "local_shell" | "computer_use_preview" | "apply_patch" => false,
            "namespace" => raw::members(tool)
                .filter(|member| member.is("tools"))
                .any(|member| raw::elements(member.value).any(|tool| !is_clients_function(tool))),
            _ => true,
        }),
        _ => kind.is_some_and(|kind| !matches!(&*kind, "function" | "custom")),
    }
}

/// Whether it is a tool of a namespace that the client runs: other namespaces are none.
fn is_clients_function(tool: &str) -> bool {
    raw::get(tool, "type").and_then(raw::text).is_some_and(|kind| matches!(&*kind, "function" | "custom"))
}

/// Where each dialect says how long an answer may be, beside its settings. What stands where another dialect says it binds nobody.
const LENGTHS: [(Dialect, &str); 4] = [
    (Dialect::OpenAiChat, "max_tokens"),
    (Dialect::OpenAiChat, "max_completion_tokens"),
    (Dialect::OpenAiResponses, "max_output_tokens"),
    (Dialect::Anthropic, "max_tokens"),
];

/// How long an answer may be.
#[derive(Default)]
struct Length {
    most: Option<u64>,
    /// Whether it was said in a way that a provider may read otherwise.
    unsure: bool,
}

impl Length {
    fn said(&mut self, value: &str) {
        match value.parse() {
            // Ollama takes it for no bound.
            Ok(0) => self.unsure = true,
            Ok(tokens) => self.most = self.most.max(Some(tokens)),
            Err(_) => self.unsure |= value != "null",
        }
    }

    fn most(&self) -> Option<u64> {
        self.most.filter(|_| !self.unsure)
    }
}

/// Whether a format is one that a schema says.
fn is_schema(format: Option<&str>) -> bool {
    format
        .and_then(|format| raw::get(format, "type"))
        .is_some_and(|kind| raw::text(kind).as_deref() == Some("json_schema"))
}

/// Whether what is said of thoughts asks for some, in whichever dialect.
fn thinks(value: &str) -> bool {
    if !raw::is_object(value) {
        return !matches!(value, "null" | "false" | "\"none\"");
    }
    let names = ["type", "effort", "enabled", "thinkingBudget", "thinking_budget"];
    let off = ["\"disabled\"", "\"none\"", "false", "0", "0"];
    let said = raw::pick(value, names);
    !said.into_iter().zip(off).any(|(said, off)| said == Some(off))
}

/// What stays the same in all requests of a conversation, whose members `get` gives: how it is instructed, and how it begins. What the provider keeps
/// of it is worth coming back for.
pub fn conversation<'a>(dialect: Dialect, get: impl Fn(&str) -> Option<&'a str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut keep = |value: Option<&str>| value.unwrap_or_default().hash(&mut hasher);
    if let Some(key) = get("prompt_cache_key") {
        keep(Some(key));
        return hasher.finish();
    }
    let (instructions, turns) = match dialect {
        Dialect::OpenAiResponses => ("instructions", "input"),
        Dialect::Gemini => ("systemInstruction", "contents"),
        _ => ("system", "messages"),
    };
    keep(get(instructions));
    let turns = get(turns).unwrap_or_default();
    if !turns.starts_with('[') {
        keep(Some(turns));
        return hasher.finish();
    }
    for turn in raw::elements(turns) {
        keep(Some(turn));
        if matches!(raw::get(turn, "role"), None | Some("\"user\"")) {
            break;
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests;
