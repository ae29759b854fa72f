//! Calls that are under way.

use super::child::Child;
use super::{Back, Carry, is_harmless};
use crate::limits::PROBES;
use crate::outside::{Calling, Done, Failed, Sent};
use crate::runner::Shared;
use crate::so_far::SoFar;
use base::ports::Principal;
use base::{Code, task};
use journal::{Amount, Effect, IdempotencyKey, Kind, RunId, StepPath};
use machine::{Command, Fault, Intent, Task, Work};
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

/// A call that is under way, or what it takes to make it.
pub(super) struct Under {
    /// Which of all calls it is.
    pub(super) number: u64,
    pub(super) attempt: u32,
    pub(super) effect: Effect,
    pub(super) reserve: Option<Amount>,
    pub(super) undoes: Option<StepPath>,
    /// Whether the call asks what became of another.
    pub(super) probes: bool,
    /// Whether it is a run of its own.
    pub(super) is_child: bool,
    /// That run, once it is there.
    child: Arc<OnceLock<RunId>>,
    /// Nobody wants the answer any more: what was not sent by then is not sent.
    stop: CancellationToken,
    place: usize,
    key: IdempotencyKey,
    timeout: Option<u64>,
    /// How much of that its context took, in milliseconds.
    took: Arc<AtomicU64>,
    /// Whether the call was sent, or is about to be: before that it takes nothing, and nobody doubts what became of it.
    sent: Arc<AtomicBool>,
    /// What it may have taken by now.
    so_far: SoFar,
    /// When its intent is written down.
    intent: Intent,
    /// What templates are given, while the context is made.
    context: Map<String, Value>,
    handle: Option<AbortHandle>,
}

impl Under {
    /// A call for this attempt of the step at `place` of the plan, which is not begun.
    fn of(attempt: u32, effect: Effect, key: IdempotencyKey, place: usize) -> Self {
        Self {
            number: 0,
            attempt,
            effect,
            reserve: None,
            undoes: None,
            probes: false,
            is_child: false,
            child: Arc::default(),
            stop: CancellationToken::new(),
            place,
            key,
            timeout: None,
            took: Arc::default(),
            sent: Arc::default(),
            so_far: SoFar::default(),
            intent: Intent::None,
            context: Map::new(),
            handle: None,
        }
    }

    /// What templates are given besides the context.
    pub(super) fn context_of(&self) -> Map<String, Value> {
        self.context.clone()
    }

    /// Tells that nobody wants the answer any more.
    pub(super) fn stop_of(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// How long an attempt may take, in milliseconds.
    pub(super) const fn timeout_of(&self) -> Option<u64> {
        self.timeout
    }

    /// How much of that its context took, in milliseconds.
    pub(super) fn took_of(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.took)
    }

    /// The intent that is written down with the context.
    pub(super) fn intent_of(&self) -> Option<Kind> {
        let later = self.intent == Intent::WithContext;
        later.then_some(Kind::Attempted { effect: self.effect, key: self.key })
    }

    /// Whether nobody wants the answer any more.
    pub(super) fn is_unwanted(&self) -> bool {
        self.stop.is_cancelled()
    }

    pub(super) fn abort(&self) {
        if let Some(handle) = &self.handle {
            handle.abort();
        }
    }
}

/// Answers for a call that ends without an answer: it panicked, or was given up.
struct Watch {
    path: StepPath,
    number: u64,
    back: mpsc::UnboundedSender<Back>,
    sent: Arc<AtomicBool>,
    so_far: SoFar,
    answered: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.answered {
            let fault = machine::left();
            let sent = self.sent.load(Ordering::Relaxed);
            let unknown = |fault| Failed { spent: self.so_far.at_most(), ..Failed::unknown(fault) };
            let failed = if sent { unknown(fault) } else { Failed::known(fault) };
            let (path, number, result) = (self.path.clone(), self.number, Err(failed));
            // Where nobody listens the run was left.
            let _unheard = self.back.send(Back::Answered { path, number, result });
        }
    }
}

