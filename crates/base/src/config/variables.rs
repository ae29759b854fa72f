//! `${VARIABLES}` in the texts of a document.

use super::budget;
use super::problems::Problems;
use super::tree::{Document, Node, Place, Value};
use crate::{Code, Error};

/// Where `${secret:NAME}` stands.
pub struct SecretReference<'a> {
    /// The name of the secret.
    pub name: &'a str,
    /// The keys that lead there, such as `servers.docs.headers.Authorization`.
    pub path: &'a str,
    /// What stands before it in the same text, with its variables filled in.
    pub before: &'a str,
    /// Where the text begins.
    pub place: Place,
}

/// What becomes of `${secret:NAME}`.
pub enum SecretValue {
    /// This text takes its place.
    Known(String),
    /// It stays as it is written, for nobody has looked yet.
    Unread,
    /// There is none: its default takes its place, or else this is a problem.
    Missing(Error),
    /// This is a problem.
    Refused(Error),
}

/// Defaults within defaults.
const NESTING: usize = 8;

/// Fills in the variables of every text value; keys are left alone.
///
/// `${NAME}` is the value that `lookup` gives; `${NAME:-default}` takes the default where the variable is not set or
/// empty; `${env:NAME}` is the same as `${NAME}`, as Cursor and VS Code write it; `$${` is a literal `${`.
/// `${input:id}` and `${workspaceFolder}` stay as they are: the importer of those files turns them into variables, and so
/// does `${secret:NAME}`, see [`substitute_secrets`]. A variable that is not set is a problem, and its text stays as it was
/// written.
pub fn substitute(document: &mut Document, lookup: &dyn Fn(&str) -> Option<String>, problems: &Problems) {
    substitute_node(&document.file, "", &mut document.root, lookup, problems);
}

/// Fills in the variables of one node, which stands under `path` in `file`.
pub fn substitute_node(
    file: &str,
    path: &str,
    node: &mut Node,
    lookup: &dyn Fn(&str) -> Option<String>,
    problems: &Problems,
) {
    substitute_secrets(file, path, node, lookup, &|_| SecretValue::Unread, problems);
}

/// As [`substitute_node`], and asks `secrets` what becomes of each `${secret:NAME}`, which may have a default too.
pub fn substitute_secrets(
    file: &str,
    path: &str,
    node: &mut Node,
    lookup: &dyn Fn(&str) -> Option<String>,
    secrets: &dyn Fn(&SecretReference<'_>) -> SecretValue,
    problems: &Problems,
) {
    let mut walk = Walk { file, path: path.to_owned(), lookup, secrets, problems, produced: 0 };
    walk.node(node);
}

struct Walk<'walk> {
    file: &'walk str,
    path: String,
    lookup: &'walk dyn Fn(&str) -> Option<String>,
    secrets: &'walk dyn Fn(&SecretReference<'_>) -> SecretValue,
    problems: &'walk Problems,
    /// Bytes of text that variables have made so far.
    produced: usize,
}

