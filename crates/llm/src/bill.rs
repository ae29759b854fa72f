//! What a request at a deployment costs: set aside before it is sent, settled when it is over, recorded in any case.

use crate::caller::{Caller, Tokens};
use crate::lane::Lane;
use crate::meter::Meter;
use crate::needs::Needs;
use base::{Code, Error, Result, clock};
use dialects::Usage;
use model::NanoDollars;
use spending::{Account, Hold, Ledger, Outcome, Record};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// How long a request waits for money that others have set aside and may not need.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many tokens an answer has at most where neither the request nor anything that is known of the model says so.
const LONGEST_ANSWER: u64 = 32_768;

/// A name that does not apply.
static NOTHING: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(""));

/// How many tokens a model reads at most where nothing that is known of it says so.
const LONGEST_INPUT: u64 = 1_000_000;

/// What is being bought. Dropped before it is settled, it is paid for as far as can be known.
pub(crate) struct Bill(Option<Open>);

struct Open {
    ledger: Arc<Ledger>,
    lane: Arc<Lane>,
    hold: Option<Hold>,
    tokens: Option<(Arc<Tokens>, u64)>,
    caller: Caller,
    model: Arc<str>,
    /// About how many tokens are asked.
    input: u64,
    began: Instant,
    first: Option<Duration>,
}

/// What a request asks, as far as money is concerned.
pub(crate) struct Order<'a> {
    pub(crate) caller: &'a Caller,
    /// The model, as the client names it.
    pub(crate) model: &'a Arc<str>,
    /// The budgets that it counts against.
    pub(crate) accounts: Vec<Account>,
    /// What it needs; nothing where nobody has to know.
    pub(crate) needs: Option<Needs>,
    /// How many answers side by side.
    pub(crate) answers: u32,
    /// About how many tokens it has.
    pub(crate) input: u64,
}

impl Bill {
    /// Sets aside what the request may cost at this deployment.
    ///
    /// # Errors
    /// [`Code::BudgetSpent`] and [`Code::ClientRate`] where so much is not left, [`Code::ModelPriceUnknown`] where a budget
    /// is to be kept and nobody knows what the model costs.
    pub(crate) async fn open(ledger: &Arc<Ledger>, lane: &Arc<Lane>, order: &Order<'_>) -> Result<Self> {
        let needs = order.needs.unwrap_or_default();
        // What media take is not told by their bytes.
        let input = order.needs.map_or(order.input, |needs| needs.input);
        let longest = needs.max_output.or(lane.facts.max_output).unwrap_or(LONGEST_ANSWER);
        let output = longest.saturating_mul(u64::from(order.answers.max(1)));
        let hold = match order.accounts.as_slice() {
            [] => None,
            accounts => {
                let price = lane.facts.price.as_ref().ok_or_else(|| unpriced(&lane.name))?;
                // What is with the provider can be as long as its model reads.
                let beyond = if needs.beyond { lane.facts.context_length.unwrap_or(LONGEST_INPUT) } else { 0 };
                let NanoDollars(most) = model::most(price, needs.input_most.max(beyond), output);
                Some(ledger.reserve(accounts, most, PATIENCE).await?)
            }
        };
        let tokens = match &order.caller.tokens {
            None => None,
            Some(tokens) => {
                let expected = input.saturating_add(needs.max_output.unwrap_or(0));
                match tokens.take(&order.caller.principal, expected) {
                    Ok(taken) => Some((Arc::clone(tokens), taken)),
                    Err(error) => {
                        hold.into_iter().for_each(Hold::release);
                        return Err(error);
                    }
                }
            }
        };
        Ok(Self(Some(Open {
            ledger: Arc::clone(ledger),
            lane: Arc::clone(lane),
            hold,
            tokens,
            caller: order.caller.clone(),
            model: Arc::clone(order.model),
            input,
            began: clock::now(),
            first: None,
        })))
    }

