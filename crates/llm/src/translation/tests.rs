use super::*;

fn asked(endpoint: Endpoint, body: &str) -> Asked {
    Asked::read(endpoint, None, Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

const QUESTION: &str = r#"{"model":"r","max_tokens":5,"stream":true,"messages":[{"role":"user","content":"Hello"}]}"#;

#[test]
fn a_request_names_the_providers_model_and_asks_for_usage() {
    let (translation, body) =
        Translation::of(&asked(Endpoint::Messages, QUESTION), Endpoint::ChatCompletions, "m").unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["model"], &body["stream"]), (&"m".into(), &true.into()));
    assert_eq!(body["stream_options"]["include_usage"], true);
    assert_eq!(translation.losses.to_string(), "");
    assert!(translation.check("p/m").is_ok());
}

#[test]
fn what_has_no_place_is_named() {
    let question =
        asked(Endpoint::ChatCompletions, r#"{"model":"r","seed":7,"messages":[{"role":"user","content":"Hi"}]}"#);
    let (translation, _) = Translation::of(&question, Endpoint::Messages, "m").unwrap();
    assert_eq!(translation.losses.to_string(), "seed");
    let error = translation.check("p/m").unwrap_err();
    assert!(error.code() == Code::ModelLoss && error.message().contains("seed"), "{error}");
}

#[test]
fn a_request_that_is_none_is_told_with_its_place() {
    let wrong = asked(Endpoint::ChatCompletions, r#"{"model":"r","messages":[{"role":"user","content":7}]}"#);
    let error = Translation::of(&wrong, Endpoint::Messages, "m").unwrap_err();
    assert_eq!(error.code(), Code::ModelRequest);
    assert!(error.message().contains("messages[0]"), "{error}");
}
