//! A view: what clients of one endpoint see, and where each thing leads. Pure; built anew whenever a catalogue or the
//! configuration changes, and read by every request.

use crate::catalogue::{Catalogue, Item, Kind};
use crate::config::Settings;
use crate::config::ViewSettings;
use crate::mode::{self, Mode, Shown, Variant};
use crate::naming::{self, Naming};
use base::{Error, random};
use context::definition::Form;
use context::tokens::{Count, Family};
use globset::GlobMatcher;
use mcp::extension::Extensions;
use mcp::parameter::Mirror;
use mcp::raw;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The upstream.
    pub upstream: String,
    /// What the upstream calls it.
    pub original: String,
    /// The arguments of a tool that headers repeat, if it has such.
    pub mirrors: Option<Arc<[Mirror]>>,
}

/// One list of a view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// Its items as clients see them.
    pub items: Vec<Item>,
    /// A digest of all of them.
    pub digest: [u8; 32],
}

/// What clients of one endpoint see.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Its name; that of a variant is made of its view's and what was chosen of it.
    pub name: String,
    /// The lists, in the order of [`crate::catalogue::LISTS`], of all that the view has.
    pub lists: [Arc<List>; 4],
    /// Tools by the name that clients use.
    pub tools: Arc<HashMap<String, Route>>,
    /// Prompts by the name that clients use.
    pub prompts: Arc<HashMap<String, Route>>,
    /// How much of the tools is shown at once.
    pub shown: Shown,
    /// What decides that.
    pub mode: Mode,
    /// How many tools there are of each upstream that has some, in the order of the configuration.
    pub counts: Vec<(String, usize)>,
    /// How many tokens the definitions of all tools are.
    pub tokens: Count,
    /// Whose tokens its clients count.
    pub family: Family,
    /// The tokens above which the mode `auto` has the tools searched.
    threshold: usize,
    /// Whether clients may send plans of calls, where the configuration says so; see [`View::offers_plans`].
    pub plans: Option<bool>,
    /// How definitions and results are said in fewer tokens, if they are.
    pub context: Option<Arc<context::config::Settings>>,
    /// Why tools and prompts are not served that wait for an approval, by the name that clients would use.
    quarantined: Arc<[HashMap<String, Error>; 2]>,
    /// The upstreams that take part.
    pub upstreams: Arc<HashSet<String>>,
    /// The one upstream of a view that shows own names.
    only: Option<String>,
    /// Who owns a `ui://` page.
    pub pages: Arc<HashMap<String, String>>,
    /// Names of tools that are in, when not all of them are.
    tool_filter: Filter,
    /// Names of prompts that are in.
    prompt_filter: Filter,
    /// Names that the view replaces by others, and so does not have itself.
    renamed: HashSet<String>,
    /// Addresses that a client may read.
    resources: Filter,
    /// What the upstreams say of themselves, put together.
    pub instructions: Option<String>,
    /// Extensions of the protocol that the upstreams have.
    pub extensions: Extensions,
    /// Whether any upstream completes arguments.
    pub completes: bool,
    /// Whether any upstream sends log messages.
    pub logs: bool,
    /// What could not be served, and why.
    pub faults: Vec<Error>,
}

/// What one upstream puts into the views.
#[derive(Clone)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// What it has.
    pub catalogue: Arc<Catalogue>,
}

/// The most characters of instructions that one upstream puts in. Clients cut long instructions, or the end of them.
const INSTRUCTIONS: usize = 500;

/// The most characters of all instructions together.
const ALL_INSTRUCTIONS: usize = 2000;

#[derive(Debug, Clone, Default)]
struct Filter {
    allow: Vec<GlobMatcher>,
    deny: Vec<GlobMatcher>,
}

impl Filter {
    fn passes(&self, name: &str) -> bool {
        let allowed = self.allow.is_empty() || self.allow.iter().any(|glob| glob.is_match(name));
        allowed && !self.deny.iter().any(|glob| glob.is_match(name))
    }
}

