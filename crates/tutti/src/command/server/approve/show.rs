//! What is different in a tool, for a person. Whatever a server writes, it is shown as it is: what cannot be seen, by its
//! number.

use crate::command::change::unified;
use crate::output::Style;
use base::visible::escaped;
use serde_json::{Value, json};
use tools::pins::{MEMBERS, is_plain};

/// Unchanged lines around a difference.
const CONTEXT: usize = 3;

/// After so many characters a line of a description is broken.
const WIDTH: usize = 100;

/// A tool that waits for an approval.
#[derive(Debug)]
pub(super) struct Waiting {
    /// The server's own name for it.
    pub(super) tool: String,
    /// The digest of what is shown, in hexadecimal.
    pub(super) digest: String,
    why: String,
    before: Option<String>,
    after: String,
    pinned_at: Option<String>,
    warnings: Vec<String>,
}

impl Waiting {
    /// As the hub tells of it.
    pub(super) fn of(said: &Value) -> Option<Self> {
        let text = |key: &str| said[key].as_str().map(str::to_owned);
        let warnings = said["warnings"].as_array().into_iter().flatten();
        Some(Self {
            tool: text("tool")?,
            digest: text("digest")?,
            why: text("why")?,
            before: text("before"),
            after: text("after")?,
            pinned_at: text("pinned_at"),
            warnings: warnings.filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }

    /// The difference, line by line.
    pub(super) fn lines(&self) -> Vec<(Style, String)> {
        let tool = escaped(&self.tool);
        let since = self.pinned_at.as_ref().map(|at| format!(" (as pinned at {at})")).unwrap_or_default();
        let old = if self.before.is_some() { format!("--- {tool}{since}") } else { "--- /dev/null".to_owned() };
        let mut lines = vec![(Style::Strong, old), (Style::Strong, format!("+++ {tool} (as it is now)"))];
        let before = self.before.as_deref().map(readable).unwrap_or_default();
        for line in unified(&before, &readable(&self.after), CONTEXT) {
            let style = match line.mark {
                '+' => Style::Good,
                '-' => Style::Bad,
                ' ' => Style::Plain,
                _ => Style::Faint,
            };
            lines.push((style, if line.mark == '@' { line.text } else { format!("{}{}", line.mark, line.text) }));
        }
        lines.extend(self.warnings.iter().map(|warning| (Style::Warn, format!("warning: {}", escaped(warning)))));
        lines
    }

    /// The tool for a program.
    pub(super) fn to_json(&self) -> Value {
        let diff: String = self.lines().into_iter().map(|(_, line)| line + "\n").collect();
        json!({
            "tool": self.tool, "why": self.why, "digest": self.digest, "pinned_at": self.pinned_at, "diff": diff,
            "warnings": self.warnings,
        })
    }
}

/// A definition in lines. What readers could differ on is shown as it is written.
fn readable(definition: &str) -> String {
    let value: Option<Value> = if is_plain(definition) { serde_json::from_str(definition).ok() } else { None };
    let Some(Value::Object(members)) = value else {
        return escaped(definition) + "\n";
    };
    let mut out = String::new();
    for (key, value) in MEMBERS.iter().filter_map(|key| members.get(*key).map(|value| (key, value))) {
        match value {
            Value::String(text) if !text.contains('\n') && text.chars().count() <= WIDTH => {
                out.push_str(&format!("{key}: {}\n", escaped(text)));
            }
            Value::String(text) => {
                out.push_str(&format!("{key}:\n"));
                text.split('\n').flat_map(wrapped).for_each(|line| out.push_str(&format!("  {line}\n")));
            }
            other => {
                let pretty = format!("{other:#}");
                out.push_str(&format!("{key}: "));
                pretty.split('\n').for_each(|line| out.push_str(&(escaped(line) + "\n")));
            }
        }
    }
    out
}

/// A line broken between words.
fn wrapped(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in escaped(line).split_inclusive(' ') {
        let full = lines.last().is_some_and(|last| !last.is_empty() && last.len() + word.len() > WIDTH);
        if full {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests;
