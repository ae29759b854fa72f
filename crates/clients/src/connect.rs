//! Writing Tutti into the configuration files of clients.
//!
//! Everything that a file says besides stays as it is: its order, its layout, its comments. The key of the hub is never
//! written into a file: clients that fill in variables get the name of one, the others ask for it or inherit it.

mod client;
mod json_file;
mod toml_file;

pub use client::{Client, Transport};

use base::environment::Environment;
use base::{Code, Error, Result, disk};
use std::path::PathBuf;

/// The name under which clients know the hub.
pub const NAME: &str = "tutti";

/// The variable that holds the hub's bearer key on the machine of a client.
pub const KEY_VARIABLE: &str = "TUTTI_KEY";

/// The largest client file that is read, in bytes.
const LIMIT: u64 = 4 << 20;

/// What a client is told of the hub.
#[derive(Debug, Clone)]
pub struct Target {
    /// The address of the endpoint, such as `http://127.0.0.1:4747/mcp`.
    pub url: String,
    /// What is spoken at that address.
    pub transport: Transport,
    /// The command of the stdio bridge and its arguments, for clients that speak stdio only.
    pub bridge: Vec<String>,
    /// Whether the hub wants a bearer key.
    pub with_key: bool,
}

/// A change to a client's file that has not been made yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The file.
    pub path: PathBuf,
    /// What it says now; nothing where it does not exist.
    pub text_before: Option<String>,
    /// What it will say.
    pub text_after: String,
    /// What a person does next.
    pub hint: String,
}

impl Plan {
    /// Whether the file says already what it should.
    pub fn changes_nothing(&self) -> bool {
        self.text_before.as_deref() == Some(self.text_after.as_str())
    }
}

/// Plans the change for a client, from the file as it is on the disk.
pub fn connect(client: Client, environment: &Environment, target: &Target) -> Result<Plan> {
    let path = client.path(environment);
    let before = disk::read_text_if_exists(&path, LIMIT)?;
    plan(client, environment, target, before)
}

/// Plans the change for a client whose file says `before`.
pub fn plan(client: Client, environment: &Environment, target: &Target, before: Option<String>) -> Result<Plan> {
    let path = client.path(environment);
    let file = path.display().to_string();
    let text = before.as_deref().unwrap_or_default();
    let edited = match client {
        Client::Codex => toml_file::edited(&file, text, &client.toml_table(target)),
        _ => json_file::edited(&file, text, client.top_key(), client.json_entry(target), client.input(target)),
    };
    let text_after = edited.map_err(|refusal| refused(&refusal, &client.snippet(target)))?;
    Ok(Plan { path, text_before: before, text_after, hint: client.hint(target) })
}

/// The error of an editor, with what a person can write by hand instead.
fn refused(refusal: &Error, snippet: &str) -> Error {
    let next = format!("mend the file, or add by hand what follows; {}", refusal.next());
    let error = Error::new(refusal.code(), refusal.message(), next).with_detail(snippet);
    match refusal.location() {
        Some(place) => error.at(place.clone()),
        None => error,
    }
}

/// The error for a file that is right but written in a way that cannot be edited.
fn cannot_edit(file: &str, why: &str) -> Error {
    let place = base::config::Place::START.in_file(file);
    Error::new(Code::ConfigInvalidValue, format!("the file cannot be edited: {why}"), "nothing was written").at(place)
}

#[cfg(test)]
mod tests;
