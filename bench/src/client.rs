//! An MCP client of either era that asks anything and keeps all that came back.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    http::{Connection, Endpoint},
    session::Era,
};

const LEGACY_VERSION: &str = "2025-11-25";
const MODERN_VERSION: &str = "2026-07-28";

/// One client on one connection of its own.
pub struct Client {
    url: String,
    era: Era,
    connection: Connection,
    session: Option<String>,
    last_id: u64,
}

/// What came back for one request.
#[derive(Debug)]
pub struct Reply {
    /// All answers with the id of the request; exactly one is right.
    pub answers: Vec<Value>,
    pub status: u16,
    /// From the first byte of the request to the last of the answer, without the reading of what it says.
    pub took: Duration,
}

impl Client {
    /// Connects, and in the legacy era shakes hands.
    pub async fn open(url: &str, era: Era) -> Result<Self> {
        let connection = Connection::open(Endpoint::parse(url)?).await?;
        let mut client = Self { url: url.to_owned(), era, connection, session: None, last_id: 0 };
        if era == Era::Legacy {
            let information = json!({ "name": "bench", "version": "0" });
            let params = json!({ "protocolVersion": LEGACY_VERSION, "capabilities": {}, "clientInfo": information });
            client.request("initialize", params).await.context("the handshake failed")?;
            let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
            let headers = client.headers("notifications/initialized", None);
            let head = client.connection.exchange("POST", &headers, initialized).await?;
            ensure!(head.status == 202, "notifications/initialized is answered with status {}", head.status);
        }
        Ok(client)
    }

    /// Replaces a connection on which an answer may still come. The session stays.
    pub async fn reconnect(&mut self) -> Result<()> {
        self.connection = Connection::open(Endpoint::parse(&self.url)?).await?;
        Ok(())
    }

    pub async fn call(&mut self, tool: &str, arguments: Value) -> Result<Reply> {
        self.request("tools/call", json!({ "name": tool, "arguments": arguments })).await
    }

    pub async fn request(&mut self, method: &str, mut params: Value) -> Result<Reply> {
        self.last_id += 1;
        if self.era == Era::Modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": MODERN_VERSION,
                "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "0" },
                "io.modelcontextprotocol/clientCapabilities": {}
            });
        }
        let headers = self.headers(method, params["name"].as_str());
        let request = json!({ "jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params });
        let (request, begun) = (request.to_string(), Instant::now());
        let head = self.connection.exchange("POST", &headers, &request).await?;
        let took = begun.elapsed();
        if head.session.is_some() {
            self.session = head.session;
        }
        let body = std::str::from_utf8(self.connection.body()).context("the answer is not text")?;
        let messages = if head.event_stream { events(body) } else { vec![body.to_owned()] };
        let messages = messages.iter().filter_map(|message| serde_json::from_str::<Value>(message).ok());
        let answers = messages.filter(|message| message.get("method").is_none() && message["id"] == self.last_id);
        Ok(Reply { answers: answers.collect(), status: head.status, took })
    }

    /// The header lines that open a stream on which the hub tells what no request asked for.
    pub fn stream_headers(&self) -> String {
        let mut headers = "Accept: text/event-stream\r\n".to_owned();
        headers.push_str(&format!("MCP-Protocol-Version: {LEGACY_VERSION}\r\n"));
        self.session.iter().for_each(|session| headers.push_str(&format!("Mcp-Session-Id: {session}\r\n")));
        headers
    }

    fn headers(&self, method: &str, name: Option<&str>) -> String {
        let mut headers =
            "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n".to_owned();
        match self.era {
            Era::Modern => {
                headers.push_str(&format!("MCP-Protocol-Version: {MODERN_VERSION}\r\nMcp-Method: {method}\r\n"));
                name.iter().for_each(|name| headers.push_str(&format!("Mcp-Name: {name}\r\n")));
            }
            Era::Legacy => {
                if let Some(session) = &self.session {
                    headers
                        .push_str(&format!("MCP-Protocol-Version: {LEGACY_VERSION}\r\nMcp-Session-Id: {session}\r\n"));
                }
            }
        }
        headers
    }
}

/// The data of the events of a whole stream; a message is one line of data here.
fn events(body: &str) -> Vec<String> {
    body.lines().filter_map(|line| line.strip_prefix("data:")).map(|data| data.trim().to_owned()).collect()
}
