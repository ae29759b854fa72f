use super::*;
use conversation::answer::{Answer, Finish, Reason, Reply, Usage};
use conversation::extra::Extra;
use conversation::failure::FailureKind;
use conversation::item::{
    CacheBreakpoint, Item, Media, MediaKind, Opaque, Reasoning, Source, Text, ToolCall, ToolResult,
};
use conversation::json::{Number, Raw};
use conversation::loss::Losses;
use conversation::request::{
    Format, Function, JsonSchema, Request, Role, Thinking, ThinkingMode, Tool, ToolChoice, Turn,
};
use conversation::stream::Event;
use serde_json::{Value, json};

/// What is kept of something that was read in Anthropic's dialect.
fn foreign() -> Extra {
    Extra::new(Dialect::Anthropic)
}

fn turn(role: Role, items: Vec<Item>) -> Turn {
    Turn { role, items, extra: foreign() }
}

fn written(request: &Request) -> (Value, String) {
    let written = write_request(request);
    (serde_json::from_str(&written.body).unwrap(), written.losses.to_string())
}

fn messages(turns: Vec<Turn>) -> (Value, String) {
    let (body, losses) = written(&Request { turns, extra: foreign(), ..Request::default() });
    (body["messages"].clone(), losses)
}

fn call(id: &str) -> Item {
    Item::ToolCall(ToolCall {
        id: Some(id.to_owned()),
        name: "look".to_owned(),
        extra: foreign(),
        ..ToolCall::default()
    })
}

fn result(id: &str, content: Vec<Item>) -> Item {
    Item::ToolResult(ToolResult { id: Some(id.to_owned()), content, extra: foreign(), ..ToolResult::default() })
}

fn image(source: Source) -> Item {
    let media_type = Some("image/png".to_owned());
    Item::Media(Media { kind: MediaKind::Image, source, media_type, name: None, extra: foreign() })
}

