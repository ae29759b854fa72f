//! Strategies in which several models answer one request, carried out: the crate `hybrid` says who is asked what, and here
//! they are asked. Each part is a request of its own to [`Gateway`], in the client's dialect, and so has its failover,
//! budgets, breakers and records like any other.

mod part;
mod rank;
mod report;

use super::Gateway;
use crate::caller::Caller;
use crate::config::Hybrid;
use crate::request::Asked;
use ::hybrid::{Machine, Part, Step};
use base::{Code, Error, Result, clock, random};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use http::{HeaderMap, StatusCode};
use part::{Client, Ended, Outcome, until};
use report::Report;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::time::Instant;

/// Answers a request to the hybrid route `name`. Boxed, because each part comes back to the gateway.
pub(super) fn answer<'a>(
    gateway: &'a Gateway,
    (name, hybrid): (&'a str, &'a Hybrid),
    asked: &'a Asked,
    caller: &'a Caller,
    given: &'a HeaderMap,
) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> {
    Box::pin(async move {
        match begin(gateway, name, asked, caller, given) {
            Ok(client) => Course::new(client, hybrid).run().await,
            Err(error) => (Err(error), HeaderMap::new()),
        }
    })
}

/// Reads what is asked. All parts are in the books under one run: the client's, or one of their own.
fn begin<'a>(
    gateway: &'a Gateway,
    name: &str,
    asked: &'a Asked,
    caller: &Caller,
    given: &'a HeaderMap,
) -> Result<Client<'a>> {
    if !asked.endpoint.generates() {
        let message = format!("the model `{name}` is a strategy of several models, which answers chats alone");
        return Err(Error::new(Code::ModelDialect, message, "ask one of its models for this"));
    }
    if !asked.others().is_empty() {
        let message = format!("the model `{name}` is a strategy of several models, whose place no other can take");
        return Err(Error::new(Code::ModelRequest, message, "leave `models` out, or ask for one of these"));
    }
    let run = match &caller.run {
        Some(run) => Arc::clone(run),
        None => Arc::from(format!("{name}-{}", random::hex::<8>()?)),
    };
    // Whoever may ask for the route may ask for what stands behind it.
    let caller = Caller { run: Some(run), models: None, through: Some(Arc::from(name)), ..caller.clone() };
    Ok(Client { gateway, asked, said: asked.said()?, caller, given })
}

/// A request on its way through its parts.
struct Course<'a> {
    client: Client<'a>,
    hybrid: &'a Hybrid,
    report: Report,
    /// What the client gets where the failure of a part is that of the whole.
    failures: HashMap<usize, Outcome>,
}

impl<'a> Course<'a> {
    fn new(client: Client<'a>, hybrid: &'a Hybrid) -> Self {
        let run = client.caller.run.as_deref().unwrap_or_default().to_owned();
        Self { client, hybrid, report: Report::new(hybrid.strategy.name(), &run), failures: HashMap::new() }
    }

    async fn run(mut self) -> Outcome {
        let all = Instant::from_std(clock::now()) + self.hybrid.time;
        let (mut machine, mut step) =
            Machine::begin(&self.hybrid.strategy, Arc::clone(&self.client.said), &rank::by_words);
        loop {
            step = match step {
                Step::Ask(parts) => match self.gather(&mut machine, parts, all).await {
                    Some(step) => step,
                    None => return self.end((Err(Error::internal("a strategy waits for nothing")), HeaderMap::new())),
                },
                Step::Wait => return self.end((Err(Error::internal("a strategy asks nothing")), HeaderMap::new())),
                Step::Forward(part) => match self.forward(&part).await {
                    Some(outcome) => return self.end(outcome),
                    None => machine.ended(part.number, None),
                },
                Step::Race(parts) => match self.race(&parts).await {
                    Ok(outcome) => return self.end(outcome),
                    Err(last) => machine.ended(last, None),
                },
                Step::Answer(answer) => {
                    let written = self.client.written(&answer);
                    return self.end((written, HeaderMap::new()));
                }
                Step::Fail(number) => {
                    let failure = self.failures.remove(&number);
                    let unknown = || (Err(Error::internal("a part failed that was never asked")), HeaderMap::new());
                    return self.end(failure.unwrap_or_else(unknown));
                }
            };
        }
    }

