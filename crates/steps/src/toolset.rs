//! The tools that a step lets its model call.

use crate::acting::Acting;
use crate::addresses::{address, begins_runs, fits, views};
use crate::calls::{self, Ended};
use crate::transcript::Transcript;
use base::ports::{ModelTool, ModelTools, TalkRecord, Wait};
use base::{Code, Error, Result};
use mcp::raw;
use resilience::retry;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tools::{Hub, View};
use workflow::Effect;
use workflow::approval::Approvals;

/// How long servers that are being started are waited for, so that what they have can be offered.
const PATIENCE: Duration = Duration::from_secs(30);

/// The tools of somebody that fit the patterns of a step.
pub(crate) struct Toolset {
    hub: Hub,
    acting: Acting,
    patterns: Vec<String>,
    /// Which calls want an approval: a model, which makes up its calls as it goes, is not lent their tools.
    approvals: Option<Approvals>,
    called: Arc<AtomicBool>,
    record: Option<Transcript>,
}

impl Toolset {
    /// Those whose address fits one of `patterns`, and whose calls want no approval.
    pub(crate) fn of(hub: &Hub, acting: &Acting, patterns: &[String], approvals: Option<&Approvals>) -> Self {
        let (hub, acting, patterns) = (hub.clone(), acting.clone(), patterns.to_vec());
        Self { hub, acting, patterns, approvals: approvals.cloned(), called: Arc::default(), record: None }
    }

    /// The same, which has what is said kept there.
    pub(crate) fn recorded(self, record: Option<Transcript>) -> Self {
        Self { record, ..self }
    }

    /// Whether a tool was called, from now on too.
    pub(crate) fn called(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.called)
    }

    fn lets_in(&self, view: &View, name: &str) -> bool {
        view.tools.get(name).is_some_and(|route| {
            if begins_runs(&self.hub, &route.upstream) {
                return false;
            }
            let address = address(&route.upstream, &route.original);
            let (effect, destroys) = self.hub.upstream(&route.upstream).map_or((Effect::Unsafe, true), |upstream| {
                let effect = match upstream.effect(&route.original) {
                    retry::Effect::Read => Effect::Read,
                    retry::Effect::Idempotent => Effect::Idempotent,
                    retry::Effect::Write => Effect::Unsafe,
                };
                (effect, upstream.may_destroy(&route.original))
            });
            let wants = self.approvals.as_ref().and_then(|approvals| approvals.demands(&address, effect, destroys));
            wants.is_none() && self.patterns.iter().any(|pattern| fits(pattern, &address))
        })
    }

    /// The first view that has a tool of this name which may be called.
    fn view_of(&self, name: &str) -> Option<Arc<View>> {
        views(&self.hub, &self.acting).find(|view| self.lets_in(view, name))
    }

    async fn found(&self, most: usize) -> Vec<ModelTool> {
        self.hub.settle(PATIENCE).await;
        let mut known = HashSet::new();
        let mut found = Vec::new();
        for view in views(&self.hub, &self.acting) {
            for item in view.lists.first().into_iter().flat_map(|list| &list.items) {
                let leads = view.tools.get(&item.key).map(|route| (route.upstream.clone(), route.original.clone()));
                let Some(leads) = leads.filter(|_| self.lets_in(&view, &item.key)) else { continue };
                if found.len() < most && known.insert(leads) {
                    found.push(ModelTool { name: item.key.clone(), definition: item.json.clone() });
                }
            }
        }
        found
    }

    async fn answer(&self, name: &str, arguments: &str) -> Result<String> {
        let view = self.view_of(name).ok_or_else(|| {
            let shown: String = name.chars().filter(|one| !one.is_control()).take(100).collect();
            let next = "call one that is offered; one whose calls want an approval is called by a step of its own";
            Error::new(Code::UnknownTool, format!("the step offers no tool `{shown}`"), next)
        })?;
        let params = format!(r#"{{"name":{},"arguments":{arguments}}}"#, raw::quote(name));
        let forward = calls::begin(&self.hub, &view, &params, self.acting.client.clone())?;
        self.called.store(true, Ordering::Relaxed);
        Ok(match calls::end(forward).await {
            Ended::Result(result) => result,
            Ended::Error(error, _) => {
                let message = raw::get(&error, "message").and_then(raw::text).unwrap_or_default();
                json!({"isError": true, "content": [{"type": "text", "text": message}]}).to_string()
            }
        })
    }
}

impl ModelTools for Toolset {
    fn offer<'a>(&'a self, _: &'a str, most: usize) -> Wait<'a, Vec<ModelTool>> {
        Box::pin(async move { Ok(self.found(most).await) })
    }

    fn call<'a>(&'a self, name: &'a str, arguments: &'a str) -> Wait<'a, String> {
        Box::pin(self.answer(name, arguments))
    }

    fn record(&self) -> Option<&dyn TalkRecord> {
        self.record.as_ref().map(|record| record as &dyn TalkRecord)
    }
}

#[cfg(test)]
pub(crate) mod tests;
