//! What one upstream has: its lists, each item as the raw JSON that it sent.

pub mod hint;
mod quarantine;

pub use lint::Kind;
pub use quarantine::{Quarantined, Why};

use self::hint::{Hint, Reading};
use base::{Code, Error, Result, clock};
use lint::Looked;
use mcp::client::{Link, handshake, result_of};
use mcp::extension;
use mcp::parameter::{self, Mirror};
use mcp::{Era, Method, raw};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name, address or address template: what it is called by.
    pub key: String,
    /// The definition.
    pub json: String,
}

/// What an upstream has: what models read of it, and how it is called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// Its tools.
    pub tools: Vec<Item>,
    /// Its prompts.
    pub prompts: Vec<Item>,
    /// Its resources.
    pub resources: Vec<Item>,
    /// Its resource templates.
    pub templates: Vec<Item>,
    /// Its instructions for models: one item, see [`Item::instructions`], or none.
    pub instructions: Vec<Item>,
    /// Its capabilities, as raw JSON.
    pub capabilities: String,
    /// Its name and version, as raw JSON.
    pub server_info: String,
    /// The arguments that headers repeat, by the tools that have such.
    pub mirrors: HashMap<String, Arc<[Mirror]>>,
    /// The tools that run as tasks only, in the legacy era.
    pub task_tools: HashSet<String>,
    /// What was left out, and why.
    pub left_out: Vec<LeftOut>,
    /// What is said of how long each of the lists may be kept, in the order of [`LISTS`]; nothing by a legacy upstream.
    pub hints: [Option<Hint>; 4],
    /// When it was read; nothing if it is from an earlier run of the hub, or the hub's own.
    pub reading: Option<Reading>,
    /// What is not served before somebody approves it, in the order of [`Kind::ALL`], by what the upstream calls it.
    pub quarantined: [BTreeMap<String, Quarantined>; Kind::ALL.len()],
    /// Whether nothing of it is served, not even what it does not list, because nobody has approved anything of it yet.
    pub unapproved: bool,
    /// What a person should look at, in what is served and in what waits.
    pub looked: Vec<Looked>,
}

impl Item {
    /// The instructions of a server, which are one text, as an item: so they are judged as all else that models read.
    pub fn instructions(text: &str) -> Self {
        let json = format!("{{\"instructions\":{}}}", raw::quote(text));
        Self { key: Kind::Instructions.word().to_owned(), json }
    }
}

/// A tool that clients are not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What the upstream calls it.
    pub tool: String,
    /// What is wrong with it.
    pub why: String,
}

impl LeftOut {
    /// This as an error, for people.
    pub fn to_error(&self, upstream: &str) -> Error {
        let tool: String = self.tool.chars().filter(|character| !character.is_control()).take(100).collect();
        let message = format!("the tool `{tool}` of `{upstream}` is left out: {}", self.why);
        let next = format!("the fault is in `{upstream}`; its other tools are served");
        Error::new(Code::ToolLeftOut, message, next).of_upstream(upstream)
    }
}

/// The four lists: the method, the member of the result, the member of an item that names it, and the capability that
/// says that there is such a list.
pub const LISTS: [(Method, &str, &str, &str); 4] = [
    (Method::ToolsList, "tools", "name", "tools"),
    (Method::PromptsList, "prompts", "name", "prompts"),
    (Method::ResourcesList, "resources", "uri", "resources"),
    (Method::TemplatesList, "resourceTemplates", "uriTemplate", "resources"),
];

/// The most pages of one list.
const PAGES: usize = 1000;

/// The most bytes of one list: more than a hundred times what the largest real server has.
const BYTES: usize = 64 << 20;

impl Catalogue {
    /// A catalogue without lists.
    pub fn greeted(greeting: &handshake::Greeting) -> Self {
        Self {
            instructions: greeting.instructions.iter().map(|text| Item::instructions(text)).collect(),
            capabilities: greeting.capabilities.clone(),
            server_info: greeting.server_info.clone(),
            ..Self::default()
        }
    }

