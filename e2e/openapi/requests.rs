//! What becomes of a call: which tools there are, and what the API is asked.

use super::{Api, Asked, Said, ready, shop};
use crate::harness::{Era, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("openapi":
        operations_are_tools,
        an_operation_is_called,
    );
    tests.extend(trials!("openapi":
        what_changes_something_is_served_when_it_is_allowed,
        a_changed_document_changes_the_tools,
        a_document_is_fetched_with_the_credential_of_its_own_host,
        commands_show_what_is_served,
        credentials_come_from_the_configuration,
        templates_change_requests_and_answers,
        an_api_is_added_and_looked_at,
        the_key_of_a_call_goes_to_operations_that_write,
    ));
    tests
}

/// Answers every request with a pet of that number.
fn pets(asked: &Asked) -> Said {
    match (asked.method.as_str(), asked.path()) {
        ("GET", "/v1/pets") => Said::json(&json!([{"id": 1, "name": "Rex"}])),
        ("POST", "/v1/pets") => Said::json(&json!({"id": 2, "name": "Tom"})).status(201),
        ("GET", "/v1/pets/1") => Said::of("application/json", "{ \"id\": 1,\n  \"name\": \"Rex\", \"price\": 1.50 }"),
        ("GET", "/v1/health") => Said::of("text/plain", "fine"),
        _ => Said::json(&json!({"why": "no such pet"})).status(404),
    }
}

async fn operations_are_tools(era: Era) {
    let api = Api::start(pets).await;
    let hub = ready(shop(&api.url, json!({}))).await;
    let client = hub.client_of(era).await;
    let names = client.tool_names().await;
    assert_eq!(names, ["pets__listPets", "pets__getPet", "pets__getPicture", "pets__get_health"]);
    let tools = client.request("tools/list", json!({})).await.result()["tools"].clone();
    let list = &tools[0];
    assert_eq!((&list["title"], &list["annotations"]["readOnlyHint"]), (&json!("All pets"), &json!(true)));
    let limit = &list["inputSchema"]["properties"]["limit"];
    assert_eq!(limit["exclusiveMinimum"], 0, "{limit}");
    assert!(limit.get("minimum").is_none(), "{limit}");
    assert_eq!(list["outputSchema"]["properties"]["result"]["items"]["$ref"], "#/$defs/Pet");
    let pet = &tools[1]["outputSchema"];
    assert_eq!(pet["properties"]["nick"]["type"], json!(["string", "null"]), "{pet}");
    assert_eq!(pet["properties"]["parent"]["$ref"], "#/$defs/Pet");
    assert_eq!(pet["$defs"]["Pet"]["properties"]["parent"]["$ref"], "#/$defs/Pet");
}

async fn an_operation_is_called(era: Era) {
    let api = Api::start(pets).await;
    let hub = ready(shop(&api.url, json!({}))).await;
    let client = hub.client_of(era).await;
    let reply = client.call("pets__getPet", json!({"petId": "1", "X-Trace": "a b", "session": "s;x"})).await;
    assert_eq!(reply.structured()["name"], "Rex");
    assert!(reply.text().contains("1.50"), "the answer is given as it came: {}", reply.raw);
    let asked = api.last();
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("GET", "/v1/pets/1"));
    assert_eq!(asked.header("x-trace"), Some("a b"));
    assert_eq!(asked.header("cookie"), Some("session=s%3Bx"));
    let reply = client.call("pets__listPets", json!({"limit": 5, "tag": ["a", "b c"], "filter_name": "R&x"})).await;
    assert_eq!(reply.structured()["result"][0]["id"], 1, "a list stands under a name: {}", reply.raw);
    assert_eq!(api.last().target, "/v1/pets?limit=5&tag=a&tag=b%20c&filter%5Bname%5D=R%26x");
    assert_eq!(client.call("pets__get_health", json!({})).await.text(), "fine");
}

