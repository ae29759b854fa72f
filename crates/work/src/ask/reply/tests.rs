use super::*;

#[test]
fn a_request_says_what_was_asked_and_nothing_else() {
    let plain = request("r", None, "Why?", None);
    assert_eq!(plain["messages"], json!([{"role": "user", "content": "Why?"}]));
    assert_eq!((&plain["model"], &plain["stream"], plain.get("max_tokens")), (&json!("r"), &json!(true), None));
    let full = request("r", Some("Be brief."), "Why?", Some(7));
    assert_eq!(full["messages"][0], json!({"role": "system", "content": "Be brief."}));
    assert_eq!(full["max_tokens"], 7);
}
