//! The part of a value that is taken: `$.results[*].summary`, a small piece of JSONPath (RFC 9535).

use schema::resolved;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most steps of a way.
const STEPS: usize = 32;

/// A way into a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Select {
    written: String,
    steps: Vec<Part>,
}

/// One step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Member(String),
    Item(usize),
    All,
}

impl TryFrom<String> for Select {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Select> for String {
    fn from(select: Select) -> String {
        select.written
    }
}

impl Select {
    /// Reads a way: `$` and then any of `.name`, `["name"]`, `[0]` and `[*]`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.trim().strip_prefix('$').ok_or("it does not begin with `$`")?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if steps.len() == STEPS {
                return Err(format!("it has more than {STEPS} steps"));
            }
            let (step, after) = match rest.strip_prefix('.') {
                Some(name) => member(name)?,
                None => bracket(rest.strip_prefix('[').ok_or("a step begins with `.` or `[`")?)?,
            };
            steps.push(step);
            rest = after;
        }
        Ok(Self { written: text.trim().to_owned(), steps })
    }

    /// The way as it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// What stands there; a list of all that does where the way has a `[*]`. Nothing where nothing stands there.
    pub fn of(&self, value: &Value) -> Option<Value> {
        let mut found = vec![value];
        for step in &self.steps {
            let mut next = Vec::new();
            for value in found {
                match step {
                    Part::Member(name) => next.extend(value.get(name)),
                    Part::Item(index) => next.extend(value.get(index)),
                    Part::All => match value {
                        Value::Array(items) => next.extend(items),
                        Value::Object(members) => next.extend(members.values()),
                        _ => {}
                    },
                }
            }
            found = next;
        }
        match self.steps.contains(&Part::All) {
            true => Some(found.into_iter().cloned().collect()),
            false => found.first().copied().cloned(),
        }
    }

    /// Whether something can stand there in values of `schema`; if not, why.
    ///
    /// # Errors
    /// What of the way leads nowhere.
    pub fn along<'a>(&self, schema: &'a Value) -> Result<Option<&'a Value>, Stray> {
        let mut at = Some(schema);
        for step in &self.steps {
            let Some(here) = at else { return Ok(None) };
            at = match step {
                Part::Member(name) => into_member(schema, here, name)?,
                Part::Item(_) | Part::All => into_item(schema, here)?,
            };
        }
        Ok(at)
    }
}

/// A way that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// Why.
    pub why: String,
    /// The member that is not there.
    pub name: String,
    /// The members that are.
    pub known: Vec<String>,
}

/// The schema of the member `name` of values of `at`, which stands within `root`. Nothing where the schema leaves it open.
///
/// # Errors
/// Values of `at` have no such member.
pub(crate) fn into_member<'a>(root: &'a Value, at: &'a Value, name: &str) -> Result<Option<&'a Value>, Stray> {
    let Some(at) = resolved(root, at) else { return Ok(None) };
    if let Some(kind) = only_kind(at).filter(|kind| *kind != "object") {
        let why = format!("it is {}, and has no member `{name}`", words(kind));
        return Err(Stray { why, name: name.to_owned(), known: Vec::new() });
    }
    let Some(properties) = at.get("properties").and_then(Value::as_object) else { return Ok(None) };
    if let Some(found) = properties.get(name) {
        return Ok(Some(found));
    }
    let open = ["patternProperties", "allOf", "anyOf", "oneOf", "$ref", "if", "$dynamicRef"];
    let more = at.get("additionalProperties").is_some_and(|more| more != &Value::Bool(false));
    // Alternatives that only say which members must be there add none.
    let adds = |key: &&str| match at.get(*key) {
        Some(Value::Array(forms)) => {
            forms.iter().any(|form| form.get("properties").is_some() || form.get("$ref").is_some())
        }
        Some(_) => true,
        None => false,
    };
    if more || open.iter().any(adds) {
        return Ok(None);
    }
    let known = properties.keys().cloned().collect();
    Err(Stray { why: format!("its schema knows no member `{name}`"), name: name.to_owned(), known })
}

fn into_item<'a>(root: &'a Value, at: &'a Value) -> Result<Option<&'a Value>, Stray> {
    let Some(at) = resolved(root, at) else { return Ok(None) };
    match only_kind(at) {
        Some("array") | None => Ok(at.get("items")),
        Some("object") => Ok(None),
        Some(kind) => Err(Stray {
            why: format!("it is {}, and has no items", words(kind)),
            name: String::new(),
            known: Vec::new(),
        }),
    }
}

/// A type in words for a person.
fn words(kind: &str) -> String {
    schema::Kinds::of(&Value::from(kind)).map_or(kind.to_owned(), schema::Kinds::words)
}

/// The one type that a schema allows.
fn only_kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) if kinds.len() == 1 => kinds.first()?.as_str(),
        _ => None,
    }
}

fn member(rest: &str) -> Result<(Part, &str), String> {
    if let Some(rest) = rest.strip_prefix('*') {
        return Ok((Part::All, rest));
    }
    let end = rest.find(|one: char| !(one.is_alphanumeric() || matches!(one, '_' | '-'))).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    if name.is_empty() {
        Err("a name is missing behind `.`".to_owned())
    } else {
        Ok((Part::Member(name.to_owned()), rest))
    }
}

fn bracket(rest: &str) -> Result<(Part, &str), String> {
    let (inner, rest) = rest.split_once(']').ok_or("a `[` has no `]`")?;
    let inner = inner.trim();
    if inner == "*" {
        return Ok((Part::All, rest));
    }
    let quoted = ['"', '\''].into_iter().find_map(|mark| inner.strip_prefix(mark)?.strip_suffix(mark));
    if let Some(name) = quoted {
        return Ok((Part::Member(name.to_owned()), rest));
    }
    let item = inner.parse().map_err(|_| "between `[` and `]` stands a number, `*`, or a name in quotes".to_owned());
    item.map(|index| (Part::Item(index), rest))
}

#[cfg(test)]
mod tests;
