//! Whether the document says what is so: its paths, their methods, and each member of real answers.

use super::{document, hub_of, request};
use crate::harness::{Answer, Hub, trials};
use crate::oauth::realm::Realm;
use crate::security::STRONG;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("api":
        document_names_the_paths_and_methods_that_are_served,
        document_describes_each_member_of_real_answers,
        document_of_a_hub_without_a_key_asks_for_none,
    )
}

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"];

async fn document_names_the_paths_and_methods_that_are_served() {
    let realm = Realm::start().await;
    let hub = hub_of(&realm).await;
    let document = document(&hub).await;
    for (path, operations) in document["paths"].as_object().expect("it has paths") {
        for method in METHODS {
            let answer =
                request(&hub, method, &filled(path, if path.contains("{secret}") { "A" } else { "good" })).send().await;
            let told = operations.get(method.to_lowercase()).is_some();
            assert_eq!(answer.status == 405, !told, "{method} {path}: {}", answer.text());
            if !told {
                assert_eq!(code_of(&answer), "T-0323", "{method} {path}: {}", answer.text());
                let allowed = answer.header("allow").expect("a 405 says what is taken").to_owned();
                let known = allowed.split(',').map(str::trim).filter(|method| *method != "HEAD");
                let known: Vec<String> = known.map(str::to_lowercase).collect();
                assert!(known.iter().all(|method| operations.get(method).is_some()), "{path}: {allowed}");
                assert_eq!(known.len(), operations.as_object().expect("an object").len(), "{path}: {allowed}");
            }
        }
    }
    for path in ["/api/v1", "/api/v1/", "/api/v2/servers", "/api/v1/servers/good/nothing"] {
        let answer = request(&hub, "GET", path).send().await;
        assert_eq!((answer.status, code_of(&answer).as_str()), (404, "T-0322"), "{path}: {}", answer.text());
    }
}

/// A path with something in each of its places.
fn filled(path: &str, name: &str) -> String {
    let path = path.replace("{name}", name).replace("{secret}", name).replace("{version}", name);
    path.replace("{serverName}", "local.tutti%2Fall").replace("{model}", "near%2Fsmall")
}

/// What is asked of the registry, and of no server: method, path, query, name, body, status.
const OF_NO_SERVER: [(&str, &str, &str, &str, Value, u16); 23] = [
    ("GET", "/api/v1/models", "", "", Value::Null, 200),
    ("GET", "/api/v1/models/{model}", "?probe", "", Value::Null, 200),
    ("GET", "/api/v1/usage", "?by=key,day&since=1d", "", Value::Null, 200),
    ("GET", "/api/v1/usage", "?by=colour", "", Value::Null, 400),
    ("GET", "/api/v1/usage", "?since=yesterday", "", Value::Null, 400),
    ("GET", "/api/v1/budgets", "", "", Value::Null, 200),
    ("GET", "/api/v1/memory", "?scope=project&after=a@b&limit=1", "", Value::Null, 200),
    ("GET", "/api/v1/memory", "?limit=1001", "", Value::Null, 400),
    ("GET", "/api/v1/memory/search", "?query=words", "", Value::Null, 200),
    ("GET", "/api/v1/memory/stats", "", "", Value::Null, 200),
    ("GET", "/api/v1/memory/fragments/{scope}/{key}", "", "", Value::Null, 404),
    ("GET", "/api/v1/memory/handles/{handle}", "", "", Value::Null, 404),
    ("POST", "/api/v1/memory/prune", "?dry_run", "", Value::Null, 200),
    ("POST", "/api/v1/memory/prune", "?older_than=x", "", Value::Null, 400),
    ("GET", "/healthz", "", "", Value::Null, 200),
    ("GET", "/readyz", "?verbose", "", Value::Null, 200),
    ("GET", "/readyz", "?require=all", "", Value::Null, 503),
    ("GET", "/api/v1/openapi.json", "", "", Value::Null, 200),
    ("GET", "/v0.1/servers", "?limit=1&search=a", "", Value::Null, 200),
    ("GET", "/v0.1/servers", "?limit=1000", "", Value::Null, 400),
    ("GET", "/v0.1/servers/{serverName}/versions", "", "", Value::Null, 200),
    ("GET", "/v0.1/servers/{serverName}/versions/{version}", "", "latest", Value::Null, 200),
    ("GET", "/v0.1/servers/{serverName}/versions/{version}", "", "0", Value::Null, 404),
];

