//! An upstream that does not start as it should.

use crate::harness::{Era, Setup, trials, trials_of_both_eras};
use crate::upstream::GARBAGE_LINES;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("faults":
        never_starting_is_told_with_its_own_words,
        missing_command_is_told,
        silence_at_the_start_is_told,
        h16_server_that_fails_empties_no_list,
        slow_start_keeps_nobody_waiting,
        a53_noise_at_the_start_is_passed_over,
    );
    tests.extend(trials!("faults":
        first_call_right_after_the_start_works,
        call_during_the_start_waits,
        exit_at_the_list_is_told,
        a38_endless_list_is_given_up,
        bad_tools_do_not_hide_the_others,
        disabled_server_is_not_started,
        failing_server_is_not_tried_without_pause,
        h07_greeting_is_not_cancelled,
    ));
    tests
}

fn has_error(server: &Value) -> bool {
    let error = &server["error"];
    ["code", "message", "next"].iter().all(|member| error[member].as_str().is_some_and(|text| !text.is_empty()))
}

async fn never_starting_is_told_with_its_own_words(era: Era) {
    let hub = Setup::pair(&["--never-start"], json!({})).start().await;
    hub.wait_for_tool("good__echo").await;
    let client = hub.client_of(era).await;
    let reply = client.call("faulty__echo", json!({"message": "hi"})).await;
    // Whoever comes while the next attempt is being waited for gets T-0207, with the same words.
    let error = reply.assert_fault(&["T-0201", "T-0202", "T-0207"], "faulty");
    let detail = error["data"]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("has no licence and will not start"), "its standard error is told: {}", reply.raw);
    let server = hub.wait_for("faulty", "the server is listed with its error", has_error).await;
    assert_ne!(server["state"], "ready");
    hub.assert_good().await;
}

async fn missing_command_is_told(era: Era) {
    let mut setup = Setup::pair(&[], json!({}));
    setup.config["servers"]["faulty"]["command"] = json!("/nowhere/no-such-program");
    let hub = setup.start().await;
    hub.wait_for_tool("good__echo").await;
    let client = hub.client_of(era).await;
    let reply = client.call("faulty__echo", json!({"message": "hi"})).await;
    reply.assert_fault(&["T-0201"], "faulty");
    assert!(reply.raw.contains("no-such-program"), "the program is named: {}", reply.raw);
    let server = hub.wait_for("faulty", "the server is listed with its error", has_error).await;
    assert_eq!(server["error"]["code"], "T-0201", "{server}");
    hub.assert_good().await;
}

async fn silence_at_the_start_is_told(era: Era) {
    let entry = json!({"timeouts": {"probe": "100ms", "start": "500ms"}, "backoff": {"first": "1h", "max": "1h"}});
    let hub = Setup::pair(&["--silent"], entry).start().await;
    hub.wait_for_tool("good__echo").await;
    let client = hub.client_of(era).await;
    let reply = client.call("faulty__echo", json!({"message": "hi"})).await;
    reply.assert_fault(&["T-0203", "T-0207"], "faulty");
    let server = hub.wait_for("faulty", "the server is listed with its error", has_error).await;
    assert!(["T-0203", "T-0207"].iter().any(|code| server["error"]["code"] == *code), "{server}");
    hub.assert_good().await;
}

/// The specification forbids to cancel `initialize`: whoever waits no longer closes the connection.
async fn h07_greeting_is_not_cancelled() {
    let entry = json!({"era": "legacy", "timeouts": {"start": "3s"}, "backoff": {"first": "1h", "max": "1h"}});
    let hub = Setup::pair(&["--silent"], entry).start().await;
    hub.wait_for_record("faulty", "initialize").await;
    let server = hub.wait_for("faulty", "the server is listed with its error", has_error).await;
    assert_eq!(server["error"]["code"], "T-0203", "{server}");
    let methods = hub.recorded("faulty").iter().map(|entry| entry["message"]["method"].clone()).collect::<Vec<_>>();
    assert_eq!(methods, ["initialize"]);
}

