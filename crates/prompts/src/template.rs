//! The templates of a prompt: checked when they are read, filled in when it is asked for.
//!
//! Values are data: they are put in and never read as templates. A prompt reaches the partials of its own bundle and nothing
//! else: there is no loader, so no name leads to a file.

use crate::bundle::Bundle;
use crate::fault;
use crate::sections::Section;
use base::config::{Place, nearest};
use base::{Code, Error, Result};
use minijinja::{Environment, UndefinedBehavior};
use regex::Regex;
use serde_json::{Map, Value};
use std::sync::LazyLock;
use templates::{Failure, Fault};

/// The most steps of one message: a loop over some thousand items.
const FUEL: u64 = 200_000;

/// The most bytes that all messages of a prompt have.
const OUTPUT: usize = 1 << 20;

/// The compiled templates of a bundle.
pub(crate) struct Templates {
    environment: Environment<'static>,
    file: String,
    /// The line of the file where each message begins.
    lines: Vec<usize>,
}

/// A tag that brings another template in, and the name in quotes behind it, if there is one.
static INCLUDES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\{%[-+]?\s*(?:include|extends|import|from)\b\s*(?:"([^"\n]{0,200})"|'([^'\n]{0,200})')?"#).ok()
});

/// The partials that `source` names, each with its line; nothing for one that is named by something else than a text in
/// quotes.
pub(crate) fn included(source: &str) -> Vec<(usize, Option<&str>)> {
    let found = INCLUDES.as_ref().map(|pattern| pattern.captures_iter(source)).into_iter().flatten();
    let (mut line, mut counted) = (1, 0);
    found
        .map(|found| {
            let at = found.get(0).map_or(0, |whole| whole.start());
            line += source.get(counted..at).unwrap_or_default().matches('\n').count();
            counted = at;
            (line, found.get(1).or_else(|| found.get(2)).map(|name| name.as_str()))
        })
        .collect()
}

impl Templates {
    /// Checks and keeps the templates of `sections` and of the partials. `parameters` are the names that may be used.
    pub(crate) fn new(
        file: &str,
        sections: &[Section],
        bundle: &Bundle,
        parameters: &[&str],
    ) -> Result<Self, Vec<Error>> {
        let mut environment = templates::environment(UndefinedBehavior::Strict, FUEL);
        let mut errors = Vec::new();
        for (name, source) in &bundle.partials {
            if let Err(error) = environment.add_template_owned(name.clone(), source.clone()) {
                errors.push(invalid(&format!("_{name}"), 1, &error));
            }
        }
        for (index, section) in sections.iter().enumerate() {
            errors.extend(check_includes(file, section, bundle));
            match environment.add_template_owned(own_name(index), section.source.clone()) {
                Ok(()) => errors.extend(check_variables(&environment, file, (index, section), parameters)),
                Err(error) => errors.push(invalid(file, section.line, &error)),
            }
        }
        let lines = sections.iter().map(|section| section.line).collect();
        if errors.is_empty() { Ok(Self { environment, file: file.to_owned(), lines }) } else { Err(errors) }
    }

    /// The texts of all messages.
    pub(crate) fn render(&self, arguments: &Map<String, Value>) -> Result<Vec<String>> {
        let mut left = OUTPUT;
        let mut texts = Vec::with_capacity(self.lines.len());
        for (index, line) in self.lines.iter().enumerate() {
            let text = self.message(index, *line, arguments, left)?;
            left -= text.len();
            texts.push(text);
        }
        Ok(texts)
    }

    fn message(&self, index: usize, line: usize, arguments: &Map<String, Value>, room: usize) -> Result<String> {
        let failed = |error: &minijinja::Error| self.failed(error, line);
        let template = self.environment.get_template(&own_name(index)).map_err(|error| failed(&error))?;
        let given = minijinja::Value::from(minijinja::value::Serde(arguments));
        templates::render(&template, given, room).map_err(|failure| match failure {
            Failure::Failed(error) => failed(&error),
            Failure::TooMuch => {
                let message = format!("the prompt makes more than {} KiB of text", OUTPUT >> 10);
                Error::new(Code::PromptTemplate, message, "give it less, or make loops over less")
            }
        })
    }

    fn failed(&self, error: &minijinja::Error, first: usize) -> Error {
        let Fault { why, line, name } = Fault::within(error);
        let (file, line) = match name.filter(|name| !name.starts_with('#')) {
            Some(partial) => (format!("_{partial}"), line),
            None => (self.file.clone(), line + first - 1),
        };
        let next = "correct the template; what may be missing is `{{ value | default('') }}`";
        let error = Error::new(Code::PromptTemplate, format!("the template failed: {why}"), next);
        error.at(Place { line, column: 1 }.in_file(&file))
    }
}

/// What no partial can be called.
fn own_name(index: usize) -> String {
    format!("#{index}")
}

fn check_includes(file: &str, section: &Section, bundle: &Bundle) -> Vec<Error> {
    let known = || bundle.partials.keys().map(String::as_str);
    let mut errors = Vec::new();
    for (line, name) in included(&section.source) {
        let line = line + section.line - 1;
        match name {
            None => {
                let next = "write the name in quotes, such as `{% include \"tone\" %}` for `_tone.md`";
                errors.push(fault::at_line(file, line, "a partial is not named by a text in quotes", next));
            }
            Some(name) if !bundle.partials.contains_key(name) => {
                let next = match nearest(name, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "a partial lies beside the prompt, and its file name begins with `_`".to_owned(),
                };
                let message = format!("there is no partial `{}`", fault::short(name));
                errors.push(fault::at_line(file, line, message, &next));
            }
            Some(_) => {}
        }
    }
    errors
}

/// Variables of a message that are no parameters.
fn check_variables(
    environment: &Environment<'_>,
    file: &str,
    (index, section): (usize, &Section),
    parameters: &[&str],
) -> Vec<Error> {
    let Ok(template) = environment.get_template(&own_name(index)) else { return Vec::new() };
    let mut unknown: Vec<String> = template.undeclared_variables(false).into_iter().collect();
    unknown
        .retain(|name| !parameters.contains(&name.as_str()) && !environment.globals().any(|(known, _)| known == name));
    unknown.sort_unstable();
    let error = |name: String| {
        let at = section.source.find(&name).unwrap_or_default();
        let line = section.line + section.source.get(..at).unwrap_or_default().matches('\n').count();
        let next = match nearest(&name, parameters.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it: `parameters: {{ {name}: {{ type: string }} }}`"),
        };
        fault::at_line(file, line, format!("the template uses `{}`, which is no parameter", fault::short(&name)), &next)
    };
    unknown.into_iter().map(error).collect()
}

fn invalid(file: &str, first: usize, error: &minijinja::Error) -> Error {
    let Fault { why, line, .. } = Fault::of(error);
    let next = "see docs/guide/prompts.md for templates that work";
    fault::at_line(file, line + first - 1, format!("the template is none: {why}"), next)
}
