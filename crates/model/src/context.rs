//! What is known of one model, from all sources.

mod capabilities;
mod keys;
mod listing;
mod llama_cpp;
mod member;
mod ollama;
mod say;

pub use capabilities::Capabilities;

use crate::entry::Entry;
use crate::known::{Source, section};
use crate::price::Price;
use crate::words::{Capability, ServiceTier};
use serde_json::{Map, Value};

section! {
    /// Which model it is.
    Identification {
        /// What its provider calls it.
        id: String,
        /// Whose it is, in the words of the table or of the server.
        provider: String,
        /// What people call it.
        name: String,
        /// The family that it belongs to, of local models their architecture.
        family: String,
        /// Who made it.
        developer: String,
        /// Its licence; of long texts the first line.
        license: String,
        /// The day on which it goes away, as `2027-04-08`.
        deprecation: String,
    }
}

section! {
    /// How much it takes, in tokens.
    Limits {
        /// Input and output together.
        context: u64,
        /// The input alone.
        max_input: u64,
        /// The output alone.
        max_output: u64,
    }
}

section! {
    /// What it uses for a request that does not say.
    Inference {
        /// How freely it chooses.
        temperature: f64,
        /// The share of the likeliest tokens that it chooses from.
        top_p: f64,
        /// How many of the likeliest tokens it chooses from.
        top_k: u64,
        /// How likely, beside the likeliest, a token must be.
        min_p: f64,
        /// How much repetitions are held down.
        repeat_penalty: f64,
        /// What it stops at.
        stop: Vec<String>,
    }
}

section! {
    /// How it cuts text.
    Tokenizer {
        /// The kind, such as `gpt2` for pairs of bytes.
        kind: String,
        /// Which of its kind.
        name: String,
        /// How many tokens there are.
        vocabulary: u64,
        /// The token that begins a text.
        begin: u64,
        /// The token that ends one.
        end: u64,
        /// The token that fills up.
        padding: u64,
        /// Whether the server begins each text with [`Tokenizer::begin`].
        adds_begin: bool,
        /// The Jinja template that makes a text of a conversation.
        chat_template: String,
    }
}

section! {
    /// What runs it, and how.
    Runtime {
        /// The program, such as `llama.cpp`.
        engine: String,
        /// The form of its file.
        format: String,
        /// How its weights are rounded, such as `Q4_K_M`.
        quantization: String,
        /// How many weights it has.
        parameters: u64,
        /// The size of its file, in bytes.
        file_size: u64,
        /// How many layers.
        layers: u64,
        /// How many numbers stand for a token.
        embedding_length: u64,
        /// How many heads of attention.
        heads: u64,
        /// How many of them have keys and values of their own.
        key_value_heads: u64,
        /// How many experts.
        experts: u64,
        /// The base of its rotary positions.
        rope_base: f64,
        /// For how many tokens of context the server has memory, for each request.
        context_allocated: u64,
        /// How many requests the server works on at once.
        slots: u64,
        /// What multiplies: `cpu`, or the name of a graphics card.
        device: String,
        /// How many layers are on a graphics card, the one that makes tokens of states with them.
        gpu_layers: u64,
    }
}

section! {
    /// What it costs. A price is from one source as a whole, but for the parts of it that the configuration says.
    Cost {
        /// Usually.
        price: Price,
        /// In a batch.
        batch: Price,
        /// When there is room.
        flex: Price,
        /// Before others.
        priority: Price,
        /// The parts of these prices that the configuration says, where the rest is of the source that they name.
        configured: Vec<String>,
    }
}

/// What is known of a model, each value with its source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// Which model it is.
    pub identification: Identification,
    /// What it can do.
    pub capabilities: Capabilities,
    /// How much it takes.
    pub limits: Limits,
    /// What it uses for a request that does not say.
    pub inference: Inference,
    /// How it cuts text.
    pub tokenizer: Tokenizer,
    /// What runs it.
    pub runtime: Runtime,
    /// What it costs.
    pub cost: Cost,
}

