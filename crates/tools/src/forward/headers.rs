//! The headers with which a call goes to a modern upstream over HTTP.

use super::Forward;
use crate::upstream::Lease;
use base::{Code, Error, Result};
use mcp::number::HEADER_MISMATCH;
use mcp::parameter::{self, Headers};
use mcp::{Era, Message, Method, raw, write};

impl Forward {
    /// An upstream that does not take the headers of a call may have changed which arguments they repeat: its lists are
    /// read again, so that the call works when it is repeated (specification 2026-07-28, transports).
    pub(super) fn refresh_after(&self, error: &str, upstream: Era) {
        let refused = upstream == Era::Modern && raw::get(error, "code") == Some(HEADER_MISMATCH);
        let news = write::notification(Method::ToolsChanged.name(), None);
        if refused && let Ok(message) = Message::parse(news) {
            self.upstream.heard(message);
        }
    }

    /// The headers that repeat arguments, and those of the client that the tool does not know. The arguments decide,
    /// whatever a client sent, and whichever era it has.
    pub(super) fn headers(&self, lease: &Lease) -> Result<Headers> {
        let mirrors = self.mirrors.as_deref().unwrap_or_default();
        if mirrors.is_empty() && self.caller.headers.is_empty() {
            return Ok(Headers::default());
        }
        let arguments = raw::get(&self.params, "arguments").unwrap_or("{}");
        // The tool may not have been known when these came in. What they say is held against it wherever it goes.
        parameter::check_early(mirrors, arguments, &self.caller.headers).map_err(|why| self.refused(why))?;
        if lease.era() == Era::Legacy || !lease.is_http() {
            return Ok(Headers::default());
        }
        parameter::headers(mirrors, arguments, &self.caller.headers).map_err(|why| self.refused(why))
    }

    fn refused(&self, why: String) -> Error {
        let code = match self.caller.era {
            Era::Legacy => Code::InvalidParams,
            Era::Modern => Code::HeaderMismatch,
        };
        let next = "send arguments that a header can repeat, and the same in the header and in the body";
        Error::new(code, why, next)
    }
}
