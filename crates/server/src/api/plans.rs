//! Plans of calls: what one would do, and what was measured of those that ran.

use super::input::Asked;
use super::operation::{Parameter, Shape};
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use crate::body;
use axum::extract::{Request, State};
use axum::response::Response;
use base::{Code, Error};
use serde_json::{Value, json as value};
use std::sync::Arc;
use std::time::Duration;
use tools::hub::DEFAULT_VIEW;
use tools::profile::Series;
use tools::view::View;

/// Which view a plan is held against.
pub(crate) const VIEW: Parameter =
    Parameter { name: "view", about: "The view whose clients would send the plan.", shape: Shape::Text };

/// Tells what the plan in the body would do, or what is wrong with it.
pub(crate) async fn explain(
    State(shared): State<Arc<Shared>>,
    asked: Asked,
    request: Request,
) -> Result<Response, Refusal> {
    let name = asked.text(&VIEW)?.unwrap_or(DEFAULT_VIEW);
    let view = view(&shared, name)?;
    body::check_type(request.headers())?;
    let bytes = body::read(request.into_body(), &shared.limits).await?;
    let wrong = |why: String| {
        Error::new(Code::InvalidRequest, format!("the body is no plan in JSON: {why}"), "send what run_plan takes")
    };
    // Nothing is kept of it but whether it is JSON; members that stand there twice are found when it is read.
    let parsed: Value = base::json::from_bytes(&bytes).map_err(|error| wrong(error.to_string()))?;
    if !parsed.is_object() {
        return Err(wrong("it is no object".to_owned()).into());
    }
    let source = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
    let said = match shared.hub.explain(&view, &source) {
        Ok(said) => value!({"fits": true, "errors": [], "plan": said}),
        Err(errors) => {
            let errors: Vec<Value> = errors.iter().map(Error::to_json).collect();
            value!({"fits": false, "errors": errors, "plan": null})
        }
    };
    Ok(plain_json(said.to_string()))
}

/// The view of this name.
pub(super) fn view(shared: &Shared, name: &str) -> Result<Arc<View>, Error> {
    shared.hub.view(name).ok_or_else(|| {
        let name: String = name.chars().filter(|character| !character.is_control()).take(64).collect();
        Error::new(Code::UnknownView, format!("there is no view `{name}`"), "see the views in /api/v1/servers")
    })
}

/// What was measured.
pub(crate) async fn profile(State(shared): State<Arc<Shared>>) -> Response {
    let profile = shared.hub.profile();
    let rows = |all: Vec<(String, Series)>| -> Vec<Value> {
        all.into_iter().map(|(name, series)| row(&name, &series)).collect()
    };
    plain_json(value!({"tools": rows(profile.tools()), "plans": rows(profile.plans())}).to_string())
}

fn row(name: &str, series: &Series) -> Value {
    let millis = |time: Option<Duration>| time.map(|time| (time.as_secs_f64() * 10_000.0).round() / 10.0);
    value!({
        "name": name,
        "count": series.count,
        "failed": series.failed,
        "cached": series.cached,
        "p50_ms": millis(series.lasted(0.5)),
        "p95_ms": millis(series.lasted(0.95)),
        "waited_p50_ms": millis(series.waited(0.5)),
        "waited_p95_ms": millis(series.waited(0.95)),
    })
}
