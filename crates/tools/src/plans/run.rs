//! Carrying a plan out.

use super::calls::{Calls, Happened};
use crate::caller::{Caller, Reply, Toll};
use crate::forward::{Forward, Step};
use crate::hub::Hub;
use crate::own::OwnCall;
use ::context::config::KEEP;
use ::context::tokens::{Count, Meter};
use base::{Code, Error, Result, clock};
use mcp::version::{LATEST_LEGACY, meta};
use mcp::{Era, Method, raw, write};
use plan::answer::{self, Answer};
use plan::machine::{End, Machine, Unit};
use plan::prepare::Prepared;
use plan::profile::Measured;
use plan::value;
use resilience::Moment;
use resilience::retry::Effect;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use telemetry::economy::{Ending, PlanCall};
use telemetry::names::context;
use telemetry::trace::Parent;
use tokio::sync::mpsc;

/// A plan under way. Dropped before its end, all that runs of it is cancelled.
pub(super) struct Run {
    hub: Hub,
    view: String,
    caller: Caller,
    /// What the client wants to hear of progress under, raw JSON.
    token: Option<String>,
    /// The span that its calls are part of, if there is one.
    trace: Arc<OnceLock<Parent>>,
    /// Members of `_meta` of its calls, raw JSON: the trace context of the plan, where the client gave one.
    meta: String,
    /// The step of a run that it is, if it is one.
    durable: Option<Durable>,
    began: Instant,
    machine: Machine,
    calls: Calls,
    /// When those that run began.
    begun: HashMap<Unit, Moment>,
    done: usize,
    /// For how long results are kept that are too large to be answered.
    kept_for: Duration,
    /// Counts what its calls gave, in the tokens of whoever reads the view.
    meter: Meter,
    /// How many tokens that is.
    read: Count,
    /// How long its calls took, one after the other.
    one_by_one: Duration,
    is_over: bool,
}

/// What a step of a durable run wants of the plan that it carries out.
#[derive(Clone)]
pub struct Durable {
    /// What servers recognise a call of the plan by, of a text that says its place and what it is: a plan that is carried out again
    /// may make other calls at the same place, as what its steps are given is asked for anew.
    pub key: Arc<dyn Fn(&str) -> String + Send + Sync>,
    /// Set as soon as a call begins that does not only read.
    pub began: Arc<AtomicBool>,
}

/// What came of a plan.
pub(super) struct Done {
    /// Its answer.
    pub(super) answer: Answer,
    /// The tokens of all that its calls gave.
    pub(super) read: Count,
}

/// Whom a plan speaks with while it runs.
pub(super) struct Client {
    /// What it is told and asked.
    pub(super) steps: mpsc::Sender<Step>,
    /// What it answers.
    pub(super) replies: mpsc::UnboundedReceiver<(u64, Reply)>,
}

impl Run {
    /// A plan that begins now.
    pub(super) fn new(
        hub: &Hub,
        call: &OwnCall,
        prepared: Prepared,
        trace: Arc<OnceLock<Parent>>,
        durable: Option<Durable>,
    ) -> Self {
        Self {
            hub: hub.clone(),
            view: call.view.name.clone(),
            token: raw::at(&call.params, &["_meta", meta::PROGRESS_TOKEN]).map(str::to_owned),
            trace,
            meta: context_of(&call.params),
            durable,
            caller: legacy(call),
            began: clock::now(),
            machine: Machine::new(Arc::new(prepared), &hub.plans().limits),
            calls: Calls::default(),
            begun: HashMap::new(),
            done: 0,
            kept_for: call.view.context.as_ref().map_or(KEEP, |settings| settings.keep),
            meter: Meter::new(call.view.family),
            read: Count::NONE,
            one_by_one: Duration::ZERO,
            is_over: false,
        }
    }

