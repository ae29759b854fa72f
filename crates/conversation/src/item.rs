//! The items of which turns of a conversation, and answers, are made.

use crate::delta::Delta;
use crate::dialect::Dialect;
use crate::extra::Extra;
use crate::json::Raw;
use crate::loss::LOST_FILE;

/// One thing that somebody says in a turn. The order of items is the order in which they were said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Text.
    Text(Text),
    /// What a model thought.
    Reasoning(Reasoning),
    /// A model calls a tool.
    ToolCall(ToolCall),
    /// What came of a call.
    ToolResult(ToolResult),
    /// A picture, sound, video or document.
    Media(Media),
    /// All up to the item before it can be kept in the provider's cache.
    CacheBreakpoint(CacheBreakpoint),
    /// What only one dialect knows.
    Opaque(Opaque),
}

/// Text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// What is said.
    pub text: String,
    /// Whether it says that the model will not answer. Dialects without a place for that say it as text.
    pub refusal: bool,
    /// What a provider signed it with and wants to see again (Gemini's `thoughtSignature` of a part).
    pub signature: Option<String>,
    /// What else was said of it, such as annotations.
    pub extra: Extra,
}

/// What a model thought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasoning {
    /// The thoughts themselves, where they are shown.
    pub text: String,
    /// A summary of them, in parts (Responses).
    pub summary: Vec<String>,
    /// What the provider signed `text` with: it must come back unchanged with it.
    pub signature: Option<String>,
    /// The thoughts as only the provider can read them: Anthropic's `redacted_thinking`, `encrypted_content` of Responses.
    pub encrypted: Option<String>,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// What else was said of it.
    pub extra: Extra,
}

/// A model calls a tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// Its id. None where the dialect has none; writers then take one from [`crate::ids`].
    pub id: Option<String>,
    /// The tool.
    pub name: String,
    /// The arguments as the model wrote them: JSON if it kept to it. Never read and written anew.
    pub arguments: String,
    /// What a provider signed the call with and wants to see again (Gemini's `thoughtSignature`).
    pub signature: Option<String>,
    /// What else was said of it.
    pub extra: Extra,
}

/// What came of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolResult {
    /// The id of the call. None where the dialect has none.
    pub id: Option<String>,
    /// The tool, where the dialect says it. [`crate::ids::Calls`] finds it by the id.
    pub name: Option<String>,
    /// What the tool answered.
    pub content: Vec<Item>,
    /// Whether the tool failed, where it is said.
    pub is_error: Option<bool>,
    /// What else was said of it.
    pub extra: Extra,
}

/// A picture, sound, video or document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Where its bytes are.
    pub source: Source,
    /// Its media type, such as `image/png`, where it is known.
    pub media_type: Option<String>,
    /// The name of the file.
    pub name: Option<String>,
    /// What else was said of it, such as `detail`.
    pub extra: Extra,
}

impl Media {
    /// What it is called where it is lost. A file that is named by an id stands for a part of the conversation that only its
    /// provider has.
    pub fn loss(&self) -> String {
        match self.source {
            Source::File(_) => LOST_FILE.to_owned(),
            _ => format!("media.{}", self.kind.name()),
        }
    }
}

/// What a medium is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// A video.
    Video,
    /// A document, such as a PDF or a text.
    Document,
}

impl MediaKind {
    /// The kind by the media type; everything else is a document.
    pub fn of_type(media_type: &str) -> Self {
        match media_type.split('/').next().unwrap_or_default() {
            "image" => MediaKind::Image,
            "audio" => MediaKind::Audio,
            "video" => MediaKind::Video,
            _ => MediaKind::Document,
        }
    }

    /// Its name in paths of losses.
    pub fn name(self) -> &'static str {
        match self {
            MediaKind::Image => "image",
            MediaKind::Audio => "audio",
            MediaKind::Video => "video",
            MediaKind::Document => "document",
        }
    }
}

/// Where the bytes of a medium are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Here, in base64.
    Base64(String),
    /// Here, as plain text (a document of Anthropic's).
    Text(String),
    /// At an address; never one with the scheme `data`.
    Url(String),
    /// In a file that the provider has.
    File(String),
}

