//! What a failure says: how far the call came, and of what it says something. Pure.

use base::{Code, Error};
use mcp::raw;
use resilience::retry::Reach;
use std::time::Duration;

/// What is seen in a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How far the call came.
    pub reach: Reach,
    /// Whether it speaks against the upstream as a whole.
    pub whole: bool,
    /// Whether it speaks against the tool.
    pub tool: bool,
    /// Whether the upstream answered all the same.
    pub answered: bool,
    /// How long the upstream asks to be left alone.
    pub asked: Option<Duration>,
    /// Whether it asks that of all calls.
    pub pauses: bool,
}

impl Seen {
    const NOTHING: Seen =
        Seen { reach: Reach::Final, whole: false, tool: false, answered: false, asked: None, pauses: false };

    /// What is seen in a call that was sent and failed with `error`. `shared` says that all calls share
    /// one connection: its end takes them all with it at once, and is dealt with by starting the upstream anew.
    pub fn sent(error: &Error, shared: bool) -> Self {
        let asked = error.retry_after();
        match error.code() {
            Code::UpstreamExited => Seen { reach: Reach::MayHaveBegun, whole: !shared, tool: true, ..Self::NOTHING },
            Code::UpstreamUnreachable | Code::UpstreamSessionLost => Seen { reach: Reach::NotSent, ..Self::NOTHING },
            Code::UpstreamCallTimeout => Seen { reach: Reach::MayHaveBegun, tool: true, ..Self::NOTHING },
            Code::UpstreamProtocol => Seen { reach: Reach::Faulty, tool: true, asked, ..Self::NOTHING },
            Code::UpstreamBusy => {
                let pauses = asked.is_some();
                Seen { reach: Reach::NotBegun, whole: !pauses, asked, pauses, ..Self::NOTHING }
            }
            _ => Self::NOTHING,
        }
    }

    /// What is seen in a call that could not be sent.
    pub fn unsent(error: &Error) -> Self {
        let passing = matches!(
            error.code(),
            Code::UpstreamExited | Code::UpstreamUnreachable | Code::UpstreamSessionLost | Code::UpstreamBackingOff
        );
        let reach = if passing { Reach::NotSent } else { Reach::Final };
        Seen { reach, asked: error.retry_after(), ..Self::NOTHING }
    }

    /// What is seen in an answer that says that the upstream was at fault.
    pub fn fault() -> Self {
        Seen { reach: Reach::Faulty, tool: true, answered: true, ..Self::NOTHING }
    }
}

/// Whether a JSON-RPC error object, raw JSON, says that the server was at fault: an internal error, or one of those that
/// JSON-RPC 2.0 leaves to servers (section 5.1) and that MCP has given no meaning of their own.
pub fn error_is_fault(error: &str) -> bool {
    let Some(code) = raw::get(error, "code").and_then(|code| code.parse::<i64>().ok()) else { return false };
    let has_meaning = matches!(code, -32_002 | -32_042 | -32_022..=-32_020);
    code == -32_603 || ((-32_099..=-32_000).contains(&code) && !has_meaning)
}

#[cfg(test)]
mod tests;
