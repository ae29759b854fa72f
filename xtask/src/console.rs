//! What a developer reads while a subcommand runs.

use crate::failure::Failure;
use std::io::Write;
use std::time::Duration;

/// Where messages go: stdout, or stderr when stdout belongs to JSON.
#[derive(Clone, Copy)]
pub(crate) struct Console {
    to_stderr: bool,
}

impl Console {
    /// With `to_stderr` nothing but what [`Console::data`] gets is written to stdout.
    pub(crate) fn new(to_stderr: bool) -> Self {
        Self { to_stderr }
    }

    /// A message.
    pub(crate) fn line(self, text: &str) {
        if self.to_stderr {
            put(std::io::stderr(), text);
        } else {
            put(std::io::stdout(), text);
        }
    }

    /// A result: always on stdout.
    #[expect(clippy::unused_self, reason = "it stands beside `line`, so that both are found in one place")]
    pub(crate) fn data(self, text: &str) {
        put(std::io::stdout(), text);
    }

    /// A failure with its way out.
    pub(crate) fn failure(self, failure: &Failure) {
        self.line(&format!("error: {}\nNext: {}", failure.message, failure.next));
    }
}

/// Writes a line. A reader that went away, such as `head`, has all that it wanted.
fn put(mut out: impl Write, text: &str) {
    let _ = writeln!(out, "{text}");
}

/// A duration as a person reads it: `0.4 s`, `75 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    if duration.as_secs() < 10 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} s", duration.as_secs())
    }
}
