use super::{Status, is_task, legacy, legacy_created, modern, modern_created, related, status};
use serde_json::{Value, json};

const MODERN: &str = r#"{"resultType":"task","taskId":"a","status":"working","createdAt":"c","lastUpdatedAt":"l","ttlMs":60000,"pollIntervalMs":5,"x":1.0}"#;
const LEGACY: &str =
    r#"{"taskId":"a","status":"working","createdAt":"c","lastUpdatedAt":"l","ttl":60000,"pollInterval":5,"x":1.0}"#;

#[test]
fn tasks_go_from_era_to_era() {
    assert_eq!(legacy(MODERN), LEGACY);
    assert_eq!(modern(LEGACY, "task", None), MODERN);
    assert_eq!(legacy_created(MODERN), format!("{{\"task\":{LEGACY}}}"));
    assert_eq!(modern_created(&format!("{{\"_meta\":{{}},\"task\":{LEGACY}}}")).unwrap(), MODERN);
    assert_eq!(modern_created(r#"{"content":[]}"#), None);
    assert_eq!(modern_created(r#"{"task":7}"#), None);
    let unlimited = modern(r#"{"taskId":"a"}"#, "complete", None);
    assert_eq!(unlimited, r#"{"resultType":"complete","taskId":"a","ttlMs":null}"#);
}

#[test]
fn ends_go_from_era_to_era() {
    let table = [
        (json!({"status": "completed", "result": {"content": []}}), "completed"),
        (json!({"status": "completed", "result": {"isError": true}}), "failed"),
        (json!({"status": "failed", "error": {"code": 1}}), "failed"),
        (json!({"status": "cancelled"}), "cancelled"),
        (json!({"status": "input_required", "inputRequests": {"a": {}}}), "input_required"),
    ];
    for (task, expected) in table {
        let old: Value = serde_json::from_str(&legacy(&task.to_string())).unwrap();
        assert_eq!(old, json!({"status": expected}), "{task}");
    }
    let new = modern(r#"{"status":"failed"}"#, "complete", Some(("result", r#"{"isError":true}"#)));
    assert_eq!(new, r#"{"resultType":"complete","status":"completed","ttlMs":null,"result":{"isError":true}}"#);
    let new = modern(r#"{"status":"failed"}"#, "complete", Some(("error", r#"{"code":1}"#)));
    assert_eq!(new, r#"{"resultType":"complete","status":"failed","ttlMs":null,"error":{"code":1}}"#);
}

#[test]
fn results_say_their_task() {
    for (before, after) in [
        ("{}", r#"{"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"a"}}}"#),
        (r#"{"_meta":{"b":1}}"#, r#"{"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"a"},"b":1}}"#),
        (
            r#"{"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"z"}}}"#,
            r#"{"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"a"}}}"#,
        ),
    ] {
        assert_eq!(related(before, "\"a\""), after);
    }
}

#[test]
fn what_is_a_task_is_read() {
    assert!(is_task(MODERN) && !is_task(LEGACY) && !is_task(r#"{"resultType":"complete","x":"task"}"#));
    assert_eq!(status(MODERN), Status::Working);
    assert_eq!(status(r#"{"status":"input_required"}"#), Status::InputRequired);
    assert_eq!(status("{}"), Status::Working);
}
