//! `inputs` of VS Code: values that it asks a person for. Here they are variables.

use base::config::{Node, Value};
use std::collections::BTreeMap;

/// The inputs that a file declares.
#[derive(Default)]
pub(super) struct Inputs {
    declared: BTreeMap<String, Input>,
}

struct Input {
    description: Option<String>,
    default: Option<String>,
    password: bool,
}

impl Inputs {
    /// Reads the list under `inputs`. What is not as VS Code writes it counts as not declared.
    pub(super) fn read(root: &Node) -> Self {
        let Some(Value::List(items)) = root.get("inputs").map(|entry| &entry.node.value) else {
            return Self::default();
        };
        let text = |item: &Node, key: &str| item.get(key).and_then(|entry| entry.node.scalar_text());
        let input = |item: &Node| {
            let password = matches!(item.get("password").map(|entry| &entry.node.value), Some(Value::Bool(true)));
            let description = text(item, "description").filter(|description| !description.is_empty());
            let default = text(item, "default").filter(|default| !password && !default.contains(['$', '}']));
            Some((text(item, "id")?, Input { description, default, password }))
        };
        Self { declared: items.iter().filter_map(input).collect() }
    }

    /// How the input is written in our files.
    pub(super) fn variable(&self, id: &str) -> String {
        let name = variable_name(id);
        match self.declared.get(id).and_then(|input| input.default.as_deref()) {
            Some(default) => format!("${{{name}:-{default}}}"),
            None => format!("${{{name}}}"),
        }
    }

    /// What a person must know of an input that is used.
    pub(super) fn notice(&self, id: &str) -> String {
        let name = variable_name(id);
        let Some(input) = self.declared.get(id) else {
            return format!("`${{input:{id}}}` is not declared under `inputs`; set the variable {name} in its place");
        };
        let what = input.description.as_ref().map_or_else(String::new, |description| format!(" ({description})"));
        if let Some(default) = &input.default {
            return format!("`${{input:{id}}}`{what} is the variable {name} here; without it, `{default}` is taken");
        }
        let secret = if input.password { ". It is a secret: keep that file out of the repository" } else { "" };
        format!("`${{input:{id}}}`{what} is the variable {name} here: set it in the environment or in .env{secret}")
    }
}

fn variable_name(id: &str) -> String {
    let word = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' };
    let name: String = id.chars().map(word).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() {
        format!("INPUT_{name}")
    } else {
        name
    }
}
