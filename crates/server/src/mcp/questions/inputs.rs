//! What a modern client is shown of a legacy task that wants something of it.

use super::{Asking, Questions};
use crate::mcp::ids::Ids;
use identity::tasks::Task;
use mcp::task::{self, Status};
use mcp::{Era, Method, raw};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tools::view::Route;
use tools::{Caller, Hub, Step, View};

/// Puts into a task what its legacy upstream asks.
pub(crate) struct Inputs {
    pub(crate) questions: Arc<Questions>,
    pub(crate) hub: Hub,
    pub(crate) shutdown: CancellationToken,
    pub(crate) view: Arc<View>,
    pub(crate) ids: Option<Ids>,
    pub(crate) task: Task,
    pub(crate) principal: Arc<str>,
    /// Of the client's request, with the upstream's own id of the task; raw JSON.
    pub(crate) params: String,
    pub(crate) caller: Caller,
    /// The task as the upstream shows it, until it is known what it asks.
    pub(crate) kept: Option<(String, Arc<Asking>)>,
}

impl Inputs {
    /// Keeps the task back if it wants something and does not say what; gives what is not kept.
    pub(crate) fn keep(&mut self, step: Step) -> Option<Step> {
        let Step::Result(result) = step else { return Some(step) };
        let key = (self.task.clone(), Arc::clone(&self.principal));
        let asking = self.questions.of(&key);
        if task::status(&result) != Status::InputRequired || !self.is_legacy() {
            return Some(Step::Result(result));
        }
        match asking.or_else(|| self.begin()) {
            Some(asking) => {
                self.kept = Some((result, asking));
                None
            }
            None => Some(Step::Result(result)),
        }
    }

    /// The task that was kept back, with what it asks; nothing where none was.
    pub(crate) async fn filled(&mut self) -> Option<Step> {
        let (_, asking) = self.kept.as_ref()?;
        asking.first().await;
        let (result, asking) = self.kept.take()?;
        let mut splice = raw::Splice::new(&result);
        if let Some(requests) = raw::get(&result, "inputRequests") {
            splice.replace(requests, asking.requests());
        }
        Some(Step::Result(splice.finish().into_owned()))
    }

    fn is_legacy(&self) -> bool {
        let upstream = self.hub.upstream(&self.task.upstream);
        upstream.and_then(|upstream| upstream.status().greeting).is_some_and(|greeting| greeting.era == Era::Legacy)
    }

    fn begin(&mut self) -> Option<Arc<Asking>> {
        let route = Route { upstream: self.task.upstream.clone(), original: self.task.id.clone(), mirrors: None };
        let (method, caller) = (Method::TasksResult, self.caller.clone());
        let forward = self.hub.forward_to(route, &self.view, &method, &self.params, caller).ok()?;
        let key = (self.task.clone(), Arc::clone(&self.principal));
        Questions::wait(&self.questions, key, forward, self.ids.take()?, self.shutdown.clone())
    }
}
