//! What a request at a deployment costs: set aside before it is sent, settled when it is over, recorded in any case.

mod aside;
mod kept;
mod thoughts;
mod within;

pub(crate) use kept::kept;
pub use within::DEAREST;
pub(crate) use within::at_most;

use crate::caller::{Caller, Tokens, Took};
use crate::lane::Lane;
use crate::trace::{Span, Went};
use base::{Code, Result, clock};
use dialects::Usage;
use inspection::dialect::Endpoint;
use inspection::meter::Meter;
use inspection::needs::Needs;
use inspection::tier::{Served, Wanted};
use lessons::Lesson;
use model::{NanoDollars, Units};
use protection::allowance::Stake;
use protection::limit::Share;
use routing::Capability;
use spending::{Account, Hold, Ledger, Outcome, Record};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// How long a request waits for money that others have set aside and may not need.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many tokens an answer has at most where neither the request nor anything that is known of the model says so.
pub(crate) const LONGEST_ANSWER: u64 = 32_768;

/// How many tokens two characters take as a rule that are spoken: OpenAI has 1,250 in a minute, in which speech has 900 characters.
const SPOKEN: u64 = 3;

/// A name that does not apply.
static NOTHING: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(""));

/// How many tokens a model reads at most where nothing that is known of it says so.
pub(crate) const LONGEST_INPUT: u64 = 1_000_000;

/// What is being bought. Dropped before it is settled, it is paid for as far as can be known. It is handed on at each step of a request,
/// and what it holds is large, so that it has memory of its own.
pub(crate) struct Bill(Option<Box<Open>>);

struct Open {
    ledger: Arc<Ledger>,
    lane: Arc<Lane>,
    hold: Option<Hold>,
    tokens: Option<(Arc<Tokens>, u64)>,
    /// The tokens that count at limits of the deployment.
    share: Share,
    /// Its part in what may be spent for the sake of speed.
    stake: Option<Stake>,
    caller: Caller,
    model: Arc<str>,
    /// About how many tokens are asked.
    input: u64,
    /// How it is to be served.
    tier: Wanted,
    /// About how many tokens are answered at most.
    output: u64,
    /// How many tokens the model writes at most, whether or not the server heeds what the client allows.
    longest: u64,
    /// About how much of other things.
    units: Units,
    began: Instant,
    first: Option<Duration>,
    /// Whether a text is written of which nothing is seen before it is whole.
    unseen: bool,
    /// Whether the provider may have read what is asked.
    sent: AtomicBool,
    /// Whether the provider goes on with it beyond its answer, so that all that was set aside may be spent.
    goes_on: bool,
    /// What a trace says of it.
    span: Option<Box<Span>>,
    /// What went wrong, where that is known.
    failure: Option<Code>,
    /// What its end teaches the route.
    lesson: Option<Lesson>,
    /// The most that it takes, for whoever adds up what requests took.
    most: Took,
}

/// What a request asks, as far as money is concerned.
pub(crate) struct Order<'a> {
    pub(crate) caller: &'a Caller,
    /// What is asked.
    pub(crate) endpoint: Endpoint,
    /// Whether the answer comes piece by piece.
    pub(crate) stream: bool,
    /// The model, as the client names it.
    pub(crate) model: &'a Arc<str>,
    /// The budgets that it counts against.
    pub(crate) accounts: Vec<Account>,
    /// When it began.
    pub(crate) began: Instant,
    /// What it needs; nothing where nobody has to know.
    pub(crate) needs: Option<Needs>,
    /// How many answers side by side.
    pub(crate) answers: u32,
    /// About how many tokens it has.
    pub(crate) input: u64,
    /// How it is to be served, as far as this deployment is told.
    pub(crate) tier: Wanted,
    /// About how much of other things than tokens it takes, …
    pub(crate) units: Units,
    /// … and how much at most.
    pub(crate) most_units: Units,
}

