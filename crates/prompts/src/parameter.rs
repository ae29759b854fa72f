//! The parameters of a prompt, and whether arguments fit them.

use crate::fault::short;
use base::config::{Node, Problems, Section, Value as Written, nearest};
use base::{Code, Error};
use serde_json::{Map, Value};

/// The most parameters of a prompt.
const MOST: usize = 64;

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it must be there: unless `required: false` or a default is written.
    pub required: bool,
    /// What it is where it is not given.
    pub default: Option<Value>,
    /// Its JSON Schema.
    pub schema: Value,
}

/// Reads the map `parameters`: names, each with the JSON Schema of its values and `required: false` beside it.
pub(crate) fn read(problems: &Problems, file: &str, node: &Node) -> Vec<Parameter> {
    let entries = base::config::entries(problems, file, "parameters", node);
    let mut parameters = Vec::new();
    for entry in entries.into_iter().take(MOST + 1) {
        let wrong = |message: String, next: &str| {
            problems.push(Error::new(Code::PromptFile, message, next).at(entry.key_place.in_file(file)));
        };
        if parameters.len() == MOST {
            wrong(format!("the prompt has more than {MOST} parameters"), "put some of them together into an object");
            break;
        }
        if !is_name(&entry.key) {
            let message = format!("`{}` is no name of a parameter", short(&entry.key));
            wrong(message, "use letters, digits and `_`, at most 64, the first no digit");
            continue;
        }
        let mut schema = entry.node.to_json();
        if schema.is_null() {
            schema = Value::Object(Map::new());
        }
        let Some(members) = schema.as_object_mut() else {
            wrong(format!("the parameter `{}` has no schema", entry.key), "write for example `{ type: string }`");
            continue;
        };
        // As texts, numbers and truth values that were written in another way than they print; `required` is a flag here.
        let required = match members.get("required") {
            Some(Value::Bool(required)) => Some(*required),
            _ => None,
        };
        if required.is_some() {
            members.remove("required");
        }
        let default = members.get("default").cloned();
        let description = members.get("description").and_then(Value::as_str).map(str::to_owned);
        let required = required.unwrap_or(default.is_none());
        for why in schema::unchecked(&schema) {
            wrong(format!("the schema of `{}` {why}", entry.key), "see docs/guide/prompts.md for the keywords");
        }
        if let Some(default) = &default {
            for (_, why) in schema::misfits(&schema, default, &entry.key) {
                wrong(format!("the default of `{}` does not fit its schema: {why}", entry.key), "correct one of them");
            }
        }
        parameters.push(Parameter { name: entry.key.clone(), description, required, default, schema });
    }
    parameters
}

/// Whether a template can use it as a variable.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && name.len() <= 64
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The arguments with defaults filled in, or all that is wrong with them.
pub(crate) fn check(parameters: &[Parameter], given: &Map<String, Value>) -> Result<Map<String, Value>, Vec<Error>> {
    let mut errors = Vec::new();
    let mut wrong = |message: String, next: String| errors.push(Error::new(Code::PromptArguments, message, next));
    let names = || parameters.iter().map(|parameter| parameter.name.as_str());
    for name in given.keys().filter(|name| !names().any(|known| known == *name)).take(20) {
        let known: Vec<&str> = names().collect();
        let next = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "the prompt takes no arguments".to_owned(),
            None => format!("parameters: {}", known.join(", ")),
        };
        wrong(format!("there is no parameter `{}`", short(name)), next);
    }
    let mut whole = Map::new();
    for parameter in parameters {
        match (given.get(&parameter.name), &parameter.default) {
            (Some(value), _) => {
                for (place, why) in schema::misfits(&parameter.schema, value, &parameter.name) {
                    wrong(format!("`{place}` does not fit: {why}"), "correct the argument".to_owned());
                }
                whole.insert(parameter.name.clone(), value.clone());
            }
            (None, Some(default)) => {
                whole.insert(parameter.name.clone(), default.clone());
            }
            (None, None) if parameter.required => {
                let about = parameter.description.as_deref().map(|about| format!(": {about}")).unwrap_or_default();
                wrong(
                    format!("`{}` is missing", parameter.name),
                    format!("give the argument `{}`{about}", parameter.name),
                );
            }
            (None, None) => {}
        }
    }
    if errors.is_empty() { Ok(whole) } else { Err(errors) }
}

/// Arguments that are all texts, as MCP has them (specification 2025-11-25, prompts): those of parameters that take no text
/// are read as JSON.
pub(crate) fn of_texts(parameters: &[Parameter], given: &Map<String, Value>) -> Map<String, Value> {
    let read = |(name, value): (&String, &Value)| {
        let parameter = parameters.iter().find(|parameter| &parameter.name == name);
        let read = match (parameter, value) {
            (Some(parameter), Value::String(text)) => of_text(&parameter.schema, text),
            _ => value.clone(),
        };
        (name.clone(), read)
    };
    given.iter().map(read).collect()
}

/// What a text means as a value of `schema`: itself where it fits, else the JSON that it is, if it is that.
pub fn of_text(schema: &Value, text: &str) -> Value {
    let itself = Value::String(text.to_owned());
    if schema::misfits(schema, &itself, "").is_empty() {
        return itself;
    }
    base::json::from_text(text).unwrap_or(itself)
}

/// A number that may have a fraction.
pub(crate) fn real(section: &mut Section<'_>, key: &'static str, range: std::ops::RangeInclusive<f64>) -> Option<f64> {
    let text = section.node(key).filter(|node| !matches!(node.value, Written::Null))?.scalar_text();
    let value = text.and_then(|text| text.parse::<f64>().ok()).filter(|value| range.contains(value));
    if value.is_none() {
        let message = format!("`{key}` is no number from {} to {}", range.start(), range.end());
        section.problem(key, Code::ConfigInvalidValue, message, format!("write for example `{key}: {}`", range.end()));
    }
    value
}

#[cfg(test)]
mod tests;
