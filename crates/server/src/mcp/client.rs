//! Who sends a message.

use super::session::Session;
use crate::keys::Visitor;
use mcp::Era;
use mcp::parameter::Headers;
use std::sync::Arc;
use tools::View;

/// Who asks.
pub(crate) struct Client {
    /// How it speaks.
    pub(crate) era: Era,
    /// What it sees.
    pub(crate) view: Arc<View>,
    /// Its session, if it is legacy, or on a connection of its own.
    pub(crate) session: Option<Arc<Session>>,
    /// Who it is.
    pub(crate) visitor: Arc<Visitor>,
    /// Headers of its request that go on to a modern upstream.
    pub(crate) headers: Headers,
}
