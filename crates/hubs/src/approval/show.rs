//! What is different in a definition, for a person. Whatever a server writes, it is shown as it is: what cannot be seen, by its
//! number.

use crate::change::unified;
use base::visible::escaped;
use console::output::{self, Style};
use serde_json::{Value, json};
use tools::catalogue::Kind;
use tools::pins::{is_plain, members};

/// Unchanged lines around a difference.
const CONTEXT: usize = 3;

/// After so many characters a line of a text is broken, where no terminal is narrower.
const WIDTH: usize = 100;

/// The narrowest that texts become.
const NARROWEST: usize = 40;

/// After how many characters texts are broken where a person looks.
pub(super) fn width() -> usize {
    output::width().map_or(WIDTH, |width| width.saturating_sub(4).clamp(NARROWEST, WIDTH))
}

/// A tool, or something else, that waits for an approval.
#[derive(Debug)]
pub struct Waiting {
    /// Its server.
    pub server: String,
    /// The server's own name for it.
    pub tool: String,
    /// What it is.
    pub kind: Kind,
    /// The digest of what is shown, in hexadecimal.
    pub digest: String,
    why: String,
    renamed_from: Option<String>,
    before: Option<String>,
    after: String,
    pinned_at: Option<String>,
    warnings: Vec<String>,
}

impl Waiting {
    /// As the hub tells of it.
    pub fn of(server: &str, said: &Value) -> Option<Self> {
        let text = |key: &str| said[key].as_str().map(str::to_owned);
        let warnings = said["warnings"].as_array().into_iter().flatten();
        Some(Self {
            server: server.to_owned(),
            renamed_from: text("renamed_from"),
            tool: text("tool")?,
            kind: said["kind"].as_str().map_or(Some(Kind::Tool), Kind::of_word)?,
            digest: text("digest")?,
            why: text("why")?,
            before: text("before"),
            after: text("after")?,
            pinned_at: text("pinned_at"),
            warnings: warnings.filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }

    /// How to name it.
    pub fn address(&self) -> String {
        address_of(&self.server, self.kind, &self.tool)
    }

    /// The difference, line by line, with texts broken after `width` characters.
    pub(super) fn lines(&self, width: usize) -> Vec<(Style, String)> {
        let address = escaped(&self.address());
        let named = self.renamed_from.as_ref().map(|name| escaped(&address_of(&self.server, self.kind, name)));
        let since = self.pinned_at.as_ref().map(|at| format!(" (as pinned at {at})")).unwrap_or_default();
        let old = match &self.before {
            Some(_) => format!("--- {}{since}", named.as_ref().unwrap_or(&address)),
            None => "--- /dev/null".to_owned(),
        };
        let mut lines = vec![(Style::Strong, old), (Style::Strong, format!("+++ {address} (as it is now)"))];
        let before = self.before.as_deref().map(|text| readable(self.kind, text, width)).unwrap_or_default();
        for line in unified(&before, &readable(self.kind, &self.after, width), CONTEXT) {
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

    /// The same for a program.
    pub(super) fn to_json(&self) -> Value {
        let diff: String = self.lines(WIDTH).into_iter().map(|(_, line)| line + "\n").collect();
        json!({
            "server": self.server, "kind": self.kind.word(), "tool": self.tool, "why": self.why,
            "renamed_from": self.renamed_from, "digest": self.digest, "pinned_at": self.pinned_at, "diff": diff, "warnings": self.warnings,
        })
    }
}

/// How something is named on the command line, with what it is where that is no tool.
pub fn address_of(server: &str, kind: Kind, name: &str) -> String {
    match kind {
        Kind::Tool => format!("mcp://{server}/{name}"),
        kind => format!("mcp://{server}/{name} ({})", kind.word()),
    }
}

/// A definition in lines. What readers could differ on is shown as it is written.
fn readable(kind: Kind, definition: &str, width: usize) -> String {
    let value: Option<Value> = if is_plain(definition) { base::json::from_text(definition).ok() } else { None };
    let Some(Value::Object(found)) = value else {
        return escaped(definition) + "\n";
    };
    let mut out = String::new();
    for (key, value) in members(kind).iter().filter_map(|key| found.get(*key).map(|value| (key, value))) {
        match value {
            Value::String(text) if !text.contains('\n') && text.chars().count() <= width => {
                out.push_str(&format!("{key}: {}\n", escaped(text)));
            }
            Value::String(text) => {
                out.push_str(&format!("{key}:\n"));
                text.split('\n')
                    .flat_map(|line| wrapped(line, width))
                    .for_each(|line| out.push_str(&format!("  {line}\n")));
            }
            other => {
                let pretty = format!("{key}: {other:#}");
                pretty.split('\n').flat_map(|line| broken(line, width)).for_each(|line| out.push_str(&(line + "\n")));
            }
        }
    }
    out
}

/// A line of JSON; one with a long text in several, the further ones farther in.
fn broken(line: &str, width: usize) -> Vec<String> {
    if line.chars().count() <= width {
        return vec![escaped(line)];
    }
    let indent = " ".repeat(line.chars().take_while(|character| *character == ' ').count().min(width / 2));
    let room = width.saturating_sub(indent.len());
    let lines = wrapped(line.trim_start(), room.max(NARROWEST / 2)).into_iter().enumerate();
    lines.map(|(number, text)| format!("{indent}{}{text}", if number == 0 { "" } else { "    " })).collect()
}

/// A line broken between words; a word that is too long for a line, within it.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for word in escaped(line).split_inclusive(' ') {
        let length = word.chars().count();
        if taken > 0 && taken + length > width {
            lines.push(String::new());
            taken = 0;
        }
        for character in word.chars() {
            if taken >= width && character != ' ' {
                lines.push(String::new());
                taken = 0;
            }
            if let Some(last) = lines.last_mut() {
                last.push(character);
            }
            taken += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests;
