use super::{read, request};
use crate::oauth::client::Method;
use serde_json::Value;

const BACK: &str = "http://127.0.0.1:5000/callback";

#[test]
fn the_request_says_what_the_client_is() {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let body = |methods: &[&str], scopes: &[&str]| -> Value {
        serde_json::from_str(&request(BACK, &own(methods), &own(scopes))).unwrap()
    };
    let both = body(&["client_secret_basic", "none"], &["a", "b"]);
    assert_eq!(both["token_endpoint_auth_method"], "none", "a secret on a person's machine proves nothing");
    assert_eq!(both["application_type"], "native");
    assert_eq!(both["scope"], "a b");
    assert_eq!(both["redirect_uris"][0], BACK);
    assert!(both["grant_types"].as_array().unwrap().contains(&"refresh_token".into()));
    assert_eq!(body(&["client_secret_post"], &[])["token_endpoint_auth_method"], "client_secret_post");
    assert!(body(&["none"], &[]).get("scope").is_none());
}

#[test]
fn the_answer_is_read() {
    let methods = ["none".to_owned()];
    let client = read(r#"{"client_id":"c","client_secret":"s"}"#, BACK, &methods).unwrap();
    assert_eq!((client.id.as_str(), client.method), ("c", Method::None));
    let said = r#"{"client_id":"c","client_secret":"s","token_endpoint_auth_method":"client_secret_post"}"#;
    assert_eq!(read(said, BACK, &methods).unwrap().method, Method::Post);
    for bad in ["", "{}", "[]", r#"{"client_id":""}"#, r#"{"client_id":1}"#] {
        assert!(read(bad, BACK, &methods).is_err(), "{bad}");
    }
}