impl Carry {
    /// Begins what a command says beside its entries.
    pub(super) fn carry_out(&mut self, command: Command) {
        match command {
            Command::Run { path, place, attempt, key, effect, work, timeout, intent, reserve, undoes, .. } => {
                let new = Under::of(attempt, effect, key, place);
                let mut under = Under { timeout, intent, reserve, undoes, ..new };
                match work {
                    Work::Ready(task) => self.call(path, under, task),
                    Work::Needs { needs, context } => {
                        under.context = context;
                        match self.contexts.get(&path).cloned() {
                            Some(memory) => self.call_with(path, under, memory),
                            None => self.assemble(path, under, needs),
                        }
                    }
                }
            }
            Command::Probe { path, attempt, call } => {
                let key = IdempotencyKey::new(self.held.run, &path, 0);
                let under = Under { probes: true, ..Under::of(attempt, Effect::Read, key, usize::MAX) };
                self.call(path, under, Task::Tool(call));
            }
            Command::Stop { path } => self.stop(&path),
            _ => {}
        }
    }

    /// What is called with the context that the step was given.
    pub(super) fn call_with(&mut self, path: StepPath, mut under: Under, memory: Map<String, Value>) {
        let mut context = std::mem::take(&mut under.context);
        context.insert("memory".to_owned(), Value::Object(memory));
        let plan = self.state.shared_plan();
        let task = plan.steps().get(under.place).map(|planned| Task::of(planned, &context));
        match task {
            Some(Ok(Some(task))) => self.call(path, under, task),
            Some(Err(error)) => self.fails(path, under, Failed::from(error)),
            _ => {
                let fault = Fault::new(Code::Internal, "a step that calls nothing was to call something");
                self.fails(path, under, Failed::known(fault));
            }
        }
    }

    fn call(&mut self, path: StepPath, mut under: Under, task: Task) {
        under.is_child = matches!(task, Task::Workflow { .. });
        let calling = self.calling(&path, &under);
        let shared = Arc::clone(&self.shared);
        let took = under.took.load(Ordering::Relaxed);
        let timeout = under.timeout.map(|timeout| Duration::from_millis(timeout.saturating_sub(took)));
        let (effect, so_far) = (under.effect, under.so_far.clone());
        let (parent, child, stop) = (Arc::clone(&self.run), Arc::clone(&under.child), under.stop.clone());
        let (trust, probes, sent) = (self.trust_of_inputs(under.place), under.probes, Arc::clone(&under.sent));
        self.spawn(path, under, async move {
            // A run of its own waits for calls, and makes none: it would keep the place of those.
            let is_child = matches!(task, Task::Workflow { .. });
            let turn = async { if is_child { None } else { shared.calls.acquire().await.ok() } };
            let _turn = tokio::select! {
                biased;
                () = stop.cancelled() => return Err(unwanted()),
                turn = turn => turn,
            };
            sent.store(true, Ordering::Relaxed);
            let call = async {
                match &task {
                    Task::Workflow { name, arguments } => {
                        let own = Child { run: &child, stop: &stop, trust };
                        shared.child(&parent, &calling, name, arguments, own).await
                    }
                    task if probes => shared.probe(task, &calling).await,
                    task => shared.outside.call(task, &calling).await,
                }
            };
            match timeout {
                None => call.await,
                Some(timeout) => match tokio::time::timeout(timeout, call).await {
                    Ok(result) => result,
                    Err(_) => match child.get() {
                        Some(run) => Err(Failed { spent: shared.cut_off(*run).await, ..late(timeout, effect) }),
                        None => Err(Failed { spent: so_far.at_most(), ..late(timeout, effect) }),
                    },
                },
            }
        });
    }

    pub(super) fn calling(&self, path: &StepPath, under: &Under) -> Calling {
        Calling {
            run: self.held.run,
            plan: self.state.shared_plan(),
            principal: Principal { tenant: self.run.tenant.clone(), name: self.run.principal.clone() },
            path: path.clone(),
            attempt: under.attempt,
            key: under.key,
            effect: under.effect,
            reserved: under.reserve,
            so_far: under.so_far.clone(),
        }
    }

