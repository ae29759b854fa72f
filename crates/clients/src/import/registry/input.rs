//! What a `server.json` wants a person to fill in.

use super::{Notices, shortened};
use base::config::{Entry, Node, Place, is_variable_name};
use std::collections::BTreeMap;

/// Variables by which a document could have other programs or code loaded than those that it names.
const REFUSED: [&str; 12] = [
    "PATH",
    "HOME",
    "SHELL",
    "IFS",
    "ENV",
    "BASH_ENV",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PERL5OPT",
    "RUBYOPT",
];

/// The same, by how they begin.
const REFUSED_STARTS: [&str; 6] = ["LD_", "DYLD_", "NPM_CONFIG_", "UV_", "PIP_", "TUTTI_"];

/// The most bytes that a text may have once its variables are filled in.
const LONGEST: usize = 64 << 10;

/// The most bytes of the name of a variable or a header. YAML reads none above 1,024 characters as a key (YAML 1.2.2,
/// section 7.4.2).
const LONGEST_NAME: usize = 256;

/// A text that an object has.
pub(super) fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(|entry| entry.node.scalar_text())
}

/// What is asked for, with what it is for.
pub(super) struct Asked<'s> {
    /// What the server is called here.
    server: &'s str,
    variables: BTreeMap<String, String>,
    /// Whether a text came out longer than any should.
    too_long: bool,
}

/// One input of a document.
pub(super) struct Input<'n> {
    node: &'n Node,
}

impl Input<'_> {
    fn said(&self, key: &str) -> bool {
        text(self.node, key).as_deref() == Some("true")
    }
}

/// An argument as the document writes it, for a message.
pub(super) fn described(node: &Node) -> String {
    let parts = ["name", "value", "default", "valueHint"].iter().filter_map(|key| text(node, key));
    parts.take(2).collect::<Vec<_>>().join("=")
}

impl<'s> Asked<'s> {
    /// For a server of this name.
    pub(super) fn of(server: &'s str) -> Self {
        Self { server, variables: BTreeMap::new(), too_long: false }
    }

    /// What was asked for, for a person, unless it is more than anybody would.
    pub(super) fn wanted(self, place: Place) -> Result<Notices, String> {
        if self.too_long {
            return Err(format!("a text of it is longer than {} KiB", LONGEST >> 10));
        }
        let notice = |(name, about): (String, String)| {
            let about = if about.is_empty() { String::new() } else { format!(" ({})", shortened(&about)) };
            (place, format!("it wants the variable {name}{about}, from the environment or from .env"))
        };
        Ok(self.variables.into_iter().map(notice).collect())
    }

    /// The name of our variable for something that the document names. It begins with the server's: what is set for one
    /// server must not go to the next one that happens to call it `token`, too.
    fn named(&self, name: &str) -> String {
        variable_name(&format!("{}_{}", self.server, name.trim_start_matches('-')))
    }

    /// The text of an input; nothing where it may be left out. `name` is the variable that takes the place of a value that is
    /// not there.
    fn value(&mut self, input: &Input<'_>, name: &str) -> Option<String> {
        match text(input.node, "value") {
            Some(value) => Some(self.filled(&value, input.node.get("variables").map(|entry| &entry.node))),
            None => self.unsaid(input, name),
        }
    }

    /// The same where the document says no value.
    fn unsaid(&mut self, input: &Input<'_>, name: &str) -> Option<String> {
        let default = text(input.node, "default").filter(|_| !input.said("isSecret"));
        match default {
            Some(default) if default.contains(['$', '}', '{']) => Some(literal(&default)),
            Some(default) => Some(format!("${{{name}:-{default}}}")),
            None if input.said("isRequired") || input.said("isSecret") => Some(self.ask(name, input.node)),
            None => None,
        }
    }

    /// A variable of ours in place of a value.
    fn ask(&mut self, name: &str, node: &Node) -> String {
        self.variables.insert(name.to_owned(), text(node, "description").unwrap_or_default());
        format!("${{{name}}}")
    }

