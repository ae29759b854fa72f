//! Results for texts that mean the same, of one upstream. What may be given the crate `semantic` decides.
//!
//! Results of one tool and one principal are among themselves: what one asks says nothing to, and teaches nothing about,
//! what another is answered.

use super::{Kept, Question};
use base::{clock, random};
use mcp::raw;
use protection::settings::Semantic;
use search::{Encoding, Vector};
use semantic::{Answer, Asked, Compared, Digest, Entries, Meaning, Policy, Reading};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How much room there is for each upstream.
const ROOM: usize = 16 << 20;
/// The largest result that is kept.
const LARGEST: usize = 256 << 10;
/// Tools and principals of which something is kept.
const REALMS: usize = 256;
/// How long a call waits for the vector of its text. Without it, only the same text is found.
const PATIENCE: Duration = Duration::from_millis(500);

/// The results of one upstream.
pub struct Alike {
    started: Instant,
    encoding: Option<Arc<Encoding>>,
    realms: Mutex<HashMap<Realm, Entries<Direction, Arc<Kept>>>>,
    /// Counts what may have changed results: what was asked for before may be older than that.
    epoch: AtomicU64,
    given: AtomicU64,
    compared: AtomicU64,
    right: AtomicU64,
    wrong: AtomicU64,
}

/// Who may have each other's results.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Realm {
    tool: String,
    principal: Arc<str>,
}

/// A vector, as texts are compared by it.
struct Direction(Vector);

impl Meaning for Direction {
    fn likeness(&self, other: &Self) -> f64 {
        f64::from(self.0.likeness(&other.0))
    }
}

/// A question that is asked, of whose answer something can be learned.
pub struct Pending {
    realm: Realm,
    settings: Arc<Semantic>,
    group: Digest,
    reading: Reading,
    vector: Option<Direction>,
    compared: Option<Compared>,
    epoch: u64,
}

/// What came of looking.
pub enum Looked {
    /// This is the answer.
    Given {
        /// The result.
        kept: Arc<Kept>,
        /// How like the texts are; 1 where they are the same.
        likeness: f64,
        /// How old the result is.
        age: Duration,
    },
    /// It is to be asked, and [`Alike::landed`] to be told.
    Ask(Box<Pending>),
}

/// How much can be seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Requests that were answered.
    pub given: u64,
    /// Real answers that were compared with what is kept.
    pub compared: u64,
    /// Answers that would have been given, and were right.
    pub right: u64,
    /// Answers that would have been given, and were wrong.
    pub wrong: u64,
    /// Results that are kept.
    pub entries: usize,
    /// The room that they take.
    pub bytes: usize,
}

impl Alike {
    /// Nothing kept yet. Without an encoding only the same texts are found.
    pub fn new(encoding: Option<Arc<Encoding>>) -> Self {
        Self {
            started: clock::now(),
            encoding,
            realms: Mutex::default(),
            epoch: AtomicU64::new(0),
            given: AtomicU64::new(0),
            compared: AtomicU64::new(0),
            right: AtomicU64::new(0),
            wrong: AtomicU64::new(0),
        }
    }

    /// Looks for an answer to a text that means the same. Nothing where the question has no such text.
    pub async fn look(
        &self,
        question: &Question<'_>,
        settings: &Arc<Semantic>,
        principal: &Arc<str>,
    ) -> Option<Looked> {
        let (text, group) = taken_apart(question, &settings.argument)?;
        let reading = Reading::of(&text)?;
        let epoch = self.epoch.load(Ordering::Acquire);
        let realm = Realm { tool: question.name.to_owned(), principal: Arc::clone(principal) };
        let mut pending =
            Pending { realm, settings: Arc::clone(settings), group, reading, vector: None, compared: None, epoch };
        let chance = chance();
        let mut answer = self.ask(&pending, chance);
        if answer == Answer::Nothing && pending.reading.may_be_reworded() {
            pending.vector = self.vector(&text).await;
            answer = self.ask(&pending, chance);
        }
        match answer {
            Answer::Give { likeness, age, value } => {
                self.given.fetch_add(1, Ordering::Relaxed);
                return Some(Looked::Given { kept: value, likeness, age });
            }
            Answer::Compare(compared) => pending.compared = Some(compared),
            Answer::Nothing => {}
        }
        Some(Looked::Ask(Box::new(pending)))
    }

    fn ask(&self, pending: &Pending, chance: f64) -> Answer<Arc<Kept>> {
        let Semantic { error, check, shadow, .. } = *pending.settings;
        let policy = Policy { error, shadow, check };
        match self.realms().get_mut(&pending.realm) {
            Some(entries) => entries.ask(&pending.asked(), &policy, self.now(), chance),
            None => Answer::Nothing,
        }
    }

