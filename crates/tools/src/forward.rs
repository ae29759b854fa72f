//! One request on its way through the hub: from its name to the upstream's answer.

mod alike;
mod asks;
mod course;
mod headers;
mod hedge;
mod observe;
mod questions;
mod recall;
mod refusal;
mod route;
mod send;
mod tasks;

pub(crate) use self::route::{check_members, unknown_resource};

pub use self::tasks::COMPLETE;
pub use observe::{Outcome, describe, fail, span_name};

use self::asks::Asks;
use self::course::Course;
use self::hedge::Arrival;
use self::observe::{Observation, is_tool_error};
use self::recall::{Held, Keeping};
use self::refusal::{endless, late, leaves_doubt, no_object};
use self::route::{check_task, route};
use self::tasks::Tasks;
use crate::caller::{Ask, Caller};
use crate::hub::Hub;
use crate::naming::Naming;
use crate::results::Seat;
use crate::rewrite::{self, Eras};
use crate::upstream::{Lease, Upstream};
use crate::view::{Route, View};
use base::{Code, Error, Result};
use mcp::client::{Call, Inbound};
use mcp::message::Kind;
use mcp::parameter::Mirror;
use mcp::version::meta;
use mcp::{Era, Message, Method, number, raw, write};
use protection::guard::{Pass, Seen, error_is_fault};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

/// What a modern server asks in `result`, and the `params` of the call as they are sent again when each of it is answered
/// with `{}`: the way of the fuzzer to what reads questions.
#[doc(hidden)]
pub fn answered(result: &str, params: &str) -> Option<(Vec<Ask>, String)> {
    let mut asks = Asks::default();
    asks.round(result).ok()?;
    let all: Vec<Ask> = std::iter::from_fn(|| asks.pop()).collect();
    for ask in &all {
        asks.answer(ask.key, Ok("{}".to_owned()));
    }
    Some((all, asks.complete(params)?))
}

/// A request under way.
pub struct Forward {
    upstream: Arc<Upstream>,
    view: String,
    naming: Naming,
    /// What the upstream calls it; empty until that is known.
    original: String,
    /// The arguments of the tool that headers repeat, if it has such.
    mirrors: Option<Arc<[Mirror]>>,
    method: Method,
    params: String,
    caller: Caller,
    asks: Asks,
    /// The error object that ends the call, raw JSON.
    fatal: Option<String>,
    /// What the client was not asked because it lacks it.
    lacking: Option<Error>,
    stage: Stage,
    deadline: Instant,
    course: Course,
    keeping: Keeping,
    held: Held,
    tasks: Tasks,
    observation: Observation,
}

enum Stage {
    Fresh,
    /// Another request asks the same, and its answer is for both.
    Joined(Seat),
    /// It is looked whether another replica has the answer, or one that means the same.
    Elsewhere,
    /// It is sent at this moment, or sent again.
    Resting(Instant),
    Sent(Box<Sent>),
    /// The upstream wants answers from the client before it goes on.
    Waiting,
    Done,
}

struct Sent {
    lease: Lease,
    call: Call,
    pass: Pass,
    sent_at: Instant,
    /// Whether it gave a sign of life.
    heard: bool,
    /// When a second request is thought of, if there is no answer before.
    hedge_at: Option<Instant>,
    /// The second request.
    second: Option<Box<Sent>>,
}

/// What comes of a request.
#[derive(Debug)]
pub enum Step {
    /// A notification for the client, as a whole message.
    Note(String),
    /// Something that the client shall answer, by [`Forward::reply`].
    Ask(Ask),
    /// An ask with this key that nobody shall answer any more.
    Withdraw(u64),
    /// The result, as raw JSON. Nothing follows.
    Result(String),
    /// The error object, as raw JSON. Nothing follows.
    Error(String),
}

impl Hub {
    /// Finds out where a request of a client goes. `params` is raw JSON.
    pub fn forward(&self, view: &View, method: &Method, params: &str, caller: Caller) -> Result<Forward> {
        check_members(params)?;
        let route = match route(view, method, params) {
            Ok(route) => route,
            Err(error) => self.early(view, method, params).ok_or(error)?,
        };
        if let Some(upstream) =
            self.upstream(&route.upstream).filter(|_| method == &Method::ToolsCall && caller.era == Era::Legacy)
        {
            check_task(view, &upstream, &route.original, params)?;
        }
        self.forward_to(route, view, method, params, caller)
    }

