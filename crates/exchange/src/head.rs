//! Heads of requests and answers (RFC 9112). Pure, and strict: what two readers could read in two ways is an error.

use super::content::Content;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use memchr::{memchr, memchr_iter};

/// The most bytes of a head.
const LONGEST: usize = 64 << 10;
/// The most headers of an answer.
const HEADERS: usize = 128;
/// The most bytes of a body that are copied behind their head: what is in one piece is sent by a cheaper call of the system.
const IN_ONE: usize = 4 << 10;

/// The head of an answer.
#[derive(Debug)]
pub struct Head {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Where its body ends.
    pub framing: Framing,
    /// Whether the connection can be used again behind it.
    pub keep: bool,
}

/// Where a body ends (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// After so many bytes.
    Length(u64),
    /// With its last chunk.
    Chunked,
    /// With the connection.
    UntilClose,
}

/// A request in bytes.
#[derive(Debug)]
pub struct Outgoing {
    /// The head, and a short body behind it.
    pub(super) head: Vec<u8>,
    /// The body, where it is not short.
    pub(super) body: Content,
}

impl Outgoing {
    /// A request to `target` with these `lines`, see [`lines`]. Nothing where that is no target that can be sent as it is.
    pub fn post(target: &str, lines: &[u8], body: Content) -> Option<Self> {
        let plain = target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        plain.then(|| Self::new(&Method::POST, target, lines, body))
    }

    fn new(method: &Method, target: &str, lines: &[u8], body: Content) -> Self {
        let short = if body.len() <= IN_ONE { body.len() } else { 0 };
        let mut head = Vec::with_capacity(64 + target.len() + lines.len() + short);
        for part in [method.as_str(), " ", target, " HTTP/1.1\r\n"] {
            head.extend_from_slice(part.as_bytes());
        }
        head.extend_from_slice(lines);
        // A request of this method has no body unless it says so (RFC 9110, section 8.6).
        if *method != Method::GET || !body.is_empty() {
            head.extend_from_slice(b"content-length: ");
            head.extend_from_slice(body.len().to_string().as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        if short == 0 {
            return Self { head, body };
        }
        head.extend_from_slice(&body.joined());
        Self { head, body: Content::default() }
    }
}

impl From<Request<Content>> for Outgoing {
    fn from(request: Request<Content>) -> Self {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        Self::new(request.method(), target, &lines(request.headers()), request.body().clone())
    }
}

/// The lines that these headers are.
pub fn lines(headers: &HeaderMap) -> Vec<u8> {
    let mut lines = Vec::with_capacity(512);
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            lines.extend_from_slice(part);
        }
    }
    lines
}

/// How long the head is that `input` begins with; nothing while it is not whole. The first `seen` bytes were looked at
/// before.
///
/// # Errors
/// It is too long.
pub fn length(input: &[u8], seen: usize) -> Result<Option<usize>, &'static str> {
    let mut ends = memchr_iter(b'\n', input.get(seen..).unwrap_or_default()).map(|at| seen + at);
    let blank = ends.find(|end| {
        let before = input.get(..*end).unwrap_or_default();
        before.ends_with(b"\n\r") || before.ends_with(b"\n")
    });
    match blank.map(|end| end + 1) {
        Some(length) if length <= LONGEST => Ok(Some(length)),
        None if input.len() <= LONGEST => Ok(None),
        _ => Err("the head is too long"),
    }
}

/// Reads a whole head.
///
/// # Errors
/// It is none.
pub fn parse(head: &[u8]) -> Result<Head, &'static str> {
    // Beside its headers a head has two lines.
    let count = memchr_iter(b'\n', head).count().saturating_sub(2).min(HEADERS);
    let (mut from, mut first, mut headers) = (0, None, HeaderMap::with_capacity(count));
    for end in memchr_iter(b'\n', head) {
        let line = head.get(from..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").ok_or("a line of the head ends without a carriage return")?;
        from = end + 1;
        match first {
            None => first = Some(status_line(line)?),
            Some((status, modern)) if line.is_empty() => return judge(status, modern, headers),
            Some(_) if headers.len() >= HEADERS => return Err("the head has too many headers"),
            Some(_) => {
                let (name, value) = header_line(line)?;
                headers.append(name, value);
            }
        }
    }
    Err("the head has no end")
}

/// The status, and whether the answer is of HTTP/1.1 rather than 1.0.
fn status_line(line: &[u8]) -> Result<(StatusCode, bool), &'static str> {
    let (modern, rest) = match (line.strip_prefix(b"HTTP/1.1 "), line.strip_prefix(b"HTTP/1.0 ")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err("the answer does not begin with a status"),
    };
    let (digits, reason) = rest.split_at_checked(3).ok_or("the status is cut off")?;
    // The space behind it may be missing where there is no reason.
    if !(reason.is_empty() || reason.starts_with(b" ")) || reason.contains(&b'\r') {
        return Err("the status is no number of three digits");
    }
    let status = StatusCode::from_bytes(digits).map_err(|_| "the status is no number of three digits")?;
    Ok((status, modern))
}

fn header_line(line: &[u8]) -> Result<(HeaderName, HeaderValue), &'static str> {
    // A line that begins with a space went on with the header before in older versions (RFC 9112, section 5.2); a name is
    // never empty and never has a space.
    let colon = memchr(b':', line).ok_or("a header has no colon")?;
    let (name, value) = line.split_at_checked(colon).unwrap_or_default();
    let name = HeaderName::from_bytes(name).map_err(|_| "a header has a name that is none")?;
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    let value = HeaderValue::from_bytes(value).map_err(|_| "a header has a value that is none")?;
    Ok((name, value))
}

fn judge(status: StatusCode, modern: bool, headers: HeaderMap) -> Result<Head, &'static str> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let framing = match (lengths.next(), codings.next()) {
        (Some(_), Some(_)) => return Err("the answer has a length and is chunked too"),
        (None, Some(coding)) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") && modern => Framing::Chunked,
        (None, Some(_)) => return Err("the answer has a transfer coding that nobody asked for"),
        (Some(length), None) => Framing::Length(number(length.as_bytes()).ok_or("the length is no number")?),
        (None, None) => Framing::UntilClose,
    };
    if lengths.next().is_some() || codings.next().is_some() {
        return Err("the answer says more than once where it ends");
    }
    let bodiless = status.is_informational() || matches!(status.as_u16(), 204 | 304);
    let framing = if bodiless { Framing::Length(0) } else { framing };
    let closes = |value: &HeaderValue| {
        value.as_bytes().split(|byte| *byte == b',').any(|word| word.trim_ascii().eq_ignore_ascii_case(b"close"))
    };
    let keep = modern && framing != Framing::UntilClose && !headers.get_all(header::CONNECTION).iter().any(closes);
    Ok(Head { status, headers, framing, keep })
}

fn number(text: &[u8]) -> Option<u64> {
    let plain = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| plain)?.parse().ok()
}

#[cfg(test)]
mod tests;
