use crate::stream::Gather;
use crate::{Dialect, Reply, StreamReader, StreamWriter, read_answer, write_answer};
use serde_json::{Value, json};

fn written(from: Dialect, answer: &Value, into: Dialect) -> Value {
    let answer = read_answer(from, &answer.to_string()).unwrap();
    serde_json::from_str(&write_answer(into, &answer, &Reply::default()).body).unwrap()
}

fn of_details(details: &Value) -> Value {
    json!({"id": "c", "model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": {
        "role": "assistant", "content": "Yes.", "reasoning_details": details}}]})
}

#[test]
fn pieces_of_details_are_one_with_the_signature_of_the_last() {
    let details = json!([
        {"type": "reasoning.text", "text": "I should", "index": 0, "format": "anthropic-claude-v1"},
        {"type": "reasoning.text", "text": " look.", "index": 0, "format": "anthropic-claude-v1"},
        {"type": "reasoning.text", "text": "", "signature": "c2ln", "index": 0, "format": "anthropic-claude-v1"},
        {"type": "reasoning.text", "text": "Another.", "signature": "c2lo", "index": 1, "format": "anthropic-claude-v1"},
    ]);
    let answer = of_details(&details);
    let blocks = written(Dialect::OpenAiChat, &answer, Dialect::Anthropic);
    assert_eq!(blocks["content"][0], json!({"type": "thinking", "thinking": "I should look.", "signature": "c2ln"}));
    assert_eq!(blocks["content"][1], json!({"type": "thinking", "thinking": "Another.", "signature": "c2lo"}));
    assert_eq!(blocks["content"][2]["text"], "Yes.");
    let own = written(Dialect::OpenAiChat, &answer, Dialect::OpenAiChat);
    assert_eq!(own["choices"][0]["message"]["reasoning_details"], details);
}

#[test]
fn thoughts_in_several_parts_are_one_text_where_the_dialect_has_one() {
    let part = |text: &str| json!({"text": text, "thought": true});
    let parts = json!([part("First."), part("Then."), {"text": "Yes."}]);
    let answer =
        json!({"candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": parts}}]});
    let chat = written(Dialect::Gemini, &answer, Dialect::OpenAiChat);
    assert_eq!(chat["choices"][0]["message"]["reasoning_content"], "First.\n\nThen.");
    let ollama = written(Dialect::Gemini, &answer, Dialect::Ollama);
    assert_eq!(ollama["message"]["thinking"], "First.\n\nThen.");
}

/// The answer that a stream of Gemini in these pieces becomes in another dialect.
fn streamed(pieces: &[Value], into: Dialect) -> conversation::Answer {
    let mut reader = StreamReader::new(Dialect::Gemini);
    let mut writer = StreamWriter::new(into, Reply::default());
    let mut events = Vec::new();
    for (number, part) in pieces.iter().enumerate() {
        let mut candidate = json!({"index": 0, "content": {"role": "model", "parts": [part]}});
        if number + 1 == pieces.len() {
            candidate["finishReason"] = json!("STOP");
        }
        events.extend(reader.feed(None, &json!({"candidates": [candidate]}).to_string()).unwrap());
    }
    events.extend(reader.finish().unwrap());
    let (mut again, mut gather) = (StreamReader::new(into), Gather::new());
    for event in events.into_iter().flat_map(|event| writer.push(event)) {
        again.feed(event.name, &event.data).unwrap().into_iter().for_each(|event| gather.push(event));
    }
    gather.into_answer()
}

#[test]
fn pieces_of_a_stream_are_one_block() {
    let pieces = [
        json!({"text": "I sh", "thought": true}),
        json!({"text": "ould look.", "thought": true}),
        json!({"text": "Yes."}),
    ];
    for into in [Dialect::Anthropic, Dialect::OpenAiResponses, Dialect::OpenAiChat, Dialect::Bedrock] {
        let thoughts = streamed(&pieces, into).items.into_iter().filter_map(|item| match item {
            conversation::Item::Reasoning(thought) => Some(format!("{}{}", thought.summary.concat(), thought.text)),
            _ => None,
        });
        assert_eq!(thoughts.collect::<Vec<_>>(), ["I should look."], "{into:?}");
    }
}
