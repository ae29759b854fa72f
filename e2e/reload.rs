//! The hub while it runs: its configuration changes, and it is told to end.

use crate::harness::{Client, Era, Http, Hub, Setup, eventually, trials, trials_of_both_eras, tutti};
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("reload":
        server_is_added_to_open_sessions,
        server_is_removed_from_open_sessions,
        held_call_is_answered_before_the_end,
    );
    tests.extend(trials!("reload":
        unchanged_servers_go_on_undisturbed,
        changed_entry_is_started_anew,
        call_on_a_removed_server_is_answered,
        view_is_changed,
        sighup_reads_the_file_again,
        a119_invalid_file_changes_nothing,
        a119_half_written_file_changes_nothing,
        a119_storm_of_signals_is_survived,
        sigterm_ends_an_idle_hub,
        second_signal_ends_at_once,
        taken_address_is_told,
        problems_of_the_file_are_told_all_at_once,
    ));
    tests
}

const CHANGED: &str = "notifications/tools/list_changed";

/// Writes the configuration with one more server.
fn add_server(hub: &mut Hub, name: &str) {
    let entry = hub.setup.fixture_entry(name, &[], json!({}));
    hub.reconfigure(|config| config["servers"][name] = entry);
}

fn remove_server(hub: &mut Hub, name: &str) {
    hub.reconfigure(|config| {
        config["servers"].as_object_mut().expect("`servers` is an object").remove(name);
    });
}

async fn wait_until_gone(hub: &Hub, tool: &str) {
    eventually(&format!("{tool} is no longer listed"), || async {
        let names = hub.modern().tool_names().await;
        if names.iter().any(|name| name == tool) { Err(names.join(" ")) } else { Ok(()) }
    })
    .await;
}

async fn server_is_added_to_open_sessions(era: Era) {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let mut stream = client.listen().await;
    let healthy = crate::harness::Healthy::begin(&client).await;
    add_server(&mut hub, "third");
    stream.next_notification(CHANGED).await;
    hub.wait_for_tool("third__echo").await;
    let names = client.tool_names().await;
    assert!(names.iter().any(|name| name == "third__echo"), "the open session sees it: {names:?}");
    assert_eq!(client.call("third__echo", json!({"message": "new"})).await.text(), "new");
    healthy.end(&hub).await;
}

async fn server_is_removed_from_open_sessions(era: Era) {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let mut stream = client.listen().await;
    let healthy = crate::harness::Healthy::begin(&client).await;
    remove_server(&mut hub, "faulty");
    stream.next_notification(CHANGED).await;
    wait_until_gone(&hub, "faulty__echo").await;
    client.call("faulty__echo", json!({"message": "hi"})).await.assert_code(&["T-0305", "T-0212"]);
    assert!(hub.servers().await.iter().all(|server| server["name"] != "faulty"));
    crate::process::assert_none_left(&hub.setup.marker("faulty")).await;
    healthy.end(&hub).await;
}

async fn pid_of(hub: &Hub, name: &str) -> Value {
    hub.call(&format!("{name}__whoami"), json!({})).await.structured()["pid"].clone()
}

async fn unchanged_servers_go_on_undisturbed() {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let before = (pid_of(&hub, "faulty").await, pid_of(&hub, "good").await);
    add_server(&mut hub, "third");
    hub.wait_for_tool("third__echo").await;
    remove_server(&mut hub, "third");
    wait_until_gone(&hub, "third__echo").await;
    assert_eq!((pid_of(&hub, "faulty").await, pid_of(&hub, "good").await), before, "no process was restarted");
    assert_eq!(client.call("good__add", json!({"a": 1})).await.structured()["sum"], 1.0, "nor the session lost");
}

async fn changed_entry_is_started_anew() {
    let mut hub = Setup::pair(&[], json!({"env": {"WORD": "old"}})).ready().await;
    let (faulty, good) = (pid_of(&hub, "faulty").await, pid_of(&hub, "good").await);
    hub.reconfigure(|config| config["servers"]["faulty"]["env"]["WORD"] = json!("new"));
    eventually("the new entry is in use", || async {
        let reply = hub.call("faulty__environment", json!({})).await;
        let word = reply.message["result"]["structuredContent"]["WORD"].clone();
        if word == "new" { Ok(()) } else { Err(reply.raw) }
    })
    .await;
    assert_ne!(pid_of(&hub, "faulty").await, faulty);
    assert_eq!(pid_of(&hub, "good").await, good);
}

/// Whoever called before the removal gets an answer: the result or the reason why there is none.
async fn call_on_a_removed_server_is_answered() {
    let mut hub = Setup::pair(&[], json!({"timeouts": {"stop": "500ms"}})).ready().await;
    let held = hub.client().await.start_call("faulty__hold", json!({"name": "never released"}));
    hub.call("faulty__await_hold", json!({"name": "never released"})).await.result();
    remove_server(&mut hub, "faulty");
    held.finish().await.assert_fault(&["T-0212", "T-0202"], "faulty");
    hub.assert_good().await;
}

