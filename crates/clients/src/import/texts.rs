//! The variables of other clients, in our spelling.

use super::inputs::Inputs;
use base::config::{is_variable_name, variable_end};
use std::collections::BTreeSet;

/// Defaults within defaults.
const NESTING: usize = 4;

/// Turns texts of a foreign file into texts of ours.
pub(super) struct Texts<'t> {
    /// Whether the client fills in variables. Where it does not, `${` is literal there and must stay so here.
    expands: bool,
    inputs: &'t Inputs,
    /// The inputs that were met.
    pub(super) asked: BTreeSet<String>,
    /// What was met that has no counterpart here.
    pub(super) unknown: BTreeSet<String>,
    /// Whether the folder of the workspace was met.
    pub(super) workspace: bool,
}

impl<'t> Texts<'t> {
    pub(super) fn new(expands: bool, inputs: &'t Inputs) -> Self {
        Self { expands, inputs, asked: BTreeSet::new(), unknown: BTreeSet::new(), workspace: false }
    }

    /// The text as we write it.
    pub(super) fn convert(&mut self, text: &str) -> String {
        if self.expands { self.expanded(text, 0) } else { text.replace("${", "$${") }
    }

    fn expanded(&mut self, text: &str, nesting: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            out.push_str(&rest[..start]);
            let after = &rest[start + 2..];
            let converted = match (secret(after), variable_end(after, NESTING)) {
                (Some((name, length)), _) => Some((format!("${{{name}}}"), length)),
                (None, Some(end)) => self.variable(&after[..end], nesting).map(|variable| (variable, end + 1)),
                (None, None) => None,
            };
            match converted {
                Some((variable, length)) => {
                    out.push_str(&variable);
                    rest = &after[length..];
                }
                None => {
                    out.push_str("$${");
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn variable(&mut self, inner: &str, nesting: usize) -> Option<String> {
        if let Some(id) = inner.strip_prefix("input:") {
            self.asked.insert(id.to_owned());
            return Some(self.inputs.variable(id));
        }
        match inner {
            "workspaceFolder" => {
                self.workspace = true;
                return Some("${WORKSPACE_FOLDER:-.}".to_owned());
            }
            "userHome" => return Some("${HOME}".to_owned()),
            "/" | "pathSeparator" => return Some("/".to_owned()),
            _ => {}
        }
        let expression = inner.strip_prefix("env:").unwrap_or(inner);
        let (name, default) = match expression.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (expression, None),
        };
        if !is_variable_name(name) || (default.is_some() && nesting >= NESTING) {
            self.unknown.insert(inner.to_owned());
            return None;
        }
        match default.map(|default| self.expanded(default, nesting + 1)) {
            Some(default) if variable_end(&format!("{default}}}"), NESTING) == Some(default.len()) => {
                Some(format!("${{{name}:-{default}}}"))
            }
            Some(_) => None,
            None => Some(format!("${{{name}}}")),
        }
    }
}

/// `${{ secrets.NAME }}`, as Continue writes it: the name, and how long it is after the `${`.
fn secret(after: &str) -> Option<(&str, usize)> {
    let inside = after.strip_prefix('{')?;
    let end = inside.find(|character: char| !character.is_ascii_alphanumeric() && !" ._-".contains(character))?;
    let name = inside[..end].trim();
    let name = name.strip_prefix("secrets.").or_else(|| name.strip_prefix("inputs.")).unwrap_or(name);
    (inside[end..].starts_with("}}") && is_variable_name(name)).then_some((name, end + 3))
}

#[cfg(test)]
mod tests;
