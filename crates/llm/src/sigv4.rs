//! AWS Signature Version 4: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
//! Pure.
//!
//! Only what requests to Bedrock need: no query, a body that is there as a whole, and each segment of the path encoded
//! twice, as for all services but S3.

use crate::config::Signing;
use base::random::{sha256, to_hex};
use base::{Code, Error, Result, clock};
use http::{HeaderMap, HeaderValue, Method, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use std::time::Duration;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

/// The headers that are signed where a request has them, in the order of their names. What is configured beside them may be
/// for somebody between the hub and the service, who may change it.
const SIGNED: [&str; 4] = ["content-type", "host", DATE, TOKEN];

/// What is encoded again in a path whose segments are encoded already.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A request, as far as it is signed.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a Method,
    /// The path as it is sent.
    pub(crate) path: &'a str,
    pub(crate) body: &'a [u8],
    /// Since 1970.
    pub(crate) at: Duration,
}

/// Signs a request to `service`: `headers`, which must have `host`, get the date, the token if there is one, and the signature.
///
/// # Errors
/// [`Code::ConfigInvalidValue`] when a credential cannot stand in a header.
pub(crate) fn sign(signing: &Signing, service: &str, request: &Signed<'_>, headers: &mut HeaderMap) -> Result<()> {
    let date: String = clock::rfc3339(request.at).chars().filter(|letter| !matches!(letter, '-' | ':')).collect();
    headers.insert(DATE, value(&date)?);
    if let Some(token) = &signing.session_token {
        headers.insert(TOKEN, value(token.expose())?);
    }
    let (canonical, names) = canonical(request, headers);
    let day = date.get(..8).unwrap_or_default();
    let scope = format!("{day}/{}/{service}/aws4_request", signing.region);
    let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", to_hex(&sha256(canonical.as_bytes())));
    let secret = format!("AWS4{}", signing.secret_access_key.expose());
    let key = [day, &signing.region, service, "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| digest(&key, part));
    let signature = to_hex(&digest(&key, &to_sign));
    let id = signing.access_key_id.expose();
    let text = format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
    headers.insert(header::AUTHORIZATION, value(&text)?);
    Ok(())
}

/// The request as both sides write it, and the names of the headers in it.
fn canonical(request: &Signed<'_>, headers: &HeaderMap) -> (String, String) {
    let (mut lines, mut names) = (String::new(), Vec::new());
    for name in SIGNED {
        let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) else { continue };
        let words: Vec<&str> = value.split_ascii_whitespace().collect();
        lines.push_str(&format!("{name}:{}\n", words.join(" ")));
        names.push(name);
    }
    let names = names.join(";");
    let (path, body) = (utf8_percent_encode(request.path, PATH), to_hex(&sha256(request.body)));
    (format!("{}\n{path}\n\n{lines}\n{names}\n{body}", request.method), names)
}

fn digest(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn value(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let next = "it must be one line of visible characters";
        Error::new(Code::ConfigInvalidValue, "a credential for AWS cannot be sent in a header", next)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;
