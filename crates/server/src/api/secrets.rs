//! The operator's secrets. A value is taken, and never told.

use super::input::{Asked, Name};
use super::login::member;
use super::operation::{Parameter, Shape};
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use crate::secrets::Secrets;
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use base::Secret;
use std::sync::Arc;

/// Whether a secret is removed that servers use.
pub(crate) const FORCE: Parameter =
    Parameter { name: "force", about: "Whether it is removed though servers use it.", shape: Shape::Flag };

/// What the handlers work on.
pub(crate) type Vault = Extension<Arc<dyn Secrets>>;

/// All secrets: their names, when they were set, and which servers use them.
pub(crate) async fn list(Extension(secrets): Vault) -> Result<Response, Refusal> {
    Ok(plain_json(secrets.list().await?.to_json().to_string()))
}

/// Sets one: `{"value": "…"}`.
pub(crate) async fn set(
    State(shared): State<Arc<Shared>>,
    Extension(secrets): Vault,
    Name(name): Name,
    request: Request,
) -> Result<Response, Refusal> {
    let value = Secret::new(member(&shared, request, "value").await?);
    Ok(plain_json(secrets.set(name, value).await?.set_to_json().to_string()))
}

/// Removes one; one that servers use only with `force`.
pub(crate) async fn remove(Extension(secrets): Vault, Name(name): Name, asked: Asked) -> Result<Response, Refusal> {
    let force = asked.flag(&FORCE)?;
    Ok(plain_json(secrets.remove(name, force).await?.removed_to_json().to_string()))
}
