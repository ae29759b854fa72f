//! The tools that fit best.

use super::input::Asked;
use super::operation::{Parameter, Shape};
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use crate::body;
use axum::extract::{Request, State};
use axum::response::Response;
use base::{Code, Error};
use mcp::raw;
use serde_json::json as value;
use std::sync::Arc;
use tools::View;
use tools::hub::DEFAULT_VIEW;
use tools::toolbox::best::{Best, BestTool};
use tools::toolbox::wanted::{OF_API, Wanted};

/// Which view is searched.
pub(crate) const VIEW: Parameter =
    Parameter { name: "view", about: "The view whose tools are searched.", shape: Shape::Text };

/// Finds the tools for what the body says: `{"queries": ["…"], "limit": 5}`.
pub(crate) async fn search(
    State(shared): State<Arc<Shared>>,
    asked: Asked,
    request: Request,
) -> Result<Response, Refusal> {
    let view = super::plans::view(&shared, asked.text(&VIEW)?.unwrap_or(DEFAULT_VIEW))?;
    body::check_type(request.headers())?;
    let bytes = body::read(request.into_body(), &shared.limits).await?;
    let said = base::json::from_bytes(&bytes).map_err(|_| {
        Error::new(
            Code::InvalidParams,
            "the body is no JSON",
            r#"send {"queries": ["what is to be done"], "limit": 5}"#,
        )
    })?;
    // Written again, each member stands there once.
    let wanted = Wanted::read(&OF_API, &said.to_string(), &view)?;
    let best = shared.hub.best_tools(&view, &wanted).await;
    Ok(plain_json(told(&view, &best)))
}

/// The answer. Definitions stay as they are, byte for byte.
fn told(view: &View, best: &Best) -> String {
    let tool = |tool: &BestTool| {
        let score = value!((f64::from(tool.score) * 1000.0).round() / 1000.0);
        let (name, server, query) = (raw::quote(&tool.name), raw::quote(&tool.server), tool.query);
        let definition = &tool.definition;
        format!(r#"{{"name":{name},"server":{server},"query":{query},"score":{score},"definition":{definition}}}"#)
    };
    let tools: Vec<String> = best.tools.iter().map(tool).collect();
    let (count, left_out, tokens) = (tools.len(), best.left_out, best.told(view));
    format!(r#"{{"count":{count},"left_out":{left_out},"tokens":{tokens},"tools":[{}]}}"#, tools.join(","))
}
