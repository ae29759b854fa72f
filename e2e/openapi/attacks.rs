//! Attacks on and by APIs: an argument that leaves its place, an API that leads credentials away.

use super::{Api, Asked, Said, ready, shop};
use crate::harness::trials;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("openapi::attacks":
        a45_arguments_stay_in_their_place,
        a44_credentials_stay_with_their_origin,
        a10_a_compressed_answer_is_refused,
        a40_an_answer_has_a_limit,
        a39_references_lead_nowhere_else,
        a81_a_fetched_document_names_no_other_host,
        a32_resources_of_answers_are_not_fetched,
        a49_an_api_that_never_answers_ends_in_time,
        a112_a_bomb_for_a_document_costs_only_itself,
    )
}

/// The inputs of the attack, and some of their kin.
const INPUTS: [&str; 14] = [
    "../admin",
    "..",
    ".",
    "",
    "1/../../",
    "{\"id\":\"1/../../\"}",
    "?x=1&role=admin",
    "\r\nX-Evil: yes",
    "%2e%2e%2fadmin",
    "%2e%2e",
    "1/delete",
    "..\\admin",
    "1;role=admin",
    "1#role",
];

async fn a45_arguments_stay_in_their_place() {
    let api = Api::start(|_: &Asked| Said::json(&json!({"id": 1, "name": "Rex"}))).await;
    let hub = ready(shop(&api.url, json!({}))).await;
    for input in INPUTS {
        for argument in ["petId", "X-Trace", "session"] {
            let mut arguments = json!({"petId": "1"});
            arguments[argument] = json!(input);
            let before = api.asked().len();
            let reply = hub.call("pets__getPet", arguments).await;
            if reply.result()["isError"] == json!(true) {
                assert_eq!(reply.structured()["code"], "T-0222", "{input:?} in {argument}: {}", reply.raw);
                assert_eq!(api.asked().len(), before, "nothing is sent of what is refused");
                continue;
            }
            let asked = api.last();
            assert_eq!(asked.method, "GET");
            let segments: Vec<&str> = asked.target.split('/').collect();
            let ["", "v1", "pets", id] = segments.as_slice() else { panic!("{input:?} in {argument}: {asked:?}") };
            assert!(!id.contains(['?', '#', ';']), "{input:?} in {argument}: {asked:?}");
            assert_eq!(asked.header("x-evil"), None, "{input:?} in {argument}");
            let cookie = asked.header("cookie").unwrap_or("session=");
            assert!(!cookie.contains(';'), "{input:?} in {argument}: {cookie}");
        }
        let reply = hub.call("pets__listPets", json!({"filter_name": input, "tag": [input]})).await;
        assert_ne!(reply.result()["isError"], json!(true), "a query can say anything: {}", reply.raw);
        let target = api.last().target;
        let query = target.strip_prefix("/v1/pets?").unwrap_or_else(|| panic!("{target}"));
        let names: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).collect();
        assert_eq!(names, ["tag", "filter%5Bname%5D"], "{input:?}: {query}");
    }
}

/// The other host hears nothing at all.
async fn a44_credentials_stay_with_their_origin() {
    let other = Api::start(|_: &Asked| Said::json(&json!({"id": 1, "name": "stolen"}))).await;
    let elsewhere = other.url.clone();
    let api = Api::start(move |asked: &Asked| match asked.path() {
        "/v1/pets/away" => Said::of("text/plain", "").status(302).header("location", &format!("{elsewhere}/v1/pets/1")),
        "/v1/pets/near" => Said::of("text/plain", "").status(302).header("location", "/v1/pets/1"),
        "/v1/pets/round" => Said::of("text/plain", "").status(302).header("location", "/v1/pets/round"),
        _ => Said::json(&json!({"id": 1, "name": "Rex"})),
    })
    .await;
    let hub = ready(shop(&api.url, json!({"auth": {"bearer": "secret-token"}}))).await;
    let away = hub.call("pets__getPet", json!({"petId": "away"})).await;
    assert_eq!((&away.result()["isError"], &away.structured()["code"]), (&json!(true), &json!("T-0224")));
    assert!(other.asked().is_empty(), "nobody else is asked: {:?}", other.asked());
    let near = hub.call("pets__getPet", json!({"petId": "near"})).await;
    assert_eq!(near.structured()["name"], "Rex", "within the API a redirection is followed: {}", near.raw);
    hub.call("pets__getPet", json!({"petId": "round"})).await.assert_code(&["T-0224"]);
}

