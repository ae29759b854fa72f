use super::*;
use serde_json::json;

#[test]
fn what_is_held_back_is_told_with_its_reason() {
    let tool = |name: &str, share: f64| json!({"name": name, "share": share, "seconds": 3, "why": null});
    let failed = json!({"kind": "failed", "failed": 7, "calls": 9});
    let breaker = json!({"share": 0.4, "seconds": 12, "why": failed, "of_tools": [tool("send\u{1b}[2J", 0.0), tool("read", 1.0)]});
    assert_eq!(
        lines(&breaker),
        [
            "40 % of its calls are let through, for 12 s now: 7 of 9 calls failed",
            "calls of `send\\u{1b}[2J` are held back, but for probes, for 3 s now: so it was before the hub was started",
        ]
    );
    assert_eq!(in_short(&breaker), ", 40 % let through");
    let jammed = json!({"share": 0.7, "seconds": 1, "why": {"kind": "jammed", "in_flight": 40}});
    assert!(lines(&jammed)[0].ends_with("40 calls had piled up"));
    let paused = lines(&json!({"share": 1.0, "paused_for": 11.2}));
    assert_eq!(paused[0], "it asked to be left alone, and is for 12 s more");
}

#[test]
fn what_is_not_held_back_is_not_told_of() {
    assert!(lines(&json!(null)).is_empty(), "no hub runs");
    assert!(lines(&json!({"share": 1.0, "of_tools": []})).is_empty());
    assert_eq!(in_short(&json!({"share": 1.0, "of_tools": []})), "");
}

#[test]
fn many_tools_are_summed_up() {
    let tools: Vec<Value> = (0..8).map(|number| json!({"name": format!("t{number}"), "share": 0.0})).collect();
    let all = lines(&json!({"share": 1.0, "of_tools": tools}));
    assert_eq!((all.len(), all[5].as_str()), (6, "and 3 more tools"));
}
