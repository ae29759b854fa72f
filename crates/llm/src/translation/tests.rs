use super::*;
use inspection::eventstream::testing::{event, exception};

fn asked(endpoint: Endpoint, body: &str) -> Asked {
    Asked::read(endpoint, None, Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

const QUESTION: &str = r#"{"model":"r","max_tokens":5,"stream":true,"messages":[{"role":"user","content":"Hello"}]}"#;

#[tokio::test]
async fn a_request_names_the_providers_model_and_asks_for_usage() {
    let (translation, body) =
        Translation::of(&asked(Endpoint::Messages, QUESTION), Endpoint::ChatCompletions, ("m", None), None)
            .await
            .unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["model"], &body["stream"]), (&"m".into(), &true.into()));
    assert_eq!(body["stream_options"]["include_usage"], true);
    assert_eq!(translation.losses.to_string(), "");
    assert!(translation.check("p/m").is_ok());
}

#[tokio::test]
async fn what_has_no_place_is_named() {
    let question =
        asked(Endpoint::ChatCompletions, r#"{"model":"r","seed":7,"messages":[{"role":"user","content":"Hi"}]}"#);
    let (translation, _) = Translation::of(&question, Endpoint::Messages, ("m", None), None).await.unwrap();
    assert_eq!(translation.losses.to_string(), "seed");
    let error = translation.check("p/m").unwrap_err();
    assert!(error.code() == Code::ModelLoss && error.message().contains("seed"), "{error}");
}

#[tokio::test]
async fn a_request_that_is_none_is_told_with_its_place() {
    let wrong = asked(Endpoint::ChatCompletions, r#"{"model":"r","messages":[{"role":"user","content":7}]}"#);
    let error = Translation::of(&wrong, Endpoint::Messages, ("m", None), None).await.unwrap_err();
    assert_eq!(error.code(), Code::ModelRequest);
    assert!(error.message().contains("messages[0]"), "{error}");
}

const FAULTY: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"Hi\"}}\n\nevent: x\ndata: {\"type\": nonsense}\n\n";

async fn translator(limit: usize) -> Translator {
    let question = asked(Endpoint::ChatCompletions, r#"{"model":"r","messages":[{"role":"user","content":"Hi"}]}"#);
    Translation::of(&question, Endpoint::Messages, ("m", None), None).await.unwrap().0.stream(limit)
}

#[tokio::test]
async fn what_stands_before_a_fault_goes_on_first() {
    let mut translator = translator(1 << 20).await;
    let piece = translator.feed(FAULTY.as_bytes()).unwrap();
    assert!(String::from_utf8_lossy(&piece).contains("Hi") && translator.is_faulty());
    assert!(matches!(translator.finish(), Err(Stop::Fault(_))));
}

#[tokio::test]
async fn a_stream_above_the_limit_is_ended() {
    let mut translator = translator(100).await;
    assert!(translator.feed(b": comment\n\n").is_ok());
    assert!(matches!(translator.feed(FAULTY.as_bytes()), Err(Stop::TooLarge)));
}

#[tokio::test]
async fn what_stands_for_a_conversation_elsewhere_is_no_detail() {
    let body = r#"{"model":"r","input":"And then?","previous_response_id":"resp_1"}"#;
    let (translation, _) =
        Translation::of(&asked(Endpoint::Responses, body), Endpoint::Messages, ("m", None), None).await.unwrap();
    let error = translation.check_context("p/m").unwrap_err();
    assert!(error.code() == Code::ModelLoss && error.message().contains("previous_response_id"), "{error}");
    for (endpoint, body) in [
        (
            Endpoint::Responses,
            r#"{"model":"r","input":[{"type":"compaction","id":"c","encrypted_content":"x"},{"role":"user","content":"Go on"}]}"#,
        ),
        (
            Endpoint::Messages,
            r#"{"model":"r","max_tokens":5,"messages":[{"role":"assistant","content":[{"type":"compaction","encrypted_content":"RU5D"}]},{"role":"user","content":"Go on"}]}"#,
        ),
        (
            Endpoint::Responses,
            r#"{"model":"r","input":[{"role":"user","content":"Go on"},{"type":"local_shell_call","id":"l","call_id":"c","status":"completed","action":{"type":"exec","command":["ls"],"env":{}}}]}"#,
        ),
        (
            Endpoint::Messages,
            r#"{"model":"r","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":"What is in it?"},{"type":"container_upload","file_id":"file_1"}]}]}"#,
        ),
    ] {
        for other in [Endpoint::ChatCompletions, Endpoint::GenerateContent, Endpoint::OllamaChat, Endpoint::Converse] {
            let (translation, _) = Translation::of(&asked(endpoint, body), other, ("m", None), None).await.unwrap();
            assert!(translation.check_context("p/m").is_err(), "{other:?} {body}");
        }
    }
    let plain = asked(Endpoint::ChatCompletions, r#"{"model":"r","seed":7,"messages":[]}"#);
    assert!(
        Translation::of(&plain, Endpoint::Messages, ("m", None), None).await.unwrap().0.check_context("p/m").is_ok()
    );
}

#[tokio::test]
async fn a_file_that_another_provider_has_and_a_conversation_of_nothing_are_no_details() {
    let image = r#"{"type":"image","source":{"type":"file","file_id":"file_1"}}"#;
    let message = |content: &str| {
        format!(r#"{{"model":"r","max_tokens":5,"messages":[{{"role":"user","content":[{content}]}}]}}"#)
    };
    let text = r#"{"type":"text","text":"What is it?"}"#;
    for content in [image.to_owned(), format!("{image},{text}")] {
        let asked = asked(Endpoint::Messages, &message(&content));
        let others = [
            Endpoint::ChatCompletions,
            Endpoint::Responses,
            Endpoint::GenerateContent,
            Endpoint::OllamaChat,
            Endpoint::Converse,
        ];
        for endpoint in others {
            let (translation, _) = Translation::of(&asked, endpoint, ("m", None), None).await.unwrap();
            let error = translation.check_context("p/m").unwrap_err();
            assert!(error.code() == Code::ModelLoss && error.message().contains("media.file"), "{endpoint:?}: {error}");
        }
    }
    let sound = asked(
        Endpoint::ChatCompletions,
        r#"{"model":"r","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}]}"#,
    );
    let (translation, body) = Translation::of(&sound, Endpoint::Messages, ("m", None), None).await.unwrap();
    let error = translation.check_context("p/m").unwrap_err();
    assert!(error.message().contains("anything") && error.message().contains("media.audio"), "{error} {body:?}");
}

/// What a client of chat completions gets for these messages of Bedrock.
async fn from_bedrock(messages: &[Vec<u8>]) -> Result<String, Stop> {
    let question = asked(Endpoint::ChatCompletions, r#"{"model":"r","messages":[{"role":"user","content":"Hi"}]}"#);
    let mut translator =
        Translation::of(&question, Endpoint::ConverseStream, ("m", None), None).await.unwrap().0.stream(1 << 20);
    let mut said = translator.feed(&messages.concat())?.to_vec();
    said.extend_from_slice(&translator.finish()?);
    Ok(String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn messages_of_bedrock_become_events() {
    let begun = [
        event("messageStart", r#"{"role":"assistant"}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello"}}"#),
    ];
    let ended = [
        event("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        event("messageStop", r#"{"stopReason":"max_tokens"}"#),
        event("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#),
    ];
    let said = from_bedrock(&[&begun[..], &ended].concat()).await.unwrap();
    assert!(said.contains("Hello") && said.contains(r#""finish_reason":"length""#), "{said}");
    assert!(said.trim_end().ends_with("data: [DONE]"), "{said}");
    let trouble = [exception("throttlingException", r#"{"message":"too much of it"}"#)];
    let said = from_bedrock(&[&begun[..], &trouble].concat()).await.unwrap();
    assert!(said.contains("Hello") && said.contains("too much of it") && !said.contains("[DONE]"), "{said}");
    assert!(matches!(from_bedrock(&begun).await, Err(Stop::Fault(_))), "it is not over");
}

const LONG: &str = "mcp__plugin_atlassian_jira_cloud__search_for_issues_with_a_jql_query";

/// A tool that OpenAI would refuse for its name has another there, and the client never hears of it.
#[tokio::test]
async fn a_tool_has_its_own_name_for_the_client() {
    let body = serde_json::json!({"model": "r", "max_tokens": 50, "messages": [{"role": "user", "content": "go"}],
        "tools": [{"name": LONG, "input_schema": {"type": "object", "properties": {}}}]});
    let question = asked(Endpoint::Messages, &body.to_string());
    let (translation, body) =
        Translation::of(&question, Endpoint::ChatCompletions, ("gpt-4.1", None), None).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let told = body["tools"][0]["function"]["name"].as_str().unwrap().to_owned();
    assert!(told.len() == 64 && LONG.starts_with(&told[..40]), "{told}");
    let call =
        format!(r#"{{"index":0,"id":"c1","type":"function","function":{{"name":"{told}","arguments":"{{}}"}}}}"#);
    let whole = format!(
        r#"{{"choices":[{{"index":0,"message":{{"role":"assistant","tool_calls":[{call}]}},"finish_reason":"tool_calls"}}]}}"#
    );
    let (answer, _) = translation.answer(&whole).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.contains(LONG) && !answer.contains(&told), "{answer}");
    let chunk = format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{call}]}}}}]}}\n\n");
    let mut translator = translation.stream(1 << 20);
    let piece = translator.feed(chunk.as_bytes()).unwrap();
    let piece = String::from_utf8_lossy(&piece);
    assert!(piece.contains(LONG) && !piece.contains(&told), "{piece}");
}
