//! The lock file stays small: the time of a cold build follows the number of packages in it.

use crate::repository::Repository;
use crate::tidy::Finding;

const FILE: &str = "Cargo.lock";
/// As many packages as the lock may have.
pub(super) const MOST: usize = 300;

/// How many packages the lock has.
pub(super) fn packages(repository: &Repository) -> usize {
    repository.file(FILE).map_or(0, |file| file.text.lines().filter(|line| *line == "[[package]]").count())
}

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let packages = packages(repository);
    let message = format!("the lock has {packages} packages: {MOST} are the most");
    let fix =
        "leave a library or a feature out; `cargo tree --duplicates` and `cargo tree --edges features` show where";
    (packages > MOST).then(|| Finding::new("lock", FILE, 1, message, fix)).into_iter().collect()
}

#[cfg(test)]
mod tests;
