use super::*;

#[test]
fn every_kind_has_a_word_of_its_own() {
    for (word, kind) in WORDS {
        let failure = Failure { code: Some("T-0001".to_owned()), ..Failure::new(kind, "It \"broke\"") };
        let text = write(&failure);
        assert!(text.contains(word));
        assert_eq!(read(kind.status(), &text), failure);
    }
}

#[test]
fn what_cannot_be_read_is_told_as_it_is() {
    for body in ["", "<html>", "[]", "{}", r#"{"error":"no"}"#, r#"{"error":{"type":"api_error"}}"#] {
        assert_eq!(read(529, body), Failure::new(FailureKind::Overloaded, body));
    }
    let read = read(429, r#"{"type":"error","error":{"type":"new_error","message":"m"}}"#);
    assert_eq!(read, Failure { code: Some("new_error".to_owned()), ..Failure::new(FailureKind::RateLimit, "m") });
}