/// All views of `settings`, with the one of everything first.
pub fn all(settings: &Settings, sources: &[Source]) -> Vec<View> {
    let everything = build(crate::config::ALL, &settings.all, sources);
    let named = settings.views.iter().map(|(name, view)| build(name, view, sources));
    std::iter::once(everything).chain(named).collect()
}

/// One view.
pub fn build(name: &str, settings: &ViewSettings, sources: &[Source]) -> View {
    let mut builder = Builder::new(name, settings);
    for source in sources.iter().filter(|source| settings.servers.is_empty() || settings.servers.contains(&source.name))
    {
        builder.add(source);
    }
    builder.finish()
}

struct Builder<'a> {
    view: View,
    settings: &'a ViewSettings,
    rename: BTreeMap<&'a str, &'a str>,
    instructions: Vec<String>,
    /// Pages that an upstream lists itself; these win over pages that a tool merely names.
    listed_pages: HashMap<String, String>,
}

impl<'a> Builder<'a> {
    fn new(name: &str, settings: &'a ViewSettings) -> Self {
        let filter = |allow: &Vec<GlobMatcher>| Filter { allow: allow.clone(), deny: settings.deny.clone() };
        let view = View {
            name: name.to_owned(),
            tool_filter: filter(&settings.tools),
            prompt_filter: filter(&settings.prompts),
            renamed: settings.rename.iter().map(|rename| rename.from.clone()).collect(),
            resources: filter(&settings.resources),
            only: settings.servers.first().filter(|_| settings.own_names).cloned(),
            mode: settings.showing.mode,
            threshold: settings.showing.threshold,
            family: settings.showing.family,
            plans: settings.plans,
            context: settings.context.clone(),
            ..View::default()
        };
        Self {
            view,
            settings,
            rename: settings.rename.iter().map(|rename| (rename.from.as_str(), rename.to.as_str())).collect(),
            instructions: Vec::new(),
            listed_pages: HashMap::new(),
        }
    }

    fn add(&mut self, source: &Source) {
        let catalogue = &source.catalogue;
        Arc::make_mut(&mut self.view.upstreams).insert(source.name.clone());
        // Capabilities are the server's own words too.
        if !catalogue.unapproved {
            self.view.extensions.add(&catalogue.capabilities);
            self.view.completes |= catalogue.can("completions");
            self.view.logs |= catalogue.can("logging");
        }
        self.add_named(source, &catalogue.tools, 0);
        self.add_named(source, &catalogue.prompts, 1);
        for (index, kind) in [Kind::Tool, Kind::Prompt].into_iter().enumerate() {
            for (key, waits) in catalogue.waits(kind) {
                if let Some(name) = self.shown_as(source, key, index) {
                    Arc::make_mut(&mut self.view.quarantined)[index].insert(name, waits.to_error(&source.name));
                }
            }
        }
        self.add_addressed(source, &catalogue.resources, 2, "uri");
        self.add_addressed(source, &catalogue.templates, 3, "uriTemplate");
        for tool in &catalogue.tools {
            let page = raw::at(&tool.json, &["_meta", "ui", "resourceUri"]).and_then(raw::text);
            // What is no page has an address of its own, which may be that of another server's resource.
            if let Some(page) = page.filter(|page| naming::exposed_uri(&source.name, page) == *page) {
                Arc::make_mut(&mut self.view.pages).entry(page.into_owned()).or_insert_with(|| source.name.clone());
            }
        }
        if let Some(text) = catalogue.instructions().filter(|text| !text.trim().is_empty()) {
            let text: String = text.trim().chars().take(INSTRUCTIONS).collect();
            self.instructions.push(format!("{}: {text}", source.name));
        }
    }

    /// The name that clients use for a tool or prompt, if the view lets it in.
    fn shown_as(&self, source: &Source, key: &str, index: usize) -> Option<String> {
        // Patterns and renames know a thing by one name, whatever a view shows it as.
        let known_as = naming::exposed(&source.name, key);
        let filter = if index == 0 { &self.view.tool_filter } else { &self.view.prompt_filter };
        filter.passes(&known_as).then(|| match self.rename.get(known_as.as_str()) {
            Some(to) => (*to).to_owned(),
            None => self.view.naming().name(&source.name, key),
        })
    }

