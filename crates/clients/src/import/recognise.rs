//! Which client a file belongs to, by its keys.

use super::draft::Context;
use super::inputs::Inputs;
use super::texts::Texts;
use super::{Imported, codex, continue_list, mcp_servers, name, registry, vscode, zed};
use base::config::{Document, Entry, Node, Problems, Value, json, nearest, toml, yaml};
use base::{Code, Error};
use std::collections::HashSet;
use tools::naming;

/// Converts one entry.
type Convert = fn(&mut Context<'_, '_>, &str, &Node) -> Option<Node>;

struct Shape {
    format: &'static str,
    /// Whether the client fills in variables.
    expands: bool,
    convert: Convert,
}

const MCP_SERVERS: Shape = Shape { format: "mcpServers", expands: true, convert: mcp_servers::convert };
const VSCODE: Shape = Shape { format: "vscode", expands: true, convert: vscode::convert };
const ZED: Shape = Shape { format: "zed", expands: false, convert: zed::convert };
const CODEX: Shape = Shape { format: "codex", expands: false, convert: codex::convert };
const CONTINUE: Shape = Shape { format: "continue", expands: true, convert: continue_list::convert };
const REGISTRY: Shape = Shape { format: "server.json", expands: false, convert: registry::convert };

/// The keys that tell a shape.
const KEYS: [&str; 4] = ["mcpServers", "context_servers", "mcp_servers", "servers"];

/// Recognises the configuration file of a client and converts its servers. `.toml` is read as TOML, `.yaml` and `.yml`
/// as YAML, everything else as JSON with comments; the shape is told by the keys.
pub fn recognise(file: &str, text: &str) -> Result<Imported, Vec<Error>> {
    let document = parse(file, text).map_err(|error| vec![error])?;
    if let Some(servers) = own(file, &document) {
        return own_servers(file, servers);
    }
    let Some((shape, entries, inputs)) = shape(&document.root) else {
        return Err(vec![unrecognised(&document)]);
    };
    let (mut imported, refused) = converted(&shape, file, true, &inputs, entries);
    imported.notices.extend(passed_over(file, &document.root));
    let problems = Problems::new();
    refused.into_iter().flat_map(|(_, errors)| errors).for_each(|error| problems.push(error));
    problems.into_result()?;
    Ok(imported)
}

/// What an address answered, taken over.
#[derive(Debug)]
pub struct Published {
    /// What there is to add.
    pub imported: Imported,
    /// Servers that cannot be taken over, and why.
    pub refused: Vec<(String, Vec<Error>)>,
}

/// Converts the servers of what a registry answered, or of a `server.json` at an address, and of nothing else: what comes from
/// an address must not name whatever program it likes, as the files of clients may. `source` is how messages name it.
pub fn published(source: &str, documents: &[Node]) -> base::Result<Published> {
    let mut entries = Vec::new();
    let mut notices = Vec::new();
    for document in documents {
        let (servers, warnings) = registry::published(document).ok_or_else(|| {
            let message = format!("{source} answers with something else than the servers of an MCP registry");
            Error::new(Code::ImportUnrecognised, message, "check the address: it is the one before `/v0.1/servers`")
        })?;
        entries.extend(servers);
        notices.extend(warnings.into_iter().map(|warning| format!("{source}: {warning}")));
    }
    registry::name(&mut entries);
    let inputs = Inputs::default();
    let (mut imported, refused) = converted(&REGISTRY, source, false, &inputs, entries);
    imported.notices.splice(0..0, notices);
    Ok(Published { imported, refused })
}

