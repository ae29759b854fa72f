//! Who imports whom among siblings, and the cycles in that.

use crate::repository::File;
use crate::source::line_of;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// Where an import stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
}

/// The imports among the siblings of one level, each with one place where it stands.
#[derive(Debug, Default)]
pub(super) struct Graph {
    edges: BTreeMap<String, BTreeMap<String, Place>>,
}

impl Place {
    pub(super) fn new(file: &File, offset: usize) -> Self {
        Self { file: file.path.clone(), line: line_of(&file.text, offset) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

impl Graph {
    /// Adds that `from` imports `to`; the first place is kept.
    pub(super) fn add(&mut self, from: &str, to: &str, place: Place) {
        self.edges.entry(from.to_owned()).or_default().entry(to.to_owned()).or_insert(place);
    }

    /// Where `from` imports `to`.
    pub(super) fn place(&self, from: &str, to: &str) -> Option<&Place> {
        self.edges.get(from)?.get(to)
    }

    /// One shortest cycle for each group of modules that reach each other.
    pub(super) fn cycles(&self) -> Vec<Vec<String>> {
        let mut done = BTreeSet::new();
        let mut cycles = Vec::new();
        for start in self.edges.keys() {
            if done.contains(start) {
                continue;
            }
            if let Some(cycle) = self.shortest_way_back(start) {
                // All that `start` reaches and that reaches `start` is of the same group: one finding is enough.
                let group = self
                    .reached_from(start)
                    .into_iter()
                    .filter(|other| self.reached_from(other).contains(start.as_str()));
                done.extend(group.map(str::to_owned));
                cycles.push(cycle);
            }
        }
        cycles
    }

    fn followers(&self, from: &str) -> impl Iterator<Item = &str> {
        self.edges.get(from).into_iter().flat_map(|to| to.keys().map(String::as_str))
    }

    fn reached_from<'a>(&'a self, start: &'a str) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            open.extend(self.followers(node).filter(|next| reached.insert(*next)));
        }
        reached
    }

    /// The shortest cycle through `start`, beginning with it: breadth first, so that the first way found is the shortest.
    fn shortest_way_back(&self, start: &str) -> Option<Vec<String>> {
        let mut before: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = VecDeque::from([start]);
        while let Some(node) = open.pop_front() {
            for next in self.followers(node) {
                if next == start {
                    let way = std::iter::successors(Some(node), |node| before.get(node).copied());
                    let mut way: Vec<_> = way.map(str::to_owned).collect();
                    way.reverse();
                    return Some(way);
                }
                if let std::collections::btree_map::Entry::Vacant(entry) = before.entry(next) {
                    entry.insert(node);
                    open.push_back(next);
                }
            }
        }
        None
    }
}
