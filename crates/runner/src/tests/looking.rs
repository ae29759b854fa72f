//! Looks at runs with long journals.

use super::between::{Between, Hook};
use super::tools::{NOW, Told, served};
use crate::{Approval, By, JournalRunner, Options, Start};
use journal::limits::BATCH;
use journal::{Append, Author, Entry, JournalStore, Kind, MemoryJournal, Rest, RunId, Status, Wait};
use memory::Memory;
use serde_json::Map;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;

/// Counts how often entries are read.
#[derive(Default)]
struct Reads(AtomicUsize);

impl Hook for Reads {
    fn before<'a>(&'a self, _: &'a dyn JournalStore, _: Option<&'a Append>) -> Wait<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn after(&self, _: Option<Rest>) {}

    fn read<'a>(&'a self, _: &'a dyn JournalStore, _: RunId) -> Wait<'a, ()> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(()) })
    }
}

const ASKS: &str = "name: asks\nsteps:\n  - { name: look, gate: { prompt: 'Go on?' } }\n";

async fn told(store: &dyn JournalStore, run: RunId, count: usize) {
    let expected = store.run(run).await.unwrap().last;
    let entries = vec![Entry::of_run(NOW, Kind::Signal { name: "noise".to_owned() }); count];
    store.append(Append { run, expected, author: Author::Outside, entries, status: None }).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_was_looked_at_is_not_read_again() {
    let store = Arc::new(Between { store: MemoryJournal::default(), hook: Reads::default() });
    let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
    let outside = Arc::new(Told::default());
    let runner =
        JournalRunner::with_clock(Arc::clone(&store) as _, outside, memory, Options::of("w"), Arc::new(|| NOW));
    runner.serve(vec![served(ASKS)]);
    let run = runner.start(Start::of("asks", Map::new())).await.unwrap().run;
    told(&*store, run, BATCH).await;
    told(&*store, run, BATCH).await;
    let shutdown = CancellationToken::new();
    let (working, stop) = (runner.clone(), shutdown.clone());
    let work = base::task::spawn("work", async move { working.work(stop).await.unwrap() });
    while runner.run(run).await.unwrap().status != Status::Waiting {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let reads = || store.hook.0.swap(0, Ordering::Relaxed);
    reads();
    let first = runner.inspect(run).await.unwrap();
    assert_eq!((first.gates.len(), reads()), (1, 3), "it is read from the beginning once");
    for _ in 0..10 {
        assert_eq!(runner.asking(run).await.unwrap().gates, first.gates);
        assert_eq!(runner.inspect(run).await.unwrap(), first);
    }
    assert_eq!(reads(), 0, "nothing is new");
    shutdown.cancel();
    work.await.unwrap();
    told(&*store, run, 1).await;
    let asking = runner.asking(run).await.unwrap();
    assert_eq!((asking.run.last, asking.gates, reads()), (first.run.last + 1, first.gates, 1), "what is new is read");
    let by = By { actor: "somebody".to_owned(), everywhere: true, ..By::default() };
    runner.approve(run, &Approval::default(), &by).await.unwrap();
    assert_eq!(reads(), 0);
    assert!(runner.asking(run).await.unwrap().gates.is_empty());
    assert_eq!((runner.inspect(run).await.unwrap().steps[0].status, reads()), ("succeeded", 1));
}

/// Runs that nobody looked at for the longest time are forgotten, and read again.
#[tokio::test(start_paused = true)]
async fn only_so_many_runs_are_kept_in_memory() {
    let store = Arc::new(Between { store: MemoryJournal::default(), hook: Reads::default() });
    let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
    let outside = Arc::new(Told::default());
    let runner =
        JournalRunner::with_clock(Arc::clone(&store) as _, outside, memory, Options::of("w"), Arc::new(|| NOW));
    runner.serve(vec![served(ASKS)]);
    let mut runs = Vec::new();
    for _ in 0..=crate::limits::LOOKS {
        runs.push(runner.start(Start::of("asks", Map::new())).await.unwrap().run);
        runner.asking(*runs.last().unwrap()).await.unwrap();
    }
    let reads = || store.hook.0.swap(0, Ordering::Relaxed);
    reads();
    runner.asking(runs[1]).await.unwrap();
    assert_eq!(reads(), 0);
    runner.asking(runs[0]).await.unwrap();
    assert_eq!(reads(), 1);
    runner.asking(RunId::new(1, [0; 10])).await.unwrap_err();
    assert_eq!(runner.shared.looks.count(), crate::limits::LOOKS);
}
