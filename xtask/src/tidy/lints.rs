//! Every crate has the lints of the workspace, which forbid `unsafe`; one, which is named here, has its own with `unsafe` in few places.

use crate::repository::Repository;
use crate::source::line_of;
use crate::tidy::Finding;

/// The one crate that calls libraries of C itself.
const EXCEPTION: &str = "cards";
/// The one file of it that may.
const PLACE: &str = "crates/cards/src/driver.rs";
const RULE: &str = "lints";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &repository.packages {
        let manifest = format!("{}/Cargo.toml", package.folder);
        let Some(file) = repository.file(&manifest) else { continue };
        let (wanted, fix) = if package.name == EXCEPTION {
            ("\nunsafe_code = \"deny\"\n", "deny `unsafe_code`, so that each function says why it has it")
        } else {
            ("\n[lints]\nworkspace = true\n", "write `[lints] workspace = true`")
        };
        if !file.text.contains(wanted) {
            findings.push(Finding::new(RULE, &manifest, 1, format!("{} has lints of its own", package.name), fix));
        }
    }
    let of_crate = format!("crates/{EXCEPTION}/");
    for file in repository.rust().filter(|file| file.path.starts_with(&of_crate) && file.path != PLACE) {
        if let Some(at) = file.source.production.find("expect(unsafe_code") {
            let line = line_of(&file.source.production, at);
            findings.push(Finding::new(
                RULE,
                &file.path,
                line,
                "`unsafe` beyond its one place",
                "move it to driver.rs",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests;
