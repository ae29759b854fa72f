//! What stands behind hybrid routes, once all routes are known.

use super::{Settings, fallbacks, meant};
use ::hybrid::Strategy;
use base::Code;
use base::config::Section;

/// Finds what the models of hybrid routes mean, once all routes are known. None of them may be hybrid itself: one request
/// would become many of many.
pub(super) fn resolve(settings: &mut Settings, section: &Section<'_>) {
    let hybrids: Vec<(String, Strategy)> = settings
        .routes
        .iter()
        .filter_map(|(name, route)| Some((name.clone(), route.hybrid.as_ref()?.strategy.clone())))
        .collect();
    for (name, strategy) in hybrids {
        let mut behind = Vec::new();
        for model in strategy.models() {
            let meant =
                meant(settings, model).filter(|meant| meant.route.is_none_or(|(_, route)| route.hybrid.is_none()));
            match meant {
                Some(meant) => {
                    let all = std::iter::once(meant).chain(fallbacks(settings, model));
                    for deployment in
                        all.flat_map(|meant| meant.deployments).map(|(deployment, _)| deployment.into_owned())
                    {
                        if !behind.contains(&deployment) {
                            behind.push(deployment);
                        }
                    }
                }
                None => {
                    let message =
                        format!("the route `{name}` names `{model}`, which is no deployment and no plain route");
                    let next =
                        "write `provider/model`, or a route with a strategy that chooses one deployment".to_owned();
                    section.problem("routes", Code::ConfigInvalidValue, message, next);
                }
            }
        }
        if let Some(route) = settings.routes.get_mut(&name) {
            route.weights = vec![1; behind.len()];
            route.deployments = behind;
        }
    }
}
