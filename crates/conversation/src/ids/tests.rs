use super::*;
use crate::request::{Request, Role, Turn};
use std::sync::Arc;

#[test]
fn ids_that_fit_stay_and_others_are_told_apart() {
    assert_eq!(fit("toolu_01-A", 64), "toolu_01-A");
    let (dotted, spaced) = (fit("functions.get:0", 40), fit("functions get:0", 40));
    assert!(dotted.starts_with("functions_get_0_") && dotted != spaced);
    for id in ["", "ä", &"x".repeat(300)] {
        let fitted = fit(id, 40);
        assert!(!fitted.is_empty() && fitted.len() <= 40 && fit(&fitted, 40) == fitted, "{id}");
    }
    assert_eq!(derived("a", 0), derived("a", 0));
    assert_ne!(derived("a", 0), derived("b", 0));
}

#[test]
fn calls_with_one_id_are_told_apart_and_have_their_results_in_order() {
    let call = |id: &str| ToolCall { id: Some(id.to_owned()), name: "a".to_owned(), ..ToolCall::default() };
    let result = |id: &str| ToolResult { id: Some(id.to_owned()), ..ToolResult::default() };
    let mut calls = Calls::new();
    assert_eq!(["0", "", "call_3", "0"].map(|id| calls.call(&call(id))), ["0", "call_1", "call_3", "call_3_"]);
    assert_eq!(
        ["0", "0", "call_3", "", "0"].map(|id| calls.result(&result(id)).0),
        ["0", "call_3_", "call_3", "call_1", "call_3_"]
    );
    assert_eq!(calls.call(&call("0")), "call_4");
    assert_eq!(calls.result(&result("0")), ("call_4".to_owned(), Some("a".to_owned())));
    assert_eq!(calls.result(&result("other")), ("other".to_owned(), None));
}

#[test]
fn a_client_is_told_each_id_once() {
    let call = |id: Option<&str>| ToolCall { id: id.map(str::to_owned), ..ToolCall::default() };
    let turns = vec![Turn::new(Role::Assistant, vec![Item::ToolCall(call(Some("1")))])];
    let request = Arc::new(Request { turns, ..Request::default() });
    let reply = Reply { id: "abc".to_owned(), created: 0, request };
    let (mut told, made) = (Told::default(), |number| derived("abc", number));
    let ids = [Some("0"), Some("0"), Some("1"), Some(""), None, Some("a.b:0")]
        .map(|id| told.next(&call(id), &reply, |id| fit(id, 64)));
    assert_eq!(ids, ["0".to_owned(), made(1), made(2), made(3), made(4), fit("a.b:0", 64).into_owned()]);
}

#[test]
fn results_without_ids_find_their_calls_in_order() {
    let call = |id: Option<&str>, name: &str| ToolCall {
        id: id.map(str::to_owned),
        name: name.to_owned(),
        ..ToolCall::default()
    };
    let result = |name: &str| ToolResult { name: Some(name.to_owned()), ..ToolResult::default() };
    let mut calls = Calls::new();
    let ids = [calls.call(&call(None, "a")), calls.call(&call(None, "b")), calls.call(&call(None, "a"))];
    assert_eq!(ids, ["call_0", "call_1", "call_2"]);
    let found = ["a", "b", "a", "a"].map(|name| calls.result(&result(name)).0);
    assert_eq!(found, ["call_0", "call_1", "call_2", "call_unknown"]);
    calls.call(&call(Some("x"), "c"));
    let by_id = ToolResult { id: Some("x".to_owned()), ..ToolResult::default() };
    assert_eq!(calls.result(&by_id), ("x".to_owned(), Some("c".to_owned())));
    assert_eq!(["x", "call_0", "call_unknown"].map(|id| calls.has(id)), [true, true, false]);
}
