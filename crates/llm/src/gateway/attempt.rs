//! A request to one deployment: let in, paid for, sent, and accounted for however it ends.

use super::Shared;
use super::choice::{self, Chosen};
use super::state::State;
use crate::answer::{Answer, Body};
use crate::bill::{Bill, Order};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::lane::Lane;
use crate::provider::{Keeping, Provider, Reply, headers};
use crate::request::Asked;
use crate::seen::Pass;
use crate::stream::End;
use crate::tally::{Ended, Tally};
use crate::trace::{Span, Why};
use base::{Code, Error, clock};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use inspection::dialect::{Dialect, Endpoint};
use inspection::meter::Meter;
use inspection::needs::Needs;
use inspection::tier::Wanted;
use lessons::Lesson;
use model::Units;
use protection::allowance::Stake;
use protection::limit::{self, AtLimit, Permit, Queue, Share};
use routing::Capability;
use spending::Outcome;
use std::sync::Arc;
use std::time::Instant;

/// The header that names an answer, so that the client can say how good it is.
const ANSWER: &str = "x-tutti-answer";

/// What is the same for all attempts of a request.
pub(super) struct Way<'a> {
    pub(super) shared: &'a Shared,
    pub(super) state: &'a State,
    pub(super) asked: &'a Asked,
    pub(super) caller: &'a Caller,
    pub(super) given: &'a HeaderMap,
    /// What the request needs, if the choice had to know.
    pub(super) needs: Option<Needs>,
    /// Why the deployments come in their order, where there was a choice.
    pub(super) why: Option<&'a str>,
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
    /// What an answer teaches by how good its client finds it.
    lesson: Option<Lesson>,
}

/// The room that a request takes at the limits of a deployment.
pub(super) type Room = (Permit, Share);

