//! The credentials of one principal at one upstream, got and kept by OAuth.
//!
//! Requests read the current header without a lock. Only who finds none waits, and of those one does the work.

mod discover;
mod identify;
mod login;
mod record;
mod renew;
mod revoke;

use crate::oauth::address::Address;
use crate::oauth::assertion;
use crate::oauth::challenge;
use crate::oauth::web::Web;
use crate::vault::{Slot, Vault};
use arc_swap::ArcSwapOption;
use base::network::guard::Guard;
use base::ports::{
    self, Authorization, Challenge, Grant, LoggedOut, Login, OauthSettings, Principal, Standing, UpstreamCredentials,
    Wait,
};
use base::{Code, Error, Result, clock, task};
use login::Pending;
use record::Record;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// Gives accounts whose tokens lie in a vault.
pub struct Broker {
    vault: Vault,
}

impl Broker {
    /// A broker over `vault`.
    pub fn new(vault: Vault) -> Self {
        Self { vault }
    }
}

impl UpstreamCredentials for Broker {
    fn account(
        &self,
        principal: &Principal,
        name: &str,
        url: &str,
        settings: &OauthSettings,
    ) -> Result<Arc<dyn ports::Account>> {
        // A WebSocket begins as a request over HTTP, and its metadata are where that goes (RFC 6455, section 3).
        let web = url.strip_prefix("ws").filter(|_| url.starts_with("ws://") || url.starts_with("wss://"));
        let web = web.map(|rest| format!("http{rest}"));
        let endpoint = Address::parse(web.as_deref().unwrap_or(url)).map_err(|why| {
            let next = "write it as https://host/path";
            Error::new(Code::ConfigInvalidValue, format!("the `url` of `{name}` {why}"), next).of_upstream(name)
        })?;
        if let Some(pem) = &settings.private_key {
            assertion::check(pem.expose()).map_err(|error| error.of_upstream(name))?;
        }
        let guard = Guard::of(endpoint.host(), &settings.private_hosts);
        Ok(Arc::new(Account(Arc::new(Inner {
            slot: Slot { principal: principal.clone(), upstream: name.to_owned(), kind: "oauth" },
            web: Web::new(name, guard),
            name: name.to_owned(),
            endpoint,
            settings: settings.clone(),
            vault: self.vault.clone(),
            current: ArcSwapOption::empty(),
            state: tokio::sync::Mutex::default(),
            login: std::sync::Mutex::default(),
        }))))
    }
}

/// An account. What changes tokens runs as a task of its own: a refresh token that was used is gone, so the answer must be
/// kept also when whoever asked has left.
struct Account(Arc<Inner>);

struct Inner {
    name: String,
    endpoint: Address,
    settings: OauthSettings,
    slot: Slot,
    vault: Vault,
    web: Web,
    current: ArcSwapOption<Current>,
    /// Held while tokens are got. Requests that have a token never ask for it.
    state: tokio::sync::Mutex<State>,
    login: std::sync::Mutex<Option<Pending>>,
}

/// What requests carry.
struct Current {
    header: Authorization,
    /// Until when that will do without a thought, since 1970.
    fresh_until: Option<Duration>,
}

#[derive(Default)]
struct State {
    loaded: bool,
    record: Option<Record>,
    /// When the token was got by this process.
    renewed: Option<Instant>,
    /// The last failure that waiting may mend.
    trouble: Option<(Instant, Error)>,
}

/// How long a failure is answered with the same words, so that a server in trouble is not asked for each call.
const CALM: Duration = Duration::from_secs(5);

/// How long after it was got the refusal of a token is no reason to get another.
const NEW: Duration = Duration::from_secs(30);

impl Inner {
    /// The current header if it is fresh.
    fn header(&self) -> Option<Authorization> {
        let current = self.current.load();
        let current = current.as_deref()?;
        let fresh = current.fresh_until.is_none_or(|until| clock::wall() < until);
        fresh.then(|| current.header.clone())
    }

    /// What the vault holds for this very endpoint. Tokens for another address under the same name are not ours to show.
    async fn load(&self, state: &mut State) -> Result<()> {
        if state.loaded {
            return Ok(());
        }
        let kept = self.vault.get(&self.slot).await?;
        let record = kept.as_deref().and_then(Record::from_bytes);
        state.record = record.and_then(|record| record.fitting(self.endpoint.text(), &self.settings));
        state.loaded = true;
        self.publish(state);
        Ok(())
    }

    /// Keeps the record on disk, and lets requests use its token.
    async fn keep(&self, state: &mut State, record: Record) -> Result<()> {
        let kept = self.vault.put(&self.slot, &record.to_bytes()).await;
        state.record = Some(record);
        state.loaded = true;
        self.publish(state);
        kept
    }

