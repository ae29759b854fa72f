//! Keys, and who shows which: each key is a principal of its own.
//!
//! All that is kept for clients is kept for their principal. What a principal is known by is the name of its key, so a
//! key can be exchanged and its sessions go on.

mod read;
mod ring;
mod shown;

pub use read::{read, read_teams};
pub(crate) use ring::Ring;
pub(crate) use shown::Shown;

use base::secret::Digest;
use base::{Code, Error, Result, Secret};
use llm::Caller;
use llm::caller::Tokens;
use resilience::bucket::Rate;
use spending::Budget;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;

/// Who shows `key` of the configuration, comes in where none is wanted, or is on this machine: whoever runs the hub.
pub const LOCAL: &str = "local";

/// What those are known by who have shown nothing.
const STRANGER: &str = "(stranger)";

/// The shortest key, in characters: 24 random ones of base64 hold 144 bits, of hexadecimal 96.
pub const SHORTEST: usize = 24;

/// How many different characters a key must have. A random one has more; `aaaaaaaa…` and `password1password1` do not.
const DIFFERENT: usize = 10;

/// The keys of a hub, as configured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keys {
    /// That of whoever runs the hub, which opens everything.
    pub operator: Option<Secret<String>>,
    /// Those of clients, which open the endpoints of the protocol and of models.
    pub clients: Vec<Key>,
    /// What teams may spend on models.
    pub teams: Vec<Budget>,
}

/// The key of a principal.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// What the principal is known by.
    pub name: String,
    /// The key itself.
    pub key: Secret<String>,
    /// The only views that it opens; none means all.
    pub views: Option<Vec<String>>,
    /// The only models that may be asked for with it, by the names that clients use; a `*` at the end stands for any rest.
    /// None means all.
    pub models: Option<Vec<String>>,
    /// How many requests may come with it, over all its clients together.
    pub rate: Option<Rate>,
    /// How many tokens of models may be used with it.
    pub tokens: Option<Rate>,
    /// The team that it belongs to.
    pub team: Option<String>,
    /// What may be spent with it on models.
    pub budget: Option<Budget>,
}

impl Key {
    /// One that opens everything that keys of clients open.
    pub fn plain(name: String, key: Secret<String>) -> Self {
        Self { name, key, views: None, models: None, rate: None, tokens: None, team: None, budget: None }
    }
}

impl Keys {
    /// That of whoever runs the hub, and no other.
    pub fn of_operator(key: Option<Secret<String>>) -> Self {
        Self { operator: key, ..Self::default() }
    }

    /// What may be spent on models with each key, and by each team.
    pub fn budgets(&self) -> Vec<Budget> {
        let keys = self.clients.iter().filter_map(|key| key.budget.clone());
        keys.chain(self.teams.iter().cloned()).collect()
    }

    /// Whether there is none, so that none is wanted.
    pub fn is_empty(&self) -> bool {
        self.operator.is_none() && self.clients.is_empty()
    }
}

/// Who comes in.
pub struct Visitor {
    /// What it is known by.
    pub(crate) principal: Arc<str>,
    /// How many requests may come from it, if it has a rate of its own.
    pub(crate) rate: Option<Rate>,
    /// Cancelled when it may not come in any more, or not as it did.
    pub(crate) revoked: CancellationToken,
    views: Option<Vec<String>>,
    caller: Caller,
    operator: bool,
    digest: Option<Digest>,
    /// How many requests came, also with an earlier key of the same name.
    requests: Arc<AtomicU64>,
}

impl Visitor {
    /// Whoever runs the hub, with a key or without.
    pub(crate) fn local(key: Option<&Secret<String>>) -> Self {
        Self {
            principal: LOCAL.into(),
            rate: None,
            revoked: CancellationToken::new(),
            views: None,
            caller: Caller::local(LOCAL.into()),
            operator: true,
            digest: key.map(|key| Digest::of(key.expose().as_bytes())),
            requests: Arc::default(),
        }
    }

    /// Somebody who has shown nothing, and may nothing.
    pub(crate) fn stranger() -> Self {
        let caller = Caller { models: Some(Arc::default()), ..Caller::local(STRANGER.into()) };
        Self { principal: STRANGER.into(), views: Some(Vec::new()), caller, operator: false, ..Self::local(None) }
    }

    fn of(key: &Key) -> Self {
        let principal: Arc<str> = key.name.as_str().into();
        Self {
            caller: Caller {
                principal: Arc::clone(&principal),
                team: key.team.as_deref().map(Arc::from),
                run: None,
                through: None,
                models: key.models.clone().map(Arc::from),
                tokens: key.tokens.map(|rate| Arc::new(Tokens::new(rate))),
                trace: None,
                booking: None,
                spent: None,
            },
            principal,
            rate: key.rate,
            views: key.views.clone(),
            operator: false,
            ..Self::local(Some(&key.key))
        }
    }

    /// Whether it may see this view, given by its name or that of a variant of it.
    pub(crate) fn may_see(&self, view: &str) -> bool {
        let view = view.split('?').next().unwrap_or_default();
        self.views.as_ref().is_none_or(|views| views.iter().any(|own| own == view))
    }

    /// For whom models are asked that it asks for.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether it may do what only whoever runs the hub may.
    pub(crate) fn is_operator(&self) -> bool {
        self.operator
    }

    /// Whether the same may come in with the same key as for `other`.
    fn is_as(&self, other: &Self) -> bool {
        let same_key = match (&self.digest, &other.digest) {
            (Some(own), Some(others)) => own.is(others),
            (None, None) => true,
            _ => false,
        };
        let rights = |one: &Self| (Arc::clone(&one.principal), one.views.clone(), one.rate, one.caller.rights());
        same_key && rights(self) == rights(other)
    }

    /// The same, with one request more.
    pub(crate) fn counted(self: &Arc<Self>) -> Arc<Self> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        Arc::clone(self)
    }

    /// How many requests came so far.
    fn count(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

/// Refuses a key that could be guessed. `what` names it.
pub fn check(key: &Secret<String>, what: &str) -> Result<()> {
    let key = key.expose();
    let mut different: Vec<char> = key.chars().collect();
    different.sort_unstable();
    different.dedup();
    let printable = key.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if key.chars().count() >= SHORTEST && different.len() >= DIFFERENT && printable {
        return Ok(());
    }
    Err(Error::new(
        Code::KeyWeak,
        format!(
            "{what} must have at least {SHORTEST} printable characters without spaces, at least {DIFFERENT} of them different"
        ),
        "make one with `openssl rand -base64 32`",
    ))
}

#[cfg(test)]
mod tests;
