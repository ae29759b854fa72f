//! What is known of notices.

use super::*;

fn run(number: u8) -> RunId {
    RunId::new(u64::from(number), [number; 10])
}

fn desk(names: &[&str]) -> Desk {
    Desk::new(notices(names), mpsc::unbounded_channel().0)
}

fn notices(names: &[&str]) -> Arc<Vec<Notice>> {
    Arc::new(names.iter().map(|name| Notice::new(name, "https://example.org/", "gates", &[]).unwrap()).collect())
}

fn sent(notice: &str, number: u8, ending: Ending) -> Sent {
    Sent { notice: notice.to_owned(), run: run(number), id: "id".to_owned(), ending }
}

#[test]
fn one_receiver_has_so_many_at_once_and_takes_no_place_of_another() {
    let mut desk = desk(&["a", "b"]);
    let ids: Vec<String> = (0..UNDER_WAY).map(|number| number.to_string()).collect();
    assert!(ids.iter().all(|id| desk.begin("a", run(1), id).is_some()));
    assert!(desk.begin("a", run(2), "id").is_none());
    let places = desk.begin("b", run(2), "id").unwrap();
    assert_eq!(places.available_permits(), AT_ONCE);
    assert_eq!(desk.end(&Sent { id: ids[0].clone(), ..sent("a", 1, Ending::Taken) }, true), None);
    assert!(desk.begin("a", run(3), "id").is_some());
}

#[test]
fn what_was_given_up_begins_again_where_somebody_else_is_told() {
    let mut desk = desk(&["a"]);
    for (number, ending) in [(1, Ending::GivenUp), (2, Ending::Taken)] {
        desk.begin("a", run(number), "id").unwrap();
        assert_eq!(desk.end(&sent("a", number, ending), false), None);
    }
    desk.all = false;
    desk.follow(notices(&["a"]));
    assert!(!desk.all && desk.is_begun(run(1), "id") && desk.is_begun(run(2), "id"));
    desk.follow(notices(&["a", "b"]));
    assert!(desk.all && !desk.is_begun(run(1), "id"));
    assert!(desk.is_begun(run(2), "id"), "it was told, though that could not be kept");
}

#[test]
fn what_is_outdated_is_looked_at_at_once() {
    let mut desk = desk(&["a"]);
    desk.begin("a", run(1), "id").unwrap();
    desk.next.insert(run(1), 7);
    assert_eq!(desk.end(&sent("a", 1, Ending::Outdated), false), Some(run(1)));
    assert!(!desk.is_begun(run(1), "id") && desk.next.is_empty());
}

#[test]
fn runs_are_looked_at_again_in_turn() {
    let mut desk = desk(&["a"]);
    let all: Vec<RunId> = (0..=255).map(run).collect();
    all.iter().for_each(|run| desk.look_again(*run));
    let first = desk.again();
    assert_eq!(first, all[..UNDER_WAY]);
    // Those of which nobody could be told once more come behind the others.
    first.iter().for_each(|run| desk.look_again(*run));
    assert_eq!(desk.again(), all[UNDER_WAY..]);
    assert!(desk.again().is_empty(), "then it begins anew");
    assert_eq!(desk.again(), all[..UNDER_WAY]);
}
