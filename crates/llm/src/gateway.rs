//! A request's way to a model: one deployment after another, until one answers.

mod attempt;
mod budgets;
mod choice;
mod course;
mod estimate;
mod hybrid;
mod prices;
mod probes;
mod race;
mod rounds;
pub mod standing;
mod state;
mod unheeded;

pub use crate::bill::DEAREST;
pub use estimate::Most;

use crate::answer::Answer;
use crate::bill;
use crate::cache::{self, Question};
use crate::caller::Caller;
use crate::config::{Prices, Settings};
use crate::prices::Tables;
use crate::provider::headers;
use crate::request::Asked;
use crate::tally::Tally;
use arc_swap::ArcSwap;
use base::ports::ModelProcesses;
use base::{Error, Result, random};
use budgets::Budgets;
use choice::{Choice, Hedging};
use course::Course;
use http::HeaderMap;
use lessons::Lessons;
use rounds::Rounds;
use search::Encoding;
use signatures::Signatures;
use spending::{Budget, Ledger};
use state::State;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::Notify;

/// The gateway to all models.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

struct Shared {
    state: ArcSwap<State>,
    /// Held while the state is changed: why prices could not be read when that was tried last.
    changing: Mutex<Option<Error>>,
    /// Another configuration was taken.
    changed: Notify,
    /// What may be spent, and what was.
    ledger: Arc<Ledger>,
    signatures: Arc<Signatures>,
    /// What routes have learned.
    lessons: Arc<Lessons>,
    budgets: ArcSwap<Budgets>,
    /// What runs models of files.
    processes: OnceLock<Arc<dyn ModelProcesses>>,
}

