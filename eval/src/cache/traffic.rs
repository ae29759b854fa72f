//! Questions as they come in: some often, most seldom, in words that vary, to the cache as it is, which begins with nothing.

use super::{Group, NEVER, Text, share};
use search::Vector;
use semantic::{Answer, Asked, Digest, Entries, Kept, Meaning, Policy};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

/// How many questions come.
const QUESTIONS: u64 = 100_000;
/// After so many the answers that are kept have had their time, and some are others.
const LIFE: u64 = 500;
/// The share of answers that are others then.
const CHANGES: f64 = 0.3;
/// The share of them that are `nothing was found`, the same for all questions.
const NOTHING: f64 = 0.1;
/// The bounds on wrong answers that are measured; the first is the product's default.
const ERRORS: [f64; 2] = [0.01, 0.05];
/// The group of all questions, which differ in the text only.
const GROUP: Digest = [0; 32];

/// A vector as the cache compares it.
#[derive(Clone)]
struct Direction(Vector);

impl Meaning for Direction {
    fn likeness(&self, other: &Self) -> f64 {
        f64::from(self.0.likeness(&other.0))
    }
}

/// Numbers that look like chance and are the same each time: xorshift64 (Marsaglia, 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, limit: usize) -> usize {
        ((self.roll() * limit as f64) as usize).min(limit.saturating_sub(1))
    }
}

/// One thing that can be asked for: its wordings, and its kind of difference where it is nearly another thing.
struct Topic<'a> {
    wordings: Vec<&'a str>,
    kind: Option<&'a str>,
}

/// What the tool answers now.
struct World {
    answers: Vec<u64>,
    next: u64,
}

impl World {
    fn change(&mut self, dice: &mut Dice) {
        for answer in &mut self.answers {
            if dice.roll() < CHANGES {
                self.next += 1;
                *answer = if dice.roll() < NOTHING { 0 } else { self.next };
            }
        }
    }
}

/// What comes of a stream of questions in which what is asked for has the frequencies of Zipf's law. Texts of a group that mean
/// the same have one answer, all others have one of their own. Questions in words that came before are left to the exact
/// cache, and not counted.
pub(super) fn rows(name: &str, groups: &[Group], texts: &HashMap<String, Text>) -> Result<Vec<Value>, String> {
    ERRORS.into_iter().map(|error| row(name, groups, texts, error)).collect()
}

fn row(name: &str, groups: &[Group], texts: &HashMap<String, Text>, error: f64) -> Result<Value, String> {
    let topics = topics(groups);
    let mut sum = 0.0;
    let frequencies: Vec<f64> = (1..=topics.len())
        .map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        })
        .collect();
    let policy = Policy { error, shadow: false, check: 0.05 };
    let mut entries: Entries<Direction, (usize, u64)> = Entries::new(10_000);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut world = World { answers: (1..=topics.len() as u64).collect(), next: topics.len() as u64 };
    let mut count = Count::default();
    let mut known: HashSet<&str> = HashSet::new();
    for at in 0..QUESTIONS {
        if at % LIFE == 0 {
            known.clear();
            world.change(&mut dice);
        }
        let drawn = dice.roll() * sum;
        let topic = frequencies.partition_point(|upto| *upto < drawn).min(topics.len() - 1);
        let wordings = &topics[topic].wordings;
        let text = wordings[dice.below(wordings.len())];
        if !known.insert(text) {
            continue;
        }
        let Text { reading, vector } = texts.get(text).ok_or_else(|| format!("no vector of {text}"))?;
        let vector = Direction(vector.clone());
        let asked = Asked { group: &GROUP, reading, vector: Some(&vector) };
        let (now, until) = (Duration::from_secs(at), Duration::from_secs((at / LIFE + 1) * LIFE));
        let mut answer = GROUP;
        answer[..8].copy_from_slice(&world.answers[topic].to_le_bytes());
        count.asked += 1;
        match entries.ask(&asked, &policy, now, dice.roll()) {
            Answer::Give { value: (other, given), .. } => {
                count.given += 1;
                if given != world.answers[topic] {
                    count.wrong += 1;
                    let kind = topics[other].kind.or(topics[topic].kind).unwrap_or("other");
                    *count.kinds.entry(kind).or_default() += 1;
                }
                continue;
            }
            Answer::Compare(compared) => {
                count.compared += 1;
                entries.learn(&asked, &compared, &answer);
            }
            Answer::Nothing => {}
        }
        let value = (topic, world.answers[topic]);
        let kept = Kept { reading: reading.clone(), vector: Some(vector), value, answer, size: 100 };
        entries.put(GROUP, kept, now, until);
    }
    Ok(json!({
        "set": name, "measure": "traffic", "bound": error, "asked": count.asked, "compared": count.compared,
        "given": count.given, "wrong": count.wrong, "wrong_by_kind": count.kinds,
        "hit_rate": share(count.given, count.asked), "error": share(count.wrong, count.given),
    }))
}

struct Count<'a> {
    asked: u64,
    compared: u64,
    given: u64,
    wrong: u64,
    kinds: BTreeMap<&'a str, u64>,
}

impl Default for Count<'_> {
    fn default() -> Self {
        Self { asked: 0, compared: 0, given: 0, wrong: 0, kinds: NEVER.map(|kind| (kind, 0)).into() }
    }
}

/// What can be asked for, that of a group beside each other.
fn topics(groups: &[Group]) -> Vec<Topic<'_>> {
    let mut topics = Vec::new();
    for group in groups {
        topics.push(Topic { wordings: group.same.iter().map(String::as_str).collect(), kind: None });
        let near = group.near.iter().map(|(kind, text)| Topic { wordings: vec![text], kind: Some(kind) });
        topics.extend(near);
    }
    topics
}
