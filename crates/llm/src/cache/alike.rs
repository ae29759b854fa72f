//! Answers for texts that mean the same, of one route. What may be given the crate `semantic` decides.
//!
//! Answers of one principal are among themselves, unless the route shares them: what one asks says nothing to, and teaches
//! nothing about, what another is answered. What is remembered here is only where an answer is kept.

use super::canonical::Digest;
use super::key::{self, Key};
use super::text;
use crate::config::{Cache, Semantic};
use base::{clock, random};
use inspection::dialect::Endpoint;
use search::{Encoding, Vector};
use semantic::{Answer, Asked, Compared, Entries, Meaning, Policy, Reading};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How much room the texts of a route take, in bytes.
const ROOM: usize = 16 << 20;
/// About what the vector of a text takes, in bytes.
const VECTOR: usize = 512;
/// The largest answer that is compared, in bytes.
const LARGEST: usize = 256 << 10;
/// Principals of whom something is remembered.
const REALMS: usize = 256;
/// How long a request waits for the vector of its text. Without it, only the same text is found.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whose answers are among themselves; nothing where all share them.
type Realm = Option<Arc<str>>;

/// The texts of one route.
pub(super) struct Alike {
    started: Instant,
    realms: Mutex<HashMap<Realm, Entries<Direction, Key>>>,
}

/// How often answers were compared that would have been given.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) right: AtomicU64,
    pub(super) wrong: AtomicU64,
}

/// A vector, as texts are compared by it.
struct Direction(Vector);

impl Meaning for Direction {
    fn likeness(&self, other: &Self) -> f64 {
        f64::from(self.0.likeness(&other.0))
    }
}

/// A request that is asked, of whose answer something can be learned.
pub(super) struct Pending {
    key: Key,
    endpoint: Endpoint,
    stream: bool,
    group: Digest,
    reading: Reading,
    vector: Option<Direction>,
    compared: Option<Compared>,
}

/// What came of looking.
pub(super) struct Looked {
    /// Where an answer is kept that does, for a text that is so like.
    pub(super) give: Option<(Key, f64)>,
    /// What [`Alike::landed`] is to be told, if the request is asked.
    pub(super) pending: Pending,
}

impl Alike {
    /// Nothing remembered yet.
    pub(super) fn new() -> Self {
        Self { started: clock::now(), realms: Mutex::default() }
    }

    /// Looks for an answer to a text that means the same. Nothing where the request has no such text.
    pub(super) async fn look(
        &self,
        settings: &Semantic,
        question: &super::Question<'_>,
        key: &Key,
        encoding: Option<&Encoding>,
    ) -> Option<Looked> {
        let asked = question.asked;
        let (place, text) = text::of_question(asked)?;
        let reading = Reading::of(&text)?;
        let group = key::digest(asked, question.given, Some(&place))?;
        let (endpoint, stream) = (asked.endpoint, asked.stream);
        let mut pending = Pending { key: key.clone(), endpoint, stream, group, reading, vector: None, compared: None };
        let chance = chance();
        let mut answer = self.ask(&pending, settings, chance);
        if answer == Answer::Nothing && pending.reading.may_be_reworded() {
            pending.vector = vector(encoding, &text).await;
            answer = self.ask(&pending, settings, chance);
        }
        let give = match answer {
            Answer::Give { likeness, value, .. } => Some((value, likeness)),
            Answer::Compare(compared) => {
                pending.compared = Some(compared);
                None
            }
            Answer::Nothing => None,
        };
        Some(Looked { give, pending })
    }

    fn ask(&self, pending: &Pending, settings: &Semantic, chance: f64) -> Answer<Key> {
        let policy = Policy { error: settings.error.part(), shadow: settings.shadow, check: settings.check.part() };
        match self.realms().get_mut(&pending.key.owner) {
            Some(entries) => entries.ask(&pending.asked(), &policy, self.now(), chance),
            None => Answer::Nothing,
        }
    }

    /// Takes the real answer, one that is kept.
    pub(super) fn landed(&self, settings: &Cache, checks: &Checks, pending: Pending, body: &str) {
        let Some(semantic) = &settings.semantic else { return };
        if body.len() > LARGEST {
            return;
        }
        let Some(answer) = text::of_answer(pending.endpoint.dialect(), pending.stream, body) else { return };
        let now = self.now();
        let mut realms = self.realms();
        if let (Some(compared), Some(entries)) = (&pending.compared, realms.get_mut(&pending.key.owner)) {
            match entries.learn(&pending.asked(), compared, &answer) {
                Some(true) => _ = checks.right.fetch_add(1, Ordering::Relaxed),
                Some(false) => _ = checks.wrong.fetch_add(1, Ordering::Relaxed),
                None => {}
            }
        }
        let Pending { key, group, reading, vector, .. } = pending;
        make_room(&mut realms, &key.owner);
        let entries = realms.entry(key.owner.clone()).or_insert_with(|| Entries::new(semantic.entries));
        let kept = semantic::Kept { reading, vector, value: key, answer, size: VECTOR };
        entries.put(group, kept, now, now + settings.exact);
        while realms.values().map(|entries| entries.size().1).sum::<usize>() > ROOM {
            // Whoever has most makes room, so that nobody drives out the others.
            let Some(largest) = realms.values_mut().max_by_key(|entries| entries.size().1) else { return };
            largest.drop_oldest();
        }
    }

    fn realms(&self) -> MutexGuard<'_, HashMap<Realm, Entries<Direction, Key>>> {
        self.realms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        clock::now().saturating_duration_since(self.started)
    }
}

impl Pending {
    fn asked(&self) -> Asked<'_, Direction> {
        Asked { group: &self.group, reading: &self.reading, vector: self.vector.as_ref() }
    }
}

/// Where there are too many realms, the one with the fewest entries goes.
fn make_room(realms: &mut HashMap<Realm, Entries<Direction, Key>>, wanted: &Realm) {
    if realms.len() >= REALMS && !realms.contains_key(wanted) {
        let smallest = realms.iter().min_by_key(|(_, entries)| entries.size().0).map(|(realm, _)| realm.clone());
        smallest.map(|realm| realms.remove(&realm));
    }
}

async fn vector(encoding: Option<&Encoding>, text: &str) -> Option<Direction> {
    let texts = [text];
    match tokio::time::timeout(PATIENCE, encoding?.of_questions(&texts)).await {
        Ok(Ok(vectors)) => vectors.into_iter().next().map(Direction),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a text got no vector, so that answers are given to the same texts only");
            None
        }
        Err(_) => None,
    }
}

/// From 0 to below 1. Without chance, all is compared.
fn chance() -> f64 {
    random::bytes::<8>().map_or(0.0, |bytes| (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64)
}
