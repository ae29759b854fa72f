//! Child processes: none is left over, whatever ends them, and none gets what it should not.

mod bounds;
mod family;

use crate::harness::{Era, Setup, children_in_state, eventually, group_and_session, processes_with_marker, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::HashSet;

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials!("process":
        a55_h05_two_hundred_restarts_leave_nothing,
        a56_h28_environment_of_a_child_is_its_own,
        variables_of_an_entry_arrive,
        a59_h28_arguments_are_no_shell_line,
        folder_of_a_child,
        h05_one_process_serves_all_clients,
        h05_idle_process_is_stopped_and_started_again,
        eager_process_is_there_without_a_call,
        h31_calls_above_the_limit_are_refused,
    );
    tests.extend(bounds::tests());
    tests.extend(family::tests());
    tests
}

async fn a55_h05_two_hundred_restarts_leave_nothing() {
    let backoff = json!({"first": "1ms", "max": "1ms"});
    // A tool that does nothing but end its server is held back, unless all is let through.
    let entry = json!({"backoff": backoff, "breaker": {"enabled": false}});
    let hub = Setup::pair(&[], entry).ready().await;
    let client = hub.client().await;
    let mut pids = HashSet::new();
    for round in 1..=200 {
        let reply = hub.call_after_backoff("faulty__whoami", json!({})).await;
        pids.insert(reply.structured()["pid"].as_u64().expect("a process has an id"));
        assert_eq!(pids.len(), round, "every round has a process of its own");
        client.call("faulty__exit", json!({"code": round % 3})).await.assert_fault(&["T-0202"], "faulty");
        if round % 50 == 0 {
            hub.assert_good().await;
        }
    }
    assert_eq!(hub.call_after_backoff("faulty__echo", json!({"message": "last"})).await.text(), "last");
    let server = hub.server("faulty").await;
    assert!(server["restarts"].as_u64().is_some_and(|restarts| restarts >= 200), "the restarts are counted: {server}");
    let marker = hub.setup.marker("faulty");
    eventually("one process is left", || async {
        let left = upstream_processes(&marker);
        if left.len() == 1 { Ok(()) } else { Err(format!("{left:?}")) }
    })
    .await;
    assert_no_zombies(hub.pid()).await;
    let good = hub.recorded("good").iter().map(|entry| entry["pid"].to_string()).collect::<HashSet<_>>();
    assert_eq!(good.len(), 1, "the other one was never restarted");
    let all = hub.setup.marker_of_all();
    let setup = hub.stop().await;
    assert_none_left(&all).await;
    drop(setup);
}

/// The processes of the fixture itself: those with its flags. A supervisor of the hub may stand beside each.
fn upstream_processes(marker: &str) -> Vec<u32> {
    let own = std::env::current_exe().expect("this executable has a path");
    let is_fixture = |pid: &u32| std::fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|path| path == own);
    processes_with_marker(marker).into_iter().filter(is_fixture).collect()
}

/// Waits until no process of the test is left, however it was started.
pub(crate) async fn assert_none_left(marker: &str) {
    eventually("no process is left", || async {
        let left = processes_with_marker(marker);
        if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
    })
    .await;
}

async fn assert_no_zombies(hub: u32) {
    eventually("every child that ended was waited for", || async {
        let zombies = children_in_state(hub, 'Z');
        if zombies.is_empty() { Ok(()) } else { Err(format!("{zombies:?}")) }
    })
    .await;
}

async fn a56_h28_environment_of_a_child_is_its_own() {
    let secret = "hub-Zq7xLw0pVn4dRk9tYb2mUe6sGj1aHc8fKo5iXr3u-3f9a";
    let setup = Setup::pair(&[], json!({"env": {"OWN": "its own"}}));
    let setup = ["TUTTI_SECRET", "AWS_SECRET_ACCESS_KEY", "LD_LIBRARY_PATH", "NODE_OPTIONS", "OPENAI_API_KEY"]
        .into_iter()
        .fold(setup, |setup, name| setup.environment(name, secret));
    let hub = setup.ready().await;
    let environment = hub.call("faulty__environment", json!({})).await.structured().clone();
    assert_eq!(environment["OWN"], "its own", "{environment}");
    assert!(!environment.to_string().contains(secret), "nothing of the hub's is passed on: {environment}");
    // Without these hardly any program starts, and none of them is a secret.
    let harmless = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LC_ALL", "TZ", "TMPDIR"];
    let named = ["OWN", "TUTTI_E2E_MARKER"];
    let all = environment.as_object().expect("the environment is an object");
    let odd: Vec<&String> =
        all.keys().filter(|name| !harmless.contains(&name.as_str()) && !named.contains(&name.as_str())).collect();
    assert!(odd.is_empty(), "no variable comes from nowhere: {odd:?}");
    let other = hub.call("good__environment", json!({})).await.structured().clone();
    assert!(other.get("OWN").is_none(), "what one entry names is not the other's: {other}");
}

async fn variables_of_an_entry_arrive() {
    let entry = json!({"env": {"FROM_HUB": "${TUTTI_E2E_WORD}", "PLAIN": "a=b c'd\"e", "EMPTY": ""}});
    let hub = Setup::pair(&[], entry).environment("TUTTI_E2E_WORD", "chosen").ready().await;
    let environment = hub.call("faulty__environment", json!({})).await.structured().clone();
    assert_eq!(environment["FROM_HUB"], "chosen");
    assert_eq!(environment["PLAIN"], "a=b c'd\"e");
    assert_eq!(environment["EMPTY"], "");
}

