//! Which topics are boiler-plate in which group.

use crate::document::Boilerplate;
use crate::entry::{Entry, EntryPart, Number, number};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The topics that most documents of a group have.
#[derive(Debug, Default)]
pub(super) struct Topics {
    common: HashSet<(Number, Number)>,
    left: f32,
}

impl Topics {
    /// Counts the topics of `entries`.
    pub(super) fn count(rule: Option<Boilerplate>, entries: &[Arc<Entry>]) -> Self {
        let Some(rule) = rule else { return Self::default() };
        let mut sizes: HashMap<Number, usize> = HashMap::new();
        let mut counts: HashMap<(Number, Number), usize> = HashMap::new();
        for entry in entries {
            let group = number(&entry.group);
            *sizes.entry(group).or_default() += 1;
            let mut topics: Vec<Number> = entry.parts.iter().filter_map(|part| part.topic).collect();
            topics.sort_unstable();
            topics.dedup();
            for topic in topics {
                *counts.entry((group, topic)).or_default() += 1;
            }
        }
        let is_common = |&(&(group, _), &count): &(&(Number, Number), &usize)| {
            count >= rule.least && count as f32 > rule.share * sizes[&group] as f32
        };
        let common = counts.iter().filter(is_common).map(|(&key, _)| key).collect();
        Self { common, left: rule.left }
    }

    /// What is left of the weight of a part, from 0 to 1.
    pub(super) fn left(&self, entry: &Entry, part: &EntryPart) -> f32 {
        match part.topic {
            Some(topic) if !self.common.is_empty() && self.common.contains(&(number(&entry.group), topic)) => self.left,
            _ => 1.0,
        }
    }
}
