//! Templates and conditions: checked when they are read, run with a limit on their work.
//!
//! Values are data: they are put in and never read as templates. There is no loader, so no name leads to a file.

mod run;

use crate::limits;
use crate::source::Spot;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde::{Deserialize, Serialize};
use templates::Fault;

/// What a template makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A text with values in it.
    Text,
    /// The value of one expression, whatever its type: `{{ steps.search.output }}` with nothing around it.
    Value,
}

/// A template that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The text as it was written; of a value, the expression between the braces.
    pub source: String,
    /// What it makes.
    pub form: Form,
    /// Where the text begins.
    #[serde(skip)]
    pub at: Spot,
}

/// Whether a text has anything of a template in it.
pub fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

impl Template {
    /// A text with values in it, or one value.
    pub(crate) fn of_text(text: &str, at: Spot) -> Result<Self, Fault> {
        match alone(text) {
            Some(expression) => Self::checked(expression, Form::Value, at),
            None => Self::checked(text, Form::Text, at),
        }
    }

    /// An expression, with braces around it or without.
    pub(crate) fn of_expression(text: &str, at: Spot) -> Result<Self, Fault> {
        Self::checked(alone(text).unwrap_or(text.trim()), Form::Value, at)
    }

    /// A condition that stands elsewhere than in a workflow, such as in its tests.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn condition(text: &str) -> Result<Self, String> {
        Self::of_expression(text, Spot::default()).map_err(|fault| fault.why)
    }

    fn checked(source: &str, form: Form, at: Spot) -> Result<Self, Fault> {
        if source.len() > limits::TEMPLATE {
            let why = format!("it is longer than {} KiB", limits::TEMPLATE >> 10);
            return Err(Fault { why, line: 1, name: None });
        }
        let template = Self { source: source.to_owned(), form, at };
        template.names()?;
        template.tried()?;
        Ok(template)
    }

    /// The text in the form of a file.
    pub fn written(&self) -> String {
        match self.form {
            Form::Text => self.source.clone(),
            Form::Value => format!("{{{{ {} }}}}", self.source),
        }
    }

    /// The names that the template uses and does not set itself, each with its members as far as they are plain
    /// (`steps.search.output`), sorted.
    pub fn uses(&self) -> Vec<String> {
        self.names().unwrap_or_default()
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        let environment = environment();
        let found = match self.form {
            Form::Text => {
                environment.template_from_str(&self.source).map(|template| template.undeclared_variables(true))
            }
            Form::Value => environment.compile_expression(&self.source).map(|value| value.undeclared_variables(true)),
        };
        let found = found.map_err(|error| Fault::of(&error))?;
        let own = |name: &str| environment.globals().any(|(known, _)| known == name);
        let mut names: Vec<String> = found.into_iter().filter(|name| !own(root(name))).collect();
        names.sort_unstable();
        Ok(names)
    }
}

impl Template {
    /// Runs the template once on nothing, for names of filters, tests and functions that are not there: only running tells.
    /// What stands where this run does not come is told of when it runs.
    fn tried(&self) -> Result<(), Fault> {
        if let Some((line, tag)) = other_template(&self.source) {
            let why = format!("`{tag}` is of no use here: a template reaches no other");
            return Err(Fault { why, line, name: None });
        }
        let mut environment = environment();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(TRIAL));
        let nothing = Value::from(Serde(serde_json::Map::new()));
        let outcome = match self.form {
            Form::Text => environment
                .template_from_str(&self.source)
                .and_then(|template| template.render_captured_to(nothing, std::io::sink()).map(drop)),
            Form::Value => environment.compile_expression(&self.source).and_then(|value| value.eval(nothing).map(drop)),
        };
        match outcome {
            Err(error) if UNKNOWN.contains(&error.kind()) => Err(Fault::of(&error)),
            _ => Ok(()),
        }
    }
}

/// What the run on nothing may cost.
const TRIAL: u64 = 20_000;

/// The errors of that run which do not come from having nothing.
const UNKNOWN: [ErrorKind; 2] = [ErrorKind::UnknownFilter, ErrorKind::UnknownTest];

/// The first tag that would bring another template in, and its line.
fn other_template(source: &str) -> Option<(usize, &'static str)> {
    const TAGS: [&str; 4] = ["include", "extends", "import", "from"];
    for (at, _) in source.match_indices("{%") {
        let inside = source.get(at + 2..).unwrap_or_default().trim_start_matches(['-', '+']).trim_start();
        let word = inside.split(|one: char| !one.is_alphanumeric()).next().unwrap_or_default();
        if let Some(tag) = TAGS.iter().find(|tag| **tag == word) {
            return Some((source.get(..at).unwrap_or_default().matches('\n').count() + 1, tag));
        }
    }
    None
}

/// The expression, if the text is one between `{{` and `}}` and nothing else.
fn alone(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let inner = inner.strip_prefix('-').unwrap_or(inner);
    let inner = inner.strip_suffix('-').unwrap_or(inner).trim();
    (!inner.is_empty() && !inner.contains("{{") && !inner.contains("}}")).then_some(inner)
}

/// The first part of a path.
pub(crate) fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

fn environment() -> Environment<'static> {
    let mut environment = templates::environment(UndefinedBehavior::SemiStrict, limits::FUEL);
    // Names that do no good in a workflow: one writes what it is given to the log of nobody.
    environment.remove_global("debug");
    environment
}

#[cfg(test)]
mod tests;