async fn the_key_of_a_call_goes_to_operations_that_write() {
    let api = Api::start(pets).await;
    let hub = ready(shop(&api.url, json!({"operations": {"allow": ["*Pet"]}}))).await;
    let client = hub.modern();
    let call = async |tool: &str, arguments: Value, key: &str| {
        let params = json!({"name": tool, "arguments": arguments, "_meta": {"tutti/idempotency-key": key}});
        client.request("tools/call", params).await.result();
        api.last().header("idempotency-key").map(str::to_owned)
    };
    let (write, read) = (json!({"body": {"name": "Tom"}}), json!({"petId": "1"}));
    // Bound to whoever calls, whatever it is.
    let mut told = Vec::new();
    for key in ["a1-b2", "a b", "a\nX-Other: b", "é", &"a".repeat(256)] {
        let sent = call("pets__addPet", write.clone(), key).await.expect("a key goes to what writes");
        assert!(sent.len() == 64 && sent.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}: {sent}");
        assert!(!told.contains(&sent), "{key}: another key is another");
        assert_eq!(call("pets__addPet", write.clone(), key).await.as_ref(), Some(&sent), "{key}: the same is the same");
        told.push(sent);
    }
    assert_eq!(call("pets__getPet", read, "a1-b2").await, None);
    assert_eq!(call("pets__addPet", write, "").await, None);
}

async fn what_changes_something_is_served_when_it_is_allowed() {
    let api = Api::start(pets).await;
    let hub =
        ready(shop(&api.url, json!({"operations": {"allow": ["*Pet", "GET /pets"], "deny": ["deletePet"]}}))).await;
    let names = hub.modern().tool_names().await;
    assert_eq!(names, ["pets__listPets", "pets__addPet", "pets__getPet"]);
    let reply = hub.call("pets__addPet", json!({"body": {"name": "Tom"}})).await;
    assert_eq!(reply.structured()["id"], 2);
    let asked = api.last();
    assert_eq!((asked.method.as_str(), asked.header("content-type")), ("POST", Some("application/json")));
    assert_eq!(serde_json::from_slice::<Value>(&asked.body).unwrap(), json!({"name": "Tom"}));
    let unknown = hub.call("pets__deletePet", json!({"petId": "1"})).await;
    unknown.assert_code(&["T-0305"]);
}

async fn a_changed_document_changes_the_tools() {
    let api = Api::start(pets).await;
    let hub = ready(shop(&api.url, json!({}))).await;
    let document = super::PETS.replace("operationId: getPet\n", "operationId: onePet\n");
    crate::harness::replace(&hub.setup.path("pets.yaml"), &document);
    hub.wait_for_tool("pets__onePet").await;
    assert_eq!(hub.call("pets__onePet", json!({"petId": "1"})).await.structured()["id"], 1);
}

async fn a_document_is_fetched_with_the_credential_of_its_own_host() {
    let api = Api::start(|asked: &Asked| match asked.path() {
        "/docs/openapi.yaml" => Said::of("application/yaml", super::PETS.replace("http://pets.invalid/v1", "../v1")),
        _ => pets(asked),
    })
    .await;
    let address = format!("{}/docs/openapi.yaml?version=1", api.url);
    let mut setup = shop(&api.url, json!({"auth": {"bearer": "secret-token"}}));
    setup.config["servers"]["pets"]["openapi"] = json!(address);
    setup.config["servers"]["pets"].as_object_mut().unwrap().remove("base_url");
    let hub = ready(setup).await;
    assert_eq!(hub.call("pets__getPet", json!({"petId": "1"})).await.structured()["id"], 1);
    let asked = api.asked();
    assert_eq!((asked[0].target.as_str(), asked[1].target.as_str()), ("/docs/openapi.yaml?version=1", "/v1/pets/1"));
    assert!(asked.iter().all(|asked| asked.header("authorization") == Some("Bearer secret-token")), "{asked:?}");
    let server = hub.server("pets").await;
    assert!(!server.to_string().contains("version=1"), "a query may hold a secret: {server}");
}

