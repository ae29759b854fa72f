//! Which deployments may answer a request, in which order. Pure.

use crate::config::{Deployment, Settings};
use crate::dialect::Endpoint;
use base::{Code, Error, Result};

/// The deployments that `model`, as a client names it, can mean for this endpoint, in the order in which they are asked.
///
/// A name is a route, `provider/model`, or a model that one provider lists. A name with a slash that is no route and
/// begins with no provider may still be a listed model: some providers have slashes in their names.
///
/// # Errors
/// [`Code::ModelUnknown`] when it means none, [`Code::ModelDialect`] when those that it means have no such endpoint.
pub fn find(settings: &Settings, model: &str, endpoint: Endpoint) -> Result<Vec<Deployment>> {
    let meant = meant(settings, model).ok_or_else(|| unknown(settings, model))?;
    let speaks = |deployment: &Deployment| {
        let provider = settings.providers.get(&deployment.provider);
        provider.is_some_and(|provider| provider.endpoint(endpoint, false).is_some())
    };
    let able: Vec<Deployment> = meant.iter().filter(|deployment| speaks(deployment)).cloned().collect();
    if able.is_empty() {
        let name = endpoint.dialect().title();
        let message = format!("no deployment behind the model `{model}` answers this in {name}");
        let next = "ask in the dialect of its provider, or for another model (`GET /v1/models`)";
        return Err(Error::new(Code::ModelDialect, message, next));
    }
    Ok(able)
}

fn meant(settings: &Settings, model: &str) -> Option<Vec<Deployment>> {
    if let Some(route) = settings.routes.get(model) {
        return Some(route.deployments.clone());
    }
    let direct = Deployment::parse(model);
    if let Some(deployment) = direct.filter(|deployment| settings.providers.contains_key(&deployment.provider)) {
        return Some(vec![deployment]);
    }
    let lists = settings.providers.iter().filter(|(_, provider)| provider.models.iter().any(|listed| listed == model));
    let listed = |(provider, _): (&String, _)| Deployment { provider: provider.clone(), model: model.to_owned() };
    let found: Vec<Deployment> = lists.map(listed).collect();
    (!found.is_empty()).then_some(found)
}

fn unknown(settings: &Settings, model: &str) -> Error {
    let known: Vec<&str> = names(settings).into_iter().take(10).collect();
    let next = if known.is_empty() {
        "configure `models:` with a provider".to_owned()
    } else {
        format!("ask for one of these, or for `provider/model`: {}", known.join(", "))
    };
    let shown: String = model.chars().take(100).collect();
    Error::new(Code::ModelUnknown, format!("there is no model `{shown}`"), next)
}

/// The names under which clients can ask without knowing a provider: routes, then models that providers list.
pub fn names(settings: &Settings) -> Vec<&str> {
    let listed = settings.providers.values().flat_map(|provider| &provider.models);
    let mut names: Vec<&str> = settings.routes.keys().chain(listed).map(String::as_str).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

#[cfg(test)]
mod tests;
