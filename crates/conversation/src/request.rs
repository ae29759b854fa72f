//! What is asked of a model.

use crate::extra::Extra;
use crate::item::{CacheBreakpoint, Item, Opaque, Reasoning};
use crate::json::{Number, Raw};

/// A request, without the way in which a dialect writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The model. Empty where the dialect names it in the path and the path was not handed in.
    pub model: String,
    /// The conversation, in its order. What a system or a developer says stands in turns too, also where the dialect has a
    /// place of its own for it; then it comes first.
    pub turns: Vec<Turn>,
    /// The tools that the model may call.
    pub tools: Vec<Tool>,
    /// Which of them it must call.
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several at once.
    pub parallel_tool_calls: Option<bool>,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// The most tokens of the answer, thoughts included.
    pub max_tokens: Option<Number>,
    /// Texts at which the answer ends.
    pub stop: Vec<String>,
    /// How much is thought.
    pub thinking: Option<Thinking>,
    /// The form of the answer, where one is wanted.
    pub format: Option<Format>,
    /// Whether the answer is to come piece by piece.
    pub stream: bool,
    /// Whether a stream is to tell the usage, in dialects that tell it only then. Others always do.
    pub stream_usage: bool,
    /// Who asks, as the client calls them.
    pub user: Option<String>,
    /// What the client wants to find again beside the request: an object of texts.
    pub metadata: Option<Raw>,
    /// What else was said.
    pub extra: Extra,
}

impl Request {
    /// The texts of what the user said last, with line ends between; empty where the user said none.
    pub fn last_words(&self) -> String {
        let texts = |items: &[Item]| {
            let texts = items.iter().filter_map(|item| match item {
                Item::Text(text) => Some(text.text.as_str()),
                _ => None,
            });
            texts.collect::<Vec<_>>().join("\n")
        };
        let of_users = self.turns.iter().rev().filter(|turn| turn.role == Role::User);
        of_users.map(|turn| texts(&turn.items)).find(|words| !words.trim().is_empty()).unwrap_or_default()
    }
}

impl Request {
    /// Takes the thoughts that are `unwanted` out of the conversation, and turns of which nothing is left. Says whether there
    /// were any.
    pub fn drop_thoughts(&mut self, unwanted: impl Fn(&Reasoning) -> bool) -> bool {
        let mut any = false;
        self.turns.retain_mut(|turn| {
            let before = turn.items.len();
            turn.items.retain(|item| !matches!(item, Item::Reasoning(thought) if unwanted(thought)));
            let less = turn.items.len() < before;
            any |= less;
            !less || !turn.items.is_empty()
        });
        any
    }
}

/// What one side says before the other does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who.
    pub role: Role,
    /// What, in order.
    pub items: Vec<Item>,
    /// What else was said of the message.
    pub extra: Extra,
}

impl Turn {
    /// A turn that was made here.
    pub fn new(role: Role, items: Vec<Item>) -> Self {
        Self { role, items, extra: Extra::default() }
    }
}

/// Who says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Whoever runs the application, in older words.
    System,
    /// Whoever runs the application. Dialects without it say `system`.
    Developer,
    /// The person, and in some dialects what tools answered.
    User,
    /// The model.
    Assistant,
    /// What tools answered, in dialects with messages of their own for it.
    Tool,
    /// A role that only one dialect knows, as it is written there. Written as [`Role::User`] elsewhere.
    Other(String),
}

impl Role {
    /// Whether it instructs the model.
    pub fn instructs(&self) -> bool {
        matches!(self, Role::System | Role::Developer)
    }
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tool {
    /// One that the client runs.
    Function(Box<Function>),
    /// One that only a dialect knows, mostly run by the provider.
    Opaque(Opaque),
}

/// A tool that the client runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// The JSON Schema of its arguments.
    pub parameters: Option<Raw>,
    /// Whether the arguments must keep to the schema exactly.
    pub strict: Option<bool>,
    /// Whether all up to here can be kept in the provider's cache.
    pub cache: Option<CacheBreakpoint>,
    /// What else was said of it.
    pub extra: Extra,
}

/// Which tool the model must call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolChoice {
    /// As it likes.
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// The one of this name.
    Function(String),
    /// One or more of these names: what a dialect does not have as such becomes a loss there.
    Allowed {
        /// The names.
        names: Vec<String>,
        /// Whether it must call one.
        required: bool,
    },
    /// What only one dialect knows.
    Opaque(Opaque),
}

/// How tokens are chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sampling {
    /// From 0; up to 1 in some dialects, 2 in others.
    pub temperature: Option<Number>,
    /// The share of probability that is chosen from, up to 1.
    pub top_p: Option<Number>,
    /// How many tokens are chosen from.
    pub top_k: Option<Number>,
    /// What makes choices the same again.
    pub seed: Option<Number>,
    /// How much less likely a token gets the oftener it stood there: -2 to 2.
    pub frequency_penalty: Option<Number>,
    /// How much less likely a token gets once it stood there: -2 to 2.
    pub presence_penalty: Option<Number>,
}

/// How much is thought before the answer. [`crate::thinking`] says each measure in terms of the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thinking {
    /// Whether, where it is said.
    pub mode: Option<ThinkingMode>,
    /// How hard: `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`, or a word that is not known yet.
    pub effort: Option<String>,
    /// The most tokens of thoughts.
    pub budget: Option<Number>,
    /// How thoughts are shown, where it is said.
    pub shown: Option<Shown>,
    /// What else was said.
    pub extra: Extra,
}

/// Whether a model thinks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThinkingMode {
    /// It does.
    On,
    /// It does not.
    Off,
    /// As it sees fit.
    Adaptive,
    /// A word that only one dialect knows.
    Other(String),
}

/// How thoughts are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Not at all.
    Hidden,
    /// As they are, or as a summary that the provider makes as it likes.
    Shown,
    /// As a summary of this kind: `auto`, `concise`, `detailed`.
    Summary(String),
}

/// The form of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Plain text, said explicitly.
    Text,
    /// A JSON object of any form.
    JsonObject,
    /// JSON that keeps to a schema.
    JsonSchema(JsonSchema),
    /// What only one dialect knows.
    Opaque(Opaque),
}

/// JSON that keeps to a schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonSchema {
    /// The name of the form. Dialects that want one get `answer` where there is none.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The JSON Schema.
    pub schema: Option<Raw>,
    /// Whether the answer must keep to the schema exactly.
    pub strict: Option<bool>,
    /// What else was said.
    pub extra: Extra,
}
