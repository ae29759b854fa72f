//! Tools are found by what they do, by those who may see them.

use super::{inside, searching};
use crate::harness::{Client, Era, Reply, Setup, eventually, replace, trials, trials_of_both_eras, tutti};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("modes::search":
        h20_tool_is_found_described_and_called,
        h20_search_is_narrowed,
        h20_tool_is_found_by_its_meaning_also_after_a_restart,
        a28_hidden_tools_are_not_found,
        a36_changed_tool_is_not_found,
        wrong_arguments_are_told,
    );
    tests.extend(trials!("modes::search": command_line_searches, servers_that_have_not_started_are_named));
    tests
}

/// A shop with tools that say what they may do.
pub(super) fn shop() -> Setup {
    let tool = |name: &str, said: &str, properties: Value, more: Value| {
        let mut tool = json!({"name": name, "description": said, "inputSchema": {
            "type": "object", "properties": properties, "required": ["id"]}});
        tool.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        tool
    };
    let id = json!({"id": {"type": "string"}, "note": {"type": "string"}});
    let tools = json!([
        tool("find_order", "Finds an order of a customer. By its number.", id.clone(), json!({"annotations": {"readOnlyHint": true}})),
        tool("cancel_order", "Cancels an order for ever.", id.clone(), json!({"annotations": {"destructiveHint": true}})),
        tool("note_order", "Writes a note to an order.", id.clone(),
            json!({"annotations": {"destructiveHint": false}, "outputSchema": {"type": "object"}})),
        tool("trusted_order", "Prints an order.", id, json!({})),
        {"name": "echo", "inputSchema": {"type": "object"}},
        {"name": "change_tools", "inputSchema": {"type": "object"}},
    ]);
    let setup = Setup::new();
    replace(&setup.path("tools.json"), &tools.to_string());
    let file = setup.path_text("tools.json");
    setup.fixture("shop", &["--tools-file", &file], json!({"tools": {"trusted_*": {"effect": "read"}}}))
}

