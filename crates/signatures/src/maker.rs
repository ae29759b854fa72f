//! Whose models made a signature, and who can read it.

use conversation::Dialect;
use std::sync::Arc;

/// Who makes, and reads, the signatures of `model` at `provider`. Claude's are the same at Anthropic and at Bedrock
/// (docs.anthropic.com, "Extended thinking": signatures are compatible across platforms), Gemini's at each server of its
/// dialect. All others are taken for those of their provider and of models whose names begin with the same letters. None
/// where the dialect has no signatures.
pub fn maker(dialect: Dialect, provider: &str, model: &str) -> Option<Arc<str>> {
    let name = model.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    Some(match dialect {
        Dialect::Ollama => return None,
        Dialect::Anthropic | Dialect::Bedrock if name.contains("claude") => "claude".into(),
        Dialect::Gemini => "gemini".into(),
        _ => {
            let family: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
            format!("{}\t{provider}\t{family}", dialect.name()).into()
        }
    })
}

#[cfg(test)]
mod tests;
