//! What a configuration says of a name, for those who check before anything is asked.

use super::{Deployment, Settings, fallbacks, meant};

impl Settings {
    /// The names under which clients can ask without knowing a provider: routes, then models that providers list.
    pub fn names(&self) -> Vec<&str> {
        let listed = self.providers.values().flat_map(|provider| &provider.models);
        let mut names: Vec<&str> = self.routes.keys().chain(listed).map(String::as_str).collect();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(*name));
        names
    }

    /// The deployments that `name` means, with those of routes that take over, as a client writes it; nothing where it means none. A provider may serve models that
    /// nobody lists, so that `provider/model` always means one.
    pub fn deployments_of(&self, name: &str) -> Option<Vec<Deployment>> {
        let meant = meant(self, name).or_else(|| {
            let (name, sort) = routing::suffix(name);
            sort.and_then(|_| meant(self, name))
        })?;
        let route = meant.route.map(|(name, _)| name);
        let all = std::iter::once(meant).chain(route.into_iter().flat_map(|name| fallbacks(self, name)));
        Some(all.flat_map(|meant| meant.deployments).map(|(deployment, _)| deployment.into_owned()).collect())
    }

    /// How many tokens a deployment reads, as the configuration says, the header of its file, or the table in the binary.
    pub fn window(&self, deployment: &Deployment) -> Option<u64> {
        let described = self.deployments.get(deployment);
        let of_file = || described?.file.as_ref()?.said.as_ref()?.longest_input();
        let of_table =
            || model::find(self.providers.get(&deployment.provider)?.kind.name(), &deployment.model)?.max_input;
        described.and_then(|said| said.context_length).or_else(of_file).or_else(of_table)
    }
}

#[cfg(test)]
mod tests;