fn names(reply: &Reply) -> Vec<String> {
    let tools = reply.result()["_meta"]["tutti/tools"].as_array().cloned().unwrap_or_default();
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

async fn h20_tool_is_found_described_and_called(era: Era) {
    let hub = shop().fixture("good", &[], json!({})).ready().await;
    let client = searching(&hub, era).await;
    let listed = client.list("tools/list", "tools").await;
    let said = listed[0]["description"].as_str().unwrap();
    assert!(said.contains("shop 6") && said.contains("good 3"), "{said}");
    let reply =
        client.call("search_tools", json!({"queries": ["look up what a customer ordered", "add two numbers"]})).await;
    let lines: Vec<&str> = reply.text().lines().collect();
    assert_eq!(lines[0], "shop__find_order(id:string, note?:string): Finds an order of a customer.", "{}", reply.raw);
    assert_eq!(lines[1], "good__add(a?:number, b?:number): Adds two numbers.", "{}", reply.raw);
    let tokens = &reply.result()["_meta"]["tutti/tokens"];
    let (all, shown) = (tokens["all"].as_u64().unwrap(), tokens["shown"].as_u64().unwrap());
    assert!(shown < all / 4 && tokens["saved"] == all - shown, "{tokens}");
    assert!(lines.last().unwrap().contains(&format!("about {} tokens saved", all - shown)), "{}", reply.raw);
    assert_eq!((&tokens["family"], &tokens["exact"]), (&json!("any"), &json!(false)));
    // One query, by itself and with more tools.
    let one = client.call("search_tools", json!({"query": "order", "limit": 2})).await;
    assert_eq!(names(&one).len(), 2, "{}", one.raw);
    let described = client.call("describe_tools", json!({"names": [names(&reply)[1]]})).await;
    assert!(described.text().contains("\"inputSchema\""), "{}", described.raw);
    let called = client.request("tools/call", inside(&names(&reply)[1], &json!({"a": 1, "b": 2}))).await;
    assert_eq!(called.structured()["sum"], 3.0);
}

async fn h20_search_is_narrowed(era: Era) {
    let hub = shop().fixture("good", &[], json!({})).ready().await;
    let client = searching(&hub, era).await;
    for (more, expected) in [
        (json!({"risk": ["read_only"]}), vec!["shop__find_order", "shop__trusted_order"]),
        (json!({"risk": "not_destructive"}), vec!["shop__find_order", "shop__note_order", "shop__trusted_order"]),
        (json!({"capabilities": ["structured"]}), vec!["shop__note_order"]),
        (json!({"risk": ["closed_world"]}), vec![]),
    ] {
        let mut arguments = more.clone();
        arguments["queries"] = json!(["order"]);
        let mut found = names(&client.call("search_tools", arguments).await);
        found.sort();
        assert_eq!(found, expected, "{more}");
    }
    let elsewhere = client.call("search_tools", json!({"queries": ["order"], "servers": ["good"]})).await;
    assert!(names(&elsewhere).iter().all(|name| name.starts_with("good__")), "{}", elsewhere.raw);
}

async fn h20_tool_is_found_by_its_meaning_also_after_a_restart(era: Era) {
    let mut hub = shop().environment("TUTTI_LOG", "warn,tools=info").ready().await;
    for is_new in [true, false] {
        let before = hub.resident_bytes();
        let client = searching(&hub, era).await;
        // Not one of these words stands in any tool. Until the tools have vectors, nothing is found.
        let wanted = json!({"queries": ["abandon my purchases"], "limit": 1});
        eventually("the tool is found by what it means", || async {
            let reply = client.call("search_tools", wanted.clone()).await;
            let log = hub.stderr();
            let found = names(&reply) == ["shop__cancel_order"] && log.contains("tools have vectors");
            if found { Ok(()) } else { Err(format!("{}\n{log}", reply.raw)) }
        })
        .await;
        let grown = hub.resident_bytes().saturating_sub(before) / 1_000_000;
        assert!(grown < 60, "the embedder takes {grown} MB");
        let log = hub.stderr();
        let mut told = log.lines().filter(|line| line.contains("tools have vectors"));
        assert_eq!(told.all(|line| line.contains("made=0")), !is_new, "a text is embedded once: {log}");
        hub = hub.stop().await.ready().await;
    }
}

async fn a28_hidden_tools_are_not_found(era: Era) {
    let views = json!({"x": {"deny": ["shop__cancel_*"], "rename": {"shop__find_order": "find"}, "mode": "search"}});
    let hub = shop().with("views", views).ready().await;
    let client = Client::of(era, &hub.at("/mcp/x")).await;
    let reply = client.call("search_tools", json!({"queries": ["cancel order"], "limit": 20})).await;
    assert!(!reply.raw.contains("cancel_order") && !reply.raw.contains("for ever"), "{}", reply.raw);
    assert!(names(&reply).contains(&"find".to_owned()), "{}", reply.raw);
}

async fn a36_changed_tool_is_not_found(era: Era) {
    let hub = shop().ready().await;
    let file = hub.setup.path("tools.json");
    let text = std::fs::read_to_string(&file).unwrap();
    replace(&file, &text.replace("Cancels an order for ever", "Cancels each order"));
    hub.call("shop__change_tools", json!({})).await.result();
    hub.wait_for("shop", "the tool is in quarantine", |server| server["quarantined"][0]["tool"] == "cancel_order")
        .await;
    let client = searching(&hub, era).await;
    for query in ["cancel an order for ever", "cancel each order"] {
        let reply = client.call("search_tools", json!({"queries": [query], "limit": 20})).await;
        assert!(!reply.raw.contains("cancel_order") && !names(&reply).is_empty(), "{}", reply.raw);
    }
}

async fn wrong_arguments_are_told(era: Era) {
    let hub = shop().ready().await;
    let client = searching(&hub, era).await;
    for arguments in [
        json!({}),
        json!({"queries": []}),
        json!({"queries": [" "]}),
        json!({"queries": vec!["a"; 9]}),
        json!({"queries": ["a".repeat(501)]}),
        json!({"queries": ["a", 1]}),
        json!({"queries": ["a"], "limit": 0}),
        json!({"queries": ["a"], "limit": 21}),
        json!({"queries": ["a"], "limit": "5"}),
        json!({"queries": ["a"], "servers": ["none"]}),
        json!({"queries": ["a"], "risk": ["low"]}),
        json!({"queries": ["a"], "where": "x"}),
    ] {
        client.call("search_tools", arguments.clone()).await.assert_code(&["T-0304"]);
    }
}

async fn servers_that_have_not_started_are_named() {
    let go = |setup: &Setup| setup.path_text("go");
    let setup = shop();
    let file = go(&setup);
    let hub = setup.fixture("late", &["--start-delay-file", &file], json!({})).start().await;
    hub.wait_for_tool("shop__echo").await;
    let client = searching(&hub, Era::Modern).await;
    let search = async || client.call("search_tools", json!({"queries": ["order"]})).await;
    assert!(search().await.text().contains("not told their tools yet: late"));
    std::fs::write(hub.setup.path("go"), "").unwrap();
    hub.wait_for_tool("late__echo").await;
    assert!(!search().await.text().contains("late"));
}

async fn command_line_searches() {
    let hub = shop().ready().await;
    let url = hub.at("");
    let run = tutti(&["tool", "search", "customer", "order", "--url", &url], &[]).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.starts_with("shop__find_order(id:string"), "{}", run.stdout);
    let run =
        tutti(&["tool", "search", "order", "--server", "shop", "--limit", "2", "--json", "--url", &url], &[]).await;
    let said: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout));
    assert_eq!(said["tools"].as_array().unwrap().len(), 2, "{said}");
    let first = &said["tools"][0];
    assert!(first["signature"].as_str().unwrap().starts_with(first["name"].as_str().unwrap()), "{said}");
    assert_eq!(first["server"], "shop");
    assert!(said["tokens"]["saved"].as_u64().is_some(), "{said}");
    let run = tutti(&["tool", "search", "order", "--server", "none", "--url", &url], &[]).await;
    assert_eq!(run.code, Some(5), "{}", run.stderr);
}
