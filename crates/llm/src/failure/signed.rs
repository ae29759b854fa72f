//! How providers say that they do not take what is signed in a request.

/// Words of which all stand in what such an error says, whoever passes it on.
const SAYINGS: [&[&str]; 6] = [
    // Claude: "messages.1.content.0: Invalid `signature` in `thinking` block", …
    &["signature", "thinking"],
    // … and "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified".
    &["`redacted_thinking`", "cannot be modified"],
    // Gemini: "Corrupted thought signature.", "Thought signature is not valid".
    &["thought signature"],
    // OpenAI: the code `invalid_encrypted_content`, …
    &["invalid_encrypted_content"],
    // … where only the message is passed on, "The encrypted content … could not be verified", …
    &["encrypted content", "could not be verified"],
    // … and thoughts that are kept at another account: "Item with id 'rs_…' not found."
    &["item with id 'rs_", "not found"],
];

/// Whether that is what an answer with this status says.
pub(super) fn is_refused(status: u16, said: &str) -> bool {
    matches!(status, 400 | 404 | 422) && is_said(said)
}

/// Whether that is what an error says.
pub(super) fn is_said(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    SAYINGS.iter().any(|words| words.iter().all(|word| said.contains(word)))
}

#[cfg(test)]
mod tests;
