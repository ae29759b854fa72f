//! Modern clients that want to be told how their tasks are (extension `io.modelcontextprotocol/tasks`, task status
//! notifications).
//!
//! Not every upstream tells, and what a legacy one tells is not all that a modern client is to know. So the hub looks at
//! the task, as often as its upstream says, and tells when it is another.

use super::named;
use crate::Shared;
use crate::mcp::caller::caller;
use crate::mcp::client::Client;
use crate::mcp::ids::Ids;
use crate::mcp::pending::Next;
use base::Result;
use mcp::extension;
use mcp::parameter::Headers;
use mcp::task::{self, Status};
use mcp::version::meta;
use mcp::{Era, Method, raw, write};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The most tasks that one client is told of.
const WATCHED: usize = 64;

/// How often a task is looked at: as it says, within these bounds, or this.
const LOOK: (Duration, Duration, Duration) =
    (Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(60));

/// The tasks that a client wants to hear of.
pub(crate) struct Watch {
    client: Client,
    /// What the client says of itself, raw JSON.
    own: String,
    /// By the ids that the client knows.
    pub(crate) ids: Vec<String>,
}

/// Which tasks a client that listens with these `params` is told of: those of its own that it sees.
pub(crate) fn watch(shared: &Shared, client: &Client, params: &str) -> Result<Watch> {
    let own = raw::get(params, "_meta").unwrap_or("{}");
    let wanted = raw::at(params, &["notifications", "taskIds"]).unwrap_or_default();
    let declared = raw::get(own, meta::CLIENT_CAPABILITIES).unwrap_or("{}");
    if raw::elements(wanted).next().is_some() && !extension::takes_tasks(declared) {
        return Err(extension::tasks_needed("news of tasks are for clients that take tasks"));
    }
    let known = |id: &&str| named(shared, client, &Method::TasksGet, &format!("{{\"taskId\":{id}}}")).is_ok();
    let ids = raw::elements(wanted).take(WATCHED).filter(known).filter_map(raw::text);
    let ids = ids.map(std::borrow::Cow::into_owned).collect();
    let client = Client {
        era: Era::Modern,
        view: Arc::clone(&client.view),
        session: None,
        visitor: Arc::clone(&client.visitor),
        headers: Headers::default(),
    };
    Ok(Watch { client, own: own.to_owned(), ids })
}

impl Watch {
    /// Tells how the tasks are until they have ended, nobody listens any more or the hub ends. `id` is the raw JSON id of
    /// the listen request.
    pub(crate) fn begin(self, shared: &Arc<Shared>, id: &str, messages: &mpsc::Sender<String>) {
        let watch = Arc::new(self);
        for task in &watch.ids {
            let (watch, shared, task) = (Arc::clone(&watch), Arc::clone(shared), task.clone());
            let (id, messages) = (id.to_owned(), messages.clone());
            base::task::spawn("news of a task", async move {
                tokio::select! {
                    () = watch.follow(&shared, &task, &id, &messages) => {}
                    () = messages.closed() => {}
                    // What is kept here would keep the stream open.
                    () = shared.shutdown.cancelled() => {}
                }
            });
        }
    }

    async fn follow(&self, shared: &Shared, task: &str, id: &str, messages: &mpsc::Sender<String>) {
        let params = format!("{{\"taskId\":{},\"_meta\":{}}}", raw::quote(task), self.own);
        let mut told = String::new();
        loop {
            let (least, mut wait, most) = LOOK;
            if let Some(shown) = self.look(shared, &params).await {
                if shown != told {
                    let bare = raw::without(&shown, |member| member.is("resultType") || member.is("_meta"));
                    let mut splice = raw::Splice::new(&bare);
                    splice.insert(&bare, "_meta", &format!(r#"{{"{}":{id}}}"#, meta::SUBSCRIPTION_ID));
                    let note = write::notification(Method::TaskNote.name(), Some(&splice.finish()));
                    if messages.send(note).await.is_err() {
                        return;
                    }
                }
                if matches!(task::status(&shown), Status::Completed | Status::Failed | Status::Cancelled) {
                    return;
                }
                let said = raw::get(&shown, "pollIntervalMs").and_then(|text| text.parse().ok());
                wait = said.map_or(wait, Duration::from_millis).clamp(least, most);
                told = shown;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// The task as the client would be shown it; nothing where that fails.
    async fn look(&self, shared: &Shared, params: &str) -> Option<String> {
        let caller = caller(shared, &self.client, params);
        let pending = super::call(shared, &self.client, "0", (&Method::TasksGet, params), caller).ok()?;
        let ids = Ids::new(&shared.tasks, &self.client, pending.upstream(), &Method::TasksGet, params);
        let mut pending = pending.with_ids(ids);
        loop {
            match pending.next().await {
                Next::Last(text) => return raw::get(&text, "result").map(str::to_owned),
                Next::Note(_) => {}
                Next::Ask { .. } | Next::Input(_) | Next::Cancelled => return None,
            }
        }
    }
}