impl Bill {
    /// Sets aside what the request may cost at this deployment.
    ///
    /// # Errors
    /// [`Code::BudgetSpent`], [`Code::ClientRate`] and [`Code::RunBudget`] where so much is not left, [`Code::ModelPriceUnknown`] where a
    /// budget is to be kept and nobody knows what the model costs.
    pub(crate) async fn open(ledger: &Arc<Ledger>, lane: &Arc<Lane>, order: &Order<'_>) -> Result<Self> {
        let needs = order.needs.unwrap_or_default();
        // What media take is not told by their bytes.
        let input = order.needs.map_or(order.input, |needs| needs.input);
        let longest = needs.max_output.or(lane.facts.max_output).unwrap_or(LONGEST_ANSWER);
        let answers = u64::from(order.answers.max(1));
        let output = longest.saturating_mul(answers);
        let longest = lane.facts.max_output.unwrap_or(LONGEST_ANSWER).saturating_mul(answers).max(output);
        // What is with the provider can be as long as its model reads.
        let beyond = if needs.beyond { lane.facts.context_length.unwrap_or(LONGEST_INPUT) } else { 0 };
        let longest_input = needs.input_most.max(beyond);
        let price = lane.facts.price.as_ref();
        let NanoDollars(units) =
            price.map_or(NanoDollars::ZERO, |price| model::cost_of_units(price, &order.most_units));
        let size = (longest_input, output, units);
        let most = within::begin(lane, order, size)?;
        let set_aside =
            aside::set_aside(ledger, (lane, order), (size, input.saturating_add(needs.max_output.unwrap_or(0))));
        let (hold, tokens) = set_aside.await.inspect_err(|_| {
            order.caller.spent.iter().for_each(|spent| spent.end(most, Took::default(), false));
        })?;
        Ok(Self(Some(Box::new(Open {
            ledger: Arc::clone(ledger),
            lane: Arc::clone(lane),
            hold,
            tokens,
            share: Share::default(),
            stake: None,
            caller: order.caller.clone(),
            model: Arc::clone(order.model),
            input,
            output,
            longest,
            tier: order.tier,
            units: order.units,
            began: order.began,
            first: None,
            unseen: !order.stream && (order.endpoint.generates() || order.endpoint == Endpoint::Completions),
            sent: AtomicBool::new(false),
            goes_on: false,
            span: None,
            failure: None,
            lesson: None,
            most,
        }))))
    }

    /// The model has begun to answer `now`.
    pub(crate) fn begun(&mut self, now: Instant) {
        if let Some(open) = &mut self.0 {
            let first = now.saturating_duration_since(open.began);
            open.first = Some(first);
            open.lane.seen.answered(now, first);
        }
    }

    /// What is to be told that the provider may have read what is asked.
    pub(crate) fn sent(&self) -> Option<&AtomicBool> {
        self.0.as_ref().map(|open| &open.sent)
    }

    /// What it takes in the end counts at limits of the deployment.
    pub(crate) fn count(&mut self, share: Share) {
        self.0.iter_mut().zip([share]).for_each(|(open, share)| open.share = share);
    }

    /// What it costs has this part in what may be spent for the sake of speed.
    pub(crate) fn stake(&mut self, stake: Stake) {
        self.0.iter_mut().zip([stake]).for_each(|(open, stake)| open.stake = Some(stake));
    }

    /// What is known of it at its end goes into this span too.
    pub(crate) fn trace(&mut self, span: Option<Box<Span>>) {
        self.0.iter_mut().zip(span).for_each(|(open, span)| open.span = Some(span));
    }

    /// How it ends teaches this; nothing teaches nobody.
    pub(crate) fn teach(&mut self, lesson: Option<&Lesson>) {
        self.0.iter_mut().for_each(|open| open.lesson = lesson.cloned());
    }

    /// What went wrong with it.
    pub(crate) fn failed(&mut self, code: Code) {
        self.0.iter_mut().for_each(|open| open.failure = Some(code));
    }

