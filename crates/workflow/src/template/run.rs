//! Running templates.

use super::{Form, Template, environment};
use crate::limits;
use crate::source::short;
use base::{Code, Error, Result};
use minijinja::value::{Serde, Value as Given};
use serde_json::{Map, Value};
use templates::{Failure, Fault};

impl Template {
    /// What the template makes of `context`.
    ///
    /// # Errors
    /// [`Code::WorkflowEvaluation`]: it uses what is not there, takes too much work, or makes too much.
    pub fn render(&self, context: &Map<String, Value>) -> Result<Value> {
        match self.form {
            Form::Text => self.text(context).map(Value::String),
            Form::Value => self.value(context),
        }
    }

    /// Whether the template makes something that is true: not `false`, `null`, 0, or empty.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn holds(&self, context: &Map<String, Value>) -> Result<bool> {
        let value = self.render(context)?;
        Ok(match value {
            Value::Null => false,
            Value::Bool(value) => value,
            Value::Number(number) => number.as_f64() != Some(0.0),
            // What a template with text around it made: `{% if … %}true{% endif %}`.
            Value::String(text) => !matches!(text.trim(), "" | "false" | "False" | "none" | "0"),
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
        })
    }

    fn value(&self, context: &Map<String, Value>) -> Result<Value> {
        let environment = environment();
        let compiled = environment.compile_expression(&self.source).map_err(|error| self.failed(&error))?;
        let value = compiled.eval(Given::from(Serde(context))).map_err(|error| self.failed(&error))?;
        if value.is_undefined() {
            return Err(self.error("it has no value"));
        }
        let value = serde_json::to_value(&value).map_err(|_| self.error("its value is none that JSON has"))?;
        if weight(&value) > limits::OUTPUT { Err(self.too_much()) } else { Ok(value) }
    }

    fn text(&self, context: &Map<String, Value>) -> Result<String> {
        let environment = environment();
        let template = environment.template_from_str(&self.source).map_err(|error| self.failed(&error))?;
        let made = templates::render(&template, Given::from(Serde(context)), limits::OUTPUT);
        made.map_err(|failure| match failure {
            Failure::TooMuch => self.too_much(),
            Failure::Failed(error) => self.failed(&error),
        })
    }

    fn failed(&self, error: &minijinja::Error) -> Error {
        self.error(&Fault::of(error).why)
    }

    fn too_much(&self) -> Error {
        self.error(&format!("it makes more than {} MiB", limits::OUTPUT >> 20))
    }

    fn error(&self, why: &str) -> Error {
        let message = format!("the template `{}` failed: {why}", short(&self.source));
        let next = "correct the template; what may be missing is `{{ value | default('') }}`";
        Error::new(Code::WorkflowEvaluation, message, next)
    }
}

/// About how many bytes a value has as JSON. What came from JSON is no deeper than its reader allows.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(weight).sum::<usize>() + 2,
        Value::Object(members) => members.iter().map(|(key, value)| key.len() + 3 + weight(value)).sum::<usize>() + 2,
        _ => 8,
    }
}
