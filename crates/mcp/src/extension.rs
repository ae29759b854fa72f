//! Extensions of the protocol: what the upstreams of a view have, put together.

use crate::raw;
use base::{Code, Error};
use serde_json::json;
use std::collections::BTreeMap;

/// The extension with which modern servers run calls as tasks.
pub const TASKS: &str = "io.modelcontextprotocol/tasks";

/// Extensions that are about one hop, or that need methods which the hub does not pass on.
const OWN: [&str; 4] = [
    TASKS,
    "io.modelcontextprotocol/oauth-client-credentials",
    "io.modelcontextprotocol/enterprise-managed-authorization",
    "io.modelcontextprotocol/skills",
];

/// The most extensions of a view, and the most bytes of what one says of itself: far more than any server has.
const EXTENSIONS: usize = 64;
const SETTINGS: usize = 4 << 10;

/// The extensions of a view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions {
    /// What each says of itself, as raw JSON. Of two upstreams the first decides.
    named: BTreeMap<String, String>,
    /// Whether any upstream runs calls as tasks.
    pub tasks: bool,
}

impl Extensions {
    /// Adds what an upstream with these `capabilities` (raw JSON) has.
    pub fn add(&mut self, capabilities: &str) {
        let own = raw::get(capabilities, "extensions").unwrap_or("{}");
        self.tasks |= runs_tasks(capabilities);
        for member in raw::members(own) {
            let Some(name) = raw::text(member.key) else { continue };
            let fits = self.named.len() < EXTENSIONS && member.value.len() <= SETTINGS && name.len() <= SETTINGS;
            if fits && raw::is_object(member.value) && !OWN.contains(&name.as_ref()) {
                self.named.entry(name.into_owned()).or_insert_with(|| member.value.to_owned());
            }
        }
    }

    /// The members of `capabilities.extensions`, as raw JSON; nothing where there are none. The tasks are the hub's own in
    /// the modern era.
    pub fn to_json(&self, modern: bool) -> Option<String> {
        let tasks = (self.tasks && modern).then_some((TASKS, "{}"));
        let named = self.named.iter().map(|(name, settings)| (name.as_str(), settings.as_str()));
        let all: Vec<String> =
            tasks.into_iter().chain(named).map(|(name, settings)| format!("{}:{settings}", raw::quote(name))).collect();
        (!all.is_empty()).then(|| format!("{{{}}}", all.join(",")))
    }
}

/// The error for a request that needs the tasks of the modern era from a client that does not declare them (specification
/// 2026-07-28, missing capabilities).
pub fn tasks_needed(why: impl Into<String>) -> Error {
    let next = format!("declare the extension {TASKS} with the request, or use a client that knows it");
    Error::new(Code::TaskNeeded, why, next).with_required(json!({"extensions": {TASKS: {}}}))
}

/// Whether a server with these capabilities (raw JSON) runs calls as tasks, in the way of its era.
pub fn runs_tasks(capabilities: &str) -> bool {
    let legacy = raw::at(capabilities, &["tasks", "requests", "tools", "call"]);
    legacy.or(raw::at(capabilities, &["extensions", TASKS])).is_some_and(raw::is_object)
}

/// Whether a client with these capabilities (raw JSON) declares the tasks of the modern era.
pub fn takes_tasks(capabilities: &str) -> bool {
    raw::at(capabilities, &["extensions", TASKS]).is_some_and(raw::is_object)
}

/// `capabilities` (raw JSON) with the tasks of the modern era, or without.
pub fn with_tasks(capabilities: &str, wanted: bool) -> String {
    let extensions = raw::get(capabilities, "extensions").filter(|extensions| raw::is_object(extensions));
    let bare = raw::without(extensions.unwrap_or("{}"), |member| member.is(TASKS));
    let mut splice = raw::Splice::new(&bare);
    if wanted {
        splice.insert(&bare, TASKS, "{}");
    }
    let new = splice.finish();
    let rest = raw::without(capabilities, |member| member.is("extensions"));
    let mut splice = raw::Splice::new(&rest);
    if raw::members(&new).next().is_some() {
        splice.insert(&rest, "extensions", &new);
    }
    splice.finish().into_owned()
}

#[cfg(test)]
mod tests;
