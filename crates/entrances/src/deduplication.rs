//! What recognises that the same run is to be begun once more.

use journal::Digest;

/// The key of what is told by `parts`: no two lists of them have the same. It never changes: keys of runs that were begun
/// before an upgrade are those after it.
pub(crate) fn key(parts: &[&str]) -> String {
    let mut text = String::from("tutti run 1");
    for part in parts {
        text.push_str(&format!("\n{}:{part}", part.len()));
    }
    Digest::of(text.as_bytes()).to_string()
}

#[cfg(test)]
mod tests;