    fn end(self, (outcome, mut headers): Outcome) -> Outcome {
        self.report.tell(&mut headers);
        (outcome, headers)
    }

    /// Asks parts, and those that follow while they are asked, until the machine wants something else than to ask or wait.
    async fn gather(&mut self, machine: &mut Machine, parts: Vec<Part>, all: Instant) -> Option<Step> {
        let Self { client, hybrid, report, failures } = self;
        let mut waiting: VecDeque<Part> = parts.into();
        let mut asked = FuturesUnordered::new();
        loop {
            while asked.len() < hybrid.at_once
                && let Some(part) = waiting.pop_front()
            {
                asked.push(client.whole(part, until(hybrid.patience, all)));
            }
            let Ended { part, outcome } = asked.next().await?;
            let answer = match outcome {
                Ok(answer) => {
                    report.answered(&part, answer.usage.as_ref());
                    Some(answer)
                }
                Err(outcome) => {
                    report.failed(&part, code_of(&outcome));
                    failures.insert(part.number, outcome);
                    None
                }
            };
            match machine.ended(part.number, answer) {
                Step::Ask(more) => waiting.extend(more),
                Step::Wait => {}
                step => return Some(step),
            }
        }
    }

    /// Asks the part whose answer is the client's. Nothing where it failed and there may be another way.
    async fn forward(&mut self, part: &Part) -> Option<Outcome> {
        let asked = match self.client.asked(part) {
            Ok(asked) => asked,
            Err(error) => {
                self.failures.insert(part.number, (Err(error), HeaderMap::new()));
                return None;
            }
        };
        self.report.sent(asked.input(), self.client.asked.input());
        let outcome = self.client.forward(&asked).await;
        if is_answer(&outcome) {
            self.report.answered(part, None);
            return Some(outcome);
        }
        self.report.failed(part, code_of(&outcome));
        self.failures.insert(part.number, outcome);
        None
    }

    /// Asks all parts at once. The first that begins is the client's, and the others are given up.
    ///
    /// # Errors
    /// All failed: the number of the last.
    async fn race(&mut self, parts: &[Part]) -> std::result::Result<Outcome, usize> {
        let requests: Vec<(&Part, Asked)> =
            parts.iter().filter_map(|part| Some((part, self.client.asked(part).ok()?))).collect();
        let ask = |(part, asked): &'_ (&Part, Asked)| {
            let number = part.number;
            let client = &self.client;
            let asked = asked.clone();
            async move { (number, client.forward(&asked).await) }
        };
        let mut asked: FuturesUnordered<_> = requests.iter().map(ask).collect();
        let mut left: Vec<&Part> = parts.iter().collect();
        let (mut last, mut won) = (parts.last().map_or(0, |part| part.number), None);
        let mut failed = Vec::new();
        while let Some((number, outcome)) = asked.next().await {
            let place = left.iter().position(|part| part.number == number);
            let part = place.map(|place| left.remove(place));
            if is_answer(&outcome) {
                won = part.map(|part| (part, outcome));
                break;
            }
            last = number;
            failed.push((part, outcome));
        }
        drop(asked);
        for (part, outcome) in failed {
            part.into_iter().for_each(|part| self.report.failed(part, code_of(&outcome)));
            self.failures.insert(part.map_or(last, |part| part.number), outcome);
        }
        let Some((part, outcome)) = won else { return Err(last) };
        self.report.answered(part, None);
        left.into_iter().for_each(|part| self.report.given_up(part));
        Ok(outcome)
    }
}

/// Whether there is an answer, and not what a provider says of a request that it refuses.
fn is_answer((outcome, _): &Outcome) -> bool {
    outcome.as_ref().is_ok_and(|answer| answer.status == StatusCode::OK)
}

fn code_of((outcome, _): &Outcome) -> &'static str {
    match outcome {
        Ok(_) => Code::ModelRefused.id(),
        Err(error) => error.code().id(),
    }
}