async fn document_describes_each_member_of_real_answers() {
    let realm = Realm::start().await;
    let hub = hub_of(&realm).await;
    hub.call("good__add", json!({"a": 1, "b": 2})).await.result();
    let mail = hub.server("mail").await;
    assert!(!mail["flagged"].as_array().expect("a list").is_empty(), "there is one of all to compare: {mail}");
    let document = document(&hub).await;
    let plan = |tool: &str| json!({"steps": [{"name": "a", "tool": tool, "arguments": {"a": 1, "b": 2}}]});
    let redirect = json!({"redirect_uri": "http://127.0.0.1:9/callback"});
    for (method, path, query, name, body, status) in [
        ("GET", "/api/v1/servers", "?settle=1", "", Value::Null, 200),
        ("GET", "/api/v1/servers", "?settle=x", "", Value::Null, 400),
        ("GET", "/api/v1/servers/{name}", "", "good", Value::Null, 200),
        ("GET", "/api/v1/servers/{name}", "", "docs", Value::Null, 200),
        ("GET", "/api/v1/servers/{name}", "", "nobody", Value::Null, 404),
        ("GET", "/api/v1/servers/{name}/logs", "?after=0", "good", Value::Null, 200),
        ("POST", "/api/v1/servers/{name}/restart", "", "good", Value::Null, 200),
        ("POST", "/api/v1/servers/{name}/restart", "", "docs", Value::Null, 401),
        ("GET", "/api/v1/servers/{name}", "", "mail", Value::Null, 200),
        ("GET", "/api/v1/servers/{name}/quarantine", "", "good", Value::Null, 200),
        ("GET", "/api/v1/servers/{name}/quarantine", "", "mail", Value::Null, 200),
        ("GET", "/api/v1/servers/{name}/quarantine", "", "nobody", Value::Null, 404),
        ("POST", "/api/v1/servers/{name}/approve", "", "mail", json!({"approval": "AAAA"}), 403),
        ("POST", "/api/v1/servers/{name}/approve", "", "nobody", json!({"approval": "AAAA"}), 404),
        ("GET", "/api/v1/servers/{name}/login", "", "docs", Value::Null, 200),
        ("GET", "/api/v1/servers/{name}/login", "", "good", Value::Null, 409),
        ("POST", "/api/v1/servers/{name}/login", "", "docs", redirect, 200),
        ("POST", "/api/v1/servers/{name}/login/finish", "", "docs", json!({"query": "code=c&state=s"}), 403),
        ("POST", "/api/v1/servers/{name}/logout", "", "docs", Value::Null, 200),
        ("POST", "/api/v1/plans/explain", "", "", plan("good__add"), 200),
        ("POST", "/api/v1/plans/explain", "", "", plan("nothing"), 200),
        ("POST", "/api/v1/plans/explain", "?view=none", "", plan("good__add"), 404),
        ("GET", "/api/v1/plans/profile", "", "", Value::Null, 200),
        ("POST", "/api/v1/tools/search", "", "", json!({"text": "add two numbers", "limit": 1}), 200),
        ("POST", "/api/v1/tools/search", "", "", json!({"text": "add", "limit": 0}), 400),
        ("POST", "/api/v1/tools/search", "", "", json!({"query": "add", "server": "nobody"}), 404),
        ("POST", "/api/v1/tools/search", "?view=none", "", json!({"text": "add"}), 404),
        ("PUT", "/api/v1/secrets/{secret}", "", "A", json!({"value": "x"}), 200),
        ("PUT", "/api/v1/secrets/{secret}", "", "A", json!({"value": ""}), 400),
        ("GET", "/api/v1/secrets", "", "", Value::Null, 200),
        ("DELETE", "/api/v1/secrets/{secret}", "", "A", Value::Null, 200),
        ("DELETE", "/api/v1/secrets/{secret}", "", "A", Value::Null, 404),
    ]
    .into_iter()
    .chain(OF_NO_SERVER)
    {
        let mut sent = request(&hub, method, &(filled(path, name) + query));
        if !body.is_null() {
            sent = sent.header("content-type", "application/json").body(body.to_string());
        }
        let answer = sent.send().await;
        let what = format!("{method} {path}{query} of {name:?}");
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        let told = &document["paths"][path][method.to_lowercase()]["responses"][status.to_string()];
        compare(&document, &told["content"]["application/json"]["schema"], &answer.json(), &what);
        let code = code_of(&answer);
        let meanings = told["description"].as_str().unwrap_or_else(|| panic!("{what}: the status is told of"));
        assert!(meanings.contains(&code), "{what}: {code} is told of in {meanings}");
    }
}

async fn document_of_a_hub_without_a_key_asks_for_none() {
    let hub = crate::harness::Setup::new().start().await;
    let document = document(&hub).await;
    assert_eq!(document["security"], json!([]));
    let with_key = crate::harness::Setup::new().with("key", json!(STRONG)).start().await;
    let document = super::document(&with_key).await;
    assert_eq!(document["security"], json!([{"key": []}]));
    assert_eq!(document["components"]["securitySchemes"]["key"]["scheme"], "bearer");
    refuses_without_key(&with_key).await;
}

async fn refuses_without_key(hub: &Hub) {
    let answer = request(hub, "GET", "/api/v1/openapi.json").without("authorization").send().await;
    assert_eq!((answer.status, code_of(&answer).as_str()), (401, "T-0403"), "{}", answer.text());
}

fn code_of(answer: &Answer) -> String {
    answer.json()["error"]["data"]["code"].as_str().unwrap_or_default().to_owned()
}

/// Whether `value` has the members that the schema requires, and none that it does not know: schemas for others leave
/// room for what is added, which a test of what there is must not. Types and values are checked by schemathesis.
fn compare(document: &Value, schema: &Value, value: &Value, at: &str) {
    let follow = |schema: &Value| match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).cloned().unwrap_or_default(),
        None => schema.clone(),
    };
    let mut schema = follow(schema);
    if let Some(choices) = schema["anyOf"].as_array().filter(|_| !value.is_null()) {
        schema = follow(&choices[0]);
    }
    match value {
        Value::Object(members) => {
            let Some(known) = schema["properties"].as_object() else {
                assert_eq!(schema["type"], "object", "{at}: an object that the document does not tell of");
                return;
            };
            for (name, value) in members {
                let told = known.get(name).unwrap_or_else(|| panic!("{at}: `{name}` is not described"));
                assert!(told.get("$ref").is_some() || told.is_object(), "{at}: `{name}`");
                compare(document, told, value, &format!("{at}.{name}"));
            }
            for name in schema["required"].as_array().into_iter().flatten() {
                assert!(members.contains_key(name.as_str().unwrap_or_default()), "{at}: {name} is missing in {value}");
            }
        }
        Value::Array(values) => {
            assert_eq!(schema["type"], "array", "{at}: {value}");
            values.iter().for_each(|value| compare(document, &schema["items"], value, at));
        }
        _ => assert!(schema.is_object(), "{at}: a value that the document does not tell of"),
    }
}
