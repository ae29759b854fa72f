//! One MCP client on one connection, in either era, that can call `echo` and checks what comes back.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::http::{Connection, Endpoint, Head};

mod message;

const LEGACY_VERSION: &str = "2025-11-25";
const MODERN_VERSION: &str = "2026-07-28";
const COMMON_HEADERS: &str = "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Era {
    /// Handshake and session, version 2025-11-25
    Legacy,
    /// Stateless, version 2026-07-28
    Modern,
}

impl Era {
    pub fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }
}

pub struct Session {
    connection: Connection,
    /// Header lines of every call from here on.
    headers: String,
    /// What stands around the message in a call's parameters.
    around: (String, String),
    request: String,
    last_id: u64,
    has_session: bool,
}

impl Session {
    /// Connects, and in the legacy era shakes hands.
    pub async fn open(url: &str, era: Era, tool: &str) -> Result<Self> {
        let connection = Connection::open(Endpoint::parse(url)?).await?;
        let mut session = Self {
            connection,
            headers: COMMON_HEADERS.to_owned(),
            around: around_message(era, tool),
            request: String::new(),
            last_id: 0,
            has_session: false,
        };
        match era {
            Era::Legacy => session.shake_hands().await.context("the handshake failed")?,
            Era::Modern => write!(
                session.headers,
                "MCP-Protocol-Version: {MODERN_VERSION}\r\nMcp-Method: tools/call\r\nMcp-Name: {tool}\r\n"
            )?,
        }
        Ok(session)
    }

    /// One call; an error if the answer is not exactly the message.
    pub async fn echo(&mut self, message: &str) -> Result<()> {
        self.last_id += 1;
        let (before, after) = &self.around;
        self.request.clear();
        write!(
            self.request,
            r#"{{"jsonrpc":"2.0","id":{},"method":"tools/call","params":{before}{message}{after}}}"#,
            self.last_id
        )?;
        let head = self.connection.exchange("POST", &self.headers, &self.request).await?;
        message::check_echo(&self.result(&head)?, message)
    }

    /// Ends a legacy session, so that targets do not gather sessions from round to round.
    pub async fn close(mut self) -> Result<()> {
        if self.has_session {
            self.connection.exchange("DELETE", &self.headers, "").await.context("cannot end the session")?;
        }
        Ok(())
    }

    async fn shake_hands(&mut self) -> Result<()> {
        self.last_id += 1;
        let request = json!({
            "jsonrpc": "2.0", "id": self.last_id, "method": "initialize",
            "params": {
                "protocolVersion": LEGACY_VERSION,
                "capabilities": {},
                "clientInfo": { "name": "bench", "version": "0" }
            }
        });
        let head = self.connection.exchange("POST", &self.headers, &request.to_string()).await?;
        let result: Value = serde_json::from_str(&self.result(&head)?)?;
        let version = result["protocolVersion"].as_str().context("initialize is answered without a version")?;
        write!(self.headers, "MCP-Protocol-Version: {version}\r\n")?;
        if let Some(id) = &head.session {
            write!(self.headers, "Mcp-Session-Id: {id}\r\n")?;
            self.has_session = true;
        }
        let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let head = self.connection.exchange("POST", &self.headers, initialized).await?;
        ensure!(head.status == 202, "notifications/initialized is answered with status {}", head.status);
        Ok(())
    }

    fn result(&self, head: &Head) -> Result<String> {
        let body = self.connection.body();
        ensure!(head.status == 200, "status {}: {}", head.status, String::from_utf8_lossy(body));
        message::result_of(body, head.event_stream, self.last_id)
    }
}

/// Cuts the parameters of a call where the message goes, so that a call costs the client three copies and no JSON.
fn around_message(era: Era, tool: &str) -> (String, String) {
    const HERE: &str = "@message@";
    let mut params = json!({ "name": tool, "arguments": { "message": HERE } });
    if era == Era::Modern {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN_VERSION,
            "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "0" },
            "io.modelcontextprotocol/clientCapabilities": {}
        });
    }
    let text = params.to_string();
    let (before, after) = text.split_once(HERE).unwrap_or((&text, ""));
    (before.to_owned(), after.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Era, around_message};

    #[test]
    fn a_call_put_together_is_json_with_the_message_in_it() {
        for era in [Era::Legacy, Era::Modern] {
            let (before, after) = around_message(era, "echo__echo");
            let params: Value = serde_json::from_str(&format!("{before}hello{after}")).unwrap();
            assert_eq!(params["name"], "echo__echo");
            assert_eq!(params["arguments"]["message"], "hello");
            assert_eq!(params["_meta"].is_object(), era == Era::Modern);
        }
    }
}
