use super::Request;
use crate::api::Api;
use crate::api::tests::{all, golden};
use base::Code;
use proptest::prelude::*;
use serde_json::{Value, json};

fn styles() -> Api {
    Api::new(&golden("styles.yaml"), &all()).unwrap()
}

fn request(api: &Api, tool: &str, arguments: &Value) -> base::Result<Request> {
    api.request(api.operation(tool).unwrap(), arguments.as_object().unwrap(), "tutti")
}

#[test]
fn a_key_goes_to_what_writes_and_says_nothing_of_it_itself() {
    let of = |method, headers: &[(&str, &str)], key| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = Request { method, target: "/".to_owned(), headers, body: None }.with_key(key);
        request.headers.into_iter().map(|(_, value)| value).collect::<Vec<_>>()
    };
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        assert_eq!(of(method, &[], Some("a1-b2")), ["a1-b2"]);
    }
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(of(method, &[], Some("a1-b2")), [""; 0]);
    }
    assert_eq!(of("POST", &[("idempotency-key", "own")], Some("a1-b2")), ["own"]);
    let long = "a".repeat(256);
    for none in [None, Some(""), Some("a b"), Some("a\r\nx: b"), Some("é"), Some(long.as_str())] {
        assert_eq!(of("POST", &[], none), [""; 0], "{none:?}");
    }
}

#[test]
fn every_style_is_written_as_openapi_says() {
    let api = styles();
    let list = json!(["blue", "b,l/k"]);
    for (tool, arguments, target) in [
        (
            "simple",
            json!({"list": ["blue", "b,k"], "object": {"a": "1", "b": "=,"}}),
            "/simple/blue,b%2Ck/a=1,b=%3D%2C",
        ),
        ("label", json!({"plain": "x", "list": ["a", "b"], "spread": ["a", "b.c"]}), "/label/.x/.a,b/.a.b.c"),
        (
            "matrix",
            json!({"plain": "x;y", "list": ["a", "b"], "spread": ["a", "b"], "object": {"r": 1, "g;": true}}),
            "/matrix/;plain=x%3By/;list=a,b/;spread=a;spread=b/;r=1;g%3B=true",
        ),
        ("query", json!({"form": list}), "/query?form=blue&form=b%2Cl%2Fk"),
        ("query", json!({"comma": list}), "/query?comma=blue,b%2Cl%2Fk"),
        ("query", json!({"spread": {"x": 1, "free": "a&b"}}), "/query?x=1&free=a%26b"),
        ("query", json!({"flat": {"x": "1,2"}}), "/query?flat=x,1%2C2"),
        ("query", json!({"space": list}), "/query?space=blue%20b%2Cl%2Fk"),
        ("query", json!({"pipe": list}), "/query?pipe=blue%7Cb%2Cl%2Fk"),
        ("query", json!({"deep": {"a": 1, "b c": "x"}}), "/query?deep%5Ba%5D=1&deep%5Bb%20c%5D=x"),
        ("query", json!({"raw": "a/b:c?d&e=f#g%+;"}), "/query?raw=a/b:c?d%26e%3Df%23g%25%2B%3B"),
        ("query", json!({"json": {"a": [1]}}), "/query?json=%7B%22a%22%3A%5B1%5D%7D"),
        ("query", json!({"select": "x", "role": null}), "/query?%24select=x"),
        ("query", json!({}), "/query"),
    ] {
        assert_eq!(request(&api, tool, &arguments).unwrap().target, target, "{arguments}");
    }
    let simple = json!({"list": "x", "object": "y", "X-List": ["a", "b"], "X-Object": {"a": "1"}});
    let headers = request(&api, "simple", &simple).unwrap().headers;
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    assert_eq!((header("x-list").unwrap(), header("x-object").unwrap()), ("a,b".to_owned(), "a=1".to_owned()));
    let cookies = request(&api, "cookies", &json!({"plain": "a; admin=1", "list": ["x", "y,z"]})).unwrap().headers;
    assert!(
        cookies.contains(&("cookie".to_owned(), "plain=a%3B%20admin%3D1; list=x%2Cy%2Cz".to_owned())),
        "{cookies:?}"
    );
}

