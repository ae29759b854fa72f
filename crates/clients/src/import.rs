//! The configuration files of other clients.
//!
//! Every shape has a file of its own that says how one entry of it becomes an entry of `servers:` in `tutti.yaml`. All
//! of it is pure. The nodes keep the places of the file that they came from, so that an error in one of them is shown
//! where its author wrote it. What has no meaning here is named in a notice and never dropped without a word.

mod codex;
mod continue_list;
mod draft;
mod inputs;
mod mcp_servers;
mod name;
mod recognise;
mod registry;
mod texts;
mod vscode;
mod zed;

pub use recognise::{Published, published, recognise};

use base::config::Node;

/// What a file of another client holds.
#[derive(Debug)]
pub struct Imported {
    /// The shape that was recognised, such as `mcpServers` or `vscode`.
    pub format: &'static str,
    /// The servers in the order of the file, under names that Tutti takes and with Tutti's keys.
    pub servers: Vec<(String, Node)>,
    /// What a person should know: changed names, variables to set, keys that have no meaning here.
    pub notices: Vec<String>,
}
