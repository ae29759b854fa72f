use super::*;

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