/// How the turn of a deployment has come.
pub(super) enum Turn {
    /// In the order of the choice.
    Chosen,
    /// There was none at its limits, and this was waited for.
    Waited(Room),
    /// No other deployment has answered.
    LastResort,
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
    /// Begins a request to a deployment, if it may be asked now and there is money for it. `turn` says how its turn has come.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn enter(&'a self, chosen: &Chosen<'_>, turn: Turn) -> Result<Attempt<'a>, Failure> {
        let mut span = self.span(chosen);
        let entered = self.let_in(chosen, turn, &mut span).await;
        if let (Err(failure), Some(span)) = (&entered, span) {
            span.refused(failure.error.code());
        }
        entered
    }

    /// The span of a request to a deployment, where one is recorded.
    fn span(&self, Chosen { lane, route, strategy, .. }: &Chosen<'_>) -> Option<Box<Span>> {
        let kind = self.state.settings.providers.get(&lane.deployment.provider)?.kind;
        let why = Why { route: *route, strategy: *strategy, reason: self.why };
        Span::begin(self.caller, self.asked.endpoint, kind, lane, why)
    }

    /// Room at the limits of a deployment, for a request that has waited in `queue` if it has.
    pub(super) fn room(&self, lane: &Lane, queue: Option<&Queue>) -> Result<Room, AtLimit> {
        if lane.limits.is_empty() {
            return Ok(Room::default());
        }
        let counted = !self.asked.endpoint.counts_tokens() && lane.limits.iter().any(|limit| limit.counts_tokens());
        let needs = if counted { self.needs.unwrap_or_else(|| self.asked.needs()) } else { Needs::default() };
        let tokens = needs.input.saturating_add(needs.max_output.unwrap_or(0));
        limit::enter(&lane.limits, tokens, clock::now(), queue)
    }

    /// What the request is expected to cost at a deployment, in nano-dollars: nothing where that is not known, as in the books. Of one that has
    /// not answered yet as much is expected as is usual at `other`.
    pub(super) fn expected_cost(&self, lane: &Lane, other: &Lane) -> u64 {
        let needs = self.needs.unwrap_or_else(|| self.asked.needs());
        let need = choice::need(self.asked, &needs, false);
        let [candidate, other] = [lane, other].map(|lane| lane.candidate(&self.state.settings, 1));
        let tokens = candidate.expected_cost(&need, Some(&other)).unwrap_or(0);
        tokens.saturating_add(lane.facts.price.as_ref().map_or(0, |price| price.request))
    }

    async fn let_in(
        &'a self,
        chosen: &Chosen<'_>,
        turn: Turn,
        span: &mut Option<Box<Span>>,
    ) -> Result<Attempt<'a>, Failure> {
        let lane = &chosen.lane;
        let provider = self.state.providers.get(&lane.deployment.provider);
        let provider = provider.ok_or_else(|| Failure::unasked(Error::internal("a deployment has no provider")))?;
        let began = clock::now();
        let last_resort = matches!(turn, Turn::LastResort);
        let entered = lane.seen.enter(began, base::random::fraction(), last_resort);
        let mut pass = entered.map_err(|closed| Failure::closed(&lane.name, closed))?;
        let room = if let Turn::Waited(room) = turn { Ok(room) } else { self.room(lane, None) };
        let (permit, share) = room.map_err(|at_limit| Failure::at_limit(&lane.name, at_limit))?;
        pass.take(permit);
        let mut bill = if self.asked.endpoint.counts_tokens() { None } else { Some(self.bill(chosen, began).await?) };
        bill.iter_mut().for_each(|bill| bill.trace(span.take()));
        bill.iter_mut().zip([share]).for_each(|(bill, share)| bill.count(share));
        bill.iter_mut().for_each(|bill| bill.teach(chosen.lesson.as_ref()));
        let count = Count(self.state.tallies.get(&lane.deployment.provider).map(Arc::clone));
        let lesson = chosen.lesson.clone().filter(|_| bill.is_some());
        Ok(Attempt { way: self, lane: Arc::clone(lane), provider, pass, bill, count, lesson })
    }

    async fn bill(&self, Chosen { lane, route, .. }: &Chosen<'_>, began: Instant) -> Result<Bill, Failure> {
        let accounts = self.shared.budgets.load().accounts(self.caller, *route, &lane.provider);
        let budgeted = !accounts.is_empty();
        let added_up = self.caller.spent.is_some();
        let counted = budgeted || added_up || self.caller.tokens.is_some();
        let needs = self.needs.or_else(|| counted.then(|| self.asked.needs()));
        let order = Order {
            caller: self.caller,
            endpoint: self.asked.endpoint,
            stream: self.asked.stream,
            model: &self.asked.model,
            accounts,
            began,
            needs,
            answers: self.asked.answers,
            input: self.asked.input(),
            tier: self.tier(lane),
            units: self.asked.units(false),
            most_units: if budgeted || added_up { self.asked.units(true) } else { Units::default() },
        };
        Bill::open(&self.shared.ledger, lane, &order).await.map_err(Failure::unasked)
    }

    /// How the request is to be served, where the deployment is told: of dialects only OpenAI's say it alike.
    fn tier(&self, lane: &Lane) -> Wanted {
        let provider = self.state.settings.providers.get(&lane.deployment.provider);
        let endpoint = provider.and_then(|provider| provider.endpoint(self.asked.endpoint, self.asked.stream));
        let openai = |dialect| matches!(dialect, Dialect::OpenAiChat | Dialect::OpenAiResponses);
        let (own, asked) = (endpoint.map(Endpoint::dialect), self.asked.endpoint.dialect());
        let is_told = own == Some(asked) || (openai(asked) && own.is_some_and(openai));
        if is_told { self.asked.tier() } else { Wanted::Usual }
    }
}

