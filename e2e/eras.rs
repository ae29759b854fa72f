//! Clients of both eras before upstreams of both: every pair must be able to do everything.

use crate::harness::{Client, Era, HttpUpstream, Hub, Setup, eventually, trial, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("eras": h01_h17_results_are_of_the_clients_era, fixed_era_is_not_asked_for);
    tests.extend(trials!("eras":
        h06_pinned_upstream_with_a_slow_start,
        h06_pinned_upstream_that_starts_after_the_probe,
        h06_late_legacy_upstream_is_found_out,
        h06_era_is_remembered,
        legacy_versions_are_negotiated,
        hub_tells_what_it_speaks,
        h06_upstream_that_ends_at_any_other_first_message,
    ));
    for (name, flags) in UPSTREAMS {
        for era in Era::BOTH {
            let title = |transport: &str| format!("eras::{transport}_{name}_upstream_{}_client", era.word());
            tests.push(trial(title("stdio"), move || stdio_pair_does_everything(era, flags)));
            tests.push(trial(title("http"), move || http_pair_does_everything(era, flags)));
        }
    }
    tests
}

/// Every way in which real servers speak.
const UPSTREAMS: [(&str, &[&str]); 7] = [
    ("legacy_typescript", &["--era", "legacy", "--discover-error", "-32601"]),
    ("legacy_python", &["--era", "legacy", "--discover-error", "-32602"]),
    ("legacy_silent", &["--era", "legacy", "--discover-error", "silent"]),
    ("modern", &["--era", "modern"]),
    ("dual", &["--era", "dual"]),
    ("pinned", &["--era", "dual-pinned"]),
    ("plain_json_dual", &["--era", "dual", "--json"]),
];

/// Some legacy servers end when the first message is not `initialize`: they are asked again in a new process.
async fn h06_upstream_that_ends_at_any_other_first_message() {
    let hub = Setup::pair(&["--era", "legacy", "--discover-error", "exit"], json!({})).ready().await;
    for era in Era::BOTH {
        let reply = hub.client_of(era).await.call("faulty__echo", json!({"message": "hi"})).await;
        assert_eq!(reply.text(), "hi");
    }
    assert_eq!(hub.server("faulty").await["era"], "legacy");
}

fn short_probe() -> Value {
    json!({"timeouts": {"probe": "200ms"}})
}

async fn stdio_pair_does_everything(era: Era, flags: &'static [&'static str]) {
    let hub = Setup::pair(flags, short_probe()).ready().await;
    does_everything(&hub, era).await;
}

async fn http_pair_does_everything(era: Era, flags: &'static [&'static str]) {
    let upstream = HttpUpstream::start(&[&["--name", "faulty"], flags].concat()).await;
    let setup = Setup::new().remote("faulty", &upstream.url, short_probe()).fixture("good", &[], json!({}));
    let hub = setup.ready().await;
    does_everything(&hub, era).await;
}

async fn does_everything(hub: &Hub, era: Era) {
    let client = hub.client_of(era).await;
    let names = client.tool_names().await;
    assert!(names.iter().any(|name| name == "faulty__add"), "{names:?}");
    assert_eq!(client.call("faulty__echo", json!({"message": "héllo"})).await.text(), "héllo");
    let params = json!({"name": "faulty__greet", "arguments": {"name": "Ada"}});
    let prompt = client.request("prompts/get", params).await;
    assert_eq!(prompt.result()["messages"][0]["content"]["text"], "Say hello to Ada from faulty.");
    let uri = uri_of(&client, "resources/list", "resources", "uri", "faulty").await;
    let read = client.request("resources/read", json!({"uri": uri})).await;
    assert_eq!(read.result()["contents"][0]["text"], "static of faulty");
    assert_eq!(read.result()["contents"][0]["uri"], uri, "the address is the one that the client asked for");
    let template = uri_of(&client, "resources/templates/list", "resourceTemplates", "uriTemplate", "faulty").await;
    let item = client.request("resources/read", json!({"uri": template.replace("{id}", "42")})).await;
    assert_eq!(item.result()["contents"][0]["text"], "item 42 of faulty");
    let completion =
        json!({"ref": {"type": "ref/prompt", "name": "faulty__greet"}, "argument": {"name": "name", "value": "G"}});
    let completed = client.request("completion/complete", completion).await;
    assert_eq!(completed.result()["completion"]["values"], json!(["Grace"]));
    let with_token = json!({"name": "faulty__progress", "arguments": {"steps": 2}, "_meta": {"progressToken": "t"}});
    let reply = client.request("tools/call", with_token).await;
    let tokens: Vec<_> =
        reply.notifications("notifications/progress").iter().map(|note| &note["params"]["progressToken"]).collect();
    assert_eq!(tokens, [&json!("t"), &json!("t")], "progress comes with the client's token");
    hub.assert_good().await;
}

