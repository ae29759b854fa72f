use crate::config::{Document, OpenApi, Place, Settings, Surroundings, Transport, Typed, read};
use base::config::{Problems, yaml};
use base::environment::Environment;
use std::path::Path;

fn settings(text: &str) -> Result<Settings, Vec<base::Error>> {
    let document = yaml("tutti.yaml", text).unwrap();
    let environment = Environment::from_pairs([], Path::new("/w"));
    let surroundings = Surroundings { environment, folder: "/w".into(), supervisor: None };
    let problems = Problems::new();
    let typed = Typed { name: "api", node: &document.root, file: "tutti.yaml", fault: None };
    let settings = read(&problems, &[typed], None, &surroundings);
    problems.into_result().map(|()| settings)
}

fn api(text: &str) -> OpenApi {
    let settings = settings(text).unwrap_or_else(|errors| panic!("{errors:?}"));
    let Transport::OpenApi(api) = settings.servers[0].transport.clone() else { panic!("an API") };
    *api
}

#[test]
fn entries_are_read() {
    let plain = api("openapi: ./a.yaml");
    assert_eq!(plain.document, Document::File("/w/./a.yaml".into(), None));
    assert!(!plain.selected && plain.base.is_none() && !plain.encoded_slashes);
    let full = api("openapi: https://a.example/openapi.json?x=secret
base_url: http://b/v1/
operations: { allow: [a, 'GET /b/{c}'], deny: [d] }
headers: { X-A: b }
encoded_slashes: true
auth: { bearer: t, api_key: { in: query, name: key, value: secret } }");
    assert_eq!(full.base.as_ref().map(ToString::to_string).as_deref(), Some("http://b/v1"));
    assert!(full.selected && full.encoded_slashes && full.auth.bearer.is_some());
    let key = full.auth.api_key.as_ref().unwrap();
    assert_eq!((key.place, key.name.as_str(), key.value.expose().as_str()), (Place::Query, "key", "secret"));
    assert_eq!(full.summary(), "https://a.example/openapi.json (the operations under `allow`)");
    assert!(!format!("{full:?}").contains("\"t\""), "{full:?}");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, word) in [
        ("openapi: a.yaml\nurl: http://a", "more than one"),
        ("openapi: a.yaml\nbuiltin: files", "more than one"),
        ("url: http://a\nbase_url: http://b", "for `openapi` only"),
        ("base_url: http://b", "neither"),
        ("openapi: ftp://a/b", "neither https:// nor http://"),
        ("openapi: a.yaml\nbase_url: b", "`base_url`"),
        ("openapi: a.yaml\nbase_url: http://me:hidden@b", "holds a credential"),
        ("openapi: a.yaml\noperations: { allow: ['[a'] }", "is no pattern"),
        ("openapi: a.yaml\noperations: { alow: [] }", "alow"),
        ("openapi: a.yaml\nauth: { bearer: a, basic: { username: b, password: c } }", "both"),
        ("openapi: a.yaml\nauth: { basic: { username: b } }", "needs `password`"),
        ("openapi: a.yaml\ntransform: { x: { response: '{{ a' } }", "`response` is none"),
        ("openapi: a.yaml\ntransform: { x: { input: { type: string } } }", "schema of an object"),
        ("openapi: a.yaml\ntransform: { x: { requst: a } }", "requst"),
        ("openapi: a.yaml\nauth: { api_key: { in: body, name: a, value: b } }", "cannot be `body`"),
    ] {
        let errors = settings(text).expect_err(text);
        assert!(errors.iter().any(|error| error.to_string().contains(word)), "{text}: {errors:?}");
        assert!(errors.iter().all(|error| error.location().is_some()), "{text}: {errors:?}");
        assert!(!format!("{errors:?}").contains("hidden"), "{errors:?}");
    }
}

/// Whatever says how it is reached makes another server of it.
#[test]
fn every_part_counts_for_what_is_remembered() {
    let texts = [
        "openapi: a.yaml",
        "openapi: b.yaml",
        "openapi: http://a/b",
        "openapi: a.yaml\nbase_url: http://b",
        "openapi: a.yaml\noperations: { allow: [x] }",
        "openapi: a.yaml\noperations: { deny: [x] }",
        "openapi: a.yaml\nheaders: { a: b }",
        "openapi: a.yaml\nauth: { bearer: a }",
        "openapi: a.yaml\nauth: { api_key: { name: a, value: b } }",
        "openapi: a.yaml\nauth: { api_key: { name: a, value: c } }",
        "openapi: a.yaml\nencoded_slashes: true",
        "openapi: a.yaml\ntransform: { x: { response: 'a' } }",
        "openapi: a.yaml\ntransform: { x: { response: 'b' } }",
    ];
    let prints: std::collections::HashSet<_> =
        texts.iter().map(|text| settings(text).unwrap().servers[0].fingerprint()).collect();
    assert_eq!(prints.len(), texts.len());
}
