//! Texts whose answers are kept, and what to do with a new text.

use crate::comparison::{Comparison, Difference, compare};
use crate::evidence::{Evidence, VERIFIED};
use crate::links::Links;
use crate::reading::{Digest, Reading};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

/// Of the entries that are most like a text so many are read.
const READ: usize = 8;
/// With so many of them the real answer is compared.
const COMPARED: usize = 3;
/// Texts that are less like are not compared: hardly any of them ask for the same.
const LEAST: f64 = 0.6;
/// An answer that more texts have than these says nothing of what they ask for.
const MANY: usize = 16;
/// How far above a mistake an entry is still not trusted with texts that it has not answered.
const MARGIN: f64 = 0.02;
/// What an entry takes besides its texts and its answer, in bytes.
const OVERHEAD: usize = 1_024;

/// What tells how like two texts are.
pub trait Meaning {
    /// 1 for the same direction, 0 and less for nothing in common.
    fn likeness(&self, other: &Self) -> f64;
}

/// What the operator wants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// The share of answers given that may be wrong.
    pub error: f64,
    /// Whether answers are only compared, and none is given.
    pub shadow: bool,
    /// The share of answers that are compared even when it is known that they may be given.
    pub check: f64,
}

/// A text that is asked about.
#[derive(Debug)]
pub struct Asked<'a, Vector> {
    /// All else of the question. Only answers to questions with the same are thought of.
    pub group: &'a Digest,
    /// The words.
    pub reading: &'a Reading,
    /// The meaning, if that is known: without it no text in other words is found.
    pub vector: Option<&'a Vector>,
}

/// What to do with a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<Value> {
    /// Nothing kept is like it.
    Nothing,
    /// Ask, and tell [`Entries::learn`] what came of it.
    Compare(Compared),
    /// This is the answer.
    Give {
        /// How like the text is to the one that was answered; 1 where it is the same.
        likeness: f64,
        /// How long ago that was.
        age: Duration,
        /// Its answer.
        value: Value,
    },
}

/// Which entries a real answer is to be compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    candidates: Vec<Candidate>,
    /// Whether the answer of the first would have been given, were answers not also checked.
    ready: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    entry: u64,
    /// Nothing for the same text.
    likeness: Option<f64>,
    /// Whether the text and the entry had the same answer before.
    verified: bool,
    /// Whether it may be given for its likeness alone.
    reworded: bool,
}

/// The entries of one tool, for those who may have each other's answers.
#[derive(Debug)]
pub struct Entries<Vector, Value> {
    entries: HashMap<u64, Entry<Vector, Value>>,
    groups: HashMap<Digest, Vec<u64>>,
    /// The entries by age, the oldest first.
    order: VecDeque<u64>,
    most: usize,
    bytes: usize,
    next: u64,
    evidence: Evidence,
    links: Links,
    differences: BTreeMap<Difference, u64>,
}

#[derive(Debug)]
struct Entry<Vector, Value> {
    group: Digest,
    reading: Reading,
    vector: Option<Vector>,
    value: Value,
    /// What tells its answer from others.
    answer: Digest,
    bytes: usize,
    since: Duration,
    until: Duration,
    /// Up to this likeness it has answered a new text wrongly.
    wrong: f64,
    /// How often it would have answered a new text rightly.
    right: u32,
}

/// An answer to be kept.
#[derive(Debug)]
pub struct Kept<Vector, Value> {
    /// The words of the question.
    pub reading: Reading,
    /// Their meaning.
    pub vector: Option<Vector>,
    /// The answer.
    pub value: Value,
    /// What tells it from others: the same for answers that say the same.
    pub answer: Digest,
    /// Its size in bytes.
    pub size: usize,
}

impl<Vector: Meaning, Value: Clone> Entries<Vector, Value> {
    /// No entries, and room for so many.
    pub fn new(most: usize) -> Self {
        Self {
            entries: HashMap::new(),
            groups: HashMap::new(),
            order: VecDeque::new(),
            most: most.max(1),
            bytes: 0,
            next: 0,
            evidence: Evidence::default(),
            links: Links::default(),
            differences: BTreeMap::new(),
        }
    }

