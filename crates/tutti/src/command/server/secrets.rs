//! Values that must not stand in the configuration file, which is shown and shared: they go to `.env`.

use base::config::{Entry, Node, Place, Value};
use base::environment::Environment;

/// Words that mark the name of a secret, as the whole of a part of the name or its end (`GITHUB_TOKEN`, `X-ApiKey`).
const WORDS: [&str; 10] =
    ["TOKEN", "KEY", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIALS", "AUTHORIZATION", "COOKIE", "PAT"];

/// Last parts of names whose values are no secrets, whatever comes before.
const PLACES: [&str; 4] = ["PATH", "FILE", "DIR", "URL"];

/// How values begin that are secrets under any name: those of model services, GitHub, GitLab, Slack, AWS, Google, npm.
const BEGINNINGS: [&str; 12] = [
    "sk-",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "AIza",
    "npm_",
    "-----BEGIN",
];

/// Schemes of the `Authorization` header; what follows them is the secret.
const SCHEMES: [&str; 3] = ["Bearer ", "Basic ", "Token "];

/// Replaces secrets by variables.
pub(super) struct Secrets<'e> {
    /// The variables of this process.
    process: &'e Environment,
    /// The variables of the `.env` file.
    file: Vec<(String, String)>,
    /// What is to be added to the `.env` file.
    pub(super) added: Vec<(String, String)>,
}

impl<'e> Secrets<'e> {
    /// For a `.env` file that says `dot_env`.
    pub(super) fn new(process: &'e Environment, dot_env: &str) -> Self {
        Self { process, file: base::environment::dot_env(dot_env), added: Vec::new() }
    }

    /// Replaces the secrets among the `env` and `headers` of a server.
    pub(super) fn hide_in(&mut self, server: &str, node: &mut Node) {
        let Value::Map(entries) = &mut node.value else { return };
        for part in entries {
            let Value::Map(pairs) = &mut part.node.value else { continue };
            for pair in pairs {
                let Value::Text(text) = &mut pair.node.value else { continue };
                let hidden = match part.key.as_str() {
                    "env" => self.hide_variable(server, &pair.key, text),
                    "headers" => self.hide_header(server, &pair.key, text),
                    _ => None,
                };
                if let Some(hidden) = hidden {
                    *text = hidden;
                }
            }
        }
    }

    fn hide_variable(&mut self, server: &str, name: &str, text: &str) -> Option<String> {
        let value = secret_value(name, text)?;
        let own = is_variable(name).then(|| name.to_owned());
        Some(format!("${{{}}}", self.variable(own, &variable_name(server, name), value)))
    }

    fn hide_header(&mut self, server: &str, name: &str, text: &str) -> Option<String> {
        let scheme = SCHEMES.iter().find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        let (scheme, rest) = text.split_at(scheme.map_or(0, |scheme| scheme.len()));
        let value = secret_value(name, rest)?;
        Some(format!("{scheme}${{{}}}", self.variable(None, &variable_name(server, name), value)))
    }

    /// The variable that holds `value`: its own name where that is free, else one with the server's name in front.
    fn variable(&mut self, own: Option<String>, long: &str, value: String) -> String {
        let numbered = (1..).map(|number| if number == 1 { long.to_owned() } else { format!("{long}_{number}") });
        for name in own.into_iter().chain(numbered) {
            let find = |variables: &[(String, String)]| {
                variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
            };
            match (find(&self.added).or_else(|| find(&self.file)), self.process.get(&name)) {
                // What the process has wins over the file, so the name is of no use with another value.
                (_, Some(there)) if there != value => {}
                (Some(there), _) if there != value => {}
                (Some(_), _) => return name,
                (None, _) => {
                    self.added.push((name.clone(), value));
                    return name;
                }
            }
        }
        long.to_owned()
    }
}

/// The literal value where it is a secret; nothing where it is none, or where it is a reference already.
fn secret_value(name: &str, text: &str) -> Option<String> {
    let literal = text.replace("$${", "");
    let trivial = matches!(text.trim(), "" | "true" | "false");
    let secret = is_secret_name(name) || BEGINNINGS.iter().any(|start| text.starts_with(start)) || has_password(text);
    (secret && !trivial && !literal.contains("${")).then(|| text.replace("$${", "${"))
}

/// Whether a name says that its value is a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let parts: Vec<&str> = upper.split(|character: char| !character.is_ascii_alphanumeric()).collect();
    let place = parts.last().is_some_and(|last| PLACES.contains(last));
    // `PAT` is too short to be the end of a longer word.
    let marked = |part: &&str| WORDS.iter().any(|word| part == word || (word.len() > 2 && *word != "PAT" && part.ends_with(word)));
    !place && parts.iter().any(marked)
}

/// Whether a text is an address with a password in it.
fn has_password(text: &str) -> bool {
    let authority = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let user = authority.and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
    user.and_then(|user| user.split_once(':')).is_some_and(|(_, password)| !password.is_empty())
}

/// Whether `${name}` can be written.
pub(super) fn is_variable(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && name.bytes().all(word) && !name.starts_with(|first: char| first.is_ascii_digit())
}

fn variable_name(server: &str, name: &str) -> String {
    let word = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' };
    let text: String = format!("{server}_{name}").chars().map(word).collect();
    if text.starts_with(|first: char| first.is_ascii_digit()) { format!("_{text}") } else { text }
}

/// What looks like a secret where it cannot be replaced safely: in arguments and addresses. Only names are told.
pub(super) fn left_in_clear(server: &str, node: &Node) -> Vec<String> {
    let mut found = Vec::new();
    let arguments: Vec<String> = match node.get("args").map(|entry| &entry.node.value) {
        Some(Value::List(items)) => items.iter().filter_map(Node::scalar_text).collect(),
        _ => Vec::new(),
    };
    for (index, argument) in arguments.iter().enumerate() {
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (argument.as_str(), arguments.get(index + 1).map(String::as_str)),
        };
        let named = flag.starts_with('-') && value.is_some_and(|value| secret_value(flag, value).is_some());
        let told = named && value.is_some_and(|value| !value.starts_with('-'));
        if told {
            found.push(format!("the argument `{flag}`"));
        } else if secret_value("", argument).is_some() && !found.last().is_some_and(|_| index > 0 && arguments[index - 1].starts_with('-')) {
            found.push(format!("argument {}", index + 1));
        }
    }
    let url = node.get("url").and_then(|entry| entry.node.scalar_text()).unwrap_or_default();
    let query = url.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    found.extend(pairs.filter(|(name, value)| secret_value(name, value).is_some()).map(|(name, _)| format!("`{name}` in the address")));
    let next = "put the value into .env and write ${NAME} in its place";
    found.iter().map(|what| format!("`{server}`: {what} looks like a secret and stands in clear; {next}")).collect()
}

/// A map entry that stands nowhere yet.
pub(super) fn entry(key: &str, value: Value) -> Entry {
    Entry { key: key.to_owned(), key_place: Place::START, node: Node { place: Place::START, value } }
}

#[cfg(test)]
mod tests;
