//! The keys that describe a model in GGUF files, and in what Ollama repeats of them.

use super::{Context, say};
use crate::gguf::Header;
use crate::known::Source;
use crate::words::{Capability, Task};
use serde_json::{Map, Value};

/// What `general.file_type` stands for (`llama_ftype` of llama.cpp).
const FILE_TYPES: [(u64, &str); 33] = [
    (0, "F32"),
    (1, "F16"),
    (2, "Q4_0"),
    (3, "Q4_1"),
    (7, "Q8_0"),
    (8, "Q5_0"),
    (9, "Q5_1"),
    (10, "Q2_K"),
    (11, "Q3_K_S"),
    (12, "Q3_K_M"),
    (13, "Q3_K_L"),
    (14, "Q4_K_S"),
    (15, "Q4_K_M"),
    (16, "Q5_K_S"),
    (17, "Q5_K_M"),
    (18, "Q6_K"),
    (19, "IQ2_XXS"),
    (20, "IQ2_XS"),
    (21, "Q2_K_S"),
    (22, "IQ3_XS"),
    (23, "IQ3_XXS"),
    (24, "IQ1_S"),
    (25, "IQ4_NL"),
    (26, "IQ3_S"),
    (27, "IQ3_M"),
    (28, "IQ2_S"),
    (29, "IQ2_M"),
    (30, "IQ4_XS"),
    (31, "IQ1_M"),
    (32, "BF16"),
    (36, "TQ1_0"),
    (37, "TQ2_0"),
    (38, "MXFP4_MOE"),
];

/// Architectures that make vectors and no text.
const EMBEDDERS: [&str; 7] =
    ["bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert", "gemma-embedding"];

impl Context {
    /// What the header of a model file says.
    pub fn from_gguf(header: &Header) -> Self {
        let mut context = Self::default();
        fill(&mut context, &header.values, Source::Gguf);
        context.runtime.format = say::text(Source::Gguf, "gguf");
        let vocabulary = header.lengths.get("tokenizer.ggml.tokens").copied();
        if let Some(vocabulary) = say::of(Source::Gguf, vocabulary) {
            context.tokenizer.vocabulary = Some(vocabulary);
        }
        context
    }

    /// The same, with the size of the model's file, in bytes.
    #[must_use]
    pub fn with_file_size(mut self, size: u64) -> Self {
        self.runtime.file_size = say::of(Source::Gguf, Some(size));
        self
    }
}

/// Takes what `keys` say.
pub(super) fn fill(context: &mut Context, keys: &Map<String, Value>, source: Source) {
    let text = |key: &str| say::text(source, keys.get(key)?.as_str()?);
    let count = |key: &str| say::of(source, keys.get(key)?.as_u64());
    let number = |key: &str| say::of(source, keys.get(key)?.as_f64());
    let architecture = keys.get("general.architecture").and_then(Value::as_str).unwrap_or_default();
    let own = |key: &str| count(&format!("{architecture}.{key}")).filter(|known| known.value > 0);
    context.identification.name = text("general.name").or_else(|| text("general.basename"));
    context.identification.family = text("general.architecture");
    context.identification.developer = text("general.organization").or_else(|| text("general.author"));
    context.identification.license = text("general.license");
    context.limits.context = own("context_length");
    context.runtime.parameters = count("general.parameter_count");
    context.runtime.layers = own("block_count");
    context.runtime.embedding_length = own("embedding_length");
    context.runtime.heads = own("attention.head_count");
    context.runtime.key_value_heads = own("attention.head_count_kv");
    context.runtime.experts = own("expert_count");
    context.runtime.rope_base = number(&format!("{architecture}.rope.freq_base"));
    let file_type = keys.get("general.file_type").and_then(Value::as_u64);
    let name = file_type.and_then(|wanted| FILE_TYPES.iter().find(|(number, _)| *number == wanted));
    context.runtime.quantization = name.and_then(|(_, name)| say::text(source, name));
    context.tokenizer.kind = text("tokenizer.ggml.model");
    context.tokenizer.name = text("tokenizer.ggml.pre");
    context.tokenizer.vocabulary = own("vocab_size");
    context.tokenizer.begin = count("tokenizer.ggml.bos_token_id");
    context.tokenizer.end = count("tokenizer.ggml.eos_token_id");
    context.tokenizer.padding = count("tokenizer.ggml.padding_token_id");
    context.tokenizer.adds_begin = say::of(source, keys.get("tokenizer.ggml.add_bos_token").and_then(Value::as_bool));
    context.inference.temperature = number("general.sampling.temp");
    context.inference.top_p = number("general.sampling.top_p");
    context.inference.top_k = count("general.sampling.top_k");
    context.inference.min_p = number("general.sampling.min_p");
    let is_embedder = EMBEDDERS.contains(&architecture) || own("pooling_type").is_some();
    let template = keys.get("tokenizer.chat_template").and_then(Value::as_str);
    if is_embedder {
        context.capabilities.task = say::text(source, Task::Embedding.word());
    } else if let Some(template) = template {
        use_template(context, template, source);
    }
}

/// A model with a template chats, and is told of tools if the template reads them.
pub(super) fn use_template(context: &mut Context, template: &str, source: Source) {
    context.tokenizer.chat_template = say::template(source, template);
    context.capabilities.task = say::text(source, Task::Chat.word());
    context.capabilities.say(Capability::Tools, template.contains("tools"), source);
}
