//! The views as servers of an MCP registry.

use crate::harness::{Answer, Http, Hub, Setup, trials, tutti};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("api::registry":
        views_are_servers_with_addresses,
        entries_come_in_pages_and_by_name,
        a28_key_sees_the_entries_of_its_views_only,
        answers_are_servers_that_tutti_itself_takes_over,
        settings_that_name_no_registry_are_refused,
    )
}

const KEY: &str = "re-5Qv2nXw8RkLz7Ys3Bd9Hf4Jm6Pc1Tg0U";

fn setup() -> Setup {
    Setup::pair(&[], json!({})).with("views", json!({"some": {"tools": ["good__*"]}, "more": {"servers": ["good"]}}))
}

async fn ask(hub: &Hub, key: Option<&str>, path: &str) -> Answer {
    let request = Http::new("GET", &hub.at(path));
    match key {
        Some(key) => request.header("authorization", &format!("Bearer {key}")).send().await,
        None => request.send().await,
    }
}

fn names(answer: &Answer) -> Vec<String> {
    let answer = answer.json();
    let servers = answer["servers"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    servers.iter().map(|entry| entry["server"]["name"].as_str().expect("a name").to_owned()).collect()
}

async fn views_are_servers_with_addresses() {
    let hub = setup().ready().await;
    let list = ask(&hub, None, "/v0.1/servers").await;
    assert_eq!(names(&list), ["local.tutti/all", "local.tutti/more", "local.tutti/some"]);
    let list = list.json();
    assert_eq!(list["metadata"], json!({"count": 3}));
    let remotes = |entry: &Value| entry["server"]["remotes"].clone();
    assert_eq!(remotes(&list["servers"][0]), json!([{"type": "streamable-http", "url": hub.at("/mcp")}]));
    assert_eq!(remotes(&list["servers"][2]), json!([{"type": "streamable-http", "url": hub.at("/mcp/some")}]));
    let one = ask(&hub, None, "/v0.1/servers/local.tutti%2Fsome/versions/latest").await;
    assert_eq!((one.status, one.json()), (200, list["servers"][2].clone()));
    let versions = ask(&hub, None, "/v0.1/servers/local.tutti%2Fsome/versions").await;
    assert_eq!(versions.json(), json!({"servers": [list["servers"][2]], "metadata": {"count": 1}}));
    for missing in ["local.tutti%2Fnone/versions", "com.example%2Fsome/versions", "local.tutti%2Fsome/versions/9.9.9"] {
        let answer = ask(&hub, None, &format!("/v0.1/servers/{missing}")).await;
        assert_eq!(answer.status, 404, "{missing}: {}", answer.text());
    }
}

async fn entries_come_in_pages_and_by_name() {
    let hub = setup().ready().await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = ask(&hub, None, &format!("/v0.1/servers?limit=2&cursor={cursor}")).await;
        seen.extend(names(&answer));
        match answer.json()["metadata"]["nextCursor"].as_str() {
            Some(next) => cursor = next.replace('/', "%2F"),
            None => break,
        }
    }
    assert_eq!(seen, ["local.tutti/all", "local.tutti/more", "local.tutti/some"]);
    assert_eq!(names(&ask(&hub, None, "/v0.1/servers?search=SOM&version=latest").await), ["local.tutti/some"]);
    assert!(names(&ask(&hub, None, "/v0.1/servers?version=9.9.9").await).is_empty());
    assert_eq!(ask(&hub, None, "/v0.1/servers?limit=101").await.status, 400);
}

async fn a28_key_sees_the_entries_of_its_views_only() {
    let keys = json!({"alice": {"key": KEY, "views": ["some"]}});
    let registry = json!({"namespace": "com.example", "url": "https://hub.example.com/"});
    let hub = setup().with("keys", keys).with("registry", registry).start().await;
    assert_eq!(ask(&hub, None, "/v0.1/servers").await.status, 401);
    let list = ask(&hub, Some(KEY), "/v0.1/servers").await;
    assert_eq!(names(&list), ["com.example/some"]);
    let remote = &list.json()["servers"][0]["server"]["remotes"][0];
    assert_eq!(remote["url"], "https://hub.example.com/mcp/some");
    assert_eq!(remote["headers"][0]["isSecret"], true);
    assert!(!list.text().contains(KEY));
    let hidden = ask(&hub, Some(KEY), "/v0.1/servers/com.example%2Fall/versions/latest").await;
    assert_eq!(hidden.status, 404, "{}", hidden.text());
}

async fn answers_are_servers_that_tutti_itself_takes_over() {
    let hub = setup().ready().await;
    let list = ask(&hub, None, "/v0.1/servers").await;
    let other = Setup::new().fixture("good", &[], json!({}));
    other.write_config();
    crate::harness::replace(&other.path("servers.json"), &list.text());
    let arguments =
        ["server", "import", &other.path_text("servers.json"), "--config", &other.path_text("tutti.yaml"), "--json"];
    let home = other.path_text("home");
    let run = tutti(&arguments, &[("HOME", &home), ("TUTTI_HOME", &home)]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let text = std::fs::read_to_string(other.config_path()).expect("it was written");
    assert!(text.contains(&hub.at("/mcp/some")), "{text}\n{run:?}");
}

async fn settings_that_name_no_registry_are_refused() {
    for (registry, says) in [
        (json!({"namespace": "tutti"}), "registry.namespace"),
        (json!({"url": "hub.example.com"}), "registry.url"),
        (json!({"name": "x"}), "did you mean"),
    ] {
        let setup = Setup::new().with("registry", registry.clone());
        setup.write_config();
        let home = setup.path_text("home");
        let run = tutti(
            &["server", "list", "--config", &setup.path_text("tutti.yaml")],
            &[("HOME", &home), ("TUTTI_HOME", &home)],
        )
        .await;
        assert_eq!(run.code, Some(3), "{registry}: {run:?}");
        assert!(run.stderr.contains(says), "{registry}: {run:?}");
    }
}
