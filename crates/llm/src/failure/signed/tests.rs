use super::*;

#[test]
fn what_providers_say_of_signatures_is_known_and_nothing_else() {
    let refused = [
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}"#,
        r#"{"error":{"code":400,"message":"{\"error\":{\"message\":\"messages.1.content.0: Invalid `signature` in `thinking` block\"}}","status":"INVALID_ARGUMENT"}}"#,
        r#"{"message":"messages.1.content.0.thinking.signature: Field required"}"#,
        r#"{"error":{"message":"messages.3.content.1: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified."}}"#,
        r#"{"error":{"code":400,"message":"Corrupted thought signature.","status":"INVALID_ARGUMENT"}}"#,
        r#"[{"error":{"code":400,"message":"Unable to submit request because Thought signature is not valid..","status":"INVALID_ARGUMENT"}}]"#,
        r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\n  \"error\": {\n \"message\": \"Corrupted thought signature.\"}}"}}}"#,
        r#"{"error":{"message":"The encrypted content gAAA...DQ== could not be verified.","type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}}"#,
        r#"{"error":{"message":"The encrypted content gAAA...DQ== could not be verified.","code":null}}"#,
        r#"{"error":{"message":"Item with id 'rs_68af4030' not found. Items are not persisted when `store` is set to false."}}"#,
    ];
    assert!(refused.iter().all(|said| is_said(said)));
    let others = [
        "",
        r#"{"error":{"message":"max_tokens: 99999 > 8192"}}"#,
        r#"{"error":{"message":"`thinking.budget_tokens` must be less than `max_tokens`"}}"#,
        r#"{"error":{"message":"The request signature we calculated does not match the signature you provided."}}"#,
        r#"{"error":{"message":"Item with id 'msg_1' not found."}}"#,
        r#"{"error":{"code":"model_not_found","message":"no such model"}}"#,
    ];
    assert!(is_refused(400, refused[0]) && !is_refused(500, refused[0]));
    assert!(!others.iter().any(|said| is_said(said)));
}
