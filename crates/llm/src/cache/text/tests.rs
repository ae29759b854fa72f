use super::*;
use bytes::Bytes;

fn read(endpoint: Endpoint, body: &str) -> Option<(String, String)> {
    let in_path = endpoint.names_model_in_path().then_some("r");
    let asked = Asked::read(endpoint, in_path, Bytes::copy_from_slice(body.as_bytes())).unwrap();
    of_question(&asked).map(|(place, text)| (asked.text()[place].to_owned(), text))
}

#[test]
fn the_last_text_of_the_person_is_found_in_each_dialect() {
    use Endpoint::*;
    let table = [
        (
            ChatCompletions,
            r#"{"model":"r","messages":[{"role":"system","content":"S"},{"role":"user","content":"Who\u003f"}]}"#,
        ),
        (
            ChatCompletions,
            r#"{"model":"r","tools":[],"messages":[{"role":"user","content":[{"type":"text","text":"Who\u003f"}]}]}"#,
        ),
        (Responses, r#"{"model":"r","input":"Who\u003f"}"#),
        (Responses, r#"{"model":"r","input":[{"role":"user","content":[{"type":"input_text","text":"Who\u003f"}]}]}"#),
        (
            Messages,
            r#"{"model":"r","max_tokens":9,"system":"S","messages":[{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":"Who\u003f"}]}"#,
        ),
        (GenerateContent, r#"{"contents":[{"parts":[{"text":"Who\u003f"}]}]}"#),
        (StreamGenerateContent, r#"{"contents":[{"role":"user","parts":[{"text":"Who\u003f"}]}]}"#),
        (OllamaChat, r#"{"model":"r","messages":[{"role":"user","content":"Who\u003f"}]}"#),
    ];
    for (endpoint, body) in table {
        let expected = (r#""Who\u003f""#.to_owned(), "Who?".to_owned());
        assert_eq!(read(endpoint, body), Some(expected), "{endpoint:?} {body}");
    }
}

#[test]
fn a91_what_is_more_than_one_text_is_not_compared() {
    use Endpoint::*;
    let table = [
        (
            ChatCompletions,
            r#"{"model":"r","tools":[{"type":"function","function":{"name":"f"}}],"messages":[{"role":"user","content":"Who?"}]}"#,
        ),
        (ChatCompletions, r#"{"model":"r","functions":[{"name":"f"}],"messages":[{"role":"user","content":"Who?"}]}"#),
        (ChatCompletions, r#"{"model":"r","n":2,"messages":[{"role":"user","content":"Who?"}]}"#),
        (
            ChatCompletions,
            r#"{"model":"r","messages":[{"role":"user","content":"Who?"},{"role":"assistant","content":"I"}]}"#,
        ),
        (
            ChatCompletions,
            r#"{"model":"r","messages":[{"role":"user","content":[{"type":"text","text":"Who?"},{"type":"text","text":"Me?"}]}]}"#,
        ),
        (
            ChatCompletions,
            r#"{"model":"r","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://x"}}]},{"role":"user","content":"Who?"}]}"#,
        ),
        (
            ChatCompletions,
            r#"{"model":"r","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"x"},{"role":"user","content":"Who?"}]}"#,
        ),
        (
            Messages,
            r#"{"model":"r","max_tokens":9,"tools":[{"name":"f","input_schema":{}}],"messages":[{"role":"user","content":"Who?"}]}"#,
        ),
        (
            GenerateContent,
            r#"{"tools":[{"functionDeclarations":[{"name":"f"}]}],"contents":[{"parts":[{"text":"Who?"}]}]}"#,
        ),
        (
            GenerateContent,
            r#"{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"AA=="}},{"text":"Who?"}]}]}"#,
        ),
        (OllamaChat, r#"{"model":"r","messages":[{"role":"user","content":"Who?","images":["AA=="]}]}"#),
        (Embeddings, r#"{"model":"r","input":"Who?"}"#),
    ];
    for (endpoint, body) in table {
        assert_eq!(read(endpoint, body), None, "{endpoint:?} {body}");
    }
}

#[test]
fn answers_are_the_same_that_say_the_same_words() {
    let chat = |text: &str, reason: &str| {
        format!(
            r#"{{"id":"{}","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"{reason}"}}]}}"#,
            text.len()
        )
    };
    let of = |text: &str| of_answer(Dialect::OpenAiChat, false, text);
    let one = of(&chat("The  moon", "stop"));
    assert!(one.is_some());
    assert_eq!(one, of(&chat("The moon ", "stop")));
    assert_ne!(one, of(&chat("The sun", "stop")));
    assert_eq!(of(&chat("The moon", "length")), None, "who knows how it goes on");
    let call = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}"#;
    assert_eq!(of(call), None);
    let event = |delta: &str, reason: &str| {
        format!("data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{reason}}}]}}\n\n")
    };
    let pieces =
        [event(r#"{"content":"The "}"#, "null"), event(r#"{"content":"moon"}"#, "null"), event("{}", "\"stop\"")]
            .concat();
    assert_eq!(of_answer(Dialect::OpenAiChat, true, &format!("{pieces}data: [DONE]\n\n")), one);
    assert_eq!(of_answer(Dialect::OpenAiChat, true, "data: {\n\n"), None);
}
