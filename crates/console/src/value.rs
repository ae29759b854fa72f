//! From the text of a flag to the value that a tool takes.

use super::schema::{Kind, Shape};
use crate::output::one_line;
use base::config::nearest;
use base::{Code, Error, Result};
use serde_json::{Number, Value};

/// The value that `texts` stand for: what was written behind each `--flag`.
pub fn read(flag: &str, shape: &Shape, texts: &[String]) -> Result<Value> {
    match (&shape.kind, texts) {
        (Kind::List(item), texts) => list(flag, item, texts),
        (_, [text]) => one(flag, shape, text),
        (_, texts) => {
            let message = format!("--{flag} stands there {} times and takes one value", texts.len());
            Err(Error::new(Code::Usage, message, "write it once"))
        }
    }
}

/// A list: repeated flags, commas between values, or JSON.
fn list(flag: &str, item: &Shape, texts: &[String]) -> Result<Value> {
    let mut all = Vec::new();
    for text in texts {
        if text.trim_start().starts_with('[') {
            match json(flag, text)? {
                Value::Array(values) => all.extend(values),
                other => all.push(other),
            }
        } else if item.is_scalar() {
            for piece in text.split(',').map(str::trim).filter(|piece| !piece.is_empty()) {
                all.push(one(flag, item, piece)?);
            }
        } else {
            all.push(one(flag, item, text)?);
        }
    }
    Ok(Value::Array(all))
}

fn one(flag: &str, shape: &Shape, text: &str) -> Result<Value> {
    if shape.nullable && text == "null" && shape.kind != Kind::Text {
        return Ok(Value::Null);
    }
    let value = match &shape.kind {
        Kind::Any => base::json::from_text(text).unwrap_or_else(|_| text.into()),
        Kind::Text => text.into(),
        Kind::Integer => integer(text).ok_or_else(|| wrong(flag, "a whole number", text))?,
        Kind::Number => number(text).ok_or_else(|| wrong(flag, "a number", text))?,
        Kind::Boolean => match text {
            "true" => true.into(),
            "false" => false.into(),
            _ => return Err(wrong(flag, "true or false", text)),
        },
        Kind::Object => match json(flag, text)? {
            object @ Value::Object(_) => object,
            _ => return Err(wrong(flag, "a JSON object", text)),
        },
        Kind::List(item) => list(flag, item, &[text.to_owned()])?,
        Kind::Either(kinds) => first_that_fits(flag, shape, kinds, text)?,
    };
    check(flag, shape, text, value)
}

/// A text fits everything, so it is tried last.
fn first_that_fits(flag: &str, shape: &Shape, kinds: &[Shape], text: &str) -> Result<Value> {
    let (texts, others): (Vec<&Shape>, Vec<&Shape>) = kinds.iter().partition(|kind| kind.kind == Kind::Text);
    let is_list = |kind: &Shape| matches!(kind.kind, Kind::List(_));
    // Any text could be a list of one; with several types, a list is told by its bracket.
    let fits = |kind: &&&Shape| !is_list(kind) || texts.is_empty() || text.trim_start().starts_with('[');
    let found = others.iter().filter(fits).chain(&texts).find_map(|kind| one(flag, kind, text).ok());
    found.ok_or_else(|| wrong(flag, &shape.word(), text))
}

fn integer(text: &str) -> Option<Value> {
    let text = text.strip_prefix('+').unwrap_or(text);
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
}

fn number(text: &str) -> Option<Value> {
    integer(text).or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number))
}

fn json(flag: &str, text: &str) -> Result<Value> {
    base::json::from_text(text).map_err(|error| {
        let message = format!("--{flag} takes JSON, and `{}` is none: {error}", one_line(text, 40));
        Error::new(Code::Usage, message, "write JSON in single quotes, so that the shell leaves it alone")
    })
}

/// Checks a value against the only ones that there are, and against its limits.
fn check(flag: &str, shape: &Shape, text: &str, value: Value) -> Result<Value> {
    let same = |choice: &Value| *choice == value || choice.as_f64().is_some_and(|left| value.as_f64() == Some(left));
    if !shape.choices.is_empty() && !shape.choices.iter().any(same) {
        let choices: Vec<String> = shape.choices.iter().map(plain).collect();
        let all = choices.join(", ");
        let next = match nearest(text, choices.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`? It takes: {all}"),
            None => format!("it takes: {all}"),
        };
        return Err(Error::new(Code::Usage, format!("--{flag} cannot be `{}`", one_line(text, 40)), next));
    }
    let bad = |word: &str, limit: f64| {
        let message = format!("--{flag} is {word} {limit}, and `{}` is not", one_line(text, 40));
        Err(Error::new(Code::Usage, message, "write a number within the limits"))
    };
    match (value.as_f64(), shape.least, shape.greatest) {
        (Some(number), Some(least), _) if number < least => bad("at least", least),
        (Some(number), _, Some(greatest)) if number > greatest => bad("at most", greatest),
        _ => Ok(value),
    }
}

/// A value as a person writes it behind a flag.
pub fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    one_line(&text, 80)
}

fn wrong(flag: &str, takes: &str, text: &str) -> Error {
    let message = format!("--{flag} takes {takes}, and `{}` is something else", one_line(text, 40));
    Error::new(Code::Usage, message, "write the value behind the flag, as in --flag VALUE")
}

#[cfg(test)]
mod tests;
