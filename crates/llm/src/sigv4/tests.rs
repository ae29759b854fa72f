use super::*;
use base::Secret;

/// 2015-08-30T12:36:00Z, the time of AWS's test vectors.
const AT: Duration = Duration::from_secs(1_440_938_160);

fn signing(region: &str, token: Option<&str>) -> Signing {
    Signing {
        region: region.to_owned(),
        access_key_id: Secret::new("AKIDEXAMPLE".to_owned()),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned()),
        session_token: token.map(|token| Secret::new(token.to_owned())),
    }
}

struct Case<'a> {
    method: Method,
    host: &'a str,
    path: &'a str,
    kind: Option<&'static str>,
    body: &'a str,
    token: Option<&'a str>,
}

/// The header `Authorization` of a request.
fn authorization(case: &Case<'_>, service: &str, region: &str) -> String {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_str(case.host).unwrap());
    headers.insert("x-not-signed", HeaderValue::from_static("x"));
    if let Some(kind) = case.kind {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let request = Signed { method: &case.method, path: case.path, body: case.body.as_bytes(), at: AT };
    sign(&signing(region, case.token), service, &request, &mut headers).unwrap();
    assert_eq!(headers[DATE], "20150830T123600Z");
    assert!(headers[header::AUTHORIZATION].is_sensitive());
    headers[header::AUTHORIZATION].to_str().unwrap().to_owned()
}

const TOKEN_OF_AWS: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

#[test]
fn published_requests_have_their_signatures() {
    // AWS's test suite for Signature Version 4: get-vanilla, post-vanilla, post-x-www-form-urlencoded, get-space and
    // post-sts-header-before, in this order.
    let plain =
        |method, path, kind, body| Case { method, host: "example.amazonaws.com", path, kind, body, token: None };
    let form = Some("application/x-www-form-urlencoded");
    let table = [
        (
            plain(Method::GET, "/", None, ""),
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            plain(Method::POST, "/", None, ""),
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            plain(Method::POST, "/", form, "Param1=value1"),
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
        (
            plain(Method::GET, "/example%20space/", None, ""),
            "host;x-amz-date",
            "446b817944c553435b35e813c261ff4e161fff982d1bacdef1c87f6785dd1662",
        ),
        (
            Case { token: Some(TOKEN_OF_AWS), ..plain(Method::POST, "/", None, "") },
            "host;x-amz-date;x-amz-security-token",
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
        ),
    ];
    for (case, names, signature) in table {
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders={names}, Signature={signature}"
        );
        assert_eq!(authorization(&case, "service", "us-east-1"), expected, "{} {}", case.method, case.path);
    }
}

#[test]
fn names_of_models_are_encoded_twice() {
    // What botocore signs.
    let json = Some("application/json");
    let table = [
        (
            Case {
                method: Method::POST,
                host: "bedrock-runtime.us-east-1.amazonaws.com",
                path: "/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse",
                kind: json,
                body: r#"{"messages":[]}"#,
                token: None,
            },
            "us-east-1",
            "ee3e967ae4ec1f2a508f8404898701ed432f406a68f3e403e8f509cb32e6fc0b",
        ),
        (
            Case {
                method: Method::POST,
                host: "bedrock-runtime.eu-west-1.amazonaws.com",
                path: "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-profile%2Feu.x/converse-stream",
                kind: json,
                body: "{}",
                token: Some("tok/en=="),
            },
            "eu-west-1",
            "a2ba9f5d0f8cc371539a7603157a03a23c09bd8c7330a6e49e429bbba7f251b3",
        ),
    ];
    for (case, region, signature) in table {
        assert!(authorization(&case, "bedrock", region).ends_with(&format!("Signature={signature}")), "{}", case.path);
    }
}

#[test]
fn a_token_that_is_no_header_is_told_without_it() {
    let request = Signed { method: &Method::POST, path: "/", body: b"", at: AT };
    let error = sign(&signing("x", Some("a\nb")), "bedrock", &request, &mut HeaderMap::new()).unwrap_err();
    assert!(error.code() == Code::ConfigInvalidValue && !error.to_string().contains('\n'), "{error}");
}
