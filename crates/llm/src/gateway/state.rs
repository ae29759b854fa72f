//! What the configuration means now, and what was learned under it.

use crate::cache::Caches;
use crate::config::{Deployment, Settings};
use crate::lane::Lane;
use crate::prices::Tables;
use crate::provider::Provider;
use crate::tally::Tally;
use protection::allowance::Allowance;
use protection::limit::Limit;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// The most deployments that are remembered because clients have named them.
const NAMED: usize = 1_000;

/// What the configuration means now.
pub(super) struct State {
    pub(super) settings: Settings,
    /// What is known of models.
    pub(super) tables: Tables,
    pub(super) providers: BTreeMap<String, Arc<Provider>>,
    /// The limits of those providers that have some.
    limits: BTreeMap<String, Arc<Limit>>,
    /// The deployments that the configuration names.
    lanes: BTreeMap<Deployment, Arc<Lane>>,
    /// Those that clients have named.
    named: Mutex<HashMap<Deployment, Arc<Lane>>>,
    /// How requests to each provider ended, by its name.
    pub(super) tallies: BTreeMap<String, Arc<Tally>>,
    pub(super) caches: Caches,
    /// What routes with a hedge may do beyond what they must, by their names.
    pub(super) allowances: BTreeMap<String, Arc<Allowance>>,
}

impl State {
    pub(super) fn new(settings: Settings, tables: Tables, before: Option<&State>) -> Self {
        let mut providers = BTreeMap::new();
        for (name, typed) in &settings.providers {
            let same = before.and_then(|state| state.providers.get(name)).filter(|same| same.settings.is_as(typed));
            let provider = match same {
                Some(same) => Arc::clone(same),
                None => Arc::new(Provider::new(name, typed.clone())),
            };
            providers.insert(name.clone(), provider);
        }
        // What was learned of a provider that is asked in another way now means nothing.
        let stays = |name: &str| {
            let old = before.and_then(|state| state.providers.get(name));
            old.zip(providers.get(name)).is_some_and(|(old, new)| Arc::ptr_eq(old, new))
        };
        let in_routes = settings.routes.values().flat_map(|route| route.deployments.iter().cloned());
        let listed = settings.providers.iter().flat_map(|(name, provider)| {
            provider.models.iter().map(|model| Deployment { provider: name.clone(), model: model.clone() })
        });
        let limited = settings.deployments.iter().filter(|(_, said)| said.limits.is_some()).map(|(one, _)| one.clone());
        let limits = limits(&settings, before);
        let lanes = in_routes.chain(listed).chain(limited).map(|deployment| {
            let old = before.and_then(|state| state.known(&deployment));
            let seen = old.as_ref().filter(|_| stays(&deployment.provider)).map(|lane| Arc::clone(&lane.seen));
            let lane = Lane::new(&settings, &tables, deployment.clone(), seen);
            let lane = lane.limited(&settings, limits.get(&deployment.provider), old.as_deref());
            (deployment, Arc::new(lane))
        });
        let lanes = lanes.collect();
        let tallies = settings.providers.keys().map(|name| {
            let kept = before.and_then(|state| state.tallies.get(name));
            (name.clone(), kept.map_or_else(Arc::default, Arc::clone))
        });
        let tallies = tallies.collect();
        let caches = Caches::of(&settings, before.map(|state| (&state.settings, &state.caches)), stays);
        let allowances = settings.routes.iter().filter(|(_, route)| route.hedge.is_some()).map(|(name, _)| {
            let kept = before.and_then(|state| state.allowances.get(name));
            (name.clone(), kept.map_or_else(Arc::default, Arc::clone))
        });
        let allowances = allowances.collect();
        Self { settings, tables, providers, limits, lanes, named: Mutex::default(), tallies, caches, allowances }
    }

    /// What is known of a deployment.
    pub(super) fn lane(&self, deployment: &Deployment) -> Arc<Lane> {
        self.known(deployment).unwrap_or_else(|| {
            let lane = Arc::new(self.fresh(deployment));
            let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
            // Clients can name as many as they like; what is beyond the limit begins anew each time.
            if named.len() < NAMED {
                return Arc::clone(named.entry(deployment.clone()).or_insert(lane));
            }
            lane
        })
    }

    /// The same, without remembering one that was not known.
    pub(super) fn look(&self, deployment: &Deployment) -> Arc<Lane> {
        self.known(deployment).unwrap_or_else(|| Arc::new(self.fresh(deployment)))
    }

    fn fresh(&self, deployment: &Deployment) -> Lane {
        let lane = Lane::new(&self.settings, &self.tables, deployment.clone(), None);
        lane.limited(&self.settings, self.limits.get(&deployment.provider), None)
    }

    fn known(&self, deployment: &Deployment) -> Option<Arc<Lane>> {
        let lane = self.lanes.get(deployment).map(Arc::clone);
        lane.or_else(|| self.named.lock().unwrap_or_else(PoisonError::into_inner).get(deployment).map(Arc::clone))
    }

    /// The deployments that the configuration names, and those that clients have named since.
    pub(super) fn all(&self) -> Vec<Arc<Lane>> {
        let named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<Arc<Lane>> = self.lanes.values().chain(named.values()).map(Arc::clone).collect();
        drop(named);
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }
}

/// The limits of providers. What was counted under those before counts on.
fn limits(settings: &Settings, before: Option<&State>) -> BTreeMap<String, Arc<Limit>> {
    let limit = |(name, provider): (&String, &crate::config::Provider)| {
        let before = before.and_then(|state| state.limits.get(name));
        let limit = Limit::new(name.as_str().into(), provider.limits?, before.map(|limit| &**limit));
        Some((name.clone(), limit))
    };
    settings.providers.iter().filter_map(limit).collect()
}
