//! Logging in to an upstream. The hub asks and keeps; the browser and the address that it comes back to are with whoever
//! calls this, who need not be on the hub's machine.

use super::find;
use super::input::{Name, Whose};
use crate::Shared;
use crate::answer::{plain_json, refusal};
use crate::body;
use crate::keys::Visitor;
use axum::extract::{Request, State};
use axum::response::Response;
use base::ports::{Account, Grant};
use base::{Code, Error};
use serde_json::{Value, json as value};
use std::sync::Arc;
use tools::upstream::Upstream;

/// How things stand.
pub(crate) async fn standing(State(shared): State<Arc<Shared>>, Whose(visitor): Whose, Name(name): Name) -> Response {
    answer(async {
        let (upstream, account) = account(&shared, &visitor, &name).await?;
        let standing = account.standing().await?;
        let auth = upstream.settings.auth.as_ref();
        let grant = auth.map_or(Grant::AuthorizationCode, |auth| auth.grant);
        Ok(value!({
            "name": upstream.settings.name,
            "grant": if grant == Grant::ClientCredentials { "client_credentials" } else { "authorization_code" },
            "ready": standing.ready,
            "issuer": standing.issuer,
            "scopes": standing.scopes,
            "expires_at": standing.expires_at,
            "redirect_port": auth.and_then(|auth| auth.redirect_port),
        }))
    })
    .await
}

/// Begins a login: `{"redirect_uri": "http://127.0.0.1:PORT/callback"}`.
pub(crate) async fn begin(
    State(shared): State<Arc<Shared>>,
    Whose(visitor): Whose,
    Name(name): Name,
    request: Request,
) -> Response {
    answer(async {
        let (_, account) = account(&shared, &visitor, &name).await?;
        let redirect_uri = member(&shared, request, "redirect_uri").await?;
        let login = account.begin_login(redirect_uri).await?;
        Ok(value!({
            "name": name,
            "url": login.url,
            "issuer": login.issuer,
            "scopes": login.scopes,
            "seconds": login.patience.as_secs(),
        }))
    })
    .await
}

/// Ends a login: `{"query": "code=…&state=…"}`, as the browser brought it. Answers with how the server is, started with its
/// new token.
pub(crate) async fn finish(
    State(shared): State<Arc<Shared>>,
    Whose(visitor): Whose,
    Name(name): Name,
    request: Request,
) -> Response {
    answer(async {
        let (upstream, account) = account(&shared, &visitor, &name).await?;
        let query = member(&shared, request, "query").await?;
        account.finish_login(query).await?;
        // Whether the server then works is another matter, which its description tells.
        let _ = upstream.restart().await;
        let status = upstream.status();
        Ok(value!({
            "name": name,
            "state": status.state.word(),
            "tools": upstream.catalogue().tools.len(),
            "error": status.error.as_ref().map(Error::to_json),
        }))
    })
    .await
}

/// Forgets the tokens, and has them ended where they came from.
pub(crate) async fn log_out(State(shared): State<Arc<Shared>>, Whose(visitor): Whose, Name(name): Name) -> Response {
    answer(async {
        let (upstream, account) = account(&shared, &visitor, &name).await?;
        let done = account.log_out().await?;
        let _ = upstream.restart().await;
        Ok(value!({"name": name, "logged_out": done.there, "revoked": done.revoked}))
    })
    .await
}

async fn answer(work: impl Future<Output = base::Result<Value>>) -> Response {
    match work.await {
        Ok(json) => plain_json(json.to_string()),
        Err(error) => refusal(&error),
    }
}

/// The upstream as `visitor` reaches it, and its account there. The key of a client opens what is its own and nothing else.
async fn account(shared: &Shared, visitor: &Visitor, name: &str) -> base::Result<(Arc<Upstream>, Arc<dyn Account>)> {
    let sees = |view: &String| {
        let view = shared.hub.view(view).filter(|_| visitor.may_see(view));
        view.is_some_and(|view| view.upstreams.contains(name))
    };
    let upstream = match visitor.is_operator() {
        true => find(shared, name)?,
        false => {
            let found = shared.hub.upstream(name).filter(|upstream| upstream.is_for_each());
            found.filter(|_| shared.hub.view_names().iter().any(sees)).ok_or_else(|| {
                let message =
                    format!("the key of `{}` has no login of its own at a server of this name", visitor.principal);
                let next = "whoever runs the hub logs it in, or writes `for: each` under the server's `auth`";
                Error::new(Code::KeyRestricted, message, next)
            })?
        }
    };
    let upstream = upstream.of(&visitor.principal).await?;
    let account = upstream.account().cloned().ok_or_else(|| {
        let name = &upstream.settings.name;
        let message = format!("`{name}` has no `auth` in the configuration, so there is nothing to log in to");
        let next = format!("write `auth: oauth` under `servers.{name}` if it wants a login");
        Error::new(Code::NoOauth, message, next).of_upstream(name)
    })?;
    Ok((upstream, account))
}

pub(super) async fn member(shared: &Shared, request: Request, name: &str) -> base::Result<String> {
    body::check_type(request.headers())?;
    let bytes = body::read(request.into_body(), &shared.limits).await?;
    let json: Value = base::json::from_bytes(&bytes).unwrap_or_default();
    json[name].as_str().map(str::to_owned).ok_or_else(|| {
        let next = format!("send `{{\"{name}\": \"…\"}}`");
        Error::new(Code::InvalidParams, format!("the body is no JSON object with a text `{name}`"), next)
    })
}
