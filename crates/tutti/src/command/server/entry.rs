//! An entry of `servers:` that is about to be written.

use super::file::File;
use base::config::{Entry, Node, Place, Problems, Value, substitute_node};
use base::environment::Environment;
use base::{Code, Error};
use mcp::client::{http, websocket};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tools::config::{Carrier, Server, Surroundings, Transport, Typed};

/// A map of texts.
pub(super) fn texts(pairs: impl IntoIterator<Item = (String, String)>) -> Value {
    Value::Map(pairs.into_iter().map(|(key, text)| entry(&key, Value::Text(text))).collect())
}

/// A list of texts.
pub(super) fn list(items: impl IntoIterator<Item = String>) -> Value {
    Value::List(items.into_iter().map(|text| Node::text(Place::START, text)).collect())
}

/// An entry of a map that stands nowhere yet.
pub(super) fn entry(key: &str, value: Value) -> Entry {
    Entry { key: key.to_owned(), key_place: Place::START, node: Node { place: Place::START, value } }
}

/// What is wrong with an entry as the hub reads it, and what is yet to be done for it. `added` are variables that are
/// about to be written into `.env`.
pub(super) fn check(file: &File, name: &str, node: &Node, source: &str, added: &[(String, String)]) -> Checked {
    let find = |variable: &str| {
        let new = added.iter().find(|(name, _)| name == variable).map(|(_, value)| value.clone());
        new.or_else(|| file.environment.get(variable).map(str::to_owned))
    };
    let path = format!("servers.{name}");
    let (given, missing) = variables(&path, node, &find);
    let given = given.into_iter().filter(|name| added.iter().all(|(new, _)| new != name)).collect();
    // Whatever stands in for a variable that is not set, the rest can be checked.
    let lookup = |variable: &str| {
        find(variable).or_else(|| missing.iter().any(|name| name == variable).then(|| "unset".to_owned()))
    };
    let mut filled = node.clone();
    let problems = Problems::new();
    substitute_node(source, &path, &mut filled, &lookup, &problems);
    let surroundings =
        Surroundings { environment: file.environment.clone(), folder: file.folder().to_owned(), supervisor: None };
    let settings = tools::config::read(
        &problems,
        &[Typed { name, node: &filled, file: source, fault: None }],
        None,
        &surroundings,
    );
    let mut errors = problems.into_result().err().unwrap_or_default();
    let server = settings.servers.into_iter().next();
    if errors.is_empty() {
        errors.extend(server.as_ref().and_then(bad_address));
    }
    if !missing.is_empty() {
        errors.retain(|error| error.code() != Code::ConfigInvalidValue);
    }
    Checked { errors, given, missing, server: server.filter(|server| server.enabled) }
}

/// The variables of an entry that are set, and those that are not and have no default.
fn variables(path: &str, node: &Node, find: &dyn Fn(&str) -> Option<String>) -> (Vec<String>, Vec<String>) {
    let asked = RefCell::new(BTreeSet::new());
    let problems = Problems::new();
    let lookup = |variable: &str| {
        asked.borrow_mut().insert(variable.to_owned());
        find(variable)
    };
    substitute_node("", path, &mut node.clone(), &lookup, &problems);
    let errors = problems.into_result().err().unwrap_or_default();
    let is_missing = |name: &String| {
        let beginning = format!("the variable {name} is not set");
        errors
            .iter()
            .any(|error| error.code() == Code::ConfigVariableMissing && error.message().starts_with(&beginning))
    };
    let asked = asked.into_inner();
    let given = asked.iter().filter(|name| find(name).is_some()).cloned().collect();
    (given, asked.into_iter().filter(is_missing).collect())
}

/// What was found out about an entry.
pub(super) struct Checked {
    /// Why the hub would not take it.
    pub(super) errors: Vec<Error>,
    /// Variables that it names and that were set before.
    pub(super) given: Vec<String>,
    /// Variables that it needs and that are not set.
    pub(super) missing: Vec<String>,
    /// What it means, where it is switched on.
    pub(super) server: Option<Server>,
}

impl Checked {
    /// What a person should do before the server works.
    pub(super) fn notes(&self, environment: &Environment) -> Vec<String> {
        let missing = self.missing.iter().filter(|_| self.server.is_some());
        let mut notes: Vec<String> =
            missing.map(|name| format!("{name} is not set: put {name}=… into .env beside the configuration")).collect();
        if let Some((server, Transport::OpenApi(api))) = self.server.as_ref().map(|server| (server, &server.transport))
        {
            // What is served of a document that is there is best known before it is.
            match tools::openapi::look(server, api) {
                Some(Ok(told)) => notes.extend(told),
                Some(Err(error)) => notes.push(format!("{}: {}", error.message(), error.next())),
                None => {}
            }
        }
        if let Some(Transport::Command { program, directory, .. }) =
            self.server.as_ref().map(|server| &server.transport)
        {
            let path = environment.get("PATH").unwrap_or_default();
            if !directory.is_dir() {
                notes.push(format!("the folder {} does not exist", directory.display()));
            } else if crate::command::programs::find(program, directory, path).is_none() {
                notes.push(crate::command::programs::missing(program));
            }
        }
        notes
    }
}

/// Why the address of a server cannot be one.
fn bad_address(server: &Server) -> Option<Error> {
    let Transport::Address { url, headers, carrier } = &server.transport else { return None };
    let options = http::Options {
        name: server.name.clone(),
        url: url.clone(),
        headers: headers.clone(),
        message_limit: server.limits.message,
        account: None,
    };
    let checked = match carrier {
        Carrier::WebSocket => websocket::check(&options),
        Carrier::Web | Carrier::Http | Carrier::Sse => http::Link::new(&options, std::sync::Arc::default()).map(drop),
    };
    checked.err().filter(|error| error.code() == Code::ConfigInvalidValue)
}

/// A path as the configuration is to name it: what a person types counts from where they stand, what a configuration
/// says from where it lies.
pub(super) fn relocated(path: &str, file: &File, working_directory: &Path) -> String {
    if file.folder() == working_directory || Path::new(path).is_absolute() {
        return path.to_owned();
    }
    // Collecting the parts takes out `.`.
    working_directory.join(path).components().collect::<PathBuf>().display().to_string()
}

#[cfg(test)]
mod tests;
