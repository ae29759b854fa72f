//! A crate uses only crates of lower layers, never its own: domains do not know each other and meet at ports.

use crate::repository::Repository;
use crate::source::line_of;
use crate::tidy::Finding;

/// The rooms, from the ground up.
const LAYERS: [&[&str]; 11] = [
    &["base", "conversation"],
    &[
        "resilience",
        "telemetry",
        "store",
        "mcp",
        "openai",
        "model",
        "routing",
        "schema",
        "templates",
        "numbers",
        "cards",
    ],
    &[
        "search",
        "openapi",
        "files",
        "lint",
        "plan",
        "context",
        "protection",
        "semantic",
        "dialects",
        "engine",
        "lessons",
        "hybrid",
        "exchange",
        "inspection",
        "signatures",
        "spending",
        "journal",
        "console",
        "workflow",
    ],
    &["identity", "tools", "llm", "builtin", "prompts", "memory", "machine", "agents", "documents"],
    &["rounds", "runner", "rehearsal"],
    &["entrances"],
    &["server", "clients", "pull", "steps"],
    &["assembly"],
    &["hubs"],
    &["work"],
    &["tutti"],
];

/// Packages that stand outside the house: they may use what they like, and no crate may use them.
const OUTSIDE: [&str; 4] = ["xtask", "e2e", "eval", "tiny"];

const RULE: &str = "layers";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &repository.packages {
        let manifest = format!("{}/Cargo.toml", package.folder);
        let Some(own) = layer(&package.name) else {
            if !OUTSIDE.contains(&package.name.as_str()) {
                let message = format!("the crate {} has no layer", package.name);
                findings.push(Finding::new(RULE, &manifest, 1, message, "give it one in xtask/src/tidy/layers.rs"));
            }
            continue;
        };
        for used in package.dependencies.iter().filter(|dependency| !dependency.for_tests) {
            let line = line_of_dependency(repository, &manifest, &used.name);
            if OUTSIDE.contains(&used.name.as_str()) {
                let message = format!("{} uses {}, which stands outside the house", package.name, used.name);
                findings.push(Finding::new(RULE, &manifest, line, message, "move what is needed into a crate"));
            } else if let Some(theirs) = layer(&used.name).filter(|&theirs| theirs >= own) {
                let message = format!("{} (layer {own}) uses {} (layer {theirs})", package.name, used.name);
                let fix = "use only lower layers: move what both need down, or meet at a port in base/src/ports.rs";
                findings.push(Finding::new(RULE, &manifest, line, message, fix));
            }
        }
    }
    findings
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|crates| crates.contains(&name))
}

fn line_of_dependency(repository: &Repository, manifest: &str, name: &str) -> usize {
    let text = repository.file(manifest).map_or("", |file| file.text.as_str());
    text.find(&format!("\n{name}")).map_or(1, |at| line_of(text, at + 1))
}

#[cfg(test)]
mod tests;
