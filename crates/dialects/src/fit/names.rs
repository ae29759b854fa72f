//! Names of tools, as each dialect takes them, and back.

use conversation::dialect::Dialect;
use conversation::ids::fit;
use conversation::item::Item;
use conversation::loss::Losses;
use conversation::request::{Request, Tool, ToolChoice};
use std::collections::HashMap;

/// The names that tools of a request have at a provider which does not take their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The own name, by the one that the provider knows.
    own: HashMap<String, String>,
}

impl Names {
    /// Gives all tools of a request names that the dialect takes.
    pub(super) fn fit(dialect: Dialect, request: &mut Request, losses: &mut Losses) -> Self {
        let mut names = Self::default();
        for (number, tool) in request.tools.iter_mut().enumerate() {
            if let Tool::Function(function) = tool {
                losses.add_if(taken(dialect, &function.name).is_some(), &format!("tools[{number}].name"));
                names.change(dialect, &mut function.name);
            }
        }
        match &mut request.tool_choice {
            Some(ToolChoice::Function(name)) => names.change(dialect, name),
            Some(ToolChoice::Allowed { names: allowed, .. }) => {
                allowed.iter_mut().for_each(|name| names.change(dialect, name));
            }
            _ => {}
        }
        for item in request.turns.iter_mut().flat_map(|turn| &mut turn.items) {
            match item {
                Item::ToolCall(call) => names.change(dialect, &mut call.name),
                Item::ToolResult(result) => {
                    result.name.iter_mut().for_each(|name| names.change(dialect, name));
                }
                _ => {}
            }
        }
        names
    }

    /// Exchanges a name for one that the dialect takes.
    fn change(&mut self, dialect: Dialect, name: &mut String) {
        if let Some(taken) = taken(dialect, name) {
            let own = std::mem::replace(name, taken.clone());
            self.own.insert(taken, own);
        }
    }

    /// Gives the tool that an item calls the name that the client knows it by.
    pub fn put_back(&self, item: &mut Item) {
        if let Item::ToolCall(call) = item
            && let Some(own) = self.own.get(&call.name)
        {
            call.name.clone_from(own);
        }
    }
}

/// The name that the dialect takes in place of another; none where it takes that. OpenAI, Bedrock and Claude take letters,
/// digits, `_` and `-`, Claude 128 of them and the others 64; Gemini also `.` and `:`, behind a letter or `_`, and 64. Ollama
/// takes any.
fn taken(dialect: Dialect, name: &str) -> Option<String> {
    let longest = match dialect {
        Dialect::Ollama => return None,
        Dialect::Anthropic => 128,
        Dialect::OpenAiChat | Dialect::OpenAiResponses | Dialect::Gemini | Dialect::Bedrock => 64,
    };
    if dialect != Dialect::Gemini {
        let taken = fit(name, longest);
        return (taken != name).then(|| taken.into_owned());
    }
    let begins = |name: &str| name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let known = |character: char| character.is_ascii_alphanumeric() || "_-.:".contains(character);
    if begins(name) && name.len() <= longest && name.chars().all(known) {
        return None;
    }
    let taken = if begins(name) { name.to_owned() } else { format!("_{name}") };
    Some(fit(&taken, longest).into_owned())
}

#[cfg(test)]
mod tests;
