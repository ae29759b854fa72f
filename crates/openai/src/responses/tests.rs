use super::finish::Said;
use super::*;
use conversation::answer::{Answer, Finish, Reason, Reply, Usage};
use conversation::delta::Delta;
use conversation::failure::{Failure, FailureKind};
use conversation::item::{Reasoning, Text, ToolCall, ToolResult};
use conversation::loss::Losses;
use conversation::request::{Request, Role, Turn};
use conversation::stream::{Event, WireEvent};
use serde_json::{Value, json};
use std::sync::Arc;

fn reply_to(request: &str) -> Reply {
    Reply { id: "abc".to_owned(), created: 7, request: Arc::new(read_request(request).unwrap()) }
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn told(events: &[Event], reply: Reply) -> Vec<Value> {
    let mut writer = Writer::new(reply);
    let wire: Vec<WireEvent> = events.iter().flat_map(|event| writer.push(event)).collect();
    wire.iter().map(|event| value(&event.data)).collect()
}

fn started() -> Event {
    Event::Start { id: None, model: None, created: None, extra: Extra::default() }
}

#[test]
fn each_end_of_others_has_a_status() {
    let table = [
        (Reason::Stop, "completed", None),
        (Reason::StopSequence, "completed", None),
        (Reason::ToolCalls, "completed", None),
        (Reason::Length, "incomplete", Some("max_output_tokens")),
        (Reason::ContextFull, "incomplete", Some("max_output_tokens")),
        (Reason::ContentFilter, "incomplete", Some("content_filter")),
        (Reason::Refusal, "incomplete", Some("content_filter")),
        (Reason::MalformedCall, "incomplete", Some("malformed_function_call")),
        (Reason::Failed, "incomplete", Some("server_error")),
        (Reason::Unknown, "completed", None),
    ];
    for (reason, status, why) in table {
        let ending = Finish::new(reason);
        assert_eq!(finish::words(&ending, Said::default(), &mut Losses::new()), (status, why), "{reason:?}");
    }
    let refused = Said { calls: false, refused: true };
    let ending = Finish::new(Reason::Refusal);
    assert_eq!(finish::words(&ending, refused, &mut Losses::new()), ("completed", None));
}

#[test]
fn each_status_is_read_and_written_as_it_was() {
    let said = Said { calls: true, refused: true };
    let table = [
        ("completed", None, Said::default(), Reason::Stop),
        ("completed", None, said, Reason::ToolCalls),
        ("completed", None, Said { calls: false, refused: true }, Reason::Refusal),
        ("failed", None, said, Reason::Failed),
        ("cancelled", None, said, Reason::Unknown),
        ("odd/word", None, said, Reason::Unknown),
        ("incomplete", None, said, Reason::Unknown),
        ("incomplete", Some("max_output_tokens"), said, Reason::Length),
        ("incomplete", Some("content_filter"), said, Reason::ContentFilter),
        ("incomplete", Some("steered"), said, Reason::Unknown),
    ];
    for (status, why, said, reason) in table {
        let ending = finish::read(status, why, said);
        assert_eq!(ending.reason, reason, "{status} {why:?}");
        assert_eq!(finish::words(&ending, said, &mut Losses::new()), (status, why));
    }
}

#[test]
fn a_client_finds_its_request_in_an_answer_of_another_dialect() {
    let request = r#"{"model":"m","instructions":"Be brief.","input":"Hi","temperature":0.50,"store":false,"tool_choice":"required",
        "tools":[{"type":"function","name":"f","parameters":{},"strict":true},{"type":"web_search"}],"reasoning":{"effort":"low"},
        "text":{"verbosity":"low"},"truncation":"auto","max_tool_calls":3,"metadata":{"a":"b"}}"#;
    let usage = Some(Usage { input: Some(3), output: Some(4), ..Usage::default() });
    let items = vec![Item::text("Yes."), Item::text("No.")];
    let answer = Answer { items, usage, finish: Some(Finish::new(Reason::Stop)), ..Answer::default() };
    let written = write_answer(&answer, &reply_to(request));
    assert!(written.losses.is_empty());
    let body = value(&written.body);
    let asked = value(request);
    for name in
        ["instructions", "temperature", "store", "tool_choice", "tools", "reasoning", "text", "truncation", "metadata"]
    {
        assert_eq!(body[name], asked[name], "{name}");
    }
    assert_eq!(body["output"][0]["content"][1]["text"], "No.", "texts that follow each other are one message");
    assert_eq!((&body["id"], &body["model"], &body["created_at"]), (&json!("resp_abc"), &json!("m"), &json!(7)));
    assert_eq!((&body["parallel_tool_calls"], &body["top_p"]), (&json!(true), &json!(null)));
    let taken = json!({"input_tokens": 3, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 4, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 7});
    assert_eq!(body["usage"], taken);
}

