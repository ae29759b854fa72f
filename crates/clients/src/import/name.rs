//! Names that Tutti takes for a server.

use tools::naming::UPSTREAM_LIMIT;

/// The nearest name that Tutti takes and that is not yet `taken`.
pub(super) fn sanitised(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut fine = String::with_capacity(name.len());
    for character in name.chars() {
        let character = if is_fine(character) { character } else { '-' };
        let repeats = fine.ends_with(character) && matches!(character, '_' | '-');
        // Two hyphens that the author wrote are as good as one name as another; two that were made here are noise.
        if !repeats || (character == '-' && name.contains("--")) {
            fine.push(character);
        }
    }
    let kept: String = trimmed(&fine).chars().take(UPSTREAM_LIMIT).collect();
    let kept = match trimmed(&kept) {
        "" => "server",
        kept => kept,
    };
    if !taken(kept) {
        return kept.to_owned();
    }
    let numbered = |number: usize| {
        let end = format!("-{number}");
        format!("{}{end}", &kept[..kept.len().min(UPSTREAM_LIMIT - end.len())])
    };
    (2..).map(numbered).find(|name| !taken(name)).unwrap_or_default()
}

fn trimmed(name: &str) -> &str {
    name.trim_matches(|character| matches!(character, '_' | '-'))
}

fn is_fine(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

#[cfg(test)]
mod tests;
