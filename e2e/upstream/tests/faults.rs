//! The tools that misbehave do so as they say.

use crate::harness::{Direct, alive, eventually, processes_with_marker, send_signal, trial, trials};
use crate::upstream::GARBAGE_LINES;
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials!("upstream":
        exit_ends_without_an_answer,
        exit_can_answer_first,
        die_aborts,
        hang_hangs_alone,
        garbage_comes_before_the_answer,
        huge_is_one_line,
        wrong_id_never_answers,
        nameless_error_comes_on_demand,
        twice_answers_twice,
        stderr_is_written,
        environment_is_all,
        whoami_is_true,
        stubborn_ignores_the_polite_ways,
    );
    tests.push(trial("upstream::fork_leaves_a_deaf_child", || fork_leaves_a_child(false)));
    tests.push(trial("upstream::fork_leaves_a_daemon", || fork_leaves_a_child(true)));
    tests
}

async fn exit_ends_without_an_answer() {
    let mut direct = Direct::legacy(&["--name", "leaver"]).await;
    direct.send(&call(1, "exit", json!({"code": 9}))).await;
    assert_eq!(direct.line().await, None, "nothing comes before the end");
    let (status, errors) = direct.end().await;
    assert_eq!(status.code(), Some(9));
    assert_eq!(errors, "leaver leaves with code 9\n");
}

async fn exit_can_answer_first() {
    let mut direct = Direct::legacy(&[]).await;
    assert_eq!(direct.call(1, "exit", json!({"answer": true})).await["result"]["content"][0]["text"], "leaving");
    assert_eq!(direct.end().await.0.code(), Some(0));
}

async fn die_aborts() {
    let mut direct = Direct::legacy(&[]).await;
    direct.send(&call(1, "die", json!({}))).await;
    assert_eq!(direct.line().await, None);
    assert_eq!(direct.end().await.0.signal(), Some(6), "SIGABRT");
}

async fn hang_hangs_alone() {
    let mut direct = Direct::legacy(&[]).await;
    direct.send(&call(1, "hang", json!({}))).await;
    assert_eq!(direct.call(2, "add", json!({"a": 1, "b": 1})).await["id"], 2);
}

async fn garbage_comes_before_the_answer() {
    let mut direct = Direct::legacy(&[]).await;
    direct.send(&call(1, "garbage", json!({}))).await;
    let mut not_text = 0;
    for expected in GARBAGE_LINES {
        let line = direct.line().await.unwrap();
        assert_eq!(line, expected.trim_ascii_end());
        not_text += usize::from(std::str::from_utf8(&line).is_err());
        let message = serde_json::from_slice::<Value>(&line)
            .is_ok_and(|value| value.is_object() && (value["method"].is_string() || value.get("id").is_some()));
        assert!(!message, "no line is a message");
    }
    assert_eq!(not_text, 1, "one line is not UTF-8");
    assert_eq!(direct.message().await["result"]["content"][0]["text"], "after the garbage");
}

async fn huge_is_one_line() {
    let mut direct = Direct::legacy(&[]).await;
    let answer = direct.call(1, "huge", json!({"megabytes": 3})).await;
    assert_eq!(answer["id"], 1);
    assert_eq!(answer["result"]["content"][0]["text"].as_str().unwrap().len(), 3_000_000);
}

async fn wrong_id_never_answers() {
    let mut direct = Direct::legacy(&[]).await;
    direct.send(&call(1, "wrong_id", json!({}))).await;
    for _ in 0..5 {
        assert_ne!(direct.message().await["id"], 1);
    }
    assert_eq!(direct.call(2, "add", json!({})).await["id"], 2);
}

