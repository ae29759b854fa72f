//! Nothing of one machine in the repository: no folder that only its owner has, no host that packages came from.

use crate::repository::{File, Repository};
use crate::source::line_of;
use crate::tidy::Finding;

const RULE: &str = "hygiene";

/// Top folders of one machine, and hosts of package registries. They are put together here, because this file is
/// looked at as well.
fn banned() -> Vec<(String, &'static str)> {
    let folders = ["work", "root"].map(|name| (format!("/{name}/"), "use a path relative to the repository"));
    let hosts = [
        ["registry", "npmjs", "org"],
        ["registry", "yarnpkg", "com"],
        ["files", "pythonhosted", "org"],
        ["index", "crates", "io"],
        ["static", "crates", "io"],
        ["proxy", "golang", "org"],
        ["deb", "debian", "org"],
    ];
    let short = ["pypi", "org"].join(".");
    let hosts = hosts.iter().map(|parts| parts.join(".")).chain([short]);
    let hosts = hosts.map(|host| (host, "name the package only: each machine has its own registry"));
    folders.into_iter().chain(hosts).collect()
}

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let banned = banned();
    repository.files.iter().flat_map(|file| in_file(file, &banned)).collect()
}

fn in_file(file: &File, banned: &[(String, &'static str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (text, fix) in banned {
        for (at, _) in file.text.match_indices(text).filter(|&(at, _)| begins_there(&file.text, at)) {
            let message = format!("`{text}` belongs to one machine");
            findings.push(Finding::new(RULE, &file.path, line_of(&file.text, at), message, fix));
        }
    }
    findings
}

/// Whether a path or a host begins at `at`, and not in the middle of a longer one such as `src/root/`.
fn begins_there(text: &str, at: usize) -> bool {
    !text[..at].ends_with(|character: char| character.is_alphanumeric() || "_-.}>)~*".contains(character))
}

#[cfg(test)]
mod tests;
