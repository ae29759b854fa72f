//! Talking to a hub: one that runs, or one that is started in this process for a single command.

pub mod address;
mod answer;
pub mod exchange;
mod find;
mod local;

pub use answer::coded;
pub use find::{find, folder, named};
pub use local::{Started, servers, unknown as unknown_server};

use crate::context::{Context, Failures};
use crate::signals::Signals;
use base::{Code, Error, Result};
use exchange::{Answer, Endpoint, Events};
use http::{HeaderMap, HeaderName, HeaderValue, Method as Verb};
use local::Local;
use mcp::client::handshake;
use mcp::message::Kind;
use mcp::version::{LATEST_MODERN, meta};
use mcp::{Message, Method, header as names, raw, write};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tools::catalogue::LISTS;
use tools::mode::{Mode, Variant};
use tools::naming::SEPARATOR;
use workflow::Definitions;

/// The most pages of one list: a hub that always names another page is broken.
const PAGES: usize = 10_000;

/// Is told how far a call is: how much is done, of how much, and what is being done.
pub type Progress<'a> = dyn FnMut(f64, Option<f64>, Option<&str>) + 'a;

/// A hub, as commands see it.
pub struct HubClient {
    endpoint: Arc<Endpoint>,
    view: Option<String>,
    variant: Variant,
    local: Option<Local>,
    ids: AtomicU64,
}

/// What a command needs of a hub.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The only server that is needed, by its name. A hub in this process then starts no other.
    pub server: Option<String>,
    /// The view; nothing is the one of everything, or the one that the address of the hub names.
    pub view: Option<String>,
    /// How much of it is shown: commands see every tool unless they say otherwise.
    pub mode: Mode,
    /// Whether it is to carry runs out, also where it is started for this command; then it has these workflows too.
    pub runs: Option<Definitions>,
}

impl HubClient {
    /// The hub that runs, or else one that is started in this process. It must be closed with [`HubClient::close`];
    /// [`HubClient::with`] does so by itself.
    pub async fn connect(context: &Context) -> Result<HubClient, Failures> {
        Self::open(context, &Wanted::default()).await
    }

    /// As [`HubClient::connect`], with what is needed of it.
    pub async fn open(context: &Context, wanted: &Wanted) -> Result<HubClient, Failures> {
        // What stands in a file of this command, no other hub knows.
        let brings_own = wanted.runs.as_ref().is_some_and(|definitions| !definitions.is_empty());
        if let Some(endpoint) = if brings_own { None } else { find::find(context).await? } {
            return Ok(Self::new(endpoint, None, wanted));
        }
        let (local, endpoint) = local::start(context, wanted).await?;
        Ok(Self::new(endpoint, Some(local), wanted))
    }

    /// The hub that runs; nothing when none does.
    pub async fn running(context: &Context) -> Result<Option<HubClient>, Failures> {
        let endpoint = find::find(context).await?;
        Ok(endpoint.map(|endpoint| Self::new(endpoint, None, &Wanted::default())))
    }

    /// The hub that was named, or else the one that has the store of this home, whichever folder it serves; nothing when
    /// there is none.
    pub async fn of_store(context: &Context) -> Result<Option<HubClient>, Failures> {
        let endpoint = find::of_store(context).await?;
        Ok(endpoint.map(|endpoint| Self::new(endpoint, None, &Wanted::default())))
    }

    /// Runs `work` with a hub, and stops what was started for it however the work ends: well, with an error, or because
    /// the process was told to stop.
    pub async fn with<T>(
        context: &Context,
        wanted: &Wanted,
        work: impl AsyncFnOnce(&HubClient) -> Result<T, Failures>,
    ) -> Result<T, Failures> {
        let mut signals = Signals::take()?;
        let client = tokio::select! {
            client = Self::open(context, wanted) => client?,
            () = signals.next() => return Err(interrupted().into()),
        };
        let done = tokio::select! {
            done = work(&client) => done,
            () = signals.next() => Err(interrupted().into()),
        };
        tokio::select! {
            () = client.close() => {}
            // Whoever insists does not want to wait; the supervisors end the servers.
            () = signals.next() => {}
        }
        done
    }

    fn new(endpoint: Arc<Endpoint>, local: Option<Local>, wanted: &Wanted) -> Self {
        let view = wanted.view.clone().or_else(|| endpoint.address().view.clone());
        let variant = Variant { mode: Some(wanted.mode), plain: true };
        Self { endpoint, view, variant, local, ids: AtomicU64::new(1) }
    }

