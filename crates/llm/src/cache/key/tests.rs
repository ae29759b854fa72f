use super::*;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};

fn of(endpoint: Endpoint, body: &str, headers: &[(&'static str, &'static str)]) -> Digest {
    let in_path = endpoint.names_model_in_path().then_some("r");
    let asked = Asked::read(endpoint, in_path, Bytes::copy_from_slice(body.as_bytes())).unwrap();
    let mut given = HeaderMap::new();
    for (name, value) in headers {
        given.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    digest(&asked, &given, None).unwrap()
}

#[test]
fn who_asks_in_which_words_does_not_count() {
    use Endpoint::*;
    let table = [
        (
            ChatCompletions,
            r#"{"model":"r","a":1}"#,
            r#"{"user":"u","a":1,"model":"r","stream":false,"prompt_cache_key":"k"}"#,
        ),
        (Messages, r#"{"model":"r"}"#, r#"{"model":"r","metadata":{"user_id":"u"}}"#),
        (OllamaChat, r#"{"model":"r"}"#, r#"{"model":"r","stream":true,"keep_alive":0}"#),
        (GenerateContent, r#"{"contents":[]}"#, r#"{"contents":[],"model":"models/r"}"#),
    ];
    for (endpoint, one, other) in table {
        assert_eq!(of(endpoint, one, &[]), of(endpoint, other, &[]), "{one} {other}");
    }
    let body = r#"{"model":"r"}"#;
    let asked = |headers| of(Messages, body, headers);
    let noise =
        asked(&[("authorization", "x"), ("cache-control", "no-cache"), ("x-tutti-cache", "x"), ("accept", "y")]);
    assert_eq!(asked(&[]), noise);
}

#[test]
fn a91_everything_that_an_answer_depends_on_counts() {
    use Endpoint::*;
    let digests = [
        of(ChatCompletions, r#"{"model":"r"}"#, &[]),
        of(ChatCompletions, r#"{"model":"r","stream":true}"#, &[]),
        of(ChatCompletions, r#"{"model":"r","stream":null}"#, &[]),
        of(ChatCompletions, r#"{"model":"r","metadata":{}}"#, &[]),
        of(ChatCompletions, r#"{"model":"r","messages":[{"role":"system","content":"Be kind"}]}"#, &[]),
        of(ChatCompletions, r#"{"model":"r","messages":[{"role":"user","content":"Be kind"}]}"#, &[]),
        of(ChatCompletions, r#"{"model":"r","tools":[]}"#, &[]),
        of(Responses, r#"{"model":"r"}"#, &[]),
        of(Responses, r#"{"model":"r","user":"u"}"#, &[]),
        of(Messages, r#"{"model":"r"}"#, &[]),
        of(CountTokens, r#"{"model":"r"}"#, &[]),
        of(Embeddings, r#"{"model":"r"}"#, &[]),
        of(GenerateContent, "{}", &[]),
        of(GeminiCountTokens, "{}", &[]),
        of(StreamGenerateContent, "{}", &[]),
        of(Messages, r#"{"model":"r"}"#, &[("anthropic-beta", "a")]),
        of(Messages, r#"{"model":"r"}"#, &[("anthropic-beta", "a"), ("anthropic-beta", "b")]),
        of(Messages, r#"{"model":"r"}"#, &[("anthropic-beta", "ab")]),
        of(Messages, r#"{"model":"r"}"#, &[("anthropic-version", "a")]),
        of(Messages, r#"{"model":"r"}"#, &[("x-tutti-strict", "true")]),
    ];
    for (place, one) in digests.iter().enumerate() {
        assert!(!digests[place + 1..].contains(one), "number {place}");
    }
}
