//! The way to a provider: how it is connected to, and what every request has.

use crate::config::{self, Kind};
use crate::failure::Failure;
use base::network::Connector;
use base::ports::{LocalAddress, LocalModel, ModelProcesses};
use base::{Code, Error, Result};
use exchange::head;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::net::SocketAddr;
use std::sync::Arc;

/// The way to a provider.
pub(super) struct Way {
    pub(super) connector: Connector,
    /// What every request has, credentials included.
    pub(super) headers: HeaderMap,
    /// The same as they are sent.
    pub(super) lines: Vec<u8>,
}

impl Way {
    /// The way to the provider `name`.
    ///
    /// # Errors
    /// There is none, as it is configured.
    pub(super) fn new(name: &str, settings: &config::Provider) -> Result<Self> {
        if let Some(fault) = &settings.fault {
            return Err(fault.clone());
        }
        let address = &settings.address;
        let connector = Connector::new(&address.host, address.port, address.encrypted)?;
        let mut headers = HeaderMap::new();
        let own = HeaderValue::from_str(&address.authority());
        headers.insert(header::HOST, own.map_err(|_| Error::internal("a host that was read cannot be written"))?);
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("tutti/", env!("CARGO_PKG_VERSION"))));
        let secret = |text: &str| {
            let mut value = HeaderValue::from_str(text).map_err(|_| {
                let message = format!("a credential of the provider `{name}` cannot be sent in a header");
                Error::new(Code::ConfigInvalidValue, message, "it must be one line of visible characters")
            })?;
            value.set_sensitive(true);
            Ok(value)
        };
        if let Some(key) = &settings.api_key {
            let (header, prefix) = match settings.kind {
                Kind::Anthropic => ("x-api-key", ""),
                Kind::Gemini => ("x-goog-api-key", ""),
                Kind::OpenAi | Kind::OpenAiCompatible | Kind::Ollama | Kind::Bedrock | Kind::Builtin => {
                    ("authorization", "Bearer ")
                }
            };
            headers.insert(HeaderName::from_static(header), secret(&format!("{prefix}{}", key.expose()))?);
        }
        for (header, value) in &settings.headers {
            // Their names were checked when they were read.
            if let Ok(header) = HeaderName::try_from(header.as_str()) {
                headers.insert(header, secret(value.expose())?);
            }
        }
        Ok(Self { connector, lines: head::lines(&headers), headers })
    }

    /// The way to the process of a model that this program runs itself, which is started if need be, and its address.
    ///
    /// # Errors
    /// There is no such model, or it cannot run.
    pub(super) async fn to_process(
        &self,
        deployment: &str,
        model: &LocalModel,
        processes: &Arc<dyn ModelProcesses>,
    ) -> Result<(Self, SocketAddr), Failure> {
        let reached = processes.reach(model).await;
        let LocalAddress { address, authorization } = reached.map_err(|error| match error.code() {
            Code::ModelUnknown => Failure::unasked(error),
            _ => Failure::of_deployment(error.of_upstream(deployment)),
        })?;
        let invalid = |_| Failure::unasked(Error::internal("the credential of a process cannot be sent"));
        let mut credential = HeaderValue::from_str(authorization.expose()).map_err(invalid)?;
        credential.set_sensitive(true);
        let mut headers = self.headers.clone();
        headers.insert(header::AUTHORIZATION, credential);
        // A connection is nothing beside an answer, and the next may be to another process.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        let connector = Connector::new(&address.ip().to_string(), address.port(), false).map_err(Failure::unasked)?;
        Ok((Self { connector, lines: head::lines(&headers), headers }, address))
    }
}
