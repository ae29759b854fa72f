//! Modes of views: what clients are shown, and that what goes through the hub's own tools meets all that a call meets.

mod attacks;
mod context;
mod same;
mod search;

use crate::harness::{Client, Era, Hub, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("modes":
        client_chooses_what_it_is_shown,
        h09_auto_flips_and_tells_its_clients,
    );
    tests.extend(trials!("modes": mode_that_there_is_not_is_refused_on_every_path));
    tests.extend(same::tests());
    tests.extend(attacks::tests());
    tests.extend(search::tests());
    tests.extend(context::tests());
    tests
}

/// What a client in the mode `search` sees.
pub(crate) const OWN: [&str; 4] = ["search_tools", "describe_tools", "call_tool", "run_plan"];

/// A client of the view behind `path` that searches.
pub(crate) async fn searching(hub: &Hub, era: Era) -> Client {
    Client::of(era, &hub.at("/mcp?mode=search")).await
}

/// A call of `tool` by way of `call_tool`.
pub(crate) fn inside(tool: &str, arguments: &Value) -> Value {
    json!({"name": "call_tool", "arguments": {"name": tool, "arguments": arguments}})
}

async fn client_chooses_what_it_is_shown(era: Era) {
    let views = json!({"quiet": {"mode": "search"}, "loud": {}, "all": {"mode": "auto", "threshold": 1}});
    let hub = Setup::pair(&[], json!({})).with("views", views).start().await;
    hub.wait_for("good", "good works", |server| server["state"] == "ready").await;
    hub.wait_for("faulty", "faulty works", |server| server["state"] == "ready").await;
    for (path, own) in [
        ("/mcp/quiet", true),
        ("/mcp/quiet?mode=all", false),
        ("/mcp/loud", false),
        ("/mcp/loud?mode=search", true),
        ("/mcp/loud?other=1&mode=search", true),
        ("/mcp/loud?mode=auto", false),
        ("/mcp", true),
        ("/mcp?mode=all", false),
    ] {
        let client = Client::of(era, &hub.at(path)).await;
        let names = client.tool_names().await;
        assert_eq!(names == OWN, own, "{path}: {names:?}");
        assert_eq!(names.iter().any(|name| name == "good__add"), !own, "{path}: {names:?}");
        // Whoever knows the name of a tool may call it, however little it is shown.
        assert_eq!(client.call("good__add", json!({"a": 1, "b": 2})).await.structured()["sum"], 3.0, "{path}");
        // The hub's own are there where they are shown, and where that may have changed a moment ago.
        let through = client.request("tools/call", inside("good__add", &json!({"a": 1, "b": 2}))).await;
        if own || path.contains("auto") {
            assert_eq!(through.structured()["sum"], 3.0, "{path}");
        } else {
            through.assert_code(&["T-0305"]);
        }
    }
    assert_eq!(hub.greeting["views"], json!(["all", "loud", "quiet"]), "variants are no views");
}

async fn mode_that_there_is_not_is_refused_on_every_path() {
    let hub = Setup::pair(&[], json!({})).start().await;
    for path in ["/mcp?mode=none", "/mcp/all?mode=", "/sse?mode=Search", "/ws?mode=all&mode=search"] {
        let answer = crate::harness::Http::new("GET", &hub.at(path)).send().await;
        assert_eq!((answer.status, &answer.json()["error"]["data"]["code"]), (400, &json!("T-0327")), "{path}");
    }
    // It is no word of other paths.
    let answer = crate::harness::Http::new("GET", &hub.at("/healthz?mode=none")).send().await;
    assert_eq!(answer.status, 200);
    hub.modern().at(&hub.at("/mcp/none?mode=search")).request("tools/list", json!({})).await.assert_code(&["T-0320"]);
}

async fn h09_auto_flips_and_tells_its_clients(era: Era) {
    const CHANGED: &str = "notifications/tools/list_changed";
    let mut hub = Setup::pair(&["--era", "legacy"], json!({})).ready().await;
    let described = json!({"names": ["good__add"]});
    let reply = searching(&hub, era).await.call("describe_tools", described).await;
    let all = reply.result()["_meta"]["tutti/tokens"]["all"].as_u64().expect("the tokens of all definitions");
    // Just enough for what there is.
    hub.reconfigure(|config| config["views"] = json!({"edge": {"mode": "auto", "threshold": all}}));
    crate::harness::eventually("the view is there", || async {
        let reply = hub.modern().at(&hub.at("/mcp/edge")).request("tools/list", json!({})).await;
        if reply.message.get("result").is_some() { Ok(()) } else { Err(reply.raw) }
    })
    .await;
    let client = Client::of(era, &hub.at("/mcp/edge")).await;
    assert!(client.tool_names().await.contains(&"good__add".to_owned()));
    let mut stream = client.listen().await;
    let searcher = searching(&hub, era).await;
    let mut other = searcher.listen().await;
    client.call("faulty__change_tools", json!({})).await.result();
    stream.next_notification(CHANGED).await;
    assert_eq!(client.tool_names().await, OWN);
    // What is said there of how many tools there are has changed too.
    other.next_notification(CHANGED).await;
    // One tool less is not enough to go back.
    client.call("faulty__change_tools", json!({})).await.result();
    other.next_notification(CHANGED).await;
    assert_eq!(client.tool_names().await, OWN);
}
