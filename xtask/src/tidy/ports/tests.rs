use super::{FILE, MOST, check};
use crate::repository::Repository;

fn ports(count: usize) -> String {
    (0..count).map(|number| format!("/// A trait.\npub trait Port{number} {{}}\n")).collect()
}

#[test]
fn ten_ports_are_fine_and_no_file_is_too() {
    assert!(check(&Repository::of(&[(FILE, &ports(MOST))])).is_empty());
    assert!(check(&Repository::of(&[])).is_empty());
}

#[test]
fn the_eleventh_is_named() {
    let findings = check(&Repository::of(&[(FILE, &ports(MOST + 1))]));
    assert_eq!(findings.len(), 1);
    assert!(findings[0].message.starts_with("the port Port10 is one too many"), "{}", findings[0].message);
    assert_eq!(findings[0].line, 22);
}