impl Attempt<'_> {
    /// What it costs has this part in what may be spent for the sake of speed.
    pub(super) fn stake(&mut self, stake: Stake) {
        self.bill.iter_mut().zip([stake]).for_each(|(bill, stake)| bill.stake(stake));
    }

    /// Sends the request and waits for what the model says first.
    pub(super) async fn run(mut self) -> Attempted {
        let Way { shared, asked, caller, given, .. } = *self.way;
        let sent = self.bill.as_ref().and_then(Bill::sent);
        let (lane, processes) = (&self.lane, shared.processes.get());
        let thinks = lane.facts.capabilities.get(Capability::Reasoning);
        let keeping = Keeping { signatures: &shared.signatures, owner: &caller.principal, trusted: true, thinks, sent };
        let speaks_soon = asked.stream && !self.lane.facts.capabilities.present.has(Capability::Reasoning);
        self.pass.sent(clock::now(), speaks_soon);
        let outcome = self.provider.ask(&lane.name, &lane.deployment, (asked, given), keeping, processes).await;
        self.pass.heard();
        match outcome {
            Ok(reply) => {
                let now = clock::now();
                self.bill.iter_mut().for_each(|bill| bill.begun(now));
                let id = self.id();
                let mut answer = self.answered(now, reply);
                answer.headers.extend(id.map(|id| (HeaderName::from_static(ANSWER), id)));
                Attempted::Answered(answer)
            }
            Err(failure) => {
                self.failed(&failure);
                Attempted::Failed(failure)
            }
        }
    }

    /// The name under which the client can say how good the answer is, where somebody learns of that.
    fn id(&self) -> Option<HeaderValue> {
        let Way { shared, caller, .. } = *self.way;
        let id =
            shared.lessons.answered(&caller.principal, caller.run.as_ref(), &self.lane.name, self.lesson.as_ref()?);
        HeaderValue::from_str(&id?).ok()
    }

    fn answered(self, now: Instant, reply: Reply) -> Answer {
        let Self { way, lane, pass, mut bill, mut count, .. } = self;
        lane.seen.worked_for(&way.caller.principal);
        let (Reply::Whole(headers, ..) | Reply::Stream(headers, _)) = &reply;
        bill.iter_mut().zip(headers::lost(headers)).for_each(|(bill, lost)| bill.lost(lost));
        let (headers, body) = match reply {
            Reply::Whole(headers, bytes, meter) => {
                pass.end(|guard| guard.ended(now, true));
                count.end(Ended::Answered);
                bill.into_iter().for_each(|bill| bill.settle(now, &meter, Outcome::Answered));
                (headers, Body::Whole(bytes))
            }
            Reply::Stream(headers, mut stream) => {
                stream.on_end(Box::new(move |end: End, meter: &Meter, lost| {
                    let now = clock::now();
                    let outcome = match end {
                        End::Whole => {
                            pass.end(|guard| guard.ended(now, true));
                            count.end(Ended::Answered);
                            Outcome::Answered
                        }
                        End::Failed(code) => {
                            pass.end(|guard| guard.ended(now, false));
                            lane.seen.failed();
                            count.end(Ended::BrokenOff);
                            let name = &*lane.name;
                            tracing::warn!(deployment = name, code = code.id(), "an answer failed after it had begun");
                            Outcome::Failed
                        }
                        End::Left => Outcome::Cancelled,
                    };
                    bill.into_iter().for_each(|mut bill| {
                        if let End::Failed(code) = end {
                            bill.failed(code);
                        }
                        lost.iter().for_each(|lost| bill.lost(lost));
                        bill.settle(now, meter, outcome);
                    });
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
        // What fails for one caller alone says nothing of the deployment.
        let counts = failure.counts && self.lane.seen.is_blamed_by(&self.way.caller.principal);
        if counts {
            self.lane.seen.failed();
        }
        self.pass.end(|guard| guard.failed(failure.error.retry_after(), counts));
        let Some(mut bill) = self.bill else { return };
        bill.failed(failure.error.code());
        if !failure.elsewhere {
            // It is the request that is wrong, and nobody would have answered it.
            bill.teach(None);
        }
        match failure.error.code() {
            // It was answered, and the client wants no answer of which something is left out.
            Code::ModelLoss if failure.asked => bill.lose(failure.meter.as_deref()),
            // What was sent may have been read and paid for, although nobody has seen an answer.
            Code::ModelBroken | Code::ModelTimeout | Code::ModelAnswerTooLarge => {
                bill.lose(failure.meter.as_deref());
            }
            // A part of it was written before its provider failed.
            Code::ModelFailed if failure.meter.is_some() => bill.lose(failure.meter.as_deref()),
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
