//! What was seen of a deployment, and what it has in hand.

use crate::guard::{Closed, Gate, Guard, Held};
use base::clock;
use dialects::Usage;
use protection::limit::Permit;
use resilience::Moment;
use resilience::budget::{self, Budget};
use resilience::retry::{self, Decision, Effect, Reach};
use resilience::sketch::Sketch;
use routing::{Candidate, HitRate, OutputLength, PeakEwma, Throughput};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Nobody who leaves earlier than this says anything of a deployment: clients have their own reasons.
const SILENCE: Duration = Duration::from_secs(30);

/// So many times as long as nearly all its answers took to begin is longer than a deployment should be waited for.
const SILENT: u32 = 2;

/// The longest that a request waits for a deployment which may answer then: about as long as a person does not mind.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// How often a request is sent to the same deployment, and how long is waited for that.
const REPEATS: retry::Settings =
    retry::Settings { attempts: 2, first: Duration::from_millis(250), longest: LONGEST_WAIT };

/// How long what others are answered says that a deployment is well which fails for one caller.
const ALONE: Duration = Duration::from_secs(5);

/// How many requests wait for the end of a provider's pause at most.
const MOST_WAITING: u32 = 256;

/// How long a failure is held against a deployment where others could be asked.
const RECENT: Duration = Duration::from_secs(30);

/// What was seen of a deployment, whatever the configuration says since.
pub(crate) struct Seen {
    gate: Arc<Gate>,
    in_flight: AtomicU32,
    measures: Mutex<Measures>,
    began: Instant,
    /// Whether its provider gave no answer when it was looked last.
    silent: AtomicBool,
    /// How many requests wait for the end of a pause.
    waiting: AtomicU32,
    /// Whether something went wrong since all was looked at last: where nothing did, that need not be looked at.
    doubted: AtomicBool,
}

/// What was measured at a deployment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measured {
    /// How long its answers took to begin, with more weight on slow ones. Nothing where none was seen.
    pub latency: Option<Duration>,
    /// How many tokens of an answer come in a second. Nothing where none was seen.
    pub throughput: Option<f64>,
    /// The share of the input that was read from the provider's cache, 0..1.
    pub cache_hit_rate: f64,
    /// How many requests it has in hand.
    pub in_flight: u32,
}

#[derive(Default)]
struct Measures {
    latency: PeakEwma,
    first: Sketch,
    hits: HitRate,
    output: OutputLength,
    throughput: Throughput,
    failed: Option<Moment>,
    /// Whose request has failed last, and when one of somebody else worked since.
    suspect: Option<(Arc<str>, Option<Moment>)>,
    /// How many requests may still be sent again, once one was.
    repeats: Option<Budget>,
}
impl Seen {
    pub(crate) fn new() -> Self {
        Self {
            gate: Gate::new(),
            in_flight: AtomicU32::new(0),
            measures: Mutex::default(),
            began: clock::now(),
            silent: AtomicBool::new(false),
            waiting: AtomicU32::new(0),
            doubted: AtomicBool::new(false),
        }
    }

    /// Lets a request through at `now`, or says why not. `dice` is in 0..1. See [`Gate::enter`] for `last_resort`.
    pub(crate) fn enter(self: &Arc<Self>, now: Instant, dice: f64, last_resort: bool) -> Result<Pass, Closed> {
        let guard = self.gate.enter(now, dice, last_resort)?;
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Ok(Pass { seen: Arc::clone(self), guard: Some(guard), permit: Permit::default(), waits: None })
    }

    /// A place among those who wait for the end of a pause; none where too many do.
    pub(crate) fn wait(self: &Arc<Self>) -> Option<Waiting> {
        let waiting = Waiting(Arc::clone(self));
        (self.waiting.fetch_add(1, Ordering::Relaxed) < MOST_WAITING).then_some(waiting)
    }