    /// Takes the real result, a tool's that is no failure. `kept` is what may be given to others, for the time `ttl`.
    pub fn landed(&self, pending: Pending, body: &str, kept: Option<(Arc<Kept>, Duration)>) {
        if body.len() > LARGEST {
            return;
        }
        let answer = told_apart(body);
        let now = self.now();
        let mut realms = self.realms();
        if let (Some(compared), Some(entries)) = (&pending.compared, realms.get_mut(&pending.realm)) {
            self.compared.fetch_add(1, Ordering::Relaxed);
            match entries.learn(&pending.asked(), compared, &answer) {
                Some(true) => _ = self.right.fetch_add(1, Ordering::Relaxed),
                Some(false) => _ = self.wrong.fetch_add(1, Ordering::Relaxed),
                None => {}
            }
        }
        // Whoever says that something changed does so under this lock.
        let Some((kept, ttl)) = kept.filter(|_| self.epoch.load(Ordering::Acquire) == pending.epoch) else { return };
        let Pending { realm, settings, group, reading, vector, .. } = pending;
        make_room(&mut realms, &realm);
        let entries = realms.entry(realm).or_insert_with(|| Entries::new(settings.entries));
        entries.put(group, semantic::Kept { reading, vector, value: kept, answer, size: body.len() }, now, now + ttl);
        while realms.values().map(|entries| entries.size().1).sum::<usize>() > ROOM {
            // Whoever has most makes room, so that nobody drives out the others.
            let Some(largest) = realms.values_mut().max_by_key(|entries| entries.size().1) else { return };
            largest.drop_oldest();
        }
    }

    /// Something was done that may change results: all of them are asked for anew. What was learned stays.
    pub fn changed(&self) {
        let mut realms = self.realms();
        self.epoch.fetch_add(1, Ordering::AcqRel);
        realms.values_mut().for_each(Entries::clear);
    }

    /// How much can be seen of it.
    pub fn tally(&self) -> Tally {
        let (entries, bytes) = {
            let realms = self.realms();
            let sizes = realms.values().map(Entries::size);
            sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1))
        };
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (given, compared) = (count(&self.given), count(&self.compared));
        Tally { given, compared, right: count(&self.right), wrong: count(&self.wrong), entries, bytes }
    }

    async fn vector(&self, text: &str) -> Option<Direction> {
        let encoding = self.encoding.as_ref()?;
        let texts = [text];
        match tokio::time::timeout(PATIENCE, encoding.of_questions(&texts)).await {
            Ok(Ok(vectors)) => vectors.into_iter().next().map(Direction),
            Ok(Err(error)) => {
                tracing::warn!(%error, "a text got no vector, so that results are given to the same texts only");
                None
            }
            Err(_) => None,
        }
    }

    fn realms(&self) -> MutexGuard<'_, HashMap<Realm, Entries<Direction, Arc<Kept>>>> {
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
fn make_room(realms: &mut HashMap<Realm, Entries<Direction, Arc<Kept>>>, wanted: &Realm) {
    if realms.len() >= REALMS && !realms.contains_key(wanted) {
        let smallest = realms.iter().min_by_key(|(_, entries)| entries.size().0).map(|(realm, _)| realm.clone());
        smallest.map(|realm| realms.remove(&realm));
    }
}

/// The free text of a question, and a digest of all else. Nothing where there is no such text, or could be two.
fn taken_apart(question: &Question<'_>, argument: &str) -> Option<(String, Digest)> {
    let arguments = raw::get(question.params, "arguments").filter(|arguments| raw::is_object(arguments))?;
    let text = raw::get(arguments, argument).and_then(raw::text)?;
    if raw::duplicate(arguments).is_some() {
        return None;
    }
    let others = raw::without(arguments, |member| member.is(argument)).into_owned();
    let mut params = raw::Splice::new(question.params);
    params.replace(arguments, others);
    let params = params.finish();
    let rest = Question { params: &params, ..*question };
    Some((text.into_owned(), rest.key(None).digest))
}

/// The same for results that say the same to whoever asked: the order of their members and what only describes them do not
/// count.
fn told_apart(body: &str) -> Digest {
    let mut members: Vec<_> = raw::members(body).filter(|member| !member.is("_meta")).collect();
    members.sort_by_key(|member| member.key);
    let text: String = members.iter().flat_map(|member| [member.key, ":", member.value, ","]).collect();
    random::sha256(text.as_bytes())
}

/// From 0 to below 1. Without chance, all is compared.
fn chance() -> f64 {
    random::bytes::<8>().map_or(0.0, |bytes| (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64)
}

#[cfg(test)]
mod tests;
