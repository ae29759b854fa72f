use super::*;
use serde_json::{Value, json};

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn a_request_is_answered_once_with_its_own_id() {
    let mut asks = Asks::default();
    asks.request("\"x\"", Method::Elicit, "{\"message\":\"?\"}").expect("room");
    let ask = asks.pop().expect("handed out");
    assert_eq!((ask.method, ask.params.as_str()), (Method::Elicit, "{\"message\":\"?\"}"));
    assert!(asks.pop().is_none() && asks.any_open());
    assert_eq!(asks.answer(ask.key, Ok("{}".into())), Answered::Request("\"x\"".into(), Ok("{}".into())));
    assert_eq!(asks.answer(ask.key, Ok("{}".into())), Answered::Unknown, "a second answer is nobody's");
    assert!(!asks.any_open() && asks.complete("{}").is_none(), "a request makes no round");
}

#[test]
fn a_round_is_complete_when_all_is_answered() {
    let mut asks = Asks::default();
    let result = r#"{"resultType":"input_required","requestState":"s\"1","inputRequests":{
        "a":{"method":"elicitation/create","params":{"message":"m"}},"b":{"method":"roots/list"}}}"#;
    asks.round(result).expect("readable");
    let (first, second) = (asks.pop().expect("a"), asks.pop().expect("b"));
    assert_eq!((second.method.clone(), second.params.as_str()), (Method::RootsList, "{}"));
    assert_eq!(asks.answer(second.key, Ok(r#"{"roots":[]}"#.into())), Answered::Kept);
    assert_eq!(asks.complete("{}"), None);
    assert_eq!(asks.answer(first.key, Ok(r#"{"action":"decline"}"#.into())), Answered::Kept);
    let params = r#"{"name":"n","inputResponses":{"old":1},"requestState":"old","x":[1]}"#;
    assert_eq!(
        value(&asks.complete(params).expect("complete")),
        json!({"name": "n", "x": [1], "requestState": "s\"1",
            "inputResponses": {"a": {"action": "decline"}, "b": {"roots": []}}})
    );
    assert_eq!(asks.complete(params), None, "a round is completed once");
}

#[test]
fn a_round_without_questions_is_complete_at_once() {
    let mut asks = Asks::default();
    asks.round(r#"{"resultType":"input_required","requestState":"s"}"#).expect("readable");
    assert_eq!(value(&asks.complete("{}").expect("complete")), json!({"requestState": "s"}));
}

#[test]
fn an_error_ends_a_round_but_not_a_request() {
    let mut asks = Asks::default();
    asks.round(r#"{"inputRequests":{"a":{"method":"roots/list"}}}"#).expect("readable");
    let key = asks.pop().expect("a").key;
    assert_eq!(asks.answer(key, Err("{\"code\":1}".into())), Answered::Fatal("{\"code\":1}".into()));
    asks.request("7", Method::RootsList, "{}").expect("room");
    let key = asks.pop().expect("request").key;
    assert_eq!(asks.answer(key, Err("{}".into())), Answered::Request("7".into(), Err("{}".into())));
}

#[test]
fn what_is_withdrawn_is_not_handed_out() {
    let mut asks = Asks::default();
    asks.request("7", Method::RootsList, "{}").expect("room");
    assert_eq!(asks.withdraw("8"), None);
    assert!(asks.withdraw("7").is_some() && asks.pop().is_none() && !asks.any_open());
}

#[test]
fn there_are_limits() {
    let mut asks = Asks::default();
    for id in 0..AT_ONCE {
        asks.request(&id.to_string(), Method::RootsList, "{}").expect("room");
    }
    assert_eq!(asks.request("x", Method::RootsList, "{}"), Err(Excess::Asks));
    asks.clear();
    for _ in 0..ROUNDS {
        asks.round("{}").expect("allowed");
    }
    assert_eq!(asks.round("{}"), Err(Excess::Rounds));
    let mut asks = Asks::default();
    assert_eq!(asks.round(r#"{"inputRequests":{"a":{}}}"#), Err(Excess::Shape));
}