    /// After which time nearly all answers have begun, where enough were seen.
    pub(crate) fn hedge_after(&self, settings: &resilience::hedge::Settings) -> Option<Duration> {
        resilience::hedge::after(settings, &self.measures().first)
    }

    /// An answer has begun `now`, after this time.
    pub(crate) fn answered(&self, now: Instant, first: Duration) {
        let now = self.moment(now);
        let mut measures = self.measures();
        measures.latency.observe(now, first);
        measures.first.add(first);
        if let Some(repeats) = &mut measures.repeats {
            repeats.called(&budget::Settings::default());
        }
    }

    /// After which time a request is sent again that has failed so often by `now`, having come so far; nothing where it is not.
    /// `asked` is how long the deployment wants to be left alone, `dice` is in 0..1.
    pub(crate) fn repeat_after(
        &self,
        (reach, attempts): (Reach, u32),
        asked: Option<Duration>,
        now: Instant,
        dice: f64,
    ) -> Option<Duration> {
        let now = self.moment(now);
        let limits = budget::Settings::default();
        // An answer that nobody has seen changes nothing.
        let failure = retry::Failure { effect: Effect::Idempotent, reach, attempts, asked };
        let mut measures = self.measures();
        let budget = measures.repeats.get_or_insert_with(|| Budget::new(&limits, now));
        match retry::decide(&REPEATS, &failure, (budget, &limits), now, dice) {
            Decision::Again(wait) => Some(wait),
            Decision::GiveUp(_) => None,
        }
    }

    /// An answer is over `now`, and took so much; `rest` is how long it took behind its first token.
    pub(crate) fn took(&self, now: Instant, usage: &Usage, rest: Option<Duration>) {
        let now = self.moment(now);
        let mut measures = self.measures();
        measures.hits.observe(now, usage.input.unwrap_or(0), usage.cache_read.unwrap_or(0));
        let Some(output) = usage.output else { return };
        measures.output.observe(now, output);
        if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
            measures.throughput.observe(now, output, rest);
        }
    }

    /// Tells what the choice between deployments goes by.
    pub(crate) fn tell(&self, candidate: &mut Candidate<'_>) {
        let now = self.now();
        let measures = self.measures();
        candidate.cache_hit_rate = measures.hits.expected();
        candidate.usual_output = measures.output.tokens();
        candidate.latency = measures.latency.at(now);
        candidate.throughput = measures.throughput.per_second();
        candidate.in_flight = self.in_flight.load(Ordering::Relaxed);
        let failed = measures.failed.is_some_and(|failed| now.saturating_sub(failed) < RECENT);
        candidate.failing_recently = failed || self.is_silent();
        candidate.held_back = self.gate.is_closed();
        if !candidate.failing_recently {
            self.doubted.store(false, Ordering::Relaxed);
        }
    }

    /// Whether nothing puts it behind others: it has not failed lately, and is let through.
    pub(crate) fn is_well(&self) -> bool {
        !self.doubted.load(Ordering::Relaxed) && !self.gate.is_closed()
    }

    /// How it is protected.
    pub(crate) fn held(&self) -> Held {
        self.gate.held()
    }

    /// What was measured.
    pub(crate) fn measured(&self) -> Measured {
        let now = self.now();
        let measures = self.measures();
        Measured {
            latency: measures.latency.at(now),
            throughput: measures.throughput.per_second(),
            cache_hit_rate: measures.hits.share(),
            in_flight: self.in_flight.load(Ordering::Relaxed),
        }
    }

    /// Its provider answered when it was looked, or did not.
    pub(crate) fn probed(&self, well: bool) {
        // What is looked at meanwhile sees both or neither.
        let _measures = self.measures();
        self.silent.store(!well, Ordering::Relaxed);
        self.doubted.fetch_or(!well, Ordering::Relaxed);
    }

    /// Whether its provider did not answer when it was looked last.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed)
    }

    /// It has failed.
    pub(crate) fn failed(&self) {
        let now = self.now();
        let mut measures = self.measures();
        measures.failed = Some(now);
        self.doubted.store(true, Ordering::Relaxed);
    }

    /// Whether a request of `caller` that has failed says something of the deployment, and not of that caller: it does not where all that fails
    /// is one caller's, and what others ask meanwhile is answered.
    pub(crate) fn is_blamed_by(&self, caller: &Arc<str>) -> bool {
        let now = self.now();
        let mut measures = self.measures();
        match &measures.suspect {
            Some((suspect, worked)) if suspect == caller => {
                worked.is_none_or(|worked| now.saturating_sub(worked) > ALONE)
            }
            _ => {
                measures.suspect = Some((Arc::clone(caller), None));
                true
            }
        }
    }

    /// A request of `caller` was answered. To be told where something went wrong lately.
    pub(crate) fn worked_for(&self, caller: &Arc<str>) {
        if !self.doubted.load(Ordering::Relaxed) {
            return;
        }
        let now = self.now();
        if let Some((suspect, worked)) = &mut self.measures().suspect
            && suspect != caller
        {
            *worked = Some(now);
        }
    }

    /// Nothing that it should be waited for takes longer to begin.
    fn longest_silence(&self) -> Duration {
        let usual = self.measures().first.quantile(0.99);
        usual.map_or(SILENCE, |usual| (usual * SILENT).max(SILENCE))
    }

    /// It was given up `now`, when it had said nothing for so long. Its answers take at least as long; how long they take to begin
    /// when it does answer says what is long, and so is not touched.
    fn kept_silent(&self, now: Instant, silence: Duration) {
        let now = self.moment(now);
        let mut measures = self.measures();
        measures.latency.observe(now, silence);
        measures.failed = Some(now);
        self.doubted.store(true, Ordering::Relaxed);
    }

    fn now(&self) -> Moment {
        self.moment(clock::now())
    }

    fn moment(&self, now: Instant) -> Moment {
        now.saturating_duration_since(self.began)
    }

    fn measures(&self) -> MutexGuard<'_, Measures> {
        self.measures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those who wait for the end of a pause.
