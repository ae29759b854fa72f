//! What is known of notices while they go out.

use super::send::{Ending, Sent};
use crate::notice::Notice;
use journal::RunId;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc, watch};

/// How many requests of one notice go out at once: one receiver that is slow holds up no other.
const AT_ONCE: usize = 4;

/// How many gates one notice tells of at once, those included that wait to be told again. The others are looked at later.
const UNDER_WAY: usize = 200;

/// What is known while notices go out.
pub(super) struct Desk {
    /// The next entry to look at of each run that is not at its end.
    pub(super) next: HashMap<RunId, u64>,
    /// Runs of which somebody could not be told, and the last of them that was looked at again.
    again: BTreeSet<RunId>,
    looked: Option<RunId>,
    /// Whether all runs that go on are to be looked at.
    pub(super) all: bool,
    /// Who hears how notices end.
    pub(super) ended: mpsc::UnboundedSender<Sent>,
    /// What of each run is under way, or is not to be begun again: ids of notices, and whether they were given up.
    begun: HashMap<RunId, HashMap<String, bool>>,
    /// Of each notice, by its name.
    lines: HashMap<String, Line>,
    /// Who is told.
    notices: watch::Sender<Arc<Vec<Notice>>>,
}

/// What goes out to one receiver.
struct Line {
    places: Arc<Semaphore>,
    under_way: usize,
}

impl Desk {
    /// All runs are to be looked at, to tell of their gates as `notices` say.
    pub(super) fn new(notices: Arc<Vec<Notice>>, ended: mpsc::UnboundedSender<Sent>) -> Self {
        Self {
            next: HashMap::new(),
            again: BTreeSet::new(),
            looked: None,
            all: true,
            ended,
            begun: HashMap::new(),
            lines: HashMap::new(),
            notices: watch::channel(notices).0,
        }
    }

    /// Tells of gates as `notices` say from now on: of all gates that wait, also those of which somebody else could not be told.
    pub(super) fn follow(&mut self, notices: Arc<Vec<Notice>>) {
        if *self.notices.borrow() == notices {
            return;
        }
        self.lines.retain(|name, line| line.under_way > 0 || notices.iter().any(|notice| notice.name == *name));
        for begun in self.begun.values_mut() {
            begun.retain(|_, given_up| !*given_up);
        }
        self.next.clear();
        self.all = true;
        self.notices.send_replace(notices);
    }

    /// Hears when other notices are to be followed.
    pub(super) fn told(&self) -> watch::Receiver<Arc<Vec<Notice>>> {
        self.notices.subscribe()
    }

    /// Whether this was begun before.
    pub(super) fn is_begun(&self, run: RunId, id: &str) -> bool {
        self.begun.get(&run).is_some_and(|begun| begun.contains_key(id))
    }

    /// Takes note that the notice `id` goes out. Gives the places of its receiver; nothing where it has too much to do.
    pub(super) fn begin(&mut self, notice: &str, run: RunId, id: &str) -> Option<Arc<Semaphore>> {
        let new = || Line { places: Arc::new(Semaphore::new(AT_ONCE)), under_way: 0 };
        let line = self.lines.entry(notice.to_owned()).or_insert_with(new);
        if line.under_way >= UNDER_WAY {
            return None;
        }
        line.under_way += 1;
        self.begun.entry(run).or_default().insert(id.to_owned(), false);
        Some(Arc::clone(&line.places))
    }

    /// A run is to be looked at again.
    pub(super) fn look_again(&mut self, run: RunId) {
        self.again.insert(run);
    }

    /// Runs that are looked at again now: in turn, and not more than one receiver could hear of.
    pub(super) fn again(&mut self) -> Vec<RunId> {
        let behind = self.looked.take().map_or(Bound::Unbounded, Bound::Excluded);
        let runs: Vec<RunId> = self.again.range((behind, Bound::Unbounded)).take(UNDER_WAY).copied().collect();
        for run in &runs {
            self.again.remove(run);
        }
        self.looked = runs.last().copied();
        runs
    }

    /// A notice goes out no more. Where it may begin `again`, whether it is to be told is seen elsewhere. Gives its run if that
    /// is to be looked at.
    pub(super) fn end(&mut self, sent: &Sent, again: bool) -> Option<RunId> {
        if let Some(line) = self.lines.get_mut(&sent.notice) {
            line.under_way = line.under_way.saturating_sub(1);
        }
        let begun = self.begun.get_mut(&sent.run)?;
        if again || sent.ending == Ending::Outdated {
            begun.remove(&sent.id);
        } else if let Some(given_up) = begun.get_mut(&sent.id) {
            *given_up = sent.ending == Ending::GivenUp;
        }
        if begun.is_empty() {
            self.begun.remove(&sent.run);
        }
        let outdated = sent.ending == Ending::Outdated;
        outdated.then(|| self.next.remove(&sent.run)).map(|_| sent.run)
    }

    /// A run is over.
    pub(super) fn forget(&mut self, run: RunId) {
        self.next.remove(&run);
        self.begun.remove(&run);
        self.again.remove(&run);
    }
}

#[cfg(test)]
mod tests;
