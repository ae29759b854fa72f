//! Who has a run when it begins.

use super::tools::{Does, House, NOW, Told, served};
use crate::places::{Begins, Begun, Coming};
use crate::{JournalRunner, Options, Start};
use journal::{JournalStore, MemoryJournal, Status};
use memory::Memory;
use serde_json::{Map, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

const ONE: &str = "name: one\nsteps:\n  - { name: search, tool: mcp://web/search }\n";

async fn worker(house: &House, run: journal::RunId) -> Option<String> {
    house.store.run(run).await.unwrap().worker
}

#[tokio::test(start_paused = true)]
async fn a_run_is_its_workers_from_the_beginning_where_there_is_room() {
    let house = House::of(&[ONE], Told::does(&[("search", &[Does::Takes(1_000)])])).await;
    let early = house.start("one", json!({})).await;
    assert_eq!(worker(&house, early).await, None, "nobody has said yet that there is room");
    tokio::time::sleep(Duration::from_millis(1)).await;
    let run = house.start("one", json!({})).await;
    assert_eq!(worker(&house, run).await.as_deref(), Some("first"));
    assert_eq!((house.end(early).await.0, house.end(run).await.0), (Status::Succeeded, Status::Succeeded));
    assert_eq!(house.outside.calls(), ["search:1", "search:1"]);
}

#[tokio::test(start_paused = true)]
async fn runs_that_find_no_room_wait_and_come_before_later_ones() {
    let options = Options { runs: 1, ..Options::of("first") };
    let house = House::like(&[ONE], Told::does(&[("search", &[Does::Takes(1_000)])]), options).await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(house.start("one", json!({})).await);
    }
    let [first, second, third] = runs[..] else { unreachable!() };
    assert_eq!(worker(&house, first).await.as_deref(), Some("first"));
    assert_eq!((worker(&house, second).await, worker(&house, third).await), (None, None));
    house.end(first).await;
    house.end(second).await;
    assert_eq!(house.end(third).await.0, Status::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_started_while_its_worker_ends_is_left_to_others() {
    let house = House::of(&[ONE], Told::default()).await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    // It is handed over, and the worker hears both at once.
    let run = house.start("one", json!({})).await;
    house.shutdown.cancel();
    let house = house.end_work().await;
    assert_eq!(worker(&house, run).await, None);
    let house = house.crash(&[ONE], Told::default());
    assert_eq!(house.end(run).await.0, Status::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_workflow_can_be_started_after_all_its_runs_were_forgotten() {
    let house = House::of(&[ONE], Told::default()).await;
    let run = house.start("one", json!({})).await;
    house.end(run).await;
    assert_eq!(house.runner.prune(u64::MAX, 10).await.unwrap(), 1);
    let again = house.start("one", json!({})).await;
    assert_eq!(house.end(again).await.0, Status::Succeeded);
}

/// That is for the run to say, and not for whoever starts it.
#[tokio::test(start_paused = true)]
async fn a_run_is_created_without_the_first_entries_that_its_journal_does_not_take() {
    let store = Arc::new(MemoryJournal::default());
    let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
    let (journal, outside) = (Arc::clone(&store) as _, Arc::new(Told::default()));
    let runner = JournalRunner::with_clock(journal, outside, memory, Options::of("first"), Arc::new(|| NOW));
    runner.serve(vec![served(ONE)]);
    let (hears, mut coming) = mpsc::unbounded_channel();
    let begins: Arc<Begins> = Arc::new(|new, held, _| {
        // A run has one beginning.
        new.first = new.beginning();
        Ok(Begun { held, orders: Arc::default(), going: Box::pin(std::future::pending()) })
    });
    let places = runner.shared.places.open(begins, hears);
    places.has_room(1, 0);
    let run = runner.start(Start::of("one", Map::new())).await.unwrap().run;
    assert!(matches!(coming.try_recv(), Ok(Coming::Nothing)));
    let created = store.run(run).await.unwrap();
    assert_eq!((created.worker, created.last), (None, 1));
}
