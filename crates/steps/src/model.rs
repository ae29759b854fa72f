//! What a model is asked for a step: a request in OpenAI's dialect of chats.

use base::{Code, Error, Result};
use bytes::Bytes;
use llm::{Asked, Endpoint};
use serde_json::{Map, Value, json};
use workflow::Plan;

/// What goes into a request as it is.
const NUMBERS: [&str; 4] = ["temperature", "top_p", "max_tokens", "seed"];

/// What a step asks of a model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Question {
    /// The body of the request.
    body: Map<String, Value>,
    /// What the answer is held to.
    pub(crate) schema: Option<Value>,
    /// The addresses of the tools that the model may call, with `*` for any characters.
    pub(crate) tools: Vec<String>,
}

impl Question {
    /// Of the values of a step, with the names of `model_call`.
    ///
    /// # Errors
    /// [`Code::ModelUnknown`]: neither the step nor the workflow names a model; [`Code::ModelRequest`]: nothing is asked, or a
    /// number is none.
    pub(crate) fn of(inputs: &Map<String, Value>, plan: &Plan) -> Result<Self> {
        let mut body = Map::new();
        body.insert("model".to_owned(), model(inputs, plan)?.into());
        body.insert("messages".to_owned(), messages(inputs)?);
        for name in NUMBERS {
            if let Some(value) = inputs.get(name).filter(|value| !value.is_null()) {
                body.insert(name.to_owned(), number(name, value)?);
            }
        }
        if let Some(stop) = inputs.get("stop").filter(|stop| !stop.is_null()) {
            body.insert("stop".to_owned(), stop.clone());
        }
        let schema = inputs.get("schema").filter(|schema| !schema.is_null()).cloned();
        if let Some(schema) = &schema {
            let format = json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}});
            body.insert("response_format".to_owned(), format);
        }
        let tools = inputs.get("tools").and_then(Value::as_array).into_iter().flatten();
        let tools = tools.filter_map(|tool| tool.as_str().map(str::to_owned)).collect();
        Ok(Self { body, schema, tools })
    }

    /// The name that the gateway knows the model by.
    pub(crate) fn model(&self) -> &str {
        self.body.get("model").and_then(Value::as_str).unwrap_or_default()
    }

    /// What is said before the model answers.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Value> {
        self.body.get("messages").and_then(Value::as_array).into_iter().flatten()
    }

    /// The request, as the gateway takes it.
    ///
    /// # Errors
    /// [`Code::ModelRequest`].
    pub(crate) fn asked(&self) -> Result<Asked> {
        let mut body = self.body.clone();
        if !self.tools.is_empty() {
            body.insert("tools".to_owned(), "tutti".into());
        }
        Asked::read(Endpoint::ChatCompletions, None, Bytes::from(Value::Object(body).to_string()))
    }
}

/// The name that the gateway knows the model by.
fn model(inputs: &Map<String, Value>, plan: &Plan) -> Result<String> {
    let said = |name: &str| inputs.get(name).and_then(Value::as_str).filter(|said| !said.is_empty());
    let named = match (inputs.get("model"), said("provider")) {
        (Some(Value::Object(model)), _) => {
            let part = |name: &str| model.get(name).and_then(Value::as_str);
            part("model").map(|model| joined(part("provider"), model))
        }
        (_, provider) => said("model").map(|model| joined(provider, model)),
    };
    named.or_else(|| usual(plan)).ok_or_else(|| {
        let next = "name one as `model` of the step, or for all steps as `model` of the workflow";
        Error::new(Code::ModelUnknown, "neither the step nor the workflow names a model", next)
    })
}

/// The model of steps that name none.
pub(crate) fn usual(plan: &Plan) -> Option<String> {
    plan.model().map(|model| joined(model.provider.as_deref(), &model.model))
}

/// A model as the gateway knows it: that of a provider with the provider before it.
pub(crate) fn joined(provider: Option<&str>, model: &str) -> String {
    match provider.filter(|provider| !provider.is_empty()) {
        Some(provider) => format!("{provider}/{model}"),
        None => model.to_owned(),
    }
}

fn messages(inputs: &Map<String, Value>) -> Result<Value> {
    let mut messages = Vec::new();
    if let Some(system) = inputs.get("system").filter(|system| !system.is_null()) {
        messages.push(json!({"role": "system", "content": text(system)}));
    }
    match inputs.get("messages") {
        Some(Value::Array(all)) => messages.extend(all.iter().cloned()),
        Some(Value::String(all)) => match base::json::from_text(all) {
            Ok(Value::Array(all)) => messages.extend(all),
            _ => return Err(wrong("`messages` is no list")),
        },
        Some(Value::Null) | None => {}
        Some(_) => return Err(wrong("`messages` is no list")),
    }
    let prompt = ["prompt", "prompt_template"].into_iter().find_map(|name| inputs.get(name));
    if let Some(prompt) = prompt.filter(|prompt| !prompt.is_null()) {
        messages.push(json!({"role": "user", "content": text(prompt)}));
    }
    if messages.is_empty() { Err(wrong("neither `prompt` nor `messages` says anything")) } else { Ok(messages.into()) }
}

/// A value as models read it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A number, which a template may have made a text of.
fn number(name: &str, value: &Value) -> Result<Value> {
    let read = match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => base::json::from_text(text.trim()).ok().filter(Value::is_number),
        _ => None,
    };
    read.ok_or_else(|| wrong(&format!("`{name}` is no number")))
}

fn wrong(why: &str) -> Error {
    Error::new(Code::ModelRequest, format!("a model cannot be asked: {why}"), "see the `inputs` of the step")
}

#[cfg(test)]
mod tests;