impl Walk<'_> {
    fn node(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Text(text) if text.contains("${") => {
                if let Some(expanded) = self.expand(text, node.place, 0) {
                    *text = expanded;
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.within(&format!("[{index}]"), item);
                }
            }
            Value::Map(entries) => {
                for entry in entries {
                    let dot = if self.path.is_empty() { "" } else { "." };
                    self.within(&format!("{dot}{}", entry.key), &mut entry.node);
                }
            }
            _ => {}
        }
    }

    fn within(&mut self, step: &str, node: &mut Node) {
        let length = self.path.len();
        self.path.push_str(step);
        self.node(node);
        self.path.truncate(length);
    }

    /// The text with its variables filled in, or nothing where that cannot be done.
    fn expand(&mut self, text: &str, place: Place, nesting: usize) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut whole = true;
        while let Some(index) = rest.find('$') {
            out.push_str(&rest[..index]);
            rest = &rest[index..];
            if let Some(after) = rest.strip_prefix("$${") {
                out.push_str("${");
                rest = after;
            } else if let Some(after) = rest.strip_prefix("${") {
                let Some(end) = variable_end(after, usize::MAX) else {
                    self.unreadable(rest, "it has no `}`", place);
                    return None;
                };
                match self.variable(&after[..end], &out, place, nesting) {
                    Some(value) => out.push_str(&value),
                    None => whole = false,
                }
                rest = &after[end + 1..];
            } else {
                out.push('$');
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
        whole.then_some(out)
    }

    fn variable(&mut self, inner: &str, before: &str, place: Place, nesting: usize) -> Option<String> {
        if inner.starts_with("input:") || inner == "workspaceFolder" {
            return Some(format!("${{{inner}}}"));
        }
        if let Some(expression) = inner.strip_prefix("secret:") {
            return self.secret(expression, before, place, nesting);
        }
        let expression = inner.strip_prefix("env:").unwrap_or(inner);
        let (name, default) = match expression.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (expression, None),
        };
        if !is_variable_name(name) {
            self.unreadable(&format!("${{{inner}}}"), "a name has letters, digits and `_`", place);
            return None;
        }
        let value = (self.lookup)(name).filter(|value| default.is_none() || !value.is_empty());
        let value = match (value, default) {
            (Some(value), _) => value,
            (None, Some(default)) => self.default(inner, default, place, nesting)?,
            (None, None) => {
                self.missing(name, place);
                return None;
            }
        };
        self.produced(value, place)
    }

    /// `${secret:NAME}`, or with a default.
    fn secret(&mut self, expression: &str, before: &str, place: Place, nesting: usize) -> Option<String> {
        let (name, default) = match expression.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (expression, None),
        };
        if !is_secret_name(name) {
            let why = "a secret has a name of letters, digits, `_`, `-` and `.`";
            self.unreadable(&format!("${{secret:{expression}}}"), why, place);
            return None;
        }
        let found = (self.secrets)(&SecretReference { name, path: &self.path, before, place });
        let value = match (found, default) {
            (SecretValue::Known(value), _) => value,
            (SecretValue::Unread, _) => format!("${{secret:{expression}}}"),
            (SecretValue::Missing(_), Some(default)) => self.default(expression, default, place, nesting)?,
            (SecretValue::Missing(error) | SecretValue::Refused(error), _) => {
                self.problems.push(error.at(place.in_file(self.file)));
                return None;
            }
        };
        self.produced(value, place)
    }

    fn default(&mut self, inner: &str, default: &str, place: Place, nesting: usize) -> Option<String> {
        if nesting < NESTING {
            return self.expand(default, place, nesting + 1);
        }
        self.unreadable(&format!("${{{inner}}}"), "defaults stand too deep within each other", place);
        None
    }

    /// The value, where all values together are not too much.
    fn produced(&mut self, value: String, place: Place) -> Option<String> {
        self.produced += value.len();
        if self.produced > budget::TEXT {
            self.problems.push(budget::too_large(self.file, place, budget::Capacity::default()));
            return None;
        }
        Some(value)
    }

    fn missing(&self, name: &str, place: Place) {
        let message = format!("the variable {name} is not set, and `{}` uses it", self.path);
        let default = format!("${{{name}:-value}}");
        let next = format!("set {name} in the environment or in the .env file beside it, or give a default: {default}");
        self.problems.push(Error::new(Code::ConfigVariableMissing, message, next).at(place.in_file(self.file)));
    }

    fn unreadable(&self, text: &str, why: &str, place: Place) {
        let shown: String = text.chars().take(40).collect();
        let message = format!("`{}` has `{shown}`, which is no variable: {why}", self.path);
        let next = "write ${NAME} or ${NAME:-default}, or $${ for a literal ${";
        self.problems.push(Error::new(Code::ConfigInvalidValue, message, next).at(place.in_file(self.file)));
    }
}

/// Where the `}` stands that ends a variable, past those of variables in its default. `text` is what follows the `${`.
/// Nothing where it does not end, or where more than `most` variables stand open: giving up there keeps a heap of
/// unclosed ones from being searched to its end again and again.
pub fn variable_end(text: &str, most: usize) -> Option<usize> {
    let mut open = 0;
    let mut previous = ' ';
    for (index, character) in text.char_indices() {
        match character {
            '{' if previous == '$' && open > most => return None,
            '{' if previous == '$' => open += 1,
            '}' if open == 0 => return Some(index),
            '}' => open -= 1,
            _ => {}
        }
        previous = character;
    }
    None
}

/// The most characters that the name of a secret has.
const SECRET_NAME: usize = 64;

/// Whether a secret of the vault can have this name.
pub fn is_secret_name(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let first = name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric() || first == b'_');
    first && name.len() <= SECRET_NAME && name.bytes().all(word)
}

/// Whether a variable can have this name.
pub fn is_variable_name(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && name.bytes().all(word) && !name.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests;
