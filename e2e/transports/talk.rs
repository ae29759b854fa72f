//! Clients of the other transports, message by message.

use crate::harness::frames::{self, CLOSE, TEXT};
use crate::harness::{Http, Stream, check};
use serde_json::{Value, json};
use std::path::Path;
use tokio::io::{AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::mpsc;

/// The transports that a hub offers besides streamable HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Events,
    WebSocket,
    Socket,
}

pub(super) const ALL: [Kind; 3] = [Kind::Events, Kind::WebSocket, Kind::Socket];

/// A connection to a hub.
pub(super) struct Talk {
    way: Way,
    messages: mpsc::UnboundedReceiver<Value>,
    /// The code that the hub closed a WebSocket with.
    pub(super) closed: Option<u16>,
    next_id: i64,
}

enum Way {
    Bytes { output: Box<dyn AsyncWrite + Unpin + Send>, frames: bool },
    Posts(String),
}

/// What stands for the end in the channel of messages.
const END: &str = "the end";

impl Talk {
    /// Connects to the hub at `base` (`http://host:port`), or at its socket.
    pub(super) async fn open(kind: Kind, base: &str, socket: &Path) -> Self {
        match kind {
            Kind::Events => Self::events(&format!("{base}/sse")).await,
            Kind::WebSocket => Self::web_socket(base, "/ws", "").await.expect("the hub agrees"),
            Kind::Socket => Self::socket(socket).await,
        }
    }

    /// Opens a WebSocket; the head of the answer where it is refused. `headers` are lines with their ends.
    pub(super) async fn web_socket(base: &str, path: &str, headers: &str) -> Result<Self, String> {
        let host = base.trim_start_matches("http://");
        let host = if headers.contains("host:") { String::new() } else { format!("host: {host}\r\n") };
        let address = base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("the hub listens");
        let head = format!(
            "GET {path} HTTP/1.1\r\n{host}upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: mcp\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("the hub reads");
        let answer = check::within("the answer to a handshake", frames::read_head(&mut stream)).await.expect("a head");
        if !answer.starts_with("HTTP/1.1 101") {
            return Err(answer);
        }
        assert_eq!(frames::header_of(&answer, "sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert_eq!(frames::header_of(&answer, "sec-websocket-protocol"), Some("mcp"));
        let (mut input, output) = stream.into_split();
        let (sender, messages) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some((opcode, payload)) = frames::read(&mut input).await {
                let _ = match opcode {
                    TEXT => sender.send(serde_json::from_slice(&payload).expect("a message is JSON")),
                    CLOSE => sender.send(json!({END: payload.first_chunk().map(|code| u16::from_be_bytes(*code))})),
                    _ => Ok(()),
                };
            }
        });
        Ok(Self { way: Way::Bytes { output: Box::new(output), frames: true }, messages, closed: None, next_id: 1 })
    }

    pub(super) async fn socket(path: &Path) -> Self {
        let (input, output) = UnixStream::connect(path).await.expect("the hub listens at its socket").into_split();
        let (sender, messages) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut lines = BufReader::new(input).lines();
            loop {
                let line = tokio::select! {
                    line = lines.next_line() => line,
                    () = sender.closed() => return,
                };
                let Ok(Some(line)) = line else { return };
                let _ = sender.send(serde_json::from_str(&line).expect("a line is JSON"));
            }
        });
        Self { way: Way::Bytes { output: Box::new(output), frames: false }, messages, closed: None, next_id: 1 }
    }

    pub(super) async fn events(url: &str) -> Self {
        let mut stream: Stream = Http::new("GET", url).header("accept", "text/event-stream").open().await;
        assert_eq!(stream.status, 200);
        let endpoint = check::within("the address for messages", stream.next_data()).await.expect("an event");
        assert!(endpoint.starts_with("/messages?session_id="), "{endpoint}");
        let base = url.split("/sse").next().expect("an address");
        let (sender, messages) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let data = tokio::select! {
                    data = stream.next_data() => data,
                    () = sender.closed() => return,
                };
                let Some(data) = data else { return };
                let _ = sender.send(serde_json::from_str(&data).expect("an event is JSON"));
            }
        });
        Self { way: Way::Posts(format!("{base}{endpoint}")), messages, closed: None, next_id: 1 }
    }

    /// The address for messages of a stream of events.
    pub(super) fn address(&self) -> &str {
        match &self.way {
            Way::Posts(address) => address,
            Way::Bytes { .. } => panic!("only a stream of events has one"),
        }
    }

    pub(super) async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends any text as a message; the status and the answer of a POST.
    pub(super) async fn send_text(&mut self, text: &str) -> Option<(u16, String)> {
        match &mut self.way {
            Way::Bytes { output, frames } => {
                let bytes =
                    if *frames { frames::frame(TEXT, text.as_bytes(), true) } else { format!("{text}\n").into() };
                let sent = check::within("the hub to read", output.write_all(&bytes)).await;
                // A hub that has closed the connection reads nothing.
                let _ = sent;
                None
            }
            Way::Posts(url) => {
                let post = Http::new("POST", url).header("content-type", "application/json").body(text.to_owned());
                let answer = post.send().await;
                Some((answer.status, answer.text()))
            }
        }
    }

    /// Sends bytes as they are over a connection.
    pub(super) async fn send_bytes(&mut self, bytes: &[u8]) {
        let Way::Bytes { output, .. } = &mut self.way else { panic!("a stream of events takes no bytes") };
        let _ = check::within("the hub to read", output.write_all(bytes)).await;
    }

    /// Sends no more, and reads on.
    pub(super) async fn end_input(&mut self) {
        let Way::Bytes { output, frames: false } = &mut self.way else { panic!("only a socket has two halves") };
        output.shutdown().await.expect("the hub is there");
    }

    /// The next message; nothing when the connection has ended.
    pub(super) async fn next(&mut self) -> Option<Value> {
        let message = check::within("a message of the hub", self.messages.recv()).await?;
        if let Some(code) = message.get(END) {
            self.closed = code.as_u64().and_then(|code| u16::try_from(code).ok());
            return None;
        }
        Some(message)
    }

    /// Sends a request and gives its answer, and what came before it.
    pub(super) async fn request(&mut self, method: &str, params: Value) -> (Value, Vec<Value>) {
        let id = self.begin(method, params).await;
        self.answer(&id).await
    }

    /// Sends a request and goes on.
    pub(super) async fn begin(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = json!(self.next_id);
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        id
    }

    pub(super) async fn answer(&mut self, id: &Value) -> (Value, Vec<Value>) {
        let mut before = Vec::new();
        loop {
            let message = self.next().await.unwrap_or_else(|| panic!("the answer to {id} before the end: {before:?}"));
            if message["id"] == *id && message.get("method").is_none() {
                return (message, before);
            }
            before.push(message);
        }
    }

    pub(super) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({"name": tool, "arguments": arguments})).await.0
    }

    /// Opens a legacy session.
    pub(super) async fn greet(&mut self) -> Value {
        let params =
            json!({"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "e", "version": "1"}});
        let (answer, _) = self.request("initialize", params).await;
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        answer
    }
}
