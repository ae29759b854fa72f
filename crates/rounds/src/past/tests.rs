use super::*;
use conversation::item::{ToolCall, ToolResult};
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
    looked_up("18 degrees", id)
}

fn looked_up(found: &str, id: Option<&str>) -> Vec<Turn> {
    let result = ToolResult { content: vec![Item::text(found)], ..ToolResult::default() };
    vec![
        Turn::new(Role::Assistant, vec![call("hubs", Some("call_0"))]),
        Turn::new(Role::Tool, vec![Item::ToolResult(result)]),
        Turn::new(Role::Assistant, vec![Item::text("So."), call("mine", id)]),
    ]
}

/// The same as it is kept, with what the client was told.
fn told(turns: Vec<Turn>, words: &str, id: Option<&str>) -> Done {
    Done { turns, told: vec![Item::text(words), call("mine", id)] }
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
            {"role": "model", "parts": [{"text": "Hm."}, {"text": "\n\nSo."}, {"functionCall": {"name": "mine", "args": {"a": 2, "b": 1}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "mine", "response": {"output": "shown"}}}]},
        ]}),
        _ => json!({"model": "m", "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": "Hm.\n\nSo.", "tool_calls": [{"function": {"name": "mine", "arguments": {"a": 2, "b": 1}}}]},
            {"role": "tool", "tool_name": "mine", "content": "shown"},
        ]}),
    };
    dialects::read_request(dialect, &body.to_string(), Some("m"), false).unwrap()
}

#[test]
fn what_was_done_is_put_back_where_it_was_in_every_dialect() {
    for dialect in [CHAT, Dialect::OpenAiResponses, Dialect::Anthropic, Dialect::Gemini, Dialect::Ollama] {
        let past = Past::default();
        past.keep("alice", dialect, &before(), told(done(Some("c")), "Hm.\n\nSo.", Some("c")));
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
    past.keep("alice", CHAT, &before(), told(done(Some("c")), "Hm.\n\nSo.", Some("c")));
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
        kept.put([key; 32], Some(Arc::new([])), bytes, began + Duration::from_secs(after));
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
    past.keep("alice", CHAT, &before(), told(large, "", Some("c")));
    assert!(past.0.lock().unwrap().bytes < 1000, "what is too large is not kept");
}

#[test]
fn conversations_that_are_alike_never_get_what_was_done_in_another() {
    for dialect in [Dialect::Gemini, Dialect::Ollama] {
        let past = Past::default();
        let begins = |found: &str, words: &str, id: Option<&str>| {
            past.keep("alice", dialect, &before(), told(looked_up(found, id), words, id));
        };
        let goes_on = |words: &str, id: Option<&str>| {
            let mut request = next(dialect);
            request.turns[1] = Turn::new(Role::Assistant, vec![Item::text(words), call("mine", id)]);
            let is_clear = past.put_back("alice", dialect, &mut request);
            (request.turns.len() == 5)
                .then(|| format!("{:?}", request.turns[2]))
                .map_or(is_clear.to_string(), |result| if result.contains("18") { "18" } else { "19" }.to_owned())
        };
        // What the model says tells them apart.
        begins("18", "A", None);
        begins("19", "B", None);
        past.keep("alice", dialect, &before(), told(Vec::new(), "C", None));
        assert_eq!(["A", "B", "C"].map(|words| goes_on(words, None)), ["18", "19", "true"], "{dialect:?}");
        // Where nothing does, nothing is put back, and that is said.
        begins("18", "", None);
        begins("19", "", None);
        assert_eq!(goes_on("", None), "false", "{dialect:?}");
        begins("18", "D", None);
        past.keep("alice", dialect, &before(), told(Vec::new(), "D", None));
        assert_eq!(goes_on("D", None), "false", "{dialect:?}: one in which no tool of the hub was called");
        // The same once more, with another id, is no other.
        begins("18", "H", None);
        let mut again = looked_up("18", None);
        again[0] = Turn::new(Role::Assistant, vec![call("hubs", Some("call_9"))]);
        past.keep("alice", dialect, &before(), told(again, "H", None));
        assert_eq!(goes_on("H", None), "18", "{dialect:?}");
        // Ids do, and others than those that were told belong elsewhere.
        begins("18", "E", Some("x"));
        begins("19", "E", Some("y"));
        assert_eq!(["x", "y", "z"].map(|id| goes_on("E", Some(id))), ["18", "19", "true"], "{dialect:?}");
        // But where servers give the same one each time.
        begins("18", "F", Some("call_0"));
        begins("19", "G", Some("call_0"));
        assert_eq!(["F", "G"].map(|words| goes_on(words, Some("call_0"))), ["18", "19"], "{dialect:?}");
    }
}

#[test]
fn a_signature_tells_calls_apart_in_either_alphabet() {
    let past = Past::default();
    let signed = |signature: &str| {
        let mut item = call("mine", None);
        if let Item::ToolCall(call) = &mut item {
            call.signature = Some(signature.to_owned());
        }
        item
    };
    for (found, signature) in [("18", "a+/="), ("19", "b+/=")] {
        past.keep(
            "alice",
            Dialect::Gemini,
            &before(),
            Done { turns: looked_up(found, None), told: vec![signed(signature)] },
        );
    }
    let goes_on = |signature: &str| {
        let mut request = next(Dialect::Gemini);
        request.turns[1] = Turn::new(Role::Assistant, vec![signed(signature)]);
        past.put_back("alice", Dialect::Gemini, &mut request);
        (request.turns.len(), format!("{:?}", request.turns[2]).contains("18"))
    };
    assert_eq!((goes_on("a-_="), goes_on("b+/="), goes_on("c+/=")), ((5, true), (5, false), (3, false)));
}

#[test]
fn a_response_of_several_rounds_is_gone_on_from_by_the_id_of_its_beginning() {
    use llm::Endpoint;
    use llm::request::Asked;
    let past = Past::default();
    past.rename("alice", "resp_1", "resp_2");
    let asked = |endpoint, id: &str| {
        Asked::read(endpoint, None, format!(r#"{{"model":"m", "previous_response_id": "{id}","input":"x"}}"#).into())
            .unwrap()
    };
    let goes_on = |owner: &str, endpoint, id: &str| {
        past.renamed(owner, &asked(endpoint, id)).map(|asked| asked.text().to_owned())
    };
    let expected = r#"{"model":"m", "previous_response_id": "resp_2","input":"x"}"#;
    for endpoint in [Endpoint::Responses, Endpoint::InputTokens] {
        assert_eq!(goes_on("alice", endpoint, "resp_1").as_deref(), Some(expected));
    }
    assert_eq!(goes_on("alice", Endpoint::Responses, "resp_2"), None);
    assert_eq!(goes_on("bob", Endpoint::Responses, "resp_1"), None);
    assert_eq!(goes_on("alice", Endpoint::ChatCompletions, "resp_1"), None);
}
