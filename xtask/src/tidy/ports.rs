//! Ports are few: a trait stands in `base/src/ports.rs` only when two or more domains call it.

use crate::repository::Repository;
use crate::source::{leading_name, line_of, words};
use crate::tidy::Finding;

const FILE: &str = "crates/base/src/ports.rs";
const MOST: usize = 10;

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let Some(file) = repository.file(FILE) else { return Vec::new() };
    let code = &file.source.production;
    let excess = words(code, "trait").skip(MOST).map(|at| {
        let message =
            format!("the port {} is one too many: there may be {MOST}", leading_name(&code[at + "trait".len()..]));
        let fix = "keep it a trait of the domain that calls it, or join it with another port";
        Finding::new("ports", FILE, line_of(code, at), message, fix)
    });
    excess.collect()
}

#[cfg(test)]
mod tests;
