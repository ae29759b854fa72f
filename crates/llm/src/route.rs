//! What a name that clients ask for means. Pure.

use crate::caller::Caller;
use crate::config::{Deployment, Route, Settings};
use crate::dialect::Endpoint;
use base::visible::escaped;
use base::{Code, Error, Result};
use routing::{Policy, Sort};
use std::borrow::Cow;

/// What a name means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meant<'a> {
    /// The deployments that may answer, each with its weight, as they are written.
    pub(crate) deployments: Vec<(Cow<'a, Deployment>, u32)>,
    /// The route that it is, if it is one, and its name.
    pub(crate) route: Option<(&'a str, &'a Route)>,
    /// How its ending says that they are put in order.
    pub(crate) sort: Option<Sort>,
}

impl Meant<'_> {
    /// Whether the deployments are asked as they are written.
    pub(crate) fn is_plain(&self) -> bool {
        self.sort.is_none() && self.route.is_none_or(|(_, route)| route.policy == Policy::default())
    }
}

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
    let mut meant = meant.filter(|_| caller.may_ask(name)).ok_or_else(|| unknown(settings, model, caller))?;
    meant.deployments.retain(|(deployment, _)| {
        let provider = settings.providers.get(&deployment.provider);
        provider.is_some_and(|provider| provider.endpoint(endpoint, false).is_some())
    });
    if meant.deployments.is_empty() {
        let name = endpoint.dialect().title();
        let message = format!("no deployment behind the model `{model}` answers this in {name}");
        let next = "ask in the dialect of its provider, or for another model (`GET /v1/models`)";
        return Err(Error::new(Code::ModelDialect, message, next));
    }
    Ok(meant)
}

/// What a name stands for by itself.
pub(crate) fn meant<'a>(settings: &'a Settings, model: &str) -> Option<Meant<'a>> {
    if let Some((name, route)) = settings.routes.get_key_value(model) {
        let deployments = route.deployments.iter().map(Cow::Borrowed).zip(route.weights.iter().copied());
        return Some(Meant { deployments: deployments.collect(), route: Some((name, route)), sort: None });
    }
    let direct = Deployment::parse(model);
    if let Some(deployment) = direct.filter(|deployment| settings.providers.contains_key(&deployment.provider)) {
        return Some(Meant { deployments: vec![(Cow::Owned(deployment), 1)], route: None, sort: None });
    }
    let lists = settings.providers.iter().filter(|(_, provider)| provider.models.iter().any(|listed| listed == model));
    let listed = |(provider, _): (&String, _)| {
        (Cow::Owned(Deployment { provider: provider.clone(), model: model.to_owned() }), 1)
    };
    let deployments: Vec<(Cow<'_, Deployment>, u32)> = lists.map(listed).collect();
    (!deployments.is_empty()).then_some(Meant { deployments, route: None, sort: None })
}

/// The error of a name that means nothing that `caller` may ask for.
pub(crate) fn unknown(settings: &Settings, model: &str, caller: &Caller) -> Error {
    let shown = escaped(&model.chars().take(100).collect::<String>());
    if caller.models.is_some() {
        let message = format!("there is no model `{shown}` for the key `{}`", caller.principal);
        let next = "ask for one that `GET /v1/models` lists, or whoever runs the hub for more `models` of the key";
        return Error::new(Code::ModelUnknown, message, next);
    }
    let known: Vec<&str> = names(settings).into_iter().take(10).collect();
    let next = if known.is_empty() {
        "configure `models:` with a provider".to_owned()
    } else {
        format!("ask for one of these, or for `provider/model`: {}", known.join(", "))
    };
    Error::new(Code::ModelUnknown, format!("there is no model `{shown}`"), next)
}

/// The names under which clients can ask without knowing a provider: routes, then models that providers list.
pub(crate) fn names(settings: &Settings) -> Vec<&str> {
    let listed = settings.providers.values().flat_map(|provider| &provider.models);
    let mut names: Vec<&str> = settings.routes.keys().chain(listed).map(String::as_str).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

#[cfg(test)]
mod tests;
