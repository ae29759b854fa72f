//! The sections `servers`, `views` and `limits` of the configuration: what was typed, and what it means.

mod auth;
mod bounds;
mod server;
mod transport;
mod views;
mod within;

pub use openapi::config::{ApiKey, Auth, Document, OpenApi, Place};
pub use server::{Limits, Server, Timeouts};
pub(crate) use transport::DOCUMENT_LIMIT;
pub use transport::{Carrier, Surroundings, Transport};
pub(crate) use views::clash;
pub use views::{Rename, Showing, ViewSettings};
pub use within::Within;

use crate::naming;
pub use plan::config::{Settings as Plans, read as read_plans};

use base::config::{Node, Problems, entries};
use base::{Code, Error};
use std::collections::BTreeMap;

/// The name of the view that holds everything.
pub const ALL: &str = "all";

/// Everything that the hub is told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Upstreams in the order of the configuration.
    pub servers: Vec<Server>,
    /// Views by name, without [`ALL`].
    pub views: BTreeMap<String, ViewSettings>,
    /// How [`ALL`] is shown: it selects nothing.
    pub all: ViewSettings,
    /// The most items on one page of a list.
    pub page: usize,
    /// What holds for plans of calls.
    pub plans: Plans,
}

/// How many items a page of a list has unless the configuration says otherwise. Many clients read only the first page,
/// so it is large.
pub const PAGE: usize = 1000;

/// An entry of `servers:` and the file it stands in.
pub struct Typed<'a> {
    /// The name of the upstream.
    pub name: &'a str,
    /// What was typed.
    pub node: &'a Node,
    /// The file it stands in.
    pub file: &'a str,
    /// Why this server cannot be started, whatever else is right: it costs the others nothing.
    pub fault: Option<&'a Error>,
}

/// Reads the servers and views. Every fault is pushed to `problems`; what is without fault is in the answer.
pub fn read(
    problems: &Problems,
    servers: &[Typed<'_>],
    views: Option<(&Node, &str)>,
    surroundings: &Surroundings,
) -> Settings {
    let mut settings = Settings { page: PAGE, ..Settings::default() };
    for typed in servers {
        if let Some(why) = naming::fault(typed.name) {
            problems.push(bad_name("server", typed.name, why).at(typed.node.place.in_file(typed.file)));
        }
        settings.servers.extend(server::read(problems, typed, surroundings));
    }
    if let Some((node, file)) = views {
        for entry in entries(problems, file, "views", node) {
            if entry.key == ALL {
                settings.all = views::read_all(problems, file, entry).unwrap_or_default();
                continue;
            }
            if let Some(why) = naming::fault(&entry.key) {
                problems.push(bad_name("view", &entry.key, why).at(entry.key_place.in_file(file)));
            }
            let known: Vec<&str> = servers.iter().map(|typed| typed.name).collect();
            if let Some(view) = views::read(problems, file, entry, &known) {
                settings.views.insert(entry.key.clone(), view);
            }
        }
    }
    settings
}

fn bad_name(what: &str, name: &str, why: &str) -> Error {
    let message = format!("the {what} name `{name}` {why}");
    Error::new(Code::ConfigNameInvalid, message, "choose a short name of letters, digits and hyphens")
}

#[cfg(test)]
mod tests;
