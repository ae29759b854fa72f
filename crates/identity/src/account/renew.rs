//! Getting tokens without a person.

use super::record::Record;
use super::{CALM, Inner, NEW, State};
use crate::oauth::address::Address;
use crate::oauth::assertion::Key;
use crate::oauth::challenge::Bearer;
use crate::oauth::token::{self, Failure, Tokens};
use crate::oauth::web::Post;
use crate::oauth::{form, scope};
use base::ports::{Authorization, Grant};
use base::{Code, Error, Result, clock};

/// A request for tokens.
pub(super) struct Ask {
    pub(super) grant: &'static str,
    pub(super) parameters: Vec<(&'static str, String)>,
}

impl Inner {
    /// Gets another token, if that can be done without a person.
    pub(super) async fn renew(&self, state: &mut State, challenge: Option<Bearer>) -> Result<Authorization> {
        if let Some((when, error)) = &state.trouble
            && clock::now().duration_since(*when) < CALM
        {
            return self.rest(state).ok_or_else(|| error.clone());
        }
        let done = match self.settings.grant {
            Grant::ClientCredentials => self.fetch(state, challenge, &[]).await,
            Grant::AuthorizationCode => self.refresh(state).await,
        };
        match done {
            Ok(()) => {
                (state.trouble, state.renewed) = (None, Some(clock::now()));
                self.header().ok_or_else(|| self.login_needed("its authorization server gives tokens that have ended"))
            }
            Err(error) => {
                if error.code() != Code::LoginNeeded {
                    state.trouble = Some((clock::now(), error.clone()));
                }
                self.rest(state).ok_or(error)
            }
        }
    }

    /// A token that is near its end, and could not be renewed, but has not ended.
    fn rest(&self, state: &State) -> Option<Authorization> {
        let valid = state.record.as_ref().is_some_and(Record::is_valid);
        let current = self.current.load();
        current.as_deref().filter(|_| valid).map(|current| current.header.clone())
    }

    /// The current token was refused.
    pub(super) async fn rejected(&self, state: &mut State, challenge: Option<Bearer>) -> Result<Authorization> {
        let is_new = state.renewed.is_some_and(|when| clock::now().duration_since(when) < NEW);
        if is_new {
            let name = &self.name;
            let message = format!("`{name}` refuses even a new token");
            let next = format!("look into its log, or log in again: `tutti server login {name}`");
            return Err(Error::new(Code::LoginNeeded, message, next).of_upstream(name));
        }
        if let Some(record) = &mut state.record {
            record.access = None;
        }
        self.publish(state);
        let renewed = self.renew(state, challenge).await;
        if let (Err(error), Some(record)) = (&renewed, state.record.clone())
            && error.code() == Code::LoginNeeded
        {
            self.keep(state, record).await?;
        }
        renewed
    }

    /// The token is good but not for this: asks for more, once, if that can be done without a person.
    pub(super) async fn step_up(&self, state: &mut State, challenged: Option<&str>) -> Result<Authorization> {
        let wanted = scope::split(challenged.unwrap_or_default());
        let asked = state.record.as_ref().map(|record| record.asked.clone()).unwrap_or_default();
        let news = wanted.iter().any(|scope| !asked.contains(scope));
        if self.settings.grant == Grant::ClientCredentials && news && self.settings.scopes.is_none() {
            self.fetch(state, None, &wanted).await?;
            state.renewed = Some(clock::now());
            return self.header().ok_or_else(|| self.scope_needed(&wanted));
        }
        if news && let Some(mut record) = state.record.clone() {
            record.wanted = scope::split(&[record.wanted.as_slice(), &wanted].concat().join(" "));
            self.keep(state, record).await?;
        }
        Err(self.scope_needed(&wanted))
    }

    fn scope_needed(&self, wanted: &[String]) -> Error {
        let name = &self.name;
        let rights =
            if wanted.is_empty() { "more rights".to_owned() } else { format!("the rights {}", wanted.join(" ")) };
        let next = match (&self.settings.scopes, self.settings.grant) {
            (Some(_), _) => format!("add them to `scopes` under `servers.{name}.auth`"),
            (None, Grant::AuthorizationCode) => format!("run `tutti server login {name}` to ask for them"),
            (None, Grant::ClientCredentials) => "have them given to the client at the authorization server".to_owned(),
        };
        Error::new(Code::ScopeNeeded, format!("for this `{name}` wants {rights}"), next).of_upstream(name)
    }

