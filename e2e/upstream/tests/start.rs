//! Starts that go wrong, and the flags themselves.

use crate::harness::{Direct, trials};
use crate::upstream::GARBAGE_LINES;
use libtest_mimic::Trial;
use serde_json::json;
use std::time::{Duration, Instant};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("upstream":
        unknown_flags_are_refused,
        never_start_ends_at_once,
        silent_reads_and_says_nothing,
        start_waits_for_a_file,
        start_waits_for_seconds,
        noise_comes_first,
        exit_on_list_ends,
        endless_cursor_never_ends,
    )
}

async fn unknown_flags_are_refused() {
    for flags in [&["--no-such-flag"][..], &["--era", "medieval"], &["--tools", "many"], &["--name"]] {
        let (status, errors) = Direct::start(flags).end().await;
        assert_eq!(status.code(), Some(2), "{flags:?}");
        assert!(!errors.is_empty(), "{flags:?} are explained");
    }
}

async fn never_start_ends_at_once() {
    let (status, errors) = Direct::start(&["--never-start", "--name", "n"]).end().await;
    assert_eq!(status.code(), Some(3));
    assert_eq!(errors, "n has no licence and will not start\n");
}

async fn silent_reads_and_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    let mut direct = Direct::start(&["--silent", "--record", record.to_str().unwrap()]);
    direct.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "ping"})).await;
    direct.close_input();
    assert_eq!(direct.line().await, None);
    assert_eq!(direct.end().await.0.code(), Some(0));
    assert!(std::fs::read_to_string(record).unwrap().contains("ping"), "it has read the message");
}

async fn start_waits_for_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (go, record) = (folder.path().join("go"), folder.path().join("record"));
    let mut direct = Direct::start(&["--start-delay-file", go.to_str().unwrap(), "--record", record.to_str().unwrap()]);
    direct.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "ping"})).await;
    direct.send(&json!({"jsonrpc": "2.0", "id": 2, "method": "ping"})).await;
    crate::harness::eventually("both messages are recorded", || async {
        let text = std::fs::read_to_string(&record).unwrap_or_default();
        if text.lines().count() == 2 { Ok(()) } else { Err(text) }
    })
    .await;
    assert!(direct.try_line(Duration::from_millis(100)).await.is_none(), "no answer before the file exists");
    std::fs::write(&go, "").unwrap();
    assert_eq!(direct.message().await["id"], 1);
    assert_eq!(direct.message().await["id"], 2);
}

async fn start_waits_for_seconds() {
    let start = Instant::now();
    let mut direct = Direct::start(&["--start-delay-seconds", "1"]);
    assert_eq!(direct.request(1, "ping", json!({})).await["id"], 1);
    assert!(start.elapsed() >= Duration::from_secs(1));
}

async fn noise_comes_first() {
    let mut direct = Direct::start(&["--noise"]);
    for expected in GARBAGE_LINES {
        assert_eq!(direct.line().await.unwrap(), expected.trim_ascii_end());
    }
    assert!(direct.shake_hands().await.get("result").is_some());
}

async fn exit_on_list_ends() {
    let mut direct = Direct::legacy(&["--exit-on-list"]).await;
    direct.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).await;
    assert_eq!(direct.line().await, None);
    assert_eq!(direct.end().await.0.code(), Some(4));
}

async fn endless_cursor_never_ends() {
    let mut direct = Direct::legacy(&["--endless-cursor"]).await;
    let mut params = json!({});
    for page in 0..20 {
        let answer = direct.request(page, "tools/list", params).await;
        assert_eq!(answer["result"]["tools"][0]["name"], format!("endless_{page}"));
        params = json!({"cursor": answer["result"]["nextCursor"]});
    }
}
