//! How people name a tool.

use base::{Code, Error, Result};
use tools::naming::{SEPARATOR, exposed};

/// The tool that a person names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// The server, where the address names one.
    pub(super) server: Option<String>,
    /// What stands for the tool: its own name, or a name that a view gave it.
    pub(super) tool: String,
}

impl Address {
    /// Reads `mcp://server/tool`, `server/tool`, `server__tool`, or a name that a view gave.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let path = text.strip_prefix("mcp://").unwrap_or(text);
        let is_full = path.len() != text.len();
        let parts = path.split_once('/').or_else(|| if is_full { None } else { path.split_once(SEPARATOR) });
        let whole = |part: &str| !part.is_empty() && !part.chars().any(|character| character.is_control());
        match parts {
            Some((server, tool)) if whole(server) && whole(tool) => {
                Ok(Self { server: Some(server.to_owned()), tool: tool.to_owned() })
            }
            None if !is_full && whole(path) => Ok(Self { server: None, tool: path.to_owned() }),
            _ => {
                let shown = console::output::one_line(text, 80);
                let message = format!("`{shown}` is no address of a tool");
                Err(Error::new(Code::Usage, message, "write mcp://SERVER/TOOL; `tutti tool list` shows them all"))
            }
        }
    }

    /// The name under which the hub lists the tool, unless a view gave it another.
    pub(super) fn listed(&self) -> String {
        self.server.as_ref().map_or_else(|| self.tool.clone(), |server| exposed(server, &self.tool))
    }
}

/// The address of a tool that is listed as `name`. A name that a view gave is its own address.
pub(super) fn of_listed<'a>(name: &'a str, servers: &[&str]) -> (Option<&'a str>, String) {
    match name.split_once(SEPARATOR) {
        Some((server, tool)) if servers.contains(&server) && !tool.is_empty() => {
            (Some(server), format!("mcp://{server}/{tool}"))
        }
        _ => (None, name.to_owned()),
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.server {
            Some(server) => write!(formatter, "mcp://{server}/{}", self.tool),
            None => formatter.write_str(&self.tool),
        }
    }
}

#[cfg(test)]
mod tests;