    /// What to do with a text. `now` is on the clock of [`Entries::put`], and `chance` evenly between 0 and 1.
    pub fn ask(&mut self, asked: &Asked<'_, Vector>, policy: &Policy, now: Duration, chance: f64) -> Answer<Value> {
        let candidates = self.candidates(asked, now);
        let Some((first, entry)) = candidates.first().and_then(|first| Some((*first, self.entries.get(&first.entry)?)))
        else {
            return Answer::Nothing;
        };
        let (known, seen) = match first.likeness {
            None => (!self.evidence.refuted(policy.error), None),
            Some(likeness) => {
                let level = self.evidence.level(policy.error);
                let score = if first.verified { VERIFIED } else { likeness };
                let trusted = first.verified || first.reworded && likeness > entry.wrong;
                let right = if first.verified { self.link(asked, entry) } else { entry.right };
                (trusted && level.is_some_and(|level| score >= level), Some(right))
            }
        };
        // The first texts that an entry would answer are always compared, for entries differ.
        let checked = policy.check.max(seen.map_or(0.0, |right| 1.0 / f64::from(right.saturating_add(1))));
        if policy.shadow || !known || chance < checked {
            return Answer::Compare(Compared { candidates, ready: known });
        }
        let likeness = first.likeness.unwrap_or(1.0);
        Answer::Give { likeness, age: now.saturating_sub(entry.since), value: entry.value.clone() }
    }

    /// Takes the real answer to a text, and says whether the one that would have been given was right, if one was ready.
    pub fn learn(&mut self, asked: &Asked<'_, Vector>, compared: &Compared, answer: &Digest) -> Option<bool> {
        let mut first = None;
        let empty = self.says_nothing(asked, answer);
        for candidate in &compared.candidates {
            let Some(entry) = self.entries.get_mut(&candidate.entry) else { continue };
            let right = &entry.answer == answer;
            first = first.or(Some(right));
            let Some(likeness) = candidate.likeness else {
                self.evidence.record_same(right);
                continue;
            };
            // That nothing was found for both does not say that both ask for the same.
            if right && empty {
                continue;
            }
            self.links.record(asked.reading, &entry.reading, right);
            if candidate.verified || candidate.reworded {
                self.evidence.record(if candidate.verified { VERIFIED } else { likeness }, right);
            }
            match (candidate.verified, right) {
                (true, _) => {}
                (false, true) => entry.right = entry.right.saturating_add(1),
                (false, false) => entry.wrong = entry.wrong.max(likeness + MARGIN),
            }
        }
        first.filter(|_| compared.ready)
    }

    /// Keeps the answer to a text until `until`. The oldest entries go when there is no room.
    pub fn put(&mut self, group: Digest, kept: Kept<Vector, Value>, now: Duration, until: Duration) {
        let Kept { reading, mut vector, value, answer, size } = kept;
        while let Some(id) =
            self.order.front().copied().filter(|id| self.entries.get(id).is_none_or(|e| e.until <= now))
        {
            self.remove(id);
            self.order.pop_front();
        }
        let (mut wrong, mut right) = (0.0, 0);
        if let Some(id) = self.same(&group, &reading)
            && let Some(before) = self.remove(id)
        {
            (wrong, right) = (before.wrong, before.right);
            vector = vector.or(before.vector);
        }
        let bytes = size + reading.size() + OVERHEAD;
        let entry = Entry { group, reading, vector, value, answer, bytes, since: now, until, wrong, right };
        self.bytes += bytes;
        self.groups.entry(group).or_default().push(self.next);
        self.entries.insert(self.next, entry);
        self.order.push_back(self.next);
        self.next += 1;
        while self.entries.len() > self.most {
            self.drop_oldest();
        }
        // Entries that others took the place of are in the order still.
        if self.order.len() > 2 * self.entries.len() + MANY {
            let entries = &self.entries;
            self.order.retain(|id| entries.contains_key(id));
        }
    }

