//! An HTTP API as an upstream: its operations are the tools.
//!
//! What an operation means and what a call looks like is decided by the crate `openapi`; here the document is fetched
//! and requests are sent.

mod credentials;
mod load;
mod origin;

use crate::builtin::{Answer, Asked, Local};
use crate::config::{self, Server};
use base::{Error, Result, random};
use bytes::Bytes;
use credentials::Credentials;
use http::{HeaderName, HeaderValue, Method, Uri};
use http_body_util::Full;
use load::Loaded;
use mcp::{client::local::Line, raw, version::meta};
use openapi::{Address, Api};
use origin::Origin;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// How many redirections within the API a request follows.
const HOPS: usize = 3;

/// An API that is served.
pub struct OpenApi {
    name: String,
    api: Api,
    origin: Origin,
    credentials: Credentials,
}

impl OpenApi {
    /// Reads the document and makes tools of its operations. The API itself is not called.
    pub async fn open(server: &Server, settings: &config::OpenApi) -> Result<Self> {
        let of_server = |error: Error| error.of_upstream(&server.name);
        let credentials = Credentials::new(settings).map_err(of_server)?;
        let loaded = load::document(server, settings, &credentials).await.map_err(of_server)?;
        // A large document takes a while.
        let (copy, settings) = (server.clone(), settings.clone());
        let made = base::task::blocking(move || Self::made(&copy, &settings, credentials, &loaded)).await;
        made.and_then(|made| made).map_err(of_server)
    }

    /// Of a document and its tools; nothing is sent.
    fn made(server: &Server, settings: &config::OpenApi, credentials: Credentials, loaded: &Loaded) -> Result<Self> {
        let options = openapi::Options {
            selection: settings.selection.clone(),
            base: settings.base.clone(),
            source: loaded.source.clone(),
            headers: credentials.header_names(),
            queries: credentials.query_names(),
            cookies: credentials.cookie_names(),
            slashes: settings.encoded_slashes,
            transforms: settings.transforms.clone(),
        };
        let api = Api::new(&loaded.document, &options)?;
        let origin = Origin::new(&server.name, &api.address, server.limits.message)?;
        Ok(Self { name: server.name.clone(), api, origin, credentials })
    }

    /// What the operator should know, one line each.
    pub fn notices(&self) -> Vec<String> {
        self.api.notices()
    }

    /// Sends the request for a call, with the key by which the API recognises it when it is sent once more.
    async fn answer(&self, tool: &str, arguments: &Map<String, Value>, key: Option<String>) -> Result<String> {
        let operation = self.api.called(&self.name, tool)?;
        let request = match self.api.request(operation, arguments, &format!("tutti-{}", random::hex::<16>()?)) {
            Ok(request) => request.with_key(key.as_deref()),
            // A model reads what was wrong and tries again.
            Err(error) => return Ok(openapi::refused_arguments(&error.of_upstream(&self.name))),
        };
        let mut request = self.http(&request)?;
        for _ in 0..HOPS {
            let answer = self.origin.send(request.clone()).await?;
            let reads = matches!(*request.method(), Method::GET | Method::HEAD);
            match answer.location.as_deref().and_then(|location| self.within(location)) {
                Some(target) if reads && (300..=399).contains(&answer.status) => *request.uri_mut() = target,
                _ => return Ok(operation.result(&answer, arguments)),
            }
        }
        Err(openapi::endless(&self.name))
    }

    /// The path that a redirection leads to, if it stays where the API is.
    fn within(&self, location: &str) -> Option<Uri> {
        let target = if location.starts_with('/') && !location.starts_with("//") {
            location.to_owned()
        } else {
            let (address, target) = Address::parse_resource(location).ok()?;
            address.same_origin(&self.api.address).then_some(target)?
        };
        // The key in the query was not repeated by the API, or was, and either way is set once.
        self.credentials.target(&target)
    }

    fn http(&self, request: &openapi::Request) -> Result<http::Request<Full<Bytes>>> {
        let impossible = || Error::internal("an API was to be sent a request that is none");
        let target = self.credentials.target(&request.target).ok_or_else(impossible)?;
        let body = request.body.clone().unwrap_or_default();
        let mut out = http::Request::new(Full::new(Bytes::from(body)));
        *out.method_mut() = Method::from_bytes(request.method.as_bytes()).map_err(|_| impossible())?;
        *out.uri_mut() = target;
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| impossible())?;
            out.headers_mut().insert(name, HeaderValue::from_str(value).map_err(|_| impossible())?);
        }
        self.origin.complete(out.headers_mut());
        self.credentials.put(out.headers_mut())?;
        Ok(out)
    }
}

/// What the operator should know of an API whose document is a file, one line each; nothing where it is none. Nothing is
/// sent.
pub fn look(server: &Server, settings: &config::OpenApi) -> Option<Result<Vec<String>>> {
    let config::Document::File(path, _) = &settings.document else { return None };
    let look = || {
        let loaded = Loaded { document: load::from_file(path)?, source: None };
        let api = OpenApi::made(server, settings, Credentials::new(settings)?, &loaded)?;
        Ok(api.notices())
    };
    Some(look())
}

impl Local for OpenApi {
    fn describe(&self) -> Value {
        let info = json!({"name": self.api.title, "version": self.api.version});
        json!({"serverInfo": info, "capabilities": {"tools": {}}})
    }

    fn tools(&self) -> Vec<Value> {
        self.api.operations.iter().map(|operation| operation.definition.clone()).collect()
    }

    fn call(self: Arc<Self>, tool: String, arguments: Map<String, Value>) -> Answer {
        Box::pin(async move { self.answer(&tool, &arguments, None).await })
    }

    fn respond(self: Arc<Self>, asked: Asked, _: Line) -> Answer {
        match asked.method == mcp::Method::ToolsCall {
            false => self.ask(asked.method, asked.params),
            true => Box::pin(async move {
                let (tool, arguments) = asked.call()?;
                let key = raw::at(&asked.params, &["_meta", meta::IDEMPOTENCY]).and_then(raw::text);
                let key = key.and_then(|key| openapi::key::bound(&asked.principal, &key));
                self.answer(&tool, &arguments, key).await
            }),
        }
    }
}