    /// What it lost on its way between two dialects.
    pub(crate) fn lost(&mut self, lost: &str) {
        self.0.iter_mut().filter_map(|open| open.span.as_mut()).for_each(|span| span.lost(lost));
    }

    /// Nothing was sent, or nothing is charged for it.
    pub(crate) fn release(mut self, outcome: Outcome) {
        if let Some(mut open) = self.0.take() {
            open.hold.take().into_iter().for_each(Hold::release);
            open.correct(0);
            let lasted = clock::now().saturating_duration_since(open.began);
            open.record(&Usage::default(), 0, (false, outcome, lasted));
        }
    }

    /// There was no answer that is of use, and what was asked may have been read. `meter` has seen what came.
    pub(crate) fn lose(mut self, meter: Option<&Meter>) {
        let Some(mut open) = self.0.take() else { return };
        let Some(meter) = meter else { return open.settle_input(Outcome::Failed) };
        let (mut usage, guessed) = meter.taken(open.input, true);
        if guessed {
            // By its bytes alone it may have been anything, but no more than a model says.
            usage.output = usage.output.map(|output| output.min(open.longest));
        }
        if !meter.tells_output() {
            open.add_thoughts(&mut usage, clock::now());
        }
        open.units = meter.units(open.units);
        open.settle(clock::now(), &usage, (meter.served(), guessed), Outcome::Failed);
    }

    /// The answer is over `now`, whole or not, and `meter` has seen it.
    pub(crate) fn settle(mut self, now: Instant, meter: &Meter, outcome: Outcome) {
        if let Some(mut open) = self.0.take() {
            let (mut usage, mut guessed) = meter.taken(open.input, outcome == Outcome::Answered);
            open.units = meter.units(open.units);
            if meter.goes_on() {
                open.goes_on = true;
                (usage.output, guessed) = (Some(open.output), true);
            } else if guessed && (outcome != Outcome::Answered || !meter.tells_output()) {
                open.add_thoughts(&mut usage, now);
            }
            if guessed {
                // What is no text has more bytes than anybody writes.
                usage.output = usage.output.map(|output| output.min(open.longest));
            }
            // Sound says nothing of its tokens.
            usage.output = usage.output.max(Some(open.units.characters * SPOKEN / 2).filter(|_| guessed));
            open.settle(now, &usage, (meter.served(), guessed), outcome);
        }
    }
}

impl Drop for Bill {
    /// Somebody left before there was an answer. What was sent has been read by then, and thought about; where it was to come whole, some of
    /// it is written.
    fn drop(&mut self) {
        let Some(mut open) = self.0.take() else { return };
        if open.sent.load(Ordering::Relaxed) {
            open.settle_input(Outcome::Cancelled);
        } else {
            Bill(Some(open)).release(Outcome::Cancelled);
        }
    }
}

impl Open {
    /// Nothing came. Of an answer that was to come whole a part was written all the same.
    fn settle_input(&mut self, outcome: Outcome) {
        let (mut usage, now) = (Usage { input: Some(self.input), ..Usage::default() }, clock::now());
        if self.unseen && !self.thinks() {
            usage.output = Some(self.written(&usage, now));
        }
        self.add_thoughts(&mut usage, now);
        self.settle(now, &usage, (None, true), outcome);
    }

    fn thinks(&self) -> bool {
        self.lane.facts.capabilities.present.has(Capability::Reasoning)
    }

    /// Adds to `usage`, which nobody told, what the model has thought until it began to answer, or else until `now`: it is paid
    /// for as what it writes.
    fn add_thoughts(&self, usage: &mut Usage, now: Instant) {
        if !self.thinks() {
            return;
        }
        let thought = self.written(usage, now);
        usage.output = Some(usage.output.unwrap_or(0).saturating_add(thought));
        usage.reasoning = Some(usage.reasoning.unwrap_or(0).max(thought));
    }

