use super::{Begun, Coming, Having, Left, Orders, Worker};
use crate::tests::House;
use crate::tests::tools::new_run;
use base::task;
use journal::{Held, News, RunId};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;

fn worker(house: &House) -> (Worker, mpsc::UnboundedReceiver<(Held, Left)>) {
    let (left, leaving) = mpsc::unbounded_channel();
    let (shared, runs) = (Arc::clone(&house.runner.shared), HashMap::new());
    (Worker { shared, runs, left, due: None, more: false, looked: Instant::now(), told: 0, strange: false }, leaving)
}

fn begun(held: Held) -> Begun {
    Begun { held, orders: Arc::new(Orders::default()), going: Box::pin(std::future::pending()) }
}

/// A run was left and had again, and only then the worker hears that it was left.
#[tokio::test(start_paused = true)]
async fn a_run_that_was_had_again_is_not_taken_for_left() {
    let house = House::of(&[], crate::tests::Told::default()).await;
    let (mut worker, _leaving) = worker(&house);
    let run = RunId::new(1, [1; 10]);
    let held = |fence| Held { run, fence };
    let carried = task::spawn("run", std::future::pending());
    worker.runs.insert(run, Having { held: held(2), orders: Arc::new(Orders::default()), task: carried });
    worker.was_left(held(1), Left::Waiting(Some(7)));
    assert!(worker.more && worker.due == Some(7));
    assert!(worker.runs.get(&run).is_some_and(|having| !having.task.is_finished()));
    worker.was_left(held(2), Left::Ended);
    assert!(worker.runs.is_empty());
}

/// Somebody who starts a run leaves before the worker is told of it: it goes on with it if it is there.
#[tokio::test(start_paused = true)]
async fn a_run_of_which_nobody_is_sure_is_looked_for() {
    let house = House::of(&[], crate::tests::Told::default()).await;
    let (mut worker, _leaving) = worker(&house);
    let held = Held { run: RunId::new(1, [1; 10]), fence: journal::FIRST_FENCE };
    worker.comes(Coming::Unsure(begun(held))).await;
    assert!(worker.runs.is_empty() && worker.told == 1, "there is no such run");
    let definition = journal::Definition {
        hash: journal::Digest::of(b"plan"),
        workflow: "w".to_owned(),
        source: String::new(),
        plan: String::new(),
    };
    let new = new_run(held.run, definition.hash);
    let store = Arc::clone(&worker.shared.store);
    store.define(definition, 1).await.unwrap();
    store.create_run(new).await.unwrap();
    worker.comes(Coming::Unsure(begun(held))).await;
    assert!(worker.runs.contains_key(&held.run) && worker.told == 2);
}

/// What is said to a run before its worker knows of it makes the run look into its journal.
#[tokio::test(start_paused = true)]
async fn news_of_a_run_that_is_on_its_way_are_kept_for_it() {
    let house = House::of(&[], crate::tests::Told::default()).await;
    let (mut worker, _leaving) = worker(&house);
    let held = Held { run: RunId::new(1, [1; 10]), fence: 1 };
    worker.hear(Some(News::Run(journal::Wake { run: held.run, ready: true, ended: None })));
    let begun = begun(held);
    let orders = Arc::clone(&begun.orders);
    worker.comes(Coming::Begun(begun)).await;
    orders.news.notified().await;
}

#[tokio::test(start_paused = true)]
async fn a_run_that_comes_late_takes_nothing_from_who_has_it_now() {
    let house = House::of(&[], crate::tests::Told::default()).await;
    let (mut worker, _leaving) = worker(&house);
    let held = |fence| Held { run: RunId::new(1, [1; 10]), fence };
    worker.comes(Coming::Begun(begun(held(2)))).await;
    worker.comes(Coming::Begun(begun(held(1)))).await;
    assert!(worker.told == 2 && worker.runs.get(&held(1).run).is_some_and(|having| having.held == held(2)));
}
