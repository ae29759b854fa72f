//! Where the document comes from: a file, or an address.

use super::credentials::Credentials;
use super::origin::Origin;
use crate::config::{self, Server};
use base::{Code, Error, Result, disk};
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use openapi::{Address, Document};
use std::path::Path;

/// A document, and the address that it came from, if it did.
pub(super) struct Loaded {
    pub(super) document: Document,
    pub(super) source: Option<Address>,
}

/// Reads the document of a server.
pub(super) async fn document(server: &Server, settings: &config::OpenApi, credentials: &Credentials) -> Result<Loaded> {
    match &settings.document {
        config::Document::File(path, _) => {
            let path = path.clone();
            let document = base::task::blocking(move || from_file(&path)).await??;
            Ok(Loaded { document, source: None })
        }
        config::Document::Url(url) => {
            let limit = server.timeouts.start;
            let fetched = tokio::time::timeout(limit, fetch(server, settings, credentials, url)).await;
            fetched.unwrap_or_else(|_| Err(failed(url, &format!("there was no answer within {limit:?}"))))
        }
    }
}

/// Reads a document from a file.
pub(super) fn from_file(path: &Path) -> Result<Document> {
    let text = disk::read_text(path, config::DOCUMENT_LIMIT).map_err(|error| {
        let next = "correct `openapi`, which counts from the configuration's folder";
        Error::new(Code::OpenApiFetch, error.message(), next)
    })?;
    Document::read(&path.display().to_string(), &text)
}

async fn fetch(server: &Server, settings: &config::OpenApi, credentials: &Credentials, url: &str) -> Result<Loaded> {
    let (source, target) = Address::parse_resource(url).map_err(|why| failed(url, why))?;
    let limit = usize::try_from(config::DOCUMENT_LIMIT).unwrap_or(usize::MAX);
    let origin = Origin::new(&server.name, &source, limit)?;
    let mut request = Request::new(Full::new(Bytes::new()));
    // Credentials are for the API. A document from another host gets none.
    let own = settings.base.as_ref().is_none_or(|base| base.same_origin(&source));
    let target = if own { credentials.target(&target) } else { target.parse().ok() };
    *request.uri_mut() = target.ok_or_else(|| failed(url, "it is none that can be read"))?;
    let accept = "application/json, application/yaml, text/yaml;q=0.9, */*;q=0.5";
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(accept));
    origin.complete(request.headers_mut());
    if own {
        credentials.put(request.headers_mut())?;
    }
    let answer = origin.send(request).await.map_err(|error| match error.code() {
        Code::UpstreamUnreachable => error,
        _ => failed(url, error.message()),
    })?;
    if (300..=399).contains(&answer.status) {
        let to: String = answer.location.unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
        return Err(failed(url, &format!("it has moved to `{to}`; write that address if it is meant")));
    }
    if answer.status != 200 {
        return Err(failed(url, &format!("the answer has HTTP status {}", answer.status)));
    }
    if answer.encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(failed(url, "it came compressed, though that was not asked for"));
    }
    let text = String::from_utf8(answer.body).map_err(|_| failed(url, "it is not UTF-8 text"))?;
    let shown = shown(url).to_owned();
    let document = base::task::blocking(move || Document::read(&shown, &text)).await??;
    Ok(Loaded { document, source: Some(source) })
}

/// An address without its query, which may hold a secret.
fn shown(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

fn failed(url: &str, why: &str) -> Error {
    let message = format!("the document at {} cannot be fetched: {why}", shown(url));
    Error::new(Code::OpenApiFetch, message, "correct `openapi`, or save the document as a file and name that")
}
