use super::Credentials;
use crate::config::{ApiKey, Auth, Document, OpenApi, Place};
use base::Secret;
use http::{HeaderMap, HeaderValue, header};

fn settings(auth: Auth) -> OpenApi {
    OpenApi {
        document: Document::File("a.yaml".into(), None),
        base: None,
        selection: openapi::Selection::default(),
        selected: false,
        headers: Vec::new(),
        auth,
        encoded_slashes: false,
        transforms: Vec::new(),
    }
}

fn key(place: Place, name: &str, value: &str) -> Auth {
    let key = ApiKey { place, name: name.to_owned(), value: Secret::new(value.to_owned()) };
    Auth { api_key: Some(key), ..Auth::default() }
}

#[test]
fn a_key_in_the_query_stands_there_once() {
    let credentials = Credentials::new(&settings(key(Place::Query, "api key", "a&b"))).unwrap();
    let target = |text: &str| credentials.target(text).unwrap().to_string();
    assert_eq!(target("/a"), "/a?api%20key=a%26b");
    assert_eq!(target("/a?x=1"), "/a?x=1&api%20key=a%26b");
    assert_eq!(target("/a?api%20key=other&x=1"), "/a?x=1&api%20key=a%26b");
}

#[test]
fn a_cookie_stands_beside_those_of_arguments() {
    let credentials = Credentials::new(&settings(key(Place::Cookie, "sid", "s"))).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, HeaderValue::from_static("a=b"));
    credentials.put(&mut headers).unwrap();
    assert_eq!(headers[header::COOKIE], "a=b; sid=s");
    assert!(headers[header::COOKIE].is_sensitive());
}

#[test]
fn what_cannot_be_sent_is_refused_without_showing_it() {
    let line = Auth { bearer: Some(Secret::new("secret\r\nX-Evil: 1".to_owned())), ..Auth::default() };
    for auth in [line, key(Place::Cookie, "a", "secret;x"), key(Place::Header, "a b", "secret")] {
        let error = Credentials::new(&settings(auth)).err().unwrap();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
