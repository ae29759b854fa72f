//! What is known of the definitions of all upstreams.

use super::Hub;
use crate::catalogue::Kind;
use crate::naming;
use crate::tables::{self, Pinned};
use crate::upstream::Upstream;
use crate::view::Source;
use base::Result;
use base::visible::escaped;
use lint::{Finding, Looked, Rule};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The most findings that are told of one kind of one upstream: those in its tools must not hide those in its instructions.
const FINDINGS: usize = 200;

impl Hub {
    /// The definitions of a kind that are pinned of an upstream, by name.
    pub async fn pinned(&self, upstream: &Upstream, kind: Kind) -> Result<HashMap<String, Pinned>> {
        let settings = &upstream.settings;
        tables::pinned(&self.0.context.db, kind, &settings.name, &settings.place()).await
    }

    /// What was found in the definitions of the upstream `name`.
    pub fn findings(&self, name: &str) -> Arc<[Finding]> {
        self.0.state.load().findings.get(name).cloned().unwrap_or_default()
    }
}

/// What was found in the definitions of each upstream, by themselves and beside the tools of the others. In those of `silent`
/// nothing is looked for.
pub(super) fn findings(sources: &[Source], silent: &HashSet<&str>) -> HashMap<String, Arc<[Finding]>> {
    let others = Others::of(sources);
    let of = |source: &Source| {
        let of_kind = |kind: Kind| {
            let own = source.catalogue.looked.iter().filter(move |looked| looked.kind == kind);
            let own = own.flat_map(|looked| looked.findings.iter().cloned().chain(others.named(source, looked)));
            let tools = tools_of(source).filter(move |_| kind == Kind::Tool);
            own.chain(tools.flat_map(|tool| others.about_name(source, tool))).take(FINDINGS)
        };
        let all: Vec<Finding> = Kind::ALL.into_iter().flat_map(of_kind).collect();
        (!all.is_empty()).then(|| (source.name.clone(), all.into()))
    };
    sources.iter().filter(|source| !silent.contains(source.name.as_str())).filter_map(of).collect()
}

fn tools_of(source: &Source) -> impl Iterator<Item = &String> {
    source.catalogue.tools.iter().map(|item| &item.key).chain(source.catalogue.waits(Kind::Tool).keys())
}

/// The tools of all servers, to compare those of one with.
struct Others<'s> {
    /// The servers of each name.
    owners: HashMap<&'s str, Vec<&'s str>>,
    /// The names of all servers that have tools.
    servers: HashSet<&'s str>,
    /// The tools and their servers, by what their names look like.
    alike: HashMap<String, Vec<(&'s str, &'s str)>>,
}

impl<'s> Others<'s> {
    fn of(sources: &'s [Source]) -> Self {
        let mut all = Self { owners: HashMap::new(), servers: HashSet::new(), alike: HashMap::new() };
        for source in sources {
            all.servers.insert(&source.name);
            for tool in tools_of(source) {
                all.owners.entry(tool).or_default().push(&source.name);
                all.alike.entry(lint::look_alike(tool)).or_default().push((tool, &source.name));
            }
        }
        all
    }

    /// The other server that has the tool `word`. A name with its server's in front of it is that server's, whoever else has
    /// the rest of it.
    fn owner(&self, source: &Source, word: &str) -> Option<&'s str> {
        match word.split_once(naming::SEPARATOR) {
            Some((server, tool)) => {
                let owner = self.owners.get(tool)?.iter().find(|owner| **owner == server)?;
                (*owner != source.name).then_some(*owner)
            }
            None => {
                let all = self.owners.get(word)?;
                all.first().filter(|_| !all.contains(&source.name.as_str())).copied()
            }
        }
    }

    /// That the texts of a definition name other servers' tools.
    fn named(&self, source: &Source, looked: &Looked) -> Option<Finding> {
        let named = looked.words.iter().filter_map(|word| Some(format!("`{word}` of `{}`", self.owner(source, word)?)));
        let named: Vec<String> = named.take(NAMED).collect();
        let member = if looked.kind == Kind::Instructions { "/instructions" } else { "/description" };
        let finding = |excerpt| Finding {
            kind: looked.kind,
            tool: looked.tool.clone(),
            rule: Rule::NamesOtherTools,
            place: member.to_owned(),
            excerpt,
        };
        (!named.is_empty()).then(|| finding(named.join(", ")))
    }

    /// That the name of a tool could be taken for another server's.
    fn about_name(&self, source: &Source, tool: &str) -> Vec<Finding> {
        let finding = |rule, excerpt: String| Finding {
            kind: Kind::Tool,
            tool: tool.to_owned(),
            rule,
            place: "/name".to_owned(),
            excerpt: escaped(&excerpt),
        };
        let server = tool.split_once(naming::SEPARATOR).map(|(server, _)| server);
        let claimed = server.filter(|server| *server != source.name && self.servers.contains(server));
        let claimed = claimed.map(|server| finding(Rule::ClaimsOtherServer, format!("`{server}` is another server")));
        let alike = self.alike.get(&lint::look_alike(tool)).into_iter().flatten();
        let alike = alike.filter(|(other, owner)| *other != tool && *owner != source.name);
        let alike = alike.take(1).map(|(other, owner)| finding(Rule::SimilarName, format!("`{other}` of `{owner}`")));
        claimed.into_iter().chain(alike).collect()
    }
}

/// How many names one finding tells.
const NAMED: usize = 8;

#[cfg(test)]
mod tests;
