//! The context that a step needs.

use super::Name;
use crate::select::Select;
use crate::source::Spot;
use crate::template::Template;
use serde::{Deserialize, Serialize};

/// The context that a step needs, and what of its output is remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// What it needs.
    pub needs: Vec<Need>,
    /// How much of it.
    pub budget: Option<Limit>,
    /// What is remembered.
    pub writes: Vec<Write>,
    /// What of the talks of its models with tools is left out as they become long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<Transcript>,
    /// Where the budget stands.
    #[serde(skip)]
    pub at: Spot,
}

/// What of a talk between a model and tools is left out as it becomes long.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Transcript {
    /// Above so many tokens something is left out; without it above most of what the model reads.
    pub compact_at: Option<Limit>,
    /// How many of the last results of tools stay.
    pub clear_tool_results: Option<u32>,
    /// How many of the last rounds stay, however long the talk is then.
    pub keep_last: Option<u32>,
    /// Where it stands.
    #[serde(skip)]
    pub at: Spot,
}

/// How many tokens of context a step gets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// So many.
    Tokens(u64),
    /// This share of what the model reads.
    Share(f64),
}

/// One piece of context.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// Where it comes from.
    pub from: Origin,
    /// What templates call it: `memory.<name>`.
    pub name: String,
    /// The part of it that is taken.
    pub select: Option<Select>,
    /// The most tokens of it.
    pub max: Option<u64>,
    /// How it is made to fit.
    pub fit: Fit,
    /// Among those that need not be there, the higher comes first.
    pub priority: i64,
    /// Whether the step can do without it.
    pub optional: bool,
    /// Whether nobody wrote it down: a template of the step uses it.
    pub implied: bool,
    /// Where it stands.
    #[serde(skip)]
    pub at: Spot,
}

/// Where a piece of context comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// What the person who started the run said: the parameter `user_prompt`, or the last message of a chat.
    UserPrompt,
    /// A parameter.
    Parameter(Name),
    /// All parameters.
    Parameters,
    /// What a step gave that called tools.
    ToolOutput(Name),
    /// What a step gave that asked models.
    ModelOutput(Name),
    /// What the step gave that stands before this one.
    LastOutput,
    /// Remembered notes of a class.
    Classification(String),
    /// A remembered note.
    Memory {
        /// Whose memory.
        scope: String,
        /// Which note.
        key: String,
    },
    /// Remembered notes that are about something.
    Search {
        /// Whose memory; without it all that the run may read.
        scope: Option<String>,
        /// What they are about.
        query: Template,
        /// How many.
        most: u32,
    },
}

impl Origin {
    /// The step that it names.
    pub fn step(&self) -> Option<&Name> {
        match self {
            Origin::ToolOutput(name) | Origin::ModelOutput(name) => Some(name),
            _ => None,
        }
    }
}

/// How a piece of context is made to fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Not at all: what is too long fails the step.
    Exact,
    /// Its beginning is cut off.
    TruncateHead,
    /// Its end is cut off.
    TruncateTail,
    /// Members and items of JSON are left out.
    JsonPrune,
    /// A model makes it shorter: this one, or the step's.
    Summary(Option<String>),
}

/// Something that is remembered when the step has succeeded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// Whose memory.
    pub scope: String,
    /// Under which key.
    pub key: String,
    /// The part of the output; without it all of it.
    pub from: Option<Select>,
    /// The class of the note.
    pub classification: Option<String>,
    /// How long it is remembered, in milliseconds.
    pub ttl: Option<u64>,
    /// Where it stands.
    #[serde(skip)]
    pub at: Spot,
}