    /// As [`Hub::forward`], to where it is known that the request goes.
    pub fn forward_to(
        &self,
        route: Route,
        view: &View,
        method: &Method,
        params: &str,
        caller: Caller,
    ) -> Result<Forward> {
        let upstream = self.upstream(&route.upstream).ok_or_else(|| {
            let message = format!("`{}` was removed from the configuration", route.upstream);
            Error::new(Code::UpstreamDisabled, message, "ask for the list again").of_upstream(&route.upstream)
        })?;
        let deadline = base::clock::now() + upstream.settings.timeouts.total;
        let forward = Forward {
            observation: Observation::new(&upstream, method),
            upstream,
            view: view.title().to_owned(),
            naming: view.naming(),
            original: route.original,
            mirrors: route.mirrors,
            method: method.clone(),
            params: params.to_owned(),
            caller,
            asks: Asks::default(),
            fatal: None,
            lacking: None,
            stage: Stage::Fresh,
            deadline,
            course: Course::default(),
            keeping: Keeping::default(),
            held: Held::default(),
            tasks: Tasks::default(),
        };
        // Before a kept result is given. What is not known yet, a connection will tell.
        if forward.upstream.is_known() {
            forward.check_approved()?;
        }
        Ok(forward)
    }
}

impl Forward {
    /// The upstream that answers.
    pub fn upstream(&self) -> &str {
        &self.upstream.settings.name
    }

    /// What comes next.
    pub async fn next(&mut self) -> Step {
        let step = self.step().await;
        if matches!(step, Ok(Step::Error(_)) | Err(_)) {
            self.crashed();
        }
        self.observation.look(&step, &self.original);
        match step {
            Ok(step) => step,
            Err(error) => {
                self.stage = Stage::Done;
                Step::Error(write::error_object_in(&error, self.caller.era))
            }
        }
    }

