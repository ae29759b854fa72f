//! Runs of which a journal does not take what happens.

use super::tools::{Does, House, NOW, Told, served};
use crate::{By, JournalRunner, Options, Start};
use journal::limits::{BATCH, ENTRIES};
use journal::{Append, Author, Entry, JournalStore, Kind, MemoryJournal, RunId, Status};
use memory::Memory;
use serde_json::{Map, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Adds events that mean nothing until there are so many entries.
async fn fill(store: &MemoryJournal, run: RunId, until: u64) {
    let noise = Entry::of_run(NOW, Kind::Signal { name: "noise".to_owned() });
    loop {
        let expected = store.run(run).await.unwrap().last;
        let count = usize::try_from(until - expected).unwrap().min(BATCH);
        if count == 0 {
            return;
        }
        let entries = vec![noise.clone(); count];
        store.append(Append { run, expected, author: Author::Outside, entries, status: None }).await.unwrap();
    }
}

async fn waits() -> (Arc<MemoryJournal>, JournalRunner, RunId) {
    let store = Arc::new(MemoryJournal::default());
    let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
    let runner = JournalRunner::with_clock(
        Arc::clone(&store) as _,
        Arc::new(Told::default()),
        memory,
        Options::of("w"),
        Arc::new(|| NOW),
    );
    runner.serve(vec![served("name: waits\nsteps:\n  - { name: wait, wait: { signal: go } }\n")]);
    let run = runner.start(Start::of("waits", Map::new())).await.unwrap().run;
    (store, runner, run)
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_journal_is_full_ends() {
    let (store, runner, run) = waits().await;
    fill(&store, run, ENTRIES).await;
    let refused = runner.signal(run, "go", "first", &json!(1)).await.unwrap_err();
    assert!(refused.to_string().contains("250000 entries"), "{refused}");
    let working = runner.clone();
    let work = base::task::spawn("work", async move { working.work(CancellationToken::new()).await.unwrap() });
    let (ended, error) = runner.ended(run).await.unwrap();
    work.abort();
    assert_eq!((ended.status, &error["code"]), (Status::Failed, &json!("T-1206")));
}

/// However often somebody says it: what is kept for the end of a run stays for that.
#[tokio::test(start_paused = true)]
async fn a_run_whose_journal_is_full_is_resumed_and_cancelled_once() {
    let (store, runner, run) = waits().await;
    fill(&store, run, ENTRIES - 2).await;
    let by = By { actor: "somebody".to_owned(), ..By::default() };
    for _ in 0..100 {
        runner.pause(run, &by).await.unwrap();
    }
    assert_eq!(runner.run(run).await.unwrap().last, ENTRIES - 1);
    fill(&store, run, ENTRIES).await;
    for _ in 0..100 {
        runner.cancel(run, &by).await.unwrap();
    }
    assert_eq!(runner.run(run).await.unwrap().last, ENTRIES + 1);
    for _ in 0..100 {
        runner.resume(run, &by).await.unwrap();
    }
    assert_eq!(runner.run(run).await.unwrap().last, ENTRIES + 2);
    let refused = runner.pause(run, &by).await.unwrap_err();
    assert!(refused.to_string().contains("250000 entries"), "{refused}");
    let working = runner.clone();
    let work = base::task::spawn("work", async move { working.work(CancellationToken::new()).await.unwrap() });
    let (ended, error) = runner.ended(run).await.unwrap();
    work.abort();
    assert_eq!((ended.status, &error["code"]), (Status::Cancelled, &json!("T-1215")));
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