    /// Forgets all entries; what was learned stays.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.groups.clear();
        self.order.clear();
        self.bytes = 0;
    }

    /// Forgets the oldest entry.
    pub fn drop_oldest(&mut self) {
        // Some of the order are gone already.
        while let Some(id) = self.order.pop_front() {
            if self.remove(id).is_some() {
                return;
            }
        }
    }

    /// How many entries there are, and the bytes that they take.
    pub fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    /// What was learned of the tool.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// How often like entries were left out, by reason.
    pub fn differences(&self) -> &BTreeMap<Difference, u64> {
        &self.differences
    }

    /// The entry with the same text, or those that may mean the same, the surest first.
    fn candidates(&mut self, asked: &Asked<'_, Vector>, now: Duration) -> Vec<Candidate> {
        let live = |id: &u64| self.entries.get(id).is_some_and(|entry| entry.until > now);
        if let Some(entry) = self.same(asked.group, asked.reading).filter(live) {
            return vec![Candidate { entry, likeness: None, verified: true, reworded: false }];
        }
        let mut like: Vec<(f64, u64)> = Vec::new();
        for id in self.groups.get(asked.group).into_iter().flatten().filter(|id| live(id)) {
            let vector = self.entries.get(id).and_then(|entry| entry.vector.as_ref());
            let likeness = asked.vector.zip(vector).map_or(0.0, |(one, other)| one.likeness(other));
            if likeness >= LEAST {
                like.push((likeness, *id));
            }
        }
        like.sort_by(|one, other| other.0.total_cmp(&one.0));
        let mut found = Vec::new();
        for (likeness, id) in like.into_iter().take(READ) {
            let Some(entry) = self.entries.get(&id) else { continue };
            let comparison = compare(&entry.reading, asked.reading);
            if let Comparison::Different(why) = comparison {
                *self.differences.entry(why).or_default() += 1;
            }
            if !comparison.is_open() {
                continue;
            }
            let reworded = comparison == Comparison::Reworded;
            match self.links.get(asked.reading, &entry.reading) {
                Some(link) if link.wrong => {}
                link => {
                    let verified = link.is_some_and(|link| link.right > 0);
                    // Even what reads the same to vectors is not what was seen to be the same.
                    let likeness = Some(likeness.min(VERIFIED - f64::EPSILON));
                    found.push(Candidate { entry: id, likeness, verified, reworded });
                }
            }
        }
        found.sort_by_key(|candidate| !candidate.verified);
        found.truncate(COMPARED);
        found
    }

    /// The entry with the same text.
    fn same(&self, group: &Digest, reading: &Reading) -> Option<u64> {
        let is_same = |id: &&u64| self.entries.get(id).is_some_and(|entry| entry.reading.is_same_as(reading));
        self.groups.get(group)?.iter().find(is_same).copied()
    }

    /// How often the entry's answer was right for the text.
    fn link(&self, asked: &Asked<'_, Vector>, entry: &Entry<Vector, Value>) -> u32 {
        self.links.get(asked.reading, &entry.reading).map_or(0, |link| link.right)
    }

    /// Whether a text that asks for something else has the same answer too, as where nothing is found. What many have says
    /// nothing either.
    fn says_nothing(&self, asked: &Asked<'_, Vector>, answer: &Digest) -> bool {
        let mut texts = HashSet::new();
        let equal =
            self.entries.values().filter(|entry| &entry.answer == answer && !entry.reading.is_same_as(asked.reading));
        let mut others = equal.filter(|entry| texts.insert(entry.reading.digest())).enumerate();
        others.any(|(number, entry)| number >= MANY || !compare(&entry.reading, asked.reading).is_open())
    }

    fn remove(&mut self, id: u64) -> Option<Entry<Vector, Value>> {
        let entry = self.entries.remove(&id)?;
        self.bytes -= entry.bytes;
        if let Some(group) = self.groups.get_mut(&entry.group) {
            group.retain(|other| *other != id);
            if group.is_empty() {
                self.groups.remove(&entry.group);
            }
        }
        Some(entry)
    }
}

#[cfg(test)]
mod tests;
