use super::*;

#[test]
fn what_went_wrong_is_told_by_status_word_and_reason() {
    let cases = [
        (429, r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#, FailureKind::RateLimit),
        (400, r#"[{"error":{"message":"m","status":"FAILED_PRECONDITION"}}]"#, FailureKind::Invalid),
        (400, r#"{"error":{"message":"m","status":"UNAUTHENTICATED"}}"#, FailureKind::Authentication),
        (400, r#"{"error":{"message":"m","details":[7,{"reason":"API_KEY_INVALID"}]}}"#, FailureKind::Authentication),
        (503, r#"{"error":{"message":"m","status":7,"code":"x"}}"#, FailureKind::Overloaded),
        (200, r#"{"error":{"message":"m","code":504}}"#, FailureKind::Timeout),
        (200, r#"{"error":{"message":"m"}}"#, FailureKind::Internal),
        (402, "m", FailureKind::Billing),
        (500, "m", FailureKind::Internal),
    ];
    for (status, body, kind) in cases {
        let failure = read(status, body);
        assert_eq!((failure.kind, failure.message.as_str()), (kind, "m"), "{status} {body}");
    }
}

#[test]
fn the_code_of_another_provider_is_kept_as_reason() {
    let failure =
        Failure { kind: FailureKind::NotFound, message: "no".to_owned(), code: Some("model_not_found".to_owned()) };
    let body = write(&failure);
    assert!(body.contains(r#""code":404"#) && body.contains(r#""status":"NOT_FOUND""#), "{body}");
    assert_eq!(read(404, &body), failure);
}

#[test]
fn a_status_of_its_own_comes_back() {
    for body in [
        r#"{"error":{"code":400,"message":"m","status":"FAILED_PRECONDITION"}}"#,
        r#"{"error":{"code":500,"message":"m","status":"DATA_LOSS"}}"#,
    ] {
        let status = if body.contains("400") { 400 } else { 500 };
        assert_eq!(write(&read(status, body)), body);
    }
}
