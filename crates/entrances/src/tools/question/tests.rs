//! Gates as questions.

use super::*;

fn gate(prompt: &str, show: Value) -> GateShown {
    GateShown {
        path: "ask".to_owned(),
        prompt: prompt.to_owned(),
        show,
        arguments: String::new(),
        expires_at: None,
        approvers: Vec::new(),
        edit: false,
    }
}

#[test]
fn a_person_sees_what_they_decide_on() {
    let params: Value = serde_json::from_str(&params(&gate("Send it?", json!({"to": "all"})))).unwrap();
    assert_eq!(params["message"], "Send it?\n\n{\n  \"to\": \"all\"\n}");
    let bare: Value = serde_json::from_str(&super::params(&gate("", Value::Null))).unwrap();
    assert_eq!(bare["message"], "May `ask` go on?");
}

#[test]
fn what_is_shown_is_bounded() {
    let params: Value = serde_json::from_str(&params(&gate(&"ä".repeat(100_000), Value::Null))).unwrap();
    assert!(params["message"].as_str().unwrap().chars().count() < LETTERS + 10);
}

#[test]
fn answers_are_read() {
    let no = |reason: &str| Said::Rejected(Some(reason.to_owned()));
    let table = [
        (json!({"action": "accept", "content": {"decision": "approve"}}), Said::Approved(None)),
        (json!({"action": "accept", "content": {"decision": "reject", "reason": "Late"}}), no("Late")),
        (json!({"action": "accept", "content": {"decision": "maybe"}}), Said::Nothing),
        (json!({"action": "accept"}), Said::Nothing),
        (json!({"action": "decline"}), no("declined by the client")),
        (json!({"action": "cancel", "content": {"decision": "approve"}}), Said::Nothing),
        (json!([]), Said::Nothing),
    ];
    for (answer, meant) in table {
        assert_eq!(said(&answer.to_string()), meant, "{answer}");
    }
    assert_eq!(said("no JSON"), Said::Nothing);
}