/// The address of what the upstream `name` lists; its description tells whose it is.
async fn uri_of(client: &Client, method: &str, member: &str, key: &str, name: &str) -> String {
    let all = client.list(method, member).await;
    let of_upstream =
        |entry: &&Value| entry["description"].as_str().is_some_and(|text| text.ends_with(&format!(" of {name}.")));
    let entry = all.iter().find(of_upstream).unwrap_or_else(|| panic!("{method} has one of {name}: {all:?}"));
    entry[key].as_str().unwrap_or_else(|| panic!("it has {key}: {entry}")).to_owned()
}

/// A modern client gets what the modern era demands of every result, a legacy client nothing of it.
async fn h01_h17_results_are_of_the_clients_era(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", speaks], json!({})).ready().await;
        let client = hub.client_of(era).await;
        let uri = uri_of(&client, "resources/list", "resources", "uri", "faulty").await;
        let requests = [
            ("tools/list", json!({}), true),
            ("prompts/list", json!({}), true),
            ("resources/list", json!({}), true),
            ("resources/templates/list", json!({}), true),
            ("resources/read", json!({"uri": uri}), true),
            ("tools/call", json!({"name": "faulty__add", "arguments": {"a": 1, "b": 1}}), false),
            ("prompts/get", json!({"name": "faulty__greet", "arguments": {"name": "Ada"}}), false),
        ];
        for (method, params, cacheable) in requests {
            let reply = client.request(method, params).await;
            let result = reply.result();
            if era == Era::Modern {
                assert_eq!(result["resultType"], "complete", "{method} of {speaks}: {}", reply.raw);
                let cached = result["ttlMs"].is_u64()
                    && ["public", "private"].iter().any(|scope| result["cacheScope"] == *scope);
                assert!(cached || !cacheable, "{method} of {speaks} says how long it holds: {}", reply.raw);
            } else {
                assert!(result.get("resultType").is_none(), "{method} of {speaks}: {}", reply.raw);
                assert!(result.get("ttlMs").is_none() || !cacheable, "{method} of {speaks}: {}", reply.raw);
            }
        }
    }
}