pub(crate) struct Waiting(Arc<Seen>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that a deployment has in hand.
pub(crate) struct Pass {
    seen: Arc<Seen>,
    guard: Option<Guard>,
    permit: Permit,
    /// Since when it is waited for the first thing that it says.
    waits: Option<Instant>,
}

impl Pass {
    /// It takes this room at limits.
    pub(crate) fn take(&mut self, permit: Permit) {
        self.permit = permit;
    }

    /// The request goes out `now`. How long the deployment says nothing tells something only where it `speaks_soon`: a whole answer takes as
    /// long as it does, and so do thoughts that nobody hears.
    pub(crate) fn sent(&mut self, now: Instant, speaks_soon: bool) {
        self.permit.sent();
        self.waits = speaks_soon.then_some(now);
    }

    /// It has said something, or failed.
    pub(crate) fn heard(&mut self) {
        self.waits = None;
    }

    /// Whoever waited for it left at `now`. After a long silence that is the deployment's fault: where all its clients are less
    /// patient than the hub, nobody would learn otherwise that it hangs.
    fn left(&mut self, now: Instant) {
        let silence = self.waits.take().map(|since| now.saturating_duration_since(since));
        if let Some(silence) = silence.filter(|silence| *silence >= self.seen.longest_silence())
            && let Some(guard) = self.guard.take()
        {
            self.seen.kept_silent(now, silence);
            guard.ended(now, false);
        }
    }

    /// How it ended, for the breaker. Dropped without a word, it says nothing of the deployment.
    pub(crate) fn end(mut self, tell: impl FnOnce(Guard)) {
        if let Some(guard) = self.guard.take() {
            tell(guard);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.waits.is_some() {
            self.left(clock::now());
        }
        self.seen.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
