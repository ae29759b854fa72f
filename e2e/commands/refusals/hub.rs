//! What a running hub refuses, and what it refuses to those without its key.

use super::servers::company;
use super::{NOBODY, Row, Told, check, row};
use crate::commands::run::{Order, address, desk, put};
use crate::harness::{Hub, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::refusals": bad_requests_to_a_hub, locked_hub, taken_address, unreachable_hub)
}

pub(super) const ROWS: &[Row] = &[
    row("server logs god", 5, "T-0504").says("good"),
    row("server logs ../../x --follow", 5, "T-0504"),
    row("server approve god --yes", 5, "T-0504").says("good"),
    row("server approve good nope --yes", 5, "T-0305").says("quarantine"),
    row("tool approve good/nope --yes", 5, "T-0305").says("quarantine"),
    row("tool lint --server god", 5, "T-0504").says("good"),
    row("tool diff good/nope", 5, "T-0305").says("quarantine"),
    row("server restart god", 5, "T-0504").says("good"),
    row("server restart broken", 7, "T-0202").says("broken"),
    row("server restart off", 7, "T-0212"),
    row("server test god", 5, "T-0504").told(Told::InItsShape),
    row("tool list --server god", 5, "T-0504"),
    row("tool list --view nope", 5, "T-0320").says("small"),
    row("tool describe good/secrt", 5, "T-0305"),
    row("tool call broken/echo", 7, "T-0202"),
    row("tool call off/echo", 7, "T-0212"),
    row("tool call good/hang --timeout 50ms", 7, "T-0204"),
    row("connect cursor --view nope --yes", 5, "T-0320"),
    row("server add good --yes -- true", 6, "T-0505"),
    row("run inspect nothing", 5, "T-1201"),
    row("run watch nothing", 5, "T-1201"),
    row("run approve nothing", 5, "T-1201"),
    row("run reject nothing", 5, "T-1201"),
    row("run cancel nothing", 5, "T-1201"),
    row("run pause nothing", 5, "T-1201"),
    row("run resume nothing", 5, "T-1201"),
    row("run export nothing", 5, "T-1201"),
    row("run resolve nothing happened", 5, "T-1201"),
    row("run signal nothing paid", 5, "T-1201"),
    row("run fork nothing --from search", 5, "T-1201"),
    row("run list --status asleep", 2, "T-0304"),
    row("memory show project/nothing", 5, "T-1303"),
    row("memory show project/nothing --version 3", 5, "T-1303"),
    row("memory show run/nothing", 5, "T-1303").says("run:ID"),
    row("workflow run nothing", 5, "T-1114"),
];

/// With another key or none.
pub(super) const LOCKED: &[Row] = &[
    row("tool list", 4, "T-0403").says("TUTTI_KEY"),
    row("tool describe good/echo", 4, "T-0403"),
    row("tool call good/echo --message x", 4, "T-0403"),
    row("server list", 4, "T-0403"),
    row("server test", 4, "T-0403"),
    row("server logs good", 4, "T-0403"),
    row("server restart good", 4, "T-0403"),
];

async fn running() -> Hub {
    let hub = company().start().await;
    hub.wait_for_tool("good__echo").await;
    hub.wait_for("broken", "it has failed", |server| server["state"] == "backing_off").await;
    hub
}

async fn bad_requests_to_a_hub() {
    let hub = running().await;
    check(&hub.setup, ROWS, |order| order).await;
    // Nothing of it has left a mark: the next call works.
    let run = Order::new(&hub.setup, &["tool", "call", "good/echo", "--message", "well"]).run().await;
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "well\n", ""));
    // Where people do not reach a hub, pages of other sites do.
    let everywhere = format!("http://{}", address(&hub).replace("127.0.0.1", "0.0.0.0"));
    let run = Order::new(&hub.setup, &["--url", &everywhere, "tool", "list"]).run().await;
    assert_eq!(run.code, Some(8), "{run:?}");
    assert!(run.stderr.starts_with("T-0401") && run.stdout.is_empty(), "{run:?}");
}

async fn locked_hub() {
    let key = "tk-4Wq8vNz2Ks7Yd5Hf9Jm3Bc6Rt1Xg0Lp";
    let hub = company().with("key", json!(key)).start().await;
    // Whoever stands in another folder does not have the hub's configuration, and so not its key.
    let other = desk();
    let url = format!("http://{}", address(&hub));
    let stranger = |order: Order| order.variable("TUTTI_URL", &url);
    check(&other, LOCKED, stranger).await;
    let wrong: Vec<Row> = LOCKED.iter().map(|row| Row { code: "T-0404", ..*row }).collect();
    check(&other, &wrong, |order| stranger(order).variable("TUTTI_KEY", "tk-of-somebody-else-123456789")).await;
    for line in LOCKED {
        let words = crate::commands::run::words(line.line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = stranger(Order::new(&other, &words)).variable("TUTTI_KEY", key).run().await;
        let fine = run.code == Some(0) || (words == ["server", "test"] && run.code == Some(9));
        assert!(fine, "with the key it works: {words:?} {run:?}");
        assert!(!format!("{run:?}").contains(key), "{run:?}");
    }
}

async fn taken_address() {
    let hub = company().start().await;
    let other = desk();
    put(&other, "tutti.yaml", &json!({"listen": address(&hub), "servers": {}}).to_string());
    for words in [vec!["up"], vec!["up", "--listen", &address(&hub)]] {
        let run = Order::new(&other, &words).run().await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(6), ""), "{run:?}");
        assert!(run.stderr.contains("T-0503") && run.stderr.contains("next: "), "{run:?}");
    }
    let run = Order::new(&other, &["--json", "up"]).run().await;
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!((run.code, &document["error"]["code"]), (Some(6), &json!("T-0503")), "{run:?}");
    hub.assert_good().await;
}

async fn unreachable_hub() {
    let rows = [
        row("tool list", 7, "T-0502"),
        row("tool describe good/echo", 7, "T-0502"),
        row("tool call good/echo --message x", 7, "T-0502"),
        row("server list", 7, "T-0502"),
        row("server test", 7, "T-0502"),
        row("server logs good", 7, "T-0502"),
        row("server restart good", 7, "T-0502"),
        row("mcp", 7, "T-0502").told(Told::AsText),
        row("doctor", 1, "T-0510").told(Told::BesideData),
    ];
    check(&desk(), &rows, |order| order.variable("TUTTI_URL", NOBODY)).await;
}