async fn fixed_era_is_not_asked_for(client: Era) {
    for (word, greeting, other) in [("legacy", "initialize", "server/discover"), ("modern", "tools/list", "initialize")]
    {
        let hub = Setup::pair(&["--era", "dual"], json!({"era": word})).ready().await;
        let client = hub.client_of(client).await;
        assert_eq!(client.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
        assert!(!hub.recorded_method("faulty", greeting).is_empty(), "{word}: {greeting} was sent");
        assert!(hub.recorded_method("faulty", other).is_empty(), "{word}: {other} was not sent");
    }
}

/// Servers made with Python `mcp` 2.x stay with the era of the first message. One that starts slower than the probe
/// waits must not be sent `initialize` after `server/discover`: it would refuse for ever.
async fn h06_pinned_upstream_with_a_slow_start() {
    let hub = Setup::pair(&["--era", "dual-pinned", "--start-delay-seconds", "2"], short_probe()).ready().await;
    assert_eq!(hub.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    let server = hub.server("faulty").await;
    assert_eq!(server["state"], "ready", "{server}");
    assert_eq!(server["error"], Value::Null, "{server}");
    hub.assert_good().await;
}

/// The same, with the start in the test's hands: the upstream answers nothing before the probe has timed out and the
/// hub has done what it does then.
async fn h06_pinned_upstream_that_starts_after_the_probe() {
    let setup = Setup::new();
    let go = setup.path("go");
    let flags = ["--era", "dual-pinned", "--start-delay-file", go.to_str().unwrap()];
    let setup = setup.fixture("faulty", &flags, short_probe()).fixture("good", &[], json!({}));
    let hub = setup.start().await;
    hub.wait_for_record("faulty", "server/discover").await;
    // Either the hub goes on listening, or it starts the process again for `initialize`; both show in what it sends.
    let waited = std::time::Instant::now();
    eventually("the probe is over", || async {
        let respawned = !hub.recorded_method("faulty", "initialize").is_empty();
        let patient = waited.elapsed() > std::time::Duration::from_secs(2);
        if respawned || patient { Ok(()) } else { Err("one message".to_owned()) }
    })
    .await;
    std::fs::write(&go, "").unwrap();
    hub.wait_for_tool("faulty__echo").await;
    assert_eq!(hub.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    hub.assert_good().await;
}

/// A legacy upstream that is slow and never answers `server/discover` is served all the same.
async fn h06_late_legacy_upstream_is_found_out() {
    let flags = ["--era", "legacy", "--discover-error", "silent", "--start-delay-seconds", "1"];
    let hub = Setup::pair(&flags, short_probe()).ready().await;
    assert_eq!(hub.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    hub.assert_good().await;
}

/// Asking a silent legacy upstream costs the probe's time. It is asked once, not at every start of the hub.
async fn h06_era_is_remembered() {
    let hub = Setup::pair(&["--era", "legacy", "--discover-error", "silent"], short_probe()).ready().await;
    assert_eq!(hub.call("faulty__echo", json!({"message": "one"})).await.text(), "one");
    let asked = hub.recorded_method("faulty", "server/discover").len();
    assert!(asked >= 1, "the first time it is asked");
    let hub = hub.stop().await.ready().await;
    assert_eq!(hub.call("faulty__echo", json!({"message": "two"})).await.text(), "two");
    assert_eq!(hub.recorded_method("faulty", "server/discover").len(), asked, "the second time it is known");
}

async fn legacy_versions_are_negotiated() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let client = hub.bare(Era::Legacy).shake_hands(version).await;
        assert_eq!(client.greeting["protocolVersion"], version);
        let message =
            client.message(&json!(1), "tools/call", json!({"name": "good__add", "arguments": {"a": 1, "b": 1}}));
        let answer = client.post(&message).header("mcp-protocol-version", version).send().await;
        assert_eq!(answer.status, 200, "{version}: {}", answer.text());
    }
    for unknown in ["1999-01-01", "2026-07-28", "9999-01-01"] {
        let client = hub.bare(Era::Legacy).shake_hands(unknown).await;
        assert_eq!(client.greeting["protocolVersion"], "2025-11-25", "an unknown version gets the newest one");
    }
}

async fn hub_tells_what_it_speaks() {
    let hub = Setup::pair(&["--extra-capabilities"], json!({})).ready().await;
    let discovered = hub.modern().request("server/discover", json!({})).await;
    let result = discovered.result();
    assert!(result["supportedVersions"].as_array().is_some_and(|all| all.contains(&json!("2026-07-28"))), "{result}");
    assert!(result["ttlMs"].is_u64() && result["cacheScope"].is_string(), "{result}");
    assert_eq!(
        result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"].as_str().map(str::to_lowercase).as_deref(),
        Some("tutti")
    );
    let greeting = hub.client().await.greeting;
    assert_eq!(greeting["serverInfo"]["name"].as_str().map(str::to_lowercase).as_deref(), Some("tutti"));
    for said in [&result["capabilities"], &greeting["capabilities"]] {
        for capability in ["tools", "prompts", "resources", "completions"] {
            assert!(said[capability].is_object(), "{capability}: {said}");
        }
        assert_eq!(said["tools"]["listChanged"], true, "{said}");
    }
    let instructions = [&result["instructions"], &greeting["instructions"]];
    assert!(
        instructions.iter().all(|text| text.as_str().is_some_and(|text| text.contains("Instructions of good."))),
        "{instructions:?}"
    );
}
