//! What llama.cpp's server says of the model that it has loaded (`GET /props`).

use super::{Context, keys, member, say};
use crate::known::Source;
use crate::words::Capability;
use serde_json::Value;

impl Context {
    /// What `properties`, the answer of `/props`, says. [`Context::from_listing`] reads what `/v1/models` adds.
    pub fn from_llama_cpp_props(properties: &Value) -> Self {
        let mut context = Self::default();
        let generation = properties.get("default_generation_settings").unwrap_or(&Value::Null);
        // Newer servers have the settings in a member of their own.
        let settings = generation.get("params").unwrap_or(generation);
        let number = |name: &str| say::of(Source::Probe, member::number(settings, &[name]));
        context.runtime.engine = say::text(Source::Probe, "llama.cpp");
        context.runtime.context_allocated = say::of(Source::Probe, member::count(generation, &["n_ctx"]));
        context.runtime.slots = say::of(Source::Probe, member::count(properties, &["total_slots"]));
        context.inference.temperature = number("temperature");
        context.inference.top_p = number("top_p");
        context.inference.min_p = number("min_p");
        context.inference.repeat_penalty = number("repeat_penalty");
        context.inference.top_k = say::of(Source::Probe, member::count(settings, &["top_k"]));
        // The folder that the file lies in is the server's own business.
        let path = member::text(properties, &["model_path"]).and_then(|path| path.rsplit(['/', '\\']).next());
        let name = member::text(properties, &["model_alias"]).filter(|alias| !alias.is_empty()).or(path);
        context.identification.name = name.and_then(|name| say::text(Source::Probe, name));
        if let Some(template) = member::text(properties, &["chat_template"]) {
            keys::use_template(&mut context, template, Source::Probe);
        }
        let said = [
            (Capability::Vision, &["modalities", "vision"]),
            (Capability::AudioInput, &["modalities", "audio"]),
            (Capability::Tools, &["chat_template_caps", "supports_tools"]),
            (Capability::ParallelTools, &["chat_template_caps", "supports_parallel_tool_calls"]),
        ];
        for (capability, path) in said {
            if let Some(can) = member::truth(properties, path) {
                context.capabilities.say(capability, can, Source::Probe);
            }
        }
        // The server holds any model to a schema, by a grammar.
        context.capabilities.say(Capability::StructuredOutput, true, Source::Probe);
        context
    }
}
