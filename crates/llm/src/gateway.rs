//! A request's way to a model: one deployment after another, until one answers.

mod course;

use crate::answer::{Answer, Body};
use crate::config::{Deployment, Settings};
use crate::failure::Failure;
use crate::guard::{Gate, Guard};
use crate::provider::{Provider, Reply};
use crate::request::Asked;
use crate::route;
use crate::stream::End;
use crate::tally::{Ended, Tally};
use arc_swap::ArcSwap;
use base::{Code, Error, Result};
use course::Course;
use http::{HeaderMap, StatusCode};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The gateway to all models.
#[derive(Clone)]
pub struct Gateway {
    state: Arc<ArcSwap<State>>,
}

/// What the configuration means now.
struct State {
    settings: Settings,
    providers: BTreeMap<String, Arc<Provider>>,
    /// One for each deployment that routes name, and one for each provider, for models that are named directly.
    gates: HashMap<Deployment, Arc<Gate>>,
    /// How requests to each provider ended, by its name.
    tallies: BTreeMap<String, Arc<Tally>>,
}

impl Gateway {
    /// A gateway as configured. Nothing is connected to yet.
    pub fn new(settings: Settings) -> Self {
        Self { state: Arc::new(ArcSwap::from_pointee(State::new(settings, None))) }
    }

    /// Takes another configuration. What is under way goes on; what was learned of deployments that stay is kept.
    pub fn reconfigure(&self, settings: Settings) {
        let next = State::new(settings, Some(&self.state.load()));
        self.state.store(Arc::new(next));
    }

    /// The names under which clients can ask.
    pub fn names(&self) -> Vec<String> {
        route::names(&self.state.load().settings).into_iter().map(str::to_owned).collect()
    }

    /// The providers that cannot be asked as they are configured, and why.
    pub fn faults(&self) -> Vec<(String, Error)> {
        let state = self.state.load();
        let faults = state.providers.iter().filter_map(|(name, provider)| Some((name.clone(), provider.fault()?)));
        faults.collect()
    }

    /// How requests to each provider ended.
    pub fn tallies(&self) -> Vec<(String, Arc<Tally>)> {
        let state = self.state.load();
        state.tallies.iter().map(|(name, tally)| (name.clone(), Arc::clone(tally))).collect()
    }

    /// Answers a request. `given` are the client's headers. What is found on the way goes into `course`, whatever the end.
    ///
    /// # Errors
    /// No deployment could answer.
    pub async fn ask(&self, asked: &Asked, given: &HeaderMap) -> (Result<Answer>, HeaderMap) {
        let mut course = Course::default();
        let outcome = self.try_each(asked, given, &mut course).await;
        (outcome, course.headers())
    }

    /// The one loop over deployments: nothing else asks twice.
    async fn try_each(&self, asked: &Asked, given: &HeaderMap, course: &mut Course) -> Result<Answer> {
        let state = self.state.load_full();
        for deployment in route::find(&state.settings, &asked.model, asked.endpoint)? {
            let Some(provider) = state.providers.get(&deployment.provider) else { continue };
            let name: Arc<str> = deployment.to_string().into();
            let guard = match state.enter(&deployment, &name) {
                Ok(guard) => guard,
                Err(error) => {
                    course.failed(&name, Failure::unasked(error));
                    continue;
                }
            };
            let mut attempt = Attempt::new(&state, &deployment);
            let outcome = Box::pin(provider.ask(&name, &deployment.model, asked, given)).await;
            match outcome {
                Ok(reply) => {
                    course.answered(&name);
                    return Ok(answered(reply, guard, attempt, &name));
                }
                Err(failure) => {
                    match (failure.asked, failure.elsewhere) {
                        (false, _) => attempt.forget(),
                        (true, true) => attempt.end(Ended::Failed),
                        (true, false) => attempt.end(Ended::Refused),
                    }
                    tracing::warn!(
                        deployment = &*name,
                        code = failure.error.code().id(),
                        "{}",
                        failure.error.message()
                    );
                    guard.failed(&failure);
                    let elsewhere = failure.elsewhere;
                    course.failed(&name, failure);
                    if !elsewhere {
                        break;
                    }
                }
            }
        }
        course.end()
    }
}

