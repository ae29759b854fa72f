//! What a model answers.

use crate::dialect::Dialect;
use crate::extra::Extra;
use crate::item::Item;
use crate::json::Number;
use crate::loss::Losses;
use crate::request::Request;
use std::sync::Arc;

/// A whole answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its id. None where the dialect has none; then [`Reply::id`] is written.
    pub id: Option<String>,
    /// The model that answered, as the provider calls it.
    pub model: Option<String>,
    /// When, in seconds since 1970, where it is said.
    pub created: Option<Number>,
    /// What it says, in order.
    pub items: Vec<Item>,
    /// Why it ends there. None where the provider did not say.
    pub finish: Option<Finish>,
    /// What it took.
    pub usage: Option<Usage>,
    /// What else was said.
    pub extra: Extra,
}

/// Why an answer ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// What it means.
    pub reason: Reason,
    /// How it was said, where the meaning alone does not say it: in the same dialect this is written.
    pub told: Option<(Dialect, String)>,
    /// The stop sequence that was met, where it is said.
    pub sequence: Option<String>,
}

impl Finish {
    /// A reason that was made here.
    pub fn new(reason: Reason) -> Self {
        Self { reason, told: None, sequence: None }
    }

    /// A reason as `dialect` said it.
    pub fn told(reason: Reason, dialect: Dialect, word: impl Into<String>) -> Self {
        Self { reason, told: Some((dialect, word.into())), sequence: None }
    }

    /// Whether the answer must be taken for one that was cut off, whatever the word means that is not known. Servers that are like
    /// OpenAI's have words of their own for a plain end; others have one, and all else is none.
    pub fn is_cut(&self) -> bool {
        let many = |dialect| matches!(dialect, Dialect::OpenAiChat | Dialect::Ollama);
        self.reason == Reason::Unknown && self.told.as_ref().is_some_and(|(dialect, _)| !many(*dialect))
    }

    /// The word as it was said in this dialect.
    pub fn word(&self, dialect: Dialect) -> Option<&str> {
        self.told.as_ref().filter(|(told, _)| *told == dialect).map(|(_, word)| word.as_str())
    }
}

/// What the end of an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The model was done.
    Stop,
    /// It met a stop sequence.
    StopSequence,
    /// The most tokens were reached.
    Length,
    /// The context was full.
    ContextFull,
    /// It calls tools.
    ToolCalls,
    /// A filter of the provider cut it off.
    ContentFilter,
    /// The model refused.
    Refusal,
    /// A long turn is paused, and goes on when it is sent back (Anthropic's `pause_turn`).
    Pause,
    /// The call of a tool could not be read. Never told as a plain end.
    MalformedCall,
    /// Something failed at the provider after the answer had begun.
    Failed,
    /// A word that is not known: it is in [`Finish::told`].
    Unknown,
}

/// What an answer took, in tokens. A number that is not there was not said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// All of what was read, cached or not.
    pub input: Option<u64>,
    /// All of what was written, thoughts included.
    pub output: Option<u64>,
    /// Of the input, what was read from the provider's cache.
    pub cache_read: Option<u64>,
    /// Of the input, what was put into it.
    pub cache_write: Option<u64>,
    /// Of what was put into it, what stays for an hour.
    pub cache_write_hour: Option<u64>,
    /// Of the output, thoughts.
    pub reasoning: Option<u64>,
    /// Of the input, sound.
    pub audio_input: Option<u64>,
    /// Of the output, sound.
    pub audio_output: Option<u64>,
    /// What else was said, and the sum as the provider made it.
    pub extra: Extra,
}

impl Usage {
    /// Input and output.
    pub fn total(&self) -> u64 {
        self.input.unwrap_or(0).saturating_add(self.output.unwrap_or(0))
    }

    /// Takes note of these `parts`, as far as there was any of them: in a dialect that has no number for them they are lost.
    pub fn lose(&self, parts: &[Part], losses: &mut Losses) {
        for part in parts {
            let (number, path) = match part {
                Part::CacheRead => (self.cache_read, "usage.cache_read"),
                Part::CacheWrite => (self.cache_write, "usage.cache_write"),
                Part::CacheWriteHour => (self.cache_write_hour, "usage.cache_write_hour"),
                Part::Reasoning => (self.reasoning, "usage.reasoning"),
                Part::AudioInput => (self.audio_input, "usage.audio_input"),
                Part::AudioOutput => (self.audio_output, "usage.audio_output"),
            };
            losses.add_if(number.is_some_and(|number| number > 0), path);
        }
    }

    /// Takes later numbers of the same answer: streams tell the whole so far, not what was added.
    pub fn update(&mut self, later: Usage) {
        let pairs = [
            (&mut self.input, later.input),
            (&mut self.output, later.output),
            (&mut self.cache_read, later.cache_read),
            (&mut self.cache_write, later.cache_write),
            (&mut self.cache_write_hour, later.cache_write_hour),
            (&mut self.reasoning, later.reasoning),
            (&mut self.audio_input, later.audio_input),
            (&mut self.audio_output, later.audio_output),
        ];
        for (own, later) in pairs {
            *own = later.or(*own);
        }
        self.extra.merge(later.extra);
    }
}

/// A part of what an answer took that not every dialect has a number for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Read from the provider's cache.
    CacheRead,
    /// Put into it.
    CacheWrite,
    /// Put into it for an hour.
    CacheWriteHour,
    /// Thoughts.
    Reasoning,
    /// Sound that was read.
    AudioInput,
    /// Sound that was written.
    AudioOutput,
}

/// What a dialect wants to see in an answer and the answer itself may not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// An id for this answer that no other has: ASCII letters and digits. Ids of its tool calls are made of it too.
    pub id: String,
    /// Now, in seconds since 1970.
    pub created: u64,
    /// The request as the client sent it, which says how it wants its answer: Responses repeats parts of it.
    pub request: Arc<Request>,
}