/// All up to the item before it can be kept in the provider's cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheBreakpoint {
    /// How long, as the provider says it: `5m` or `1h`.
    pub ttl: Option<String>,
    /// What else was said of it.
    pub extra: Extra,
}

/// What only one dialect knows: a kind of part, item, block, tool or event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// The dialect that knows it.
    pub dialect: Dialect,
    /// What it is called there, for the report of losses: mostly its `type`.
    pub kind: String,
    /// It as it was written.
    pub raw: Raw,
}

impl Opaque {
    /// What only `dialect` knows.
    pub fn new(dialect: Dialect, kind: impl Into<String>, raw: Raw) -> Self {
        Self { dialect, kind: kind.into(), raw }
    }
}

impl Item {
    /// A text without anything else.
    pub fn text(text: impl Into<String>) -> Self {
        Item::Text(Text { text: text.into(), ..Text::default() })
    }

    /// What else was said of it; nothing of what is opaque as a whole.
    pub fn extra(&self) -> Option<&Extra> {
        Some(match self {
            Item::Text(text) => &text.extra,
            Item::Reasoning(reasoning) => &reasoning.extra,
            Item::ToolCall(call) => &call.extra,
            Item::ToolResult(result) => &result.extra,
            Item::Media(media) => &media.extra,
            Item::CacheBreakpoint(point) => &point.extra,
            Item::Opaque(_) => return None,
        })
    }

    /// Adds a piece that came in a stream. A piece that does not fit the item is passed over.
    pub fn apply(&mut self, delta: Delta) {
        match (self, delta) {
            (Item::Text(text), Delta::Text(piece)) => text.text.push_str(&piece),
            (Item::Text(text), Delta::Signature(piece)) => append(&mut text.signature, &piece),
            (Item::Reasoning(reasoning), Delta::Reasoning(piece)) => reasoning.text.push_str(&piece),
            (Item::Reasoning(reasoning), Delta::Summary { part, text }) => {
                summarise(&mut reasoning.summary, part, &text);
            }
            (Item::Reasoning(reasoning), Delta::Signature(piece)) => append(&mut reasoning.signature, &piece),
            (Item::Reasoning(reasoning), Delta::Encrypted(piece)) => append(&mut reasoning.encrypted, &piece),
            (Item::ToolCall(call), Delta::Arguments(piece)) => call.arguments.push_str(&piece),
            (Item::ToolCall(call), Delta::Signature(piece)) => append(&mut call.signature, &piece),
            (item, Delta::Extra(extra)) => item.extend(extra),
            _ => {}
        }
    }

    fn extend(&mut self, later: Extra) {
        let extra = match self {
            Item::Text(text) => &mut text.extra,
            Item::Reasoning(reasoning) => &mut reasoning.extra,
            Item::ToolCall(call) => &mut call.extra,
            Item::ToolResult(result) => &mut result.extra,
            Item::Media(media) => &mut media.extra,
            Item::CacheBreakpoint(point) => &mut point.extra,
            Item::Opaque(_) => return,
        };
        extra.merge(later);
    }
}

fn append(whole: &mut Option<String>, piece: &str) {
    whole.get_or_insert_default().push_str(piece);
}

/// Parts come in order; a number far ahead, which only a faulty provider sends, begins the next part.
fn summarise(summary: &mut Vec<String>, part: usize, text: &str) {
    if part >= summary.len() {
        summary.push(String::new());
    }
    let last = summary.len() - 1;
    if let Some(whole) = summary.get_mut(part.min(last)) {
        whole.push_str(text);
    }
}

/// The items with the breakpoint that follows each: for dialects that say breakpoints on the item itself. A breakpoint
/// before the first item is left out.
pub fn with_breakpoints(items: &[Item]) -> impl Iterator<Item = (&Item, Option<&CacheBreakpoint>)> {
    items.iter().enumerate().filter_map(|(number, item)| match item {
        Item::CacheBreakpoint(_) => None,
        _ => Some((
            item,
            items
                .get(number + 1)
                .and_then(|next| if let Item::CacheBreakpoint(point) = next { Some(point) } else { None }),
        )),
    })
}
