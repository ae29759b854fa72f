//! Module files: `foo.rs` beside `foo/`, each with a line that says what it is for.

use crate::repository::{File, Repository};
use crate::tidy::Finding;

const RULE: &str = "modules";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    repository.rust().flat_map(|file| [folder_file(file), no_docs(file)]).flatten().collect()
}

fn folder_file(file: &File) -> Option<Finding> {
    let fix = "name it after its folder and put it beside that: foo.rs and foo/";
    (file.name() == "mod.rs").then(|| Finding::new(RULE, &file.path, 1, "every editor tab would be called mod.rs", fix))
}

fn no_docs(file: &File) -> Option<Finding> {
    let first = file.text.lines().next().unwrap_or_default();
    // A full stop alone keeps the compiler quiet and tells nobody anything.
    let says_something = first.strip_prefix("//!").is_some_and(|text| text.contains(char::is_alphabetic));
    let fix = "begin the file with a `//!` line that says what it is for";
    (!file.is_for_tests() && !says_something)
        .then(|| Finding::new(RULE, &file.path, 1, "the module does not say what it is for", fix))
}

#[cfg(test)]
mod tests;