    /// Whether a tool runs as a task only: of servers that run none it is not believed (specification 2025-11-25, tasks,
    /// tool-level negotiation).
    pub fn is_task_only(&self, tool: &str) -> bool {
        self.task_tools.contains(tool) && extension::runs_tasks(&self.capabilities)
    }

    /// Whether a tool may run as a task. Legacy tools that do not say so may not; of modern ones their server decides.
    pub fn may_be_task(&self, tool: &str) -> bool {
        let is_legacy = raw::get(&self.capabilities, "tasks").is_some();
        let item = self.tools.iter().find(|item| item.key == tool);
        let said = item.and_then(|item| raw::at(&item.json, &["execution", "taskSupport"])).and_then(raw::text);
        extension::runs_tasks(&self.capabilities)
            && said.map_or(!is_legacy, |said| said == "required" || said == "optional")
    }

    /// Reads which arguments of the tools headers repeat, and takes out the tools for which that cannot be said: no
    /// client over HTTP would take them (specification 2026-07-28, transports).
    #[must_use]
    pub fn checked(mut self) -> Self {
        let (mirrors, left_out) = (&mut self.mirrors, &mut self.left_out);
        for tool in &self.tools {
            if raw::at(&tool.json, &["execution", "taskSupport"]) == Some("\"required\"") {
                self.task_tools.insert(tool.key.clone());
            }
        }
        self.tools.retain(|item| match parameter::mirrors(&item.json) {
            Ok(found) => {
                if !found.is_empty() {
                    mirrors.insert(item.key.clone(), found.into());
                }
                true
            }
            Err(why) => {
                left_out.push(LeftOut { tool: item.key.clone(), why });
                false
            }
        });
        let items = Kind::ALL.into_iter().flat_map(|kind| self.of_kind(kind).0.iter().map(move |item| (kind, item)));
        self.looked = items.filter_map(|(kind, item)| lint::look(kind, &item.key, &item.json)).collect();
        self
    }

    /// Its instructions, where they may be shown.
    pub fn instructions(&self) -> Option<Cow<'_, str>> {
        self.instructions.first().and_then(|item| raw::get(&item.json, "instructions")).and_then(raw::text)
    }

    /// Whether the upstream says that it has `capability`.
    pub fn can(&self, capability: &str) -> bool {
        raw::get(&self.capabilities, capability).is_some_and(raw::is_object)
    }

    /// Whether the upstream says that it has the list with this index in [`LISTS`].
    pub fn announces(&self, index: usize) -> bool {
        LISTS.get(index).is_some_and(|(.., capability)| self.can(capability))
    }

    /// Whether `other` has just the same for clients, whenever it was read.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        let lengths = |of: &Self| Kind::ALL.map(|kind| of.of_kind(kind).0.len());
        lengths(self) == lengths(other)
            && Kind::ALL.into_iter().all(|kind| self.of_kind(kind) == other.of_kind(kind))
            && self.unapproved == other.unapproved
            && self.left_out == other.left_out
            && self.capabilities == other.capabilities
            && self.server_info == other.server_info
    }

    /// When it is to be read again by what is said with its lists; nothing where that need not be.
    pub fn due(&self) -> Option<Instant> {
        let reading = self.reading?;
        let wait = |(index, hint): (usize, &Option<Hint>)| {
            let tells = raw::at(&self.capabilities, &[LISTS[index].3, "listChanged"]) == Some("true");
            (*hint)?.again(tells, reading.took)
        };
        let wait = self.hints.iter().enumerate().filter_map(wait).min()?;
        Some(reading.at + reading.took + wait)
    }

    /// The list with this index in [`LISTS`].
    pub fn list_mut(&mut self, index: usize) -> &mut Vec<Item> {
        match index {
            0 => &mut self.tools,
            1 => &mut self.prompts,
            2 => &mut self.resources,
            _ => &mut self.templates,
        }
    }
}

