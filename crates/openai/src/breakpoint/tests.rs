use crate::{chat, responses};
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::item::{CacheBreakpoint, Item, ToolCall, ToolResult};
use conversation::loss::Written;
use conversation::request::{Request, Role, Turn};
use serde_json::{Value, json};

const POINT: &str = r#"{"mode":"explicit"}"#;

/// A breakpoint that came from Claude's dialect.
fn point(ttl: Option<&str>) -> Item {
    let extra = Extra::new(Dialect::Anthropic);
    Item::CacheBreakpoint(CacheBreakpoint { ttl: ttl.map(str::to_owned), extra })
}

fn turn(role: Role, items: Vec<Item>) -> Turn {
    Turn { role, items, extra: Extra::new(Dialect::Anthropic) }
}

fn of_claude(model: &str, turns: Vec<Turn>) -> Request {
    Request { model: model.to_owned(), turns, extra: Extra::new(Dialect::Anthropic), ..Request::default() }
}

/// The texts that stand before breakpoints, in their order, and what was lost.
fn marked(written: &Written) -> (Vec<String>, String) {
    fn find(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(all) => all.iter().for_each(|one| find(one, found)),
            Value::Object(all) => {
                if let Some(point) = all.get(super::NAME) {
                    assert_eq!(point.to_string(), POINT);
                    found.push(all["text"].as_str().unwrap().to_owned());
                }
                all.values().for_each(|one| find(one, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    find(&serde_json::from_str(&written.body).unwrap(), &mut found);
    (found, written.losses.to_string())
}

/// In chat completions and in Responses.
fn both(request: &Request) -> [(Vec<String>, String); 2] {
    [marked(&chat::write_request(request)), marked(&responses::write_request(request))]
}

#[test]
fn those_of_claude_are_set_for_models_that_take_them() {
    let turns = || {
        vec![
            turn(Role::System, vec![Item::text("rules"), point(None)]),
            turn(Role::User, vec![Item::text("book"), point(Some("1h")), Item::text("q"), point(Some("5m"))]),
        ]
    };
    for (model, texts, lost) in [
        ("gpt-5.6", &["rules", "book", "q"][..], "cache_breakpoint.ttl"),
        ("openai/gpt-6-astra", &["rules", "book", "q"], "cache_breakpoint.ttl"),
        ("gpt-5.5", &[], "cache_breakpoint"),
        ("qwen3", &[], "cache_breakpoint"),
    ] {
        for (found, losses) in both(&of_claude(model, turns())) {
            assert_eq!(
                (found, losses.as_str()),
                (texts.iter().map(|&text| text.to_owned()).collect(), lost),
                "{model}"
            );
        }
    }
}

#[test]
fn they_stand_on_parts_of_the_input_alone_and_are_no_more_than_are_taken() {
    let call = Item::ToolCall(ToolCall { id: Some("a".to_owned()), name: "look".to_owned(), ..ToolCall::default() });
    let content = vec![Item::text("seen"), point(None)];
    let result = Item::ToolResult(ToolResult { id: Some("a".to_owned()), content, ..ToolResult::default() });
    let said = |text: &str| [Item::text(text), point(None)];
    let request = of_claude(
        "gpt-5.6",
        vec![
            turn(Role::User, said("one").to_vec()),
            turn(Role::Assistant, said("mine").into_iter().chain([call]).collect()),
            turn(Role::User, [result, point(None)].into_iter().chain(said("two")).collect()),
            turn(Role::User, said("three").to_vec()),
        ],
    );
    for (found, losses) in both(&request) {
        assert_eq!((found, losses.as_str()), (["one", "seen", "two"].map(str::to_owned).to_vec(), "cache_breakpoint"));
    }
}

#[test]
fn the_two_dialects_of_openai_say_each_others() {
    let texts = ["one", "two", "three", "four"];
    let parts = |kind: &str| {
        texts.map(|text| json!({"type": kind, "text": text, "prompt_cache_breakpoint": {"mode": "explicit"}}))
    };
    let body = |member: &str, kind: &str, model: &str| {
        json!({
            "model": model, member: [{"role": "user", "content": parts(kind)}],
            "prompt_cache_options": {"mode": "explicit"},
        })
        .to_string()
    };
    let all: Vec<String> = texts.map(str::to_owned).to_vec();
    for (model, found, lost) in
        [("gpt-5.6", all.clone(), ""), ("local", Vec::new(), "cache_breakpoint, request.prompt_cache_options")]
    {
        let from_chat = chat::read_request(&body("messages", "text", model)).unwrap();
        let from_responses = responses::read_request(&body("input", "input_text", model)).unwrap();
        for written in [responses::write_request(&from_chat), chat::write_request(&from_responses)] {
            assert_eq!(marked(&written), (found.clone(), lost.to_owned()), "{model}");
            assert_eq!(written.body.contains("prompt_cache_options"), lost.is_empty(), "{model}");
        }
        // Whoever speaks one of them says it to all servers of it.
        assert_eq!(marked(&chat::write_request(&from_chat)), (all.clone(), String::new()));
        assert_eq!(marked(&responses::write_request(&from_responses)), (all.clone(), String::new()));
    }
}

#[test]
fn a_part_of_a_chat_can_say_it_in_two_words() {
    let body = r#"{"model":"gpt-5.6","messages":[{"role":"user","content":[{"type":"text","text":"one","cache_control":{"type":"ephemeral","ttl":"1h"},"prompt_cache_breakpoint":{"mode":"explicit"}}]}]}"#;
    let request = chat::read_request(body).unwrap();
    let points = request.turns[0].items.iter().filter(|item| matches!(item, Item::CacheBreakpoint(_)));
    assert_eq!(points.count(), 1);
    let again = chat::write_request(&request);
    let [again, before] = [again.body.as_str(), body].map(|body| serde_json::from_str::<Value>(body).unwrap());
    assert_eq!(again, before);
    let (found, lost) = marked(&responses::write_request(&request));
    assert_eq!((found, lost.as_str()), (vec!["one".to_owned()], ""));
}
