//! Sending a request: to a connection, under the name that the upstream knows.

use super::hedge::SILENCE;
use super::route::{named, unknown};
use super::{Forward, Sent, Stage};
use crate::catalogue::Kind;
use crate::rewrite::{self, Eras};
use crate::upstream::Lease;
use base::{Code, Result};
use mcp::client::Request;
use mcp::level::LEVELS;
use mcp::{Method, raw};
use protection::guard::{Pass, Seen};

impl Forward {
    /// Sends the request, unless there is a reason to do that later.
    pub(super) async fn send(&mut self) -> Result<()> {
        let lease = match self.upstream.lease_of(&self.caller.principal).await {
            Ok(lease) => lease,
            Err(error) => {
                let seen = Seen::unsent(&error);
                return self.again_or(error, seen);
            }
        };
        if self.original.is_empty() {
            self.original = self.look_up()?;
            self.mirrors = self.upstream.catalogue().mirrors.get(&self.original).cloned();
        }
        let pass = self.upstream.guard.enter(self.subject(), self.course.sent == 0)?;
        let hedge_after = self.hedge_after();
        match self.post(lease, pass)? {
            Ok(mut sent) => {
                sent.hedge_at = Some(sent.sent_at + hedge_after.unwrap_or(SILENCE));
                self.stage = Stage::Sent(sent);
                Ok(())
            }
            Err(error) => {
                let seen = Seen::unsent(&error);
                self.again_or(error, seen)
            }
        }
    }

    /// Hands the request to a connection. The inner error says that nothing went out.
    pub(super) fn post(&mut self, lease: Lease, pass: Pass) -> Result<Result<Box<Sent>>> {
        // What the upstream has may have become known, or another, since the name was looked up.
        self.check_approved()?;
        let headers = self.headers(&lease)?;
        let id = lease.next_id();
        let eras = Eras { client: self.caller.era, upstream: lease.era() };
        let (method, own) = self.outgoing(lease.era())?;
        let names = named(&method, &own).map(|part| (part, self.original.clone())).into_iter().collect();
        let header = (method != Method::Complete).then_some(self.original.as_str());
        let capabilities = self.declared(lease.era());
        let level = self.caller.level.and_then(|level| LEVELS.get(level)).copied();
        let trace = self.observation.context();
        let outgoing = rewrite::Outgoing { names, token: id, eras, level, capabilities: &capabilities, trace };
        let params = rewrite::params(&own, &outgoing).into_owned();
        let length = params.len();
        self.may_have_changed();
        let request = Request {
            id,
            method: method.name(),
            params: &params,
            name: header,
            headers,
            era: lease.era(),
            notes: true,
            client: Some(self.caller.number),
        };
        let sent = lease.call(&method, &request, &self.caller.principal);
        match sent {
            Ok(call) => {
                self.observation.sent(length, id, &lease);
                self.course.sent += 1;
                let sent_at = base::clock::now();
                Ok(Ok(Box::new(Sent { lease, call, pass, sent_at, heard: false, hedge_at: None, second: None })))
            }
            Err(error) => {
                // Nothing went out: the connection turned out to be closed, and another may be there.
                if error.code() == Code::UpstreamExited {
                    lease.failed(&self.upstream, &error);
                }
                Ok(Err(error))
            }
        }
    }

    /// The upstream's own name for what was asked for before it was known what there is.
    fn look_up(&self) -> Result<String> {
        let catalogue = self.upstream.catalogue();
        let (items, code, what) = match self.method {
            Method::PromptsGet => (&catalogue.prompts, Code::UnknownPrompt, "prompt"),
            _ => (&catalogue.tools, Code::UnknownTool, "tool"),
        };
        let name = raw::get(&self.params, "name").and_then(raw::text).unwrap_or_default();
        let is_named = |key: &str| self.naming.name(self.upstream(), key) == name;
        let waiting = self.subject_of().map(|kind| catalogue.waits(kind));
        if let Some((_, waits)) = waiting.into_iter().flatten().find(|(name, _)| is_named(name)) {
            return Err(waits.to_error(self.upstream()));
        }
        let found = items.iter().find(|item| is_named(&item.key));
        // An upstream whose list cannot be read is asked by the name as it stands, and says itself what it thinks of it; but
        // not where new things want an approval, for this may be one.
        let unread = found.is_none() && !self.upstream.is_known();
        if unread && !self.upstream.settings.pins.lets_in_unlisted() {
            return Err(self.upstream.unread());
        }
        let unlisted = if unread { self.naming.unlisted(&name) } else { None };
        let original = found.map(|item| item.key.as_str()).or(unlisted);
        original.map(str::to_owned).ok_or_else(|| unknown(code, what, &name, &self.view))
    }

    /// Refuses a request for what waits for an approval.
    pub(super) fn check_approved(&self) -> Result<()> {
        self.upstream.admits(self.subject_of().map(|kind| (kind, self.original.as_str())))
    }

    /// What it asks for by a name, or an address, that may wait for an approval.
    fn subject_of(&self) -> Option<Kind> {
        match self.method {
            Method::ToolsCall => Some(Kind::Tool),
            Method::PromptsGet => Some(Kind::Prompt),
            Method::ResourcesRead => Some(Kind::Resource),
            Method::Complete => {
                let of_prompt = raw::at(&self.params, &["ref", "type"]) == Some("\"ref/prompt\"");
                Some(if of_prompt { Kind::Prompt } else { Kind::Template })
            }
            _ => None,
        }
    }
}