    /// About how much the model has written beside `usage` until it began to answer, or else until `now`.
    fn written(&self, usage: &Usage, now: Instant) -> u64 {
        let silent = self.first.unwrap_or_else(|| now.saturating_duration_since(self.began));
        let written = thoughts::about(silent, self.lane.seen.measured().throughput);
        written.min(self.output.saturating_sub(usage.output.unwrap_or(0)))
    }

    fn settle(&mut self, now: Instant, usage: &Usage, (served, guessed): (Option<Served>, bool), outcome: Outcome) {
        let (NanoDollars(tokens), unsure) = self.lane.facts.cost(usage, self.tier, served);
        let guessed = guessed || unsure;
        let price = self.lane.facts.price.as_ref();
        let NanoDollars(units) = price.map_or(NanoDollars::ZERO, |price| model::cost_of_units(price, &self.units));
        let set_aside = self.hold.as_ref().filter(|_| self.goes_on).map_or(0, Hold::most);
        let cost = tokens.saturating_add(units).max(set_aside);
        if let Some(hold) = self.hold.take() {
            hold.settle(cost);
        }
        self.correct(usage.total());
        let lasted = now.saturating_duration_since(self.began);
        if outcome == Outcome::Answered && !self.goes_on {
            // Who thinks has written that before it begins to answer.
            let thinks = usage.reasoning.is_some_and(|thoughts| thoughts > 0);
            let rest = self.first.map(|first| if thinks { lasted } else { lasted.saturating_sub(first) });
            self.lane.seen.took(now, usage, rest);
        }
        self.record(usage, cost, (guessed, outcome, lasted));
    }

    fn correct(&mut self, used: u64) {
        if let Some((tokens, taken)) = self.tokens.take() {
            tokens.correct(taken, used);
        }
        self.share.used(used);
    }

    fn record(&mut self, usage: &Usage, cost: u64, (estimated, outcome, lasted): (bool, Outcome, Duration)) {
        // What nobody was asked, or a client ended, teaches nothing.
        let ended = matches!(outcome, Outcome::Answered | Outcome::Failed);
        if let Some(lesson) = self.lesson.take().filter(|_| ended) {
            lesson.ended(&self.lane.name, outcome == Outcome::Answered, cost, lasted);
        }
        if let Some(stake) = self.stake.take() {
            stake.cost(cost);
        }
        if let Some(spent) = &self.caller.spent {
            let took = Took { nano_dollars: cost, tokens: usage.total() };
            let took = if self.goes_on { self.most } else { took };
            spent.end(self.most, took, estimated && outcome != Outcome::Answered);
        }
        if let Some(span) = self.span.take() {
            span.end(&Went { outcome, failure: self.failure, usage, cost });
        }
        if let Some(booking) = &self.caller.booking {
            booking.ended(outcome, cost);
        }
        let whole = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let cached = usage.cache_read.unwrap_or(0).saturating_add(usage.cache_write.unwrap_or(0));
        self.ledger.record(Record {
            at: whole(clock::wall().saturating_sub(lasted)),
            principal: Arc::clone(&self.caller.principal),
            team: self.caller.team.clone().unwrap_or_else(|| Arc::clone(&NOTHING)),
            model: Arc::clone(&self.model),
            deployment: Arc::clone(&self.lane.name),
            provider: Arc::clone(&self.lane.provider),
            run: self.caller.run.clone().unwrap_or_else(|| Arc::clone(&NOTHING)),
            input: usage.input.unwrap_or(0).saturating_sub(cached),
            output: usage.output.unwrap_or(0),
            cache_read: usage.cache_read.unwrap_or(0),
            cache_write: usage.cache_write.unwrap_or(0),
            reasoning: usage.reasoning.unwrap_or(0),
            cost,
            price_version: Arc::clone(&self.lane.version),
            outcome,
            estimated,
            latency_ms: whole(lasted),
            first_token_ms: self.first.map(whole),
            cached: false,
        });
    }
}

#[cfg(test)]
mod tests;
