use super::Length;
use crate::config::Kind;
use crate::request::Asked;
use bytes::Bytes;
use inspection::dialect::Endpoint;

const KINDS: [Kind; 3] = [Kind::OpenAi, Kind::Ollama, Kind::OpenAiCompatible];

#[test]
fn each_provider_gets_the_name_that_it_knows_and_all_else_stays() {
    let older = r#"{"model":"m", "max_tokens" : 5.0,"x":{"max_tokens":1}}"#;
    let newer = r#"{"model":"m", "max_completion_tokens" : 5.0,"x":{"max_tokens":1}}"#;
    let both = r#"{"max_tokens":1,"model":"m","max_completion_tokens":2}"#;
    let escaped = r#"{"max_t\u006fkens":5,"model":"m"}"#;
    let table = [
        (older, [newer, older, older]),
        (newer, [newer, older, newer]),
        (both, [both; 3]),
        (escaped, [r#"{"max_completion_tokens":5,"model":"m"}"#, escaped, escaped]),
        (r#"{"model":"m"}"#, [r#"{"model":"m"}"#; 3]),
    ];
    for (body, expected) in table {
        for (kind, expected) in KINDS.into_iter().zip(expected) {
            let length = Length::of(kind, Endpoint::ChatCompletions);
            let asked = Asked::read(Endpoint::ChatCompletions, None, Bytes::from_static(body.as_bytes())).unwrap();
            assert_eq!(&*asked.content_for("m", length).joined(), expected.as_bytes(), "{kind:?}: {body}");
            let other = expected.replace(r#""model":"m""#, r#""model":"other""#);
            assert_eq!(&*asked.content_for("other", length).joined(), other.as_bytes(), "{kind:?}: {body}");
            let written = Bytes::from_static(body.as_bytes());
            let written = length.map_or(written.clone(), |length| length.renamed(written));
            assert_eq!(&*written, expected.as_bytes(), "{kind:?}: {body}");
        }
    }
}

#[test]
fn a_large_body_gets_the_name_too() {
    let body = format!(r#"{{"model":"m","max_tokens":5,"x":"{}"}}"#, "x".repeat(100_000));
    let asked = Asked::read(Endpoint::ChatCompletions, None, body.clone().into()).unwrap();
    let length = Length::of(Kind::OpenAi, Endpoint::ChatCompletions);
    let expected = body.replace("max_tokens", "max_completion_tokens");
    assert_eq!(&*asked.content_for("m", length).joined(), expected.as_bytes());
    let other = expected.replace(r#""m""#, r#""other""#);
    assert_eq!(&*asked.content_for("other", length).joined(), other.as_bytes());
}

#[test]
fn other_endpoints_have_one_name() {
    for endpoint in [Endpoint::Responses, Endpoint::Completions, Endpoint::OllamaChat, Endpoint::Messages] {
        assert!(KINDS.into_iter().all(|kind| Length::of(kind, endpoint).is_none()), "{endpoint:?}");
    }
}
