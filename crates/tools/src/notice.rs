//! What in a tool's texts a person should look at: characters that nobody sees, and the names of other servers' tools.
//! Heuristics, that warn and forbid nothing.

use base::visible::is_deceptive;
use mcp::raw;
use std::collections::BTreeSet;

/// What was noticed in one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    /// What the upstream calls it.
    pub tool: String,
    /// Characters in its definition that cannot be seen, each once.
    pub hidden: Vec<char>,
    /// Words of its descriptions that could be names of tools.
    pub words: Vec<String>,
}

/// A warning about a tool, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// What the upstream calls it.
    pub tool: String,
    /// What there is to look at.
    pub warning: String,
}

/// The deepest nesting that is looked at.
const DEEPEST: usize = 100;

/// Looks at a tool by its definition, raw JSON; nothing when nothing is noticed.
pub fn look(tool: &str, json: &str) -> Option<Noticed> {
    let mut seen = Seen::default();
    if raw::deeper_than(json, DEEPEST) {
        return None;
    }
    // Most definitions are plain text, and then there is nothing to look for.
    let plain = json.bytes().all(|byte| byte.is_ascii() && byte != b'\\');
    seen.value(json, false, plain);
    let noticed = Noticed {
        tool: tool.to_owned(),
        hidden: seen.hidden.into_iter().collect(),
        words: seen.words.into_iter().collect(),
    };
    (!noticed.hidden.is_empty() || !noticed.words.is_empty()).then_some(noticed)
}

#[derive(Default)]
struct Seen {
    hidden: BTreeSet<char>,
    words: BTreeSet<String>,
}

impl Seen {
    /// Looks at a value. `prose` says that it is a description.
    fn value(&mut self, value: &str, prose: bool, plain: bool) {
        match value.as_bytes().first() {
            Some(b'{') => {
                for member in raw::members(value) {
                    if !plain && let Some(key) = raw::text(member.key) {
                        self.hidden.extend(hidden(&key));
                    }
                    let prose = member.is("description") || member.is("title");
                    self.value(member.value, prose, plain);
                }
            }
            Some(b'[') => raw::elements(value).for_each(|element| self.value(element, false, plain)),
            Some(b'"') if prose || !plain => {
                let Some(text) = raw::text(value) else { return };
                if !plain {
                    self.hidden.extend(hidden(&text));
                }
                if prose {
                    let words = text.split(|character: char| !is_of_a_name(character));
                    let words = words.map(|word| word.trim_matches(['.', '-']));
                    self.words.extend(words.filter(|word| is_distinctive(word)).map(str::to_owned));
                }
            }
            _ => {}
        }
    }
}

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')
}

/// Whether a word is a name rather than one of the language: `send_mail` and `sendMail` are, `search` is not.
fn is_distinctive(word: &str) -> bool {
    let joined = word.contains('_') || word.contains('-');
    let inner_capital = word
        .chars()
        .zip(word.chars().skip(1))
        .any(|(left, right)| left.is_ascii_lowercase() && right.is_ascii_uppercase());
    (4..=128).contains(&word.len()) && (joined || inner_capital)
}

/// The characters of a text that cannot be seen and have no business there.
fn hidden(text: &str) -> impl Iterator<Item = char> {
    let all: Vec<char> = text.chars().collect();
    let is_hidden = |place: usize, character: char| match character {
        '\n' | '\r' | '\t' => false,
        // Between other letters or signs these join or part them, as some scripts and emoji want it.
        '\u{200c}' | '\u{200d}' => {
            let of_script = |place: Option<usize>| {
                let neighbour = place.and_then(|place| all.get(place));
                neighbour.is_some_and(|other| !other.is_ascii() && !is_deceptive(*other))
            };
            !(of_script(place.checked_sub(1)) && of_script(Some(place + 1)))
        }
        // One of these chooses a shape; several in a row carry a message.
        '\u{fe00}'..='\u{fe0f}' => {
            let before = place.checked_sub(1).and_then(|place| all.get(place));
            before.is_some_and(|before| matches!(before, '\u{fe00}'..='\u{fe0f}'))
        }
        other => is_deceptive(other),
    };
    let found: BTreeSet<char> =
        all.iter().enumerate().filter(|(place, character)| is_hidden(*place, **character)).map(|(_, c)| *c).collect();
    found.into_iter()
}

/// What is noticed, in words. `owner` knows which other server has a tool of this name.
pub fn flags<'a>(noticed: &Noticed, owner: impl Fn(&str) -> Option<&'a str>) -> Vec<Flag> {
    let mut all = Vec::new();
    let mut flag = |warning| all.push(Flag { tool: noticed.tool.clone(), warning });
    if !noticed.hidden.is_empty() {
        let shown = noticed.hidden.iter().take(SHOWN).map(|character| format!("U+{:04X}", u32::from(*character)));
        let shown: Vec<String> = shown.collect();
        flag(format!("its definition has characters that cannot be seen: {}", shown.join(" ")));
    }
    let named = noticed.words.iter().filter_map(|word| Some(format!("`{word}` of `{}`", owner(word)?)));
    let named: Vec<String> = named.take(SHOWN).collect();
    if !named.is_empty() {
        flag(format!("its description names tools of other servers: {}", named.join(", ")));
    }
    all
}

/// How many characters or names one warning shows.
const SHOWN: usize = 8;

#[cfg(test)]
mod tests;
