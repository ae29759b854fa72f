use super::*;
use crate::failure::Failure;
use base::Code;
use http::HeaderValue;

fn named_as(kind: Option<&'static str>, body: &str) -> String {
    let mut headers = HeaderMap::new();
    kind.map(|kind| headers.insert(KIND, HeaderValue::from_static(kind)));
    String::from_utf8(named(&headers, Bytes::copy_from_slice(body.as_bytes())).to_vec()).unwrap()
}

#[test]
fn the_name_of_an_exception_stands_in_its_header() {
    let kind = Some("ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/");
    let table = [
        (kind, r#"{"message":"Too many \"requests\""}"#, "ThrottlingException", "Too many \"requests\""),
        (kind, r#"{"Message":"Too many"}"#, "ThrottlingException", "Too many"),
        (kind, "<html>", "ThrottlingException", "<html>"),
        (kind, "", "ThrottlingException", ""),
        (None, r#"{"message":"x","__type":"com.amazon#Y"}"#, "com.amazon#Y", "x"),
        (kind, r#"{"message":"x","__type":"com.amazon#Y"}"#, "com.amazon#Y", "x"),
    ];
    for (kind, body, name, words) in table {
        let told: serde_json::Value = serde_json::from_str(&named_as(kind, body)).unwrap();
        assert!(told["__type"].as_str().is_some_and(|told| told.starts_with(name)), "{body}: {told}");
        assert_eq!(told["message"], words, "{body}");
    }
    assert_eq!(named_as(None, "<html>"), "<html>");
}

#[test]
fn an_exception_says_who_is_asked_next() {
    let table = [
        (400, "ValidationException", Code::ModelRefused, false, false),
        (400, "ServiceQuotaExceededException", Code::ModelBusy, true, true),
        (400, "ExpiredTokenException", Code::ModelCredential, true, true),
        (400, "IncompleteSignatureException", Code::ModelCredential, true, true),
        (403, "UnrecognizedClientException", Code::ModelCredential, true, true),
        (403, "ExpiredTokenException", Code::ModelCredential, true, true),
        (403, "InvalidSignatureException", Code::ModelCredential, true, true),
        (403, "AccessDeniedException", Code::ModelCredential, true, true),
        (404, "ResourceNotFoundException", Code::ModelUnknown, true, false),
        (408, "ModelTimeoutException", Code::ModelFailed, true, true),
        (424, "ModelErrorException", Code::ModelFailed, true, true),
        (429, "ThrottlingException", Code::ModelBusy, true, true),
        (429, "ModelNotReadyException", Code::ModelBusy, true, true),
        (500, "InternalServerException", Code::ModelFailed, true, true),
        (503, "ServiceUnavailableException", Code::ModelFailed, true, true),
    ];
    for (status, name, code, elsewhere, counts) in table {
        let body = named_as(Some(name), r#"{"message":"AKIDEXAMPLE said so"}"#);
        let status = StatusCode::from_u16(status).unwrap();
        let failure = Failure::of_status("p/m", Dialect::Bedrock, (status, body.into()), None);
        assert_eq!((failure.error.code(), failure.elsewhere, failure.counts), (code, elsewhere, counts), "{name}");
        assert_eq!(failure.said.is_some(), code == Code::ModelRefused, "{name}");
        let told = failure.error.message().contains("said so");
        assert_eq!(told, code != Code::ModelCredential, "{name}: {}", failure.error.message());
    }
}