async fn commands_show_what_is_served() {
    let api = Api::start(pets).await;
    let hub = ready(shop(&api.url, json!({}))).await;
    let server = hub.server("pets").await;
    assert_eq!((&server["transport"], &server["tools"]), (&json!("openapi"), &json!(4)));
    let target = server["target"].as_str().unwrap_or_default();
    assert!(target.ends_with("pets.yaml (operations that only read)"), "{server}");
    assert_eq!(server["software"], "Pet shop 1.10");
    let logs = crate::harness::Http::new("GET", &hub.at("/api/v1/servers/pets/logs")).send().await.text();
    assert!(logs.contains("2 that may change something are not served"), "{logs}");
    assert!(logs.contains("addPet, deletePet"), "{logs}");
}

async fn credentials_come_from_the_configuration() {
    let api = Api::start(pets).await;
    let entry = json!({
        "auth": {"basic": {"username": "me", "password": "${PASSWORD}"}, "api_key": {"in": "query", "name": "key", "value": "k&1"}},
        "headers": {"X-Trace": "ours"},
    });
    let hub = ready(shop(&api.url, entry).environment("PASSWORD", "secret-pass")).await;
    assert_eq!(hub.call("pets__listPets", json!({"limit": 1})).await.structured()["result"][0]["id"], 1);
    let asked = api.last();
    assert_eq!(asked.target, "/v1/pets?limit=1&key=k%261");
    assert_eq!(asked.header("authorization"), Some("Basic bWU6c2VjcmV0LXBhc3M="));
    assert_eq!(asked.header("x-trace"), Some("ours"));
    let refused = hub.call("pets__getPet", json!({"petId": "1", "X-Trace": "theirs"})).await;
    assert_eq!(refused.structured()["code"], "T-0222", "what the operator sets is no argument: {}", refused.raw);
    assert!(!hub.stderr().contains("secret-pass") && !hub.server("pets").await.to_string().contains("secret-pass"));
}

async fn templates_change_requests_and_answers() {
    let api = Api::start(pets).await;
    let request = "{\"petId\": {{ arguments.number }}, \"X-Trace\": \"fixed\"}";
    let input = json!({"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]});
    let entry = json!({"transform": {
        "getPet": {"input": input, "request": request, "response": "{{ body.name }} costs {{ body.price }}"},
        "GET /pets": {"response": "{\"names\": {{ body | map(attribute='name') | list | tojson }}}"},
    }});
    let hub = ready(shop(&api.url, entry)).await;
    let tools = hub.modern().request("tools/list", json!({})).await.result()["tools"].clone();
    assert_eq!((&tools[1]["inputSchema"], tools[1].get("outputSchema")), (&input, None));
    assert_eq!(hub.call("pets__getPet", json!({"number": 1})).await.text(), "Rex costs 1.5");
    assert_eq!(api.last().header("x-trace"), Some("fixed"));
    assert_eq!(hub.call("pets__listPets", json!({})).await.structured(), &json!({"names": ["Rex"]}));
    // What comes out of a template is put in its place like any other argument, and a template is never read twice.
    for number in [json!("../admin"), json!("{{ 7 * 7 }}/x")] {
        let reply = hub.call("pets__getPet", json!({"number": number})).await;
        assert_eq!(reply.structured()["code"], "T-0222", "{}", reply.raw);
    }
    let missing = hub.call("pets__getPet", json!({})).await;
    assert_eq!((&missing.structured()["code"], &missing.result()["isError"]), (&json!("T-0225"), &json!(true)));
}

/// What is served of a document is said before anything is called: when it is added, and by the doctor.
async fn an_api_is_added_and_looked_at() {
    let setup = shop("http://127.0.0.1:1", json!({}));
    let (config, document) = (setup.path_text("added.yaml"), setup.path_text("pets.yaml"));
    let environment: Vec<(&str, &str)> =
        setup.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let add = ["server", "add", "pets", "--yes", "--config", &config, "--openapi", &document, "--allow", "*Pet"];
    let run = crate::harness::tutti(&add, &environment).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("3 operations of http://pets.invalid/v1 are served"), "{run:?}");
    assert!(run.stderr.contains("listPets is not served: `operations.allow` does not name it"), "{run:?}");
    let run = crate::harness::tutti(&["doctor", "--config", &config], &environment).await;
    assert!(run.stdout.contains("3 operations of http://pets.invalid/v1 are served"), "{run:?}");
}
