//! Finding out where tokens for an upstream come from.

use super::Inner;
use crate::oauth::address::Address;
use crate::oauth::challenge::{self, Bearer};
use crate::oauth::metadata::{Resource, Server};
use crate::oauth::web::Post;
use crate::oauth::well_known;
use base::ports::Grant;
use base::{Code, Error, Result};
use mcp::client::handshake;
use mcp::{Method, header, version, write};

/// What was found.
pub(super) struct Found {
    /// What the tokens are to be for, exactly as the resource names itself.
    pub(super) resource: String,
    /// The scopes that the resource knows.
    pub(super) scopes: Option<Vec<String>>,
    /// The authorization server.
    pub(super) server: Server,
}

impl Inner {
    /// Asks the upstream without a credential, to hear what it wants. A server that wants nothing for this request says
    /// nothing; then the well-known addresses must do.
    pub(super) async fn probe(&self) -> Result<Option<Bearer>> {
        let post = Post {
            content_type: "application/json",
            headers: vec![
                ("accept", "application/json, text/event-stream".to_owned()),
                (header::PROTOCOL_VERSION, version::LATEST_MODERN.to_owned()),
                (header::METHOD, Method::ToolsList.name().to_owned()),
            ],
            authorization: None,
            body: write::request(1, Method::ToolsList.name(), &handshake::modern_params()),
        };
        let reply = self.web.post_own(&self.endpoint, post).await?;
        Ok(challenge::bearer(&reply.challenges).filter(|_| reply.status == 401 || reply.status == 403))
    }

    /// Finds the authorization server: from the resource's metadata, or as MCP 2025-03-26 had it where there is none.
    pub(super) async fn discover(&self, challenge: Option<&Bearer>) -> Result<Found> {
        let named = challenge.and_then(|bearer| bearer.resource_metadata.as_deref());
        match self.resource(named).await? {
            Some(resource) => {
                let issuer = self.choose(&resource)?;
                let server = self.server(&issuer).await?.ok_or_else(|| {
                    let message =
                        format!("{issuer} has no metadata, so it cannot be found out how `{}` logs in", self.name);
                    self.not_found(message)
                })?;
                Ok(Found { resource: resource.resource, scopes: resource.scopes, server })
            }
            None => {
                let origin = self.endpoint.origin();
                let server = match self.server(&origin).await? {
                    Some(server) => server,
                    None if self.settings.grant == Grant::ClientCredentials || !self.may_assume() => {
                        let message = format!("`{}` says nowhere which authorization server it trusts", self.name);
                        return Err(self.not_found(message));
                    }
                    None => Server::assumed(&self.endpoint, self.web.guard())
                        .map_err(|why| self.web.untrusted(&self.endpoint, &why))?,
                };
                Ok(Found { resource: self.endpoint.text().to_owned(), scopes: None, server })
            }
        }
    }

    /// Whether endpoints may be guessed: not where the operator named an authorization server that is another.
    fn may_assume(&self) -> bool {
        self.settings.issuer.as_ref().is_none_or(|issuer| *issuer == self.endpoint.origin())
    }

    async fn resource(&self, named: Option<&str>) -> Result<Option<Resource>> {
        for place in well_known::of_resource(&self.endpoint, named) {
            let address = self.address(&place)?;
            let reply = self.web.get(&address).await?;
            if reply.is_document() {
                let read = Resource::read(&reply.body, &self.endpoint);
                return read.map(Some).map_err(|why| self.web.untrusted(&address, &format!("it {why}")));
            }
            if !reply.is_missing() {
                return Err(self.web.unreachable(&address, &format!("HTTP status {}", reply.status)));
            }
            if named.is_some() {
                let message = format!("`{}` says that its metadata is at {place}, where there is none", self.name);
                return Err(self.not_found(message));
            }
        }
        Ok(None)
    }

    /// The issuer to go to: the operator's, or the first that the resource names.
    fn choose(&self, resource: &Resource) -> Result<String> {
        let named = &resource.authorization_servers;
        match &self.settings.issuer {
            Some(wanted) if named.contains(wanted) => Ok(wanted.clone()),
            Some(wanted) => Err(self.changed(wanted, named.first().map_or("nobody", String::as_str))),
            None => named.first().cloned().ok_or_else(|| {
                self.not_found(format!("the metadata of `{}` names no authorization server", self.name))
            }),
        }
    }

    async fn server(&self, issuer: &str) -> Result<Option<Server>> {
        for place in well_known::of_issuer(&self.address(issuer)?) {
            let address = self.address(&place)?;
            let reply = self.web.get(&address).await?;
            if reply.is_document() {
                let read = Server::read(&reply.body, issuer, self.settings.grant, self.web.guard());
                return read.map(Some).map_err(|why| self.web.untrusted(&address, &format!("it {why}")));
            }
            if !reply.is_missing() {
                return Err(self.web.unreachable(&address, &format!("HTTP status {}", reply.status)));
            }
        }
        Ok(None)
    }

    fn address(&self, text: &str) -> Result<Address> {
        Address::parse(text).map_err(|why| {
            let shown: String = text.chars().filter(|character| !character.is_control()).take(200).collect();
            let message = format!("to log in to `{}`, an address was named that {why}: {shown}", self.name);
            let next = "tell who runs that server; Tutti goes no further, for your safety";
            Error::new(Code::OauthMetadata, message, next).of_upstream(&self.name)
        })
    }

    fn not_found(&self, message: String) -> Error {
        let next =
            format!("check the `url` of `{0}`; if it takes a fixed key, write it under `headers` instead", self.name);
        Error::new(Code::OauthDiscovery, message, next).of_upstream(&self.name)
    }

    /// The error for credentials that are another server's.
    pub(super) fn changed(&self, ours: &str, theirs: &str) -> Error {
        let name = &self.name;
        let theirs: String = theirs.chars().filter(|character| !character.is_control()).take(200).collect();
        let message = format!("`{name}` names the authorization server {theirs}, and its credentials are for {ours}");
        let next = format!(
            "if that is right, write `issuer: {theirs}` under `servers.{name}.auth` with the credentials for it"
        );
        Error::new(Code::IssuerChanged, message, next).of_upstream(name)
    }
}
