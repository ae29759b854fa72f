//! The upstream apart from its transports: takes a message, answers it.

use super::calls;
use super::desk::{Desk, lock};
use super::era::{self, Admission, Era};
use super::flaky::How;
use super::lists;
use super::options::Options;
use super::outlet::Outlet;
use super::record::Recorder;
use super::tasks::{self, Tasks};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock};

pub(crate) struct Server {
    pub(crate) options: Options,
    pub(crate) desk: Desk,
    pub(crate) recorder: Recorder,
    pub(crate) tasks: Tasks,
    /// The era of the first message.
    pub(crate) pinned: OnceLock<Era>,
    /// The HTTP sessions that are known.
    pub(crate) sessions: Mutex<Vec<Arc<Session>>>,
    /// How often a flaky tool was called, by key.
    pub(crate) counts: Mutex<HashMap<String, u64>>,
}

/// One legacy client, or one modern request.
#[derive(Default)]
pub(crate) struct Session {
    pub(crate) name: String,
    pub(crate) state: Mutex<SessionState>,
}

#[derive(Default)]
pub(crate) struct SessionState {
    pub(crate) stage: Stage,
    /// The place of the lowest wanted level in [`calls::LEVELS`].
    pub(crate) level: usize,
    pub(crate) subscribed: HashSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stage {
    #[default]
    New,
    Greeted,
    Ready,
}

impl Session {
    pub(crate) fn new(name: String) -> Arc<Self> {
        Arc::new(Self { name, state: Mutex::default() })
    }

    pub(crate) fn stage(&self) -> Stage {
        lock(&self.state).stage
    }
}

/// Where a message came from and where the answer goes.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) outlet: Outlet,
    pub(crate) session: Arc<Session>,
    /// How the call of a flaky tool fails, if it does, where that was found out before.
    pub(crate) planned: Option<Option<How>>,
}

/// A JSON-RPC error.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    pub(crate) message: String,
    pub(crate) data: Option<Value>,
}

impl Refusal {
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    pub(crate) fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    pub(crate) fn answer(&self, id: &Value) -> Value {
        let mut error = json!({"code": self.code, "message": self.message});
        if let Some(data) = &self.data {
            error["data"] = data.clone();
        }
        json!({"jsonrpc": "2.0", "id": id, "error": error})
    }
}

pub(crate) type Answer = Result<Value, Refusal>;

impl Server {
    pub(crate) fn new(options: Options) -> Arc<Self> {
        let recorder = Recorder::new(options.record.as_deref());
        Arc::new(Self {
            options,
            desk: Desk::new(),
            recorder,
            tasks: Tasks::new(),
            pinned: OnceLock::new(),
            sessions: Mutex::default(),
            counts: Mutex::default(),
        })
    }

    /// Waits as long as the flags say before the first message is handled.
    pub(crate) async fn delay(&self) {
        tokio::time::sleep(self.options.start_delay).await;
        if let Some(path) = &self.options.start_delay_file {
            calls::file_appears(path).await;
        }
    }

    /// Handles one message. Answers go to the link, now or later.
    pub(crate) fn receive(self: &Arc<Self>, raw: &[u8], link: &Link) {
        let Ok(message) = serde_json::from_slice::<Value>(raw) else {
            return link.outlet.send(&Refusal::new(-32700, "Parse error").answer(&Value::Null));
        };
        if message.get("method").is_none() {
            return self.desk.answered(message);
        }
        let id = message.get("id").cloned();
        match (era::admit(self, &link.session, &message), id) {
            (Admission::Take(era), Some(id)) => self.request(era, id, &message, link),
            (Admission::Take(_), None) => self.notification(&message, link),
            (Admission::Refuse(refusal), Some(id)) => link.outlet.send(&refusal.answer(&id)),
            (Admission::Refuse(_) | Admission::Ignore, _) => {}
        }
    }

    fn notification(&self, message: &Value, link: &Link) {
        match message["method"].as_str() {
            Some("notifications/initialized") => {
                lock(&link.session.state).stage = Stage::Ready;
                if matches!(link.outlet, Outlet::Stdout | Outlet::Connection(_)) {
                    self.desk.listen(link.outlet.clone(), &link.session.name, None);
                }
            }
            Some("notifications/cancelled") => {
                self.desk.cancel(&link.session.name, &message["params"]["requestId"]);
            }
            _ => {}
        }
    }