async fn a59_h28_arguments_are_no_shell_line() {
    let setup = Setup::new();
    let file = setup.path("made-by-a-shell");
    let text = format!("x; touch {0} & touch {0} | `touch {0}` && echo $HOME *", file.display());
    let hub = setup.fixture("faulty", &["--scheme", &text], json!({})).fixture("good", &[], json!({})).ready().await;
    let me = hub.call("faulty__whoami", json!({})).await.structured().clone();
    assert!(me["args"].as_array().is_some_and(|args| args.contains(&json!(text))), "an argument stays one: {me}");
    assert!(!file.exists(), "no shell has read it");
}

async fn folder_of_a_child() {
    let setup = Setup::new();
    std::fs::create_dir(setup.path("below")).unwrap();
    let absolute = setup.path("below").canonicalize().unwrap();
    let setup = setup.fixture("relative", &[], json!({"cwd": "below"}));
    let hub = setup.fixture("absolute", &[], json!({"cwd": absolute})).fixture("good", &[], json!({})).ready().await;
    for (name, folder) in [("relative", &absolute), ("absolute", &absolute)] {
        let me = hub.call(&format!("{name}__whoami"), json!({})).await.structured().clone();
        assert_eq!(me["cwd"], json!(folder), "{name}");
    }
    let mine = hub.setup.folder.path().canonicalize().unwrap();
    let me = hub.call("good__whoami", json!({})).await.structured().clone();
    assert_eq!(me["cwd"], json!(mine), "the folder of the configuration, unless the entry says otherwise");
}

async fn h05_one_process_serves_all_clients() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let mut pids = HashSet::new();
    for round in 0..10 {
        let client = hub.client_of(Era::BOTH[round % 2]).await;
        pids.insert(client.call("faulty__whoami", json!({})).await.structured()["pid"].to_string());
    }
    assert_eq!(pids.len(), 1, "a client is no reason for another process");
    let me = hub.call("faulty__whoami", json!({})).await.structured().clone();
    let (group, _) = group_and_session(hub.pid()).unwrap();
    assert_ne!(me["pgid"], group, "a child is not in the group of the hub: {me}");
}

async fn h05_idle_process_is_stopped_and_started_again() {
    let setup = Setup::new().fixture("faulty", &[], json!({"idle_stop": "1s"}));
    let hub = setup.fixture("good", &[], json!({"idle_stop": "1s"})).ready().await;
    let before = hub.call("faulty__whoami", json!({})).await.structured()["pid"].clone();
    let is_idle = |server: &Value| server["state"] == "idle";
    hub.wait_for("faulty", "the process that nobody uses is stopped", is_idle).await;
    assert_none_left(&hub.setup.marker("faulty")).await;
    let names = hub.modern().tool_names().await;
    assert!(names.iter().any(|name| name == "faulty__echo"), "its tools are still listed: {names:?}");
    let after = hub.call("faulty__whoami", json!({})).await.structured()["pid"].clone();
    assert_ne!(before, after, "the next call has started it again");
    // A call that is under way is use. The other one, used later, is idle for a second before it is stopped.
    let held = hub.modern().start_call("faulty__hold", json!({"name": "long"}));
    hub.call("faulty__await_hold", json!({"name": "long"})).await.result();
    hub.assert_good().await;
    hub.wait_for("good", "the other one is stopped", is_idle).await;
    assert!(!held.is_over());
    assert_eq!(hub.call("faulty__whoami", json!({})).await.structured()["pid"], after, "it was not stopped");
    hub.call("faulty__release", json!({"name": "long"})).await.result();
    assert_eq!(held.finish().await.text(), "held long");
}

async fn eager_process_is_there_without_a_call() {
    let hub = Setup::pair(&[], json!({"start": "eager"})).start().await;
    let server = hub.wait_for("faulty", "the eager server is ready", |server| server["state"] == "ready").await;
    assert!(server["pid"].is_u64(), "{server}");
    assert!(server["tools"].as_u64().is_some_and(|tools| tools > 20), "{server}");
    assert!(hub.recorded_method("faulty", "tools/call").is_empty(), "nobody has called it");
}

async fn h31_calls_above_the_limit_are_refused() {
    let hub = Setup::pair(&[], json!({"limits": {"calls": 3}})).ready().await;
    let client = hub.client().await;
    let held: Vec<_> = (0..2).map(|_| client.start_call("faulty__hold", json!({"name": "full"}))).collect();
    client.call("faulty__await_hold", json!({"name": "full", "count": 2})).await.result();
    let third = client.start_call("faulty__hold", json!({"name": "full"}));
    eventually("the third call has arrived", || async {
        let count = hub.recorded_method("faulty", "tools/call").len();
        if count == 4 { Ok(()) } else { Err(format!("{count} calls")) }
    })
    .await;
    let reply = client.call("faulty__echo", json!({"message": "one too many"})).await;
    reply.assert_fault(&["T-0211"], "faulty");
    hub.assert_good().await;
    // Nobody can release them through the full upstream; ending one call makes room for that.
    client.notify("notifications/cancelled", json!({"requestId": third.id})).await;
    let room = || async {
        let reply = client.call("faulty__release", json!({"name": "full", "times": 2})).await;
        if reply.code() == Some("T-0211") { Err(reply.raw) } else { Ok(reply) }
    };
    eventually("a cancelled call makes room", room).await.result();
    for pending in held {
        assert_eq!(pending.finish().await.text(), "held full");
    }
}
