use crate::{Capability, Context, Overrides, Price, Rates, Source, Table, find, provider_at};
use proptest::prelude::*;
use serde_json::{Value, json};

fn value(context: &Context, section: &str, name: &str) -> Value {
    context.to_json()[section][name]["value"].clone()
}

#[test]
fn the_table_fills_a_context() {
    let context = Context::from_table(&find("gemini", "gemini-2.5-pro").unwrap(), Source::Table);
    let said = context.to_json();
    assert_eq!(
        said["limits"],
        json!({
        "max_input": {"value": 1_048_576, "source": "built_in"}, "max_output": {"value": 65_536, "source": "built_in"}})
    );
    assert_eq!(
        said["cost"]["price"],
        json!({"source": "built_in", "value": {
        "input": "1.25", "output": "10", "cache_read": "0.125", "web_searched": "0.035",
        "tiers": [{"above": 200_000, "input": "2.5", "output": "15", "cache_read": "0.25"}]}})
    );
    assert_eq!(said["capabilities"]["task"]["value"], "chat");
    assert_eq!((context.can(Capability::Tools), context.can(Capability::ComputerUse)), (Some(true), None));
    let sections: Vec<_> = said.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(sections, ["identification", "capabilities", "limits", "inference", "tokenizer", "runtime", "cost"]);
}

#[test]
fn what_the_operator_says_holds() {
    let table = Context::from_table(&find("anthropic", "claude-sonnet-4-5").unwrap(), Source::Table);
    let price = Price { rates: Rates { input: 1, output: 2, ..Rates::default() }, ..Price::default() };
    let overrides = Overrides {
        context_length: Some(1_000),
        max_output: None,
        capabilities: Some(vec![Capability::Vision]),
        price: Some(price),
    };
    let context = table.merge(Context::from_overrides(overrides));
    assert_eq!(context.longest_input(), Some(1_000));
    assert_eq!(value(&context, "limits", "max_output"), 64_000);
    assert_eq!((context.can(Capability::Vision), context.can(Capability::Tools)), (Some(true), Some(false)));
    assert_eq!(
        context.to_json()["cost"]["price"],
        json!({"source": "config",
        "value": {"input": "0.000000001", "output": "0.000000002"}})
    );
    // What nobody overrides stays.
    assert_eq!(context.clone().merge(Context::from_overrides(Overrides::default())), context);
}

/// As Ollama 0.12 answers.
#[test]
fn what_ollama_shows() {
    let shown = json!({
        "license": "LLAMA 3.1 COMMUNITY LICENSE AGREEMENT\nLlama 3.1 Version Release Date: July 23, 2024\n",
        "modelfile": "# Modelfile", "template": "{{ .Prompt }}",
        "parameters": "stop                           \"<|start_header_id|>\"\nstop                           \"<|eot_id|>\"\ntemperature                    0.6\nnum_ctx                        8192",
        "details": {"parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "8.0B",
            "quantization_level": "Q4_K_M"},
        "model_info": {"general.architecture": "llama", "general.parameter_count": 8_030_261_312_u64, "general.file_type": 15,
            "llama.context_length": 131_072, "llama.block_count": 32, "llama.vocab_size": 128_256,
            "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.tokens": null},
        "capabilities": ["completion", "tools"]
    });
    let context = Context::from_ollama_show("llama3.1:8b", &shown);
    assert_eq!(value(&context, "limits", "context"), 131_072);
    assert_eq!(context.longest_input(), Some(8_192));
    assert_eq!(value(&context, "identification", "license"), "LLAMA 3.1 COMMUNITY LICENSE AGREEMENT");
    assert_eq!(value(&context, "inference", "stop"), json!(["<|start_header_id|>", "<|eot_id|>"]));
    assert_eq!(value(&context, "inference", "temperature"), 0.6);
    assert_eq!(value(&context, "runtime", "parameters"), 8_030_261_312_u64);
    let can = [Capability::Tools, Capability::Vision, Capability::Reasoning, Capability::StructuredOutput];
    assert_eq!(can.map(|capability| context.can(capability)), [Some(true), Some(false), Some(false), Some(true)]);
    let embedder = Context::from_ollama_show("e", &json!({"capabilities": ["embedding"]}));
    assert_eq!(value(&embedder, "capabilities", "task"), "embedding");
}

