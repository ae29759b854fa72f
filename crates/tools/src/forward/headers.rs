//! The headers with which a call goes to a modern upstream over HTTP.

use super::Forward;
use crate::upstream::Lease;
use base::{Code, Error, Result};
use mcp::parameter::{self, Headers};
use mcp::{Era, raw};

impl Forward {
    /// The headers that repeat arguments, and those of the client that the tool does not know. The arguments decide,
    /// whatever a client sent, and whichever era it has.
    pub(super) fn headers(&self, lease: &Lease) -> Result<Headers> {
        let mirrors = self.mirrors.as_deref().unwrap_or_default();
        let nothing = mirrors.is_empty() && self.caller.headers.is_empty();
        if nothing || lease.era() == Era::Legacy || !lease.is_http() {
            return Ok(Headers::default());
        }
        let arguments = raw::get(&self.params, "arguments").unwrap_or("{}");
        parameter::headers(mirrors, arguments, &self.caller.headers).map_err(|why| {
            let next = "send arguments that a header can repeat, and the same in the header and in the body";
            Error::new(Code::HeaderMismatch, why, next)
        })
    }
}