#[test]
fn names_that_meet_are_told_apart_and_senders_headers_are_no_arguments() {
    let api = styles();
    let operation = api.operation("same").unwrap();
    let properties = operation.definition["inputSchema"]["properties"].as_object().unwrap();
    let names: Vec<&String> = properties.keys().collect();
    assert_eq!(names, ["query_id", "id", "header_id", "body", "request_body"]);
    let arguments = json!({"id": "p", "query_id": "q", "header_id": "h", "body": "b", "request_body": "text"});
    let request = request(&api, "same", &arguments).unwrap();
    assert_eq!(request.target, "/same/p?id=q&body=b");
    assert_eq!(request.body.as_deref(), Some(&b"text"[..]));
    assert!(request.headers.contains(&("id".to_owned(), "h".to_owned())));
}

#[test]
fn bodies_are_written_by_their_media_type() {
    let api = styles();
    let form = request(&api, "form", &json!({"body": {"a": "x&role=admin"}})).unwrap();
    assert_eq!(form.body.as_deref(), Some(&b"a=x%26role%3Dadmin"[..]));
    assert!(form.headers.contains(&("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())));
    let upload =
        request(&api, "upload", &json!({"body": {"note": "n", "file": "aGk=", "files": ["aGk=", "aG8="]}})).unwrap();
    let text = String::from_utf8(upload.body.unwrap()).unwrap();
    assert_eq!(text.matches("--tutti\r\n").count(), 4, "{text}");
    assert!(text.contains("\r\n\r\nho\r\n--tutti--"), "{text}");
    let schema = &api.operation("upload").unwrap().definition["inputSchema"]["properties"]["body"]["properties"];
    assert_eq!(
        schema["file"],
        json!({"type": "string", "contentEncoding": "base64", "description": "The file. A file, as base64."})
    );
    assert_eq!(schema["files"]["items"]["contentEncoding"], "base64");
    assert_eq!(request(&api, "bytes", &json!({"body": "AP8="})).unwrap().body, Some(vec![0, 255]));
    for (tool, body) in [("bytes", json!("no!")), ("bytes", json!(1)), ("form", json!("a=1")), ("upload", json!([]))] {
        assert_eq!(request(&api, tool, &json!({"body": body})).unwrap_err().code(), Code::OpenApiArgument);
    }
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    let api = styles();
    let simple = |list: Value, object: Value| json!({"list": list, "object": object});
    for (tool, arguments, word) in [
        ("simple", json!({"list": "x"}), "`object` is missing"),
        ("simple", json!({"list": "x", "object": null}), "`object` is missing"),
        ("simple", simple(json!([]), json!("x")), "is empty"),
        ("simple", simple(json!(["a", ""]), json!("x")), "is empty"),
        ("simple", simple(json!([["a"]]), json!("x")), "within each other"),
        ("simple", simple(json!("x"), json!({"c": "1"})), "does not know"),
        ("simple", json!({"list": "x", "object": "y", "X-List": "a\r\nX-Evil: 1"}), "line ends"),
        ("simple", json!({"list": "x", "object": "y", "X-List": "ü"}), "line ends"),
        ("simple", json!({"list": "x", "object": "y", "more": 1}), "`more` is none of `simple`"),
        ("query", json!({"spread": {"role": "admin"}}), "is another parameter"),
        ("query", json!({"deep": {"a][b": 1}}), "brackets"),
        ("query", json!({"flat": {"y": 1}}), "its properties are x"),
        ("query", json!({"raw": "x".repeat(20_000)}), "20011 bytes long"),
        ("query", json!({"form": vec![1; 10_001]}), "more than 10000 parts"),
        ("bytes", json!({}), "`body` is missing"),
        ("matrix", json!({"plain": "x", "list": "x", "spread": [], "object": "x"}), "is empty"),
    ] {
        let error = request(&api, tool, &arguments).unwrap_err();
        assert_eq!(error.code(), Code::OpenApiArgument, "{error}");
        assert!(error.to_string().contains(word), "{arguments}: {error}");
    }
}

/// Two arguments that are harmless one by one stand side by side in a segment.
#[test]
fn a45_values_side_by_side_make_no_dots() {
    let text = "openapi: 3.0.0\nservers: [{ url: 'http://a/v1' }]\npaths:\n  /x/{a}{b}/y:\n    get:\n      operationId: two\n      parameters:\n        - { name: a, in: path, required: true }\n        - { name: b, in: path, required: true }\n";
    let api = crate::api::tests::of_text(text, &all()).unwrap();
    assert_eq!(request(&api, "two", &json!({"a": "1", "b": "2"})).unwrap().target, "/v1/x/12/y");
    assert!(request(&api, "two", &json!({"a": ".", "b": "."})).is_err());
}

/// The percent-encoding of a value taken away.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at] == b'%' {
            out.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap()
}

fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "..", ".", "/", "\\", "?", "#", "&", "=", ";", "%2e", "%2F", "%", "\r\n", "\0", ":", "@", "//", "a", "1", "ü",
        " ", "+", ",", "[", "]", "\"",
    ]);
    prop_oneof![prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat()), any::<String>()]
}

