//! Reads a table from where the operator says it is.

use crate::config::PricesFrom;
use base::network::Connector;
use base::network::guard::Guard;
use base::{Code, Error, Result, clock, disk};
use bytes::Bytes;
use exchange::Connection;
use exchange::content::Content;
use http::{HeaderMap, HeaderValue, Request, header};
use model::Table;
use openapi::Address;
use std::time::Duration;

/// How long a download may take, from the resolution of the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most bytes. The published table has three million.
const LARGEST: usize = 16 << 20;

/// Reads the table.
///
/// # Errors
/// [`Code::ModelPrices`] when it is not there, not there in time, too large, or no table.
pub(super) async fn table(from: &PricesFrom) -> Result<Table> {
    let shown = from.shown();
    let text = match from {
        PricesFrom::File(path) => {
            let path = path.clone();
            let read = base::task::blocking(move || disk::read_text(&path, LARGEST as u64)).await?;
            read.map_err(|error| failed(&shown, error.message()))?
        }
        PricesFrom::Url(address, target, _) => {
            let fetched = tokio::time::timeout(PATIENCE, get(&shown, address, target)).await;
            fetched.map_err(|_| failed(&shown, &format!("there was no answer within {PATIENCE:?}")))??
        }
    };
    // The table has no version of its own. The day on which it was read tells as much.
    let day: String = base::clock::rfc3339(clock::wall()).chars().take(10).collect();
    let table = base::task::blocking(move || Table::read(&text, &day)).await?;
    table.map_err(|fault| failed(&shown, &format!("it {fault}")))
}

async fn get(shown: &str, address: &Address, target: &str) -> Result<String> {
    let guard = Guard::of(&address.host, &[]);
    let connector = Connector::guarded(&address.host, address.port, address.encrypted, guard)?;
    let mut request = Request::new(Content::from(Bytes::new()));
    *request.uri_mut() = target.parse().map_err(|_| failed(shown, "it is no address"))?;
    request.headers_mut().clone_from(&headers(address).ok_or_else(|| failed(shown, "it is no address"))?);
    let mut connection = Connection::open(&connector).await.map_err(|error| failed(shown, &error.to_string()))?;
    let head = connection.send(&request.into()).await.map_err(|error| failed(shown, &error.to_string()))?;
    if head.status.is_redirection() {
        let to = head.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
        let to: String = to.split('?').next().unwrap_or_default().chars().take(200).collect();
        return Err(failed(shown, &format!("it has moved to `{to}`; write that address if it is meant")));
    }
    if head.status != 200 {
        return Err(failed(shown, &format!("the answer has HTTP status {}", head.status.as_u16())));
    }
    let encoding = head.headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        return Err(failed(shown, "it came compressed, though that was not asked for"));
    }
    let body = connection.whole(LARGEST).await.map_err(|error| failed(shown, &error.to_string()))?;
    let body = body.ok_or_else(|| failed(shown, &format!("it is larger than {} MiB", LARGEST >> 20)))?;
    String::from_utf8(body.into()).map_err(|_| failed(shown, "it is no UTF-8 text"))
}

fn headers(address: &Address) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_str(&address.authority()).ok()?);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/plain;q=0.9, */*;q=0.5"));
    // Compressed it could be a thousand times larger than it looks.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("tutti/", env!("CARGO_PKG_VERSION"))));
    Some(headers)
}

/// The error of a table that cannot be used.
pub(super) fn failed(shown: &str, why: &str) -> Error {
    let message = format!("the prices of models cannot be read anew from {shown}: {why}");
    Error::new(Code::ModelPrices, message, "correct `models.prices.from`; until then the last good table holds")
}