impl Gateway {
    /// A gateway as configured, which spends by `ledger`, keeps in `signatures` what clients have no place for, and in `lessons`
    /// what routes learn. Nothing is connected to yet.
    pub fn new(settings: Settings, ledger: Arc<Ledger>, signatures: Arc<Signatures>, lessons: Arc<Lessons>) -> Self {
        let shared = Shared {
            state: ArcSwap::from_pointee(State::new(settings, Tables::default(), None)),
            changing: Mutex::default(),
            changed: Notify::new(),
            ledger,
            signatures,
            lessons,
            budgets: ArcSwap::default(),
            processes: OnceLock::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Takes another configuration. What is under way goes on; what was learned of deployments that stay is kept.
    pub fn reconfigure(&self, settings: Settings) {
        let _failure = self.shared.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.shared.state.load();
        let next = State::new(settings, before.tables.clone(), Some(&before));
        self.shared.state.store(Arc::new(next));
        self.shared.changed.notify_waiters();
    }

    /// Ends when another configuration is taken, after this was called.
    pub(crate) fn changed(&self) -> impl Future<Output = ()> {
        self.shared.changed.notified()
    }

    /// Where newer prices come from.
    pub(crate) fn prices(&self) -> Option<Prices> {
        self.shared.state.load().settings.prices.clone()
    }

    /// What is known of models.
    pub(crate) fn tables(&self) -> Tables {
        self.shared.state.load().tables.clone()
    }

    /// Why prices could not be read when that was tried last.
    pub(crate) fn prices_failure(&self) -> Option<Error> {
        self.shared.changing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes other tables of models. What is under way is paid for as it began.
    pub(crate) fn take_prices(&self, tables: Tables, failure: Option<Error>) {
        let mut last = self.shared.changing.lock().unwrap_or_else(PoisonError::into_inner);
        *last = failure;
        let before = self.shared.state.load();
        if !before.tables.is_same(&tables) {
            let next = State::new(before.settings.clone(), tables, Some(&before));
            self.shared.state.store(Arc::new(next));
        }
    }

    /// Takes other budgets: those of `keys` and teams, by their names (`key:…`, `team:…`), and those of the configuration of
    /// models. What was spent in those that stay is kept.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn change_budgets(&self, keys: Vec<Budget>) -> Result<()> {
        let mut all = keys;
        all.extend(self.shared.state.load().settings.budgets());
        let configured = self.shared.ledger.configure(all.clone()).await;
        // A budget of which the store could not be asked lets nothing through until it can.
        self.shared.budgets.store(Arc::new(Budgets::of(&self.shared.ledger, &all)));
        configured
    }

    /// Ends the account of what was spent, in order, and writes what is still to be kept.
    pub async fn close(&self) {
        self.shared.signatures.close().await;
        self.shared.lessons.write().await;
        if let Err(error) = self.shared.ledger.close().await {
            tracing::warn!(%error, "not all that was spent could be written");
        }
    }

    /// What may be spent, and what was.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.shared.ledger
    }

    /// Takes in what `principal` thinks of an answer that it was given, or of all answers of a run, by its id: 0 is useless, 1
    /// could not be better. Says how many answers that were which had no score yet.
    ///
    /// # Errors
    /// [`base::Code::AnswerUnknown`] when it was given no such answer by a route that learns, or too many have come since.
    pub fn score(&self, principal: &str, id: &str, score: f64) -> Result<usize> {
        self.shared.lessons.scored(principal, id, score)
    }

    /// The names under which clients can ask.
    pub fn names(&self) -> Vec<String> {
        self.shared.state.load().settings.names().into_iter().map(str::to_owned).collect()
    }

    /// The providers that cannot be asked as they are configured, and why.
    pub fn faults(&self) -> Vec<(String, Error)> {
        let state = self.shared.state.load();
        let faults = state.providers.iter().filter_map(|(name, provider)| Some((name.clone(), provider.fault()?)));
        faults.collect()
    }

    /// What holds for tools of the hub that models call.
    pub fn tools(&self) -> crate::config::ToolSettings {
        self.shared.state.load().settings.tools
    }

    /// How requests to each provider ended.
    pub fn tallies(&self) -> Vec<(String, Arc<Tally>)> {
        let state = self.shared.state.load();
        state.tallies.iter().map(|(name, tally)| (name.clone(), Arc::clone(tally))).collect()
    }

    /// How requests to each route that keeps answers were answered.
    pub fn cache_tallies(&self) -> Vec<(String, Arc<cache::Tally>)> {
        self.shared.state.load().caches.tallies()
    }

    /// Has models of files run by `processes`. Only the first that are given count.
    pub fn run_files_by(&self, processes: Arc<dyn ModelProcesses>) {
        let _ = self.shared.processes.set(processes);
    }

    /// Has texts compared by vectors of `encoding`, on routes that give answers to texts that mean the same.
    pub fn compare_by(&self, encoding: Arc<Encoding>) {
        self.shared.state.load().caches.compare_by(encoding);
    }

    /// How many answers are kept.
    pub fn cache_held(&self) -> cache::Held {
        self.shared.state.load().caches.held()
    }

    /// Answers a request of `caller`, by what is kept if there is something. `given` are the client's headers. What is found on
    /// the way goes into the headers that come beside the answer, whatever the end.
    ///
    /// # Errors
    /// No deployment could answer.
    pub async fn ask(&self, asked: &Asked, caller: &Caller, given: &HeaderMap) -> (Result<Answer>, HeaderMap) {
        let unheeded = match unheeded::of(&self.shared.state.load().settings, asked, caller, given) {
            Ok(unheeded) => unheeded,
            Err(error) => return (Err(error), HeaderMap::new()),
        };
        let (mut outcome, course) = self.ask_by_name(asked, caller, given).await;
        if let (Some(unheeded), Ok(answer)) = (unheeded, &mut outcome) {
            headers::add_lost(&mut answer.headers, &unheeded);
        }
        (outcome, course)
    }

    async fn ask_by_name(&self, asked: &Asked, caller: &Caller, given: &HeaderMap) -> (Result<Answer>, HeaderMap) {
        let state = self.shared.state.load_full();
        let route = state.settings.routes.get(&*asked.model).and_then(|route| route.hybrid.as_ref());
        if let Some(route) = route.filter(|_| caller.may_ask(&asked.model)) {
            return hybrid::answer(self, (&asked.model, route), asked, caller, given).await;
        }
        if !caller.may_ask(&asked.model) {
            return self.ask_anew(asked, caller, given).await;
        }
        // What a client wants of the choice does not stand in the body that answers are kept by.
        if asked.is_choosy() {
            return state.caches.past(&asked.model, || self.ask_anew(asked, caller, given)).await;
        }
        let question = Question { asked, given, principal: &caller.principal };
        let (outcome, course) = state.caches.through(&question, || self.ask_anew(asked, caller, given)).await;
        if outcome.as_ref().is_ok_and(|answer| answer.cached) {
            bill::kept(&self.shared.ledger, caller, &asked.model, course::deployment(&course));
        }
        (outcome, course)
    }

    /// Why `caller` may not ask for a model of this name, as [`Gateway::ask`] would say it.
    pub fn refusal(&self, model: &str, caller: &Caller) -> Option<Error> {
        let may = caller.may_ask(model) || caller.may_ask(routing::suffix(model).0);
        (!may).then(|| crate::route::unknown(&self.shared.state.load().settings, model, caller))
    }

    async fn ask_anew(&self, asked: &Asked, caller: &Caller, given: &HeaderMap) -> (Result<Answer>, HeaderMap) {
        let mut course = Course::default();
        let outcome = self.try_each(asked, caller, given, &mut course).await;
        (outcome, course.headers())
    }

    async fn try_each(&self, asked: &Asked, caller: &Caller, given: &HeaderMap, course: &mut Course) -> Result<Answer> {
        let state = self.shared.state.load_full();
        let (choice, needs) = choice::choose(&state, &self.shared.lessons, (asked, caller), &mut random::fraction)?;
        course.chose(choice.why.as_ref());
        let Choice { lanes, why, hedge } = choice;
        let why = why.as_deref();
        let way = attempt::Way { shared: &self.shared, state: &state, asked, caller, given, needs, why };
        if let Some(Hedging { settings, allowance }) = hedge {
            allowance.came(settings.shares);
        }
        let alone = lanes.len() == 1;
        let left = VecDeque::from(lanes);
        let (full, held, failed) = (VecDeque::new(), Vec::new(), Vec::new());
        Rounds { way: &way, hedge, left, full, held, failed, alone, again: None, course }.run().await
    }
}
