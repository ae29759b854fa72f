use super::{Having, Left, Orders, Worker};
use crate::tests::House;
use base::task;
use journal::{Held, RunId};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// A run was left and had again, and only then the worker hears that it was left.
#[tokio::test(start_paused = true)]
async fn a_run_that_was_had_again_is_not_taken_for_left() {
    let house = House::of(&[], crate::tests::Told::default()).await;
    let (left, _leaving) = mpsc::unbounded_channel();
    let shared = Arc::clone(&house.runner.shared);
    let mut worker = Worker { shared, runs: HashMap::new(), left, due: None, more: false, looked: Instant::now() };
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
