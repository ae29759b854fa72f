//! The tools that fit a text best.

use super::input::Asked;
use super::operation::{Parameter, Shape};
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use crate::body;
use axum::extract::{Request, State};
use axum::response::Response;
use base::{Code, Error};
use mcp::raw;
use serde_json::{Value, json as value};
use std::sync::Arc;
use tools::hub::DEFAULT_VIEW;
use tools::hub::best::BestTool;

/// Which view is searched.
pub(crate) const VIEW: Parameter =
    Parameter { name: "view", about: "The view whose tools are searched.", shape: Shape::Text };

/// How many tools are found unless the request says otherwise, and at most.
const LIMIT: (usize, usize) = (5, 100);

/// Finds the tools for the text in the body: `{"text": "…", "limit": 5}`.
pub(crate) async fn search(
    State(shared): State<Arc<Shared>>,
    asked: Asked,
    request: Request,
) -> Result<Response, Refusal> {
    let view = super::plans::view(&shared, asked.text(&VIEW)?.unwrap_or(DEFAULT_VIEW))?;
    body::check_type(request.headers())?;
    let bytes = body::read(request.into_body(), &shared.limits).await?;
    let (text, limit) = wanted(&bytes)?;
    // Nothing fits a text that says nothing.
    let is_blank = text.trim().is_empty();
    let found = if is_blank { Vec::new() } else { shared.hub.best_tools(&view, &text, limit).await };
    Ok(plain_json(told(&found)))
}

/// The text and how many tools.
fn wanted(bytes: &[u8]) -> Result<(String, usize), Error> {
    let wrong = |why: &str| {
        Error::new(Code::InvalidParams, format!("the body {why}"), r#"send {"text": "what is to be done", "limit": 5}"#)
    };
    let said: Value = base::json::from_bytes(bytes).map_err(|_| wrong("is no JSON"))?;
    let said = said.as_object().ok_or_else(|| wrong("is no object"))?;
    if said.keys().any(|name| !["text", "limit"].contains(&name.as_str())) {
        return Err(wrong("has members besides `text` and `limit`"));
    }
    let text = said.get("text").and_then(Value::as_str);
    let text = text.ok_or_else(|| wrong("has no `text`"))?;
    let limit = match said.get("limit") {
        None => LIMIT.0,
        Some(number) => {
            // 5.0 is a whole number to JSON Schema, and to programs that know no other numbers.
            let number = (1..=LIMIT.1).find(|wanted| number.as_f64() == Some(*wanted as f64));
            number.ok_or_else(|| wrong(&format!("has a `limit` that is no whole number from 1 to {}", LIMIT.1)))?
        }
    };
    Ok((text.to_owned(), limit))
}

/// The answer. Definitions stay as they are, byte for byte.
fn told(found: &[BestTool]) -> String {
    let tool = |tool: &BestTool| {
        let score = value!((f64::from(tool.score) * 1000.0).round() / 1000.0);
        let (name, server) = (raw::quote(&tool.name), raw::quote(&tool.server));
        format!(r#"{{"name":{name},"server":{server},"score":{score},"definition":{}}}"#, tool.definition)
    };
    let tools: Vec<String> = found.iter().map(tool).collect();
    format!(r#"{{"count":{},"tools":[{}]}}"#, found.len(), tools.join(","))
}
