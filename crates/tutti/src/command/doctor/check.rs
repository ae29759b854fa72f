//! One thing that was looked at.

use base::Error;
use serde_json::{Value, json};

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// As it should be.
    Ok,
    /// It works, but not well.
    Warn,
    /// It does not work.
    Fail,
    /// Neither good nor bad.
    Info,
}

/// What was looked at and what was found.
#[derive(Debug, Clone)]
pub(super) struct Check {
    /// What was looked at; the same on every machine.
    pub(super) name: String,
    /// How it is.
    pub(super) status: Status,
    /// What was found.
    pub(super) message: String,
    /// What to do about it.
    pub(super) fix: Option<String>,
}

impl Check {
    /// All is well.
    pub(super) fn ok(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), status: Status::Ok, message: message.into(), fix: None }
    }

    /// A fact.
    pub(super) fn info(name: &str, message: impl Into<String>) -> Self {
        Self { status: Status::Info, ..Self::ok(name, message) }
    }

    /// It works, but not well.
    pub(super) fn warn(name: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { status: Status::Warn, ..Self::ok(name, message) }.with_fix(fix)
    }

    /// It does not work.
    pub(super) fn fail(name: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { status: Status::Fail, ..Self::ok(name, message) }.with_fix(fix)
    }

    /// It does not work, as an error says. Of what a program wrote before it ended, the last line tells most, but for
    /// those that npm adds to every end.
    pub(super) fn failed(name: &str, error: &Error) -> Self {
        let place = error.location().map(|place| format!("{place}: ")).unwrap_or_default();
        let tells = |line: &&str| !line.trim().is_empty() && !line.starts_with("npm notice");
        let last = error.detail().and_then(|detail| detail.lines().rfind(tells));
        let last = last.map(|line| format!(": {}", line.trim())).unwrap_or_default();
        Self::fail(name, format!("{} {place}{}{last}", error.code(), error.message()), error.next())
    }

    /// The same with something to do.
    pub(super) fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// The check for programs.
    pub(super) fn to_json(&self) -> Value {
        let status = match self.status {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Fail => "fail",
            Status::Info => "info",
        };
        json!({"name": self.name, "status": status, "message": self.message, "fix": self.fix})
    }
}
