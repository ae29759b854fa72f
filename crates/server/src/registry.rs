//! The views as entries of a registry of MCP servers, for clients and aggregators that look there for what they may connect
//! to.
//!
//! Entries are `server.json` as of the schema 2025-12-11, answers are those of the registry's API v0.1
//! (modelcontextprotocol/registry, `docs/reference/api/openapi.yaml`). Pure; [`crate::api::registry`] serves it.

use base::config::{Node, Problems, Section};
use base::{Code, clock};
use serde_json::{Value, json};
use std::time::Duration;
use tools::View;
use tools::hub::DEFAULT_VIEW;

/// How the views are named and reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What stands before the `/` of each name: a domain from its end, as `com.example`.
    pub namespace: String,
    /// Where clients reach the hub, without a slash at the end; nothing means where the registry itself was asked.
    pub url: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { namespace: "local.tutti".to_owned(), url: None }
    }
}

/// The schema of an entry.
const SCHEMA: &str = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

/// What a registry says of an entry beside it.
const OFFICIAL: &str = "io.modelcontextprotocol.registry/official";

/// The only version of each entry: that of the hub, for a view is whatever it is now.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The most characters of a description (the schema's `maxLength`).
const DESCRIPTION: usize = 100;

impl Settings {
    /// Reads the section `registry`; what it does not say stays as it is by default. Faults are pushed to `problems`.
    pub fn read(problems: &Problems, typed: Option<(&Node, &str)>) -> Self {
        let usual = Self::default();
        let Some((node, file)) = typed else { return usual };
        let Some(mut section) = Section::new(problems, file, "registry", node) else { return usual };
        let namespace = section.text("namespace");
        if namespace.as_ref().is_some_and(|namespace| !is_namespace(namespace)) {
            let next = "write your domain from its end, as `com.example.tools`".to_owned();
            let message = "`registry.namespace` is no namespace of a registry".to_owned();
            section.problem("namespace", Code::ConfigInvalidValue, message, next);
        }
        let url = section.text("url").map(|url| url.trim_end_matches('/').to_owned());
        if url.as_ref().is_some_and(|url| !is_address(url)) {
            let next = "write where clients reach the hub, as `https://hub.example.com`".to_owned();
            section.problem("url", Code::ConfigInvalidValue, "`registry.url` is no web address".to_owned(), next);
        }
        section.finish();
        Self { namespace: namespace.unwrap_or(usual.namespace), url }
    }
}

/// Labels between dots (the schema's pattern for names: letters, digits, dots and hyphens).
fn is_namespace(text: &str) -> bool {
    let label = |label: &str| {
        let fine = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        fine && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 150 && text.contains('.') && text.split('.').all(label)
}

fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split('/').next().unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}?#@".contains(&byte);
        !host.is_empty() && rest.bytes().all(plain)
    })
}

/// What every entry of one answer has in common.
pub(crate) struct Shop<'a> {
    /// What stands before the `/` of each name.
    pub(crate) namespace: &'a str,
    /// Where clients reach the hub.
    pub(crate) url: &'a str,
    /// Whether clients must show a key.
    pub(crate) keyed: bool,
    /// Since when the hub serves what it serves, since 1970.
    pub(crate) since: Duration,
}

impl Shop<'_> {
    /// The name of a view in the registry.
    pub(crate) fn name(&self, view: &str) -> String {
        format!("{}/{view}", self.namespace)
    }

    /// The view that a name stands for, if it is one of ours.
    pub(crate) fn view<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.namespace)?.strip_prefix('/')
    }

    /// The entry of a view, with what is said of it beside.
    pub(crate) fn entry(&self, view: &View) -> Value {
        let path = if view.name == DEFAULT_VIEW { String::new() } else { format!("/{}", view.name) };
        let mut remote = json!({"type": "streamable-http", "url": format!("{}/mcp{path}", self.url)});
        if self.keyed {
            let key = json!({"description": "Your key for this hub", "isRequired": true, "isSecret": true});
            remote["headers"] = json!([{
                "name": "Authorization", "value": "Bearer {key}", "isRequired": true, "isSecret": true,
                "variables": {"key": key},
            }]);
        }
        let at = clock::rfc3339(self.since);
        json!({
            "server": {
                "$schema": SCHEMA,
                "name": self.name(&view.name),
                "title": view.name,
                "description": description(view),
                "version": VERSION,
                "remotes": [remote],
            },
            "_meta": {OFFICIAL: {
                "status": "active", "statusChangedAt": at, "publishedAt": at, "updatedAt": at, "isLatest": true,
            }},
        })
    }
}

/// What a view has, in a line.
fn description(view: &View) -> String {
    let tools: usize = view.counts.iter().map(|(_, count)| count).sum();
    let mut names: Vec<&str> = view.upstreams.iter().map(String::as_str).collect();
    names.sort_unstable();
    let word = if tools == 1 { "tool" } else { "tools" };
    let whole =
        format!("{tools} {word} of {}", if names.is_empty() { "no server".to_owned() } else { names.join(", ") });
    if whole.chars().count() <= DESCRIPTION {
        return whole;
    }
    whole.chars().take(DESCRIPTION - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