    /// Whether the hub was started for this command.
    pub fn is_local(&self) -> bool {
        self.local.is_some()
    }

    /// Whether what this command tells the hub is remembered: a hub that was started for it may find the store taken.
    pub fn check_memory(&self) -> Result<()> {
        match self.local.as_ref().and_then(Local::forgets) {
            None => Ok(()),
            Some(why) => {
                let message = format!("nothing would be remembered: {}", why.message());
                Err(Error::new(why.code(), message, why.next()))
            }
        }
    }

    /// The address of the hub, without `/mcp`.
    pub fn url(&self) -> String {
        self.endpoint.address().url()
    }

    /// Asks the hub's own interface, such as `/api/v1/servers`.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.api(Verb::GET, path, String::new()).await
    }

    /// Tells the hub's own interface to do something, such as `/api/v1/servers/NAME/restart`.
    pub async fn post(&self, path: &str) -> Result<Value> {
        self.api(Verb::POST, path, String::new()).await
    }

    /// As [`HubClient::post`], with a body.
    pub async fn post_json(&self, path: &str, body: &Value) -> Result<Value> {
        self.api(Verb::POST, path, body.to_string()).await
    }

    /// As [`HubClient::post_json`], with the method PUT.
    pub async fn put_json(&self, path: &str, body: &Value) -> Result<Value> {
        self.api(Verb::PUT, path, body.to_string()).await
    }

    /// Has the hub's own interface remove something.
    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.api(Verb::DELETE, path, String::new()).await
    }

    /// Follows what happens under a path of the hub's own interface, such as `/api/v1/runs/ID/events`.
    pub async fn events(&self, path: &str) -> Result<Events> {
        let answer = Endpoint::send(&self.endpoint, Verb::GET, path, HeaderMap::new(), String::new()).await?;
        if answer.is_events() {
            return Ok(answer.events());
        }
        let status = answer.status;
        Err(answer::refused(status, &answer.text().await?, &self.url()))
    }

    async fn api(&self, verb: Verb, path: &str, body: String) -> Result<Value> {
        let answer = Endpoint::send(&self.endpoint, verb, path, HeaderMap::new(), body).await?;
        let status = answer.status;
        let body = answer.text().await?;
        if !status.is_success() {
            return Err(answer::refused(status, &body, &self.url()));
        }
        base::json::from_text(&body).map_err(|error| self.nonsense(&format!("something that is not JSON ({error})")))
    }

    /// Sends a request to another of the hub's endpoints, such as a question to a model, and waits for the head of the
    /// answer.
    pub async fn send(&self, path: &str, headers: HeaderMap, body: &Value) -> Result<Answer> {
        Endpoint::send(&self.endpoint, Verb::POST, path, headers, body.to_string()).await
    }

    /// The view, where it is not the one of everything.
    ///
    /// # Errors
    /// [`Code::UnknownView`] for a name that no view has.
    pub fn view(&self) -> Result<Option<&str>> {
        self.endpoint.mcp_path(self.view.as_deref())?;
        Ok(self.view.as_deref())
    }

    /// Everything that a list has, over all of its pages.
    pub async fn list(&self, method: &Method) -> Result<Vec<Value>> {
        let list = LISTS.iter().find(|(known, ..)| known == method);
        let (_, member, ..) = list.ok_or_else(|| Error::internal(format!("{} is no list", method.name())))?;
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            let cursor_member = cursor.iter().map(|cursor| format!("\"cursor\":{},", raw::quote(cursor)));
            let params = format!(
                "{{{}\"_meta\":{}}}",
                cursor_member.collect::<String>(),
                handshake::modern_meta(handshake::NOBODY)
            );
            let result = self.ask(method, &params, None, &mut |_| {}).await?;
            let mut result: Value = base::json::from_text(&result).unwrap_or_default();
            if let Value::Array(items) = result[member].take() {
                all.extend(items);
            }
            match result["nextCursor"].as_str() {
                None => return Ok(all),
                Some(next) if cursor.as_deref() == Some(next) => break,
                Some(next) => cursor = Some(next.to_owned()),
            }
        }
        Err(self.nonsense("a list without an end"))
    }

    /// Calls a tool by the name that the hub lists it under.
    pub async fn call(&self, tool: &str, arguments: &Map<String, Value>, progress: &mut Progress<'_>) -> Result<Value> {
        let result = self.call_raw(tool, arguments, progress).await?;
        base::json::from_text(&result).map_err(|error| self.nonsense(&format!("something that is not JSON ({error})")))
    }

    /// As [`HubClient::call`], with the result as the JSON text that arrived.
    pub async fn call_raw(
        &self,
        tool: &str,
        arguments: &Map<String, Value>,
        progress: &mut Progress<'_>,
    ) -> Result<String> {
        let meta = handshake::modern_meta(handshake::NOBODY);
        let rest = meta.strip_prefix('{').unwrap_or("}");
        let arguments = serde_json::to_string(arguments).map_err(|error| Error::internal(error.to_string()))?;
        let params = format!(
            r#"{{"name":{},"arguments":{arguments},"_meta":{{"{}":1,{rest}}}"#,
            raw::quote(tool),
            meta::PROGRESS_TOKEN
        );
        let mut told = |note: &Message| {
            let body: Value = note.body().and_then(|body| base::json::from_text(body).ok()).unwrap_or_default();
            if note.method() == Some(&Method::Progress)
                && let Some(done) = body["progress"].as_f64()
            {
                progress(done, body["total"].as_f64(), body["message"].as_str());
            }
        };
        self.ask(&Method::ToolsCall, &params, Some(tool), &mut told).await
    }

    /// Sends a modern request and answers with the result as raw JSON.
    async fn ask(
        &self,
        method: &Method,
        params: &str,
        name: Option<&str>,
        note: &mut dyn FnMut(&Message),
    ) -> Result<String> {
        let path = self.variant.name(&self.endpoint.mcp_path(self.view.as_deref())?);
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let mut headers = HeaderMap::new();
        headers.insert(names::PROTOCOL_VERSION, HeaderValue::from_static(LATEST_MODERN));
        let mut add = |header: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(&names::encode(value)) {
                headers.insert(HeaderName::from_static(header), value);
            }
        };
        add(names::METHOD, method.name());
        if let Some(name) = name {
            add(names::NAME, name);
        }
        let body = write::request(id, method.name(), params);
        let answer = Endpoint::send(&self.endpoint, Verb::POST, &path, headers, body).await?;
        let server = name.and_then(|name| name.split_once(SEPARATOR)).map(|(server, _)| server);
        self.result(answer, server, note).await
    }

    async fn result(&self, answer: Answer, server: Option<&str>, note: &mut dyn FnMut(&Message)) -> Result<String> {
        let status = answer.status;
        if !answer.is_events() {
            let text = answer.text().await?;
            let beginning: String = text.chars().take(400).collect();
            return match Message::parse(text) {
                Ok(message) if message.kind() == &Kind::Result => Ok(message.body().unwrap_or("{}").to_owned()),
                Ok(message) if message.kind() == &Kind::Error => {
                    Err(answer::error(message.body().unwrap_or("{}"), server))
                }
                _ => Err(answer::refused(status, &beginning, &self.url())),
            };
        }
        let mut events = answer.events();
        while let Some(data) = events.next().await? {
            let message =
                Message::parse(data).map_err(|why| self.nonsense(&format!("an event that is none ({why})")))?;
            match message.kind() {
                Kind::Result => {
                    events.done();
                    return Ok(message.body().unwrap_or("{}").to_owned());
                }
                Kind::Error => return Err(answer::error(message.body().unwrap_or("{}"), server)),
                Kind::Notification(_) => note(&message),
                Kind::Request(_) => {}
            }
        }
        Err(self.endpoint.unreachable("it ended the stream of an answer before the answer"))
    }

    fn nonsense(&self, what: &str) -> Error {
        let next = "check that the address is a hub's, and that hub and command are of the same version";
        Error::new(Code::HubAnswer, format!("{} answered with {what}", self.url()), next)
    }

    /// Stops the hub and its servers, if they were started for this command.
    pub async fn close(self) {
        if let Some(local) = self.local {
            local.stop().await;
        }
    }
}

/// The error of a command that was told to stop.
pub fn interrupted() -> Error {
    Error::new(Code::Interrupted, "told to stop before the end", "run the command again when you want its result")
}

/// A name within a path. One that is no name of a server is not found, whatever it holds.
pub fn path_segment(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
