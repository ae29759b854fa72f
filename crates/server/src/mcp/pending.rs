//! An answer that an upstream gives, as the messages that its client gets until it is there.

mod next;

pub(crate) use next::{Input, Next};

use super::asked::Response;
use super::ids::Ids;
use super::operation::Operation;
use super::questions::Inputs;
use super::session::{Cancellable, Session};
use base::{Code, Error, Limit};
use mcp::number::{self, ADDRESSES_FIRST};
use mcp::{Era, Method, capability, level, raw, write};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tools::{Ask, Reply, Step, Work};

/// An answer that an upstream gives.
pub(crate) struct Pending {
    id: String,
    work: Work,
    era: Era,
    cancel: Option<Cancellable>,
    /// The lowest level of log messages that the client wants.
    level: Option<usize>,
    session: Option<Arc<Session>>,
    responses: Option<Responses>,
    /// Keys of asks, and the ids of the requests that they became.
    asked: Vec<(u64, u64)>,
    operation: Option<Operation>,
    held: VecDeque<Next>,
    /// What replaces the ids of tasks.
    ids: Option<Ids>,
    /// What fills in what a legacy task asks.
    inputs: Option<Inputs>,
}

/// Where the client's answers arrive.
struct Responses {
    sender: mpsc::Sender<(u64, Response)>,
    receiver: mpsc::Receiver<(u64, Response)>,
}

/// How long further asks are waited for when a modern client is to answer one: it costs a round trip each time.
const GATHER: Duration = Duration::from_millis(10);

/// How many answers of a client may wait: one for each ask, and some progress.
const WAITING: usize = 64;

enum Event {
    Step(Step),
    Response(u64, Response),
    Cancelled,
}

impl Pending {
    /// An answer to the request with the raw JSON id `id`.
    pub(crate) fn new(id: &str, work: impl Into<Work>, era: Era, level: Option<usize>) -> Self {
        Self {
            id: id.to_owned(),
            work: work.into(),
            era,
            cancel: None,
            level,
            session: None,
            responses: None,
            asked: Vec::new(),
            operation: None,
            held: VecDeque::new(),
            ids: None,
            inputs: None,
        }
    }

    /// Lets the client of `session` cancel the request, and be asked.
    pub(crate) fn in_session(mut self, session: &Arc<Session>) -> base::Result<Self> {
        self.cancel = Some(session.begin(&self.id)?);
        self.session = Some(Arc::clone(session));
        Ok(self)
    }

    /// Has the ids of tasks replaced.
    #[must_use]
    pub(crate) fn with_ids(mut self, ids: Ids) -> Self {
        self.ids = Some(ids);
        self
    }

    /// Has filled in what a legacy task asks.
    #[must_use]
    pub(crate) fn with_inputs(mut self, inputs: Option<Inputs>) -> Self {
        self.inputs = inputs;
        self
    }

    /// The upstream that answers.
    pub(crate) fn upstream(&self) -> &str {
        self.work.upstream()
    }

    /// How the rate stands that refused the request, if one did.
    pub(crate) fn limit(&self) -> Option<Limit> {
        self.work.outcome().and_then(|outcome| outcome.limit)
    }

    fn outward(&self, step: Step) -> Step {
        match &self.ids {
            Some(ids) => ids.outward(step),
            None => step,
        }
    }