async fn view_is_changed() {
    let views = |pattern: &str| json!({"x": {"tools": [pattern]}});
    let mut hub = Setup::pair(&[], json!({})).with("views", views("good__a*")).ready().await;
    let client = Client::legacy(&hub.at("/mcp/x")).await;
    let mut stream = client.listen().await;
    assert!(client.tool_names().await.iter().all(|name| name.starts_with("good__a")));
    hub.reconfigure(|config| config["views"] = views("faulty__e*"));
    stream.next_notification(CHANGED).await;
    assert!(client.tool_names().await.iter().all(|name| name.starts_with("faulty__e")));
    client.call("good__add", json!({})).await.assert_code(&["T-0305"]);
    assert_eq!(client.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
}

async fn sighup_reads_the_file_again() {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    add_server(&mut hub, "third");
    hub.signal(Signal::HUP);
    hub.wait_for_tool("third__echo").await;
    assert_eq!(client.call("third__echo", json!({"message": "hi"})).await.text(), "hi");
    assert!(hub.is_running());
}

async fn refused_file(text: &str) {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let before = pid_of(&hub, "good").await;
    crate::harness::replace(&hub.setup.config_path(), text);
    hub.signal(Signal::HUP);
    eventually("the problem is told", || async {
        let written = hub.stderr();
        if written.contains("T-01") { Ok(()) } else { Err(written) }
    })
    .await;
    assert_eq!(client.call("good__add", json!({"a": 1})).await.structured()["sum"], 1.0, "the old one goes on");
    assert_eq!(pid_of(&hub, "good").await, before);
    assert_eq!(hub.call("faulty__echo", json!({"message": "still"})).await.text(), "still");
    add_server(&mut hub, "third");
    hub.wait_for_tool("third__echo").await;
}

async fn a119_invalid_file_changes_nothing() {
    refused_file("servers: {good: {command: 7, no_such_key: true}}\nno_such_section: 1\n").await;
}

async fn a119_half_written_file_changes_nothing() {
    refused_file("{\"servers\": {\"good\": {\"comm").await;
}

async fn a119_storm_of_signals_is_survived() {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let before = pid_of(&hub, "good").await;
    for round in 0..50 {
        hub.signal(Signal::HUP);
        if round % 10 == 0 {
            assert_eq!(client.call("good__add", json!({"a": round})).await.structured()["sum"], f64::from(round));
        }
    }
    add_server(&mut hub, "third");
    hub.wait_for_tool("third__echo").await;
    assert_eq!(pid_of(&hub, "good").await, before, "nothing was restarted");
    assert!(hub.is_running());
}

/// SIGTERM: what is under way is answered, then the hub ends well.
async fn held_call_is_answered_before_the_end(era: Era) {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let go = hub.setup.path("go");
    let client = hub.client_of(era).await;
    let held = client.start_call("faulty__hold", json!({"name": "last", "file": go}));
    hub.call("faulty__await_hold", json!({"name": "last"})).await.result();
    hub.signal(Signal::TERM);
    let ready = hub.at("/readyz");
    eventually("the hub takes nothing new", || async {
        match Http::new("GET", &ready).try_open().await {
            Ok(answer) if answer.status == 200 => Err("it is ready".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    assert!(!held.is_over(), "the call is still under way");
    std::fs::write(&go, "").unwrap();
    assert_eq!(held.finish().await.text(), "held last");
    assert_eq!(hub.end().await.code(), Some(0));
    crate::process::assert_none_left(&hub.setup.marker_of_all()).await;
}

async fn sigterm_ends_an_idle_hub() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut hub = Setup::pair(&[], json!({})).ready().await;
        // Open streams are no work: they must not keep the hub from ending.
        let (legacy, modern) = (hub.client().await, hub.modern());
        let streams = (legacy.listen().await, modern.listen().await);
        hub.signal(signal);
        let code = hub.end().await.code();
        let expected: &[i32] = if signal == Signal::TERM { &[0] } else { &[0, 130] };
        assert!(code.is_some_and(|code| expected.contains(&code)), "{signal:?}: {code:?}");
        drop(streams);
    }
}

async fn second_signal_ends_at_once() {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let held = hub.client().await.start_call("faulty__hold", json!({"name": "for ever"}));
    hub.call("faulty__await_hold", json!({"name": "for ever"})).await.result();
    hub.signal(Signal::TERM);
    let url = hub.at("/readyz");
    eventually("the first signal has arrived", || async {
        match Http::new("GET", &url).try_open().await {
            Ok(answer) if answer.status == 200 => Err("it is ready".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    hub.signal(Signal::TERM);
    hub.end().await;
    drop(held);
    crate::process::assert_none_left(&hub.setup.marker_of_all()).await;
}

async fn taken_address_is_told() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let other = Setup::pair(&[], json!({}));
    other.write_config();
    let address = hub.at("").trim_start_matches("http://").to_owned();
    let home = other.folder.path().to_str().unwrap();
    let path = other.path_text("tutti.yaml");
    let arguments = ["up", "--listen", &address, "--json", "--config", &path];
    let run = tutti(&arguments, &[("HOME", home), ("TUTTI_HOME", home)]).await;
    assert_eq!(run.code, Some(6), "{run:?}");
    assert!(run.stderr.contains("T-0503") || run.stdout.contains("T-0503"), "{run:?}");
    crate::process::assert_none_left(&other.marker_of_all()).await;
    hub.assert_good().await;
}

async fn problems_of_the_file_are_told_all_at_once() {
    let setup = Setup::new();
    let text = "servers:\n  one: { comand: sh }\n  two: { command: sh, era: medieval }\nviews:\n  x: { tools: 7 }\n";
    std::fs::write(setup.config_path(), text).unwrap();
    let home = setup.folder.path().to_str().unwrap();
    let path = setup.path_text("tutti.yaml");
    let arguments = ["up", "--listen", "127.0.0.1:0", "--config", &path];
    let run = tutti(&arguments, &[("HOME", home), ("TUTTI_HOME", home)]).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    for told in ["T-0103", "comand", "command", "medieval", "legacy", "tutti.yaml:2", "tutti.yaml:3", "tutti.yaml:5"] {
        assert!(run.stderr.contains(told), "{told} is told: {}", run.stderr);
    }
    assert_eq!(run.stdout, "", "messages go to standard error");
}
