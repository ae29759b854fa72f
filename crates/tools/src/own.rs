//! Tools that are the hub's own: what one is, and a call of one under way.
//!
//! Which there are stands in [`crate::toolbox`]. A client cannot tell a call of such a tool from one of an upstream's: it
//! may be cancelled, measured, asked about and streamed like any other.

use crate::caller::{Caller, Reply};
use crate::forward::{Forward, Outcome, Step};
use crate::hub::Hub;
use crate::naming;
use crate::rewrite::{self, Eras};
use crate::view::{Route, View};
use crate::wholes::Shaping;
use base::{Code, Error, Result};
use mcp::{Era, Method, raw, write};
use serde_json::Value;
use std::borrow::Cow;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use telemetry::economy::Means;
use telemetry::trace::Parent;
use tokio::sync::mpsc;

/// A tool of the hub's own.
pub trait OwnTool: Send + Sync {
    /// What it is called by.
    fn name(&self) -> &'static str;

    /// Whether the clients of `view` are shown it.
    fn offered(&self, view: &View) -> bool;

    /// Whether the clients of `view` may call it, which they may also be told in a result.
    fn taken(&self, view: &View) -> bool {
        self.offered(view)
    }

    /// Its definition, raw JSON. Depends on nothing of the view but what [`View::face`] is made of.
    fn definition(&self, view: &View) -> String;

    /// Begins a call.
    ///
    /// # Errors
    /// Those of arguments that are none; what goes wrong later is part of the work.
    fn begin(&self, hub: &Hub, call: OwnCall) -> Result<Work>;
}

/// A call of a tool of the hub's own.
pub struct OwnCall {
    /// What the client sees.
    pub view: Arc<View>,
    /// The params of the request, raw JSON, each member once.
    pub params: String,
    /// On whose behalf.
    pub caller: Caller,
}

impl OwnCall {
    /// The arguments, raw JSON: an object whose members stand there once.
    ///
    /// # Errors
    /// [`Code::InvalidParams`] when they are something else.
    pub fn arguments(&self) -> Result<&str> {
        let arguments = raw::get(&self.params, "arguments").unwrap_or("{}");
        if !raw::is_object(arguments) {
            return Err(Error::new(Code::InvalidParams, "`arguments` is no object", "send the arguments as an object"));
        }
        if let Some(key) = raw::duplicate(arguments) {
            let message = format!("`arguments` has the member {key} twice");
            return Err(Error::new(Code::ParseError, message, "send each member once"));
        }
        Ok(arguments)
    }
}

/// A request under way, whoever answers it.
pub enum Work {
    /// An upstream; its result is shortened where the view says so.
    Upstream(Box<Forward>, Option<Box<Shaping>>),
    /// The hub.
    Own(Own),
}

/// What the hub does itself for a call.
pub struct Own {
    era: Era,
    /// What was asked: the form of the result depends on it.
    method: Method,
    result: Pin<Box<dyn Future<Output = Result<String>> + Send>>,
    steps: Option<mpsc::Receiver<Step>>,
    replies: Option<mpsc::UnboundedSender<(u64, Reply)>>,
    /// Where what it does itself finds the span that it is part of.
    trace: Option<Arc<OnceLock<Parent>>>,
    /// The outcome, while something that was said before it has not gone out yet.
    ended: Option<Result<String>>,
    failed: Option<Code>,
}

impl Own {
    /// Work whose outcome is `result`: that of the tool in the form of the legacy era, raw JSON.
    pub fn new(caller: &Caller, result: impl Future<Output = Result<String>> + Send + 'static) -> Self {
        Self {
            era: caller.era,
            method: Method::ToolsCall,
            result: Box::pin(result),
            steps: None,
            replies: None,
            trace: None,
            ended: None,
            failed: None,
        }
    }

    /// Makes it the answer to another request than a call.
    #[must_use]
    pub fn answering(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// Lets the work say something before its end, and ask; what is answered goes to `replies`.
    #[must_use]
    pub fn with_steps(self, steps: mpsc::Receiver<Step>, replies: mpsc::UnboundedSender<(u64, Reply)>) -> Self {
        Self { steps: Some(steps), replies: Some(replies), ..self }
    }

    /// Tells the work the span that it is part of, before it begins, if there is one.
    #[must_use]
    pub fn with_trace(self, trace: Arc<OnceLock<Parent>>) -> Self {
        Self { trace: Some(trace), ..self }
    }

    async fn next(&mut self) -> Step {
        if self.ended.is_none() {
            let step = async {
                match &mut self.steps {
                    Some(steps) => steps.recv().await,
                    None => None,
                }
            };
            let result = tokio::select! {
                biased;
                Some(step) = step => return step,
                result = &mut self.result => result,
            };
            self.ended = Some(result);
        }
        // In the moment of its end the work may have said something more.
        if let Some(step) = self.steps.as_mut().and_then(|steps| steps.try_recv().ok()) {
            return step;
        }
        let result = self.ended.take();
        self.last(result.unwrap_or_else(|| Err(Error::internal("a call has ended without an outcome"))))
    }

    fn last(&mut self, result: Result<String>) -> Step {
        let era = self.era;
        self.result = Box::pin(async { Err(Error::internal("a call was asked for more than its answer")) });
        match result {
            Ok(result) => {
                let eras = Eras { client: era, upstream: Era::Legacy };
                Step::Result(rewrite::result(&result, &self.method, None, eras).into_owned())
            }
            Err(error) => {
                self.failed = Some(error.code());
                Step::Error(write::error_object_in(&error, era))
            }
        }
    }
}

impl Work {
    /// A call of a tool of an upstream, by a client that sees `view`.
    pub fn call(hub: &Hub, view: &View, params: &str, caller: Caller) -> Result<Self> {
        let shaping = view.context.as_ref().and_then(|_| {
            let name = raw::get(params, "name").and_then(raw::text).unwrap_or_default();
            let route = view.tools.get(name.as_ref());
            let tool = route.map(|route| naming::exposed(&route.upstream, &route.original)).unwrap_or_default();
            shaping(hub, view, tool, &caller).map(Box::new)
        });
        Ok(Work::Upstream(Box::new(hub.forward(view, &Method::ToolsCall, params, caller)?), shaping))
    }

