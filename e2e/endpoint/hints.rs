//! How long lists may be kept: what upstreams say of that is done, and said on.

use crate::harness::{Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("endpoint":
        h17_modern_clients_are_told_how_long_lists_hold,
        h17_what_an_upstream_says_is_for_all_is_so_without_a_key_only,
        h17_a_list_is_read_again_when_its_time_is_over,
        h17_lists_that_changed_are_read_again_once_their_upstream_says_so,
    )
}

const LISTS: [&str; 4] = ["tools/list", "prompts/list", "resources/list", "resources/templates/list"];

fn of(setup: Setup, name: &str, hint: &str) -> Setup {
    setup.fixture(name, &["--era", "modern", "--keep", hint], json!({}))
}

async fn hints(hub: &Hub, view: &str) -> Vec<(u64, Value)> {
    let client = hub.modern().at(&hub.at(view));
    let mut all = Vec::new();
    for method in LISTS {
        let reply = client.request(method, json!({})).await;
        let time = reply.result()["ttlMs"].as_u64().unwrap_or_else(|| panic!("a time: {}", reply.raw));
        all.push((time, reply.result()["cacheScope"].clone()));
    }
    all
}

/// The shortest time of those that take part, and for all only if all say so.
async fn h17_modern_clients_are_told_how_long_lists_hold() {
    let setup = of(of(Setup::new(), "long", "1500000:public"), "longer", "2000000:public");
    let setup = of(of(setup, "own", "2500000:private"), "endless", "999999999999:public");
    let setup = of(setup, "never", "0:public").fixture("old", &["--era", "legacy"], json!({}));
    let view = |servers: &[&str]| json!({"servers": servers});
    let views = json!({
        "public": view(&["long", "longer"]), "private": view(&["longer", "own"]), "endless": view(&["endless"]),
        "never": view(&["long", "never"]), "old": view(&["long", "old"]),
    });
    let hub = setup.with("views", views).ready().await;
    let (minute, hour) = (60_000, 3_600_000);
    let table = [
        ("public", 1_000_000..=1_500_000, "public"),
        ("private", 1_500_001..=2_000_000, "private"),
        ("endless", 2_500_001..=hour, "public"),
        ("never", 0..=0, "public"),
        ("old", minute..=minute, "private"),
    ];
    for (view, times, scope) in table {
        for (time, said) in hints(&hub, &format!("/mcp/{view}")).await {
            assert!(times.contains(&time), "{view}: {time}");
            assert_eq!(said, scope, "{view}");
        }
    }
    let legacy = hub.client().await.request("tools/list", json!({})).await;
    assert!(legacy.result().get("ttlMs").is_none() && legacy.result().get("cacheScope").is_none());
}

async fn h17_what_an_upstream_says_is_for_all_is_so_without_a_key_only() {
    const KEY: &str = "Zk3vT9qLw2Xn7RbY5cHd8JfP1sMg4AeU";
    let hub = of(Setup::new(), "long", "1500000:public").with("key", json!(KEY)).ready().await;
    for (time, scope) in hints(&hub, "/mcp").await {
        assert!(time > 1_000_000 && scope == "private", "{time} {scope}");
    }
}

/// Nobody says that the list has changed, but it is said how long it holds.
async fn h17_a_list_is_read_again_when_its_time_is_over() {
    let setup = Setup::new();
    let file = setup.path_text("tools.json");
    let write = |names: &[&str]| {
        let tool = |name: &&str| json!({"name": name, "inputSchema": {"type": "object"}});
        let text = Value::from(names.iter().map(tool).collect::<Vec<_>>()).to_string();
        crate::harness::replace(std::path::Path::new(&file), &text);
    };
    write(&["echo"]);
    let flags = ["--era", "modern", "--keep", "1:public", "--tools-file", &file];
    let setup = setup.fixture("good", &[], json!({})).fixture("brief", &flags, json!({}));
    let hub = setup.ready().await;
    let client = hub.client().await;
    let mut news = client.listen().await;
    write(&["echo", "late"]);
    news.next_notification("notifications/tools/list_changed").await;
    assert!(client.tool_names().await.contains(&"brief__late".to_owned()));
    let server = hub.server("brief").await;
    assert_eq!((&server["state"], &server["stale"]), (&json!("ready"), &json!(false)), "{server}");
}

/// The time that was said does not stand in the way of news.
async fn h17_lists_that_changed_are_read_again_once_their_upstream_says_so() {
    let hub = of(Setup::new(), "long", "3000000:public").ready().await;
    let client = hub.client().await;
    client.call("long__change_tools", json!({})).await.result();
    hub.wait_for_tool("long__extra").await;
}