    fn add_named(&mut self, source: &Source, items: &[Item], index: usize) {
        for item in items {
            let Some(name) = self.shown_as(source, &item.key, index) else { continue };
            let mirrors = if index == 0 { source.catalogue.mirrors.get(&item.key).cloned() } else { None };
            let route = Route { upstream: source.name.clone(), original: item.key.clone(), mirrors };
            if let Some(other) = self.routes(index).insert(name.clone(), route) {
                self.clash(&name, &source.name, &item.key, &other, index);
                continue;
            }
            let json = replaced(&item.json, "name", &name);
            Arc::make_mut(&mut self.view.lists[index]).items.push(Item { key: name, json });
        }
    }

    /// Where names of tools (the list 0) or prompts lead.
    fn routes(&mut self, index: usize) -> &mut HashMap<String, Route> {
        Arc::make_mut(if index == 0 { &mut self.view.tools } else { &mut self.view.prompts })
    }

    /// Two things with one name: which of them a call reached would be chance, so neither is served.
    fn clash(&mut self, name: &str, upstream: &str, key: &str, other: &Route, index: usize) {
        self.routes(index).remove(name);
        Arc::make_mut(&mut self.view.lists[index]).items.retain(|item| item.key != name);
        let from = naming::exposed(upstream, key);
        let other = naming::exposed(&other.upstream, &other.original);
        self.view.faults.push(crate::config::clash(&self.view.name, name, &from, &other));
    }

    fn add_addressed(&mut self, source: &Source, items: &[Item], index: usize, member: &str) {
        for item in items {
            if !self.view.resources.passes(&naming::exposed_uri(&source.name, &item.key)) {
                continue;
            }
            let address = self.view.naming().address(&source.name, &item.key).into_owned();
            if address == item.key {
                self.listed_pages.entry(address.clone()).or_insert_with(|| source.name.clone());
            }
            let json = replaced(&item.json, member, &address);
            Arc::make_mut(&mut self.view.lists[index]).items.push(Item { key: address, json });
        }
    }

    fn finish(mut self) -> View {
        for rename in &self.settings.rename {
            let gone = !self.view.tools.contains_key(&rename.to) && !self.view.prompts.contains_key(&rename.to);
            if gone {
                tracing::debug!(view = self.view.name, from = rename.from, "a rename names nothing that is there");
            }
        }
        Arc::make_mut(&mut self.view.pages).extend(std::mem::take(&mut self.listed_pages));
        for list in &mut self.view.lists {
            let list = Arc::make_mut(list);
            let mut text = String::new();
            list.items.iter().for_each(|item| text.push_str(&item.json));
            list.digest = random::sha256(text.as_bytes());
        }
        for item in &self.view.lists[0].items {
            self.view.tokens = self.view.tokens + self.view.family.count_known(&item.json);
            let Some(route) = self.view.tools.get(&item.key) else { continue };
            match self.view.counts.last_mut().filter(|(upstream, _)| upstream == &route.upstream) {
                Some((_, count)) => *count += 1,
                None => self.view.counts.push((route.upstream.clone(), 1)),
            }
        }
        self.view.shown = self.view.mode.shows(self.view.tokens.tokens, self.view.threshold, None);
        if !self.instructions.is_empty() {
            let text: String = self.instructions.join("\n").chars().take(ALL_INSTRUCTIONS).collect();
            self.view.instructions = Some(text);
        }
        self.view
    }
}

fn replaced(json: &str, member: &str, value: &str) -> String {
    let mut splice = raw::Splice::new(json);
    if let Some(old) = raw::get(json, member) {
        splice.replace(old, raw::quote(value));
    }
    splice.finish().into_owned()
}