    /// Carries it out to its end.
    pub(super) async fn carry_out(mut self, mut client: Client) -> Done {
        let limits = self.hub.plans().limits.clone();
        loop {
            self.begin();
            if self.machine.is_over() {
                let keep = |results: &str| self.hub.wholes().keep_text(&self.caller.owner, results, self.kept_for);
                let answer = answer::of(&self.machine, limits.answer, self.now(), &keep);
                self.measure(answer.failed);
                return Done { answer, read: self.read };
            }
            let left = limits.time.saturating_sub(self.now());
            tokio::select! {
                biased;
                Some((key, reply)) = client.replies.recv() => self.calls.reply(key, reply),
                happened = self.calls.next() => {
                    if let Some(step) = self.take(happened) {
                        // A client that is gone takes the plan with it.
                        let _ = client.steps.send(step).await;
                    }
                }
                () = tokio::time::sleep(left) => self.give_up(limits.time),
            }
        }
    }

    /// Starts what can be started.
    fn begin(&mut self) {
        let now = self.now();
        while let Some(start) = self.machine.start(now) {
            let (name, meta) = (raw::quote(&start.tool), self.meta(start.unit, (&start.tool, &start.arguments)));
            let params = format!(r#"{{"name":{name},"arguments":{}{meta}}}"#, start.arguments);
            match self.call(&params) {
                Ok(forward) => {
                    self.note(start.unit);
                    self.begun.insert(start.unit, now);
                    self.calls.add(start.unit, forward);
                }
                Err(error) => self.machine.ended(start.unit, End { outcome: Err(error), cached: false }, now),
            }
        }
    }

    /// `_meta` of a call, as a member of its params.
    fn meta(&self, unit: Unit, (tool, arguments): (&str, &str)) -> String {
        let part = || format!("{}.{} {tool} {arguments}", unit.step, unit.item);
        let key = self.durable.as_ref().map(|durable| (durable.key)(&part()));
        let key = key.map(|key| format!("{}:{}", raw::quote(meta::IDEMPOTENCY), raw::quote(&key)));
        let members: Vec<&str> =
            key.iter().chain([&self.meta]).map(String::as_str).filter(|one| !one.is_empty()).collect();
        if members.is_empty() { String::new() } else { format!(r#","_meta":{{{}}}"#, members.join(",")) }
    }

    /// Whoever wants to know is told that a call began that does not only read.
    fn note(&self, unit: Unit) {
        let reads = self.machine.prepared().targets.get(unit.step).is_some_and(|target| target.effect == Effect::Read);
        if let Some(durable) = self.durable.as_ref().filter(|_| !reads) {
            durable.began.store(true, Ordering::Relaxed);
        }
    }

    /// A call of the plan. Its view is looked up anew: tools may have been withdrawn since the plan began.
    fn call(&self, params: &str) -> Result<Forward> {
        self.caller.toll.as_ref().map_or(Ok(()), Toll::take)?;
        let view = self.hub.view(&self.view).ok_or_else(|| {
            Error::new(Code::UnknownView, "the view of this plan was removed", "connect to another one")
        })?;
        let mut forward = self.hub.forward(&view, &Method::ToolsCall, params, self.caller.clone())?;
        if let Some(parent) = self.trace.get() {
            forward.trace(parent.clone());
        }
        Ok(forward)
    }

    fn take(&mut self, happened: Happened) -> Option<Step> {
        match happened {
            Happened::Said(step) => Some(step),
            Happened::Ended { unit, step, cached } => self.ended(unit, &step, cached),
        }
    }

    fn ended(&mut self, unit: Unit, step: &Step, cached: bool) -> Option<Step> {
        let outcome = match step {
            Step::Result(result) => value::of(result).map(Cow::into_owned).map_err(value::tool_failed),
            Step::Error(error) => Err(value::answered(error)),
            Step::Note(_) | Step::Ask(_) | Step::Withdraw(_) => return None,
        };
        let now = self.now();
        let begun = self.begun.remove(&unit).unwrap_or(now);
        let (failed, lasted) = (outcome.is_err(), now.saturating_sub(begun));
        self.count(&outcome, lasted, cached);
        let waited = self.machine.progress(unit.step).waited();
        let target = &self.machine.prepared().targets[unit.step];
        let measured = Measured { lasted, waited, failed, cached: u64::from(cached) };
        self.hub.profile().call(&target.known_as, measured);
        let plan = self.machine.prepared();
        tracing::info!(
            plan = plan.plan.name.as_deref().unwrap_or_default(),
            step = plan.name(unit.step),
            tool = target.known_as,
            milliseconds = u64::try_from(lasted.as_millis()).unwrap_or(u64::MAX),
            code = outcome.as_ref().err().map(|error| error.code().id()),
            cached,
            "a call of a plan has ended"
        );
        self.machine.ended(unit, End { outcome, cached }, now);
        self.done += 1;
        let token = self.token.as_ref()?;
        let prepared = self.machine.prepared();
        let all = prepared.plan.steps.len().max(self.done);
        let message = raw::quote(&format!("{} has ended", prepared.name(unit.step)));
        let params =
            format!(r#"{{"progressToken":{token},"progress":{},"total":{all},"message":{message}}}"#, self.done);
        Some(Step::Note(write::notification(Method::Progress.name(), Some(&params))))
    }

    fn count(&mut self, outcome: &Result<String>, lasted: Duration, cached: bool) {
        let call = match outcome {
            _ if cached => PlanCall::Cached,
            Ok(_) => PlanCall::Worked,
            Err(_) => PlanCall::Failed,
        };
        self.hub.telemetry().economy().plan_call(call);
        self.one_by_one += lasted;
        if let Ok(value) = outcome {
            let text = raw::text(value);
            self.read = self.read + self.meter.count(text.as_deref().unwrap_or(value));
        }
    }

    /// Keeps how long the plan took, also for later plans if it has a name.
    fn measure(&mut self, failed: bool) {
        self.is_over = true;
        let economy = self.hub.telemetry().economy();
        economy.plan(if failed { Ending::Failed } else { Ending::Done }, self.now());
        economy.shortened(self.one_by_one.saturating_sub(self.now()));
        if let Some(name) = &self.machine.prepared().plan.name {
            let (mut waited, mut cached) = (Duration::ZERO, 0);
            for progress in self.machine.own() {
                waited += progress.waited();
                cached += progress.cached as u64;
            }
            let measured = Measured { lasted: self.now(), waited, failed, cached };
            self.hub.profile().plan(name, measured);
        }
    }

    fn give_up(&mut self, limit: Duration) {
        let message = format!("the plan did not end within {limit:?}");
        let error = Error::new(Code::PlanLimit, message, "make it shorter plans, or raise `plans: { time: … }`");
        self.calls = Calls::default();
        self.machine.give_up(error, self.now());
    }

    fn now(&self) -> Moment {
        clock::now().saturating_duration_since(self.began)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if !self.is_over {
            self.hub.telemetry().economy().plan(Ending::Cancelled, self.now());
        }
    }
}

/// The trace context that came with a plan, as members of `_meta` of its calls: it belongs to them as well.
fn context_of(params: &str) -> String {
    let meta = raw::get(params, "_meta").unwrap_or("{}");
    let of_trace = |member: &raw::Member<'_>| {
        [context::PARENT, context::STATE, context::BAGGAGE].iter().any(|name| member.is(name))
    };
    let members = raw::members(meta).filter(of_trace);
    members.map(|member| format!("{}:{}", member.key, member.value)).collect::<Vec<_>>().join(",")
}

/// The caller as one that is asked while a call is under way: the questions of several calls come one by one.
fn legacy(call: &OwnCall) -> Caller {
    let caller = call.caller.clone();
    // Headers repeat arguments of the call that brought the plan.
    let headers = mcp::parameter::Headers::default();
    if caller.era == Era::Legacy {
        return Caller { headers, ..caller };
    }
    let capabilities = raw::at(&call.params, &["_meta", meta::CLIENT_CAPABILITIES]).unwrap_or("{}").into();
    Caller { era: Era::Legacy, version: LATEST_LEGACY, capabilities, headers, ..caller }
}
