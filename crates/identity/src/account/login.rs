//! A person's login: from the address for the browser to tokens.

use super::Inner;
use super::discover::Found;
use super::record::Record;
use super::renew::Ask;
use crate::oauth::address::Address;
use crate::oauth::callback::{self, Expected, Wrong};
use crate::oauth::client::Client;
use crate::oauth::pkce::Verifier;
use crate::oauth::{form, scope};
use base::ports::{Grant, Login};
use base::{Code, Error, Result, Secret, clock, random};
use std::time::{Duration, Instant};

/// How long a login waits for its person.
const PATIENCE: Duration = Duration::from_secs(600);

/// A login that waits. The verifier never leaves this process.
pub(super) struct Pending {
    state: Secret<String>,
    verifier: Verifier,
    found: Found,
    client: Client,
    redirect_uri: String,
    scopes: Vec<String>,
    since: Instant,
}

impl Inner {
    pub(super) async fn begin_login(&self, redirect_uri: String) -> Result<Login> {
        let name = &self.name;
        if self.settings.grant == Grant::ClientCredentials {
            let message = format!("`{name}` logs in by itself (`grant: client_credentials`)");
            let next = format!("nothing; `tutti server test {name}` tries it");
            return Err(Error::new(Code::NoOauth, message, next).of_upstream(name));
        }
        if !comes_back_here(&redirect_uri) {
            let message = "the redirect address of a login is not http://127.0.0.1:PORT/callback";
            return Err(Error::new(Code::InvalidParams, message, "let `tutti server login` choose it"));
        }
        let challenge = self.probe().await?;
        let found = self.discover(challenge.as_ref()).await?;
        let mut state = self.state.lock().await;
        // What cannot be opened is replaced by this login.
        let _ = self.load(&mut state).await;
        let before = state.record.as_ref();
        let kept: Vec<String> = before
            .filter(|record| record.issuer == found.server.issuer)
            .map(|record| [record.asked.as_slice(), &record.wanted].concat())
            .unwrap_or_default();
        let scopes = scope::choose(&scope::Sources {
            configured: self.settings.scopes.as_deref(),
            challenge: challenge.as_ref().and_then(|bearer| bearer.scope.as_deref()),
            resource: found.scopes.as_deref(),
            server: &found.server.scopes,
            kept: &kept,
            offline: true,
        });
        let client = self.identify(&found.server, &redirect_uri, before, &scopes).await?;
        drop(state);
        let pending = Pending {
            state: Secret::new(random::hex::<32>()?),
            verifier: Verifier::new()?,
            client,
            found,
            redirect_uri,
            scopes,
            since: clock::now(),
        };
        let url = pending.url().ok_or_else(|| Error::internal("a login without an authorization endpoint"))?;
        let issuer = pending.found.server.issuer.clone();
        let login = Login { url, issuer, scopes: pending.scopes.clone(), patience: PATIENCE };
        *self.pending() = Some(pending);
        Ok(login)
    }

    pub(super) async fn finish_login(&self, query: &str) -> Result<()> {
        let (pending, code) = self.take_answer(query)?;
        let Pending { found, client, redirect_uri, scopes, verifier, .. } = pending;
        let mut record = Record::new(self.endpoint.text(), found.server, found.resource, client);
        let ask = Ask {
            grant: "authorization_code",
            parameters: vec![
                ("code", code),
                ("redirect_uri", redirect_uri),
                ("code_verifier", verifier.expose().to_owned()),
            ],
        };
        let tokens = self.ask(&record, ask).await?;
        record.take(tokens, scopes);
        let mut state = self.state.lock().await;
        state.renewed = None;
        state.trouble = None;
        self.keep(&mut state, record).await
    }

    /// The login that `query` answers, which then waits no more, and its code.
    fn take_answer(&self, query: &str) -> Result<(Pending, String)> {
        let name = &self.name;
        let again = format!("run `tutti server login {name}` again");
        let mut slot = self.pending();
        let Some(pending) = slot.take_if(|_| true).filter(|pending| clock::now() - pending.since < PATIENCE) else {
            let message = format!("no login to `{name}` waits for this answer");
            return Err(Error::new(Code::LoginExpired, message, again).of_upstream(name));
        };
        let server = &pending.found.server;
        let expected =
            Expected { state: pending.state.expose(), issuer: &server.issuer, names_itself: server.names_itself };
        match callback::code(query, &expected) {
            Ok(code) => Ok((pending, code)),
            Err(Wrong::Stranger) => {
                *slot = Some(pending);
                let message = format!("an answer came for a login to `{name}` that nobody began");
                let next = "nothing, if the login goes on; otherwise begin it again";
                Err(Error::new(Code::LoginMixedUp, message, next).of_upstream(name))
            }
            Err(Wrong::Mixed(why)) => {
                let message = format!("the answer to the login to `{name}` {why}; it was not used");
                let next = "somebody may be between you and the server: tell who runs it before you log in again";
                Err(Error::new(Code::LoginMixedUp, message, next).of_upstream(name))
            }
            Err(Wrong::Refused(error, description)) => {
                let colon = if description.is_empty() { "" } else { ": " };
                let message = format!("{} refused the login to `{name}`: {error}{colon}{description}", server.issuer);
                Err(Error::new(Code::OauthRefused, message, again).of_upstream(name))
            }
        }
    }
}

impl Pending {
    /// The address for the browser.
    fn url(&self) -> Option<String> {
        let endpoint = self.found.server.authorization_endpoint.as_ref()?;
        let (challenge, scopes) = (self.verifier.challenge(), self.scopes.join(" "));
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", &self.client.id),
            ("redirect_uri", &self.redirect_uri),
            ("state", self.state.expose()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", &self.found.resource),
        ];
        if !scopes.is_empty() {
            pairs.push(("scope", &scopes));
        }
        // OpenID Connect Core, section 11: without consent no refresh token is given.
        if self.scopes.iter().any(|scope| scope == "offline_access") {
            pairs.push(("prompt", "consent"));
        }
        let join = if endpoint.text().contains('?') { '&' } else { '?' };
        Some(format!("{}{join}{}", endpoint.text(), form::encode(pairs)))
    }
}

/// Whether a redirect address leads back to the machine of whoever logs in, and to nowhere else (RFC 8252, section 7.3).
fn comes_back_here(redirect_uri: &str) -> bool {
    let address = Address::parse(redirect_uri);
    address.is_ok_and(|address| {
        !address.is_encrypted() && ["127.0.0.1", "::1"].contains(&address.host()) && address.target() == "/callback"
    })
}
