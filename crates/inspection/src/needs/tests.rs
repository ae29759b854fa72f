use super::*;
use Endpoint::{ChatCompletions, Embeddings, GenerateContent, Messages, OllamaChat, Responses};

fn read(endpoint: Endpoint, body: &str) -> Needs {
    Needs::read(endpoint, body, &Index::read(body).unwrap())
}

fn chat(body: &str) -> Needs {
    read(ChatCompletions, body)
}

fn conversation(dialect: Dialect, body: &str) -> u64 {
    super::conversation(dialect, |name| raw::get(body, name))
}

#[test]
fn each_dialect_says_how_much_may_be_written() {
    let bodies = [
        (ChatCompletions, r#"{"max_tokens":10}"#),
        (ChatCompletions, r#"{"max_tokens":3,"max_completion_tokens":10}"#),
        (Responses, r#"{"max_output_tokens":10}"#),
        (Messages, r#"{"max_tokens":10}"#),
        (GenerateContent, r#"{"generationConfig":{"maxOutputTokens":10}}"#),
        (OllamaChat, r#"{"options":{"num_predict":10}}"#),
    ];
    for (endpoint, body) in bodies {
        assert_eq!(read(endpoint, body).max_output, Some(10), "{body}");
    }
    assert_eq!(chat("{}").max_output, None);
    assert_eq!(read(OllamaChat, r#"{"options":{"num_predict":-1}}"#).max_output, None);
    // Nothing stands for no bound there.
    assert_eq!(read(OllamaChat, r#"{"options":{"num_predict":0}}"#).max_output, None);
    assert_eq!(read(Embeddings, r#"{"input":"x"}"#).max_output, Some(0));
}

#[test]
fn what_a_request_uses_is_seen() {
    let seen = |body: &str| {
        let needs = chat(body);
        [needs.tools, needs.vision, needs.audio, needs.documents, needs.json_schema, needs.reasoning]
    };
    let none = [false; 6];
    assert_eq!(
        seen(r#"{"tools":[],"response_format":{"type":"text"},"messages":[{"content":"an \"image_url\""}]}"#),
        none
    );
    let cases = [
        r#"{"tools":[{"type":"function"}]}"#,
        r#"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}]}"#,
        r#"{"messages":[{"content":[{"type":"input_audio","input_audio":{"data":"","format":"wav"}}]}]}"#,
        r#"{"messages":[{"content":[{"type":"file","file":{"file_id":"f"}}]}]}"#,
        r#"{"response_format":{"type":"json_schema","json_schema":{}}}"#,
        r#"{"reasoning_effort":"low"}"#,
    ];
    for (at, body) in cases.into_iter().enumerate() {
        let mut wanted = none;
        wanted[at] = true;
        assert_eq!(seen(body), wanted, "{body}");
    }
}

#[test]
fn a_text_is_never_more_tokens_than_bytes_and_media_are_fewer() {
    let text = format!(r#"{{"messages":[{{"content":"{}"}}]}}"#, "word ".repeat(1000));
    let needs = chat(&text);
    assert_eq!((needs.input, needs.input_most), (text.len() as u64 / 4, text.len() as u64));
    let picture = "iVBORw0KGgo".repeat(40_000);
    let body = format!(
        r#"{{"messages":[{{"content":[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{picture}"}}}}]}}]}}"#
    );
    let needs = chat(&body);
    assert!(needs.vision && needs.input_most < 60_000, "{needs:?}");
}

#[test]
fn a_conversation_stays_the_same_while_it_grows() {
    let begin = r#"{"role":"system","content":"be brief"},{"role":"user","content":"hello"}"#;
    let first = format!(r#"{{"messages":[{begin}]}}"#);
    let later =
        format!(r#"{{"messages":[{begin},{{"role":"assistant","content":"hi"}},{{"role":"user","content":"?"}}]}}"#);
    let of = |body: &str| conversation(Dialect::OpenAiChat, body);
    assert_eq!(of(&first), of(&later));
    assert_ne!(of(&first), of(&first.replace("hello", "goodbye")));
    assert_ne!(of(&first), of(&first.replace("brief", "verbose")));
    let gemini =
        |text: &str| conversation(Dialect::Gemini, &format!(r#"{{"contents":[{{"parts":[{{"text":"{text}"}}]}}]}}"#));
    assert_ne!(gemini("a"), gemini("b"));
    assert_ne!(
        conversation(Dialect::OpenAiResponses, r#"{"input":"a"}"#),
        conversation(Dialect::OpenAiResponses, r#"{"input":"b"}"#)
    );
}

#[test]
fn what_another_dialect_says_binds_nobody() {
    let bodies = [
        (
            ChatCompletions,
            r#"{"generationConfig":{"maxOutputTokens":1},"options":{"num_predict":1},"max_output_tokens":1}"#,
        ),
        (Messages, r#"{"max_completion_tokens":1}"#),
        (GenerateContent, r#"{"max_tokens":1}"#),
        // One that is not a whole number may be read in more ways than one.
        (ChatCompletions, r#"{"max_tokens":1,"max_completion_tokens":1e5}"#),
        (ChatCompletions, r#"{"max_tokens":1,"max_completion_tokens":64000.0}"#),
    ];
    for (endpoint, body) in bodies {
        assert_eq!(read(endpoint, body).max_output, None, "{body}");
    }
    assert_eq!(chat(r#"{"max_tokens":1,"max_c\u006fmpletion_tokens":900}"#).max_output, Some(900));
    assert_eq!(chat(r#"{"max_tokens":1,"max_completion_tokens":null}"#).max_output, Some(1));
    assert!(read(Responses, r#"{"previous_response_id":"r"}"#).beyond);
    assert!(!read(Responses, r#"{"previous_response_id":null}"#).beyond);
}

#[test]
fn a90_what_may_be_more_tokens_than_bytes_has_only_the_models_own_bound() {
    let more = [
        (Messages, r#"{"messages":[{"content":[{"type" : "document","source":{"type":"base64","data":"JVBE"}}]}]}"#),
        (Responses, r#"{"input":[{"content":[{"type":"input_file","file_id":"f"}]}]}"#),
        (Responses, r#"{"input":[{"type":"item_reference","id":"i"}]}"#),
        (ChatCompletions, r#"{"messages":[{"content":[{"type":"file","file":{"file_id":"f"}}]}]}"#),
        (ChatCompletions, r#"{"messages":[{"content":[{"type":"video_url","video_url":{"url":"u"}}]}]}"#),
        (ChatCompletions, r#"{"messages":[{"content":[{"type":"\u0066ile","file":{"file_id":"f"}}]}]}"#),
        (ChatCompletions, r#"{"web_search_options":{},"messages":[]}"#),
        (ChatCompletions, r#"{"plugins":[{"id":"web"}],"messages":[]}"#),
        (GenerateContent, r#"{"contents":[{"parts":[{"fileData":{"fileUri":"https://youtu.be/x"}}]}]}"#),
        (GenerateContent, r#"{"contents":[{"parts":[{"inlineData":{"mimeType":"video/mp4","data":"AAAA"}}]}]}"#),
        (GenerateContent, r#"{"tools":[{"functionDeclarations":[]},{"googleSearch":{}}]}"#),
        (Messages, r#"{"tools":[{"type":"web_search_20250305","name":"web_search"}]}"#),
        (Responses, r#"{"tools":[{"type":"web_search"}]}"#),
        (Responses, r#"{"tools":[{"type":"namespace","tools":[{"type":"function"},{"type":"web_search"}]}]}"#),
        (Responses, r#"{"tools":[{"type":"namespace","tools":[],"tools":[{"type":"namespace"}]}]}"#),
        (ChatCompletions, r#"{"tools":[{"type":"namespace","tools":[]}]}"#),
    ];
    for (endpoint, body) in more {
        assert!(read(endpoint, body).beyond, "{body}");
    }
    let within = [
        (ChatCompletions, r#"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}]}"#),
        (ChatCompletions, r#"{"tools":[{"type":"function","function":{"parameters":{"properties":{"file":{}}}}}]}"#),
        (ChatCompletions, r#"{"messages":[{"content":"a \"document\" and \u00e9\u0026"}],"plugins":[]}"#),
        (Responses, r#"{"tools":[{"type":"namespace","tools":[{"type":"function"},{"type":"custom"}]}]}"#),
        (Messages, r#"{"tools":[{"name":"a","input_schema":{}},{"type":"bash_20250124","name":"bash"}]}"#),
        (GenerateContent, r#"{"tools":[{"functionDeclarations":[]}]}"#),
        (GenerateContent, r#"{"contents":[{"parts":[{"fileData":{"mimeType":"image/png","fileUri":"u"}}]}]}"#),
    ];
    for (endpoint, body) in within {
        assert!(!read(endpoint, body).beyond, "{body}");
    }
}
