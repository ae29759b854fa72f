//! The one error type that crosses rooms: a code, what happened and why, and what to do next.

use crate::Code;
use std::fmt;
use std::time::Duration;

/// The result of anything that can fail with a coded error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that a user can meet. It is one pointer wide, so that it costs nothing on the path where all goes well.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: Code,
    message: String,
    next: String,
    upstream: Option<String>,
    location: Option<Location>,
    detail: Option<String>,
    retry_after: Option<Duration>,
    limit: Option<Limit>,
    required: Option<serde_json::Value>,
}

/// How a rate stands that refused something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many may come at once.
    pub most: u32,
    /// How many may come now.
    pub remaining: u32,
    /// When as many as may come at once may come again.
    pub reset: Duration,
    /// When the next may come.
    pub retry_after: Duration,
}

/// A place in a file that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Error {
    /// `message` says what happened and why, as a sentence without a full stop; `next` says what to do now.
    ///
    /// The compiler is told that this is rare: what leads here stands behind the rest of a function, and does not take the room of the
    /// processor's cache for instructions from it.
    #[cold]
    pub fn new(code: Code, message: impl Into<String>, next: impl Into<String>) -> Self {
        let (message, next) = (message.into(), next.into());
        Error(Box::new(Inner {
            code,
            message,
            next,
            upstream: None,
            location: None,
            detail: None,
            retry_after: None,
            limit: None,
            required: None,
        }))
    }

    /// A failure that is Tutti's own fault.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::Internal, message, "please report this with the log around it; it is a bug in Tutti")
    }

    /// Names the upstream that the error is about.
    #[must_use]
    pub fn of_upstream(mut self, name: &str) -> Self {
        self.0.upstream = Some(name.to_owned());
        self
    }

    /// Says where in a file the cause stands.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.0.location = Some(location);
        self
    }

    /// Adds longer text that helps, such as the last lines that a process wrote to standard error.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Says after which time it may be another answer.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Says how the rate stands that refused, and with it when to come again.
    #[must_use]
    pub fn with_limit(mut self, limit: Limit) -> Self {
        self.0.limit = Some(limit);
        self.with_retry_after(limit.retry_after)
    }

    /// Says which capabilities a client would need, in the form of the protocol.
    #[must_use]
    pub fn with_required(mut self, capabilities: serde_json::Value) -> Self {
        self.0.required = Some(capabilities);
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What happened and why.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do now.
    pub fn next(&self) -> &str {
        &self.0.next
    }

    /// The upstream that the error is about.
    pub fn upstream(&self) -> Option<&str> {
        self.0.upstream.as_deref()
    }

    /// Where in a file the cause stands.
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// Longer text that helps.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// After which time it may be another answer.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How the rate stands that refused, if it was one.
    pub fn limit(&self) -> Option<Limit> {
        self.0.limit
    }

    /// The error as the JSON that commands print with `--json` and that clients get as `data` of a JSON-RPC error.
    pub fn to_json(&self) -> serde_json::Value {
        let mut object = serde_json::Map::new();
        let mut put = |key: &str, value: serde_json::Value| object.insert(key.to_owned(), value);
        put("code", self.code().id().into());
        put("message", self.message().into());
        put("next", self.next().into());
        if let Some(upstream) = self.upstream() {
            put("upstream", upstream.into());
        }
        if let Some(place) = self.location() {
            put("location", serde_json::json!({"file": place.file, "line": place.line, "column": place.column}));
        }
        if let Some(detail) = self.detail() {
            put("detail", detail.into());
        }
        if let Some(wait) = self.retry_after() {
            put("retry_after_ms", u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).into());
        }
        // The protocol's own name: clients look for it in `data` (specification 2026-07-28, missing capabilities).
        if let Some(required) = &self.0.required {
            put("requiredCapabilities", required.clone());
        }
        serde_json::Value::Object(object)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ", self.code())?;
        if let Some(place) = self.location() {
            write!(formatter, "{place}: ")?;
        }
        write!(formatter, "{}. Next: {}", self.message(), self.next())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)?;
        self.detail().map_or(Ok(()), |detail| write!(formatter, "\n{detail}"))
    }
}

impl std::error::Error for Error {}

/// Errors are the same when they say the same.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.to_json() == other.to_json()
    }
}
