//! What routes learn of their deployments, by how requests end and by what clients think of answers; kept over a restart.
//!
//! The crate `routing` says what follows from what was seen. Here lie the learners of all routes, and the last answers, so that
//! a client can say later how good one was. A task writes to the store what has changed; no request waits for it.

mod answers;
pub mod config;
mod tables;

use answers::{Answers, Given};
use base::{Code, Error, Result, random, task};
use routing::learning::{Arm, Choice, Class, Ended, Learner, Learning};
use routing::{Candidate, Decision, Need, Policy, Preferences, Refusal};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Db;
use tokio::sync::Notify;

/// What was learned is written at most this long after.
const WITHIN: Duration = Duration::from_secs(10);
/// How many there are in a dollar.
const NANO_DOLLARS: f64 = 1e9;

/// What all routes have learned.
pub struct Lessons {
    db: Db,
    routes: Mutex<BTreeMap<String, Arc<Learned>>>,
    answers: Mutex<Answers>,
    changed: Arc<Notify>,
    /// Held while something is written, so that what is older never comes last.
    writing: tokio::sync::Mutex<()>,
}

/// What a route has learned.
struct Learned {
    learner: Mutex<Learner>,
    /// How often what decides chose as it would have.
    agreed: AtomicU64,
    unwritten: AtomicBool,
    changed: Arc<Notify>,
}

/// A route that learns, and a request of it.
pub struct Pupil {
    learning: Learning,
    learned: Arc<Learned>,
    class: Class,
}

/// What a request will teach a route.
#[derive(Clone)]
pub struct Lesson {
    learned: Arc<Learned>,
    class: Class,
}

/// What a route has learned, to be shown.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Whether it decides, or is only shown beside what the route's strategy decides.
    pub decides: bool,
    /// How many requests were decided since the hub was started.
    pub decided: u64,
    /// How many of them went elsewhere than to what was believed to be the best.
    pub explored: u64,
    /// How many of them were asked where it would have asked them.
    pub agreed: u64,
    /// What was seen, by class and deployment.
    pub seen: Vec<Seen>,
}

/// What was seen of a deployment in a class of requests.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The class, such as `short+tools`.
    pub class: String,
    /// `provider/model`.
    pub deployment: Arc<str>,
    /// What it is believed to be worth.
    pub worth: f64,
    /// How many requests that is known by; those that are long past count for less than one.
    pub requests: f64,
    /// How many scores of clients.
    pub scores: f64,
}

impl Lessons {
    /// What `db` holds.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(db: Db) -> Result<Arc<Self>> {
        let changed = Arc::new(Notify::new());
        let learned = |(route, learner)| (route, Arc::new(Learned::new(learner, &changed)));
        let routes = tables::open(&db).await?.into_iter().map(learned).collect();
        let writing = tokio::sync::Mutex::new(());
        let lessons = Arc::new(Self {
            db,
            routes: Mutex::new(routes),
            answers: Mutex::default(),
            changed: Arc::clone(&changed),
            writing,
        });
        let weak = Arc::downgrade(&lessons);
        task::spawn("lessons of models", async move {
            loop {
                changed.notified().await;
                tokio::time::sleep(WITHIN).await;
                let Some(lessons) = weak.upgrade() else { return };
                lessons.write().await;
            }
        });
        Ok(lessons)
    }

    /// Writes what has changed.
    pub async fn write(&self) {
        let _one = self.writing.lock().await;
        let routes: Vec<(String, Arc<Learned>)> =
            lock(&self.routes).iter().map(|(route, learned)| (route.clone(), Arc::clone(learned))).collect();
        for (route, learned) in routes {
            if !learned.unwritten.swap(false, Ordering::Relaxed) {
                continue;
            }
            let records = lock(&learned.learner).records();
            let written = self.db.execute(tables::keep(&route, &records)).await.and_then(store::Outcome::done);
            if let Err(error) = written {
                tracing::warn!(%error, route, "what a route has learned cannot be kept");
                learned.change();
            }
        }
    }

    /// The route of this name, which learns so, and a request of it.
    pub fn pupil(&self, route: &str, learning: Learning, need: &Need) -> Pupil {
        Pupil { learning, learned: self.of(route), class: Class::of(need) }
    }

    /// How what the route of this name has learned stands, as far as these deployments are concerned.
    pub fn standing(&self, route: &str, learning: &Learning, deployments: &[Arc<str>]) -> Standing {
        self.of(route).standing(learning, deployments)
    }

    /// What the route of this name has learned.
    fn of(&self, route: &str) -> Arc<Learned> {
        let mut routes = lock(&self.routes);
        if let Some(learned) = routes.get(route) {
            return Arc::clone(learned);
        }
        let learned = Arc::new(Learned::new(Learner::default(), &self.changed));
        routes.insert(route.to_owned(), Arc::clone(&learned));
        learned
    }

    /// A deployment has answered. Gives the name under which the client can say how good that was.
    pub fn answered(
        &self,
        principal: &Arc<str>,
        run: Option<&Arc<str>>,
        deployment: &Arc<str>,
        lesson: &Lesson,
    ) -> Option<String> {
        // Where the system has no randomness the answer has no name.
        let id = format!("a-{}", random::hex::<12>().ok()?);
        let (principal, run, deployment) = (Arc::clone(principal), run.cloned(), Arc::clone(deployment));
        let given = Given { id: id.clone(), principal, run, deployment, lesson: Some(lesson.clone()) };
        lock(&self.answers).keep(given);
        Some(id)
    }

    /// Takes in what `principal` thinks of an answer, or of all answers of a run: 0 is useless, 1 could not be better. Says how
    /// many answers that were which had no score yet: each counts once.
    ///
    /// # Errors
    /// [`Code::AnswerUnknown`] when it was given no such answer, or too many have come since.
    pub fn scored(&self, principal: &str, id: &str, score: f64) -> Result<usize> {
        let Some(lessons) = lock(&self.answers).take(principal, id) else {
            let message =
                "no answer or run of this id was given to this key by a route that learns, or it is too long ago";
            let next = "send what `x-tutti-answer` or `x-tutti-run` of the answer says, with the key that asked for it";
            return Err(Error::new(Code::AnswerUnknown, message, next));
        };
        for (deployment, lesson) in &lessons {
            lock(&lesson.learned.learner).scored(lesson.class, deployment, score);
            lesson.learned.change();
        }
        Ok(lessons.len())
    }
}

