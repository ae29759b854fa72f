//! What an operator makes of the arguments and the answers of an operation, by templates.
//!
//! Only the operator writes templates. What arguments and answers say is put into them as data and never read as a
//! template, and what comes out is data too: arguments that are put in their places as any others, text for a client.

use base::{Code, Error, Result};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::{Map, Value, json};
use std::io;

/// The most steps of one template: a loop over some thousand items.
const FUEL: u64 = 200_000;

/// The most bytes that a template makes.
const OUTPUT: usize = 4 << 20;

/// The longest template.
const SOURCE: usize = 64 << 10;

/// What is changed about one operation.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Transform {
    input: Option<Value>,
    request: Option<String>,
    response: Option<String>,
}

impl Transform {
    /// Checks and keeps what was written: the schema of the arguments that the tool takes instead of its own, the
    /// template that makes the operation's arguments of them, and the template that makes text or JSON of an answer.
    ///
    /// # Errors
    /// A template that is none, or a schema that is not that of an object.
    pub fn new(input: Option<Value>, request: Option<String>, response: Option<String>) -> Result<Self> {
        if let Some(source) = &request {
            check("request", source, AutoEscape::Json)?;
        }
        if let Some(source) = &response {
            check("response", source, AutoEscape::None)?;
        }
        let is_object = |schema: &Value| schema.get("type").and_then(Value::as_str) == Some("object");
        if input.as_ref().is_some_and(|schema| !is_object(schema)) {
            let next =
                "write for example `input: { type: object, properties: { id: { type: string } }, required: [id] }`";
            return Err(Error::new(Code::ConfigInvalidValue, "`input` is no schema of an object", next));
        }
        Ok(Self { input, request, response })
    }

    /// The tool as clients see it.
    pub(crate) fn define(&self, definition: &mut Value) {
        if let Some(input) = &self.input {
            definition["inputSchema"] = input.clone();
        }
        if let (Some(_), Some(members)) = (&self.response, definition.as_object_mut()) {
            members.remove("outputSchema");
        }
    }

    /// Whether answers are changed.
    pub(crate) fn changes_answers(&self) -> bool {
        self.response.is_some()
    }

    /// The arguments of the operation; nothing where they are those of the tool.
    pub(crate) fn arguments(&self, given: &Map<String, Value>) -> Option<Result<Map<String, Value>>> {
        let source = self.request.as_ref()?;
        let made = render("request", source, AutoEscape::Json, &json!({"arguments": given}));
        Some(made.and_then(|text| match base::json::from_text(&text) {
            Ok(Value::Object(arguments)) => Ok(arguments),
            Ok(_) => Err(failed("request", "makes JSON that is no object")),
            Err(error) => Err(failed("request", &format!("makes no JSON: {error}"))),
        }))
    }

    /// What becomes of an answer; nothing where it stays.
    pub(crate) fn answer(&self, context: &Value) -> Option<Result<String>> {
        let source = self.response.as_ref()?;
        Some(render("response", source, AutoEscape::None, context))
    }
}

fn environment<'source>(escape: AutoEscape) -> Environment<'source> {
    let mut environment = Environment::new();
    // In a request every value is written as JSON, so that none can end the text that it stands in.
    environment.set_auto_escape_callback(move |_| escape.clone());
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(50);
    environment
}

fn check(which: &str, source: &str, escape: AutoEscape) -> Result<()> {
    let next = "see docs/guide/openapi.md for templates that work";
    if source.len() > SOURCE {
        let message = format!("the template `{which}` is longer than {} KiB", SOURCE >> 10);
        return Err(Error::new(Code::ConfigInvalidValue, message, next));
    }
    match environment(escape).template_from_str(source) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(Error::new(Code::ConfigInvalidValue, format!("the template `{which}` is none: {}", why(&error)), next))
        }
    }
}

fn render(which: &str, source: &str, escape: AutoEscape, context: &Value) -> Result<String> {
    let environment = environment(escape);
    let template = environment.template_from_str(source).map_err(|error| failed(which, &why(&error)))?;
    let mut output = Capped(Vec::new(), false);
    let context = minijinja::Value::from(minijinja::value::Serde(context));
    let rendered = template.render_captured_to(context, &mut output).map(drop);
    if output.1 {
        return Err(failed(which, &format!("it makes more than {} MiB of text", OUTPUT >> 20)));
    }
    rendered.map_err(|error| failed(which, &why(&error)))?;
    String::from_utf8(output.0).map_err(|_| failed(which, "makes bytes that are no text"))
}

/// What is wrong, with the line of the template.
fn why(error: &minijinja::Error) -> String {
    let what = error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    let what: String = what.chars().filter(|character| !character.is_control()).take(300).collect();
    error.line().map_or_else(|| what.clone(), |line| format!("line {line}: {what}"))
}

fn failed(which: &str, why: &str) -> Error {
    let next = "the operator corrects it under `transform`; a value that may be missing is `{{ value | default('') }}`";
    Error::new(Code::OpenApiTemplate, format!("the template `{which}` of this operation failed: {why}"), next)
}

/// Takes so many bytes and no more, and remembers that there were more.
struct Capped(Vec<u8>, bool);

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT {
            self.1 = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
