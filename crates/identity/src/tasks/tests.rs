use super::{OWNERS, Task, Tasks};
use base::seal::Sealer;
use std::sync::Arc;

fn task(id: &str) -> Task {
    Task { upstream: "u".to_owned(), id: id.to_owned() }
}

#[test]
fn a31_ids_are_good_for_one_principal() {
    let tasks = Tasks::new(Sealer::new(&[1; 32]));
    let sealed = tasks.seal(&task("7"), "ada").unwrap();
    assert_eq!(tasks.seal(&task("7"), "ada").unwrap(), sealed, "a task has one name");
    assert_eq!(tasks.open(&sealed, "ada"), Some(task("7")));
    assert_eq!(tasks.open(&sealed, "bob"), None);
    assert_eq!(tasks.open("7", "ada"), None);
    assert_eq!(tasks.open(&sealed[..sealed.len() - 1], "ada"), None);
    let after_restart = Tasks::new(Sealer::new(&[1; 32]));
    assert_eq!(after_restart.open(&sealed, "ada"), Some(task("7")));
    assert_eq!(Tasks::new(Sealer::new(&[2; 32])).open(&sealed, "ada"), None, "of another hub");
    assert!(tasks.seal(&task(&"x".repeat(513)), "ada").is_err());
}

#[test]
fn owners_are_remembered_within_bounds() {
    let tasks = Tasks::new(Sealer::new(&[1; 32]));
    let ada: Arc<str> = "ada".into();
    for n in 0..=OWNERS {
        tasks.own(task(&n.to_string()), &ada, None);
    }
    assert_eq!(tasks.lock().len(), OWNERS);
    assert!(tasks.is_of(&task(&OWNERS.to_string()), "ada"));
    assert!(!tasks.is_of(&task(&OWNERS.to_string()), "bob"));
}
