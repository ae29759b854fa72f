//! Prompts: what there is, what they make of arguments, and how experiments with them stand. No request runs a program:
//! repositories are read and written by commands alone.

use super::input::Asked;
use super::operation::{Parameter, Shape};
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use crate::body;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use base::{Code, Error, Result};
use prompts::Library;
use prompts::requests::{self, Change};
use serde_json::Value;
use std::sync::Arc;

/// Which version.
pub(crate) const VERSION: Parameter = Parameter {
    name: "version",
    about: "A label, a number such as `v3`, or the beginning of a digest.",
    shape: Shape::Text,
};

/// All that are served.
pub(crate) async fn list(Extension(library): Extension<Library>) -> Result<Response, Refusal> {
    Ok(plain_json(requests::list(&library).await?.to_string()))
}

/// One of them.
pub(crate) async fn one(
    Extension(library): Extension<Library>,
    Path(name): Path<String>,
    asked: Asked,
) -> Result<Response, Refusal> {
    Ok(plain_json(requests::show(&library, &name, asked.text(&VERSION)?).await?.to_string()))
}

/// Its experiments.
pub(crate) async fn experiments(
    Extension(library): Extension<Library>,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    Ok(plain_json(requests::experiments(&library, &name).await?.to_string()))
}

macro_rules! changes {
    ($($(#[$attribute:meta])* $name:ident = $change:ident;)*) => {
        $($(#[$attribute])* pub(crate) async fn $name(
            State(shared): State<Arc<Shared>>,
            Extension(library): Extension<Library>,
            Path(name): Path<String>,
            request: Request,
        ) -> Result<Response, Refusal> {
            change(&shared, &library, &name, Change::$change, request).await
        })*
    };
}

changes! {
    /// The messages that it makes.
    render = Render;
    /// Takes what is told of an answer.
    feedback = Feedback;
    /// Keeps versions.
    keep = Keep;
    /// Puts a label on a version.
    label = Label;
    /// Serves the version before.
    roll_back = RollBack;
    /// Begins an experiment.
    start = Start;
    /// Ends it.
    stop = Stop;
}

async fn change(
    shared: &Shared,
    library: &Library,
    name: &str,
    change: Change,
    request: Request,
) -> Result<Response, Refusal> {
    body::check_type(request.headers())?;
    let bytes = body::read(request.into_body(), &shared.limits).await?;
    let wrong =
        |error| Error::new(Code::InvalidRequest, format!("the body is no JSON: {error}"), "see /api/v1/openapi.json");
    let body: Value = base::json::from_bytes(&bytes).map_err(wrong)?;
    let changed = requests::change(library, name, change, &body).await.map_err(of_body)?;
    Ok(plain_json(changed.to_string()))
}

/// A text that comes in a body and is no prompt is the fault of whoever sent it, and not of a file of the hub's.
fn of_body(error: Error) -> Error {
    if error.code() != Code::PromptFile {
        return error;
    }
    let told = Error::new(Code::InvalidParams, error.message(), error.next());
    match error.location() {
        Some(location) => told.at(location.clone()),
        None => told,
    }
}