    /// A text in which `{name}` stands for a variable of the document. Variables have none of their own.
    pub(super) fn filled(&mut self, template: &str, variables: Option<&Node>) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            let (before, after) = (&rest[..start], &rest[start + 1..]);
            let name = after.split_once('}').map(|(name, _)| name);
            let variable = name.and_then(|name| Some((name, &variables?.get(name)?.node)));
            match variable {
                Some((name, node)) => {
                    out.push_str(&literal(before));
                    let own = self.named(name);
                    let value = text(node, "value").map(|value| literal(&value));
                    let value = value.or_else(|| self.unsaid(&Input { node }, &own));
                    out.push_str(&value.unwrap_or_else(|| self.ask(&own, node)));
                    rest = &after[name.len() + 1..];
                }
                None => {
                    out.push_str(&literal(&rest[..=start]));
                    rest = after;
                }
            }
            // A few lines of variables within variables must not fill the memory.
            if out.len() > LONGEST {
                self.too_long = true;
                return out;
            }
        }
        out.push_str(&literal(rest));
        self.too_long |= out.len() > LONGEST;
        out
    }

    /// A variable for the program.
    pub(super) fn variable(&mut self, item: &Node, notices: &mut Notices) -> Option<Entry> {
        let name = text(item, "name").filter(|name| is_harmless(name, item.place, notices))?;
        // Programs are known by their variables, so these keep their names.
        let value = self.value(&Input { node: item }, &variable_name(&name));
        self.entry(item, &name, value, notices)
    }

    /// A variable for a container that stands among the arguments for who starts it: `-e NAME=value`, or `-e NAME`.
    pub(super) fn container_variable(&mut self, item: &Node, notices: &mut Notices) -> Option<Entry> {
        let said = text(item, "value")?;
        let (name, value) = said.split_once('=').map_or((said.as_str(), None), |(name, value)| (name, Some(value)));
        if !is_harmless(name, item.place, notices) {
            return None;
        }
        let value = match value {
            Some(value) => self.filled(value, item.get("variables").map(|entry| &entry.node)),
            None => self.ask(&variable_name(name), item),
        };
        self.entry(item, name, Some(value), notices)
    }

    /// A header of every request.
    pub(super) fn header(&mut self, item: &Node, notices: &mut Notices) -> Option<Entry> {
        let name = text(item, "name").filter(|name| is_sendable(name, item.place, notices))?;
        let value = self.value(&Input { node: item }, &self.named(&name));
        self.entry(item, &name, value, notices)
    }

    fn entry(&self, item: &Node, name: &str, value: Option<String>, notices: &mut Notices) -> Option<Entry> {
        let Some(value) = value else {
            let about = text(item, "description").map(|about| format!(" ({})", shortened(&about))).unwrap_or_default();
            notices.push((item.place, format!("`{}`{about} need not be set and was left out", shortened(name))));
            return None;
        };
        Some(Entry { key: name.to_owned(), key_place: item.place, node: Node::text(item.place, value) })
    }

    /// The arguments that one of the document becomes.
    pub(super) fn argument(&mut self, item: &Node, notices: &mut Notices) -> Vec<String> {
        let flag = text(item, "name").filter(|_| text(item, "type").as_deref() == Some("named"));
        let label = text(item, "valueHint").or_else(|| flag.clone()).unwrap_or_else(|| "ARGUMENT".to_owned());
        let value = self.value(&Input { node: item }, &self.named(&label));
        match (flag, value) {
            (Some(flag), Some(value)) if flag.starts_with("--") => vec![format!("{}={value}", literal(&flag))],
            (Some(flag), Some(value)) => vec![literal(&flag), value],
            (None, Some(value)) => vec![value],
            // A flag for which no value is even described is one by itself.
            (Some(flag), None) if item.get("description").is_none() && item.get("format").is_none() => {
                vec![literal(&flag)]
            }
            (flag, None) => {
                let shown = shortened(&flag.unwrap_or(label));
                notices.push((item.place, format!("the argument `{shown}` need not be given and was left out")));
                Vec::new()
            }
        }
    }
}

/// Whether a header of this name can be sent: a token (RFC 9110, section 5.6.2), and not too long.
fn is_sendable(name: &str, place: Place, notices: &mut Notices) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let fine = !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(is_plain);
    if !fine {
        notices.push((place, format!("the header `{}` was left out: it cannot be sent", shortened(name))));
    }
    fine
}

/// Whether a variable changes no more than what the program itself makes of it.
fn is_harmless(name: &str, place: Place, notices: &mut Notices) -> bool {
    let upper = name.to_ascii_uppercase();
    let refused = REFUSED.contains(&upper.as_str()) || REFUSED_STARTS.iter().any(|start| upper.starts_with(start));
    let fine = !refused && is_variable_name(name) && name.len() <= LONGEST_NAME;
    if !fine {
        let shown = shortened(name);
        notices.push((place, format!("the variable `{shown}` was left out: it could change what is started")));
    }
    fine
}

/// A text that names none of our variables.
fn literal(text: &str) -> String {
    text.replace("${", "$${")
}

/// The name of a variable of ours for something that a document names.
fn variable_name(name: &str) -> String {
    let word = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' };
    let name: String = name.chars().take(128).map(word).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() {
        format!("INPUT_{name}")
    } else {
        name
    }
}
