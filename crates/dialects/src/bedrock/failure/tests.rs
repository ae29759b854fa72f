use super::*;

#[test]
fn kinds_are_told_by_the_name_and_else_by_the_status() {
    let cases = [
        (400, r#"{"__type":"ValidationException","message":"m"}"#, FailureKind::Invalid),
        (400, r#"{"__type":"com.amazonaws#ThrottlingException:http://x/","message":"m"}"#, FailureKind::RateLimit),
        (400, r#"{"__type":"ServiceQuotaExceededException","message":"m"}"#, FailureKind::Billing),
        (424, r#"{"message":"m"}"#, FailureKind::Internal),
        (403, r#"{"Message":"m"}"#, FailureKind::Permission),
        (403, r#"{"__type":"ExpiredTokenException","message":"m"}"#, FailureKind::Authentication),
        (503, r#"{"__type":"NewException","message":"m"}"#, FailureKind::Overloaded),
        (500, "m", FailureKind::Internal),
    ];
    for (status, body, kind) in cases {
        let failure = read_failure(status, body);
        assert_eq!((failure.kind, failure.message.as_str()), (kind, "m"), "{body}");
    }
}

#[test]
fn every_kind_has_an_exception_and_a_code_of_the_service_stays() {
    for (name, kind) in EXCEPTIONS {
        let failure = Failure { kind, message: String::new(), code: Some(name.to_owned()) };
        assert_eq!(exception(&failure), name);
        assert_eq!(super::kind(exception(&Failure::new(kind, ""))), Some(kind));
    }
    assert_eq!(exception(&Failure::new(FailureKind::TooLarge, "")), "validationException");
}
