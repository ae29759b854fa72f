use super::*;

#[test]
fn h10_the_first_begins_and_the_last_ends() {
    let watched = Watched::new();
    assert_eq!(watched.add("a", 1), Some(true));
    assert_eq!(watched.add("a", 2), Some(false));
    assert_eq!(watched.add("a", 2), Some(false), "a client counts once");
    assert!(!watched.remove("a", 1) && !watched.remove("a", 1));
    assert!(watched.remove("a", 2) && watched.all().is_empty());
    assert_eq!(watched.add("a", 2), Some(true));
}

#[test]
fn a_client_is_known_by_what_it_watches() {
    let watched = Watched::new();
    watched.add("a", 1);
    watched.add("b", 1);
    watched.add("b", 2);
    assert_eq!(watched.of(1), ["a", "b"]);
    assert_eq!(watched.of(3), Vec::<String>::new());
}

#[test]
fn there_is_a_limit() {
    let watched = Watched::new();
    for index in 0..RESOURCES {
        watched.add(&index.to_string(), 1);
    }
    assert_eq!(watched.add("one more", 1), None);
    assert_eq!(watched.add("7", 2), Some(false), "what is watched already may have more clients");
}
