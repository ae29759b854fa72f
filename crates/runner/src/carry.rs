//! One run that this worker has: what comes next is asked of `machine`, done, and written down.

mod answers;
mod calls;
mod child;
mod context;
mod fresh;
mod journal_of;
mod summaries;

use crate::limits::SOON;
use crate::orders::{Left, Orders};
use crate::outside::{Done, Failed};
use crate::runner::Shared;
use base::Result;
use calls::Under;
use journal::{Effect, Held, JournalError, Recorded, Rest, Results, Run, Status, StepPath};
use machine::{Command, Price, Prices, State, Work, decide};
use memory::{Assembled, SummaryKey};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use summaries::{Says, Waiting};
use tokio::sync::mpsc;
use workflow::Plan;
use workflow::definition::Action;

/// What comes back from what was begun.
pub(crate) enum Back {
    /// The context of a step is there.
    Context { path: StepPath, number: u64, result: Result<Box<Assembled>, Failed> },
    /// A summary for the context of a step is to be paid, or was made.
    Summary { path: StepPath, attempt: u32, says: Says },
    /// A call is at its end.
    Answered { path: StepPath, number: u64, result: Result<Done, Failed> },
}

/// One run that this worker has.
pub(crate) struct Carry {
    shared: Arc<Shared>,
    orders: Arc<Orders>,
    held: Held,
    run: Arc<Run>,
    state: State,
    results: Results,
    /// The place of the last entry that is known.
    last: u64,
    /// How the store says that the run stands.
    status: Status,
    /// Whether there may be entries that are not known.
    behind: bool,
    under: HashMap<StepPath, Under>,
    /// How many calls were begun.
    begun: u64,
    /// What steps are given of the context, once it was decided.
    contexts: HashMap<StepPath, Map<String, Value>>,
    /// Summaries that were made for contexts which are not there yet.
    summaries: HashMap<StepPath, BTreeMap<SummaryKey, String>>,
    /// Summaries that wait until they can be paid.
    waiting: Vec<Waiting>,
    back: mpsc::UnboundedSender<Back>,
    answers: mpsc::UnboundedReceiver<Back>,
}

/// What calls take, as whoever makes them says. A run within takes what its own budget lets it.
struct Costs<'a> {
    shared: &'a Shared,
    plan: &'a Plan,
}

impl Prices for Costs<'_> {
    fn price(&self, place: usize, work: &Work) -> Price {
        let Some(step) = self.plan.steps().get(place) else { return Price::default() };
        match &step.step.action {
            Action::Workflow(sub) => {
                let within = self.shared.plans.named(&sub.name.name).map(|served| served.plan.budget());
                // Where there is no such workflow its step says so when it is begun.
                within.map(|within| Price::fixed(child::most(self.plan.budget(), within))).unwrap_or_default()
            }
            _ => self.shared.outside.price(self.plan, step, work),
        }
    }
}

impl Drop for Carry {
    /// What is still under way is nobody's any more.
    fn drop(&mut self) {
        self.under.values().for_each(Under::abort);
    }
}

impl Carry {
    /// The run that `held` gives the right to, as its journal has it.
    pub(crate) async fn of(shared: Arc<Shared>, held: Held, orders: Arc<Orders>) -> Result<Self> {
        // Both at once: each is a wait for a thread that reads.
        let (run, entries) = tokio::try_join!(shared.store.run(held.run), shared.entries(held.run, 1))?;
        let plan = shared.plans.of(&*shared.store, run.definition).await?;
        Ok(Self::from(shared, held, orders, run, plan, entries)?)
    }

    fn from(
        shared: Arc<Shared>,
        held: Held,
        orders: Arc<Orders>,
        run: Run,
        plan: Arc<Plan>,
        entries: Vec<Recorded>,
    ) -> Result<Self, JournalError> {
        let (back, answers) = mpsc::unbounded_channel();
        let mut carry = Self {
            state: State::of(plan, held.run),
            status: run.status,
            shared,
            orders,
            held,
            run: Arc::new(run),
            results: Results::default(),
            last: 0,
            behind: false,
            under: HashMap::new(),
            begun: 0,
            contexts: HashMap::new(),
            summaries: HashMap::new(),
            waiting: Vec::new(),
            back,
            answers,
        };
        carry.take_note(entries)?;
        Ok(carry)
    }

