use super::{Begins, Begun, Coming, Place, Places};
use crate::orders::{Left, Orders};
use crate::tests::tools::new_run;
use journal::{Created, Digest, Held, RunId};
use std::sync::Arc;
use tokio::sync::mpsc;

fn run(number: u8) -> RunId {
    RunId::new(1, [number; 10])
}

/// A worker that writes nothing first.
fn begins() -> Arc<Begins> {
    Arc::new(|_, held, _| {
        let going = Box::pin(std::future::ready(Ok(Left::Ended)));
        Ok(Begun { held, orders: Arc::new(Orders::default()), going })
    })
}

fn plan() -> Arc<workflow::Plan> {
    Arc::new(crate::tests::tools::plan("name: w\nsteps:\n  - { name: a, tool: mcp://s/t }\n", &workflow::Nothing))
}

fn of(place: Option<Place>) -> Option<Held> {
    place.map(|place| place.held)
}

#[test]
fn there_is_a_place_for_each_run_that_the_worker_has_room_for() {
    let places = Places::default();
    assert_eq!(of(places.take(run(1))), None, "nobody works");
    let (worker, mut coming) = mpsc::unbounded_channel();
    let open = places.open(begins(), worker);
    assert_eq!(of(places.take(run(1))), None, "there is no room yet");
    open.has_room(2, 0);
    let (first, mut second) = (places.take(run(1)), places.take(run(2)).unwrap());
    assert_eq!(of(places.take(run(3))), None);
    // Whoever started it has left before it was known what became of it.
    let mut first = first.unwrap();
    first.begin(&mut new_run(run(1), Digest::of(b"plan")), &plan()).unwrap();
    drop(first);
    assert!(matches!(coming.try_recv(), Ok(Coming::Unsure(begun)) if begun.held == Held { run: run(1), fence: 1 }));
    assert_eq!(of(places.take(run(3))), None, "the worker may have to look after it first");
    open.has_room(2, 1);
    assert!(places.take(run(3)).is_some());
    assert!(matches!(coming.try_recv(), Ok(Coming::Nothing)), "nothing was begun");
    assert!(open.close(1), "the second is on its way");
    assert_eq!(of(places.take(run(4))), None);
    second.begin(&mut new_run(run(2), Digest::of(b"plan")), &plan()).unwrap();
    second.became(&Ok(Created::New(run(2))));
    assert!(matches!(coming.try_recv(), Ok(Coming::Begun(begun)) if begun.held.run == run(2)));
    assert!(!open.close(1));
}

#[test]
fn without_a_worker_there_are_no_places() {
    let places = Places::default();
    let (worker, coming) = mpsc::unbounded_channel();
    let open = places.open(begins(), worker);
    open.has_room(2, 0);
    let place = places.take(run(1));
    drop((open, coming));
    assert_eq!(of(places.take(run(2))), None);
    // Nobody hears it, and the lease of the run ends.
    drop(place);
}