    async fn refresh(&self, state: &mut State) -> Result<()> {
        let Some(record) = state.record.clone() else { return Err(self.login_needed("nobody has logged in yet")) };
        let Some(refresh) = &record.refresh else {
            return Err(self.login_needed("its token has ended or is refused, and there is no way to renew it"));
        };
        let ask = Ask { grant: "refresh_token", parameters: vec![("refresh_token", refresh.expose().clone())] };
        let mut record = record.clone();
        match self.ask(&record, ask).await {
            Ok(tokens) => {
                let (asked, granted) = (record.asked.clone(), record.granted.clone());
                let unsaid = tokens.scopes.is_none();
                record.take(tokens, asked);
                if unsaid {
                    record.granted = granted;
                }
                self.keep(state, record).await
            }
            // Another account of the same name may have used it first, in calls that outlived a change of the configuration.
            Err(error) if error.code() == Code::OauthRefused && self.newer(state).await => Ok(()),
            // The session is over, or the client is not known any more: only a person can begin another.
            Err(error) if error.code() == Code::OauthRefused => {
                (record.access, record.refresh) = (None, None);
                self.keep(state, record).await?;
                Err(self.login_needed(error.message()))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the vault has other tokens than those that were refused; they are taken over if they still hold.
    async fn newer(&self, state: &mut State) -> bool {
        let refused = state.record.as_ref().and_then(|record| record.refresh.clone());
        state.loaded = false;
        let loaded = self.load(state).await.is_ok();
        loaded && state.record.as_ref().is_some_and(|record| record.is_valid() && record.refresh != refused)
    }

    /// Gets a token with the hub's own credential (RFC 6749, section 4.4).
    async fn fetch(&self, state: &mut State, challenge: Option<Bearer>, more: &[String]) -> Result<()> {
        let challenge = match challenge {
            Some(challenge) => Some(challenge),
            None => self.probe().await?,
        };
        let found = self.discover(challenge.as_ref()).await?;
        let before = state.record.as_ref();
        let Some(client) = self.configured(&found.server, before)? else {
            let name = &self.name;
            let message = format!("`{name}` logs in by itself, and has no `client_id` for that");
            let next = format!("write `client_id` and `client_secret` (or `private_key`) under `servers.{name}.auth`");
            return Err(Error::new(Code::ClientUnregistered, message, next).of_upstream(name));
        };
        let kept = before.filter(|_| !more.is_empty()).map(|record| [&record.asked, more].concat()).unwrap_or_default();
        let asked = scope::choose(&scope::Sources {
            configured: self.settings.scopes.as_deref(),
            challenge: challenge.as_ref().and_then(|bearer| bearer.scope.as_deref()),
            resource: found.scopes.as_deref(),
            server: &found.server.scopes,
            kept: &kept,
            offline: false,
        });
        let mut record = Record::new(self.endpoint.text(), found.server, found.resource, client);
        let scopes = (!asked.is_empty()).then(|| ("scope", asked.join(" ")));
        let ask = Ask { grant: "client_credentials", parameters: scopes.into_iter().collect() };
        let tokens = self.ask(&record, ask).await?;
        record.take(tokens, asked);
        // What comes for the asking is asked for again; a refresh token would be one secret more.
        record.refresh = None;
        self.keep(state, record).await
    }

    /// Asks the token endpoint.
    pub(super) async fn ask(&self, record: &Record, ask: Ask) -> Result<Tokens> {
        let address = Address::parse(&record.token_endpoint)
            .map_err(|why| Error::internal(format!("a token endpoint that was kept {why}")))?;
        let now = clock::wall();
        let key = self.settings.private_key.as_ref();
        let key = key.map(|pem| Key { pem, id: self.settings.key_id.as_deref(), now });
        let proof = record.client.proof(&record.issuer, key)?;
        let mut pairs = vec![("grant_type", ask.grant.to_owned()), ("resource", record.resource.clone())];
        pairs.extend(ask.parameters);
        pairs.extend(proof.parameters);
        let post = Post {
            content_type: "application/x-www-form-urlencoded",
            headers: Vec::new(),
            authorization: proof.header,
            body: form::encode(pairs.iter().map(|(name, value)| (*name, value.as_str()))),
        };
        let reply = self.web.post(&address, post).await?;
        token::read(reply.status, &reply.body, now).map_err(|failure| match failure {
            Failure::Nonsense(why) => {
                self.web.unreachable(&address, &format!("the answer (HTTP status {}) {why}", reply.status))
            }
            Failure::Refused(error, description) => {
                let (issuer, name) = (&record.issuer, &self.name);
                let colon = if description.is_empty() { "" } else { ": " };
                let message = format!("{issuer} gives no token for `{name}`: {error}{colon}{description}");
                let next = format!("check what is written under `servers.{name}.auth`, or log in again");
                Error::new(Code::OauthRefused, message, next).of_upstream(name)
            }
        })
    }
}
