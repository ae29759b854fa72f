//! Every module that takes text or JSON apart stands in `fuzz/README.md`: beside the fuzz target that feeds it, or with
//! the reason why it needs none.

use crate::repository::{File, Repository};
use crate::source::line_of;
use crate::tidy::Finding;

const PAGE: &str = "fuzz/README.md";
const RULE: &str = "parsers";
const FIX: &str = "name it in fuzz/README.md, beside the target that feeds it or with the reason why it needs none";

/// What a module that reads bytes of others has in its code.
const SIGNS: [&str; 9] = [
    "serde_json::from_",
    "from_utf8",
    "fn parse(",
    "fn parse_",
    "fn decode",
    "fn recognise",
    "raw::members(",
    "raw::elements(",
    "raw::duplicate(",
];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let Some(page) = repository.file(PAGE) else { return Vec::new() };
    let modules = repository.rust().filter(|file| is_of_the_product(&file.path));
    let mut findings: Vec<Finding> = modules.filter_map(|file| unlisted(page, file)).collect();
    findings.extend(named(&page.text).filter(|(path, _)| repository.file(path).is_none()).map(|(path, line)| {
        Finding::new(RULE, PAGE, line, format!("there is no {path}"), "name the file that it is now, or take it out")
    }));
    let targets = repository.files.iter().filter_map(|file| target(&file.path));
    findings.extend(targets.filter(|name| !page.text.contains(&format!("\n| {name} | "))).map(|name| {
        let message = format!("the target {name} has no row");
        Finding::new(RULE, PAGE, 1, message, "say in a row what it feeds to which modules")
    }));
    findings
}

fn is_of_the_product(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/src/") && !path.ends_with("/tests.rs") && !path.contains("/tests/")
}

/// The finding for a module that reads and does not stand in the page.
fn unlisted(page: &File, file: &File) -> Option<Finding> {
    let code = &file.source.production;
    let at = SIGNS.iter().filter_map(|sign| code.find(sign)).min()?;
    let listed = page.text.contains(&format!("`{}`", file.path));
    let line = line_of(code, at);
    (!listed).then(|| Finding::new(RULE, &file.path, line, "reads bytes, and no fuzz target is named for it", FIX))
}

/// The files that the page names, with the lines where it does.
fn named(page: &str) -> impl Iterator<Item = (&str, usize)> {
    let lines = page.lines().enumerate().filter(|(_, line)| line.starts_with('|'));
    lines.flat_map(|(index, line)| {
        line.split('`').filter(|part| part.starts_with("crates/")).map(move |path| (path, index + 1))
    })
}

/// The target that a file holds; `input.rs` is what they have in common.
fn target(path: &str) -> Option<&str> {
    path.strip_prefix("fuzz/targets/")?.strip_suffix(".rs").filter(|name| *name != "input")
}

#[cfg(test)]
mod tests;