/// Asks an upstream for all its lists. A list that it does not announce is empty.
pub async fn fetch(link: &Link, greeting: &handshake::Greeting, items: usize, limit: Duration) -> Result<Catalogue> {
    let mut catalogue = Catalogue::greeted(greeting);
    let at = clock::now();
    for (index, (method, member, key, capability)) in LISTS.iter().enumerate() {
        if catalogue.can(capability) {
            let ask = Ask { link, era: greeting.era, method, member, key, items, limit };
            // Templates are optional for a server that has resources.
            let optional = method == &Method::TemplatesList;
            let (list, hint) = match ask.all().await {
                Err(error) if optional && error.code() == Code::UpstreamProtocol => (Vec::new(), None),
                list => list?,
            };
            *catalogue.list_mut(index) = list;
            catalogue.hints[index] = hint;
        }
    }
    catalogue.reading = Some(Reading { at, took: clock::now().saturating_duration_since(at) });
    Ok(catalogue.checked())
}

struct Ask<'a> {
    link: &'a Link,
    era: Era,
    method: &'a Method,
    member: &'a str,
    key: &'a str,
    items: usize,
    limit: Duration,
}

impl Ask<'_> {
    async fn all(&self) -> Result<(Vec<Item>, Option<Hint>)> {
        let (mut list, mut names, mut cursors) = (Vec::new(), HashSet::new(), HashSet::new());
        let (mut cursor, mut bytes, mut hint) = (None, 0, None::<Hint>);
        loop {
            let page = self.page(cursor.as_deref()).await?;
            bytes += page.len();
            if self.era == Era::Modern {
                let own = Hint::of(&page);
                hint = Some(hint.map_or(own, |hint| hint.and(own)));
            }
            for item in raw::elements(raw::get(&page, self.member).unwrap_or_default()) {
                let Some(key) = raw::get(item, self.key).and_then(raw::text) else { continue };
                // Of an item with two names the hub would change one, and a client might read the other.
                if raw::duplicate(item).is_some() {
                    continue;
                }
                // The first of two items with one name is the one that a call would reach.
                if names.insert(key.clone().into_owned()) {
                    list.push(Item { key: key.into_owned(), json: item.to_owned() });
                }
            }
            if list.len() > self.items || bytes > BYTES {
                return Err(self.fault(&format!("has more than {} items or {BYTES} bytes", self.items)));
            }
            match raw::get(&page, "nextCursor").and_then(raw::text) {
                None => return Ok((list, hint)),
                Some(next) if !cursors.insert(next.clone().into_owned()) => {
                    return Err(self.fault("names the same next page twice, so it has no end"));
                }
                Some(_) if cursors.len() >= PAGES => return Err(self.fault(&format!("has more than {PAGES} pages"))),
                Some(next) => cursor = Some(next.into_owned()),
            }
        }
    }

    async fn page(&self, cursor: Option<&str>) -> Result<String> {
        let cursor = cursor.map(|cursor| format!("\"cursor\":{}", raw::quote(cursor)));
        let meta =
            (self.era == Era::Modern).then(|| format!("\"_meta\":{}", handshake::modern_meta(handshake::NOBODY)));
        let members: Vec<String> = cursor.into_iter().chain(meta).collect();
        let params = format!("{{{}}}", members.join(","));
        let answer = self.link.ask(self.method.name(), &params, self.era, self.limit).await?;
        Ok(result_of(&answer, self.link.name(), self.method.name())?.to_owned())
    }

    fn fault(&self, why: &str) -> Error {
        let name = self.link.name();
        Error::new(
            Code::UpstreamCatalogue,
            format!("the list {} of `{name}` {why}", self.method.name()),
            format!(
                "the fault is in `{name}`; a list that is truly so long can be let in with `limits: {{ items: 50000 }}`"
            ),
        )
        .of_upstream(name)
    }
}