    /// Goes on with the run until it ends, waits or is lost.
    pub(crate) async fn go(mut self) -> Result<Left> {
        loop {
            let done = match self.one().await {
                Err(JournalError::Conflict { .. }) => {
                    self.behind = true;
                    None
                }
                Err(JournalError::Fenced { .. }) => Some(Left::Lost),
                Err(JournalError::Finished(_)) => Some(Left::Ended),
                Err(error @ JournalError::Invalid(_)) => {
                    self.give_up(error).await?;
                    None
                }
                other => other?,
            };
            if let Some(left) = done {
                return Ok(left);
            }
        }
    }

    /// Does what is to be done now, or waits for something to happen. Gives how the run was left, if it was.
    async fn one(&mut self) -> Result<Option<Left>, JournalError> {
        if self.behind {
            self.catch_up().await?;
        }
        if self.orders.lost.is_cancelled() {
            return Ok(Some(Left::Lost));
        }
        if self.state.end().is_some() {
            return Ok(Some(Left::Ended));
        }
        if self.orders.end.is_cancelled() {
            return self.leave().await.map(Some);
        }
        let now = self.shared.now();
        let commands = self.decide(now);
        if !commands.is_empty() {
            self.take(commands, now).await?;
            return Ok(None);
        }
        if !self.waiting.is_empty() && self.pay().await? {
            return Ok(None);
        }
        let due = self.state.next_due();
        if self.under.is_empty() && due.is_none_or(|due| due > now.saturating_add(SOON)) {
            let rest = Rest::Waiting { expected: self.last, status: self.standing() };
            self.shared.store.release(self.held, rest).await?;
            return Ok(Some(Left::Waiting(due)));
        }
        self.wait(due.map(|due| Duration::from_millis(due.saturating_sub(now)))).await?;
        Ok(None)
    }

    /// What is to be done now.
    fn decide(&self, now: u64) -> Vec<Command> {
        decide(&self.state, now, &Costs { shared: &self.shared, plan: self.state.plan() })
    }

    /// Waits for an answer, news, or the next timer.
    async fn wait(&mut self, due: Option<Duration>) -> Result<(), JournalError> {
        let idle = !self.under.is_empty() && self.under.values().all(|under| under.is_child);
        self.orders.idle.store(idle, Ordering::Relaxed);
        let orders = Arc::clone(&self.orders);
        let timer = async {
            match due {
                Some(due) => tokio::time::sleep(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(first) = self.answers.recv() => {
                let mut all = vec![first];
                while let Ok(more) = self.answers.try_recv() {
                    all.push(more);
                }
                self.came_back(all).await?;
            }
            () = orders.news.notified() => self.behind = true,
            () = orders.lost.cancelled() => {}
            () = orders.end.cancelled() => {}
            () = timer => {}
        }
        Ok(())
    }

    /// Gives the run back, for whoever has it next: first what is under way may end, for a while.
    async fn leave(&mut self) -> Result<Left, JournalError> {
        let until = tokio::time::sleep(self.shared.options.grace);
        tokio::pin!(until);
        // Runs of its own wait for nobody, and go on elsewhere.
        while self.under.values().any(|under| !under.is_child) {
            tokio::select! {
                Some(back) = self.answers.recv() => {
                    self.came_back(vec![back]).await?;
                    self.pay().await?;
                }
                () = self.orders.lost.cancelled() => return Ok(Left::Lost),
                () = &mut until => break,
            }
        }
        self.give_up_calls().await?;
        self.shared.store.release(self.held, Rest::Ready { at: self.shared.now() }).await?;
        Ok(Left::Lost)
    }

    /// How the run stands while nothing is done for it.
    fn standing(&self) -> Status {
        if self.state.is_in_doubt() {
            Status::InDoubt
        } else if self.state.is_paused() {
            Status::Paused
        } else {
            Status::Waiting
        }
    }
}

/// Whether an attempt may be given up at once: nothing happened that somebody must know of.
const fn is_harmless(effect: Effect) -> bool {
    matches!(effect, Effect::Pure | Effect::Read)
}
