//! A114 and A120: a store that is damaged or a newer Tutti's, and two hubs on one store.

use crate::harness::{Hub, Run, Setup, trials, tutti};
use libtest_mimic::Trial;
use serde_json::json;
use store::{Db, Expect, Statement};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("security":
        a114_damaged_store_is_refused_and_left_as_it_was,
        a114_newer_store_is_refused_and_left_as_it_was,
        a120_second_hub_is_refused,
        a120_commands_work_beside_a_hub,
    )
}

/// Runs the binary with the configuration and the home of `setup`.
async fn run(setup: &Setup, words: &[&str]) -> Run {
    let config = setup.path_text("tutti.yaml");
    let words = [&["--json", "--config", &config][..], words].concat();
    let home = |name: &str| setup.environment[name].clone();
    tutti(&words, &[("HOME", &home("HOME")), ("TUTTI_HOME", &home("TUTTI_HOME"))]).await
}

const UP: [&str; 3] = ["up", "--listen", "127.0.0.1:0"];

/// What was in use a moment ago: the folder of a hub that has ended, and its store.
async fn used() -> (Setup, Vec<u8>) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let session = hub.client().await;
    assert_eq!(session.call("good__add", json!({"a": 1})).await.structured()["sum"], 1.0);
    let setup = hub.stop().await;
    let bytes = std::fs::read(setup.path("tutti.db")).expect("the store is there");
    (setup, bytes)
}

/// The hub does not start over this store, nor does a command that would start the servers itself. No server is started,
/// and the store is as it was.
async fn assert_refused(setup: &Setup, what: &str, code: &str, says: &str) {
    let path = setup.path("tutti.db");
    let before = std::fs::read(&path).expect("the store is there");
    let record = |name: &str| std::fs::read(setup.record(name)).unwrap_or_default();
    let received = [record("good"), record("faulty")];
    for words in [&UP[..], &["tool", "call", "--args", r#"{"a": 1}"#, "good__add"]] {
        let run = run(setup, words).await;
        let told = format!("{what}: {words:?}: {:.2000}{:.2000}", run.stdout, run.stderr);
        assert_eq!(run.code, Some(3), "{told}");
        assert!(told.contains(code) && told.contains(says) && told.contains("tutti.db"), "{told}");
    }
    assert!(std::fs::read(&path).expect("the store is there") == before, "{what}: the store is as it was");
    assert!([record("good"), record("faulty")] == received, "{what}: no server was started");
}

async fn a114_damaged_store_is_refused_and_left_as_it_was() {
    let (setup, sound) = used().await;
    let half = sound.len() / 2;
    let mut overwritten = sound.clone();
    overwritten[4096..].fill(0xa5);
    let damages = [
        ("cut short", sound[..half - half % 4096].to_vec()),
        ("overwritten from the second page on", overwritten),
        ("another program's", b"my notes\n".repeat(2000)),
    ];
    let path = setup.path("tutti.db");
    for (what, bytes) in damages {
        std::fs::write(&path, bytes).expect("the folder of the test can be written");
        assert_refused(&setup, what, "T-0707", "restore a backup").await;
    }
    // Whoever needs the servers now gets them, and the store waits for its mending.
    let damaged = std::fs::read(&path).expect("the store is there");
    let hub = setup.words(&["--state", "memory"]).ready().await;
    hub.assert_good().await;
    assert!(hub.stderr().contains("over a restart"), "what that means is told: {}", hub.stderr());
    let mut setup = hub.stop().await;
    assert!(std::fs::read(&path).expect("the store is there") == damaged);
    // A backup that is restored is used as if nothing had been.
    setup.words.clear();
    std::fs::write(&path, sound).expect("the folder of the test can be written");
    let hub = Hub::start(setup).await;
    let names = hub.modern().tool_names().await;
    assert!(names.iter().any(|name| name == "good__echo"), "its lists were remembered: {names:?}");
    hub.assert_good().await;
}

async fn a114_newer_store_is_refused_and_left_as_it_was() {
    let (setup, sound) = used().await;
    let path = setup.path("tutti.db");
    for domain in ["identity", "tools", "key_value"] {
        std::fs::write(&path, &sound).expect("the folder of the test can be written");
        let db = Db::open(&path).await.expect("the store is sound");
        let step = "INSERT INTO migrations (domain, step, applied_at) VALUES (?1, 999, 0)";
        let done = db.execute(vec![Statement::new(step).with(domain).expecting(Expect::Rows(1))]).await;
        assert!(done.is_ok_and(|outcome| outcome.is_done()));
        db.close().await;
        assert_refused(&setup, domain, "T-0703", "newer").await;
    }
}

async fn a120_second_hub_is_refused() {
    let first = Setup::pair(&[], json!({})).ready().await;
    let session = first.client().await;
    let home = first.setup.environment["TUTTI_HOME"].clone();
    let second = Setup::pair(&[], json!({})).environment("TUTTI_HOME", &home);
    second.write_config();
    let run = run(&second, &UP).await;
    let told = format!("{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, Some(6), "{told}");
    let (pid, folder) = (first.pid().to_string(), first.setup.path_text(""));
    for part in ["T-0708", "TUTTI_HOME=", &pid, &first.url, folder.trim_end_matches('/')] {
        assert!(told.contains(part), "the first one is named, and what to do ({part}): {told}");
    }
    assert!(second.record("good").metadata().is_err(), "no server was started");
    assert_eq!(session.call("good__add", json!({"a": 1})).await.structured()["sum"], 1.0, "the first goes on");
    // Asked to remember nothing, or given a home of its own, the second serves.
    let second = second.words(&["--state", "memory"]).ready().await;
    second.assert_good().await;
    let mut setup = second.stop().await;
    setup.words.clear();
    let own = setup.path_text("home");
    let second = setup.environment("TUTTI_HOME", &own).ready().await;
    second.assert_good().await;
    // What the first has kept is there after a restart, also when it was killed: its lock goes with it.
    first.signal(rustix::process::Signal::KILL);
    let mut first = first;
    first.end().await;
    let setup = std::mem::replace(&mut first.setup, Setup::new());
    drop(first);
    let third = Hub::start(setup).await;
    let names = third.modern().tool_names().await;
    assert!(names.iter().any(|name| name == "good__echo"), "its lists were remembered: {names:?}");
    third.assert_good().await;
}

/// A command that starts the servers of its own folder does so while the hub of another folder has the store.
async fn a120_commands_work_beside_a_hub() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let home = hub.setup.environment["TUTTI_HOME"].clone();
    // With two hubs none is the one that could be meant.
    let other = Setup::pair(&[], json!({})).environment("TUTTI_HOME", &home).words(&["--state", "memory"]);
    let other = other.ready().await;
    let beside = Setup::pair(&[], json!({})).environment("TUTTI_HOME", &home);
    beside.write_config();
    let call = run(&beside, &["tool", "call", "--args", r#"{"a": 2}"#, "good__add"]).await;
    assert_eq!(call.code, Some(0), "{call:?}");
    assert!(call.stdout.contains("2"), "{call:?}");
    assert!(beside.record("good").is_file(), "the servers were its own");
    let test = run(&beside, &["server", "test", "good"]).await;
    assert_eq!(test.code, Some(0), "{test:?}");
    let approve = run(&beside, &["server", "approve", "good", "--yes"]).await;
    assert_eq!(approve.code, Some(6), "what would not be remembered is not promised: {approve:?}");
    assert!(format!("{approve:?}").contains("T-0708"), "{approve:?}");
    hub.assert_good().await;
    other.assert_good().await;
}
