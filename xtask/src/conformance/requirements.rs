//! The frozen sets of requirements that the suite's package brings: which scenarios count.

use crate::failure::{Failure, Result};

/// What one version of the protocol demands.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Requirements {
    /// Scenarios for servers that count.
    pub(super) server: Vec<String>,
    /// Scenarios for clients that count.
    pub(super) client: Vec<String>,
    /// Scenarios for clients that are run and do not count.
    pub(super) client_not_scored: Vec<String>,
    /// Those for servers that are about extensions of the protocol.
    pub(super) server_extensions: Vec<String>,
    /// Those for clients that are about extensions of the protocol.
    pub(super) client_extensions: Vec<String>,
}

impl Requirements {
    /// Reads a file of `requirements/`. It is YAML of one simple shape; anything else is an error, so that a scenario
    /// is never left out because its line was not understood.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut requirements = Self::default();
        let mut section = "";
        // The scenario that the lines are about, and whether it is for clients.
        let (mut unscored, mut of_client) = (String::new(), false);
        // Notes run over several lines, all of them further in than any entry.
        let mut in_note = false;
        for (number, line) in text.lines().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let depth = line.len() - line.trim_start().len();
            let entry = content.strip_prefix("- ").filter(|_| depth == 2);
            match (depth, section, entry) {
                (0, ..) => section = content.strip_suffix(':').unwrap_or(content),
                (2, "server", Some(name)) => requirements.server.push(name.to_owned()),
                (2, "client", Some(name)) => requirements.client.push(name.to_owned()),
                (2, "not_scored", Some(entry)) if entry.starts_with("scenario: ") => {
                    entry.trim_start_matches("scenario: ").clone_into(&mut unscored);
                }
                (4, "not_scored", None) if content.starts_with("leg: ") => {
                    of_client = content == "leg: client";
                    if of_client {
                        requirements.client_not_scored.push(unscored.clone());
                    }
                }
                (4, "not_scored", None) if content == "reason: extension" => {
                    let all = if of_client {
                        &mut requirements.client_extensions
                    } else {
                        &mut requirements.server_extensions
                    };
                    all.push(unscored.clone());
                }
                (4, "not_scored", None) => {}
                (6.., "not_scored", None) if in_note => {}
                _ => return Err(odd(number + 1, line)),
            }
            in_note = depth >= 6 || content.starts_with("note:");
        }
        if requirements.server.is_empty() || requirements.client.is_empty() {
            return Err(Failure::new("the suite requires nothing", "see the requirements of the suite's package"));
        }
        Ok(requirements)
    }
}

fn odd(number: usize, line: &str) -> Failure {
    let message = format!("line {number} of the suite's requirements is not understood: {line}");
    Failure::new(message, "teach xtask/src/conformance/requirements.rs the new shape")
}

#[cfg(test)]
mod tests;
