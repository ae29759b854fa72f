//! What Ollama says of a model (`POST /api/show`).

use super::{Context, keys, member, say};
use crate::known::Source;
use crate::words::{Capability, Task};
use serde_json::Value;

/// The most lines of parameters that are read.
const MOST_LINES: usize = 1_000;
/// The most texts that a model stops at.
const MOST_STOPS: usize = 64;

impl Context {
    /// What `shown`, the answer of `/api/show`, says of the model that is asked for as `id`.
    pub fn from_ollama_show(id: &str, shown: &Value) -> Self {
        let mut context = Self::default();
        let text = |path: &[&str]| say::text(Source::Probe, member::text(shown, path)?);
        if let Some(keys) = shown.get("model_info").and_then(Value::as_object) {
            keys::fill(&mut context, keys, Source::Probe);
        }
        context.identification.id = say::text(Source::Probe, id);
        context.identification.provider = say::text(Source::Probe, "ollama");
        context.identification.family = text(&["details", "family"]).or(context.identification.family);
        context.identification.license = context.identification.license.or_else(|| text(&["license"]));
        context.runtime.engine = say::text(Source::Probe, "ollama");
        context.runtime.format = text(&["details", "format"]);
        context.runtime.quantization = text(&["details", "quantization_level"]).or(context.runtime.quantization);
        if let Some(list) = member::texts(shown, &["capabilities"]) {
            capabilities(&mut context, &list);
        }
        parameters(&mut context, member::text(shown, &["parameters"]).unwrap_or_default());
        context
    }
}

/// The list is all that the model can do.
fn capabilities(context: &mut Context, list: &[&str]) {
    let has = |word: &str| list.contains(&word);
    let task = if has("embedding") && !has("completion") { Task::Embedding } else { Task::Chat };
    context.capabilities.task = say::text(Source::Probe, task.word());
    for (capability, word) in [
        (Capability::Tools, "tools"),
        (Capability::Vision, "vision"),
        (Capability::Reasoning, "thinking"),
        (Capability::AudioInput, "audio"),
    ] {
        context.capabilities.say(capability, has(word), Source::Probe);
    }
    // The server holds any model that writes text to a schema (`format`).
    context.capabilities.say(Capability::StructuredOutput, has("completion"), Source::Probe);
}

/// Lines such as `temperature 0.7` and `stop "<|end|>"`.
fn parameters(context: &mut Context, text: &str) {
    let mut stops = Vec::new();
    for line in text.lines().take(MOST_LINES) {
        let Some((name, value)) = line.trim().split_once(char::is_whitespace) else { continue };
        let value = value.trim();
        let number = || say::of(Source::Probe, value.parse().ok().filter(|number: &f64| number.is_finite()));
        let count = || say::of(Source::Probe, value.parse().ok().filter(|count| *count > 0));
        match name {
            "temperature" => context.inference.temperature = number(),
            "top_p" => context.inference.top_p = number(),
            "top_k" => context.inference.top_k = count(),
            "min_p" => context.inference.min_p = number(),
            "repeat_penalty" => context.inference.repeat_penalty = number(),
            "num_ctx" => context.runtime.context_allocated = count(),
            "stop" if stops.len() < MOST_STOPS => stops.push(value.trim_matches('"').to_owned()),
            _ => {}
        }
    }
    context.inference.stop = say::of(Source::Probe, (!stops.is_empty()).then_some(stops));
}
