//! What a tool is: its definition, from which both the schema and the check of the arguments come, and its code.

use super::answer::Answer;
use super::folder::Folder;
use super::words::{nearest, one_line, wrong};
use base::{Code, Error, Result};
use serde_json::{Map, Value};

/// A tool of the `files` upstream.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) arguments: &'static [Argument],
    /// The properties of `structuredContent`, and those that are always there.
    pub(super) output: fn() -> (Value, &'static [&'static str]),
    pub(super) effect: Effect,
    pub(super) run: fn(&Folder, &Arguments<'_>) -> Result<Answer>,
}

/// What a tool does to the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Reads,
    /// It changes something; `destroys` when something can be lost, `repeatable` when the second time changes nothing.
    Writes { destroys: bool, repeatable: bool },
}

/// An argument of a tool.
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) kind: Kind,
}

/// The type of an argument, its range, and what holds when it is not given.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Text that must be given.
    Text { most: usize },
    /// Text that need not be given.
    OptionalText { most: usize, default: Option<&'static str> },
    /// Yes or no.
    Flag { default: bool },
    /// A whole number.
    Number { least: u64, most: u64, default: u64 },
    /// One of some words.
    Choice { of: &'static [&'static str], default: &'static str },
}

/// The arguments of one call, checked.
pub(super) struct Arguments<'a> {
    expected: &'static [Argument],
    given: &'a Map<String, Value>,
}

impl<'a> Arguments<'a> {
    /// Checks what a call gives against what the tool takes. A `null` is as if it were not given: models send it.
    pub(super) fn check(tool: &Tool, given: &'a Map<String, Value>) -> Result<Self> {
        for (name, value) in given {
            match tool.arguments.iter().find(|argument| argument.name == name) {
                None => return Err(unknown(tool, name)),
                Some(_) if value.is_null() => {}
                Some(argument) => check_value(argument, value)?,
            }
        }
        let arguments = Arguments { expected: tool.arguments, given };
        for argument in tool.arguments {
            if matches!(argument.kind, Kind::Text { .. }) && arguments.value(argument.name).is_none() {
                let message = format!("`{}` needs the argument `{}`", tool.name, argument.name);
                return Err(wrong(message, format!("give `{}`: {}", argument.name, argument.description)));
            }
        }
        Ok(arguments)
    }

    /// Text, or its default, or nothing.
    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        let default = match self.kind(name) {
            Some(Kind::OptionalText { default, .. }) => default,
            Some(Kind::Choice { default, .. }) => Some(default),
            _ => None,
        };
        self.value(name).and_then(Value::as_str).or(default)
    }

    /// Text that was checked to be there or has a default.
    pub(super) fn text(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_default()
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &str) -> bool {
        let default = matches!(self.kind(name), Some(Kind::Flag { default: true }));
        self.value(name).and_then(Value::as_bool).unwrap_or(default)
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> u64 {
        let default = if let Some(Kind::Number { default, .. }) = self.kind(name) { default } else { 0 };
        self.value(name).and_then(whole).unwrap_or(default)
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.given.get(name).filter(|value| !value.is_null())
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        self.expected.iter().find(|argument| argument.name == name).map(|argument| argument.kind)
    }
}

fn unknown(tool: &Tool, name: &str) -> Error {
    let names: Vec<&str> = tool.arguments.iter().map(|argument| argument.name).collect();
    let shown: String = name.chars().take(64).collect();
    let meant = nearest(name, names.iter().copied()).map(|name| format!("did you mean `{name}`? ")).unwrap_or_default();
    wrong(
        format!("`{}` has no argument `{}`", tool.name, one_line(&shown)),
        format!("{meant}it takes {}", names.join(", ")),
    )
}

fn check_value(argument: &Argument, value: &Value) -> Result<()> {
    let name = argument.name;
    let fail = |expected: String| {
        let message = format!("the argument `{name}` must be {expected}, not {}", type_of(value));
        Err(wrong(message, format!("give `{name}`: {}", argument.description)))
    };
    match argument.kind {
        Kind::Text { most } | Kind::OptionalText { most, .. } => match value.as_str() {
            None => fail("text".to_owned()),
            Some(text) if text.len() > most => {
                let message = format!("the argument `{name}` has {} bytes, which is more than {most}", text.len());
                Err(Error::new(Code::FilesTooLarge, message, "give less, or do it in several calls"))
            }
            Some(_) => Ok(()),
        },
        Kind::Flag { .. } if !value.is_boolean() => fail("true or false".to_owned()),
        Kind::Number { least, most, .. } if !whole(value).is_some_and(|number| (least..=most).contains(&number)) => {
            fail(format!("a whole number from {least} to {most}"))
        }
        Kind::Choice { of, .. } if !value.as_str().is_some_and(|text| of.contains(&text)) => {
            fail(format!("one of {}", of.join(", ")))
        }
        _ => Ok(()),
    }
}

/// JSON has one kind of number, and some models write `5.0`.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && (0.0..=9e15).contains(&number)).then_some(number as u64)
    })
}

/// What a value is, for an error: the value itself may be large or private.
fn type_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.len() <= 32 => format!("the text \"{}\"", one_line(text)),
        Value::String(_) => "text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests;
