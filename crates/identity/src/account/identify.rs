//! Which client Tutti is at an authorization server.

use super::Inner;
use super::record::Record;
use crate::oauth::client::{Client, Method, Origin};
use crate::oauth::metadata::Server;
use crate::oauth::registration;
use crate::oauth::web::Post;
use base::{Code, Error, Result};

impl Inner {
    /// The client for `server`: what the operator registered, a document, or a registration (MCP, "Client Registration
    /// Approaches"). What one server knows is never shown to another.
    pub(super) async fn identify(
        &self,
        server: &Server,
        redirect_uri: &str,
        before: Option<&Record>,
        scopes: &[String],
    ) -> Result<Client> {
        if let Some(client) = self.configured(server, before)? {
            return Ok(client);
        }
        if let (Some(document), true) = (&self.settings.client_metadata_url, server.takes_documents) {
            return Ok(Client {
                id: document.clone(),
                secret: None,
                method: Method::None,
                origin: Origin::Document,
                redirect_uri: None,
            });
        }
        let known = before.filter(|record| record.issuer == server.issuer).map(|record| &record.client);
        if let Some(client) = known.filter(|client| {
            client.origin == Origin::Registered && client.redirect_uri.as_deref() == Some(redirect_uri)
        }) {
            return Ok(client.clone());
        }
        self.register(server, redirect_uri, scopes).await
    }

    /// The operator's client. Where it has a secret, an upstream that suddenly names another authorization server must not
    /// get it sent there.
    pub(super) fn configured(&self, server: &Server, before: Option<&Record>) -> Result<Option<Client>> {
        let Some(id) = &self.settings.client_id else { return Ok(None) };
        let same_client = |record: &&Record| record.client.origin == Origin::Configured && record.client.id == *id;
        if let Some(record) = before.filter(same_client)
            && self.settings.issuer.is_none()
            && record.issuer != server.issuer
        {
            return Err(self.changed(&record.issuer, &server.issuer));
        }
        let secret = self.settings.client_secret.clone();
        let method = Method::choose(&server.auth_methods, None, secret.is_some(), self.settings.private_key.is_some());
        Ok(Some(Client { id: id.clone(), secret, method, origin: Origin::Configured, redirect_uri: None }))
    }

    async fn register(&self, server: &Server, redirect_uri: &str, scopes: &[String]) -> Result<Client> {
        let name = &self.name;
        let refused = |why: String| {
            let message = format!("{} does not register Tutti as a client for `{name}`: {why}", server.issuer);
            let next = format!(
                "register a client there yourself (redirect address http://127.0.0.1/callback) and write its `client_id` under `servers.{name}.auth`"
            );
            Error::new(Code::ClientUnregistered, message, next).of_upstream(name)
        };
        let Some(endpoint) = &server.registration_endpoint else {
            return Err(refused("it takes no registrations".to_owned()));
        };
        let post = Post {
            content_type: "application/json",
            headers: Vec::new(),
            authorization: None,
            body: registration::request(redirect_uri, &server.auth_methods, scopes),
        };
        let reply = self.web.post(endpoint, post).await?;
        if !(200..300).contains(&reply.status) {
            let said: String = reply.body.chars().filter(|character| !character.is_control()).take(200).collect();
            return Err(refused(format!("HTTP status {} {said}", reply.status)));
        }
        registration::read(&reply.body, redirect_uri, &server.auth_methods)
            .map_err(|why| refused(format!("its answer {why}")))
    }
}
