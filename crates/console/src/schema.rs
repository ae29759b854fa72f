//! What a tool takes, read from its JSON schema: enough of it to make flags. The server checks the rest.

use serde_json::{Map, Value};
use std::cell::Cell;

/// How deep references and choices may lead before a schema is taken as "anything".
const DEPTH: usize = 16;

/// How many schemas are looked at for one argument. References can make more of a short schema than anybody could read;
/// what is beyond is taken as "anything".
const SCHEMAS: usize = 1000;

/// Where references lead, and how many schemas may still be looked at.
struct Source<'a> {
    root: &'a Value,
    left: Cell<usize>,
}

/// One argument of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name in the arguments.
    pub name: String,
    /// Its flag, without the dashes.
    pub flag: String,
    /// What it takes.
    pub shape: Shape,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub description: String,
    /// What it is when it is not given.
    pub default: Option<Value>,
}

/// What a value may be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shape {
    /// Its type.
    pub kind: Kind,
    /// The only values that it may have; none means any.
    pub choices: Vec<Value>,
    /// Whether it may be `null`.
    pub nullable: bool,
    /// The least number.
    pub least: Option<f64>,
    /// The greatest number.
    pub greatest: Option<f64>,
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Kind {
    /// Anything.
    #[default]
    Any,
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An object.
    Object,
    /// A list of such values.
    List(Box<Shape>),
    /// One of several types.
    Either(Vec<Shape>),
}

/// The arguments that a schema names: those that must be given first, otherwise in the order of the schema.
pub fn parameters(schema: &Value) -> Vec<Parameter> {
    let mut names: Vec<&str> = Vec::new();
    let mut all = Vec::new();
    let parts = std::iter::once(schema).chain(schema["allOf"].as_array().into_iter().flatten());
    for part in parts.map(|part| follow(part, schema)) {
        names.extend(part["required"].as_array().into_iter().flatten().filter_map(Value::as_str));
        all.extend(part["properties"].as_object().into_iter().flatten());
    }
    let mut parameters: Vec<Parameter> = Vec::new();
    for (name, property) in all {
        if parameters.iter().any(|other| other.name == *name) {
            continue;
        }
        let said = |key: &str| property.get(key).or_else(|| follow(property, schema).get(key));
        parameters.push(Parameter {
            name: name.clone(),
            flag: flag(name),
            shape: shape(property, &Source { root: schema, left: Cell::new(SCHEMAS) }, 0),
            required: names.contains(&name.as_str()),
            description: said("description").or(said("title")).and_then(Value::as_str).unwrap_or_default().to_owned(),
            default: said("default").cloned(),
        });
    }
    tell_apart(&mut parameters);
    parameters.sort_by_key(|parameter| !parameter.required);
    parameters
}

/// Arguments that would have the same flag are called by their own names.
fn tell_apart(parameters: &mut [Parameter]) {
    let flags: Vec<String> = parameters.iter().map(|parameter| parameter.flag.clone()).collect();
    for parameter in parameters {
        if flags.iter().filter(|flag| **flag == parameter.flag).count() > 1 {
            parameter.flag.clone_from(&parameter.name);
        }
    }
}

/// The flag for an argument: `max_results` and `maxResults` become `max-results`.
fn flag(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = '-';
    for character in name.chars() {
        let begins_a_word = character.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if begins_a_word {
            out.push('-');
        }
        out.push(if character == '_' { '-' } else { character.to_ascii_lowercase() });
        before = character;
    }
    // Names that would not be told from dashes, or from a value, stay as they are.
    let plain = out.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
    if plain && !out.starts_with('-') && !out.is_empty() { out } else { name.to_owned() }
}

/// The schema that a reference leads to; the schema itself where it is none.
fn follow<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let mut at = schema;
    for _ in 0..DEPTH {
        let Some(target) = at["$ref"].as_str() else { return at };
        let Some(found) = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) else {
            return &Value::Null;
        };
        at = found;
    }
    &Value::Null
}

fn shape(schema: &Value, source: &Source<'_>, depth: usize) -> Shape {
    let schema = follow(schema, source.root);
    let Value::Object(object) = schema else { return Shape::default() };
    let Some(left) = source.left.get().checked_sub(1).filter(|_| depth <= DEPTH) else { return Shape::default() };
    source.left.set(left);
    let list = |key: &str| object.get(key).and_then(Value::as_array);
    if let Some(variants) = list("anyOf").or(list("oneOf")) {
        return either(variants.iter().map(|variant| shape(variant, source, depth + 1)).collect());
    }
    if let Some([only]) = list("allOf").map(Vec::as_slice) {
        return shape(only, source, depth + 1);
    }
    let choices: Vec<Value> = match (object.get("const"), list("enum")) {
        (Some(only), _) => vec![only.clone()],
        (_, Some(all)) => all.clone(),
        _ => Vec::new(),
    };
    let mut shape = match object.get("type") {
        Some(Value::String(word)) => typed(word, object, source, depth),
        Some(Value::Array(words)) => {
            either(words.iter().filter_map(Value::as_str).map(|word| typed(word, object, source, depth)).collect())
        }
        _ if !choices.is_empty() => either(choices.iter().map(of_value).collect()),
        _ if object.contains_key("properties") => Shape { kind: Kind::Object, ..Shape::default() },
        _ if object.contains_key("items") => typed("array", object, source, depth),
        _ => Shape::default(),
    };
    shape.nullable |= choices.contains(&Value::Null);
    shape.choices = choices.into_iter().filter(|choice| !choice.is_null()).collect();
    shape.least = object.get("minimum").and_then(Value::as_f64);
    shape.greatest = object.get("maximum").and_then(Value::as_f64);
    shape
}

