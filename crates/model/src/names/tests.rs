use crate::{Entry, Table, find, provider_at};

/// Names as providers write them, and the table's name for the same model.
const SAME: [(&str, &str, &str); 33] = [
    ("openai", "gpt-5", "gpt-5"),
    ("openai", "gpt-5-2025-08-07", "gpt-5-2025-08-07"),
    ("openai", "gpt-5-2031-01-02", "gpt-5"),
    ("openai", "gpt-5-mini", "gpt-5-mini"),
    ("openai", "text-embedding-3-small", "text-embedding-3-small"),
    ("openai", "ft:gpt-4.1-2025-04-14:acme::Bx1", "ft:gpt-4.1-2025-04-14"),
    ("openai", "gpt-4o-audio-preview", "gpt-4o-audio-preview-2025-06-03"),
    ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5"),
    ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20250929"),
    ("anthropic", "claude-sonnet-4-5-latest", "claude-sonnet-4-5"),
    ("anthropic", "claude-haiku-4-5-20260101", "claude-haiku-4-5"),
    ("gemini", "gemini-2.5-pro", "gemini/gemini-2.5-pro"),
    ("gemini", "models/gemini-2.5-flash", "gemini/gemini-2.5-flash"),
    ("gemini", "gemini-flash-latest", "gemini/gemini-flash-latest"),
    ("gemini", "models/gemini-embedding-001", "gemini/gemini-embedding-001"),
    ("bedrock", "anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"),
    ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ("bedrock", "amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
    (
        "bedrock",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ),
    (
        "bedrock",
        "arn:aws:bedrock:ap-northeast-1::foundation-model/anthropic.claude-instant-v1",
        "bedrock/ap-northeast-1/anthropic.claude-instant-v1",
    ),
    ("bedrock", "arn:aws:bedrock:xx-west-9::foundation-model/amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
    ("bedrock", "sa.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
    ("ollama", "llama3", "ollama/llama3"),
    ("ollama", "llama3:latest", "ollama/llama3"),
    ("ollama", "llama3:70b", "ollama/llama3:70b"),
    ("openai-compatible", "openai/gpt-5", "gpt-5"),
    ("openai-compatible", "anthropic/claude-sonnet-4-5", "claude-sonnet-4-5"),
    ("openai-compatible", "deepseek/deepseek-chat", "deepseek/deepseek-chat"),
    ("openai-compatible", "together_ai/openai/gpt-oss-120b", "together_ai/openai/gpt-oss-120b"),
    ("mistral", "mistral-large-latest", "mistral/mistral-large-latest"),
    ("deepseek", "deepseek-chat", "deepseek/deepseek-chat"),
    ("cohere", "rerank-v3.5", "rerank-v3.5"),
    ("together_ai", "openai/gpt-oss-120b", "together_ai/openai/gpt-oss-120b"),
];

/// Names that look like others of the table, and mean something else or nobody knows what.
const NOTHING: [(&str, &str); 24] = [
    ("openai", "gpt-5-min"),
    ("openai", "gpt-5-mini-x"),
    ("openai", "gpt"),
    ("openai", "gpt-"),
    ("openai", ""),
    ("openai", "GPT-5"),
    ("openai", "gpt-5-20250807x"),
    ("openai", "claude-sonnet-4-5"),
    ("openai", "ft:gpt-2:acme::x"),
    ("openai", "ft:"),
    ("anthropic", "gpt-5"),
    ("anthropic", "claude-sonnet"),
    ("anthropic", "claude"),
    ("anthropic", "claude-sonnet-4-5-v2"),
    ("gemini", "gemini-2.5"),
    ("gemini", "tunedModels/gemini-2.5-pro"),
    ("bedrock", "claude-sonnet-4-5"),
    ("bedrock", "xx.amazon.nova-lite-v1:0"),
    ("bedrock", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl"),
    ("ollama", "llama3:1b"),
    ("openai-compatible", "gpt-5"),
    ("openai-compatible", "claude-sonnet-4-5"),
    ("openai-compatible", "acme/gpt-5"),
    ("openai-compatible", "openai/gpt-oss-20b"),
];

#[test]
fn names_of_providers_lead_to_their_models() {
    for (kind, model, name) in SAME {
        assert_eq!(find(kind, model).map(|entry| entry.name).as_deref(), Some(name), "{kind} {model}");
    }
}

#[test]
fn no_name_leads_to_another_model() {
    for (kind, model) in NOTHING {
        assert_eq!(find(kind, model), None, "{kind} {model}");
    }
}

#[test]
fn every_name_of_the_table_leads_to_itself() {
    for entry in Table::embedded().entries() {
        let name = match entry.name.split_once('/') {
            Some((first, rest)) if first == entry.provider => rest,
            _ => entry.name.as_str(),
        };
        let found = find(&entry.provider, name).unwrap_or_else(|| panic!("{}", entry.name));
        let is_other_form = found.name == format!("{}/{}", entry.provider, entry.name);
        assert!(found.name == entry.name || is_other_form, "{} is {}", entry.name, found.name);
    }
}

#[test]
fn another_geography_has_a_price_only_where_all_have_the_same() {
    let json = r#"{
        "a.one-v1:0": {"mode": "chat", "litellm_provider": "bedrock", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
        "us.a.one-v1:0": {"mode": "chat", "litellm_provider": "bedrock", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
        "a.two-v1:0": {"mode": "chat", "litellm_provider": "bedrock", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
        "us.a.two-v1:0": {"mode": "chat", "litellm_provider": "bedrock", "input_cost_per_token": 2e-06, "output_cost_per_token": 2e-06}
    }"#;
    let table = Table::read(json, "1").unwrap();
    let known = |model| table.find("bedrock", model).map(|Entry { name, price, .. }| (name, price.is_some()));
    assert_eq!(known("eu.a.one-v1:0"), Some(("a.one-v1:0".to_owned(), true)));
    assert_eq!(known("eu.a.two-v1:0"), Some(("a.two-v1:0".to_owned(), false)));
}

#[test]
fn the_last_date_stands_for_none() {
    let model = r#"{"mode": "chat", "litellm_provider": "anthropic"}"#;
    let names = ["claude-x-20250101", "claude-x-20260101", "claude-x-mini", "claude-x-mini-20270101", "claude-x-9"];
    let members: Vec<_> = names.iter().map(|name| format!("{name:?}: {model}")).collect();
    let table = Table::read(&format!("{{{}}}", members.join(",")), "1").unwrap();
    let name = |model| table.find("anthropic", model).map(|entry| entry.name);
    assert_eq!(name("claude-x").as_deref(), Some("claude-x-20260101"));
    assert_eq!(name("claude-x-latest").as_deref(), Some("claude-x-20260101"));
    assert_eq!(name("claude-x-20240101"), None);
    assert_eq!(name("claude"), None);
}

#[test]
fn hosts_lead_to_providers_of_the_table() {
    assert_eq!(provider_at("API.groq.com"), Some("groq"));
    assert_eq!(provider_at("api.example.com"), None);
    assert_eq!(find(provider_at("api.deepseek.com").unwrap(), "deepseek-chat").unwrap().provider, "deepseek");
}