#[test]
fn an_answer_of_another_dialect_does_not_say_that_it_used_what_openai_keeps() {
    let request = r#"{"model":"m","input":"Hi","previous_response_id":"resp_1","conversation":"conv_1",
        "prompt":{"id":"pmpt_1"},"prompt_cache_key":"k"}"#;
    let told = told(&[started(), Event::End], reply_to(request));
    let whole = write_answer(&Answer::default(), &reply_to(request));
    for body in [&value(&whole.body), &told[0]["response"], &told[2]["response"]] {
        assert_eq!(body.get("previous_response_id"), Some(&json!(null)));
        assert_eq!((body.get("conversation"), body.get("prompt")), (None, None));
        assert_eq!(body["prompt_cache_key"], "k");
    }
}

#[test]
fn every_event_has_its_number_and_items_that_overlap_keep_their_places() {
    let call = Item::ToolCall(ToolCall { name: "f".to_owned(), ..ToolCall::default() });
    let events = [
        started(),
        Event::ItemStart { index: 0, item: Item::text("I ") },
        Event::ItemStart { index: 1, item: call.clone() },
        Event::Delta { index: 1, delta: Delta::Arguments("{".to_owned()) },
        Event::ItemStart { index: 2, item: call },
        Event::Delta { index: 0, delta: Delta::Text("look.".to_owned()) },
        Event::Delta { index: 1, delta: Delta::Arguments("}".to_owned()) },
        Event::ItemEnd { index: 1 },
        Event::Finish(Finish::new(Reason::ToolCalls)),
        Event::End,
    ];
    let told = told(&events, reply_to(r#"{"model":"m","input":"Hi","stream":true}"#));
    for (number, event) in told.iter().enumerate() {
        assert_eq!(event["sequence_number"], json!(number));
    }
    let last = told.last().unwrap();
    assert_eq!(last["type"], "response.completed");
    let output = last["response"]["output"].as_array().unwrap();
    assert_eq!(output[0]["content"][0]["text"], "I look.");
    assert_eq!((&output[1]["arguments"], &output[2]["arguments"]), (&json!("{}"), &json!("{}")));
    assert_ne!(output[1]["call_id"], output[2]["call_id"], "calls without ids get some");
    let ended = told.iter().filter(|event| event["type"] == "response.output_item.done").count();
    assert_eq!(ended, 3, "what is open at the end ends");
    for event in &told {
        let Some(at) = event["output_index"].as_u64() else { continue };
        let place = usize::try_from(at).unwrap();
        let id = event.get("item_id").unwrap_or(&event["item"]["id"]);
        assert_eq!(&output[place]["id"], id);
    }
}

#[test]
fn a_call_of_others_without_arguments_has_an_empty_object() {
    let bare = |extra| ToolCall { id: Some("c".to_owned()), name: "now".to_owned(), extra, ..ToolCall::default() };
    let table = [(Extra::new(Dialect::Anthropic), vec!["{}"], "{}"), (Extra::new(OWN), vec![], "")];
    for (extra, pieces, whole) in table {
        let call = Item::ToolCall(bare(extra));
        let events = [
            started(),
            Event::ItemStart { index: 0, item: call.clone() },
            Event::ItemEnd { index: 0 },
            Event::Finish(Finish::new(Reason::ToolCalls)),
            Event::End,
        ];
        let told = told(&events, reply_to(r#"{"model":"m","input":"Hi","stream":true}"#));
        let of = |kind: &'static str| told.iter().filter(move |event| event["type"] == kind);
        let deltas: Vec<&Value> = of("response.function_call_arguments.delta").map(|event| &event["delta"]).collect();
        assert_eq!(deltas, pieces);
        let begun = of("response.output_item.added").map(|event| &event["item"]["arguments"]).next();
        assert_eq!(begun, Some(&json!("")), "the pieces are added to nothing");
        let ended = [
            of("response.function_call_arguments.done").map(|event| &event["arguments"]).next(),
            of("response.output_item.done").map(|event| &event["item"]["arguments"]).next(),
            of("response.completed").map(|event| &event["response"]["output"][0]["arguments"]).next(),
        ];
        assert_eq!(ended, [Some(&json!(whole)); 3]);
        let sent =
            write_request(&Request { turns: vec![Turn::new(Role::Assistant, vec![call])], ..Request::default() });
        assert_eq!(value(&sent.body)["input"][0]["arguments"], whole);
    }
}

#[test]
fn thoughts_of_others_are_said_and_their_signature_is_lost() {
    let thoughts = Reasoning { text: "Hm.".to_owned(), signature: Some("s".to_owned()), ..Reasoning::default() };
    let answer = Answer { items: vec![Item::Reasoning(thoughts.clone())], ..Answer::default() };
    let written = write_answer(&answer, &reply_to(r#"{"input":"Hi"}"#));
    assert_eq!(written.losses.to_string(), "reasoning.signature");
    let item = &value(&written.body)["output"][0];
    assert_eq!((&item["content"][0]["text"], &item["summary"]), (&json!("Hm."), &json!([])));
    let turns = vec![Turn::new(Role::Assistant, vec![Item::Reasoning(thoughts)])];
    let sent = write_request(&Request { turns, ..Request::default() });
    assert_eq!((sent.losses.to_string().as_str(), &value(&sent.body)["input"]), ("reasoning", &json!([])));
}

#[test]
fn thoughts_of_this_dialect_come_back_from_a_client_of_another() {
    let thoughts = Reasoning { id: Some("rs_1".to_owned()), encrypted: Some("gA".to_owned()), ..Reasoning::default() };
    let turns = vec![Turn::new(Role::Assistant, vec![Item::Reasoning(thoughts)])];
    let sent = write_request(&Request { turns, ..Request::default() });
    let item = json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gA"});
    assert_eq!(value(&sent.body)["input"], json!([item]));
}

#[test]
fn answers_put_into_a_request_are_items_again() {
    let body = r#"{"id":"r","status":"completed","output":[
        {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"},
        {"type":"message","id":"msg_1","role":"assistant","status":"completed","phase":"commentary","content":[{"type":"output_text","text":"a","annotations":[]},{"type":"output_text","text":"b","annotations":[]}]},
        {"type":"message","id":"msg_2","role":"assistant","status":"completed","content":[{"type":"refusal","refusal":"c"}]},
        {"type":"web_search_call","id":"ws_1","status":"completed"},
        {"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{}","status":"completed"}]}"#;
    let answer = read_answer(body).unwrap();
    let turns = vec![Turn::new(Role::Assistant, answer.items)];
    let sent = write_request(&Request { turns, ..Request::default() });
    assert!(sent.losses.is_empty(), "{}", sent.losses);
    assert_eq!(value(&sent.body)["input"], value(body)["output"]);
}

#[test]
fn results_of_others_are_texts_or_lists_and_what_has_no_place_is_told() {
    let result = |content, is_error| {
        Item::ToolResult(ToolResult { id: Some("x".repeat(70)), content, is_error, ..ToolResult::default() })
    };
    let signed = Item::Text(Text { text: "a".to_owned(), signature: Some("s".to_owned()), ..Text::default() });
    let table = [
        (result(vec![], None), json!(""), ""),
        (result(vec![Item::text("a")], Some(false)), json!("a"), ""),
        (result(vec![signed], Some(true)), json!("a"), "text.signature, tool_result.is_error"),
    ];
    for (item, output, lost) in table {
        let turns = vec![Turn::new(Role::Tool, vec![item])];
        let sent = write_request(&Request { turns, ..Request::default() });
        let item = &value(&sent.body)["input"][0];
        assert_eq!((&item["output"], sent.losses.to_string().as_str()), (&output, lost));
        assert_eq!(item["call_id"].as_str().unwrap().len(), 64);
    }
}

#[test]
fn an_error_is_told_alone_before_the_start_and_with_the_response_behind_it() {
    let failure = Failure::new(FailureKind::RateLimit, "Slow down.");
    let reply = || reply_to(r#"{"input":"Hi"}"#);
    let alone = told(&[Event::Error(failure.clone())], reply());
    assert_eq!(
        (alone.len(), &alone[0]["type"], &alone[0]["error"]["type"]),
        (1, &json!("error"), &json!("rate_limit_error"))
    );
    let later = told(&[started(), Event::Error(failure.clone())], reply());
    let last = later.last().unwrap();
    assert_eq!(
        (later.len(), &last["type"], &last["response"]["status"]),
        (4, &json!("response.failed"), &json!("failed"))
    );
    let mut reader = Reader::default();
    let read: Vec<Event> = later.iter().flat_map(|event| reader.feed(None, &event.to_string()).unwrap()).collect();
    assert_eq!((read.last(), reader.finish()), (Some(&Event::Error(failure)), Ok(Vec::new())));
}

#[test]
fn a_request_that_is_wrong_is_told_where() {
    let table = [
        (r#"{"input":5}"#, "`input` is no array"),
        (r#"{"input":[{"role":"user","content":[{"type":"input_text"}]}]}"#, "`input[0].content[0].text` is missing"),
        (r#"{"input":[{"role":"user"}]}"#, "`input[0].content` is missing"),
        (r#"{"input":[{"type":"function_call","name":"f","arguments":"{}"}]}"#, "`input[0].call_id` is missing"),
        (r#"{"input":"a","tools":[{"type":"function"}]}"#, "`tools[0].name` is missing"),
        (r#"{"input":"a","text":{"format":7}}"#, "`text.format` is no object"),
    ];
    for (body, wrong) in table {
        assert_eq!(read_request(body).unwrap_err().to_string(), wrong);
    }
}
