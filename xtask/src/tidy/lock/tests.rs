use super::{FILE, MOST, check, packages};
use crate::repository::Repository;

fn lock(count: usize) -> Repository {
    Repository::of(&[(FILE, &"[[package]]\nname = \"x\"\n\n".repeat(count))])
}

#[test]
fn packages_are_counted_and_limited() {
    assert_eq!(packages(&lock(MOST)), MOST);
    assert!(check(&lock(MOST)).is_empty());
    assert_eq!(check(&lock(MOST + 1))[0].message, "the lock has 301 packages: 300 are the most");
}
