//! What a call does when its upstream asks the client something.

use super::asks::{Answered, Excess};
use super::{Forward, Stage, Step};
use crate::caller::{Ask, Reply};
use base::{Code, Error, Result};
use mcp::message::Kind;
use mcp::version::meta;
use mcp::{Era, Message, Method, capability, raw, write};
use std::time::Duration;

impl Forward {
    /// Takes the client's answer to an ask. One that is not open any more is passed over.
    pub fn reply(&mut self, key: u64, reply: Reply) {
        match self.asks.answer(key, reply) {
            Answered::Request(id, reply) => {
                if let Stage::Sent(sent) = &self.stage {
                    let answer = match reply {
                        Ok(result) => write::result(&id, &result),
                        Err(error) => write::raw_error(&id, &error),
                    };
                    sent.call.reply(&id, answer);
                }
            }
            Answered::Fatal(error) => self.fatal = Some(error),
            Answered::Kept | Answered::Unknown => {}
        }
    }

    /// Tells the upstream how far the client is with an ask. `params` are those of the client's notification, raw JSON.
    pub fn progress(&self, key: u64, params: &str) {
        if let (Stage::Sent(sent), Some(token)) = (&self.stage, self.asks.token(key))
            && let Some(ours) = raw::get(params, meta::PROGRESS_TOKEN)
        {
            let mut splice = raw::Splice::new(params);
            splice.replace(ours, token);
            sent.call.tell(write::notification(Method::Progress.name(), Some(&splice.finish())));
        }
    }

    /// How long the client may take to answer what a modern upstream wants, and the error when it takes longer.
    pub(super) fn patience(&self) -> (Duration, Error) {
        let (name, limit) = (self.upstream(), self.upstream.settings.timeouts.ask);
        let message = format!("`{name}` asked for something and got no answer for {limit:?}");
        let next = "call again, and answer in time; `timeouts: { ask: 1h }` gives more";
        (limit, Error::new(Code::UpstreamCallTimeout, message, next).of_upstream(name))
    }

    /// Whether the client can be asked this.
    pub(super) fn admit(&self, ask: &Ask) -> Result<()> {
        let name = self.upstream();
        let what = ask.method.name();
        let needed = || capability::needed(&ask.method, &ask.params);
        if !self.upstream.settings.offers.cover(&ask.method) {
            let message = format!("`{name}` asked for {what}, which its entry does not offer");
            let next = format!("add it to `offers:` of `{name}` if it may ask that of clients");
            let error = Error::new(Code::ClientLacksCapability, message, next).of_upstream(name);
            return Err(error.with_required(needed()));
        }
        if !capability::is_safe(&ask.params) {
            let message = format!("`{name}` wants to send the user to something that is no web address");
            let next = format!("the fault is in `{name}`");
            return Err(Error::new(Code::UpstreamProtocol, message, next).of_upstream(name));
        }
        if !capability::takes(&self.capabilities(), &ask.method, &ask.params) {
            let message = format!("`{name}` asked for {what}, which this client does not take");
            let error = Error::new(Code::ClientLacksCapability, message, "use a client that can do it");
            return Err(error.of_upstream(name).with_required(needed()));
        }
        Ok(())
    }

    /// Tells the upstream that the client cannot be asked, and remembers what the client lacks.
    pub(super) fn refuse(&mut self, key: u64, error: Error) {
        self.reply(key, Err(write::error_object_in(&error, Era::Legacy)));
        if error.code() == Code::ClientLacksCapability {
            self.lacking.get_or_insert(error);
        }
    }

    /// What a modern client gets in place of the error `said` of a legacy upstream that could not ask it: what it would
    /// have to declare. A modern server would have said so itself (2026-07-28, client capabilities).
    pub(super) fn lacked(&mut self, said: &str, upstream: Era) -> Option<Step> {
        // Of a task it is the task that has failed.
        let of_task = matches!(self.method, Method::TasksResult | Method::TasksGet);
        if (self.caller.era, upstream) != (Era::Modern, Era::Legacy) || of_task {
            return None;
        }
        let error = self.lacking.take()?;
        let error = match raw::get(said, "message").and_then(raw::text) {
            Some(words) => error.with_detail(words),
            None => error,
        };
        Some(Step::Error(write::error_object_in(&error, Era::Modern)))
    }

    /// Takes a request of the upstream. One too many is refused, and the call goes on.
    pub(super) fn asked(&mut self, message: &Message) {
        let (Kind::Request(method), Some(id)) = (message.kind(), message.id()) else { return };
        let params = message.body().unwrap_or("{}");
        if self.asks.request(id, method.clone(), params).is_err()
            && let Stage::Sent(sent) = &self.stage
        {
            let error = r#"{"code":-32603,"message":"too many requests to the client at once"}"#;
            sent.call.reply(id, write::raw_error(id, error));
        }
    }

    /// Takes the questions that a modern upstream has for a legacy client.
    pub(super) fn questioned(&mut self, result: &str) -> Result<Option<Step>> {
        let name = &self.upstream.settings.name;
        self.asks.round(result).map_err(|excess| {
            let why = match excess {
                Excess::Asks => "asked too many things at once",
                Excess::Rounds => "asked again and again without an end",
                Excess::Shape => "asked for input in a form that is not the protocol's",
            };
            let next = format!("the fault is in `{name}`; see `tutti server logs {name}`");
            Error::new(Code::UpstreamProtocol, format!("`{name}` {why}"), next).of_upstream(name)
        })?;
        self.stage = Stage::Waiting;
        Ok(None)
    }
}