/// As llama.cpp's server answers.
#[test]
fn what_llama_cpp_says() {
    let properties = json!({
        "default_generation_settings": {"id": 0, "n_ctx": 4096, "params": {"temperature": 0.8, "top_k": 40, "top_p": 0.95,
            "min_p": 0.05, "repeat_penalty": 1.0}},
        "total_slots": 4, "model_alias": "", "model_path": "/home/someone/models/tiny-zoo-q8_0.gguf",
        "modalities": {"vision": true, "audio": false}, "chat_template": "{{ messages }}",
        "chat_template_caps": {"supports_tools": true, "supports_parallel_tool_calls": false}
    });
    let entry = json!({"id": "tiny-zoo-q8_0.gguf", "object": "model", "owned_by": "llamacpp",
        "meta": {"vocab_type": 2, "n_vocab": 512, "n_ctx_train": 32_768, "n_embd": 64, "n_params": 164_160, "size": 187_904}});
    let context = Context::from_llama_cpp_props(&properties).merge(Context::from_listing(&entry));
    assert_eq!(value(&context, "identification", "name"), "tiny-zoo-q8_0.gguf");
    assert_eq!((context.longest_input(), value(&context, "limits", "context")), (Some(4_096), json!(32_768)));
    assert_eq!(value(&context, "runtime", "engine"), "llama.cpp");
    assert_eq!(value(&context, "runtime", "slots"), 4);
    assert_eq!(value(&context, "tokenizer", "vocabulary"), 512);
    let can = [Capability::Vision, Capability::AudioInput, Capability::Tools, Capability::ParallelTools];
    assert_eq!(can.map(|capability| context.can(capability)), [Some(true), Some(false), Some(true), Some(false)]);
}

/// As OpenRouter, vLLM and LM Studio list models.
#[test]
fn what_lists_of_models_say() {
    let router = Context::from_listing(&json!({
        "id": "anthropic/claude-sonnet-4.5", "canonical_slug": "anthropic/claude-4.5-sonnet", "name": "Anthropic: Claude Sonnet 4.5",
        "context_length": 1_000_000, "architecture": {"input_modalities": ["text", "image", "file"], "output_modalities": ["text"],
            "tokenizer": "Claude", "instruct_type": null},
        "pricing": {"prompt": "0.000003", "completion": "0.000015", "request": "0", "image": "0.0048", "web_search": "0",
            "internal_reasoning": "0", "input_cache_read": "0.0000003", "input_cache_write": "0.00000375"},
        "top_provider": {"context_length": 200_000, "max_completion_tokens": 64_000, "is_moderated": true},
        "supported_parameters": ["max_tokens", "tools", "tool_choice", "reasoning"]
    }));
    assert_eq!(router.longest_input(), Some(200_000));
    assert_eq!(
        value(&router, "cost", "price"),
        json!({"input": "3", "output": "15", "cache_read": "0.3", "cache_write": "3.75"})
    );
    assert_eq!((router.can(Capability::Documents), router.can(Capability::AudioInput)), (Some(true), Some(false)));
    assert_eq!((router.can(Capability::Tools), router.can(Capability::StructuredOutput)), (Some(true), Some(false)));
    let auto =
        Context::from_listing(&json!({"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}}));
    assert_eq!(auto.cost.price, None);
    let vllm = json!({"id": "Qwen/Qwen3-8B", "object": "model", "owned_by": "vllm", "root": "Qwen/Qwen3-8B", "max_model_len": 40_960});
    assert_eq!(Context::from_listing(&vllm).longest_input(), Some(40_960));
    let studio = Context::from_listing(
        &json!({"id": "qwen2-vl-7b", "type": "vlm", "publisher": "mlx-community", "arch": "qwen2_vl",
        "compatibility_type": "mlx", "quantization": "4bit", "state": "not-loaded", "max_context_length": 32_768}),
    );
    assert_eq!((studio.can(Capability::Vision), value(&studio, "runtime", "format")), (Some(true), json!("mlx")));
    let plain = Context::from_listing(&json!({"id": "gpt-5", "object": "model", "created": 1, "owned_by": "openai"}));
    assert_eq!((plain.longest_input(), value(&plain, "identification", "id")), (None, json!("gpt-5")));
    assert_eq!(provider_at("openrouter.ai"), Some("openrouter"));
}

#[test]
fn names_of_strangers_are_short_and_plain() {
    let name = format!("a\u{1b}[31m{}\nsecond", "x".repeat(1_000));
    let context = Context::from_listing(&json!({"id": name}));
    let kept = value(&context, "identification", "id");
    assert!(kept.as_str().unwrap().starts_with("a[31mxxx") && kept.as_str().unwrap().len() == 200, "{kept}");
}

/// Any JSON, with the names that are looked for among those of its members.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("stop \"x\"\ntop_k 9\ntemperature nan"))
    ];
    let names = prop::sample::select(vec![
        "capabilities",
        "details",
        "model_info",
        "parameters",
        "pricing",
        "prompt",
        "completion",
        "meta",
        "n_ctx",
        "architecture",
        "input_modalities",
        "chat_template",
        "default_generation_settings",
        "params",
        "top_k",
        "id",
        "general.architecture",
        "general.file_type",
        "x.context_length",
        "model_path",
        "license",
    ]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(names.clone(), inner, 0..6)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_servers_say_becomes_a_context(said in any_json()) {
        for context in [Context::from_ollama_show("m", &said), Context::from_llama_cpp_props(&said), Context::from_listing(&said)] {
            let table = Context::from_table(&Table::embedded().entry("gpt-5").unwrap(), Source::Table);
            let one = table.clone().merge(context.clone());
            prop_assert_eq!(&one, &context.clone().merge(table));
            prop_assert_eq!(context.clone().merge(context.clone()), context);
            prop_assert!(one.to_json().is_object());
        }
    }
}
