//! What a name that clients ask for means. Pure.

use crate::caller::Caller;
pub(crate) use crate::config::{Meant, meant};
use crate::config::{Settings, fallbacks};
use base::visible::escaped;
use base::{Code, Error, Result};
use inspection::dialect::Endpoint;

/// The deployments that `model`, as a client names it, can mean for this endpoint.
///
/// A name is a route, `provider/model`, or a model that one provider lists. A name with a slash that is no route and
/// begins with no provider may still be a listed model: some providers have slashes in their names. A name that means
/// nothing may end in how its deployments are put in order, as at OpenRouter.
///
/// # Errors
/// [`Code::ModelUnknown`] when it means none that `caller` may ask for, [`Code::ModelDialect`] when those that it means have
/// no such endpoint.
pub(crate) fn find<'a>(settings: &'a Settings, model: &str, endpoint: Endpoint, caller: &Caller) -> Result<Meant<'a>> {
    let (name, meant) = match meant(settings, model) {
        Some(meant) => (model, Some(meant)),
        None => {
            let (name, sort) = routing::suffix(model);
            let meant = meant(settings, name).filter(|_| sort.is_some());
            (name, meant.map(|meant| Meant { sort, ..meant }))
        }
    };
    let meant = meant.filter(|_| caller.may_ask(name)).ok_or_else(|| unknown(settings, model, caller))?;
    let meant = answering(settings, meant, endpoint);
    if meant.deployments.is_empty() {
        let name = endpoint.dialect().title();
        let message = format!("no deployment behind the model `{model}` answers this in {name}");
        let next = "ask in the dialect of its provider, or for another model (`GET /v1/models`)";
        return Err(Error::new(Code::ModelDialect, message, next));
    }
    Ok(meant)
}

/// The same with those deployments only that have this endpoint.
fn answering<'a>(settings: &Settings, mut meant: Meant<'a>, endpoint: Endpoint) -> Meant<'a> {
    meant.deployments.retain(|(deployment, _)| {
        let provider = settings.providers.get(&deployment.provider);
        provider.is_some_and(|provider| provider.endpoint(endpoint, false).is_some())
    });
    meant
}

/// Whether a deployment that `name` means has this endpoint.
pub(crate) fn is_answered(settings: &Settings, name: &str, endpoint: Endpoint) -> bool {
    meant(settings, name).is_some_and(|meant| !answering(settings, meant, endpoint).deployments.is_empty())
}

/// What takes over from the route `name`, for this endpoint. Who may ask for a route may ask for what stands behind it.
pub(crate) fn taking_over<'a>(
    settings: &'a Settings,
    name: &str,
    endpoint: Endpoint,
) -> impl Iterator<Item = Meant<'a>> {
    let all = fallbacks(settings, name).map(move |meant| answering(settings, meant, endpoint));
    all.filter(|meant| !meant.deployments.is_empty())
}

/// The error of a name that means nothing that `caller` may ask for.
pub(crate) fn unknown(settings: &Settings, model: &str, caller: &Caller) -> Error {
    let shown = escaped(&model.chars().take(100).collect::<String>());
    if caller.models.is_some() {
        let message = format!("there is no model `{shown}` for the key `{}`", caller.principal);
        let next = "ask for one that `GET /v1/models` lists, or whoever runs the hub for more `models` of the key";
        return Error::new(Code::ModelUnknown, message, next);
    }
    let known: Vec<&str> = settings.names().into_iter().take(10).collect();
    let next = if known.is_empty() {
        "configure `models:` with a provider".to_owned()
    } else {
        format!("ask for one of these, or for `provider/model`: {}", known.join(", "))
    };
    Error::new(Code::ModelUnknown, format!("there is no model `{shown}`"), next)
}

#[cfg(test)]
mod tests;
