//! What the names that stand in a configuration stand for.

use super::{Deployment, Route, Settings};
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
    /// How many others it stands behind that it takes over from, one after the other.
    pub(crate) depth: usize,
    /// Whether one of these may only be asked on one's own machines.
    pub(crate) local_only: bool,
}

impl<'a> Meant<'a> {
    /// What the name of a route means by itself.
    pub(super) fn of_route(name: &'a str, route: &'a Route) -> Self {
        let deployments = route.deployments.iter().map(Cow::Borrowed).zip(route.weights.iter().copied());
        Self { route: Some((name, route)), ..Self::of(deployments.collect()) }
    }

    fn of(deployments: Vec<(Cow<'a, Deployment>, u32)>) -> Self {
        Self { deployments, route: None, sort: None, depth: 0, local_only: false }
    }

    /// Whether nothing is said of how the deployments are put in order.
    pub(crate) fn is_plain(&self) -> bool {
        self.sort.is_none()
            && !self.local_only
            && self.route.is_none_or(|(_, route)| route.policy == Policy::default() && route.learning.is_none())
    }
}

/// What a name stands for by itself.
pub(crate) fn meant<'a>(settings: &'a Settings, model: &str) -> Option<Meant<'a>> {
    if let Some((name, route)) = settings.routes.get_key_value(model) {
        return Some(Meant::of_route(name, route));
    }
    let direct = Deployment::parse(model);
    if let Some(deployment) = direct.filter(|deployment| settings.providers.contains_key(&deployment.provider)) {
        return Some(Meant::of(vec![(Cow::Owned(deployment), 1)]));
    }
    let lists = settings.providers.iter().filter(|(_, provider)| provider.models.iter().any(|listed| listed == model));
    let listed = |(provider, _): (&String, _)| {
        (Cow::Owned(Deployment { provider: provider.clone(), model: model.to_owned() }), 1)
    };
    let deployments: Vec<(Cow<'_, Deployment>, u32)> = lists.map(listed).collect();
    (!deployments.is_empty()).then(|| Meant::of(deployments))
}