proptest! {
    /// Whatever a value says, it comes out of its own place as it went in, and the rest of the request is the same.
    #[test]
    fn a45_no_value_changes_anything_but_its_place(path in hostile(), query in hostile(), header in hostile(), cookie in hostile()) {
        let api = Api::new(&golden("pets.yaml"), &all()).unwrap();
        let arguments = json!({"petId": path, "X-Trace": header, "session": cookie});
        match request(&api, "getPet", &arguments) {
            Err(error) => {
                prop_assert_eq!(error.code(), Code::OpenApiArgument);
                let harmless = |text: &str| text.chars().all(|one| one.is_ascii_alphanumeric() || one == ' ');
                prop_assert!(path.is_empty() || !(harmless(&path) && harmless(&header)), "refused for nothing: {error}");
            }
            Ok(request) => {
                prop_assert!(request.target.bytes().all(|byte| byte.is_ascii_graphic()));
                let segments: Vec<&str> = request.target.split('/').collect();
                prop_assert_eq!(segments.len(), 4, "{}", request.target);
                prop_assert_eq!(&segments[..3], &["", "v1", "pets"]);
                prop_assert!(!segments[3].contains(['?', '#', ';']));
                prop_assert_eq!(decoded(segments[3]), path);
                let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
                prop_assert_eq!(names, vec!["x-trace", "cookie", "accept"]);
                prop_assert!(request.headers.iter().all(|(_, value)| value.bytes().all(|byte| (b' '..=b'~').contains(&byte))));
                prop_assert_eq!(&request.headers[0].1, &header);
                prop_assert_eq!(decoded(request.headers[1].1.strip_prefix("session=").unwrap()), cookie);
            }
        }
        let request = request(&api, "listPets", &json!({"filter_name": query, "tag": [query, "t"]})).unwrap();
        let pairs = request.target.strip_prefix("/v1/pets?").unwrap().split('&');
        let pairs: Vec<(String, String)> = pairs.map(|pair| { let (name, value) = pair.split_once('=').unwrap(); (decoded(name), decoded(value)) }).collect();
        let expected = [("tag", query.as_str()), ("tag", "t"), ("filter[name]", query.as_str())];
        prop_assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
    }

    /// The same for keys of objects, which become a part of the request too.
    #[test]
    fn a45_no_key_changes_anything_but_its_place(key in hostile(), value in hostile()) {
        let api = styles();
        let mut object = serde_json::Map::new();
        object.insert(key.clone(), value.clone().into());
        if let Ok(request) = request(&api, "query", &json!({"deep": object})) {
            let (name, said) = request.target.strip_prefix("/query?").unwrap().split_once('=').unwrap();
            prop_assert_eq!(decoded(name), format!("deep[{key}]"));
            prop_assert_eq!(decoded(said), value);
        }
        if let Ok(request) = request(&api, "query", &json!({"spread": object, "role": "user"})) {
            let pairs: Vec<&str> = request.target.strip_prefix("/query?").unwrap().split('&').collect();
            prop_assert_eq!(pairs.len(), 2, "{}", request.target);
            prop_assert_eq!(pairs[1], "role=user");
            prop_assert_ne!(decoded(pairs[0].split('=').next().unwrap()), "role");
        }
        let arguments = json!({"plain": "x", "list": "x", "spread": "x", "object": object});
        if let Ok(request) = request(&api, "matrix", &arguments) {
            prop_assert_eq!(request.target.split('/').count(), 6, "{}", request.target);
            prop_assert_eq!(request.target.matches(';').count(), 4, "{}", request.target);
        }
    }
}