/// One server that does not work takes nothing from the lists of the others, and is marked.
async fn h16_server_that_fails_empties_no_list(era: Era) {
    let setup = Setup::new().fixture("broken", &["--never-start"], json!({}));
    let setup = setup.fixture("ends", &["--exit-on-list"], json!({})).fixture("good", &[], json!({}));
    let hub = setup.start().await;
    hub.wait_for_tool("good__echo").await;
    let client = hub.client_of(era).await;
    let tools = client.tool_names().await;
    assert_eq!(tools.len(), crate::upstream::definitions().len());
    assert!(tools.iter().all(|name| name.starts_with("good__")), "{tools:?}");
    for (method, member) in [
        ("prompts/list", "prompts"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
    ] {
        assert_eq!(client.list(method, member).await.len(), 1, "{method}");
    }
    for name in ["broken", "ends"] {
        hub.wait_for(name, "the server is listed with its error", has_error).await;
    }
    assert_eq!(hub.server("good").await["error"], Value::Null);
}

async fn slow_start_keeps_nobody_waiting(era: Era) {
    let setup = Setup::new();
    let go = setup.path("go");
    let flags = ["--start-delay-file", go.to_str().unwrap()];
    let hub = setup.fixture("faulty", &flags, json!({})).fixture("good", &[], json!({})).start().await;
    hub.wait_for_tool("good__echo").await;
    let client = hub.client_of(era).await;
    let names = client.tool_names().await;
    assert!(names.iter().any(|name| name == "good__echo"), "the list is served: {names:?}");
    assert!(!names.iter().any(|name| name.starts_with("faulty__")), "what is not known is not listed: {names:?}");
    hub.assert_good().await;
    let state = hub.server("faulty").await["state"].clone();
    assert!(["idle", "starting"].iter().any(|word| state == *word), "it is not ready yet: {state}");
    std::fs::write(&go, "").unwrap();
    hub.wait_for_tool("faulty__echo").await;
    assert_eq!(client.call("faulty__echo", json!({"message": "late"})).await.text(), "late");
    hub.wait_for("faulty", "the server is ready", |server| server["state"] == "ready").await;
}

async fn a53_noise_at_the_start_is_passed_over(era: Era) {
    let hub = Setup::pair(&["--noise"], json!({})).ready().await;
    let client = hub.client_of(era).await;
    assert_eq!(client.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    let all = GARBAGE_LINES.len() as u64;
    let counted = |server: &Value| server["noise"].as_u64().is_some_and(|noise| noise >= all);
    hub.wait_for("faulty", "the noise is counted", counted).await;
    hub.assert_good().await;
}

/// The hub says where it listens, and from then on a client may call.
async fn first_call_right_after_the_start_works() {
    let hub = Setup::pair(&[], json!({})).start().await;
    for upstream in ["good", "faulty"] {
        let reply = hub.call(&format!("{upstream}__echo"), json!({"message": "first"})).await;
        assert_eq!(reply.text(), "first");
    }
}

/// A name that leads to an upstream which is being started is not unknown: the call waits.
async fn call_during_the_start_waits() {
    let setup = Setup::new();
    let go = setup.path("go");
    let flags = ["--start-delay-file", go.to_str().unwrap()];
    let hub = setup.fixture("faulty", &flags, json!({})).fixture("good", &[], json!({})).start().await;
    hub.wait_for_tool("good__echo").await;
    let waiting = hub.modern().start_call("faulty__echo", json!({"message": "waited"}));
    hub.assert_good().await;
    std::fs::write(&go, "").unwrap();
    assert_eq!(waiting.finish().await.text(), "waited");
}

async fn exit_at_the_list_is_told() {
    let hub = Setup::pair(&["--exit-on-list"], json!({"backoff": {"first": "1h", "max": "1h"}})).start().await;
    hub.wait_for_tool("good__echo").await;
    let server = hub.wait_for("faulty", "the server is listed with its error", has_error).await;
    assert!(server["error"]["code"].as_str().unwrap().starts_with("T-02"), "{server}");
    assert_ne!(server["state"], "ready", "{server}");
    hub.assert_good().await;
}

async fn a38_endless_list_is_given_up() {
    let hub = Setup::pair(&["--endless-cursor"], json!({})).start().await;
    hub.wait_for_tool("good__echo").await;
    let server = hub.wait_for("faulty", "the server is listed with its error", has_error).await;
    assert_eq!(server["error"]["code"], "T-0213", "{server}");
    assert_ne!(server["state"], "ready", "{server}");
    hub.assert_good().await;
}

/// Entries that no client could use must not make the whole list unusable.
async fn bad_tools_do_not_hide_the_others() {
    let setup = Setup::new();
    let tools = json!([
        {"name": "fine", "inputSchema": {"type": "object"}},
        {"inputSchema": {"type": "object"}},
        {"name": 7, "inputSchema": {}},
        "no object",
        null,
        {"name": "fine", "description": "the second one of this name", "inputSchema": {"type": "object"}},
        {"name": "spaces and ünïcode", "inputSchema": {"type": "object"}},
        {"name": "n".repeat(200), "inputSchema": {"type": "object"}},
        {"name": "echo", "inputSchema": {"type": "object"}},
    ]);
    std::fs::write(setup.path("tools.json"), tools.to_string()).unwrap();
    let flags = ["--tools-file", &setup.path_text("tools.json")];
    let hub = setup.fixture("faulty", &flags, json!({})).fixture("good", &[], json!({})).ready().await;
    let names = hub.modern().tool_names().await;
    let mut faulty: Vec<&str> = names.iter().map(String::as_str).filter(|name| name.starts_with("faulty__")).collect();
    let all = faulty.len();
    faulty.sort_unstable();
    faulty.dedup();
    assert_eq!(faulty.len(), all, "no name is listed twice: {faulty:?}");
    let fits = |name: &str| {
        name.len() <= 64 && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter))
    };
    assert!(faulty.iter().all(|name| fits(name)), "every name is one that clients take: {faulty:?}");
    for name in faulty.iter().filter(|name| **name != "faulty__echo" && **name != "faulty__fine") {
        let text = hub.call(name, json!({})).await.text().to_owned();
        assert!(text.ends_with(" of faulty"), "a changed name leads to its tool: {name}: {text}");
    }
    assert_eq!(hub.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    hub.assert_good().await;
}

async fn disabled_server_is_not_started() {
    let hub = Setup::pair(&[], json!({"enabled": false})).start().await;
    hub.wait_for_tool("good__echo").await;
    assert_eq!(hub.server("faulty").await["state"], "disabled");
    assert!(!hub.modern().tool_names().await.iter().any(|name| name.starts_with("faulty__")));
    hub.call("faulty__echo", json!({"message": "hi"})).await.assert_code(&["T-0305", "T-0212"]);
    assert_eq!(hub.recorded("faulty").len(), 0, "it was never started");
}

async fn failing_server_is_not_tried_without_pause() {
    let hub = Setup::pair(&["--exit-on-list"], json!({"backoff": {"first": "1h", "max": "1h"}})).start().await;
    hub.wait_for_tool("good__echo").await;
    hub.wait_for("faulty", "the server backs off", |server| server["state"] == "backing_off").await;
    let starts = hub.recorded_method("faulty", "tools/list").len();
    for _ in 0..20 {
        hub.call("faulty__echo", json!({"message": "hi"})).await.assert_fault(&["T-0207", "T-0202"], "faulty");
    }
    assert_eq!(hub.recorded_method("faulty", "tools/list").len(), starts, "calls do not start it before its time");
    hub.assert_good().await;
}
