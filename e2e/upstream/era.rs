//! Which era a message is of, and whether the upstream takes it.

use super::options::{DiscoverAnswer, Speaks};
use super::server::{Refusal, Server, Session, Stage};
use serde_json::{Value, json};

pub(crate) const MODERN: &str = "2026-07-28";
pub(crate) const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
pub(crate) const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
pub(crate) const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
pub(crate) const META_SERVER: &str = "io.modelcontextprotocol/serverInfo";

const PINNED: &str = "connection is serving the 2026-07-28 protocol; the initialize handshake is not accepted";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

/// What becomes of a message.
pub(crate) enum Admission {
    Take(Era),
    Refuse(Refusal),
    Ignore,
}

/// Decides about a request or notification.
pub(crate) fn admit(server: &Server, session: &Session, message: &Value) -> Admission {
    let looks = era_of(message);
    if message.get("id").is_none() {
        // A notification need not say its version, and there is nobody to refuse it to.
        return Admission::Take(looks);
    }
    let speaks = match server.options.speaks {
        Speaks::DualPinned => match *server.pinned.get_or_init(|| looks) {
            Era::Legacy => Speaks::Legacy,
            Era::Modern => Speaks::Modern,
        },
        other => other,
    };
    match (speaks, looks) {
        (Speaks::Modern, Era::Legacy) => Admission::Refuse(refuse_legacy(server, message)),
        (Speaks::Legacy, _) | (_, Era::Legacy) => admit_legacy(server, session, message),
        _ => match check_meta(message) {
            Ok(()) => Admission::Take(Era::Modern),
            Err(refusal) => Admission::Refuse(refusal),
        },
    }
}

/// The era that a message claims: modern requests say their version.
fn era_of(message: &Value) -> Era {
    let modern = message["params"]["_meta"].get(META_VERSION).is_some() || message["method"] == "server/discover";
    if modern { Era::Modern } else { Era::Legacy }
}

/// What a modern-only upstream says to a legacy request.
pub(crate) fn refuse_legacy(server: &Server, message: &Value) -> Refusal {
    if message["method"] != "initialize" {
        return Refusal::new(-32602, format!("params._meta lacks {META_VERSION}"));
    }
    let text = if server.options.speaks == Speaks::DualPinned { PINNED } else { "Unsupported protocol version" };
    let requested = message["params"]["protocolVersion"].clone();
    Refusal::new(-32022, text).with_data(json!({"supported": [MODERN], "requested": requested}))
}

fn admit_legacy(server: &Server, session: &Session, message: &Value) -> Admission {
    let method = message["method"].as_str().unwrap_or_default();
    if method == "server/discover" {
        return match server.options.discover {
            DiscoverAnswer::Silent => Admission::Ignore,
            DiscoverAnswer::Exit => {
                super::say(&format!("{} ends: its first message was not initialize", server.options.name));
                std::process::exit(1)
            }
            DiscoverAnswer::Error(code) => Admission::Refuse(Refusal::new(code, "no such method: server/discover")),
        };
    }
    // As Python mcp 1.x: nothing but a ping before the handshake is complete.
    let early =
        session.stage() != Stage::Ready && !matches!(method, "initialize" | "notifications/initialized" | "ping");
    if early {
        return Admission::Refuse(Refusal::new(-32602, format!("{method} came before the handshake was complete")));
    }
    Admission::Take(Era::Legacy)
}

fn check_meta(message: &Value) -> Result<(), Refusal> {
    let meta = &message["params"]["_meta"];
    if meta[META_VERSION] != MODERN {
        let data = json!({"supported": [MODERN], "requested": meta[META_VERSION]});
        return Err(Refusal::new(-32022, "Unsupported protocol version").with_data(data));
    }
    if !meta[META_CAPABILITIES].is_object() {
        return Err(Refusal::new(-32602, format!("params._meta lacks {META_CAPABILITIES}")));
    }
    Ok(())
}
