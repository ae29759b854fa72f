//! No import cycle among sibling modules, at any level.
//!
//! A module and its children may know each other, as is usual in Rust. Siblings that need each other, directly or by way
//! of others, have fused into one: then a change in any of them can break all. Test files are not counted.

mod graph;
mod references;

use crate::repository::Repository;
use crate::tidy::Finding;
use graph::{Graph, Place};
use references::{Modules, Path};
use std::collections::BTreeMap;

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    repository.package_folders().into_iter().flat_map(|folder| in_crate(repository, folder)).collect()
}

fn in_crate(repository: &Repository, folder: &str) -> Vec<Finding> {
    let modules = Modules::of_crate(repository, folder);
    let mut levels: BTreeMap<Path, Graph> = BTreeMap::new();
    for (from, file) in modules.files() {
        for (to, offset) in modules.references(from, &file.source.production) {
            if let Some((level, left, right)) = siblings(from, &to) {
                let place = Place::new(file, offset);
                levels.entry(level).or_default().add(&left, &right, place);
            }
        }
    }
    levels
        .iter()
        .flat_map(|(level, graph)| graph.cycles().into_iter().map(|cycle| finding(folder, level, graph, &cycle)))
        .collect()
}

/// The level at which two modules part, and their names there; nothing if one holds the other.
fn siblings(from: &Path, to: &Path) -> Option<(Path, String, String)> {
    let shared = from.iter().zip(to.iter()).take_while(|(left, right)| left == right).count();
    Some((from[..shared].to_vec(), from.get(shared)?.clone(), to.get(shared)?.clone()))
}

/// `cycle` names each module once, in the order of the imports.
fn finding(folder: &str, level: &Path, graph: &Graph, cycle: &[String]) -> Finding {
    let follower = |index: usize| &cycle[(index + 1) % cycle.len()];
    let edges = cycle.iter().enumerate().map(|(index, from)| (from, follower(index)));
    let places: Vec<&Place> = edges.filter_map(|(from, to)| graph.place(from, to)).collect();
    let evidence: Vec<_> = places.iter().map(|place| place.to_string()).collect();
    let home = std::iter::once("crate").chain(level.iter().map(String::as_str)).collect::<Vec<_>>().join("::");
    let path = cycle.iter().chain(cycle.first()).map(String::as_str).collect::<Vec<_>>().join(" -> ");
    let message = format!("modules of {home} import each other: {path} ({})", evidence.join(", "));
    let fix = "move what both need into a module of its own, or join the two";
    let (file, line) = places.first().map_or((folder, 1), |place| (place.file.as_str(), place.line));
    Finding::new("cycles", file, line, message, fix)
}

#[cfg(test)]
mod tests;