    /// The model has begun to answer.
    pub(crate) fn begun(&mut self) {
        if let Some(open) = &mut self.0 {
            let first = clock::now().saturating_duration_since(open.began);
            open.first = Some(first);
            open.lane.seen.answered(first);
        }
    }

    /// Nothing was sent, or nothing is charged for it.
    pub(crate) fn release(mut self, outcome: Outcome) {
        if let Some(mut open) = self.0.take() {
            open.hold.take().into_iter().for_each(Hold::release);
            open.correct(0);
            open.record(&Usage::default(), 0, (false, outcome, open.lasted()));
        }
    }

    /// There was no answer, and what was asked may have been read.
    pub(crate) fn lose(mut self) {
        if let Some(open) = self.0.take() {
            open.settle_input(Outcome::Failed);
        }
    }

    /// The answer is over, whole or not, and `meter` has seen it.
    pub(crate) fn settle(mut self, meter: &Meter, outcome: Outcome) {
        if let Some(open) = self.0.take() {
            let (usage, guessed) = meter.taken(open.input, outcome == Outcome::Answered);
            open.settle(&usage, guessed, outcome);
        }
    }
}

impl Drop for Bill {
    /// Somebody left before there was an answer. What was asked has been read by then.
    fn drop(&mut self) {
        if let Some(open) = self.0.take() {
            open.settle_input(Outcome::Cancelled);
        }
    }
}

impl Open {
    fn settle_input(self, outcome: Outcome) {
        let usage = Usage { input: Some(self.input), ..Usage::default() };
        self.settle(&usage, true, outcome);
    }

    fn settle(mut self, usage: &Usage, guessed: bool, outcome: Outcome) {
        let price = self.lane.facts.price.as_ref();
        let NanoDollars(cost) = price.map_or(NanoDollars::ZERO, |price| model::cost(price, usage));
        if let Some(hold) = self.hold.take() {
            hold.settle(cost);
        }
        self.correct(usage.total());
        let lasted = self.lasted();
        if outcome == Outcome::Answered {
            self.lane.seen.took(usage, self.first.map(|first| lasted.saturating_sub(first)));
        }
        self.record(usage, cost, (guessed, outcome, lasted));
    }

    fn lasted(&self) -> Duration {
        clock::now().saturating_duration_since(self.began)
    }

    fn correct(&mut self, used: u64) {
        if let Some((tokens, taken)) = self.tokens.take() {
            tokens.correct(taken, used);
        }
    }

    fn record(&self, usage: &Usage, cost: u64, (estimated, outcome, lasted): (bool, Outcome, Duration)) {
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

/// Records an answer that `deployment` gave before, to somebody else or the same client: it costs nothing.
pub(crate) fn kept(ledger: &Ledger, caller: &Caller, model: &Arc<str>, deployment: &str) {
    let provider = deployment.split_once('/').map_or("", |(provider, _)| provider);
    ledger.record(Record {
        at: u64::try_from(clock::wall().as_millis()).unwrap_or(u64::MAX),
        principal: Arc::clone(&caller.principal),
        team: caller.team.clone().unwrap_or_else(|| Arc::clone(&NOTHING)),
        model: Arc::clone(model),
        deployment: deployment.into(),
        provider: provider.into(),
        run: caller.run.clone().unwrap_or_else(|| Arc::clone(&NOTHING)),
        input: 0,
        output: 0,
        cache_read: 0,
        cache_write: 0,
        reasoning: 0,
        cost: 0,
        price_version: Arc::clone(&NOTHING),
        outcome: Outcome::Answered,
        estimated: false,
        latency_ms: 0,
        first_token_ms: None,
        cached: true,
    });
}

fn unpriced(name: &str) -> Error {
    let message = format!("nobody knows what {name} costs, and the request counts against a budget");
    let next = format!("whoever runs the hub says it: `models: {{ deployments: {{ {name}: {{ price: … }} }} }}`");
    Error::new(Code::ModelPriceUnknown, message, next).of_upstream(name)
}
