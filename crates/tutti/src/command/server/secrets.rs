//! Values that must not stand in the configuration file, which is shown and shared: they go to `.env`.

use base::config::{Entry, Node, Value};
use base::environment::Environment;
use hubs::clear_text::secret_value;

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

    /// Replaces the secrets of a server: among its variables, headers and arguments, and in its address.
    pub(super) fn hide_in(&mut self, server: &str, node: &mut Node) {
        let Value::Map(entries) = &mut node.value else { return };
        for part in entries {
            match (part.key.as_str(), &mut part.node.value) {
                ("env", Value::Map(pairs)) => {
                    each_text(pairs, |name, text| self.hide_variable(server, name, text));
                }
                ("headers", Value::Map(pairs)) => {
                    each_text(pairs, |name, text| self.hide_header(server, name, text));
                }
                ("args", Value::List(items)) => self.hide_arguments(server, items),
                ("url" | "openapi", Value::Text(url)) => self.hide_query(server, url),
                _ => {}
            }
        }
    }

    fn hide_variable(&mut self, server: &str, name: &str, text: &str) -> Option<String> {
        let value = secret_value(name, text)?;
        let own = is_variable(name).then(|| name.to_owned());
        Some(format!("${{{}}}", self.variable(own, &variable_name(server, name), value)))
    }

    fn hide_header(&mut self, server: &str, name: &str, text: &str) -> Option<String> {
        let scheme = SCHEMES
            .iter()
            .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        let (scheme, rest) = text.split_at(scheme.map_or(0, |scheme| scheme.len()));
        let value = secret_value(name, rest)?;
        Some(format!("{scheme}${{{}}}", self.variable(None, &variable_name(server, name), value)))
    }

    fn hide_arguments(&mut self, server: &str, items: &mut [Node]) {
        // A flag whose value may be the argument after it.
        let mut flag: Option<String> = None;
        for item in items {
            let Value::Text(text) = &mut item.value else {
                flag = None;
                continue;
            };
            let before = flag.take().filter(|_| !text.starts_with('-'));
            if let Some(hidden) = self.hidden_argument(server, before.as_deref(), text) {
                *text = hidden;
            } else if text.starts_with('-') {
                flag = Some(text.clone());
            }
        }
    }

    /// An argument that is a secret: as the value of the flag before it, behind its own `=`, or by how it looks.
    fn hidden_argument(&mut self, server: &str, before: Option<&str>, text: &str) -> Option<String> {
        let named = |name: &str| variable_name(server, name.trim_start_matches('-'));
        let pair = text.split_once('=').filter(|(name, _)| name.starts_with('-') || is_variable(name));
        if let Some(value) = before.and_then(|name| secret_value(name, text)) {
            return Some(format!("${{{}}}", self.variable(None, &named(before.unwrap_or_default()), value)));
        }
        if let Some((name, value)) = pair
            && let Some(value) = secret_value(name, value)
        {
            let own = is_variable(name).then(|| name.to_owned());
            return Some(format!("{name}=${{{}}}", self.variable(own, &named(name), value)));
        }
        let value = secret_value("", text)?;
        Some(format!("${{{}}}", self.variable(None, &named("secret"), value)))
    }

    fn hide_query(&mut self, server: &str, url: &mut String) {
        let Some((path, query)) = url.split_once('?') else { return };
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) => match secret_value(name, value) {
                Some(value) => format!("{name}=${{{}}}", self.variable(None, &variable_name(server, name), value)),
                None => pair.to_owned(),
            },
            None => pair.to_owned(),
        };
        let query: Vec<String> = query.split('&').map(pair).collect();
        *url = format!("{path}?{}", query.join("&"));
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

/// Replaces texts of a map.
fn each_text(pairs: &mut [Entry], mut hide: impl FnMut(&str, &str) -> Option<String>) {
    for pair in pairs {
        if let Value::Text(text) = &mut pair.node.value
            && let Some(hidden) = hide(&pair.key, text)
        {
            *text = hidden;
        }
    }
}

#[cfg(test)]
mod tests;
