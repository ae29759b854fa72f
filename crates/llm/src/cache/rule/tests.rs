use super::*;
use http::{HeaderName, HeaderValue};

#[test]
fn only_what_is_asked_without_chance_is_the_same_again() {
    use Endpoint::*;
    let table = [
        (ChatCompletions, r#"{"messages":[]}"#, false),
        (ChatCompletions, r#"{"temperature":0}"#, true),
        (ChatCompletions, r#"{"temper\u0061ture":0.0}"#, true),
        (ChatCompletions, r#"{"temperature":0.2}"#, false),
        (ChatCompletions, r#"{"temperature":"0"}"#, false),
        (ChatCompletions, r#"{"temperature":null}"#, false),
        (ChatCompletions, r#"{"temperature":1,"seed":7}"#, true),
        (ChatCompletions, r#"{"seed":null}"#, false),
        (ChatCompletions, r#"{"generationConfig":{"temperature":0}}"#, false),
        (ChatCompletions, r#"{"temperature":0,"n":3}"#, true),
        (Responses, r#"{"temperature":0}"#, true),
        (Messages, r#"{"temperature":0}"#, true),
        (GenerateContent, r#"{"generationConfig":{"temperature":0}}"#, true),
        (StreamGenerateContent, r#"{"generation_config":{"temperature":0}}"#, true),
        (GenerateContent, r#"{"generationConfig":{"temperature":0},"generation_config":{"temperature":1}}"#, false),
        (GenerateContent, r#"{"temperature":0}"#, false),
        (OllamaChat, r#"{"options":{"temperature":0}}"#, true),
        (OllamaChat, r#"{"temperature":0}"#, false),
        (Embeddings, r#"{"input":"x"}"#, true),
        (CountTokens, "{}", true),
        (GeminiCountTokens, "{}", true),
    ];
    for (endpoint, body, expected) in table {
        assert_eq!(is_repeatable(endpoint, body, false), expected, "{endpoint:?} {body}");
        assert!(is_repeatable(endpoint, body, true), "{endpoint:?} {body}");
    }
}

#[test]
fn what_reaches_beyond_the_request_is_never_the_same() {
    use Endpoint::*;
    let table = [
        (ChatCompletions, r#"{"tools":[{"type":"function"},{"type":"custom"}]}"#, true),
        (ChatCompletions, r#"{"tools":[{"type":"web_search"}]}"#, false),
        (ChatCompletions, r#"{"tools":[{"type":"namespace"}]}"#, false),
        (ChatCompletions, r#"{"web_search_options":{}}"#, false),
        (ChatCompletions, r#"{"store":true}"#, false),
        (Responses, r#"{"store":true}"#, true),
        (Responses, r#"{"previous_response_id":"r"}"#, false),
        (Responses, r#"{"previous_response_id":null,"background":false}"#, true),
        (Responses, r#"{"conversation":"c"}"#, false),
        (Responses, r#"{"background":true}"#, false),
        (Responses, r#"{"tools":[{"type":"namespace","name":"a","tools":[{"type":"function"}]}]}"#, true),
        (Responses, r#"{"tools":[{"type":"namespace","tools":[{"type":"function"},{"type":"web_search"}]}]}"#, false),
        (Responses, r#"{"tools":[{"type":"function"},{"type":"mcp"}]}"#, false),
        (Messages, r#"{"tools":[{"name":"x","input_schema":{}}]}"#, true),
        (Messages, r#"{"tools":[{"type":"web_search_20250305","name":"web_search"}]}"#, false),
        (Messages, r#"{"mcp_servers":[{}]}"#, false),
        (GenerateContent, r#"{"tools":[{"functionDeclarations":[]}]}"#, true),
        (GenerateContent, r#"{"tools":[{"functionDeclarations":[],"googleSearch":{}}]}"#, false),
        (GenerateContent, r#"{"cachedContent":"c"}"#, false),
        (OllamaChat, r#"{"tools":[{"type":"function"}]}"#, true),
    ];
    for (endpoint, body, expected) in table {
        assert_eq!(is_repeatable(endpoint, body, true), expected, "{endpoint:?} {body}");
    }
}

#[test]
fn clients_say_what_they_want() {
    let seconds = Duration::from_secs;
    let (off, anew) = (Wish { off: true, ..Wish::default() }, Wish { anew: true, ..Wish::default() });
    let table: [(&[(&str, &str)], Wish); 10] = [
        (&[], Wish::default()),
        (&[("cache-control", "no-store")], off),
        (&[("cache-control", "No-Cache")], anew),
        (&[("x-tutti-cache", "off")], off),
        (&[("x-tutti-cache", "on")], Wish::default()),
        (&[("cache-control", "max-age=60, max-age=\"5\"")], Wish { oldest: Some(seconds(5)), ..Wish::default() }),
        (&[("cache-control", "max-age=0")], Wish { oldest: Some(seconds(0)), ..Wish::default() }),
        (&[("cache-control", "max-age=-1, private, =,,")], Wish::default()),
        (&[("cache-control", "private"), ("cache-control", "no-cache")], anew),
        (&[("cache-control", "no-cache, no-store")], Wish { off: true, anew: true, oldest: None }),
    ];
    for (headers, expected) in table {
        let mut given = HeaderMap::new();
        for (name, value) in headers {
            given.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        assert_eq!(Wish::of(&given), expected, "{headers:?}");
    }
}
