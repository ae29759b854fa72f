use super::*;

#[test]
fn failures_are_read_whatever_their_form() {
    let cases = [
        (
            404,
            r#"{"error":"model \"x\" not found, try pulling it first"}"#,
            FailureKind::NotFound,
            "model \"x\" not found, try pulling it first",
        ),
        (500, " upstream is gone\n", FailureKind::Internal, "upstream is gone"),
        (400, r#"{"error":{"message":"no text"}}"#, FailureKind::Invalid, r#"{"error":{"message":"no text"}}"#),
        (503, r#"{"error":"server busy, please try again"}"#, FailureKind::Overloaded, "server busy, please try again"),
        (401, "", FailureKind::Authentication, ""),
    ];
    for (status, body, kind, message) in cases {
        let failure = read_failure(status, body);
        assert_eq!((failure.kind, failure.message.as_str()), (kind, message), "{body}");
    }
}
