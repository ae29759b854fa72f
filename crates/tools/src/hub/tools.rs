//! What is known of the tools of all upstreams.

use super::Hub;
use crate::naming;
use crate::notice::{self, Flag};
use crate::tables::{self, Pinned};
use crate::upstream::Upstream;
use crate::view::Source;
use base::Result;
use std::collections::HashMap;
use std::sync::Arc;

/// The most warnings about one upstream.
const FLAGS: usize = 100;

impl Hub {
    /// The definitions that are pinned of an upstream, by tool.
    pub async fn pinned(&self, upstream: &Upstream) -> Result<HashMap<String, Pinned>> {
        let settings = &upstream.settings;
        tables::pinned(&self.0.context.db, &settings.name, &settings.place()).await
    }

    /// What a person should look at in the tools of the upstream `name`.
    pub fn flags(&self, name: &str) -> Arc<[Flag]> {
        self.0.state.load().flags.get(name).cloned().unwrap_or_default()
    }
}

/// What a person should look at in the tools of each upstream.
pub(super) fn flags(sources: &[Source]) -> HashMap<String, Arc<[Flag]>> {
    let mut owners: HashMap<&str, Vec<&str>> = HashMap::new();
    for source in sources {
        let catalogue = &source.catalogue;
        let names = catalogue.tools.iter().map(|item| &item.key).chain(catalogue.quarantined.keys());
        names.for_each(|name| owners.entry(name).or_default().push(&source.name));
    }
    let of = |source: &Source| {
        // A name with its server's in front of it is that server's, whoever else has the rest of it.
        let owner = |word: &str| match word.split_once(naming::SEPARATOR) {
            Some((server, tool)) => {
                let owner = owners.get(tool)?.iter().find(|owner| **owner == server)?;
                (*owner != source.name).then_some(*owner)
            }
            None => {
                let all = owners.get(word)?;
                all.first().filter(|_| !all.contains(&source.name.as_str())).copied()
            }
        };
        let noticed = source.catalogue.noticed.iter();
        let flags: Vec<Flag> = noticed.flat_map(|noticed| notice::flags(noticed, owner)).take(FLAGS).collect();
        (!flags.is_empty()).then(|| (source.name.clone(), flags.into()))
    };
    sources.iter().filter_map(of).collect()
}
