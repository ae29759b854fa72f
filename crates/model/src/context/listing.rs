//! What servers that speak like OpenAI say of a model in their list (`GET /v1/models`).

use super::{Context, member, say};
use crate::decimal;
use crate::known::Source;
use crate::price::{Price, Rates};
use crate::words::{Capability, Task};
use serde_json::Value;

/// From dollars per token to nano-dollars per million.
const TOKEN_PLACES: usize = 15;
const DOLLAR_PLACES: usize = 9;

impl Context {
    /// What `entry`, an element of `data`, says. OpenAI itself says nothing but the name. OpenRouter has `context_length`,
    /// `architecture`, `pricing`, `top_provider` and `supported_parameters`; vLLM `max_model_len`; llama.cpp `meta`; LM Studio, in
    /// its own list, `max_context_length`, `type`, `arch` and `quantization`; Tutti's own processes `device` and `gpu_layers`.
    pub fn from_listing(entry: &Value) -> Self {
        let mut context = Self::default();
        let text = |path: &[&str]| say::text(Source::Probe, member::text(entry, path)?);
        let first =
            |paths: &[&[&str]]| say::of(Source::Probe, paths.iter().find_map(|path| member::count(entry, path)));
        let one = |path: &[&str]| first(&[path]);
        context.identification.id = text(&["id"]);
        context.identification.provider = text(&["owned_by"]).or_else(|| text(&["publisher"]));
        context.identification.name = text(&["name"]);
        context.identification.family = text(&["arch"]);
        context.limits.context = first(&[
            &["top_provider", "context_length"],
            &["context_length"],
            &["max_model_len"],
            &["max_context_length"],
            &["meta", "n_ctx_train"],
        ]);
        context.limits.max_output = one(&["top_provider", "max_completion_tokens"]);
        context.tokenizer.name = text(&["architecture", "tokenizer"]);
        context.tokenizer.vocabulary = one(&["meta", "n_vocab"]);
        context.runtime.quantization = text(&["quantization"]);
        context.runtime.format = text(&["compatibility_type"]);
        context.runtime.context_allocated = first(&[&["meta", "n_ctx"], &["loaded_context_length"]]);
        context.runtime.parameters = one(&["meta", "n_params"]);
        context.runtime.embedding_length = one(&["meta", "n_embd"]);
        context.runtime.file_size = one(&["meta", "size"]);
        context.runtime.device = text(&["device"]);
        context.runtime.gpu_layers = one(&["gpu_layers"]);
        context.runtime.engine = match member::text(entry, &["owned_by"]) {
            Some("llamacpp") => say::text(Source::Probe, "llama.cpp"),
            Some("vllm") => say::text(Source::Probe, "vllm"),
            Some("builtin") => say::text(Source::Probe, "tutti"),
            _ => None,
        };
        capabilities(&mut context, entry);
        context.cost.price = say::of(Source::Probe, entry.get("pricing").and_then(price));
        context
    }
}

fn capabilities(context: &mut Context, entry: &Value) {
    let mut say = |list: Option<Vec<&str>>, words: &[(Capability, &str)]| {
        let Some(list) = list else { return };
        for (capability, word) in words {
            context.capabilities.say(*capability, list.contains(word), Source::Probe);
        }
    };
    let inputs = [
        (Capability::Vision, "image"),
        (Capability::AudioInput, "audio"),
        (Capability::Video, "video"),
        (Capability::Documents, "file"),
    ];
    say(member::texts(entry, &["architecture", "input_modalities"]), &inputs);
    say(member::texts(entry, &["architecture", "output_modalities"]), &[(Capability::AudioOutput, "audio")]);
    let parameters = [
        (Capability::Tools, "tools"),
        (Capability::ToolChoice, "tool_choice"),
        (Capability::StructuredOutput, "structured_outputs"),
        (Capability::Reasoning, "reasoning"),
    ];
    say(member::texts(entry, &["supported_parameters"]), &parameters);
    let task = match member::text(entry, &["type"]) {
        Some("llm") => Some(Task::Chat),
        Some("vlm") => {
            context.capabilities.say(Capability::Vision, true, Source::Probe);
            Some(Task::Chat)
        }
        Some("embeddings") => Some(Task::Embedding),
        _ => None,
    };
    context.capabilities.task = task.and_then(|task| say::text(Source::Probe, task.word()));
}

/// OpenRouter's prices: dollars per token, as decimals in strings. It writes 0 for parts that have no price of their own, and
/// -1 where the price is that of another model.
fn price(pricing: &Value) -> Option<Price> {
    let scaled =
        |name: &str, places: usize| decimal::scaled(member::text(pricing, &[name])?, places).map(|(value, _)| value);
    let part = |name: &str| scaled(name, TOKEN_PLACES).filter(|rate| *rate > 0);
    let rates = Rates {
        input: scaled("prompt", TOKEN_PLACES)?,
        output: scaled("completion", TOKEN_PLACES)?,
        cache_read: part("input_cache_read"),
        cache_write: part("input_cache_write"),
        cache_write_hour: None,
        audio_input: part("audio"),
        audio_output: None,
        reasoning: part("internal_reasoning"),
    };
    Some(Price { rates, request: scaled("request", DOLLAR_PLACES).unwrap_or(0), ..Price::default() })
}
