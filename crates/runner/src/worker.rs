//! Has runs, and lets them go on.

use crate::carry::Carry;
use crate::limits::LOOK;
use crate::orders::{Left, Orders};
use crate::places::{Begins, Begun, Coming};
use crate::runner::{JournalRunner, Shared};
use base::{Code, Error, Result, task};
use journal::{Claim, Held, JournalError, Lease, News, Rest, RunId, Wanted};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// For how long a run rests with which something is wrong that is no failure of a step.
const REST: u64 = 60_000;

/// How long it does not look again because of a timer.
const SOONEST: Duration = Duration::from_millis(100);

/// A run that this worker has.
struct Having {
    held: Held,
    orders: Arc<Orders>,
    task: JoinHandle<()>,
}

impl Drop for Having {
    /// Nobody goes on with a run whose lease nobody renews.
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Worker {
    shared: Arc<Shared>,
    runs: HashMap<RunId, Having>,
    left: mpsc::UnboundedSender<(Held, Left)>,
    /// When the next timer of a run that waits is due, in milliseconds since 1970.
    due: Option<u64>,
    /// Whether there may be runs to be had.
    more: bool,
    /// When it was looked last.
    looked: Instant,
    /// How often it was told what became of a run for which it had a place.
    told: usize,
    /// Whether there was news of a run that it does not have, which may be one that is on its way.
    strange: bool,
}

impl JournalRunner {
    /// Carries out runs until `shutdown`; then those under way are given back.
    ///
    /// # Errors
    /// There is somebody who works for this runner already; those of the store at the beginning.
    pub async fn work(&self, shutdown: CancellationToken) -> Result<()> {
        if self.shared.working.swap(true, Ordering::AcqRel) {
            return Err(Error::internal("a runner works already"));
        }
        let outcome = work(Arc::clone(&self.shared), shutdown).await;
        self.shared.working.store(false, Ordering::Release);
        outcome
    }
}

async fn work(shared: Arc<Shared>, shutdown: CancellationToken) -> Result<()> {
    // Before anything is looked at, so that nothing is missed between.
    let mut watch = shared.store.watch(Wanted::Ready);
    let (left, mut leaving) = mpsc::unbounded_channel();
    let (coming, mut comes) = mpsc::unbounded_channel();
    let (place, of) = (Arc::clone(&shared), Arc::clone(&shared));
    let begins: Arc<Begins> = Arc::new(move |new, held, plan| Carry::begin_new(Arc::clone(&of), held, plan, new));
    let places = place.places.open(begins, coming);
    let due = shared.store.due(0, 1).await?.next;
    let mut worker =
        Worker { shared, runs: HashMap::new(), left, due, more: true, looked: Instant::now(), told: 0, strange: false };
    let mut renewal = tokio::time::interval(worker.shared.options.lease / 3);
    renewal.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !shutdown.is_cancelled() {
        if worker.more {
            let coming = places.has_room(0, std::mem::take(&mut worker.told));
            worker.claim(coming).await;
        }
        // Those that wait already come before any that are yet to be started.
        let room = if worker.more { 0 } else { worker.room() };
        worker.strange &= places.has_room(room, std::mem::take(&mut worker.told)) > 0;
        let look = worker.next_look();
        tokio::select! {
            Some(coming) = comes.recv() => worker.comes(coming).await,
            news = watch.next() => worker.hear(news),
            Some((held, how)) = leaving.recv() => worker.was_left(held, how),
            _ = renewal.tick() => worker.renew().await,
            () = tokio::time::sleep_until(look) => worker.more = true,
            () = shutdown.cancelled() => {}
        }
        // All at once: runs are had by as many as there is room for, with one wait for the disk.
        while let Some(news) = watch.waiting() {
            worker.hear(Some(news));
        }
        while let Ok((held, how)) = leaving.try_recv() {
            worker.was_left(held, how);
        }
        while let Ok(coming) = comes.try_recv() {
            worker.comes(coming).await;
        }
    }
    worker.runs.values().for_each(|having| having.orders.end.cancel());
    while places.close(std::mem::take(&mut worker.told)) || !worker.runs.is_empty() {
        tokio::select! {
            // It is begun, for it may say that it has begun; and it ends as the others do.
            Some(coming) = comes.recv() => {
                worker.comes(coming).await;
                worker.runs.values().for_each(|having| having.orders.end.cancel());
            }
            Some((held, how)) = leaving.recv() => worker.was_left(held, how),
            _ = renewal.tick() => worker.renew().await,
        }
    }
    Ok(())
}

impl Worker {
    fn room(&self) -> usize {
        let busy = self.runs.values().filter(|having| !having.orders.idle.load(Ordering::Relaxed)).count();
        self.shared.options.runs.saturating_sub(busy)
    }

    /// Has as many runs as there is room for besides those that are `coming`.
    async fn claim(&mut self, coming: usize) {
        let most = self.room().saturating_sub(coming).min(journal::limits::RUNS);
        (self.more, self.looked) = (most == 0, Instant::now());
        if most == 0 {
            // It is looked again when a run is left.
            return;
        }
        let options = &self.shared.options;
        let claim = Claim {
            worker: options.worker.clone(),
            tags: vec![options.tag.clone()],
            most,
            time: options.lease,
            now: self.shared.now(),
        };
        let leases = match self.shared.store.claim(claim).await {
            Ok(leases) => leases,
            Err(error) => {
                tracing::warn!("runs cannot be had: {error}");
                return;
            }
        };
        self.more = leases.len() == most;
        for Lease { held, .. } in leases {
            let (shared, orders) = (Arc::clone(&self.shared), Arc::new(Orders::default()));
            let own = Arc::clone(&orders);
            self.begin(held, orders, async move { Carry::of(shared, held, own).await?.go().await });
        }
        match self.shared.store.due(self.shared.now(), 1).await {
            Ok(due) => self.due = due.next,
            Err(error) => tracing::warn!("timers of runs cannot be read: {error}"),
        }
    }