impl Default for Gateway {
    /// One that knows no model.
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl State {
    fn new(settings: Settings, before: Option<&State>) -> Self {
        let mut providers = BTreeMap::new();
        for (name, typed) in &settings.providers {
            let same = before.and_then(|state| state.providers.get(name)).filter(|same| same.settings.is_as(typed));
            let provider = match same {
                Some(same) => Arc::clone(same),
                None => Arc::new(Provider::new(name, typed.clone())),
            };
            providers.insert(name.clone(), provider);
        }
        // What was learned of a provider that is asked in another way now means nothing.
        let stays = |name: &str| {
            let old = before.and_then(|state| state.providers.get(name));
            old.zip(providers.get(name)).is_some_and(|(old, new)| Arc::ptr_eq(old, new))
        };
        let named = settings.routes.values().flat_map(|route| route.deployments.iter().cloned());
        let gates = named.chain(settings.providers.keys().map(|name| Deployment::any_of(name))).map(|deployment| {
            let kept = before.filter(|_| stays(&deployment.provider)).and_then(|state| state.gates.get(&deployment));
            let gate = kept.map_or_else(Gate::new, Arc::clone);
            (deployment, gate)
        });
        let gates = gates.collect();
        let tallies = settings.providers.keys().map(|name| {
            let kept = before.and_then(|state| state.tallies.get(name));
            (name.clone(), kept.map_or_else(Arc::default, Arc::clone))
        });
        let tallies = tallies.collect();
        Self { settings, providers, gates, tallies }
    }

    fn enter(&self, deployment: &Deployment, name: &str) -> Result<Guard> {
        let whole = || self.gates.get(&Deployment::any_of(&deployment.provider));
        let gate = self.gates.get(deployment).or_else(whole);
        let gate = gate.ok_or_else(|| Error::internal("a deployment has no breaker"))?;
        gate.enter().map_err(|wait| {
            let message = format!("{name} asked for a pause, or fails so often, that it is left alone for now");
            let error = Error::new(Code::ModelHeldBack, message, "try again shortly, or ask for another model");
            error.of_upstream(name).with_retry_after(wait)
        })
    }
}

/// A request to a provider, counted once when it is over.
struct Attempt(Option<Arc<Tally>>);

impl Attempt {
    fn new(state: &State, deployment: &Deployment) -> Self {
        Self(state.tallies.get(&deployment.provider).map(Arc::clone))
    }

    fn end(&mut self, ended: Ended) {
        if let Some(tally) = self.0.take() {
            tally.count(ended);
        }
    }
}

impl Attempt {
    /// Nothing was sent, and nothing is counted.
    fn forget(&mut self) {
        self.0 = None;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.end(Ended::Left);
    }
}

fn answered(reply: Reply, guard: Guard, mut attempt: Attempt, name: &Arc<str>) -> Answer {
    let (headers, body) = match reply {
        Reply::Whole(headers, bytes) => {
            guard.ended(true);
            attempt.end(Ended::Answered);
            (headers, Body::Whole(bytes))
        }
        Reply::Stream(headers, mut stream) => {
            let name = Arc::clone(name);
            stream.on_end(Box::new(move |end| match end {
                End::Whole => {
                    guard.ended(true);
                    attempt.end(Ended::Answered);
                }
                End::Failed(code) => {
                    guard.ended(false);
                    attempt.end(Ended::BrokenOff);
                    tracing::warn!(deployment = &*name, code = code.id(), "an answer failed after it had begun");
                }
                End::Left => {}
            }));
            (headers, Body::Stream(stream))
        }
    };
    Answer { status: StatusCode::OK, headers, body }
}
