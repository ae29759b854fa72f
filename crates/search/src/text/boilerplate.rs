//! Which topics are boiler-plate in which group.

use crate::document::Boilerplate;
use crate::entry::{ByNumber, Entry, EntryPart, Number};
use std::sync::Arc;

/// The topics that most documents of a group have.
#[derive(Debug, Default)]
pub(super) struct Topics {
    common: ByNumber<()>,
    left: f32,
}

impl Topics {
    /// Counts the topics of `entries`.
    pub(super) fn count(rule: Option<Boilerplate>, entries: &[Arc<Entry>]) -> Self {
        let Some(rule) = rule else { return Self::default() };
        let mut sizes: ByNumber<usize> = ByNumber::default();
        let mut counts: ByNumber<(Number, usize)> = ByNumber::default();
        let mut topics: Vec<Number> = Vec::new();
        for entry in entries {
            *sizes.entry(entry.group_number).or_default() += 1;
            topics.clear();
            topics.extend(entry.parts.iter().filter_map(|part| part.topic));
            topics.sort_unstable();
            topics.dedup();
            for topic in &topics {
                counts.entry(*topic).or_insert((entry.group_number, 0)).1 += 1;
            }
        }
        let is_common =
            |(group, count): (Number, usize)| count >= rule.least && count as f32 > rule.share * sizes[&group] as f32;
        let common = counts.into_iter().filter(|(_, count)| is_common(*count)).map(|(topic, _)| (topic, ())).collect();
        Self { common, left: rule.left }
    }

    /// What is left of the weight of a part, from 0 to 1.
    pub(super) fn left(&self, part: &EntryPart) -> f32 {
        match part.topic {
            Some(topic) if self.common.contains_key(&topic) => self.left,
            _ => 1.0,
        }
    }
}
