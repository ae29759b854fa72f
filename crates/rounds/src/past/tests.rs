use super::*;
use conversation::item::ToolResult;
use serde_json::json;

const CHAT: Dialect = Dialect::OpenAiChat;

fn call(name: &str, id: Option<&str>) -> Item {
    Item::ToolCall(ToolCall {
        id: id.map(str::to_owned),
        name: name.to_owned(),
        arguments: r#"{"b":1,"a":2}"#.to_owned(),
        ..ToolCall::default()
    })
}

fn before() -> Request {
    Request { turns: vec![Turn::new(Role::User, vec![Item::text("Weather?")])], ..Request::default() }
}

/// What a model did: it looked something up, and then called a tool of the client's.
fn done(id: Option<&str>) -> Vec<Turn> {
    let result = ToolResult { content: vec![Item::text("18 degrees")], ..ToolResult::default() };
    vec![
        Turn::new(Role::Assistant, vec![call("hubs", Some("call_0"))]),
        Turn::new(Role::Tool, vec![Item::ToolResult(result)]),
        Turn::new(Role::Assistant, vec![Item::text("So."), call("mine", id)]),
    ]
}

/// What the client sends then, as its dialect reads it.
fn next(dialect: Dialect) -> Request {
    let body = match dialect {
        Dialect::OpenAiChat => json!({"model": "m", "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": "Hm.\n\nSo.", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "mine", "arguments": "{\"b\":1,\"a\":2}"}}]},
            {"role": "tool", "tool_call_id": "c", "content": "shown"},
        ]}),
        Dialect::OpenAiResponses => json!({"model": "m", "input": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": "So."},
            {"type": "function_call", "call_id": "c", "name": "mine", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "shown"},
        ]}),
        Dialect::Anthropic => json!({"model": "m", "max_tokens": 5, "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "mine", "input": {"a": 2, "b": 1}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "shown"}]},
        ]}),
        Dialect::Gemini => json!({"contents": [
            {"role": "user", "parts": [{"text": "Weather?"}]},
            {"role": "model", "parts": [{"functionCall": {"name": "mine", "args": {"a": 2, "b": 1}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "mine", "response": {"output": "shown"}}}]},
        ]}),
        _ => json!({"model": "m", "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "mine", "arguments": {"a": 2, "b": 1}}}]},
            {"role": "tool", "tool_name": "mine", "content": "shown"},
        ]}),
    };
    dialects::read_request(dialect, &body.to_string(), Some("m"), false).unwrap()
}

#[test]
fn what_was_done_is_put_back_where_it_was_in_every_dialect() {
    for dialect in [CHAT, Dialect::OpenAiResponses, Dialect::Anthropic, Dialect::Gemini, Dialect::Ollama] {
        let past = Past::default();
        past.keep("alice", dialect, &before(), done(Some("c")));
        let mut request = next(dialect);
        past.put_back("alice", dialect, &mut request);
        assert_eq!(request.turns.len(), 5, "{dialect:?}: {:?}", request.turns);
        assert_eq!(request.turns[1..4], done(Some("c")), "{dialect:?}");
        // Later it stands further back, and is put back all the same.
        let mut later = next(dialect);
        later.turns.push(Turn::new(Role::Assistant, vec![Item::text("Done.")]));
        later.turns.push(Turn::new(Role::User, vec![Item::text("Thanks.")]));
        past.put_back("alice", dialect, &mut later);
        assert_eq!(later.turns.len(), 7, "{dialect:?}");
    }
}

#[test]
fn nothing_is_put_back_for_anybody_else_or_elsewhere() {
    let past = Past::default();
    past.keep("alice", CHAT, &before(), done(Some("c")));
    let same = |owner: &str, dialect: Dialect, request: Request| {
        let mut put = request.clone();
        past.put_back(owner, dialect, &mut put);
        put == request
    };
    assert!(!same("alice", CHAT, next(CHAT)));
    assert!(same("bob", CHAT, next(CHAT)));
    assert!(same("alice", Dialect::Ollama, next(Dialect::Ollama)));
    let mut other = next(CHAT);
    other.turns[0] = Turn::new(Role::User, vec![Item::text("News?")]);
    assert!(same("alice", CHAT, other), "another conversation");
    let mut other = next(CHAT);
    if let Item::ToolCall(call) = &mut other.turns[1].items[1] {
        call.id = Some("d".to_owned());
    }
    assert!(same("alice", CHAT, other), "another call");
}

#[test]
fn it_is_kept_for_an_hour_and_within_limits() {
    let (mut kept, began) = (Kept::default(), clock::now());
    let put = |kept: &mut Kept, key: u8, bytes, after| {
        kept.put([key; 32], Arc::new([]), bytes, began + Duration::from_secs(after));
    };
    put(&mut kept, 1, MOST / 2, 0);
    put(&mut kept, 2, MOST / 2, 10);
    assert_eq!((kept.talks.len(), kept.bytes), (2, MOST));
    put(&mut kept, 2, MOST / 2, 20);
    assert_eq!(kept.talks.len(), 2, "the same place again");
    put(&mut kept, 3, 1, 30);
    assert!(!kept.talks.contains_key(&[1; 32]), "the oldest goes");
    kept.forget(began + KEPT + Duration::from_secs(25));
    assert_eq!((kept.talks.len(), kept.bytes, kept.order.len()), (1, 1, 1));
    (0..3 * STALE).for_each(|_| put(&mut kept, 4, 1, 4000));
    assert!(kept.order.len() <= 2 * kept.talks.len() + STALE, "the same again and again takes no room");
    let past = Past::default();
    let large = vec![Turn::new(Role::Assistant, vec![Item::text("x".repeat(LARGEST + 1)), call("mine", Some("c"))])];
    past.keep("alice", CHAT, &before(), large);
    assert_eq!(past.0.lock().unwrap().talks.len(), 0);
}