async fn a10_a_compressed_answer_is_refused() {
    let api = Api::start(|asked: &Asked| {
        assert_eq!(asked.header("accept-encoding"), Some("identity"));
        Said::of("application/json", vec![0x1f, 0x8b]).header("content-encoding", "gzip")
    })
    .await;
    let hub = ready(shop(&api.url, json!({}))).await;
    let reply = hub.call("pets__getPet", json!({"petId": "1"})).await;
    assert_eq!(reply.structured()["code"], "T-0226", "{}", reply.raw);
}

async fn a40_an_answer_has_a_limit() {
    let api = Api::start(|_: &Asked| Said::of("text/plain", vec![b'x'; 100_000])).await;
    let hub = ready(shop(&api.url, json!({"limits": {"message": "64KiB"}}))).await;
    hub.call("pets__get_health", json!({})).await.assert_fault(&["T-0208"], "pets");
}

async fn a39_references_lead_nowhere_else() {
    let other = Api::start(|_: &Asked| Said::json(&json!({"type": "string"}))).await;
    let document = super::PETS
        .replace(
            "name: limit, in: query, description: How many at most, schema: {",
            "name: limit, in: query, schema: { $ref: \"URL\", x: {",
        )
        .replace("maximum: 100 } }", "maximum: 100 } } }")
        .replace("URL", &format!("{}/schema.json", other.url));
    let hub = ready(super::described(&document, &other.url, json!({}))).await;
    let names = hub.modern().tool_names().await;
    assert_eq!(names, ["pets__getPet", "pets__getPicture", "pets__get_health"]);
    let logs = crate::harness::Http::new("GET", &hub.at("/api/v1/servers/pets/logs")).send().await.text();
    assert!(logs.contains("listPets is not served") && logs.contains("leads out of the document"), "{logs}");
    assert!(other.asked().is_empty(), "nothing is fetched: {:?}", other.asked());
}

async fn a81_a_fetched_document_names_no_other_host() {
    let api = Api::start(|_: &Asked| Said::of("application/yaml", super::PETS)).await;
    let mut setup = shop(&api.url, json!({"auth": {"bearer": "secret-token"}}));
    setup.config["servers"]["pets"] = json!({"openapi": format!("{}/openapi.yaml", api.url)});
    let hub = setup.start().await;
    let refused = |server: &Value| server["error"]["code"] == "T-0220";
    let server = hub.wait_for("pets", "the document is refused", refused).await;
    assert!(server["error"]["next"].as_str().is_some_and(|next| next.contains("base_url")), "{server}");
}

/// The address of bytes in an answer names nothing that could be read.
async fn a32_resources_of_answers_are_not_fetched() {
    let api = Api::start(|_: &Asked| Said::of("application/x-thing", vec![0, 255])).await;
    let hub = ready(shop(&api.url, json!({}))).await;
    let thing = hub.call("pets__getPicture", json!({"petId": "2"})).await;
    let own = thing.result()["content"][0]["resource"]["uri"].as_str().expect("it has an address").to_owned();
    let before = api.asked().len();
    for uri in [own.as_str(), "tutti://pets/file:///etc/passwd", &format!("tutti://pets/{}/v1/pets", api.url)] {
        let reply = hub.modern().request("resources/read", json!({"uri": uri})).await;
        assert!(reply.message.get("error").is_some(), "{uri}: {}", reply.raw);
    }
    assert_eq!(api.asked().len(), before, "nothing is asked: {:?}", api.asked());
}

async fn a49_an_api_that_never_answers_ends_in_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let url = format!("http://{}", listener.local_addr().expect("it has an address"));
    let setup = shop(&url, json!({"timeouts": {"call": "300ms"}, "retry": {"attempts": 1}}));
    let hub = ready(setup.fixture("good", &[], json!({}))).await;
    hub.wait_for_tool("good__echo").await;
    hub.call("pets__getPet", json!({"petId": "1"})).await.assert_fault(&["T-0204"], "pets");
    let (mut socket, _) = listener.accept().await.expect("it was connected to");
    let mut request = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut socket, &mut request);
    crate::harness::within("the connection of a call that was given up closes", read).await.expect("it can be read");
    assert!(request.starts_with(b"GET /v1/pets/1 HTTP/1.1\r\n"), "{}", String::from_utf8_lossy(&request));
    hub.assert_good().await;
}

async fn a112_a_bomb_for_a_document_costs_only_itself() {
    let mut document = "openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        document.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    let setup = super::described(&document, "http://127.0.0.1:1", json!({}));
    let hub = setup.fixture("good", &[], json!({})).start().await;
    hub.wait_for_tool("good__echo").await;
    let refused = |server: &Value| server["error"]["code"] == "T-0220" && server["state"] == "refused";
    let server = hub.wait_for("pets", "the document is refused", refused).await;
    assert!(server["error"]["location"]["file"].as_str().is_some_and(|file| file.ends_with("pets.yaml")), "{server}");
    hub.assert_good().await;
}
