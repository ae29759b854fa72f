//! What the definitions of the tools take that a step lends its model.

use crate::addresses::{address, begins_runs, fits, parts};
use std::collections::HashMap;
use tools::Hub;

/// How many bytes a definition takes in a request besides what it says itself: its members, and a name that every provider takes.
const AROUND: usize = 256;

/// About how many tokens the tools of an upstream take that has not told yet what it has.
const UNTOLD: u64 = 4_096;

/// The most tokens that the definitions take of `most` tools which fit the patterns, whoever is lent them, in whatever view.
pub(crate) fn tokens(hub: &Hub, patterns: &[String], most: usize) -> u64 {
    let lends = |server: &str, tool: &str| {
        let address = address(server, tool);
        patterns.iter().any(|pattern| fits(pattern, &address)) && !begins_runs(hub, server)
    };
    // The same tool may be said in another way in each view.
    let mut longest: HashMap<(String, String), usize> = HashMap::new();
    for view in hub.view_names().iter().filter_map(|name| hub.view(name)) {
        for item in view.lists.first().into_iter().flat_map(|list| &list.items) {
            let Some(route) = view.tools.get(&item.key) else { continue };
            if lends(&route.upstream, &route.original) {
                let bytes = longest.entry((route.upstream.clone(), route.original.clone())).or_default();
                *bytes = (*bytes).max(item.json.len().saturating_add(AROUND));
            }
        }
    }
    let mut bytes: Vec<usize> = longest.into_values().collect();
    bytes.sort_unstable_by(|one, other| other.cmp(one));
    let told: usize = bytes.iter().take(most).sum();
    let fits_server = |pattern: &String, name: &str| parts(pattern).is_some_and(|(server, _)| fits(server, name));
    let untold = hub.upstreams().into_iter().filter(|upstream| {
        let name = &upstream.settings.name;
        !upstream.is_known() && patterns.iter().any(|pattern| fits_server(pattern, name)) && !begins_runs(hub, name)
    });
    // A token has a byte at least.
    let told = u64::try_from(told).unwrap_or(u64::MAX);
    told.saturating_add(UNTOLD.saturating_mul(untold.count() as u64))
}

#[cfg(test)]
mod tests;
