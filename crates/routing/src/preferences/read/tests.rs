use crate::{MaxPrice, Partition, Preferences, Sort, suffix};
use base::Code;
use proptest::prelude::*;
use std::time::Duration;

fn read(text: &str) -> Preferences {
    Preferences::read(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    let error = Preferences::read(text).map_or_else(|error| error, |read| panic!("{text}: {read:?}"));
    assert_eq!(error.code(), Code::ModelRequest);
    assert!(error.message().len() < 400, "{error}");
    error.message().to_owned()
}

#[test]
fn all_that_openrouter_documents_is_read() {
    let text = r#"{
        "order": ["anthropic", "openai/gpt-5"], "allow_fallbacks": false, "only": ["anthropic", "openai"],
        "ignore": ["deepinfra"], "sort": {"by": "throughput", "partition": "none"},
        "max_price": {"prompt": 1, "completion": "2.5"}, "require_parameters": true, "data_collection": "deny",
        "zdr": true, "quantizations": ["fp8", "unknown"], "preferred_min_throughput": {"p90": 50},
        "preferred_max_latency": 1.5, "enforce_distillable_text": false
    }"#;
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(|&name| name.to_owned()).collect() };
    let expected = Preferences {
        order: names(&["anthropic", "openai/gpt-5"]),
        allow_fallbacks: false,
        only: names(&["anthropic", "openai"]),
        ignore: names(&["deepinfra"]),
        sort: Some(Sort::Throughput),
        partition: Partition::None,
        max_price: MaxPrice { prompt: Some(1_000_000_000), completion: Some(2_500_000_000) },
        require_parameters: true,
        deny_training: true,
        zero_data_retention: true,
        quantizations: names(&["fp8", "unknown"]),
        min_throughput: Some(50.0),
        max_latency: Some(Duration::from_millis(1_500)),
        unheeded: Vec::new(),
    };
    assert_eq!(read(text), expected);
}

