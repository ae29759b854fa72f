//! What is kept of an account, as it lies sealed in the vault.

use crate::oauth::client::{Client, Method, Origin};
use crate::oauth::metadata::Server;
use crate::oauth::token::Tokens;
use base::ports::OauthSettings;
use base::{Secret, clock};
use serde_json::{Value, json};
use std::time::Duration;

/// Tokens and what belongs to them. All of it is for one endpoint and one issuer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// The upstream's endpoint.
    pub(super) endpoint: String,
    /// The authorization server.
    pub(super) issuer: String,
    /// Where it gives tokens.
    pub(super) token_endpoint: String,
    /// Where it ends them, if it does (RFC 7009).
    pub(super) revocation_endpoint: Option<String>,
    /// What the tokens are for (RFC 8707).
    pub(super) resource: String,
    /// Who got them.
    pub(super) client: Client,
    /// What was asked for.
    pub(super) asked: Vec<String>,
    /// What was granted.
    pub(super) granted: Vec<String>,
    /// What the upstream has wanted since.
    pub(super) wanted: Vec<String>,
    /// For requests.
    pub(super) access: Option<Secret<String>>,
    /// For other tokens.
    pub(super) refresh: Option<Secret<String>>,
    /// When the access token was got, since 1970.
    pub(super) obtained_at: Duration,
    /// When it ends.
    pub(super) expires_at: Option<Duration>,
}

/// How long before its end a token is renewed, at most.
const AHEAD: Duration = Duration::from_secs(60);

impl Record {
    /// A record without tokens yet.
    pub(super) fn new(endpoint: &str, server: Server, resource: String, client: Client) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            issuer: server.issuer,
            token_endpoint: server.token_endpoint.text().to_owned(),
            revocation_endpoint: server.revocation_endpoint.map(|address| address.text().to_owned()),
            resource,
            client,
            asked: Vec::new(),
            granted: Vec::new(),
            wanted: Vec::new(),
            access: None,
            refresh: None,
            obtained_at: Duration::ZERO,
            expires_at: None,
        }
    }

    /// The record, if it is for this endpoint and for what is configured now. The secret of a configured client is the one
    /// that stands in the configuration.
    pub(super) fn fitting(mut self, endpoint: &str, settings: &OauthSettings) -> Option<Self> {
        let issuer = settings.issuer.as_ref().is_none_or(|issuer| *issuer == self.issuer);
        let client = match self.client.origin {
            Origin::Configured => {
                self.client.secret.clone_from(&settings.client_secret);
                settings.client_id.as_ref() == Some(&self.client.id)
            }
            Origin::Document => {
                settings.client_id.is_none() && settings.client_metadata_url.as_ref() == Some(&self.client.id)
            }
            Origin::Registered => settings.client_id.is_none(),
        };
        (self.endpoint == endpoint && issuer && client).then_some(self)
    }

    /// Puts new tokens in the place of the old. A server that rotates refresh tokens sends another; one that does not, none.
    pub(super) fn take(&mut self, tokens: Tokens, asked: Vec<String>) {
        self.granted = tokens.scopes.unwrap_or_else(|| asked.clone());
        self.asked = asked;
        self.access = Some(tokens.access);
        self.refresh = tokens.refresh.or(self.refresh.take());
        self.expires_at = tokens.expires_at;
        self.obtained_at = clock::wall();
    }

    /// Until when the token will do without a thought.
    pub(super) fn fresh_until(&self) -> Option<Duration> {
        let end = self.expires_at?;
        // There is no point in renewing ahead what cannot be renewed.
        if self.refresh.is_none() {
            return Some(end);
        }
        let life = end.saturating_sub(self.obtained_at);
        Some(end.saturating_sub((life / 5).min(AHEAD)))
    }

    /// Whether the access token has not ended.
    pub(super) fn is_valid(&self) -> bool {
        self.access.is_some() && self.expires_at.is_none_or(|end| clock::wall() < end)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let secret = |secret: &Option<Secret<String>>| secret.as_ref().map(|secret| secret.expose().clone());
        let client = &self.client;
        let own_secret = client.secret.clone().filter(|_| client.origin == Origin::Registered);
        json!({
            "endpoint": self.endpoint,
            "issuer": self.issuer,
            "token_endpoint": self.token_endpoint,
            "revocation_endpoint": self.revocation_endpoint,
            "resource": self.resource,
            "client": {
                "id": client.id,
                "secret": secret(&own_secret),
                "method": client.method.name(),
                "origin": ORIGINS.iter().find(|(origin, _)| *origin == client.origin).map(|(_, word)| word),
                "redirect_uri": client.redirect_uri,
            },
            "asked": self.asked,
            "granted": self.granted,
            "wanted": self.wanted,
            "access": secret(&self.access),
            "refresh": secret(&self.refresh),
            "obtained_at": self.obtained_at.as_secs(),
            "expires_at": self.expires_at.map(|at| at.as_secs()),
        })
        .to_string()
        .into_bytes()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let json: Value = base::json::from_bytes(bytes).ok()?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let secret = |value: &Value| text(value).map(Secret::new);
        let texts = |value: &Value| value.as_array().into_iter().flatten().filter_map(text).collect();
        let client = &json["client"];
        Some(Self {
            endpoint: text(&json["endpoint"])?,
            issuer: text(&json["issuer"])?,
            token_endpoint: text(&json["token_endpoint"])?,
            revocation_endpoint: text(&json["revocation_endpoint"]),
            resource: text(&json["resource"])?,
            client: Client {
                id: text(&client["id"])?,
                secret: secret(&client["secret"]),
                method: Method::named(client["method"].as_str()?)?,
                origin: ORIGINS.iter().find(|(_, word)| client["origin"] == *word)?.0,
                redirect_uri: text(&client["redirect_uri"]),
            },
            asked: texts(&json["asked"]),
            granted: texts(&json["granted"]),
            wanted: texts(&json["wanted"]),
            access: secret(&json["access"]),
            refresh: secret(&json["refresh"]),
            obtained_at: Duration::from_secs(json["obtained_at"].as_u64()?),
            expires_at: json["expires_at"].as_u64().map(Duration::from_secs),
        })
    }
}

const ORIGINS: [(Origin, &str); 3] =
    [(Origin::Configured, "configured"), (Origin::Document, "document"), (Origin::Registered, "registered")];

#[cfg(test)]
mod tests;