async fn nameless_error_comes_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("go");
    let mut direct = Direct::legacy(&[]).await;
    direct.send(&call(1, "nameless_error", json!({"file": file}))).await;
    direct.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})).await;
    assert_eq!(direct.call(2, "cancelled", json!({"at_least": 1})).await["id"], 2);
    std::fs::write(&file, "").unwrap();
    let error = direct.message().await;
    assert_eq!((&error["id"], &error["error"]["code"]), (&Value::Null, &json!(-32700)));
    eventually("the other file is there", || async {
        if file.with_extension("sent").exists() { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
}

async fn twice_answers_twice() {
    let mut direct = Direct::legacy(&[]).await;
    let first = direct.call(1, "twice", json!({})).await;
    let second = direct.message().await;
    assert_eq!((&first["id"], &second["id"]), (&json!(1), &json!(1)));
    assert_eq!(first["result"]["content"][0]["text"], "first");
    assert_eq!(second["result"]["content"][0]["text"], "second");
}

async fn stderr_is_written() {
    let mut direct = Direct::legacy(&[]).await;
    direct.call(1, "stderr", json!({"text": "to be seen", "times": 3})).await;
    direct.close_input();
    let (status, errors) = direct.end().await;
    assert_eq!(status.code(), Some(0), "the end of its input ends it");
    assert_eq!(errors, "to be seen\n".repeat(3));
}

async fn environment_is_all() {
    let mut direct = Direct::legacy(&[]).await;
    let answer = direct.call(1, "environment", json!({})).await;
    assert_eq!(answer["result"]["structuredContent"], json!({"FIXTURE_VARIABLE": "its value"}));
}

async fn whoami_is_true() {
    let mut direct = Direct::legacy(&["--name", "me"]).await;
    let answer = direct.call(1, "whoami", json!({})).await;
    let me = &answer["result"]["structuredContent"];
    assert_eq!(me["pid"], direct.pid());
    assert_eq!(me["ppid"], std::process::id());
    assert_eq!(me["cwd"], json!(std::env::current_dir().unwrap()));
    assert!(me["args"].as_array().unwrap().contains(&json!("me")));
    assert!(me["pgid"].is_u64() && me["sid"].is_u64(), "{me}");
}

async fn fork_leaves_a_child(daemonise: bool) {
    let folder = tempfile::tempdir().unwrap();
    let marker = format!("fork-{}", folder.path().display());
    let mut direct = Direct::legacy(&["--marker", &marker]).await;
    let arguments = json!({"file": folder.path().join("pid"), "daemonise": daemonise});
    let answer = direct.call(1, "fork", arguments).await;
    let pid = u32::try_from(answer["result"]["structuredContent"]["pid"].as_u64().unwrap()).unwrap();
    assert!(alive(pid) && pid != direct.pid());
    // In the moment in which a process becomes another program it shows neither arguments nor environment.
    eventually("the marker finds it", || async {
        let found = processes_with_marker(&marker);
        if found.contains(&pid) { Ok(()) } else { Err(format!("{found:?}")) }
    })
    .await;
    let sessions = Command::new("ps").args(["-o", "sid=", "-p", &format!("{pid},{}", direct.pid())]).output().unwrap();
    let sessions = String::from_utf8(sessions.stdout).unwrap();
    let sessions: Vec<&str> = sessions.split_whitespace().collect();
    assert_eq!(sessions[0] != sessions[1], daemonise, "a daemon has a session of its own: {sessions:?}");
    direct.close_input();
    // Its standard error does not end: the grandchild holds it.
    direct.wait().await;
    send_signal(pid, Signal::TERM);
    send_signal(pid, Signal::HUP);
    assert!(alive(pid), "it outlives its parent and is deaf to polite signals");
    send_signal(pid, Signal::KILL);
    eventually("the grandchild is gone", || async { if alive(pid) { Err("alive".to_owned()) } else { Ok(()) } }).await;
    assert_eq!(processes_with_marker(&marker), Vec::<u32>::new(), "nothing else is left");
}

async fn stubborn_ignores_the_polite_ways() {
    let mut direct = Direct::legacy(&["--stubborn"]).await;
    send_signal(direct.pid(), Signal::TERM);
    assert_eq!(direct.call(1, "add", json!({})).await["id"], 1, "SIGTERM is ignored");
    direct.close_input();
    send_signal(direct.pid(), Signal::TERM);
    assert!(alive(direct.pid()), "so is the end of its input");
    send_signal(direct.pid(), Signal::KILL);
    assert_eq!(direct.end().await.0.signal(), Some(9));
}

fn call(id: i64, tool: &str, arguments: Value) -> Value {
    let mut message = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool}});
    message["params"]["arguments"] = arguments;
    message
}
