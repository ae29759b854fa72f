//! Names that Tutti takes for a server.

use std::collections::HashSet;

/// The longest name of a server. Clients take 64 characters for server and tool together.
const LIMIT: usize = 32;

/// Why `name` cannot be the name of a server; nothing when it can.
pub fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is empty")
    } else if name.len() > LIMIT {
        Some("is longer than 32 characters")
    } else if !name.chars().all(is_fine) {
        Some("has characters other than A-Z, a-z, 0-9, _ and -")
    } else if name.contains("__") {
        Some("contains `__`, which stands between server and tool")
    } else if name.starts_with('_') || name.ends_with('_') {
        Some("begins or ends with `_`")
    } else {
        None
    }
}

/// The nearest name that Tutti takes and that is not yet `taken`.
pub(super) fn sanitised(name: &str, taken: &HashSet<String>) -> String {
    let mut fine = String::with_capacity(name.len());
    for character in name.chars() {
        let character = if is_fine(character) { character } else { '-' };
        let repeats = fine.ends_with(character) && matches!(character, '_' | '-');
        // Two hyphens that the author wrote are as good as one name as another; two that were made here are noise.
        if !repeats || (character == '-' && name.contains("--")) {
            fine.push(character);
        }
    }
    let kept: String = trimmed(&fine).chars().take(LIMIT).collect();
    let kept = match trimmed(&kept) {
        "" => "server",
        kept => kept,
    };
    if !taken.contains(kept) {
        return kept.to_owned();
    }
    let numbered = |number: usize| {
        let end = format!("-{number}");
        format!("{}{end}", &kept[..kept.len().min(LIMIT - end.len())])
    };
    (2..).map(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}

fn trimmed(name: &str) -> &str {
    name.trim_matches(|character| matches!(character, '_' | '-'))
}

fn is_fine(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

#[cfg(test)]
mod tests;