#[test]
fn results_follow_their_calls_and_pictures_in_them_follow_all_results() {
    let picture = image(Source::Base64("AAAA".to_owned()));
    let answers = vec![
        result("a", vec![Item::text("one"), picture]),
        result("b", vec![]),
        Item::text("And now?"),
        Item::CacheBreakpoint(CacheBreakpoint { ttl: None, extra: foreign() }),
    ];
    let (got, losses) = messages(vec![
        turn(Role::Assistant, vec![Item::text("I look."), call("a"), call("b")]),
        turn(Role::User, answers),
    ]);
    let calls =
        ["a", "b"].map(|id| json!({"id": id, "type": "function", "function": {"name": "look", "arguments": "{}"}}));
    let wanted = json!([
        {"role": "assistant", "content": "I look.", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "a", "content": "one"},
        {"role": "tool", "tool_call_id": "b", "content": ""},
        {"role": "user", "content": [
            {"type": "text", "text": "Part of the result of look:"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        ]},
        {"role": "user", "content": [{"type": "text", "text": "And now?"}]},
    ]);
    assert_eq!((got, losses.as_str()), (wanted, "cache_breakpoint"));
}

#[test]
fn what_the_model_said_in_several_turns_is_one_message() {
    let thought = Item::Reasoning(Reasoning { text: "Hm.".to_owned(), extra: foreign(), ..Reasoning::default() });
    let (got, losses) = messages(vec![
        turn(Role::Assistant, vec![thought]),
        turn(Role::Assistant, vec![Item::text("a"), Item::text("b")]),
        turn(Role::Assistant, vec![call("x")]),
        turn(Role::Developer, vec![Item::text("late")]),
    ]);
    assert_eq!(got.as_array().unwrap().len(), 2);
    assert_eq!((&got[0]["reasoning_content"], &got[0]["content"]), (&json!("Hm."), &json!("ab")));
    assert_eq!(got[0]["tool_calls"][0]["id"], "x");
    assert_eq!((&got[1]["role"], losses.as_str()), (&json!("system"), ""));
}

#[test]
fn a_turn_of_which_nothing_can_be_said_is_no_message() {
    let thought = Item::Reasoning(Reasoning { text: "Hm.".to_owned(), extra: foreign(), ..Reasoning::default() });
    let searched = Item::Opaque(Opaque::new(Dialect::Anthropic, "server_tool_use", Raw::text("x")));
    let refusal = Item::Text(Text { text: "No.".to_owned(), refusal: true, extra: foreign(), ..Text::default() });
    let table = [
        (vec![], 0, ""),
        (vec![searched], 0, "anthropic.server_tool_use"),
        (vec![image(Source::Base64("AAAA".to_owned()))], 0, "media.image"),
        (vec![thought], 0, "reasoning"),
        (vec![Item::text("")], 1, ""),
        (vec![refusal], 1, ""),
        (vec![call("a")], 1, ""),
    ];
    for (items, count, lost) in table {
        let (got, losses) = messages(vec![turn(Role::Assistant, items)]);
        assert_eq!((got.as_array().unwrap().len(), losses.as_str()), (count, lost), "{got}");
    }
    let own = r#"{"model":"m","messages":[{"role":"assistant","content":null}]}"#;
    let sent = write_request(&read_request(own).unwrap());
    assert_eq!(serde_json::from_str::<Value>(&sent.body).unwrap(), serde_json::from_str::<Value>(own).unwrap());
}

#[test]
fn thoughts_with_signatures_go_where_signatures_have_a_place() {
    let thought = |text: &str, signature: Option<&str>, encrypted: Option<&str>| {
        Item::Reasoning(Reasoning {
            text: text.to_owned(),
            signature: signature.map(str::to_owned),
            encrypted: encrypted.map(str::to_owned),
            extra: foreign(),
            ..Reasoning::default()
        })
    };
    let items = vec![thought("Hm.", Some("sig"), None), thought("", None, Some("enc")), Item::text("Yes")];
    let details = json!([
        {"type": "reasoning.text", "text": "Hm.", "signature": "sig", "format": "anthropic-claude-v1", "index": 0},
        {"type": "reasoning.encrypted", "data": "enc", "format": "anthropic-claude-v1", "index": 1},
    ]);
    let (got, losses) = messages(vec![turn(Role::Assistant, items.clone())]);
    assert_eq!(got, json!([{"role": "assistant", "content": "Yes", "reasoning_details": details}]));
    assert_eq!(losses, "");
    let answer = Answer { items, extra: foreign(), ..Answer::default() };
    let answer = write_answer(&answer, &Reply::default());
    let message = serde_json::from_str::<Value>(&answer.body).unwrap()["choices"][0]["message"].clone();
    assert_eq!((&message["reasoning_content"], &message["reasoning_details"]), (&json!("Hm."), &details));
    let back = read_answer(&answer.body).unwrap();
    let first = back.items.first().unwrap();
    assert!(matches!(first, Item::Reasoning(Reasoning { signature: Some(signature), .. }) if signature == "sig"));
}

#[test]
fn an_answer_says_its_text_as_one_and_its_pictures_aside() {
    let items = vec![
        Item::text("a"),
        image(Source::Base64("AAAA".to_owned())),
        Item::text("b"),
        Item::Text(Text { text: "No.".to_owned(), refusal: true, extra: foreign(), ..Text::default() }),
        Item::Opaque(Opaque::new(Dialect::Anthropic, "server_tool_use", Raw::text("x"))),
    ];
    let finish = Some(Finish::told(Reason::Refusal, Dialect::Anthropic, "refusal"));
    let answer = Answer { items, finish, extra: foreign(), ..Answer::default() };
    let answer = write_answer(&answer, &Reply { id: "7".to_owned(), created: 9, ..Reply::default() });
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let message = json!({
        "role": "assistant", "content": "ab", "refusal": "No.",
        "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}],
    });
    assert_eq!(body["choices"], json!([{"index": 0, "message": message, "finish_reason": "content_filter"}]));
    assert_eq!((&body["id"], &body["created"]), (&json!("chatcmpl-7"), &json!(9)));
    assert_eq!(answer.losses.to_string(), "anthropic.server_tool_use");
}

#[test]
fn what_openai_does_not_know_is_told_as_lost() {
    let mut request = Request { model: "openai/o4-mini".to_owned(), extra: foreign(), ..Request::default() };
    request.sampling.top_k = Some(Number::from(40));
    request.max_tokens = Some(Number::from(100));
    request.stop = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
    request.thinking =
        Some(Thinking { mode: Some(ThinkingMode::On), budget: Some(Number::from(5000)), ..Thinking::default() });
    request.format = Some(Format::JsonSchema(JsonSchema { schema: Some(Raw::text("s")), ..JsonSchema::default() }));
    request.tool_choice = Some(ToolChoice::Required);
    request.stream = true;
    let (body, losses) = written(&request);
    assert_eq!(body["max_completion_tokens"], 100);
    assert_eq!(body["stop"], json!(["a", "b", "c", "d"]));
    assert_eq!(body["reasoning_effort"], "medium");
    assert_eq!(body["response_format"]["json_schema"], json!({"name": "answer", "schema": "s"}));
    assert_eq!(body["stream_options"], json!({"include_usage": true}));
    assert_eq!(body.get("tool_choice"), None, "OpenAI refuses a choice without tools");
    assert_eq!(losses, "top_k, stop, thinking.budget");
    request.tools = vec![
        Tool::Function(Box::new(Function { name: "look".to_owned(), extra: foreign(), ..Function::default() })),
        Tool::Opaque(Opaque::new(Dialect::Anthropic, "web_search_20250305", Raw::text("x"))),
    ];
    let (body, losses) = written(&request);
    assert_eq!((&body["tool_choice"], body["tools"].as_array().unwrap().len()), (&json!("required"), 1));
    assert!(losses.contains("tools[1].web_search_20250305"), "{losses}");
}

#[test]
fn a_file_of_another_provider_is_lost_and_a_text_becomes_text() {
    let document = |source: Source| {
        Item::Media(Media { kind: MediaKind::Document, source, media_type: None, name: None, extra: foreign() })
    };
    let items = vec![document(Source::Text("plain".to_owned())), document(Source::File("file_1".to_owned()))];
    let (got, losses) = messages(vec![turn(Role::User, items)]);
    assert_eq!(got, json!([{"role": "user", "content": [{"type": "text", "text": "plain"}]}]));
    assert_eq!(losses, "media.file");
}

#[test]
fn thoughts_beside_the_completion_are_counted_to_the_output() {
    let cases = [
        (
            r#"{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}"#,
            103,
            Some(94),
        ),
        (r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":45}"#, 35, Some(30)),
        (
            r#"{"prompt_tokens":10,"completion_tokens":30,"total_tokens":40,"completion_tokens_details":{"reasoning_tokens":20}}"#,
            30,
            Some(20),
        ),
        (
            r#"{"prompt_tokens":10,"completion_tokens":30,"total_tokens":99,"completion_tokens_details":{"reasoning_tokens":20}}"#,
            30,
            Some(20),
        ),
        (r#"{"prompt_tokens":10,"completion_tokens":5}"#, 5, None),
    ];
    for (text, output, reasoning) in cases {
        let read = usage::read(text).unwrap();
        assert_eq!((read.input.is_some(), read.output, read.reasoning), (true, Some(output), reasoning), "{text}");
    }
    let made = Usage { input: Some(10), output: Some(4), cache_read: Some(6), ..Usage::default() };
    let written: Value = serde_json::from_str(&usage::write(&made, &mut conversation::loss::Losses::new())).unwrap();
    assert_eq!((&written["total_tokens"], &written["prompt_tokens_details"]["cached_tokens"]), (&json!(14), &json!(6)));
}

#[test]
fn every_reason_has_a_word_and_no_failed_call_is_a_plain_stop() {
    let reasons = [
        (Reason::Stop, "stop"),
        (Reason::StopSequence, "stop"),
        (Reason::Pause, "stop"),
        (Reason::Length, "length"),
        (Reason::ContextFull, "length"),
        (Reason::ToolCalls, "tool_calls"),
        (Reason::ContentFilter, "content_filter"),
        (Reason::Refusal, "content_filter"),
        (Reason::MalformedCall, "malformed_function_call"),
        (Reason::Failed, "error"),
    ];
    for (reason, word) in reasons {
        assert_eq!(finish::write(&Finish::told(reason, Dialect::Gemini, "X"), &mut Losses::new()), word);
    }
    assert_eq!(finish::write(&Finish::told(Reason::Unknown, Dialect::Gemini, "X"), &mut Losses::new()), "X");
    assert_eq!(finish::read("malformed_function_call".to_owned(), false).reason, Reason::MalformedCall);
    assert_eq!(finish::write(&finish::read("eos".to_owned(), false), &mut Losses::new()), "eos");
}

#[test]
fn a_piece_begins_a_call_with_a_new_number_or_with_a_new_id_and_a_name() {
    // Of each piece the number, the id and the name, and how many calls they are.
    let table = [
        ([(Some(0), "a", "f"), (Some(0), "b", ""), (Some(0), "c", "")], 1),
        ([(Some(0), "a", "f"), (Some(0), "b", "g"), (Some(0), "b", "g")], 2),
        ([(Some(0), "a", "f"), (Some(1), "b", "g"), (Some(0), "c", "")], 2),
        ([(Some(0), "", "f"), (Some(0), "a", ""), (Some(1), "", "g")], 2),
        ([(None, "a", "f"), (None, "", ""), (None, "b", "")], 2),
    ];
    for (pieces, count) in table {
        let mut reader = Reader::default();
        let mut calls = 0;
        for (number, id, name) in pieces {
            let mut piece = json!({"id": id, "function": {"name": name, "arguments": "1"}});
            number.into_iter().for_each(|number: u64| piece["index"] = json!(number));
            let chunk = json!({"choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]});
            let events = reader.feed(None, &chunk.to_string()).unwrap();
            calls += events.iter().filter(|event| matches!(event, Event::ItemStart { .. })).count();
        }
        assert_eq!(calls, count, "{pieces:?}");
    }
}

#[test]
fn errors_are_known_by_status_code_and_word() {
    let quota = r#"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let cases = [
        (429, quota, FailureKind::Billing),
        (429, r#"{"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}"#, FailureKind::RateLimit),
        (401, r#"{"error":{"message":"m","type":"invalid_request_error"}}"#, FailureKind::Authentication),
        (200, r#"{"error":{"message":"m","code":529}}"#, FailureKind::Overloaded),
        (200, r#"{"error":{"message":"m","type":"server_error","code":null}}"#, FailureKind::Internal),
        (200, r#"{"error":{"message":"m","type":"strange"}}"#, FailureKind::Internal),
        (422, r#"{"detail":"m"}"#, FailureKind::Invalid),
        (402, r#"{"error":"m"}"#, FailureKind::Billing),
        (404, "m", FailureKind::NotFound),
    ];
    for (status, body, kind) in cases {
        let failure = read_failure(status, body);
        assert_eq!((failure.kind, failure.message.as_str()), (kind, "m"), "{status} {body}");
    }
}

#[test]
fn the_name_of_a_document_that_is_text_stands_before_it() {
    let media = Media {
        kind: MediaKind::Document,
        source: Source::Text("All is well.".to_owned()),
        media_type: None,
        name: Some("Report".to_owned()),
        extra: Extra::default(),
    };
    let mut losses = Losses::new();
    let part = content::write_part(&Item::Media(media), None, &mut losses);
    assert_eq!(part.as_deref(), Some(r#"{"type":"text","text":"Report\n\nAll is well."}"#));
    assert_eq!(losses.to_string(), "");
}

#[test]
fn that_an_answer_only_rests_is_lost() {
    let mut losses = Losses::new();
    assert_eq!(finish::write(&Finish::told(Reason::Pause, Dialect::Anthropic, "pause_turn"), &mut losses), "stop");
    assert_eq!(losses.to_string(), "answer.finish");
}

#[test]
fn responses_say_how_they_were_served() {
    let mut extra = Extra::new(Dialect::OpenAiResponses);
    extra.keep("service_tier", Raw::text("flex"));
    let written = write_answer(&Answer { extra, ..Answer::default() }, &Reply::default());
    assert!(written.body.contains(r#""service_tier":"flex""#) && written.losses.is_empty(), "{written:?}");
}
