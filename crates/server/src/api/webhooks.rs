//! Events outside that start runs.

use super::input::Whose;
use crate::answer::{Refusal, plain_json};
use crate::keys::Visitor;
use crate::{Limits, Shared, body};
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use base::{Code, Error};
use entrances::{Delivery, LARGEST_DELIVERY, Webhooks};
use serde_json::json;
use std::sync::Arc;

/// Starts a run by a request that whoever knows the secret of a webhook has signed.
pub(crate) async fn deliver(
    State(shared): State<Arc<Shared>>,
    Extension(webhooks): Extension<Option<Arc<Webhooks>>>,
    Path(name): Path<String>,
    Whose(visitor): Whose,
    request: Request,
) -> Result<Response, Refusal> {
    let (webhooks, delivery) = received((&shared, webhooks), name, &visitor, request).await?;
    let begun = webhooks.deliver(&delivery).await?;
    Ok(plain_json(json!({"run": begun.run, "workflow": begun.workflow, "new": begun.new}).to_string()))
}

/// Decides at a gate by an answer that somebody has signed who was told of it.
pub(crate) async fn answer(
    State(shared): State<Arc<Shared>>,
    Extension(webhooks): Extension<Option<Arc<Webhooks>>>,
    Path(name): Path<String>,
    Whose(visitor): Whose,
    request: Request,
) -> Result<Response, Refusal> {
    let (webhooks, delivery) = received((&shared, webhooks), name, &visitor, request).await?;
    let (run, step) = webhooks.answer(&delivery).await?;
    Ok(plain_json(json!({"id": run.to_string(), "step": step}).to_string()))
}

/// What came for the webhook or the notice `name`.
async fn received(
    (shared, webhooks): (&Shared, Option<Arc<Webhooks>>),
    name: String,
    visitor: &Visitor,
    request: Request,
) -> Result<(Arc<Webhooks>, Delivery), Error> {
    let webhooks = webhooks.ok_or_else(|| {
        Error::new(Code::PathNotFound, "this hub carries no runs out", "ask one that was started with `tutti up`")
    })?;
    let (head, received) = request.into_parts();
    body::check_encoding(&head.headers)?;
    // Whoever sends it may be anybody.
    let limits = Limits { body: shared.limits.body.min(LARGEST_DELIVERY), ..shared.limits.clone() };
    let body = body::read(received, &limits).await?;
    let headers =
        head.headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let delivery = Delivery {
        name,
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: body.into(),
        trusted: visitor.is_operator(),
    };
    Ok((webhooks, delivery))
}
