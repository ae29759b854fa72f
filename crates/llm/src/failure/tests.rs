use super::*;
use serde_json::Value;

fn error() -> Error {
    Error::new(Code::ModelTimeout, "p/m said nothing", "ask again")
}

#[test]
fn each_dialect_reads_its_own_errors() {
    let of = |dialect| serde_json::from_str::<Value>(&body(dialect, &error())).unwrap();
    let sentence = "p/m said nothing (T-0906). Next: ask again";
    let openai = of(Dialect::OpenAiChat);
    assert_eq!((&openai["error"]["code"], &openai["error"]["message"]), (&"T-0906".into(), &sentence.into()));
    assert_eq!(openai["error"]["type"], "server_error");
    let anthropic = of(Dialect::Anthropic);
    assert_eq!((&anthropic["type"], &anthropic["error"]["type"]), (&"error".into(), &"timeout_error".into()));
    let gemini = of(Dialect::Gemini);
    assert_eq!((&gemini["error"]["code"], &gemini["error"]["status"]), (&504.into(), &"DEADLINE_EXCEEDED".into()));
    assert_eq!(of(Dialect::Ollama)["error"], sentence);
}

#[test]
fn the_last_event_stands_alone() {
    assert!(event(Dialect::Anthropic, &error(), false).starts_with(b"event: error\ndata: {"));
    assert!(event(Dialect::OpenAiChat, &error(), true).starts_with(b"\n\ndata: {"));
    assert!(event(Dialect::Ollama, &error(), true).starts_with(b"\n{"));
    for dialect in [Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::Gemini] {
        assert!(event(dialect, &error(), false).ends_with(b"}\n\n"));
    }
}

#[test]
fn a_status_says_who_is_asked_next() {
    let table = [
        (400, Code::ModelRefused, false, false),
        (401, Code::ModelCredential, true, true),
        (402, Code::ModelCredential, true, true),
        (404, Code::ModelUnknown, true, false),
        (405, Code::ModelUnknown, true, false),
        (410, Code::ModelUnknown, true, false),
        (101, Code::ModelBroken, true, true),
        (999, Code::ModelBroken, true, true),
        (413, Code::ModelRefused, false, false),
        (429, Code::ModelBusy, true, true),
        (302, Code::ModelFailed, true, true),
        (500, Code::ModelFailed, true, true),
        (529, Code::ModelFailed, true, true),
    ];
    for (status, code, elsewhere, counts) in table {
        let said = Bytes::from_static(br#"{"error":{"message":"sk-secret"}}"#);
        let failure =
            Failure::of_status("p/m", Dialect::OpenAiChat, (StatusCode::from_u16(status).unwrap(), said), None);
        assert_eq!((failure.error.code(), failure.elsewhere, failure.counts), (code, elsewhere, counts), "{status}");
        assert_eq!(failure.said.is_some(), code == Code::ModelRefused, "{status}");
        // What is said of a credential may repeat it.
        assert_eq!(failure.error.message().contains("sk-secret"), !matches!(status, 101 | 302 | 401 | 999), "{status}");
    }
}

#[test]
fn words_of_a_provider_are_told_within_limits() {
    assert_eq!(quoted(r#"{"error":{"message":" a \n b "}}"#), ", and says \"a b\"");
    assert_eq!(quoted(r#"{"error":"x\u001b[2J"}"#), ", and says \"x\\u{1b}[2J\"");
    assert_eq!(quoted(r#"{"type":"response.failed","response":{"error":{"message":"y"}}}"#), ", and says \"y\"");
    assert_eq!(
        quoted(r#"{"choices":[{"message":{"content":"p"},"error":{"code":502,"message":"z"}}]}"#),
        ", and says \"z\""
    );
    for nothing in ["", "<html>", "{}", "[1]", r#"{"error":{}}"#] {
        assert_eq!(quoted(nothing), "", "{nothing}");
    }
    assert!(quoted(&format!(r#"{{"error":"{}"}}"#, "x".repeat(10_000))).len() < 600);
}

#[test]
fn a_wrong_key_at_gemini_is_no_fault_of_the_client() {
    let said = r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#;
    let of = |dialect| {
        Failure::of_status("p/m", dialect, (StatusCode::BAD_REQUEST, Bytes::from_static(said.as_bytes())), None)
    };
    let failure = of(Dialect::Gemini);
    assert_eq!((failure.error.code(), failure.elsewhere, failure.said.is_none()), (Code::ModelCredential, true, true));
    assert_eq!(of(Dialect::Ollama).error.code(), Code::ModelRefused);
}

#[test]
fn a118_a_credential_that_a_provider_repeats_is_told_to_nobody() {
    let body = Bytes::from(r#"{"error":{"message":"bad sk-secret-of-the-hub and local"}}"#);
    for status in [StatusCode::BAD_REQUEST, StatusCode::INTERNAL_SERVER_ERROR] {
        let failure = Failure::of_status("p/m", Dialect::OpenAiChat, (status, body.clone()), None);
        let masked = failure.masked(&Mask::new([base::Secret::new("sk-secret-of-the-hub".to_owned())]));
        assert!(masked.error.message().contains("bad *** and local"), "{}", masked.error.message());
        assert_eq!((masked.error.code(), masked.error.upstream()), (failure_code(status), Some("p/m")));
        let said = masked.said.map(|said| String::from_utf8(said.body.to_vec()).unwrap());
        assert!(said.is_none_or(|said| said.contains("bad *** and local") && !said.contains("sk-secret")));
    }
}

fn failure_code(status: StatusCode) -> Code {
    if status == StatusCode::BAD_REQUEST { Code::ModelRefused } else { Code::ModelFailed }
}

#[test]
fn an_account_without_credit_is_not_the_clients_fault() {
    let said = r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}"#;
    let failure = Failure::of_status("p/m", Dialect::Anthropic, (StatusCode::BAD_REQUEST, said.into()), None);
    assert_eq!((failure.error.code(), failure.elsewhere), (Code::ModelCredential, true));
    assert!(failure.error.next().contains("adds credit"), "{}", failure.error.next());
    let said = r#"{"error":{"message":"You can only afford 12","code":402}}"#;
    let failure = Failure::of_status("p/m", Dialect::OpenAiChat, (StatusCode::PAYMENT_REQUIRED, said.into()), None);
    assert!(failure.error.message().contains("lacks the credit") && failure.error.message().contains("afford 12"));
    assert!(!failure.error.next().contains("api_key"), "{}", failure.error.next());
}