fn typed(word: &str, object: &Map<String, Value>, source: &Source<'_>, depth: usize) -> Shape {
    let kind = match word {
        "string" => Kind::Text,
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        "boolean" => Kind::Boolean,
        "object" => Kind::Object,
        "array" => {
            let items = object.get("items").map(|items| shape(items, source, depth + 1)).unwrap_or_default();
            Kind::List(Box::new(items))
        }
        "null" => return Shape { nullable: true, kind: Kind::Either(Vec::new()), ..Shape::default() },
        _ => Kind::Any,
    };
    Shape { kind, ..Shape::default() }
}

fn of_value(value: &Value) -> Shape {
    let kind = match value {
        Value::Null => return Shape { nullable: true, kind: Kind::Either(Vec::new()), ..Shape::default() },
        Value::Bool(_) => Kind::Boolean,
        Value::Number(number) if number.is_f64() => Kind::Number,
        Value::Number(_) => Kind::Integer,
        Value::String(_) => Kind::Text,
        Value::Array(_) => Kind::List(Box::default()),
        Value::Object(_) => Kind::Object,
    };
    Shape { kind, ..Shape::default() }
}

/// One shape out of several. Choices of the same type become one list of choices; `null` becomes a property of the rest.
fn either(variants: Vec<Shape>) -> Shape {
    let nullable = variants.iter().any(|variant| variant.nullable);
    let is_null = |variant: &Shape| matches!(&variant.kind, Kind::Either(kinds) if kinds.is_empty());
    let mut kinds: Vec<Shape> = Vec::new();
    for variant in variants.into_iter().filter(|variant| !is_null(variant)) {
        let Some(other) = kinds.iter_mut().find(|other| other.kind == variant.kind) else {
            kinds.push(variant);
            continue;
        };
        if other.choices.is_empty() || variant.choices.is_empty() {
            other.choices.clear();
        } else {
            other.choices.extend(variant.choices);
        }
        other.least = other.least.zip(variant.least).map(|(left, right)| left.min(right));
        other.greatest = other.greatest.zip(variant.greatest).map(|(left, right)| left.max(right));
    }
    match (kinds.len(), kinds.pop()) {
        (1, Some(only)) => Shape { nullable, ..only },
        (0, _) | (_, None) => Shape { nullable, ..Shape::default() },
        (_, Some(last)) => {
            kinds.push(last);
            Shape { kind: Kind::Either(kinds), nullable, ..Shape::default() }
        }
    }
}

impl Shape {
    /// What stands for the value in help; nothing for a switch.
    pub fn word(&self) -> String {
        let word = match &self.kind {
            Kind::Any => "VALUE",
            Kind::Text => "TEXT",
            Kind::Integer => "INTEGER",
            Kind::Number => "NUMBER",
            Kind::Boolean => return String::new(),
            Kind::Object => "JSON",
            Kind::List(item) if item.is_scalar() => return format!("{},…", item.word().trim()),
            Kind::List(_) => "JSON",
            Kind::Either(kinds) => {
                let word = |shape: &Shape| if shape.is_switch() { "true|false".to_owned() } else { shape.word() };
                let mut words: Vec<String> = kinds.iter().map(word).collect();
                words.dedup();
                return words.join("|");
            }
        };
        word.to_owned()
    }

    /// Whether its flag can stand alone.
    pub fn is_switch(&self) -> bool {
        match &self.kind {
            Kind::Boolean => true,
            Kind::Either(kinds) => kinds.iter().any(Shape::is_switch),
            _ => false,
        }
    }

    /// Whether it is written without JSON.
    pub fn is_scalar(&self) -> bool {
        match &self.kind {
            Kind::Text | Kind::Integer | Kind::Number | Kind::Boolean => true,
            Kind::Any | Kind::Object | Kind::List(_) => false,
            Kind::Either(kinds) => !kinds.is_empty() && kinds.iter().all(Shape::is_scalar),
        }
    }
}

#[cfg(test)]
mod tests;