impl Learned {
    fn new(learner: Learner, changed: &Arc<Notify>) -> Self {
        Self {
            learner: Mutex::new(learner),
            agreed: AtomicU64::new(0),
            unwritten: AtomicBool::new(false),
            changed: Arc::clone(changed),
        }
    }

    fn choose(&self, learning: &Learning, class: Class, arms: &[Arm<'_>], dice: &mut dyn FnMut() -> f64) -> Choice {
        lock(&self.learner).choose(learning, class, arms, dice)
    }

    fn standing(&self, learning: &Learning, deployments: &[Arc<str>]) -> Standing {
        let learner = lock(&self.learner);
        let (decided, explored) = learner.counts();
        let seen = learner.records().into_iter().filter(|record| deployments.contains(&record.arm));
        let seen = seen.filter_map(|record| {
            let class = record.class?;
            let arm = Arm { name: &record.arm, dollars: None, seconds: None };
            let worth = learner.worth(&learning.worth, class, &arm);
            let [requests, _, _, scores, ..] = record.numbers;
            Some(Seen { class: class.name(), deployment: Arc::clone(&record.arm), worth, requests, scores })
        });
        let agreed = self.agreed.load(Ordering::Relaxed);
        Standing { decides: learning.decides, decided, explored, agreed, seen: seen.collect() }
    }

    fn change(&self) {
        // The first change wakes the writer, and those that follow are written with it.
        if !self.unwritten.swap(true, Ordering::Relaxed) {
            self.changed.notify_one();
        }
    }
}

impl Pupil {
    /// What the request will teach.
    pub fn lesson(&self) -> Lesson {
        Lesson { learned: Arc::clone(&self.learned), class: self.class }
    }

    /// As [`routing::decide`], by what was learned. `dice` gives numbers from 0 to below 1. Where it only watches, the reason of
    /// the decision ends in what it would have done.
    ///
    /// # Errors
    /// Nobody may answer.
    pub fn decide(
        &self,
        policy: &Policy,
        candidates: &[Candidate<'_>],
        (need, preferences): (&Need, &Preferences),
        dice: &mut dyn FnMut() -> f64,
    ) -> Result<Decision, Refusal> {
        // What it would have asked first, and what that is worth.
        let mut first = None;
        // What decides asks for chance too, and not at the same time.
        let dice = std::cell::RefCell::new(dice);
        let mut advise = |arms: &[Arm<'_>]| {
            let choice = self.learned.choose(&self.learning, self.class, arms, &mut || (dice.borrow_mut())());
            let best = choice.order.first().copied();
            first = best.and_then(|best| Some((arms.get(best)?.name.to_owned(), choice.worth.get(best).copied()?)));
            choice
        };
        let mut chance = || (dice.borrow_mut())();
        let mut made = routing::decide_by(policy, candidates, need, preferences, &mut chance, Some(&mut advise))?;
        let Some((name, worth)) = first else { return Ok(made) };
        if made.indices().next().and_then(|asked| candidates.get(asked)).is_some_and(|asked| asked.name == name) {
            self.learned.agreed.fetch_add(1, Ordering::Relaxed);
        }
        if !self.learning.decides {
            made.why.push_str(&format!("; learned would ask {name} worth {worth:.2}"));
        }
        Ok(made)
    }
}

impl Lesson {
    /// A request is over at this deployment: whether there was an answer, what it cost and how long it took.
    pub fn ended(&self, deployment: &str, answered: bool, nano_dollars: u64, lasted: Duration) {
        let ended = Ended { answered, dollars: nano_dollars as f64 / NANO_DOLLARS, seconds: lasted.as_secs_f64() };
        lock(&self.learned.learner).ended(self.class, deployment, ended);
        self.learned.change();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
