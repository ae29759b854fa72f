//! On whose behalf a request goes through the hub.

use crate::results::Owner;
use mcp::Era;
use mcp::parameter::Headers;
use std::borrow::Cow;
use std::sync::Arc;

/// The client that a request comes from.
#[derive(Debug, Clone)]
pub struct Caller {
    /// How it speaks.
    pub era: Era,
    /// The protocol version that it speaks.
    pub version: &'static str,
    /// A number that no other client has while the process lives. Requests of clients that cannot be told apart have
    /// one each.
    pub number: u64,
    /// What servers may ask of it, as raw JSON: from its `initialize`, or from `_meta` of the request.
    pub capabilities: Arc<str>,
    /// The lowest level of log messages that it wants, a place in [`mcp::level::LEVELS`].
    pub level: Option<usize>,
    /// Headers of the request that go on to a modern upstream.
    pub headers: Headers,
    /// What the key is known by with which it came in.
    pub principal: Arc<str>,
    /// Who else may have results that are meant for it.
    pub owner: Owner,
    /// What all replicas of the hub call its session, where it has one that they know.
    pub session: Option<Arc<str>>,
    /// Counts what it sends, where that has a limit.
    pub toll: Option<Toll>,
}

/// Counts a call that a client makes by way of another one, as if it had sent it itself.
#[derive(Clone)]
pub struct Toll(Arc<dyn Fn() -> base::Result<()> + Send + Sync>);

impl Toll {
    /// A toll that `take` takes, or says why there is nothing left.
    pub fn new(take: impl Fn() -> base::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Takes it for one call.
    ///
    /// # Errors
    /// The one that the client would get had it sent the call itself.
    pub fn take(&self) -> base::Result<()> {
        (self.0)()
    }
}

impl std::fmt::Debug for Toll {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Toll")
    }
}

/// Something that an upstream asks of the client in the middle of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Names it within the call.
    pub key: u64,
    /// One of elicitation/create, sampling/createMessage, roots/list.
    pub method: mcp::Method,
    /// Raw JSON.
    pub params: String,
}

/// What a client answers: its result, or its error object, both raw JSON.
pub type Reply = Result<String, String>;

impl Caller {
    /// The part of what it can do that concerns servers: in a modern request the hub passes on no other.
    pub fn offered(&self, offers: mcp::capability::Offers) -> Cow<'_, str> {
        offers.narrow(&self.capabilities)
    }
}
