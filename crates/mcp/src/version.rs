//! Protocol versions and the two eras that they fall into.

/// How a peer speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    /// 2024-11-05 to 2025-11-25: `initialize`, then a session.
    Legacy,
    /// 2026-07-28: stateless, each request says all.
    Modern,
}

impl Era {
    /// The word for this era in files and output.
    pub const fn word(self) -> &'static str {
        match self {
            Era::Legacy => "legacy",
            Era::Modern => "modern",
        }
    }

    /// The era that `word` names.
    pub fn from_word(word: &str) -> Option<Era> {
        [Era::Legacy, Era::Modern].into_iter().find(|era| era.word() == word)
    }
}

/// The versions with a handshake, oldest first.
pub const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// The stateless versions, oldest first.
pub const MODERN: [&str; 1] = ["2026-07-28"];

/// The version that Tutti offers in `initialize`, and answers an unknown one with.
pub const LATEST_LEGACY: &str = LEGACY[LEGACY.len() - 1];

/// The version of modern requests.
pub const LATEST_MODERN: &str = MODERN[MODERN.len() - 1];

/// The era of a version that Tutti speaks.
pub fn era_of(version: &str) -> Option<Era> {
    if LEGACY.contains(&version) { Some(Era::Legacy) } else { MODERN.contains(&version).then_some(Era::Modern) }
}

/// Members of `_meta` that say who speaks in the modern era (specification 2026-07-28, base protocol).
pub mod meta {
    /// The prefix that the specification keeps for itself.
    pub const RESERVED: &str = "io.modelcontextprotocol/";
    /// The protocol version of a request.
    pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
    /// What the client can do.
    pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
    /// Who the client is.
    pub const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
    /// The lowest level of log messages that the client wants for this request.
    pub const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
    /// Who the server is.
    pub const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
    /// The listen request that a notification belongs to.
    pub const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";
    /// The task that a message belongs to, in the legacy era (specification 2025-11-25, tasks).
    pub const RELATED_TASK: &str = "io.modelcontextprotocol/related-task";
    /// What a request's progress notifications are marked with.
    pub const PROGRESS_TOKEN: &str = "progressToken";
    /// What a server recognises a call by that it was sent before: Tutti's own.
    pub const IDEMPOTENCY: &str = "tutti/idempotency-key";
}
