//! An MCP client of either era. It keeps no state but the session, so that each request can be looked at alone.

use super::check::within;
use super::http::{Answer, Http, Stream};
use super::reply::Reply;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::task::JoinHandle;

pub(crate) const MODERN: &str = "2026-07-28";
pub(crate) const LATEST_LEGACY: &str = "2025-11-25";
const META: &str = "io.modelcontextprotocol/";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

impl Era {
    pub(crate) const BOTH: [Era; 2] = [Era::Legacy, Era::Modern];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Era::Legacy => "legacy",
            Era::Modern => "modern",
        }
    }
}

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) era: Era,
    pub(crate) url: String,
    pub(crate) session: Option<String>,
    /// What the server said of itself: the result of `initialize`, or null.
    pub(crate) greeting: Value,
    pub(crate) extra_headers: Vec<(String, String)>,
    /// What servers may ask of it.
    pub(crate) capabilities: Value,
    /// The level of log messages that a modern client asks for.
    pub(crate) log_level: Option<String>,
    next_id: Arc<AtomicI64>,
}

impl Client {
    /// A modern client: there is nothing to shake hands about.
    pub(crate) fn modern(url: &str) -> Self {
        Self::bare(Era::Modern, url)
    }

    /// A legacy client with a session.
    pub(crate) async fn legacy(url: &str) -> Self {
        Self::bare(Era::Legacy, url).shake_hands(LATEST_LEGACY).await
    }

    pub(crate) async fn of(era: Era, url: &str) -> Self {
        match era {
            Era::Legacy => Self::legacy(url).await,
            Era::Modern => Self::modern(url),
        }
    }

