//! `/healthz`, `/readyz`, and the address of its own for numbers.

use super::collector::Collector;
use crate::harness::{Http, Hub, Setup, trials};
use crate::security::STRONG;
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("telemetry":
        readiness_tells_of_each_server,
        a117_numbers_have_an_address_of_their_own,
        a117_the_address_of_numbers_is_no_way_in,
        the_log_is_json_where_it_is_wanted,
    )
}

async fn get(hub: &Hub, path: &str) -> (u16, serde_json::Value) {
    let answer = Http::new("GET", &hub.at(path)).send().await;
    (answer.status, answer.json())
}

async fn readiness_tells_of_each_server() {
    let hub = Setup::pair(&["--never-start"], json!({})).start().await;
    hub.wait_for_tool("good__echo").await;
    hub.wait_for("faulty", "it is given up for now", |server| server["state"] == "backing_off").await;
    let (status, body) = get(&hub, "/readyz").await;
    assert_eq!((status, body), (200, json!({"status": "ready"})), "one server that fails does not stop the hub");
    let (status, body) = get(&hub, "/readyz?verbose").await;
    let states: Vec<_> = body["servers"].as_array().unwrap().iter().map(|server| &server["state"]).collect();
    assert_eq!((status, states), (200, vec![&json!("backing_off"), &json!("ready")]), "{body}");
    assert!(body["servers"][0]["error"]["code"].as_str().unwrap().starts_with("T-02"), "{body}");
    assert_eq!(get(&hub, "/readyz?require=good").await.0, 200);
    for required in ["all", "good,faulty"] {
        let (status, body) = get(&hub, &format!("/readyz?require={required}")).await;
        assert_eq!((status, &body["error"]["data"]["code"]), (503, &json!("T-0802")), "{body}");
        assert!(body["error"]["message"].as_str().unwrap().contains("`faulty` is backing_off"), "{body}");
    }
    assert_eq!(get(&hub, "/readyz?require=nobody").await.1["error"]["data"]["code"], "T-0504");
}

/// A hub with a key, and an address for numbers without one.
async fn locked() -> (Hub, String) {
    let telemetry = json!({"metrics": {"listen": "127.0.0.1:0"}});
    let hub = Setup::pair(&[], json!({})).with("key", json!(STRONG)).with("telemetry", telemetry).ready().await;
    let url = hub.greeting["metrics"].as_str().expect("the first line says where the numbers are").to_owned();
    (hub, url)
}

async fn a117_numbers_have_an_address_of_their_own() {
    let (hub, url) = locked().await;
    let answer = Http::new("GET", &url).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("\ntutti_upstream_state{"), "{}", answer.text());
    let with_key = Http::new("GET", &hub.at("/metrics")).header("authorization", &format!("Bearer {STRONG}"));
    assert_eq!(with_key.send().await.status, 404, "they are not on the other one as well");
    for path in ["/healthz", "/readyz?verbose", "/readyz?require=all"] {
        let answer = Http::new("GET", &url.replace("/metrics", path)).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let words = answer.text().replace(['"', '{', '}', ' '], "");
        assert!(["status:ok", "status:ready"].contains(&words.as_str()), "{path} says nothing else: {words}");
    }
}

async fn a117_the_address_of_numbers_is_no_way_in() {
    let (_hub, url) = locked().await;
    for path in ["/mcp", "/api/v1/servers", "/mcp/all", "/"] {
        for method in ["GET", "POST"] {
            let answer = Http::new(method, &url.replace("/metrics", path)).send().await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
        }
    }
    let rebound = Http::new("GET", &url).header("host", "evil.example").send().await;
    assert_eq!(rebound.status, 403, "{}", rebound.text());
    let page = Http::new("GET", &url).header("origin", "https://evil.example").send().await;
    assert_eq!(page.status, 403, "{}", page.text());
}

async fn the_log_is_json_where_it_is_wanted() {
    let collector = Collector::refusing().await;
    let telemetry = json!({"log": {"format": "json"}, "otlp": {"endpoint": collector.url}});
    let hub = Setup::new().fixture("good", &[], json!({})).with("telemetry", telemetry).ready().await;
    hub.call("good__echo", json!({"message": "x"})).await.result();
    let line = crate::harness::eventually("the failure is logged", || async {
        let lines = hub.stderr();
        lines.lines().find(|line| line.contains("T-0801")).map(str::to_owned).ok_or(lines)
    })
    .await;
    let record: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert_eq!((&record["level"], &record["code"]), (&json!("warn"), &json!("T-0801")), "{line}");
    assert_eq!(record["why"], "HTTP status 403 Forbidden");
}