    /// The raw JSON id of the request.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Has the way of this answer measured.
    pub(crate) fn observe(&mut self, mut operation: Operation) {
        if let Some(parent) = operation.parent() {
            self.work.trace(parent);
        }
        self.operation = Some(operation);
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Next {
        let next = self.proceed().await;
        match &next {
            Next::Note(text) | Next::Ask { text, .. } => {
                self.operation.iter().for_each(|operation| operation.wrote(text.len()));
            }
            Next::Last(text) => {
                if let Some(operation) = self.operation.take() {
                    match self.work.own() {
                        Some(failed) => operation.worked(failed, text.len()),
                        None => operation.forwarded(self.work.outcome(), text.len()),
                    }
                }
            }
            Next::Input(_) => drop(self.operation.take().map(|operation| operation.answered(0))),
            Next::Cancelled => {}
        }
        next
    }

    async fn proceed(&mut self) -> Next {
        loop {
            if let Some(next) = self.held.pop_front() {
                return next;
            }
            if let Some(inputs) = &mut self.inputs
                && let Some(step) = inputs.filled().await
                && let Some(next) = self.step(step).await
            {
                return next;
            }
            match self.event().await {
                Event::Cancelled => return Next::Cancelled,
                Event::Response(key, response) => self.take(key, response),
                Event::Step(step) => {
                    let step = self.outward(step);
                    let step = match &mut self.inputs {
                        Some(inputs) => inputs.keep(step),
                        None => Some(step),
                    };
                    if let Some(step) = step
                        && let Some(next) = self.step(step).await
                    {
                        return next;
                    }
                }
            }
        }
    }

    /// The next message, or nothing when none came within `limit`.
    pub(crate) async fn next_within(&mut self, limit: Duration) -> Option<Next> {
        tokio::time::timeout(limit, self.next()).await.ok()
    }

    /// Answers an ask that could not be delivered.
    pub(crate) fn refuse(&mut self, key: u64) {
        self.forget(key);
        let error = r#"{"code":-32603,"message":"the client has no stream on which it could be asked"}"#;
        self.work.reply(key, Err(error.to_owned()));
    }

    /// Gives the client's answer to an ask.
    pub(crate) fn reply(&mut self, key: u64, reply: Reply) {
        let reply = match &self.ids {
            Some(ids) => ids.inward(reply),
            None => reply,
        };
        self.work.reply(key, reply);
    }

    /// Goes on as the answer to another request of the same client.
    pub(crate) fn resume(&mut self, id: &str) -> base::Result<()> {
        self.cancel = self.session.as_ref().map(|session| session.begin(id)).transpose()?;
        self.id = id.to_owned();
        Ok(())
    }

    /// Asks the client once more what it has not answered.
    pub(crate) fn ask_again(&mut self, asks: Vec<Ask>) {
        if !asks.is_empty() {
            self.held.push_back(Next::Input(Input::Asks(asks)));
        }
    }

    /// Lets go of the request that has been answered with a question: its id may be used again.
    pub(crate) fn park(&mut self) {
        self.cancel = None;
    }

    async fn event(&mut self) -> Event {
        let response = async {
            match &mut self.responses {
                Some(responses) => responses.receiver.recv().await,
                None => std::future::pending().await,
            }
        };
        let cancelled = async {
            match &self.cancel {
                Some(cancel) => cancel.token.cancelled().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            step = self.work.next() => Event::Step(step),
            Some((key, response)) = response => Event::Response(key, response),
            () = cancelled => Event::Cancelled,
        }
    }

    async fn step(&mut self, step: Step) -> Option<Next> {
        // Before the last message goes out: whoever has it may use the id again.
        if matches!(step, Step::Result(_) | Step::Error(_)) {
            self.cancel = None;
        }
        match step {
            Step::Result(result) => Some(self.result(result)),
            Step::Error(error) => Some(self.error(&error)),
            Step::Note(note) => self.is_wanted(&note).then_some(Next::Note(note)),
            Step::Ask(ask) if self.era == Era::Modern => Some(self.gather(ask).await),
            Step::Ask(ask) => self.ask(&ask),
            Step::Withdraw(key) => self.forget(key).map(|id| Next::Note(withdrawal(id))),
        }
    }

    fn result(&mut self, result: String) -> Next {
        if self.era == Era::Modern && tools::rewrite::wants_input(&result) {
            let requests = raw::get(&result, "inputRequests").unwrap_or("{}");
            let safe =
                |request: raw::Member<'_>| capability::is_safe(raw::get(request.value, "params").unwrap_or("{}"));
            if raw::members(requests).all(safe) {
                return Next::Input(Input::Result(result));
            }
            let message =
                format!("`{}` wants to send the user to something that is no web address", self.work.upstream());
            let error = Error::new(Code::UpstreamProtocol, message, "the fault is in that server");
            return self.last(write::error(&self.id, &error.of_upstream(self.work.upstream())));
        }
        self.last(write::result(&self.id, &result))
    }

    fn error(&mut self, error: &str) -> Next {
        if self.era == Era::Modern && raw::get(error, "code") == Some(ADDRESSES_FIRST) {
            let all = raw::elements(raw::at(error, &["data", "elicitations"]).unwrap_or_default()).enumerate();
            let ask = |(index, params): (usize, &str)| Ask {
                key: index as u64,
                method: Method::Elicit,
                params: params.to_owned(),
            };
            let asks: Vec<Ask> = all.map(ask).collect();
            let takes = |ask: &Ask| capability::takes(&self.work.capabilities(), &ask.method, &ask.params);
            if !asks.is_empty() && asks.iter().all(takes) {
                return Next::Input(Input::Addresses(asks));
            }
        }
        let unwanted = self.era == Era::Modern && raw::get(error, "code") == Some(ADDRESSES_FIRST);
        let error = if unwanted { number::address_needed(error) } else { Cow::Borrowed(error) };
        self.last(write::raw_error(&self.id, &error))
    }

    /// The answer, after word to the client that what it was asked needs no answer any more.
    fn last(&mut self, text: String) -> Next {
        let open = std::mem::take(&mut self.asked);
        if open.is_empty() {
            return Next::Last(text);
        }
        for (_, id) in open {
            if let Some(session) = &self.session {
                session.asked.remove(id);
            }
            self.held.push_back(Next::Note(withdrawal(id)));
        }
        self.held.push_back(Next::Last(text));
        self.held.pop_front().unwrap_or(Next::Cancelled)
    }

    /// Makes an ask a request to a legacy client.
    fn ask(&mut self, ask: &Ask) -> Option<Next> {
        let responses = self.responses.get_or_insert_with(|| {
            let (sender, receiver) = mpsc::channel(WAITING);
            Responses { sender, receiver }
        });
        let added = self.session.as_ref().and_then(|session| session.asked.add(ask, responses.sender.clone()));
        let Some((id, text)) = added else {
            let error = r#"{"code":-32603,"message":"too many requests to this client wait for an answer"}"#;
            self.work.reply(ask.key, Err(error.to_owned()));
            return None;
        };
        self.asked.push((ask.key, id));
        Some(Next::Ask { text, key: ask.key })
    }

    /// Collects what a modern client is to answer at once.
    async fn gather(&mut self, first: Ask) -> Next {
        let mut asks = vec![first];
        while let Ok(step) = tokio::time::timeout(GATHER, self.work.next()).await {
            match self.outward(step) {
                Step::Ask(ask) => asks.push(ask),
                Step::Withdraw(key) => asks.retain(|ask| ask.key != key),
                Step::Note(note) if self.is_wanted(&note) => self.held.push_back(Next::Note(note)),
                Step::Note(_) => {}
                Step::Result(result) => {
                    let last = self.result(result);
                    return self.behind(last);
                }
                Step::Error(error) => {
                    let last = self.error(&error);
                    return self.behind(last);
                }
            }
        }
        self.behind(Next::Input(Input::Asks(asks)))
    }

    /// Puts `next` behind what is held, and gives the first of all.
    fn behind(&mut self, next: Next) -> Next {
        self.held.push_back(next);
        self.held.pop_front().unwrap_or(Next::Cancelled)
    }

    fn take(&mut self, key: u64, response: Response) {
        match response {
            Response::Answer(reply) => {
                self.asked.retain(|(asked, _)| *asked != key);
                self.reply(key, reply);
            }
            Response::Progress(params) => self.work.progress(key, &params),
        }
    }

    /// Forgets an ask; its id, if it was made a request.
    fn forget(&mut self, key: u64) -> Option<u64> {
        let at = self.asked.iter().position(|(asked, _)| *asked == key)?;
        let (_, id) = self.asked.remove(at);
        if let Some(session) = &self.session {
            session.asked.remove(id);
        }
        Some(id)
    }

    /// Log messages below the level that the client asked for are not.
    fn is_wanted(&self, note: &str) -> bool {
        let Some(lowest) = self.level else { return true };
        let is_log = raw::get(note, "method") == Some("\"notifications/message\"");
        !is_log || level::of_message(raw::get(note, "params").unwrap_or("{}")) >= lowest
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            self.asked.iter().for_each(|(_, id)| session.asked.remove(*id));
        }
    }
}

fn withdrawal(id: u64) -> String {
    let params = format!(r#"{{"requestId":{id},"reason":"the answer is not needed any more"}}"#);
    write::notification(Method::Cancelled.name(), Some(&params))
}