    /// A client that has not said anything yet.
    pub(crate) fn bare(era: Era, url: &str) -> Self {
        Self {
            era,
            url: url.to_owned(),
            session: None,
            greeting: Value::Null,
            extra_headers: Vec::new(),
            capabilities: json!({}),
            log_level: None,
            next_id: Arc::new(AtomicI64::new(1)),
        }
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.extra_headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same client at another address.
    pub(crate) fn at(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// The same client, which can be asked what `capabilities` say.
    pub(crate) fn able(mut self, capabilities: &Value) -> Self {
        self.capabilities = capabilities.clone();
        self
    }

    /// Opens a legacy session.
    pub(crate) async fn shake_hands(mut self, version: &str) -> Self {
        let params = json!({
            "protocolVersion": version, "capabilities": self.capabilities, "clientInfo": {"name": "e2e", "version": "1"},
        });
        let request = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let stream = self.post(&request).without("mcp-protocol-version").open().await;
        self.session = stream.header("mcp-session-id").map(str::to_owned);
        let reply = within("the answer to initialize", read_reply(stream, &json!(0))).await;
        let reply = reply.unwrap_or_else(|problem| panic!("initialize: {problem}"));
        self.greeting = reply.result().clone();
        assert!(self.session.is_some(), "initialize gives a session: {}", reply.raw);
        let answer = self.notify("notifications/initialized", json!({})).await;
        assert_eq!(answer.status, 202, "notifications/initialized is accepted: {}", answer.text());
        self
    }

    pub(crate) fn fresh_id(&self) -> Value {
        json!(self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    /// The whole request message, with what the era wants in it.
    pub(crate) fn message(&self, id: &Value, method: &str, params: Value) -> Value {
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": self.params(params)})
    }

    fn params(&self, mut params: Value) -> Value {
        if self.era == Era::Modern {
            let meta = &mut params["_meta"];
            meta[format!("{META}protocolVersion")] = json!(MODERN);
            meta[format!("{META}clientInfo")] = json!({"name": "e2e", "version": "1"});
            meta[format!("{META}clientCapabilities")] = self.capabilities.clone();
            if let Some(level) = &self.log_level {
                meta[format!("{META}logLevel")] = json!(level);
            }
        }
        params
    }

    /// The HTTP request that carries `message`, with the right headers.
    pub(crate) fn post(&self, message: &Value) -> Http {
        let mut http = Http::new("POST", &self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if self.era == Era::Modern {
            let method = message["method"].as_str().unwrap_or_default();
            http = http.header("mcp-protocol-version", MODERN).header("mcp-method", method);
            let name = match method {
                "resources/read" => &message["params"]["uri"],
                _ => &message["params"]["name"],
            };
            if let Some(name) = name.as_str() {
                http = http.header("mcp-name", name);
            }
        }
        self.add_session(http).body(message.to_string())
    }

    /// Adds the session of a legacy client and the extra headers.
    pub(crate) fn add_session(&self, mut http: Http) -> Http {
        if self.era == Era::Legacy {
            http = http.header("mcp-protocol-version", LATEST_LEGACY);
        }
        if let Some(session) = &self.session {
            http = http.header("mcp-session-id", session);
        }
        for (name, value) in &self.extra_headers {
            http = http.header(name, value);
        }
        http
    }

    /// Sends a request and waits for the answer.
    pub(crate) async fn request(&self, method: &str, params: Value) -> Reply {
        self.send(&self.message(&self.fresh_id(), method, params)).await
    }

    /// Sends a request message and waits for the answer.
    pub(crate) async fn send(&self, message: &Value) -> Reply {
        let what = format!("the answer to {:.300}", message.to_string());
        let answered = within(&what, exchange(self.post(message), message["id"].clone())).await;
        answered.unwrap_or_else(|problem| panic!("{what}: {problem}"))
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Reply {
        self.request("tools/call", call_params(tool, arguments)).await
    }

    /// Sends a request and goes on without waiting.
    pub(crate) fn start(&self, method: &str, params: Value) -> Pending {
        let id = self.fresh_id();
        let message = self.message(&id, method, params);
        let what = format!("the answer to {:.300}", message.to_string());
        Pending { id: id.clone(), what, task: tokio::spawn(exchange(self.post(&message), id)) }
    }

    pub(crate) fn start_call(&self, tool: &str, arguments: Value) -> Pending {
        self.start("tools/call", call_params(tool, arguments))
    }

    pub(crate) async fn notify(&self, method: &str, params: Value) -> Answer {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": self.params(params)});
        self.post(&message).send().await
    }

    /// Opens the stream for what no request asked for: GET, or `subscriptions/listen` with all kinds of changes.
    pub(crate) async fn listen(&self) -> Stream {
        let stream = match self.era {
            Era::Legacy => {
                let http = Http::new("GET", &self.url).header("accept", "text/event-stream");
                self.add_session(http).open().await
            }
            Era::Modern => {
                let all = ["toolsListChanged", "promptsListChanged", "resourcesListChanged"];
                let filter: Value = all.iter().map(|kind| ((*kind).to_owned(), json!(true))).collect();
                self.subscribe(&filter, &json!("listen")).await
            }
        };
        assert_eq!(stream.status, 200, "the {} stream opens", self.era.word());
        assert!(stream.is_event_stream(), "the {} stream is an event stream", self.era.word());
        stream
    }

    /// Sends `subscriptions/listen` and reads up to the acknowledgement.
    pub(crate) async fn subscribe(&self, filter: &Value, id: &Value) -> Stream {
        let mut stream = self.open_subscription(filter, id).await;
        let first = stream.next_message("the acknowledgement of subscriptions/listen").await;
        assert_eq!(first["method"], "notifications/subscriptions/acknowledged", "the first message: {first}");
        assert_eq!(first["params"]["_meta"][format!("{META}subscriptionId")], *id, "its subscription: {first}");
        stream
    }

    /// Sends `subscriptions/listen`.
    pub(crate) async fn open_subscription(&self, filter: &Value, id: &Value) -> Stream {
        self.post(&self.message(id, "subscriptions/listen", json!({"notifications": filter}))).open().await
    }

    /// All entries of a list, page after page.
    pub(crate) async fn list(&self, method: &str, member: &str) -> Vec<Value> {
        let (mut all, mut params) = (Vec::new(), json!({}));
        for _ in 0..1_000 {
            let reply = self.request(method, params).await;
            let page = reply.result()[member].as_array().cloned();
            all.extend(page.unwrap_or_else(|| panic!("{method} gives {member}: {:.2000}", reply.raw)));
            match reply.result().get("nextCursor") {
                Some(cursor) => params = json!({"cursor": cursor}),
                None => return all,
            }
        }
        panic!("{method} has no last page")
    }

    pub(crate) async fn tool_names(&self) -> Vec<String> {
        names(&self.list("tools/list", "tools").await)
    }

    /// Ends a legacy session.
    pub(crate) async fn close(&self) -> Answer {
        self.add_session(Http::new("DELETE", &self.url)).send().await
    }
}

fn call_params(tool: &str, arguments: Value) -> Value {
    let mut params = json!({"name": tool});
    params["arguments"] = arguments;
    params
}

/// The names of listed things.
pub(crate) fn names(entries: &[Value]) -> Vec<String> {
    entries.iter().map(|entry| entry["name"].as_str().expect("what is listed has a name").to_owned()).collect()
}

/// A request under way. Dropping it closes its connection.
pub(crate) struct Pending {
    pub(crate) id: Value,
    what: String,
    task: JoinHandle<Result<Reply, String>>,
}

impl Pending {
    pub(crate) async fn finish(self) -> Reply {
        let what = self.what.clone();
        self.end().await.unwrap_or_else(|problem| panic!("{what}: {problem}"))
    }

    /// Waits for the end, with an answer or, as after a cancel, without one.
    pub(crate) async fn end(mut self) -> Result<Reply, String> {
        let what = self.what.clone();
        within(&what, &mut self.task).await.unwrap_or_else(|error| panic!("{what} failed: {error}"))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.task.is_finished()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn exchange(http: Http, id: Value) -> Result<Reply, String> {
    read_reply(http.try_open().await?, &id).await
}

/// Reads an answer, plain or at the end of an event stream.
pub(crate) async fn read_reply(mut stream: Stream, id: &Value) -> Result<Reply, String> {
    let status = stream.status;
    let parse = |raw: &str| {
        serde_json::from_str::<Value>(raw).map_err(|error| format!("status {status}, not JSON ({error}): {raw:.2000}"))
    };
    if !stream.is_event_stream() {
        let raw = stream.finish().await.text();
        let message = parse(&raw)?;
        return Ok(Reply { status, raw, message, before: Vec::new() });
    }
    let mut before = Vec::new();
    while let Some(raw) = stream.next_data().await {
        let message = parse(&raw)?;
        if message.get("method").is_none() && message["id"] == *id {
            return Ok(Reply { status, raw, message, before });
        }
        before.push(message);
    }
    Err(format!("the event stream ended without the answer to {id}; before it: {before:?}"))
}
