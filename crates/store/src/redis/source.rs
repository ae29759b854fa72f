//! Somewhere that replicas fetch from: a [`Tier`] for each kind of what it has, and word for the others when it says that
//! something changed.

use super::tier::Tier;
use super::{Cmd, Redis};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What replicas are told of sources.
const TOPIC: &str = "source changed";

/// How many changes wait to be told one by one; beyond that, all has changed. A source may say more than the Redis takes.
const UNTOLD: usize = 64;

/// Where several replicas fetch the same things.
pub struct Source {
    redis: Redis,
    /// Names it, the same at each replica.
    name: Arc<str>,
    tiers: Vec<Arc<Tier>>,
    untold: Arc<Mutex<Untold>>,
}

/// What the other replicas are to be told.
#[derive(Default)]
struct Untold {
    changes: Vec<String>,
    /// Whether a task is at it.
    is_telling: bool,
}

impl Source {
    /// The source of this name, with so many kinds of things.
    pub fn new(redis: Redis, name: &str, kinds: usize) -> Self {
        let tier = |kind| Arc::new(Tier::new(redis.clone(), format!("{name}\n{kind}")));
        Self { tiers: (0..kinds).map(tier).collect(), name: name.into(), untold: Arc::default(), redis }
    }

    /// What is kept of one kind of things; nothing where it has fewer kinds.
    pub fn tier(&self, kind: usize) -> Option<&Arc<Tier>> {
        self.tiers.get(kind)
    }

    /// Notes that what is kept of one kind is of no use any more, and tells the other replicas of `change`, without
    /// waiting. From now on nothing of before is found here either. `all` is told in place of more changes than there is
    /// room for.
    pub fn tell(&self, kind: usize, change: String, all: &[&str]) {
        let Some(tier) = self.tiers.get(kind) else { return };
        tier.changed();
        if !lock(&self.untold).add(change, all) {
            return;
        }
        let (redis, name, untold) = (self.redis.clone(), Arc::clone(&self.name), Arc::clone(&self.untold));
        let tiers = self.tiers.clone();
        base::task::spawn("changes for replicas", async move {
            loop {
                let changes = lock(&untold).take();
                if changes.is_empty() {
                    return;
                }
                // What they forget now they must not find again. Where the Redis is away they forget all when it is back.
                for tier in &tiers {
                    let _ = tier.renew().await;
                }
                let tell = |change: String| redis.tell(TOPIC, &format!("{name}\n{change}")).ok();
                let commands: Vec<Cmd> = changes.into_iter().filter_map(tell).collect();
                let _ = redis.run(commands).await;
            }
        });
    }

    /// Nobody tells this replica what changes from now on, so what is kept of one kind is of no use any more.
    pub fn disconnected(&self, kind: usize) {
        let Some(tier) = self.tiers.get(kind).cloned() else { return };
        tier.changed();
        base::task::spawn("change for replicas", async move {
            // Where the Redis is away it is told later.
            let _ = tier.renew().await;
        });
    }

    /// The change that another replica has told of this source, if that is what it said.
    pub fn told<'a>(&self, topic: &str, body: &'a [u8]) -> Option<&'a str> {
        let (name, change) = std::str::from_utf8(body).ok()?.split_once('\n')?;
        (topic == TOPIC && *name == *self.name).then_some(change)
    }
}

impl Untold {
    /// Adds a change; says whether a task must be started to tell it.
    fn add(&mut self, change: String, all: &[&str]) -> bool {
        if self.changes.len() >= UNTOLD {
            self.changes = all.iter().map(|change| (*change).to_owned()).collect();
        } else if !self.changes.contains(&change) {
            self.changes.push(change);
        }
        !std::mem::replace(&mut self.is_telling, true)
    }

    /// What is to be told now; nothing is the end of the task.
    fn take(&mut self) -> Vec<String> {
        self.is_telling = !self.changes.is_empty();
        std::mem::take(&mut self.changes)
    }
}

fn lock(untold: &Mutex<Untold>) -> MutexGuard<'_, Untold> {
    untold.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_by_one_task_at_a_time() {
        let mut untold = Untold::default();
        let add = |untold: &mut Untold, change: &str| untold.add(change.to_owned(), &["all"]);
        assert!(add(&mut untold, "one"), "the first starts a task");
        assert!(!add(&mut untold, "one"), "the same again is no news");
        assert!(!add(&mut untold, "two"));
        assert_eq!(untold.take(), ["one", "two"]);
        assert!(!add(&mut untold, "three"), "the task goes on");
        assert_eq!(untold.take(), ["three"]);
        assert!(untold.take().is_empty(), "and ends");
        assert!(add(&mut untold, "one"), "so the next one starts another");
    }

    #[test]
    fn a_flood_of_changes_becomes_one_of_all() {
        let mut untold = Untold::default();
        for number in 0..1000 {
            untold.add(number.to_string(), &["all", "of it"]);
        }
        let told = untold.take();
        assert!(told.len() <= UNTOLD && told[..2] == ["all", "of it"], "{told:?}");
    }
}
