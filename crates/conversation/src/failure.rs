//! An error as a provider tells it and a client reads it.

/// What went wrong, without the way in which a dialect says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of error.
    pub kind: FailureKind,
    /// What happened, for a person.
    pub message: String,
    /// The code that the provider or this gateway gave it.
    pub code: Option<String>,
}

impl Failure {
    /// An error without a code.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), code: None }
    }
}

/// Kinds of errors that all dialects tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The request is wrong.
    Invalid,
    /// Nobody knows who asks.
    Authentication,
    /// Whoever asks may not.
    Permission,
    /// Money or quota is used up.
    Billing,
    /// There is no such model or path.
    NotFound,
    /// The request is too large.
    TooLarge,
    /// Too many requests.
    RateLimit,
    /// The provider has too much to do.
    Overloaded,
    /// It took too long.
    Timeout,
    /// Something broke.
    Internal,
}

impl FailureKind {
    /// The kind that an HTTP status means.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => FailureKind::Authentication,
            402 => FailureKind::Billing,
            403 => FailureKind::Permission,
            404 => FailureKind::NotFound,
            408 | 504 => FailureKind::Timeout,
            413 => FailureKind::TooLarge,
            429 => FailureKind::RateLimit,
            503 | 529 => FailureKind::Overloaded,
            500.. => FailureKind::Internal,
            _ => FailureKind::Invalid,
        }
    }

    /// The HTTP status that says it.
    pub fn status(self) -> u16 {
        match self {
            FailureKind::Invalid => 400,
            FailureKind::Authentication => 401,
            FailureKind::Billing => 402,
            FailureKind::Permission => 403,
            FailureKind::NotFound => 404,
            FailureKind::TooLarge => 413,
            FailureKind::RateLimit => 429,
            FailureKind::Internal => 500,
            FailureKind::Overloaded => 503,
            FailureKind::Timeout => 504,
        }
    }
}