/// Converts entries of a shape. Beside what was made of them stand those of which nothing could be.
fn converted(
    shape: &Shape,
    file: &str,
    placed: bool,
    inputs: &Inputs,
    entries: Vec<Entry>,
) -> (Imported, Vec<(String, Vec<Error>)>) {
    let mut refused = Vec::new();
    let mut notices = Vec::new();
    let mut texts = Texts::new(shape.expands, inputs);
    let mut servers = Vec::with_capacity(entries.len());
    // Names that are fine already keep their place before those that have to become one of them.
    let mut names = Names {
        fine: entries.iter().map(|entry| entry.key.clone()).filter(|name| is_fine(name)).collect(),
        given: HashSet::new(),
    };
    for entry in entries {
        let problems = Problems::new();
        let mut context = Context { file, placed, problems: &problems, texts: &mut texts, notices: &mut notices };
        if matches!(entry.node.value, Value::Map(_)) {
            if let Some(node) = (shape.convert)(&mut context, &entry.key, &entry.node) {
                if is_tutti(&entry.key, &node) {
                    let place = context.place(entry.key_place);
                    context.notices.push(format!("{place}: server `{}` is Tutti itself; passed over", entry.key));
                    continue;
                }
                servers.push((names.give(&mut context, &entry), node));
            }
        } else {
            let message =
                format!("the server `{}` must be a map, and {} stands there", entry.key, entry.node.value.kind());
            let error = Error::new(Code::ConfigInvalidValue, message, "write its `command` or `url` within braces");
            context.refuse(error, entry.node.place);
        }
        if let Err(errors) = problems.into_result() {
            refused.push((entry.key, errors));
        }
    }
    notices.extend(of_texts(file, &texts, inputs));
    (Imported { format: shape.format, servers, notices }, refused)
}

fn parse(file: &str, text: &str) -> base::Result<Document> {
    let lower = file.to_ascii_lowercase();
    if lower.ends_with(".toml") {
        toml(file, text)
    } else if lower.ends_with(".yaml") || lower.ends_with(".yml") {
        yaml(file, text)
    } else {
        json(file, text)
    }
}

/// The `servers` of a file that is Tutti's own: only that is both YAML and has this key.
fn own<'d>(file: &str, document: &'d Document) -> Option<&'d Node> {
    let lower = file.to_ascii_lowercase();
    let is_yaml = lower.ends_with(".yaml") || lower.ends_with(".yml");
    document.root.get("servers").map(|entry| &entry.node).filter(|_| is_yaml)
}

fn own_servers(file: &str, servers: &Node) -> Result<Imported, Vec<Error>> {
    let problems = Problems::new();
    let entries = base::config::entries(&problems, file, "servers", servers);
    problems.into_result()?;
    let servers = entries.into_iter().map(|entry| (entry.key.clone(), entry.node.clone())).collect();
    Ok(Imported { format: "tutti", servers, notices: Vec::new() })
}

fn shape(root: &Node) -> Option<(Shape, Vec<Entry>, Inputs)> {
    let found = |key: &str| root.get(key).map(|entry| &entry.node.value);
    let inputs = Inputs::read(root);
    if let Some(entries) = registry::entries(root) {
        return Some((REGISTRY, entries, inputs));
    }
    if let Some(Value::List(items)) = found("mcpServers") {
        return Some((CONTINUE, continue_list::by_name(items), inputs));
    }
    for (key, shape) in KEYS.into_iter().zip([MCP_SERVERS, ZED, CODEX, VSCODE]) {
        if let Some(value @ (Value::Map(_) | Value::Null)) = found(key) {
            return Some((shape, map(value), inputs));
        }
    }
    if let Some(settings) = root.get("mcp").map(|entry| &entry.node)
        && let Some(servers) = settings.get("servers")
    {
        return Some((VSCODE, map(&servers.node.value), Inputs::read(settings)));
    }
    match &root.value {
        value @ Value::List(items) if continue_list::fits(value) => {
            Some((CONTINUE, continue_list::by_name(items), inputs))
        }
        Value::Map(entries) if !entries.is_empty() && entries.iter().all(is_server) => {
            Some((MCP_SERVERS, entries.clone(), inputs))
        }
        _ => None,
    }
}

