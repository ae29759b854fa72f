//! A request to one deployment: let in, paid for, sent, and accounted for however it ends.

use super::Shared;
use super::state::State;
use crate::answer::{Answer, Body};
use crate::bill::{Bill, Order};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::lane::{Lane, Pass};
use crate::meter::Meter;
use crate::needs::Needs;
use crate::provider::{Provider, Reply};
use crate::request::Asked;
use crate::stream::End;
use crate::tally::{Ended, Tally};
use base::{Code, Error};
use http::{HeaderMap, StatusCode};
use spending::Outcome;
use std::sync::Arc;

/// What is the same for all attempts of a request.
pub(super) struct Way<'a> {
    pub(super) shared: &'a Shared,
    pub(super) state: &'a State,
    pub(super) asked: &'a Asked,
    pub(super) caller: &'a Caller,
    pub(super) given: &'a HeaderMap,
    /// What the request needs, if the choice had to know.
    pub(super) needs: Option<Needs>,
    /// The route that the client asked for, if it was one.
    pub(super) route: Option<&'a str>,
}

/// A request that a deployment has let in.
pub(super) struct Attempt<'a> {
    way: &'a Way<'a>,
    lane: Arc<Lane>,
    provider: &'a Provider,
    pass: Pass,
    /// Nothing for what costs nothing.
    bill: Option<Bill>,
    count: Count,
}

/// What became of it.
pub(super) enum Attempted {
    /// The deployment answers.
    Answered(Answer),
    /// It does not.
    Failed(Failure),
}

impl Attempted {
    /// Whether nobody else need be waited for.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Attempted::Answered(_) => true,
            Attempted::Failed(failure) => !failure.elsewhere,
        }
    }
}

impl<'a> Way<'a> {
    /// Begins a request to a deployment, if it may be asked now and there is money for it.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn enter(&'a self, lane: &Arc<Lane>) -> Result<Attempt<'a>, Failure> {
        let provider = self.state.providers.get(&lane.deployment.provider);
        let provider = provider.ok_or_else(|| Failure::unasked(Error::internal("a deployment has no provider")))?;
        let pass = lane.seen.enter(base::random::fraction()).map_err(|wait| {
            let message = format!("{} asked for a pause, or fails so often, that it is left alone for now", lane.name);
            let error = Error::new(Code::ModelHeldBack, message, "try again shortly, or ask for another model");
            Failure::unasked(error.of_upstream(&lane.name).with_retry_after(wait))
        })?;
        let bill = if self.asked.endpoint.is_charged() { Some(self.bill(lane).await?) } else { None };
        let count = Count(self.state.tallies.get(&lane.deployment.provider).map(Arc::clone));
        Ok(Attempt { way: self, lane: Arc::clone(lane), provider, pass, bill, count })
    }

    async fn bill(&self, lane: &Arc<Lane>) -> Result<Bill, Failure> {
        let accounts = self.shared.budgets.load().accounts(self.caller, self.route, &lane.provider);
        let counted = !accounts.is_empty() || self.caller.tokens.is_some();
        let order = Order {
            caller: self.caller,
            model: &self.asked.model,
            accounts,
            needs: self.needs.or_else(|| counted.then(|| self.asked.needs())),
            answers: self.asked.answers,
            input: self.asked.input(),
        };
        Bill::open(&self.shared.ledger, lane, &order).await.map_err(Failure::unasked)
    }
}

impl Attempt<'_> {
    /// Sends the request and waits for what the model says first.
    pub(super) async fn run(mut self) -> Attempted {
        let Way { asked, given, .. } = *self.way;
        match self.provider.ask(&self.lane.name, &self.lane.deployment.model, asked, given).await {
            Ok(reply) => {
                self.bill.iter_mut().for_each(Bill::begun);
                Attempted::Answered(self.answered(reply))
            }
            Err(failure) => {
                self.failed(&failure);
                Attempted::Failed(failure)
            }
        }
    }

    fn answered(self, reply: Reply) -> Answer {
        let Self { lane, pass, bill, mut count, .. } = self;
        let (headers, body) = match reply {
            Reply::Whole(headers, bytes, meter) => {
                pass.end(|guard| guard.ended(true));
                count.end(Ended::Answered);
                bill.into_iter().for_each(|bill| bill.settle(&meter, Outcome::Answered));
                (headers, Body::Whole(bytes))
            }
            Reply::Stream(headers, mut stream) => {
                stream.on_end(Box::new(move |end: End, meter: &Meter| {
                    let outcome = match end {
                        End::Whole => {
                            pass.end(|guard| guard.ended(true));
                            count.end(Ended::Answered);
                            Outcome::Answered
                        }
                        End::Failed(code) => {
                            pass.end(|guard| guard.ended(false));
                            lane.seen.failed();
                            count.end(Ended::BrokenOff);
                            let name = &*lane.name;
                            tracing::warn!(deployment = name, code = code.id(), "an answer failed after it had begun");
                            Outcome::Failed
                        }
                        End::Left => Outcome::Cancelled,
                    };
                    bill.into_iter().for_each(|bill| bill.settle(meter, outcome));
                }));
                (headers, Body::Stream(stream))
            }
        };
        Answer { status: StatusCode::OK, headers, body, cached: false }
    }

    fn failed(mut self, failure: &Failure) {
        match (failure.asked, failure.elsewhere) {
            (false, _) => self.count.forget(),
            (true, true) => self.count.end(Ended::Failed),
            (true, false) => self.count.end(Ended::Refused),
        }
        if failure.counts {
            self.lane.seen.failed();
        }
        self.pass.end(|guard| guard.failed(failure));
        let Some(bill) = self.bill else { return };
        match failure.error.code() {
            // What was sent may have been read and paid for, although nobody has seen an answer.
            Code::ModelBroken | Code::ModelTimeout | Code::ModelAnswerTooLarge => bill.lose(),
            _ if failure.asked => bill.release(Outcome::Failed),
            _ => bill.release(Outcome::Refused),
        }
    }
}

/// A request to a provider, counted once when it is over.
struct Count(Option<Arc<Tally>>);

impl Count {
    fn end(&mut self, ended: Ended) {
        if let Some(tally) = self.0.take() {
            tally.count(ended);
        }
    }

    /// Nothing was sent, and nothing is counted.
    fn forget(&mut self) {
        self.0 = None;
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.end(Ended::Left);
    }
}
