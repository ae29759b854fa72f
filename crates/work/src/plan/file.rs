//! Plans in files.

use super::{Context, Plan};
use base::config::{Node, Value as Typed, json, yaml};
use base::{Code, Error, Result, disk};
use clap::ArgMatches;
use console::output::one_line;
use serde_json::{Map, Value};
use std::io::Read as _;

/// The largest plan that is read, in bytes.
const LIMIT: u64 = 4 << 20;

/// Reads the plan that was named: JSON where it begins with a brace, else YAML.
pub(super) fn read(context: &Context, matches: &ArgMatches) -> Result<Plan> {
    let name = matches.get_one::<String>("file").map_or("-", String::as_str);
    let (file, text) = if name == "-" {
        ("standard input".to_owned(), standard_input()?)
    } else {
        let path = context.environment.working_directory().join(name);
        (name.to_owned(), disk::read_text(&path, LIMIT)?)
    };
    plan(&file, &text)
}

fn plan(file: &str, text: &str) -> Result<Plan> {
    let value = if text.trim_start().starts_with('{') {
        // The configuration's reader tells the place of a mistake, and JSON's own keeps numbers as they are.
        let document = json(file, text).map_err(|error| unreadable(&error))?;
        base::json::from_text(text).unwrap_or_else(|_| plain(&document.root))
    } else {
        plain(&yaml(file, text).map_err(|error| unreadable(&error))?.root)
    };
    match value {
        Value::Object(plan) => Ok(plan),
        _ => {
            let message = format!("{} holds no plan", one_line(file, 100));
            Err(Error::new(Code::PlanInvalid, message, "a plan has `steps:`; see docs/guide/plans.md"))
        }
    }
}

/// The error of a file of the configuration, as that of a plan.
fn unreadable(error: &Error) -> Error {
    let plan = Error::new(Code::PlanInvalid, error.message(), error.next());
    error.location().cloned().into_iter().fold(plan, Error::at)
}

fn plain(node: &Node) -> Value {
    match &node.value {
        Typed::Null => Value::Null,
        Typed::Bool(value) => (*value).into(),
        Typed::Integer(value) => (*value).into(),
        Typed::Float(value) => (*value).into(),
        Typed::Text(value) => value.as_str().into(),
        Typed::List(items) => items.iter().map(plain).collect(),
        Typed::Map(entries) => {
            Value::Object(entries.iter().map(|entry| (entry.key.clone(), plain(&entry.node))).collect::<Map<_, _>>())
        }
    }
}

fn standard_input() -> Result<String> {
    let mut text = String::new();
    let failed = |error: std::io::Error| {
        Error::new(Code::Usage, format!("standard input cannot be read: {error}"), "give the plan there, or a file")
    };
    std::io::stdin().lock().take(LIMIT).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

#[cfg(test)]
mod tests;