impl View {
    /// The view as a client sees it that chose `variant`. `before` is what was shown of that until now.
    #[must_use]
    pub fn as_chosen(&self, variant: Variant, before: Option<Shown>) -> Self {
        let mode = variant.mode.unwrap_or(self.mode);
        let shown = mode.shows(self.tokens.tokens, self.threshold, before);
        let context = self.context.clone().filter(|_| !variant.plain);
        Self { name: variant.name(&self.name), mode, shown, context, ..self.clone() }
    }

    /// The name of the view, whatever was chosen of it.
    pub fn title(&self) -> &str {
        mode::view_of(&self.name)
    }

    /// Whether it is the view as configured, and no variant that a client chose.
    pub fn is_plain(&self) -> bool {
        self.title() == self.name
    }

    /// A digest of what clients are shown with the list with this index: they are told when it is another.
    pub fn face(&self, index: usize) -> [u8; 32] {
        let own = (self.offers_plans(), self.form());
        match (self.shown, index) {
            // All that is said of the tools there is how many each upstream has.
            (Shown::Search, 0) => {
                random::sha256(format!("{:?} {own:?} {}", self.counts, self.extensions.tasks).as_bytes())
            }
            (_, 0) if own != (false, None) => random::sha256(format!("{:?} {own:?}", self.lists[0].digest).as_bytes()),
            _ => self.lists[index].digest,
        }
    }

    /// Whether clients may send plans of calls. Those that search for tools may, unless the view says otherwise: who sees no
    /// definitions calls by turns, and a plan saves these.
    pub fn offers_plans(&self) -> bool {
        self.plans.unwrap_or(self.shown == Shown::Search)
    }

    /// How definitions are listed, where the view says so.
    pub fn form(&self) -> Option<Form> {
        self.context.as_ref().map(|context| context.form)
    }

    /// How names and addresses of the upstreams are shown.
    pub fn naming(&self) -> Naming {
        if self.only.is_some() { Naming::Own } else { Naming::Prefixed }
    }

    /// Why the tool, or the prompt, that would have this name is not served, if it waits for an approval.
    pub fn quarantined(&self, name: &str, prompt: bool) -> Option<&Error> {
        self.quarantined[usize::from(prompt)].get(name)
    }

    /// The upstream whose tool (or prompt) `name` would be, if the view lets that name in: for an upstream of which
    /// nothing is known yet.
    pub fn owner(&self, name: &str, prompt: bool) -> Option<&str> {
        let filter = if prompt { &self.prompt_filter } else { &self.tool_filter };
        let (upstream, known_as) = match &self.only {
            Some(only) => (only.as_str(), naming::exposed(only, name)),
            None => (name.split_once(naming::SEPARATOR)?.0, name.to_owned()),
        };
        let lets_in = filter.passes(&known_as) && !self.renamed.contains(&known_as);
        self.upstreams.get(upstream).map(String::as_str).filter(|_| lets_in)
    }

    /// Where the resource at `address` is read. Templates make more addresses than are listed, so a listed address is
    /// not asked for: the upstream decides what it has, and no other upstream is reachable through it.
    pub fn resource(&self, address: &str) -> Option<Route> {
        if let Some(only) = &self.only {
            let lets_in = self.resources.passes(&naming::exposed_uri(only, address));
            let route = Route { upstream: only.clone(), original: address.to_owned(), mirrors: None };
            return (lets_in && self.upstreams.contains(only)).then_some(route);
        }
        if !self.resources.passes(address) {
            return None;
        }
        let (upstream, original) = match self.pages.get(address) {
            Some(owner) => (owner.as_str(), address),
            None => naming::original_uri(address)?,
        };
        let route = Route { upstream: upstream.to_owned(), original: original.to_owned(), mirrors: None };
        // One resource has one address: another spelling would pass a filter that refuses it.
        let spelled = naming::exposed_uri(upstream, original) == address;
        (spelled && self.upstreams.contains(upstream)).then_some(route)
    }
}

#[cfg(test)]
mod tests;
