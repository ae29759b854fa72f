//! What one upstream has: its lists, each item as the raw JSON that it sent.

use base::{Code, Error, Result};
use mcp::client::{Link, handshake, result_of};
use mcp::parameter::{self, Mirror};
use mcp::{Era, Method, raw};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name, address or address template: what it is called by.
    pub key: String,
    /// The definition.
    pub json: String,
}

/// The lists of an upstream.
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
    /// Its instructions for models.
    pub instructions: Option<String>,
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
            instructions: greeting.instructions.clone(),
            capabilities: greeting.capabilities.clone(),
            server_info: greeting.server_info.clone(),
            ..Self::default()
        }
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
        self
    }

    /// Whether the upstream says that it has `capability`.
    pub fn can(&self, capability: &str) -> bool {
        raw::get(&self.capabilities, capability).is_some_and(raw::is_object)
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
    for (index, (method, member, key, capability)) in LISTS.iter().enumerate() {
        if catalogue.can(capability) {
            let ask = Ask { link, era: greeting.era, method, member, key, items, limit };
            // Templates are optional for a server that has resources.
            let optional = method == &Method::TemplatesList;
            *catalogue.list_mut(index) = match ask.all().await {
                Err(error) if optional && error.code() == Code::UpstreamProtocol => Vec::new(),
                list => list?,
            };
        }
    }
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
    async fn all(&self) -> Result<Vec<Item>> {
        let (mut list, mut names, mut cursors) = (Vec::new(), HashSet::new(), HashSet::new());
        let (mut cursor, mut bytes) = (None, 0);
        loop {
            let page = self.page(cursor.as_deref()).await?;
            bytes += page.len();
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
                None => return Ok(list),
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
