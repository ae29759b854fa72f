//! Past these sizes the seam is wrong: look for the room that is missing. Tables of data are no exception.

use crate::repository::{File, Repository};
use crate::source::functions;
use crate::tidy::Finding;

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;
const CRATE_LINES: usize = 12_000;
const LANGUAGES: [&str; 6] = [".rs", ".ts", ".svelte", ".py", ".mjs", ".js"];
/// Built by a program, not written by a person.
const BUILT: &str = "dashboard/dist/";

const RULE: &str = "size";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let written = repository.files.iter().filter(|file| is_source(&file.path));
    let mut findings: Vec<_> = written.filter_map(long_file).collect();
    findings.extend(repository.rust().flat_map(long_functions));
    findings.extend(repository.package_folders().into_iter().filter_map(|folder| large_crate(repository, folder)));
    findings
}

fn is_source(path: &str) -> bool {
    !path.starts_with(BUILT) && LANGUAGES.iter().any(|ending| path.ends_with(ending))
}

fn long_file(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    let message = format!("the file has {lines} lines: {FILE_LINES} are the most");
    let fix = "find the part that has a name of its own and give it a file";
    (lines > FILE_LINES).then(|| Finding::new(RULE, &file.path, FILE_LINES + 1, message, fix))
}

fn long_functions(file: &File) -> Vec<Finding> {
    let long = functions(&file.source.code).into_iter().filter(|function| function.lines > FUNCTION_LINES);
    long.map(|function| {
        let message =
            format!("the function {} has {} lines: {FUNCTION_LINES} are the most", function.name, function.lines);
        Finding::new(RULE, &file.path, function.line, message, "give its steps names of their own")
    })
    .collect()
}

fn large_crate(repository: &Repository, folder: &str) -> Option<Finding> {
    let source = format!("{folder}/src/");
    let files = repository.rust().filter(|file| file.path.starts_with(&source) && !file.is_for_tests());
    let lines: usize = files.map(|file| file.text.lines().count()).sum();
    let message = format!("the crate has {lines} lines without its tests: {CRATE_LINES} are the most");
    let manifest = format!("{folder}/Cargo.toml");
    (lines > CRATE_LINES).then(|| Finding::new(RULE, &manifest, 1, message, "look for the room that is missing"))
}

#[cfg(test)]
mod tests;