    /// What servers may ask of the client, as raw JSON.
    pub fn capabilities(&self) -> Cow<'_, str> {
        let own = match self.caller.era {
            Era::Legacy => &*self.caller.capabilities,
            Era::Modern => raw::at(&self.params, &["_meta", meta::CLIENT_CAPABILITIES]).unwrap_or("{}"),
        };
        self.upstream.settings.offers.narrow(own)
    }

    async fn step(&mut self) -> Result<Step> {
        loop {
            if let Some(error) = self.fatal.take() {
                self.stage = Stage::Done;
                return Ok(Step::Error(error));
            }
            if let Some(ask) = self.asks.pop() {
                match self.admit(&ask) {
                    Ok(()) => return Ok(Step::Ask(ask)),
                    Err(error) => self.refuse(ask.key, error),
                }
                continue;
            }
            match &mut self.stage {
                Stage::Fresh => match self.recall() {
                    Some(step) => return Ok(step),
                    None if matches!(self.stage, Stage::Fresh) => self.send().await?,
                    None => {}
                },
                Stage::Joined(seat) => {
                    let waited = seat.wait().await;
                    if let Some(step) = self.waited(waited) {
                        return Ok(step);
                    }
                }
                Stage::Elsewhere => {
                    if let Some(step) = self.look_elsewhere().await {
                        return Ok(step);
                    }
                }
                Stage::Resting(until) => {
                    tokio::time::sleep_until((*until).into()).await;
                    self.stage = Stage::Fresh;
                }
                Stage::Waiting => match self.asks.complete(&self.params) {
                    Some(params) => self.resume(params),
                    None => {
                        // Whoever has the answer before that drops this and asks again.
                        let (limit, error) = self.patience();
                        tokio::time::sleep(limit).await;
                        return Err(error);
                    }
                },
                Stage::Sent(_) => {
                    if let Some(step) = self.receive().await? {
                        return Ok(step);
                    }
                }
                Stage::Done => return Err(Error::internal("a request was asked for more than its answer")),
            }
        }
    }

    /// Waits for what the upstream says; nothing when it was not for the client.
    async fn receive(&mut self) -> Result<Option<Step>> {
        let timeouts = &self.upstream.settings.timeouts;
        // An upstream that waits for the client gives no sign of life by right.
        let limit = match self.method {
            _ if self.asks.any_open() => timeouts.ask,
            // It is answered when the task has ended.
            Method::TasksResult => timeouts.total,
            _ => timeouts.call,
        };
        let left = self.deadline.saturating_duration_since(base::clock::now());
        // What always has something to say would never be found to be late.
        if left.is_zero() {
            return Err(self.overdue());
        }
        let Stage::Sent(sent) = &mut self.stage else { return Ok(None) };
        let inbound = match sent.arrival(left.min(limit)).await {
            Arrival::Inbound(inbound) => inbound,
            Arrival::Due => return self.hedge().map(|()| None),
            Arrival::Lost(error) => {
                tracing::debug!(%error, "the second request failed");
                return Ok(None);
            }
            Arrival::Late if left <= limit => return Err(self.overdue()),
            Arrival::Late => Err(late(&self.upstream, &self.method, limit)),
        };
        match inbound {
            Ok(Inbound::Note(message)) if message.method() == Some(&Method::Cancelled) => {
                let id = message.body().and_then(|body| raw::get(body, "requestId")).unwrap_or_default();
                Ok(self.asks.withdraw(id).map(Step::Withdraw))
            }
            Ok(Inbound::Note(message)) => Ok(self.note(&message).map(Step::Note)),
            Ok(Inbound::Ask(message)) => {
                self.asked(&message);
                Ok(None)
            }
            Ok(Inbound::Answer(message)) => self.answer(&message),
            Err(error) => {
                sent.lease.failed(&self.upstream, &error);
                let seen = Seen::sent(&error, sent.lease.live.is_shared());
                sent.pass.failed(seen);
                self.course.doubt |= leaves_doubt(&error, seen);
                match sent.second.take() {
                    Some(second) => self.stage = Stage::Sent(second),
                    None => self.again_or(error, seen)?,
                }
                Ok(None)
            }
        }
    }

    /// The error of a request that has had all its time. It is not sent again, as there is none left.
    fn overdue(&mut self) -> Error {
        let error = endless(&self.upstream, &self.method);
        self.course.doubt = true;
        if let Stage::Sent(sent) = &mut self.stage {
            sent.pass.failed(Seen::sent(&error, sent.lease.live.is_shared()));
        }
        error
    }

    fn note(&self, message: &Message) -> Option<String> {
        let token = raw::at(&self.params, &["_meta", meta::PROGRESS_TOKEN]);
        let method = message.method()?;
        // News of lists may come on the stream of any call, but concerns all clients: the hub reads the list and tells
        // those whose view has changed.
        if matches!(
            method,
            Method::ToolsChanged
                | Method::PromptsChanged
                | Method::ResourcesChanged
                | Method::ResourceUpdated
                | Method::TaskStatus
                | Method::TaskNote
        ) {
            self.upstream.heard(message.clone());
            return None;
        }
        rewrite::note(message.source(), message.body(), method, token).map(std::borrow::Cow::into_owned)
    }

    /// The answer, or nothing when the request is sent again instead.
    fn answer(&mut self, message: &Message) -> Result<Option<Step>> {
        let Stage::Sent(mut sent) = std::mem::replace(&mut self.stage, Stage::Done) else {
            return Err(Error::internal("an answer came before its request"));
        };
        let body = message.body().unwrap_or("{}");
        self.observation.received(body.len());
        sent.lease.upstream().worked();
        if message.kind() == &Kind::Error {
            if let Some(step) = self.lacked(body, sent.lease.era()) {
                sent.pass.worked();
                return Ok(Some(step));
            }
            if error_is_fault(body) && !matches!(self.method, Method::TasksResult | Method::TasksGet) {
                sent.pass.failed(Seen::fault());
                if self.again(Seen::fault()) {
                    return Ok(None);
                }
            } else {
                sent.pass.worked();
            }
            self.refresh_after(body, sent.lease.era());
            if let Some(task) = self.failed_task(body, sent.lease.era()) {
                return Ok(Some(Step::Result(task)));
            }
            let error = number::for_client(body, &self.method, sent.lease.era(), self.caller.version);
            return Ok(Some(Step::Error(error.into_owned())));
        }
        if !raw::is_object(body) {
            sent.pass.failed(Seen::fault());
            self.course.doubt = true;
            self.again_or(no_object(&self.upstream, &self.method), Seen::fault())?;
            return Ok(None);
        }
        sent.pass.worked();
        if self.upstream.guard.protection().tool_errors && is_tool_error(body) && self.again(Seen::fault()) {
            return Ok(None);
        }
        let eras = Eras { client: self.caller.era, upstream: sent.lease.era() };
        self.landed(body, eras.upstream);
        if eras.client == Era::Legacy && eras.upstream == Era::Modern && rewrite::wants_input(body) {
            return self.questioned(body);
        }
        let name = (self.naming == Naming::Prefixed).then(|| self.upstream().to_owned());
        self.finished(body, name.as_deref(), eras)
    }
}