    fn spawn(
        &mut self,
        path: StepPath,
        mut under: Under,
        call: impl Future<Output = Result<Done, Failed>> + Send + 'static,
    ) {
        let mut watch = self.watch(&path, &mut under);
        let handle = task::spawn_light(async move {
            let result = call.await;
            watch.answered = true;
            let _unheard = watch.back.send(Back::Answered { path: watch.path.clone(), number: watch.number, result });
        });
        under.handle = Some(handle.abort_handle());
        self.put(path, under);
    }

    /// Has the context of a step made.
    pub(super) fn assembling(
        &mut self,
        path: StepPath,
        mut under: Under,
        making: impl Future<Output = Result<Box<memory::Assembled>, Failed>> + Send + 'static,
    ) {
        let mut watch = self.watch(&path, &mut under);
        let handle = task::spawn_light(async move {
            let result = making.await;
            watch.answered = true;
            let _unheard = watch.back.send(Back::Context { path: watch.path.clone(), number: watch.number, result });
        });
        under.handle = Some(handle.abort_handle());
        self.put(path, under);
    }

    /// A call that fails before it is made.
    pub(super) fn fails(&mut self, path: StepPath, mut under: Under, failed: Failed) {
        let mut watch = self.watch(&path, &mut under);
        watch.answered = true;
        self.put(path.clone(), under);
        let _unheard = self.back.send(Back::Answered { path, number: watch.number, result: Err(failed) });
    }

    /// Begins to wait for an answer: no other has its number.
    fn watch(&mut self, path: &StepPath, under: &mut Under) -> Watch {
        self.begun += 1;
        under.number = self.begun;
        let (back, sent, so_far) = (self.back.clone(), Arc::clone(&under.sent), under.so_far.clone());
        Watch { path: path.clone(), number: under.number, back, sent, so_far, answered: false }
    }

    /// Whatever was under way there before is no longer of use: a probe after which a person was faster.
    fn put(&mut self, path: StepPath, under: Under) {
        if let Some(before) = self.under.insert(path, under) {
            before.abort();
        }
    }

    /// Nobody wants the answer of a call any more. What only reads ends at once, and what was not sent; of anything else
    /// the end is waited for.
    fn stop(&mut self, path: &StepPath) {
        let Some(under) = self.under.get(path) else { return };
        // Its context is not there yet, which may take as long as a model takes.
        let is_unsent = under.intent_of().is_some() && !self.contexts.contains_key(path);
        // Before the run within is looked for: whoever makes it looks at this afterwards.
        under.stop.cancel();
        if under.is_child {
            if let Some(run) = under.child.get().copied() {
                let shared = Arc::clone(&self.shared);
                task::spawn("cancel a run", async move { shared.cancel_child(run).await });
            }
        } else if is_harmless(under.effect) || is_unsent {
            under.abort();
        }
    }

    /// The step in the plan for which something is called.
    pub(super) const fn place(under: &Under) -> usize {
        under.place
    }
}

impl Shared {
    /// Asks what became of an effect, and again where that may go well a little later.
    async fn probe(&self, task: &Task, calling: &Calling) -> Result<Done, Failed> {
        for pause in PROBES {
            match self.outside.call(task, calling).await {
                Err(failed) if failed.fault.may_pass() => tokio::time::sleep(pause).await,
                other => return other,
            }
        }
        self.outside.call(task, calling).await
    }
}

/// A call that nobody wanted any more before it was made.
pub(super) fn unwanted() -> Failed {
    Failed::known(Fault::new(Code::RunCancelled, "nobody wanted it any more before it was sent"))
}

/// A call that was cut off: whoever was called may have done it all the same, and takes what it takes.
fn late(timeout: Duration, effect: Effect) -> Failed {
    let message = format!("it took longer than {} ms", timeout.as_millis());
    let fault = Fault::new(Code::StepExpired, message);
    let failed = Failed::unknown(fault);
    if effect == Effect::Unsafe { failed } else { Failed { sent: Sent::Known, ..failed } }
}
