//! The Model Context Protocol, as raw JSON.
//!
//! A message is kept as the text that arrived. Its envelope is read once, the few fields that a hub must change are
//! replaced in place ([`raw`]), and everything else goes on byte for byte, unknown fields included. Typed structures
//! would lose what they do not know, and a hub may lose nothing.
//!
//! Both eras are here: *legacy* (2024-11-05 to 2025-11-25: handshake and session) and *modern* (2026-07-28: stateless).

pub mod capability;
pub mod client;
pub mod extension;
pub mod header;
pub mod level;
pub mod line;
pub mod message;
pub mod method;
pub mod number;
pub mod parameter;
pub mod raw;
pub mod sse;
pub mod task;
pub mod version;
pub mod websocket;
pub mod write;

pub use message::{Malformed, Message};
pub use method::Method;
pub use version::Era;
