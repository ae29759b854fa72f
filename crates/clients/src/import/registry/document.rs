//! Which servers a document holds, and what they are called here.

use super::input::text;
use super::shortened;
use base::config::{Entry, Node, Value};
use std::collections::HashMap;

/// What a registry says of an entry beside it.
const OFFICIAL: &str = "io.modelcontextprotocol.registry/official";

/// Last parts of names that say nothing by themselves.
const PLAIN: [&str; 3] = ["mcp", "server", "mcp-server"];

/// The most characters of a server's name (the schema's `maxLength`).
const NAME: usize = 200;

/// The entries of a document, by what they are to be called; nothing where it is no such document.
pub(in super::super) fn entries(root: &Node) -> Option<Vec<Entry>> {
    let found = Found::of(root)?;
    if found.count == 0 || found.strange > 0 {
        return None;
    }
    let mut entries = found.servers.iter().map(Listed::entry).collect::<Vec<_>>();
    name(&mut entries);
    Some(entries)
}

/// The entries of what a registry answered, by their whole names, and what a person should know of them; nothing where it is
/// no such answer. A list may be empty, and what is strange in it is passed over.
pub(in super::super) fn published(root: &Node) -> Option<(Vec<Entry>, Vec<String>)> {
    let Found { servers, count, strange } = Found::of(root)?;
    if count > 0 && strange == count {
        return None;
    }
    let mut warnings: Vec<String> = servers.iter().filter_map(Listed::warning).collect();
    if strange > 0 {
        let entries = if strange == 1 { "1 entry".to_owned() } else { format!("{strange} entries") };
        warnings.push(format!("{entries} of the list without a name and a version: passed over"));
    }
    Some((servers.iter().map(Listed::entry).collect(), warnings))
}

/// Names entries by as much of their whole names as tells them apart: `weather` for `com.example/weather`, or
/// `example-weather`, or `com-example-weather`.
pub(in super::super) fn name(entries: &mut [Entry]) {
    let mut forms: Vec<[String; 3]> = entries.iter().map(|entry| forms(&entry.key)).collect();
    for form in 0..3 {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for [first, ..] in &forms {
            *counts.entry(first.to_ascii_lowercase()).or_default() += 1;
        }
        for forms in &mut forms {
            let is_plain = form == 0 && PLAIN.contains(&forms[0].as_str());
            if is_plain || counts.get(&forms[0].to_ascii_lowercase()).is_some_and(|&count| count > 1) {
                forms.rotate_left(usize::from(form < 2));
            }
        }
    }
    for (entry, [first, ..]) in entries.iter_mut().zip(forms) {
        entry.key = first;
    }
}

/// What a server may be called, the shortest first.
fn forms(name: &str) -> [String; 3] {
    let (namespace, last) = name.split_once('/').unwrap_or(("", name));
    let label = namespace.rsplit('.').next().unwrap_or_default();
    [last.to_owned(), format!("{label}-{last}"), format!("{}-{last}", namespace.replace('.', "-"))]
}

/// The servers of a document.
struct Found<'n> {
    /// Those that are to be taken over: of a list, the latest that were not deleted.
    servers: Vec<Listed<'n>>,
    /// How many entries there are.
    count: usize,
    /// How many of them are no servers.
    strange: usize,
}

/// A server, and what a registry says beside it.
struct Listed<'n> {
    server: &'n Node,
    official: Option<&'n Node>,
}

impl<'n> Found<'n> {
    fn of(root: &'n Node) -> Option<Self> {
        let plain = || is_server(root).then_some(Listed { server: root, official: None });
        if let Some(listed) = Listed::of(root).or_else(plain) {
            return Some(Self { servers: vec![listed], count: 1, strange: 0 });
        }
        let items: &[Node] = match root.get("servers").map(|entry| &entry.node.value)? {
            Value::List(items) => items,
            // An empty list, as some programs write it.
            Value::Null => &[],
            _ => return None,
        };
        let mut servers: Vec<_> = items.iter().filter_map(Listed::of).collect();
        let strange = items.len() - servers.len();
        servers.retain(Listed::is_wanted);
        Some(Self { servers, count: items.len(), strange })
    }
}

fn is_server(node: &Node) -> bool {
    is_named(node) && (node.get("packages").is_some() || node.get("remotes").is_some())
}

/// Whether it has a name as the schema has them, and a version.
fn is_named(node: &Node) -> bool {
    let plain = |part: &str, more: &[u8]| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    let fits = |name: &str| {
        let parts = name.split_once('/');
        name.len() <= NAME && parts.is_some_and(|(space, last)| plain(space, b".-") && plain(last, b"._-"))
    };
    text(node, "name").is_some_and(|name| fits(&name)) && text(node, "version").is_some()
}

impl<'n> Listed<'n> {
    fn of(item: &'n Node) -> Option<Self> {
        let server = item.get("server").map(|entry| &entry.node).filter(|server| is_named(server))?;
        let official = item.get("_meta").and_then(|meta| meta.node.get(OFFICIAL)).map(|entry| &entry.node);
        Some(Self { server, official })
    }

    fn said(&self, key: &str) -> Option<String> {
        self.official.and_then(|official| text(official, key))
    }

    fn status(&self) -> Option<String> {
        self.said("status").or_else(|| text(self.server, "status"))
    }

    fn is_wanted(&self) -> bool {
        self.said("isLatest").as_deref() != Some("false") && self.status().as_deref() != Some("deleted")
    }

    fn warning(&self) -> Option<String> {
        let name = text(self.server, "name").unwrap_or_default();
        let why = self.said("statusMessage").map(|why| format!(": {}", shortened(&why))).unwrap_or_default();
        let status = self.status().filter(|status| ["deprecated", "deleted"].contains(&status.as_str()))?;
        Some(format!("server `{name}` is {status}{why}"))
    }

    fn entry(&self) -> Entry {
        let key = text(self.server, "name").unwrap_or_default();
        Entry { key, key_place: self.server.place, node: self.server.clone() }
    }
}
