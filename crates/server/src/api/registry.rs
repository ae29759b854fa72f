//! The views as a registry of MCP servers (API v0.1), as far as whoever asks may see them.

use super::input::{Asked, Whose};
use super::operation::{Parameter, Shape};
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use crate::keys::Visitor;
use crate::registry::{Shop, VERSION};
use axum::extract::{Path, State};
use axum::response::Response;
use base::{Code, Error};
use http::{HeaderMap, header};
use serde_json::{Value, json as value};
use std::sync::Arc;
use tools::View;

/// The most entries of an answer.
pub(crate) const LIMIT: Parameter =
    Parameter { name: "limit", about: "The most entries; 30 unless said.", shape: Shape::Whole(100) };

/// Where to go on.
pub(crate) const CURSOR: Parameter =
    Parameter { name: "cursor", about: "`nextCursor` of the answer before.", shape: Shape::Text };

/// A part of the name.
pub(crate) const SEARCH: Parameter =
    Parameter { name: "search", about: "A part of the name, in any case.", shape: Shape::Text };

/// Which version.
pub(crate) const OF_VERSION: Parameter =
    Parameter { name: "version", about: "`latest`, or the one version that is wanted.", shape: Shape::Text };

/// How many entries an answer has where nobody says (the registry's own default).
const USUAL: usize = 30;

/// The entries, sorted by name.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Whose(visitor): Whose,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let limit = asked.whole(&LIMIT)?.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(USUAL).max(1);
    let search = asked.text(&SEARCH)?.unwrap_or_default().to_lowercase();
    let after = asked.text(&CURSOR)?.unwrap_or_default();
    let is_wanted = asked.text(&OF_VERSION)?.is_none_or(is_version);
    let url = url(&shared, &headers);
    let shop = shop(&shared, &url);
    let mut views = views(&shared, &visitor);
    views.retain(|view| {
        let name = shop.name(&view.name);
        is_wanted && name.as_str() > after && name.to_lowercase().contains(&search)
    });
    let shown: Vec<Value> = views.iter().take(limit).map(|view| shop.entry(view)).collect();
    let mut metadata = value!({"count": shown.len()});
    if views.len() > shown.len()
        && let Some(last) = shown.len().checked_sub(1).and_then(|last| views.get(last))
    {
        metadata["nextCursor"] = value!(shop.name(&last.name));
    }
    Ok(plain_json(value!({"servers": shown, "metadata": metadata}).to_string()))
}

/// All versions of an entry: there is one.
pub(crate) async fn versions(
    State(shared): State<Arc<Shared>>,
    Whose(visitor): Whose,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let entry = entry(&shared, &visitor, &headers, &name)?;
    Ok(plain_json(value!({"servers": [entry], "metadata": {"count": 1}}).to_string()))
}

/// One version of an entry.
pub(crate) async fn version(
    State(shared): State<Arc<Shared>>,
    Whose(visitor): Whose,
    Path((name, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let entry = entry(&shared, &visitor, &headers, &name)?;
    if !is_version(&version) {
        let message = format!("the version that there is of this server is {VERSION}");
        return Err(Error::new(Code::UnknownView, message, "ask for `latest`").into());
    }
    Ok(plain_json(entry.to_string()))
}

fn is_version(version: &str) -> bool {
    version == "latest" || version == VERSION
}

fn entry(shared: &Shared, visitor: &Visitor, headers: &HeaderMap, name: &str) -> Result<Value, Error> {
    let url = url(shared, headers);
    let shop = shop(shared, &url);
    let wanted = shop.view(name);
    let found = views(shared, visitor).into_iter().find(|view| Some(view.name.as_str()) == wanted);
    found.map(|view| shop.entry(&view)).ok_or_else(|| {
        let name: String = name.chars().filter(|character| !character.is_control()).take(128).collect();
        Error::new(Code::UnknownView, format!("there is no server `{name}`"), "see the list: /v0.1/servers")
    })
}

/// The views that this key opens, sorted by name.
fn views(shared: &Shared, visitor: &Visitor) -> Vec<Arc<View>> {
    let names = shared.hub.view_names();
    names.iter().filter(|name| visitor.may_see(name)).filter_map(|name| shared.hub.view(name)).collect()
}

/// Where clients reach the hub: as configured, or else as whoever asks did, whose `Host` the guard has looked at.
fn url(shared: &Shared, headers: &HeaderMap) -> String {
    let host = || headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    shared.registry.url.clone().unwrap_or_else(|| format!("http://{}", host()))
}

fn shop<'a>(shared: &'a Shared, url: &'a str) -> Shop<'a> {
    let keyed = !shared.guard.is_open();
    Shop { namespace: &shared.registry.namespace, url, keyed, since: shared.since }
}
