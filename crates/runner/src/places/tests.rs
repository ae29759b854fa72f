use super::{Coming, Place, Places};
use journal::{Held, RunId};
use tokio::sync::mpsc;

fn run(number: u8) -> RunId {
    RunId::new(1, [number; 10])
}

fn of(place: Option<Place>) -> Option<Held> {
    place.map(|place| place.held)
}

#[test]
fn there_is_a_place_for_each_run_that_the_worker_has_room_for() {
    let places = Places::default();
    assert_eq!(of(places.take(run(1))), None, "nobody works");
    let (worker, mut coming) = mpsc::unbounded_channel();
    let open = places.open(worker);
    assert_eq!(of(places.take(run(1))), None, "there is no room yet");
    open.has_room(2, 0);
    let (first, second) = (places.take(run(1)), places.take(run(2)));
    assert!(first.is_some() && second.is_some());
    assert_eq!(of(places.take(run(3))), None);
    // Whoever started it has left before it was known what became of it.
    drop(first);
    assert!(matches!(coming.try_recv(), Ok(Coming::Unsure(Held { run: left, fence: 1 })) if left == run(1)));
    assert_eq!(of(places.take(run(3))), None, "the worker may have to look after it first");
    open.has_room(2, 1);
    assert!(places.take(run(3)).is_some());
    assert!(matches!(coming.try_recv(), Ok(Coming::Unsure(_))));
    assert!(open.close(1), "the second is on its way");
    assert_eq!(of(places.take(run(4))), None);
    drop(second);
    assert!(matches!(coming.try_recv(), Ok(Coming::Unsure(_))));
    assert!(!open.close(1));
}

#[test]
fn without_a_worker_there_are_no_places() {
    let places = Places::default();
    let (worker, coming) = mpsc::unbounded_channel();
    let open = places.open(worker);
    open.has_room(2, 0);
    let place = places.take(run(1));
    drop((open, coming));
    assert_eq!(of(places.take(run(2))), None);
    // Nobody hears it, and the lease of the run ends.
    drop(place);
}