    fn publish(&self, state: &State) {
        let current = state.record.as_ref().and_then(|record| {
            let access = record.access.as_ref()?;
            let header = base::Secret::new(Arc::from(format!("Bearer {}", access.expose())));
            Some(Arc::new(Current { header, fresh_until: record.fresh_until() }))
        });
        self.current.store(current);
    }

    async fn obtain(&self) -> Result<Authorization> {
        let mut state = self.state.lock().await;
        // What was sealed with another key is as good as lost: a login puts another in its place.
        self.load(&mut state).await.map_err(|error| match error.code() {
            Code::VaultSealed => self.login_needed(error.message()),
            _ => error,
        })?;
        match self.header() {
            Some(header) => Ok(header),
            None => self.renew(&mut state, None).await,
        }
    }

    async fn challenged(&self, refusal: Challenge) -> Result<Option<Authorization>> {
        let bearer = challenge::bearer(&refusal.headers);
        let mut state = self.state.lock().await;
        // Not the reason of the refusal: what cannot be read is renewed.
        let _ = self.load(&mut state).await;
        let scopes = bearer.as_ref().and_then(|bearer| bearer.scope.as_deref());
        if refusal.status == 403 {
            let insufficient = bearer.as_ref().and_then(|bearer| bearer.error.as_deref()) == Some("insufficient_scope");
            return if insufficient { self.step_up(&mut state, scopes).await.map(Some) } else { Ok(None) };
        }
        if let (Some(header), Some(sent)) = (self.header(), &refusal.sent)
            && header != *sent
        {
            return Ok(Some(header));
        }
        self.rejected(&mut state, bearer).await.map(Some)
    }

    fn login_needed(&self, why: &str) -> Error {
        let name = &self.name;
        let message = format!("`{name}` needs a login: {why}");
        Error::new(Code::LoginNeeded, message, format!("run `tutti server login {name}`")).of_upstream(name)
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Option<Pending>> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn log_out(&self) -> Result<LoggedOut> {
        let mut state = self.state.lock().await;
        *self.pending() = None;
        // What cannot be opened cannot be ended elsewhere, and goes all the same.
        let _ = self.load(&mut state).await;
        let there = self.vault.delete(&self.slot).await?;
        let record = std::mem::replace(&mut *state, State { loaded: true, ..State::default() }).record;
        self.publish(&state);
        // Only now: whatever comes of it, nothing is kept here.
        drop(state);
        let revoked = match record {
            Some(record) => self.revoke(&record).await,
            None => None,
        };
        Ok(LoggedOut { there, revoked })
    }

    async fn standing(&self) -> Result<Standing> {
        let mut state = self.state.lock().await;
        let _ = self.load(&mut state).await;
        let by_itself = self.settings.grant == Grant::ClientCredentials;
        let record = state.record.as_ref();
        let usable = record.is_some_and(|record| record.refresh.is_some() || record.is_valid());
        Ok(Standing {
            ready: by_itself || usable,
            issuer: record.map(|record| record.issuer.clone()),
            scopes: record.map(|record| record.granted.clone()).unwrap_or_default(),
            expires_at: record.and_then(|record| record.expires_at).map(|at| at.as_secs()),
        })
    }
}

/// Runs `work` to its end, also when nobody waits for it any more.
async fn detached<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let done = task::spawn_light(work).await;
    done.map_err(|error| Error::internal(format!("getting a token failed: {error}")))?
}

impl ports::Account for Account {
    fn header(&self) -> Option<Authorization> {
        self.0.header()
    }

    fn obtain(&self) -> Wait<'_, Authorization> {
        let inner = Arc::clone(&self.0);
        Box::pin(detached(async move { inner.obtain().await }))
    }

    fn challenged(&self, challenge: Challenge) -> Wait<'_, Option<Authorization>> {
        let inner = Arc::clone(&self.0);
        Box::pin(detached(async move { inner.challenged(challenge).await }))
    }

    fn begin_login(&self, redirect_uri: String) -> Wait<'_, Login> {
        let inner = Arc::clone(&self.0);
        Box::pin(detached(async move { inner.begin_login(redirect_uri).await }))
    }

    fn finish_login(&self, query: String) -> Wait<'_, ()> {
        let inner = Arc::clone(&self.0);
        Box::pin(detached(async move { inner.finish_login(&query).await }))
    }

    fn log_out(&self) -> Wait<'_, LoggedOut> {
        let inner = Arc::clone(&self.0);
        Box::pin(detached(async move { inner.log_out().await }))
    }

    fn standing(&self) -> Wait<'_, Standing> {
        Box::pin(self.0.standing())
    }
}

#[cfg(test)]
mod tests;
