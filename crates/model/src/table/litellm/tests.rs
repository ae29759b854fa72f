use crate::{Entry, ServiceTier, Table};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(model: &Value) -> Option<Entry> {
    let with = json!({"m": model, "other": {"mode": "chat", "litellm_provider": "x"}});
    Table::read(&with.to_string(), "1").unwrap().entry("m")
}

/// The words of the prices of a model whose members are these, besides mode and provider.
fn prices(members: &Value) -> String {
    let mut model = json!({"mode": "chat", "litellm_provider": "x"});
    model.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    read(&model).unwrap().line().rsplit('\t').next().unwrap().to_owned()
}

#[test]
fn prices_are_taken_from_their_members() {
    let table = [
        (json!({"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05}), "i3 o15"),
        (json!({"input_cost_per_token": 1.0000000000000002e-06, "output_cost_per_token": 0}), "i1 o0"),
        // Half a price is none, and one of nothing is not known.
        (json!({"input_cost_per_token": 3e-06}), ""),
        (json!({"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}), ""),
        (json!({"input_cost_per_token": -1.0, "output_cost_per_token": 1e-06}), ""),
        (
            json!({"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "input_cost_per_request": 0.005}),
            "i1 o2 q0.005",
        ),
        // What writing into a cache costs is not below the input's price.
        (
            json!({"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "cache_creation_input_token_cost": 0.0,
                "cache_read_input_token_cost": 1e-7, "cache_creation_input_token_cost_above_1hr": 2e-6}),
            "i1 o2 r0.1 h2",
        ),
        // A tier that leaves out the cache's price has it in proportion.
        (
            json!({"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "cache_read_input_token_cost": 1e-7,
                "input_cost_per_token_above_128k_tokens": 2e-6, "output_cost_per_token_above_128k_tokens": 3e-6}),
            "i1 o2 r0.1 >128000 i2 o3 r0.2",
        ),
        // So has a way of being served that leaves out the tier.
        (
            json!({"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "input_cost_per_token_flex": 5e-7,
                "output_cost_per_token_flex": 1e-6, "input_cost_per_token_above_200k_tokens": 2e-6,
                "output_cost_per_token_above_200k_tokens": 3e-6}),
            "i1 o2 >200000 i2 o3 /flex i0.5 o1 >200000 i1 o1.5",
        ),
        (
            json!({"tiered_pricing": [
                {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "range": [0, 256000.0]},
                {"input_cost_per_token": 3e-6, "output_cost_per_token": 4e-6, "range": [256000.0, 1000000.0]}]}),
            "i1 o2 >256000 i3 o4",
        ),
        (
            json!({"tiered_pricing": [{"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "range": [5, 9]}]}),
            "",
        ),
        // Members that are not known change nothing.
        (
            json!({"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "input_cost_per_token_ultrafast": 9e-6}),
            "i1 o2",
        ),
    ];
    for (members, words) in table {
        assert_eq!(prices(&members), words, "{members}");
    }
}

#[test]
fn searches_are_paid_for_one_by_one_or_for_a_request() {
    let table = [
        (
            json!({"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "search_context_cost_per_query":
                {"search_context_size_low": 0.006, "search_context_size_medium": 0.01, "search_context_size_high": 0.014}}),
            "i1 o2 n0.014",
        ),
        (
            json!({"litellm_provider": "gemini", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6,
                "search_context_cost_per_query": {"search_context_size_medium": 0.035}}),
            "i1 o2 y0.035",
        ),
        (
            json!({"litellm_provider": "gemini", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6,
                "web_search_billing_unit": "per_query", "search_context_cost_per_query": {"search_context_size_medium": 0.014}}),
            "i1 o2 n0.014",
        ),
    ];
    for (members, words) in table {
        assert_eq!(prices(&members), words, "{members}");
    }
}

#[test]
fn local_models_cost_nothing() {
    let model = json!({"mode": "chat", "litellm_provider": "ollama", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0});
    assert!(read(&model).unwrap().price.is_some_and(|price| price.is_free()));
}

#[test]
fn pictures_and_sound_are_charged_in_one_measure() {
    let cases = [
        (json!({"mode": "image_generation", "output_cost_per_image": 0.04}), "i0 o0 g0.04"),
        (json!({"mode": "image_edit", "input_cost_per_image": 0.02, "input_cost_per_pixel": 1e-8}), "i0 o0 g0.02"),
        (json!({"mode": "image_generation", "input_cost_per_pixel": 1e-8}), ""),
        (
            json!({"mode": "image_generation", "input_cost_per_token": 5e-6, "input_cost_per_image_token": 1e-5,
                "output_cost_per_image_token": 4e-5, "output_cost_per_image": 0.04}),
            "i10 o40",
        ),
        (json!({"mode": "audio_speech", "input_cost_per_character": 1.5e-5}), "i0 o0 c15"),
        (
            json!({"mode": "audio_speech", "input_cost_per_token": 6e-7, "output_cost_per_audio_token": 1.2e-5,
                "output_cost_per_token": 1e-5, "output_cost_per_second": 0.00025}),
            "i0.6 o12",
        ),
        (
            json!({"mode": "audio_transcription", "input_cost_per_second": 1e-4, "output_cost_per_second": 1e-4}),
            "i0 o0 e0.0001",
        ),
        (
            json!({"mode": "audio_transcription", "input_cost_per_token": 2.5e-6, "input_cost_per_audio_token": 6e-6,
                "output_cost_per_token": 1e-5, "input_cost_per_second": 1e-4}),
            "i2.5 o10 a6",
        ),
        (json!({"mode": "moderation", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0}), "i0 o0"),
    ];
    for (members, expected) in cases {
        assert_eq!(prices(&members), expected, "{members}");
    }
}

#[test]
fn what_no_gateway_asks_is_left_out() {
    for model in [
        json!({"mode": "video_generation", "litellm_provider": "x"}),
        json!({"mode": "chat"}),
        json!({"mode": "chat", "litellm_provider": "x y"}),
        json!({"mode": "chat", "litellm_provider": ""}),
        json!([]),
    ] {
        assert_eq!(read(&model), None, "{model}");
    }
}

#[test]
fn tables_that_are_none_are_refused() {
    let many: serde_json::Map<_, _> = (0..20_001).map(|number| (number.to_string(), json!({}))).collect();
    let table = [
        ("[]".to_owned(), "is no table of models"),
        ("{".to_owned(), "is no table of models"),
        ("{}".to_owned(), "has no model"),
        (Value::Object(many).to_string(), "has 20001 models: 20000 are the most"),
        (" ".repeat((16 << 20) + 1), "16777216 are the most"),
    ];
    for (json, cause) in table {
        let fault = Table::read(&json, "1").unwrap_err();
        assert!(fault.cause.contains(cause), "{fault}");
    }
}

#[test]
fn the_embedded_table_has_what_is_published() {
    let gpt = crate::find("openai", "gpt-5").unwrap();
    assert_eq!(gpt.price(Some(ServiceTier::Priority)).map(|price| price.rates.input), Some(2_500_000_000));
    assert_eq!(gpt.price(Some(ServiceTier::Batch)).map(|price| price.rates.output), Some(5_000_000_000));
}

proptest! {
    #[test]
    fn any_numbers_and_names_are_read(name in ".{0,30}", rate: f64, other: f64, words in ".{0,20}") {
        let model = json!({"mode": "chat", "litellm_provider": words, "input_cost_per_token": rate, "output_cost_per_token": other,
            "max_input_tokens": rate, "deprecation_date": words});
        let json = json!({name: model, "a": {"mode": "chat", "litellm_provider": "x"}});
        let table = Table::read(&json.to_string(), "1").unwrap();
        let entries: Vec<_> = table.entries().collect();
        prop_assert_eq!(entries.len() + 1, table.as_text().lines().count());
        prop_assert!(table.entry("a").is_some());
    }
}
