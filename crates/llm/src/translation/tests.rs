use super::*;

fn asked(body: &str) -> Asked {
    Asked::read(Endpoint::ChatCompletions, None, Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

const QUESTION: &str = r#"{"model":"r","stream":true,"seed":7,"messages":[{"role":"user","content":"Hello"}]}"#;

#[test]
fn a_request_names_the_providers_model_and_asks_for_usage() {
    let (translation, body) = Translation::of(&asked(QUESTION), Endpoint::ChatCompletions, "m").unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["model"], &body["stream"]), (&"m".into(), &true.into()));
    assert_eq!(body["stream_options"]["include_usage"], true);
    assert!(translation.losses.is_empty() && translation.check("p/m").is_ok());
}

#[test]
fn a_request_that_is_none_is_told_with_its_place() {
    let wrong = asked(r#"{"model":"r","messages":[{"role":"user","content":7}]}"#);
    let error = Translation::of(&wrong, Endpoint::Messages, "m").unwrap_err();
    assert_eq!(error.code(), Code::ModelRequest);
    assert!(error.message().contains("messages[0]"), "{error}");
}
