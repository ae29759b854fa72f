//! How models stand: what each name means, what is known of the deployments behind it, and what was seen of them.

use super::Gateway;
use super::state::State;
use crate::caller::Caller;
use crate::config::Deployment;
use crate::guard::Held;
use crate::lane::Lane;
use crate::provider::Probed;
use crate::route;
use crate::seen::Measured;
use base::{Error, Result};
use inspection::dialect::Endpoint;
use lessons::Standing as Learned;
use model::Context;
use protection::limit;
use std::sync::Arc;

/// A name that can be asked for.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: Named,
    /// How the deployments are put in order, where it is a route.
    pub strategy: Option<&'static str>,
    /// The route that takes over where none of its deployments answers, if it is a route that has one.
    pub fallback: Option<String>,
    /// What it has learned, where it is a route that learns.
    pub learned: Option<Learned>,
    /// The deployments behind it, as they are written.
    pub deployments: Vec<Behind>,
}

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A route of the configuration.
    Route,
    /// A model that a provider lists.
    Listed,
    /// `provider/model`.
    Deployment,
}

impl Named {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Named::Route => "route",
            Named::Listed => "model",
            Named::Deployment => "deployment",
        }
    }
}

/// A deployment behind a name.
#[derive(Debug, Clone)]
pub struct Behind {
    /// `provider/model`.
    pub name: Arc<str>,
    /// The provider and the model.
    pub deployment: Deployment,
    /// What the provider is, such as `openai-compatible`.
    pub kind: &'static str,
    /// How much it takes beside the others.
    pub weight: u32,
    /// Whether it is on one's own machines.
    pub local: bool,
    /// What is known of the model.
    pub context: Context,
    /// What it says of itself could not be had, and why.
    pub unprobed: Option<Error>,
    /// What was seen when it was looked last whether its provider answers, where that is looked at.
    pub probed: Option<Probed>,
    /// How it is protected.
    pub held: Held,
    /// What was seen of it.
    pub measured: Measured,
    /// How its limits stand: that of its provider, and its own.
    pub limits: Vec<limit::Standing>,
    /// Where its price is from.
    pub price_version: Arc<str>,
}

impl Gateway {
    /// All names that `caller` can ask for, routes first; with `deployments` those of deployments as well that the
    /// configuration names, or clients did.
    pub fn standings(&self, caller: &Caller, deployments: bool) -> Vec<Standing> {
        let state = self.shared.state.load();
        let mut names: Vec<String> = state.settings.names().into_iter().map(str::to_owned).collect();
        if deployments {
            names.extend(state.all().iter().map(|lane| lane.name.as_ref().to_owned()));
        }
        names.iter().filter(|name| caller.may_ask(name)).filter_map(|name| self.stands(&state, name)).collect()
    }

    fn stands(&self, state: &State, name: &str) -> Option<Standing> {
        let learning = state.settings.routes.get(name).and_then(|route| route.learning);
        let mut standing = standing(state, name)?;
        standing.learned = learning.map(|learning| {
            let names: Vec<Arc<str>> = standing.deployments.iter().map(|behind| Arc::clone(&behind.name)).collect();
            self.shared.lessons.standing(name, &learning, &names)
        });
        Some(standing)
    }

    /// How what `name` means stands.
    ///
    /// # Errors
    /// [`base::Code::ModelUnknown`] when it means nothing that `caller` may ask for.
    pub fn standing(&self, name: &str, caller: &Caller) -> Result<Standing> {
        let state = self.shared.state.load();
        let found = self.stands(&state, name).filter(|_| caller.may_ask(name));
        found.ok_or_else(|| route::unknown(&state.settings, name, caller))
    }

    /// Whether a deployment behind `name` has this endpoint.
    pub fn answers(&self, name: &str, endpoint: Endpoint) -> bool {
        route::is_answered(&self.shared.state.load().settings, name, endpoint)
    }

    /// As [`Gateway::standing`], with what the servers of the deployments say of them now.
    ///
    /// # Errors
    /// Those of [`Gateway::standing`].
    pub async fn probed(&self, name: &str, caller: &Caller) -> Result<Standing> {
        let mut standing = self.standing(name, caller)?;
        let state = self.shared.state.load_full();
        for behind in &mut standing.deployments {
            let Some(provider) = state.providers.get(&behind.deployment.provider) else { continue };
            match provider.probe(&behind.name, &behind.deployment.model, self.shared.processes.get()).await {
                Ok(said) => behind.context = std::mem::take(&mut behind.context).merge(said),
                Err(error) => behind.unprobed = Some(error),
            }
        }
        Ok(standing)
    }
}

fn standing(state: &State, name: &str) -> Option<Standing> {
    let meant = route::meant(&state.settings, name)?;
    let kind = match meant.route {
        Some(_) => Named::Route,
        None if is_direct(state, name) => Named::Deployment,
        None => Named::Listed,
    };
    let deployments = meant.deployments.iter().map(|(deployment, weight)| behind(state, deployment, *weight)).collect();
    let strategy = meant.route.map(|(_, route)| match &route.hybrid {
        Some(hybrid) => hybrid.strategy.name(),
        None => route.policy.strategy.name(),
    });
    let fallback = meant.route.and_then(|(_, route)| route.fallback.clone());
    Some(Standing { name: name.to_owned(), kind, strategy, fallback, learned: None, deployments })
}

fn is_direct(state: &State, name: &str) -> bool {
    Deployment::parse(name).is_some_and(|deployment| state.settings.providers.contains_key(&deployment.provider))
}

fn behind(state: &State, deployment: &Deployment, weight: u32) -> Behind {
    let lane = state.look(deployment);
    let Lane { name, version, facts, seen, limits, .. } = &*lane;
    let provider = state.settings.providers.get(&deployment.provider);
    let described = state.settings.deployments.get(deployment);
    Behind {
        name: Arc::clone(name),
        deployment: deployment.clone(),
        kind: provider.map_or("", |provider| provider.kind.name()),
        weight,
        local: facts.local,
        context: lane.context(&state.settings, &state.tables),
        unprobed: described.and_then(|said| Some(said.file.as_ref()?.fault.as_ref()?.0.clone())),
        probed: state.providers.get(&deployment.provider).and_then(|provider| provider.probed()),
        held: seen.held(),
        measured: seen.measured(),
        limits: limits.iter().map(|limit| limit.standing()).collect(),
        price_version: Arc::clone(version),
    }
}

#[cfg(test)]
mod tests;
