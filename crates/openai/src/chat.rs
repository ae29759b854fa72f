//! OpenAI chat completions, as OpenAI documents them and as the many servers speak them that are like it.
//!
//! Besides what OpenAI knows this reads and writes thoughts as DeepSeek and vLLM (`reasoning_content`), newer vLLM and
//! Groq (`reasoning`), OpenRouter (`reasoning_details`) and Mistral (parts of type `thinking`) have them, breakpoints
//! as others have them (`cache_control` in parts) and signatures of calls as Gemini's own server of this dialect sends them.

mod alone;
mod answer;
mod body;
mod content;
mod failure;
mod finish;
mod media;
mod message;
mod notes;
mod reader;
mod reasoning;
mod request;
mod tool_call;
mod tools;
mod turns;
mod usage;
mod write;
mod writer;

use crate::model::Model;
use conversation::dialect::Dialect;

pub use alone::is_better;
pub use answer::{read_answer, write_answer};
pub use failure::{read_failure, write_failure};
pub use reader::Reader;
pub use reasoning::mend;
pub use request::read_request;
pub use write::write_request;
pub use writer::Writer;

const OWN: Dialect = Dialect::OpenAiChat;

/// Members of a request that mean the same in Responses. The last is for models that take breakpoints.
const SHARED: &[&str] = &[
    "store",
    "service_tier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "prompt_cache_options",
];

/// Members of a request to `model` that mean the same in Responses.
pub(crate) fn shared(model: &str) -> &'static [&'static str] {
    match SHARED.split_last() {
        Some((_, others)) if !Model::of(model).is_some_and(Model::takes_breakpoints) => others,
        _ => SHARED,
    }
}

#[cfg(test)]
mod tests;
