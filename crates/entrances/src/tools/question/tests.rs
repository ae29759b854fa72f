//! Gates as questions.

use super::*;

fn gate(prompt: &str, show: Value) -> GateShown {
    GateShown {
        path: "ask".to_owned(),
        prompt: prompt.to_owned(),
        show,
        arguments: String::new(),
        since: 1,
        expires_at: None,
        approvers: Vec::new(),
        edit: false,
    }
}

#[test]
fn a_person_sees_what_they_decide_on() {
    let params: Value = serde_json::from_str(&params(&gate("Send it?", json!({"to": "all"}))).unwrap()).unwrap();
    assert_eq!(params["message"], "Send it?\n\n{\n  \"to\": \"all\"\n}");
    let bare: Value = serde_json::from_str(&super::params(&gate("", Value::Null)).unwrap()).unwrap();
    assert_eq!(bare["message"], "May `ask` go on?");
}

#[test]
fn what_does_not_fit_is_not_asked() {
    assert!(params(&gate(&"ä".repeat(LETTERS), Value::Null)).is_some());
    assert_eq!(params(&gate(&"ä".repeat(LETTERS + 1), Value::Null)), None);
    assert_eq!(params(&gate("Send it?", json!({"text": "ä".repeat(LETTERS)}))), None);
}

#[test]
fn what_may_be_changed_has_a_field() {
    let edited = |edit| {
        let gate = GateShown { edit, ..gate("Send it?", json!({"to": "all"})) };
        let params: Value = serde_json::from_str(&params(&gate).unwrap()).unwrap();
        params["requestedSchema"]["properties"]["edited"].is_object()
    };
    assert!(edited(true) && !edited(false));
}

#[test]
fn answers_are_read() {
    let no = |reason: &str| Said::Rejected(Some(reason.to_owned()));
    let table = [
        (json!({"action": "accept", "content": {"decision": "approve"}}), Said::Approved(None, None)),
        (
            json!({"action": "accept", "content": {"decision": "approve", "edited": " {\"to\": 1}"}}),
            Said::Approved(None, Some(json!({"to": 1}))),
        ),
        (json!({"action": "accept", "content": {"decision": "approve", "edited": " "}}), Said::Approved(None, None)),
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
    let wrong = json!({"action": "accept", "content": {"decision": "approve", "edited": "{"}});
    assert!(matches!(said(&wrong.to_string()), Said::Unreadable(_)));
}
