//! The `.env` beside the configuration: where secrets stand, and what keeps it out of git.

use base::{Result, disk};
use hubs::change::{Change, LIMIT};
use std::path::Path;

/// The change that adds variables to the `.env` in `folder`; nothing where there are none to add.
pub(super) fn adding(folder: &Path, variables: &[(String, String)]) -> Result<Option<Change>> {
    if variables.is_empty() {
        return Ok(None);
    }
    let path = folder.join(".env");
    let before = disk::read_text_if_exists(&path, LIMIT)?;
    let after = with(before.as_deref().unwrap_or_default(), variables);
    Ok(Some(Change { path, before, after, secret: true }))
}

/// The change that has git leave out the `.env` in `folder`; nothing where there is no `.gitignore` or it does so.
pub(super) fn ignoring(folder: &Path) -> Result<Option<Change>> {
    let path = folder.join(".gitignore");
    let Some(before) = disk::read_text_if_exists(&path, LIMIT)? else { return Ok(None) };
    Ok(ignored(&before).map(|after| Change::new(path, Some(before), after)))
}

/// `text` with more variables.
fn with(text: &str, variables: &[(String, String)]) -> String {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(variables.iter().map(|(name, value)| format!("{name}={}", quoted(value))));
    appended(text, &lines)
}

/// A value as [`base::environment::dot_env`] reads it back.
fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./+=:@%,~".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    format!("\"{escaped}\"")
}

/// `text` with a line that leaves out `.env`; nothing where it has one.
fn ignored(text: &str) -> Option<String> {
    let covers = |line: &str| matches!(line.trim(), ".env" | "/.env" | ".env*" | "/.env*" | "*.env" | "**/.env");
    if text.lines().any(covers) { None } else { Some(appended(text, &[".env".to_owned()])) }
}

fn appended(text: &str, lines: &[String]) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = text.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(newline);
    }
    for line in lines {
        out.push_str(line);
        out.push_str(newline);
    }
    out
}

#[cfg(test)]
mod tests;
