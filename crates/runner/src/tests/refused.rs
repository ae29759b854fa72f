//! Runs of which a journal does not take what happens.

use super::tools::{Does, House, NOW, Told, served};
use crate::{Options, Runner, Start};
use journal::limits::{BATCH, ENTRIES};
use journal::{Append, Author, Decision, Entry, JournalStore, Kind, MemoryJournal, Status};
use memory::Memory;
use serde_json::{Map, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn a_run_whose_journal_is_full_ends() {
    let store = Arc::new(MemoryJournal::default());
    let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
    let runner = Runner::with_clock(
        Arc::clone(&store) as _,
        Arc::new(Told::default()),
        memory,
        Options::of("w"),
        Arc::new(|| NOW),
    );
    runner.serve(vec![served("name: waits\nsteps:\n  - { name: wait, wait: { signal: go } }\n")]);
    let run = runner.start(Start::of("waits", Map::new())).await.unwrap().run;
    let resumed = Kind::Resumed(Decision { actor: "somebody".to_owned(), reason: None });
    for expected in (1..ENTRIES).step_by(BATCH) {
        let entries = vec![Entry::of_run(NOW, resumed.clone()); BATCH];
        store.append(Append { run, expected, author: Author::Outside, entries, status: None }).await.unwrap();
    }
    let refused = runner.signal(run, "go", "first", &json!(1)).await.unwrap_err();
    assert!(refused.to_string().contains("250000 entries"), "{refused}");
    let working = runner.clone();
    let work = base::task::spawn("work", async move { working.work(CancellationToken::new()).await.unwrap() });
    let (ended, error) = runner.ended(run).await.unwrap();
    work.abort();
    assert_eq!((ended.status, &error["code"]), (Status::Failed, &json!("T-1206")));
}

/// What a server says may be longer in a journal than it was.
#[tokio::test(start_paused = true)]
async fn a_failure_is_told_however_it_is_written() {
    let text = "name: get\nsteps:\n  - name: get\n    tool: mcp://web/get\n";
    let cases = [("T-0304", "\u{1}".repeat(3_999)), ("T-0304", "\"".repeat(100_000)), ("", "no code".to_owned())];
    for (code, message) in cases {
        let house = House::of(&[text], Told::does(&[("get", &[Does::Says(code, message.clone())])])).await;
        let run = house.start("get", json!({})).await;
        let (status, error) = house.end(run).await;
        assert_eq!(status, Status::Failed);
        match code {
            "" => assert_eq!(error["code"], "T-1206"),
            _ => assert!(message.starts_with(error["message"].as_str().unwrap()), "{error}"),
        }
        assert_eq!(house.outside.calls(), ["get:1"]);
    }
}