    /// A run for which there was a place is there, or not.
    async fn comes(&mut self, coming: Coming) {
        self.told += 1;
        match coming {
            Coming::Nothing => {}
            Coming::Begun(begun) => self.go_on(begun),
            Coming::Unsure(begun) => {
                // This is written behind what may have created it.
                match self.shared.store.renew(vec![begun.held], self.shared.now(), self.shared.options.lease).await {
                    Ok(lost) if lost.is_empty() => self.go_on(begun),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(run = %begun.held.run, "it is not known whether a run began: {error}"),
                }
            }
        }
    }

    fn go_on(&mut self, begun: Begun) {
        let Begun { held, orders, going } = begun;
        // It took so long that the run was had again.
        if self.runs.get(&held.run).is_some_and(|having| having.held.fence > held.fence) {
            return;
        }
        if self.strange {
            // Somebody may have said something to it before it was here.
            orders.news.notify_one();
        }
        self.begin(held, orders, going);
    }

    fn begin(&mut self, held: Held, orders: Arc<Orders>, going: impl Future<Output = Result<Left>> + Send + 'static) {
        let (shared, left) = (Arc::clone(&self.shared), self.left.clone());
        // What a run was left for is told however its task ends.
        let leaving = Leaving { held, how: Left::Lost, left };
        let task = task::spawn("run", async move {
            let mut leaving = leaving;
            leaving.set(carried(shared, held, going.await).await);
        });
        self.runs.insert(held.run, Having { held, orders, task });
    }

    fn hear(&mut self, news: Option<News>) {
        match news {
            Some(News::Run(wake)) => match self.runs.get(&wake.run) {
                Some(having) => having.orders.news.notify_one(),
                None => (self.more, self.strange) = (true, true),
            },
            Some(News::Missed) => {
                (self.more, self.strange) = (true, true);
                self.runs.values().for_each(|having| having.orders.news.notify_one());
            }
            None => {}
        }
    }

    fn was_left(&mut self, held: Held, how: Left) {
        // The run may have been had again before this was heard.
        if self.runs.get(&held.run).is_some_and(|having| having.held == held) {
            self.runs.remove(&held.run);
        }
        if let Left::Waiting(Some(due)) = how {
            self.due = Some(self.due.map_or(due, |known| known.min(due)));
        }
        // What came while the run was given back must not be missed. Of one at its end nothing comes, and who waits for room
        // looks anyway.
        self.more |= how != Left::Ended;
    }

    async fn renew(&mut self) {
        let all: Vec<Held> = self.runs.values().map(|having| having.held).collect();
        for part in all.chunks(journal::limits::RUNS) {
            let (now, time) = (self.shared.now(), self.shared.options.lease);
            match self.shared.store.renew(part.to_vec(), now, time).await {
                Ok(lost) => {
                    for having in lost.iter().filter_map(|run| self.runs.get(run)) {
                        having.orders.lost.cancel();
                    }
                }
                Err(error) => tracing::warn!("runs cannot be kept: {error}"),
            }
        }
    }

    /// When there may be something to do of which nobody tells.
    fn next_look(&self) -> Instant {
        let most = self.looked + LOOK.min(self.shared.options.lease);
        // Where there is no room a timer that is due waits until a run is left.
        let due = self.due.filter(|_| self.room() > 0);
        let due = due.map(|due| Duration::from_millis(due.saturating_sub(self.shared.now())));
        // A timer may stay due: of a run that rests, or that is for other workers.
        due.map_or(most, |due| most.min((Instant::now() + due).max(self.looked + SOONEST)))
    }
}

/// Tells that a run was left, however that came to be.
struct Leaving {
    held: Held,
    how: Left,
    left: mpsc::UnboundedSender<(Held, Left)>,
}

impl Leaving {
    const fn set(&mut self, how: Left) {
        self.how = how;
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        // Where nobody listens the worker is at its end.
        let _unheard = self.left.send((self.held, self.how));
    }
}

/// How a run was left. One that could not go on is given back.
async fn carried(shared: Arc<Shared>, held: Held, outcome: Result<Left>) -> Left {
    match outcome {
        Ok(left) => left,
        Err(error) => {
            tracing::error!(run = %held.run, code = error.code().id(), "a run cannot go on: {error}");
            let wrong = matches!(error.code(), Code::RunFenced | Code::RunFinished);
            let at = shared.now().saturating_add(REST);
            match shared.store.release(held, Rest::Ready { at }).await {
                Ok(()) => Left::Waiting(Some(at)),
                Err(JournalError::Fenced { .. } | JournalError::Finished(_)) => Left::Lost,
                Err(error) if !wrong => {
                    tracing::warn!(run = %held.run, "a run cannot be given back: {error}");
                    Left::Lost
                }
                Err(_) => Left::Lost,
            }
        }
    }
}

#[cfg(test)]
mod tests;