#[test]
fn what_is_not_said_is_as_usual() {
    for text in [
        "{}",
        " null ",
        r#"{"order": null, "sort": null, "max_price": {}, "data_collection": "allow", "allow_fallbacks": true}"#,
        r#"{"sort": {}, "max_price": null, "preferred_max_latency": {}, "only": [], "zdr": null}"#,
        r#"{"max_price": {"prompt": null, "image": null}, "sort": {"by": null, "partition": "model"}}"#,
    ] {
        assert_eq!(read(text), Preferences::default(), "{text}");
    }
    for (text, sort) in [("price", Sort::Price), ("throughput", Sort::Throughput), ("latency", Sort::Latency)] {
        assert_eq!(read(&format!(r#"{{"sort": "{text}"}}"#)).sort, Some(sort));
        assert_eq!(sort.name(), text);
    }
}

#[test]
fn what_nothing_is_done_about_is_told() {
    let text = r#"{"max_price": {"prompt": 1, "image": 0.1, "request": "1"}, "experimental": {"a": 1},
        "preferred_max_latency": {"p99": 9, "p50": 1}, "sort": {"by": "price", "how": 1}}"#;
    let read = read(text);
    assert_eq!(read.max_latency, Some(Duration::from_secs(1)), "the lowest percentile is the nearest to an average");
    assert_eq!(
        read.unheeded,
        [
            "provider.sort.how",
            "provider.max_price.image",
            "provider.max_price.request",
            "provider.preferred_max_latency.p99",
            "provider.experimental",
        ]
    );
    let many: Vec<String> = (0..100).map(|number| format!(r#""{}{number}": 1"#, "\u{e4}".repeat(99))).collect();
    let unheeded = super::read(&format!("{{{}}}", many.join(","))).map(|read| read.unheeded).unwrap_or_default();
    assert_eq!(unheeded.len(), 8);
    assert!(unheeded.iter().all(|told| told.len() < 80), "{unheeded:?}");
}

#[test]
fn wrong_types_are_clear_errors() {
    let long = format!(r#"{{"only": ["{}"]}}"#, "x".repeat(201));
    let many = format!(r#"{{"only": [{}]}}"#, vec![r#""a""#; 65].join(","));
    let huge = format!(r#"{{"x": "{}"}}"#, "x".repeat(40_000));
    let text = format!(r#""{}""#, "x".repeat(30_000));
    for (text, expected) in [
        (r#"{"order": "anthropic"}"#, "the request's `provider.order` is no array"),
        ("\u{b}null", "the request's `provider` is no object"),
        (r#"{"order": [1]}"#, "the request's `provider.order[0]` is no string"),
        (r#"{"ignore": ["a", ""]}"#, "the request's `provider.ignore[1]` has 0 bytes: a name has 1 to 200"),
        (&long, "the request's `provider.only[0]` has 201 bytes: a name has 1 to 200"),
        (&many, "the request's `provider.only` has 65 elements: 64 are the most"),
        (r#"{"allow_fallbacks": "no"}"#, "the request's `provider.allow_fallbacks` is neither true nor false"),
        (r#"{"sort": "cheap"}"#, "the request's `provider.sort` is none of price, throughput, latency"),
        (r#"{"sort": 1}"#, "the request's `provider.sort` is no string"),
        (r#"{"sort": {"by": "x"}}"#, "the request's `provider.sort.by` is none of price, throughput, latency"),
        (r#"{"max_price": 1}"#, "the request's `provider.max_price` is no object"),
        (r#"{"max_price": {"prompt": -1}}"#, "`provider.max_price.prompt` is no price in dollars, such as 0.5"),
        (r#"{"max_price": {"completion": "1e999"}}"#, "`provider.max_price.completion` is no price"),
        (r#"{"max_price": {"prompt": "inf"}}"#, "`provider.max_price.prompt` is no price"),
        (r#"{"data_collection": "never"}"#, "`provider.data_collection` is none of allow, deny"),
        (r#"{"quantizations": ["fp8", "fp7"]}"#, "`provider.quantizations[1]` is none of int4, int8, fp4"),
        (r#"{"preferred_max_latency": "1"}"#, "`provider.preferred_max_latency` is no number from 0 on"),
        (r#"{"preferred_max_latency": {"p50": -1}}"#, "`provider.preferred_max_latency.p50` is no number from 0 on"),
        (r#"{"enforce_distillable_text": true}"#, "`provider.enforce_distillable_text` cannot be seen to"),
        (r#"{"zdr": true, "zdr": false}"#, "the request's `provider` has the member zdr twice"),
        (r#"{"sort": {"by": "price", "by": "latency"}}"#, "`provider.sort` has the member by twice"),
        (&huge, "the request's `provider` has 40009 bytes: 32768 are the most"),
        (&text, "the request's `provider` is no object"),
        ("[]", "the request's `provider` is no object"),
        ("", "the request's `provider` is no object"),
        ("{", "the request's `provider` is no JSON object: EOF"),
    ] {
        let message = refused(text);
        assert!(message.contains(expected), "{message} for {expected}");
    }
}

#[test]
fn prices_are_exact_in_nano_dollars() {
    for (text, expected) in [
        ("0", 0),
        ("0.000000001", 1),
        ("0.15", 150_000_000),
        ("1e3", 1_000_000_000_000),
        ("1e300", u64::MAX),
        ("-0", 0),
    ] {
        for text in [text.to_owned(), format!(r#""{text}""#)] {
            let read = read(&format!(r#"{{"max_price": {{"prompt": {text}}}}}"#));
            assert_eq!(read.max_price.prompt, Some(expected), "{text}");
        }
    }
}

#[test]
fn models_are_a_list_of_names() {
    let models = |text: &str| Preferences::models(text).map_err(|error| error.message().to_owned());
    assert_eq!(models(r#" ["a/b", "c"] "#), Ok(vec!["a/b".to_owned(), "c".to_owned()]));
    assert_eq!(models("[]"), Ok(Vec::new()));
    let many = format!("[{}]", vec![r#""a""#; 17].join(","));
    for (text, expected) in [
        ("{}", "the request's `models` is no array"),
        (r#"["a", 1]"#, "the request's `models[1]` is no string"),
        (r#"["a",]"#, "the request's `models` is no array"),
        (&many, "the request's `models` has 17 elements: 16 are the most"),
    ] {
        assert_eq!(models(text), Err(expected.to_owned()));
    }
}

#[test]
fn endings_of_names_say_how_to_sort() {
    for (model, expected) in [
        ("openai/gpt-5:nitro", ("openai/gpt-5", Some(Sort::Throughput))),
        ("llama:floor", ("llama", Some(Sort::Price))),
        ("llama:free", ("llama:free", None)),
        ("llama:nitro:floor", ("llama:nitro", Some(Sort::Price))),
        ("nitro", ("nitro", None)),
        (":nitro", (":nitro", None)),
        ("", ("", None)),
    ] {
        assert_eq!(suffix(model), expected);
    }
}

const WORDS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"order\"",
    "\"only\"",
    "\"sort\"",
    "\"by\"",
    "\"max_price\"",
    "\"prompt\"",
    "\"price\"",
    "\"p50\"",
    "\"preferred_max_latency\"",
    "\"zdr\"",
    "true",
    "null",
    "1e400",
    "-0.0",
    "\"\\ud800\"",
    "\"$\"",
    " ",
    "9",
];

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".*") {
        let _ = (Preferences::read(&text), Preferences::models(&text), suffix(&text));
    }

    #[test]
    fn what_looks_like_json_is_read_or_refused(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..40)) {
        let text = words.concat();
        let _ = (Preferences::read(&text), Preferences::models(&text));
        let inside = format!("{{{text}}}");
        if let Err(error) = Preferences::read(&inside) {
            prop_assert!(error.message().starts_with("the request's `provider"), "{}", error);
        }
    }
}