/// Whether an entry is a server by itself: documentation often shows servers without the key around them.
fn is_server(entry: &Entry) -> bool {
    ["command", "url", "serverUrl", "httpUrl"].iter().any(|key| entry.node.get(key).is_some())
}

/// Whether this is the hub that reads the file: `tutti connect` writes it there, and it must not call itself.
fn is_tutti(name: &str, server: &Node) -> bool {
    let text = |key: &str| server.get(key).and_then(|entry| entry.node.scalar_text()).unwrap_or_default();
    let command = text("command").replace('\\', "/").to_ascii_lowercase();
    let program = command.rsplit('/').next().unwrap_or_default();
    let url = text("url");
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("ws://")).unwrap_or_default();
    let here = ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| host.starts_with(own));
    let bridge = server.get("args").is_some_and(|args| match &args.node.value {
        Value::List(items) => items.first().and_then(Node::scalar_text).is_some_and(|first| first == "mcp"),
        _ => false,
    });
    (program.trim_end_matches(".exe") == "tutti" && bridge) || (name == "tutti" && here)
}

fn map(value: &Value) -> Vec<Entry> {
    match value {
        Value::Map(entries) => entries.clone(),
        _ => Vec::new(),
    }
}

struct Names {
    fine: HashSet<String>,
    given: HashSet<String>,
}

impl Names {
    fn give(&mut self, context: &mut Context<'_, '_>, entry: &Entry) -> String {
        let name = if self.fine.contains(&entry.key) && !self.given.contains(&entry.key) {
            entry.key.clone()
        } else {
            let name = name::sanitised(&entry.key, |name| self.fine.contains(name) || self.given.contains(name));
            let place = context.place(entry.key_place);
            context.notices.push(format!("{place}: server `{}` is called `{name}` here", entry.key));
            name
        };
        self.given.insert(name.clone());
        name
    }
}

fn is_fine(name: &str) -> bool {
    naming::fault(name).is_none()
}

fn of_texts(file: &str, texts: &Texts<'_>, inputs: &Inputs) -> Vec<String> {
    let mut notices: Vec<_> = texts.asked.iter().map(|id| format!("{file}: {}", inputs.notice(id))).collect();
    if texts.workspace {
        let text = "`${workspaceFolder}` is the variable WORKSPACE_FOLDER here; without it, `.` is taken";
        notices.push(format!("{file}: {text}"));
    }
    for inner in &texts.unknown {
        notices.push(format!("{file}: `${{{inner}}}` is no variable that Tutti knows; it stays as it is written"));
    }
    notices
}

/// Servers of a second shape in the same file.
fn passed_over(file: &str, root: &Node) -> Vec<String> {
    let filled = |key: &&str| root.get(key).is_some_and(|entry| !matches!(entry.node.value, Value::Null));
    let others = KEYS.into_iter().filter(filled).skip(1);
    others.map(|key| format!("{file}: the file also has `{key}`, which was not read")).collect()
}

fn unrecognised(document: &Document) -> Error {
    let keys: Vec<&str> = match &document.root.value {
        Value::Map(entries) => entries.iter().map(|entry| entry.key.as_str()).collect(),
        _ => Vec::new(),
    };
    let near =
        keys.iter().find_map(|key| nearest(key, KEYS).map(|near| format!("did you mean `{near}` for `{key}`? ")));
    let message = if keys.is_empty() {
        "the file is of no known client format: it holds no map of servers".to_owned()
    } else {
        let shown: Vec<_> = keys.iter().take(8).map(|key| format!("`{key}`")).collect();
        format!("the file is of no known client format: its keys are {}", shown.join(", "))
    };
    let shapes = "write the servers under `mcpServers` (Claude, Cursor, Cline, Windsurf), `servers` (VS Code), \
                  `context_servers` (Zed) or `mcp_servers` (Codex)";
    let next = format!("{}{shapes}", near.unwrap_or_default());
    Error::new(Code::ImportUnrecognised, message, next).at(document.root.place.in_file(&document.file))
}

#[cfg(test)]
mod tests;