/// What an operator says of a model in the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// How many tokens it takes.
    pub context_length: Option<u64>,
    /// How many it writes at most.
    pub max_output: Option<u64>,
    /// All that it can do. What is not in the list it cannot.
    pub capabilities: Option<Vec<Capability>>,
    /// What it costs.
    pub price: Option<Price>,
}

impl Context {
    /// What the table says.
    pub fn from_table(entry: &Entry, source: Source) -> Self {
        let known = |value: &str| say::text(source, value);
        let mut context = Self::default();
        context.identification.id = known(&entry.name);
        context.identification.provider = known(&entry.provider);
        context.identification.deprecation = entry.deprecation.as_deref().and_then(known);
        context.capabilities.task = known(entry.task.word());
        // The table leaves out what a model cannot do and what nobody has looked at alike.
        for capability in &entry.capabilities {
            context.capabilities.say(*capability, true, source);
        }
        context.limits.max_input = say::of(source, entry.max_input);
        context.limits.max_output = say::of(source, entry.max_output);
        let price = |service| say::of(source, entry.price(service).cloned());
        context.cost = Cost {
            price: price(None),
            batch: price(Some(ServiceTier::Batch)),
            flex: price(Some(ServiceTier::Flex)),
            priority: price(Some(ServiceTier::Priority)),
            configured: None,
        };
        context
    }

    /// What the configuration says.
    pub fn from_overrides(overrides: Overrides) -> Self {
        let mut context = Self::default();
        context.limits.context = say::of(Source::Config, overrides.context_length);
        // Whoever says how long the whole may be means the input too, whatever the table has for that.
        context.limits.max_input = say::of(Source::Config, overrides.context_length);
        context.limits.max_output = say::of(Source::Config, overrides.max_output);
        if let Some(list) = overrides.capabilities {
            for capability in Capability::all() {
                context.capabilities.say(capability, list.contains(&capability), Source::Config);
            }
        }
        context.cost.price = say::of(Source::Config, overrides.price);
        context
    }

    /// The same, with whether it can do this.
    #[must_use]
    pub fn saying(mut self, capability: Capability, can: bool, source: Source) -> Self {
        self.capabilities.say(capability, can, source);
        self
    }

    /// Both together: of each value the one whose source ranks higher ([`Source`]), and of two with one source its own.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            identification: self.identification.merge(other.identification),
            capabilities: self.capabilities.merge(other.capabilities),
            limits: self.limits.merge(other.limits),
            inference: self.inference.merge(other.inference),
            tokenizer: self.tokenizer.merge(other.tokenizer),
            runtime: self.runtime.merge(other.runtime),
            cost: self.cost.merge(other.cost),
        }
    }

    /// Whether it can do this. None where nobody says.
    pub fn can(&self, capability: Capability) -> Option<bool> {
        self.capabilities.get(capability).map(|known| known.value)
    }

    /// The most tokens of input: the least of what the limits and the server's memory allow.
    pub fn longest_input(&self) -> Option<u64> {
        let all = [&self.limits.max_input, &self.limits.context, &self.runtime.context_allocated];
        all.into_iter().flatten().map(|known| known.value).min()
    }

    /// It as JSON: an object for each section, in which each member that is known is `{"value": …, "source": "built_in"}`. All
    /// members are always in the same order. Prices are dollars per million tokens, as decimals in strings; `request` is
    /// dollars per call.
    pub fn to_json(&self) -> Value {
        let sections = [
            ("identification", self.identification.to_json()),
            ("capabilities", self.capabilities.to_json()),
            ("limits", self.limits.to_json()),
            ("inference", self.inference.to_json()),
            ("tokenizer", self.tokenizer.to_json()),
            ("runtime", self.runtime.to_json()),
            ("cost", self.cost.to_json()),
        ];
        Value::Object(sections.into_iter().map(|(name, section)| (name.to_owned(), section)).collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests;