    /// A request about the task that `route` names, by a client that sees `view`.
    pub fn about_task(hub: &Hub, view: &View, route: Route, of: (&Method, &str), caller: Caller) -> Result<Self> {
        let (method, params) = of;
        let is_member = method == &Method::TasksGet;
        let has_result = is_member || method == &Method::TasksResult;
        let shaping = if has_result { shaping(hub, view, String::new(), &caller) } else { None };
        let of_task = |shaping: Shaping| shaping.of_task(&view.name, &route.upstream, &route.original, is_member);
        let shaping = shaping.map(|shaping| Box::new(of_task(shaping)));
        Ok(Work::Upstream(Box::new(hub.forward_to(route, view, method, params, caller)?), shaping))
    }

    /// What comes next.
    pub async fn next(&mut self) -> Step {
        match self {
            Work::Upstream(forward, shaping) => match (forward.next().await, shaping) {
                (Step::Result(result), Some(shaping)) => {
                    shaping.began(forward.upstream(), &result);
                    Step::Result(shaping.shape(result))
                }
                (step, _) => step,
            },
            Work::Own(own) => own.next().await,
        }
    }

    /// The upstream that answers; empty where the hub does.
    pub fn upstream(&self) -> &str {
        match self {
            Work::Upstream(forward, _) => forward.upstream(),
            Work::Own(_) => "",
        }
    }

    /// Makes it a part of a trace.
    pub fn trace(&mut self, parent: Parent) {
        match self {
            Work::Upstream(forward, _) => forward.trace(parent),
            // A call that goes on after a question to its client stays in the trace that it began in.
            Work::Own(own) => own.trace.iter().for_each(|trace| drop(trace.set(parent.clone()))),
        }
    }

    /// How it ended at an upstream, once it has.
    pub fn outcome(&self) -> Option<&Outcome> {
        match self {
            Work::Upstream(forward, _) => forward.outcome(),
            Work::Own(_) => None,
        }
    }

    /// Whether the hub answers; with the code of its error if it came to one.
    pub fn own(&self) -> Option<Option<Code>> {
        match self {
            Work::Upstream(..) => None,
            Work::Own(own) => Some(own.failed),
        }
    }

    /// What servers may ask of the client, as raw JSON.
    pub fn capabilities(&self) -> Cow<'_, str> {
        match self {
            Work::Upstream(forward, _) => forward.capabilities(),
            Work::Own(_) => Cow::Borrowed("{}"),
        }
    }

    /// Takes the client's answer to an ask. One that is not open any more is passed over.
    pub fn reply(&mut self, key: u64, reply: Reply) {
        match self {
            Work::Upstream(forward, _) => forward.reply(key, reply),
            Work::Own(own) => {
                if let Some(replies) = &own.replies {
                    let _ = replies.send((key, reply));
                }
            }
        }
    }

    /// Tells the upstream how far the client is with an ask. `params` are those of the client's notification, raw JSON.
    pub fn progress(&self, key: u64, params: &str) {
        if let Work::Upstream(forward, _) = self {
            forward.progress(key, params);
        }
    }
}

/// What shapes results of `tool` as the view wants it for the caller, if it wants any.
pub(crate) fn shaping(hub: &Hub, view: &View, tool: String, caller: &Caller) -> Option<Shaping> {
    let settings = Arc::clone(view.context.as_ref()?);
    let saved = hub.telemetry().economy().saved(Means::Shaping);
    Some(Shaping::new(hub.wholes(), caller.owner.clone(), settings, tool, caller.version, saved))
}

impl From<Forward> for Work {
    fn from(forward: Forward) -> Self {
        Work::Upstream(Box::new(forward), None)
    }
}

/// The result of a tool: a text for the model, and what is said of it beside, for programs.
pub fn result(text: &str, meta: &Value) -> String {
    format!(r#"{{"content":[{{"type":"text","text":{}}}],"_meta":{meta}}}"#, raw::quote(text))
}

#[cfg(test)]
mod tests;