    fn request(self: &Arc<Self>, era: Era, id: Value, message: &Value, link: &Link) {
        let params = message.get("params").cloned().unwrap_or_else(|| json!({}));
        let method = message["method"].as_str().unwrap_or_default();
        if tasks::take(self, era, &id, method, &params, link) {
            return;
        }
        match method {
            "tools/call" => calls::start(self, era, id, params, link.clone()),
            "subscriptions/listen" if era == Era::Modern => self.subscribe(id, &params, link),
            method => {
                let answer = match self.answer(era, method, &params, link) {
                    Ok(result) => self.complete(era, &id, result),
                    Err(refusal) => refusal.answer(&id),
                };
                link.outlet.send(&answer);
            }
        }
    }

    fn answer(&self, era: Era, method: &str, params: &Value, link: &Link) -> Answer {
        match (era, method) {
            (Era::Legacy, "initialize") => Ok(self.initialize(params, link)),
            (Era::Legacy, "ping") => Ok(json!({})),
            (Era::Legacy, "logging/setLevel") => calls::set_level(&link.session, params),
            (Era::Legacy, "resources/subscribe") => {
                let uri = params["uri"].as_str().unwrap_or_default().to_owned();
                lock(&link.session.state).subscribed.insert(uri);
                Ok(json!({}))
            }
            (Era::Legacy, "resources/unsubscribe") => {
                lock(&link.session.state).subscribed.remove(params["uri"].as_str().unwrap_or_default());
                Ok(json!({}))
            }
            (Era::Modern, "server/discover") => Ok(self.discover()),
            _ => lists::answer(self, era, method, params),
        }
    }

    /// The whole answer with what the era demands of every result.
    pub(crate) fn complete(&self, era: Era, id: &Value, mut result: Value) -> Value {
        if era == Era::Modern {
            if result.get("resultType").is_none() {
                result["resultType"] = json!("complete");
            }
            result["_meta"][era::META_SERVER] = self.information();
        }
        json!({"jsonrpc": "2.0", "id": id, "result": result})
    }

    fn information(&self) -> Value {
        json!({"name": self.options.name, "version": "1.0.0"})
    }

    fn capabilities(&self, era: Era) -> Value {
        let mut capabilities = json!({
            "tools": {"listChanged": true}, "prompts": {"listChanged": true},
            "resources": {"subscribe": true, "listChanged": true}, "completions": {}, "logging": {},
        });
        if self.options.extra_capabilities {
            capabilities["experimental"] = json!({"fixture/thing": {"depth": 2}});
            capabilities["extensions"] = json!({"com.example/fixture": {"on": true}});
            capabilities["x-vendor"] = json!({"kept": [1, 2.5, null]});
        }
        if self.options.tasks {
            tasks::capability(era, &mut capabilities);
        }
        capabilities
    }

    fn instructions(&self) -> String {
        if let Some(path) = &self.options.instructions_file {
            return std::fs::read_to_string(path).expect("the instructions are there");
        }
        format!("Instructions of {}.", self.options.name)
    }

    fn initialize(&self, params: &Value, link: &Link) -> Value {
        lock(&link.session.state).stage = Stage::Greeted;
        let wanted = params["protocolVersion"].as_str().unwrap_or_default();
        let version = if era::LEGACY.contains(&wanted) { wanted } else { era::LEGACY[3] };
        json!({
            "protocolVersion": version, "capabilities": self.capabilities(Era::Legacy),
            "serverInfo": self.information(), "instructions": self.instructions(),
        })
    }

    fn discover(&self) -> Value {
        json!({
            "supportedVersions": [era::MODERN], "capabilities": self.capabilities(Era::Modern),
            "instructions": self.instructions(), "ttlMs": 0, "cacheScope": "private",
        })
    }

    /// Opens a subscription and ends it with a result when it is cancelled or its reader is gone.
    fn subscribe(self: &Arc<Self>, id: Value, params: &Value, link: &Link) {
        let filter = params["notifications"].clone();
        let mut cancelled = self.desk.begin(&link.session.name, &id);
        link.outlet.send(&json!({
            "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged",
            "params": {"_meta": {"io.modelcontextprotocol/subscriptionId": id}, "notifications": filter},
        }));
        self.desk.listen(link.outlet.clone(), &link.session.name, Some((id.clone(), filter)));
        let (server, link) = (Arc::clone(self), link.clone());
        tokio::spawn(async move {
            tokio::select! {
                _ = cancelled.wait_for(|cancelled| *cancelled) => {}
                () = link.outlet.gone() => {}
            }
            server.desk.end(&link.session.name, &id);
        });
    }
}
