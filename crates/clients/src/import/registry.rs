//! `server.json`, as the MCP registry and those who publish there write it, and the answers of a registry's API
//! (`/v0.1/servers`).
//!
//! What stands there is a stranger's word on what to start. So the program is one of four that are known, packages are of
//! one version, texts name no variables of ours but those that they ask for, and what would change the rights of the program
//! is left out and told.

mod input;

use super::draft::{Context, Draft};
use base::config::{Entry, Node, Place, Value};
use base::{Code, Error};
use input::{Asked, text};

/// What a registry says of an entry beside it.
const OFFICIAL: &str = "io.modelcontextprotocol.registry/official";

/// The entries of a document, by the last part of their names; nothing where it is no such document.
pub(super) fn entries(root: &Node) -> Option<Vec<Entry>> {
    if is_server(root) {
        return Some(vec![entry(root)]);
    }
    if let Some(server) = root.get("server").map(|entry| &entry.node).filter(|server| is_server(server)) {
        return Some(vec![entry(server)]);
    }
    let list = list(root, "servers");
    let servers: Vec<(&Node, &Node)> =
        list.iter().filter_map(|item| Some((item, item.get("server").map(|entry| &entry.node)?))).collect();
    let fits =
        !servers.is_empty() && servers.len() == list.len() && servers.iter().all(|(_, server)| is_server(server));
    let is_wanted = |item: &&Node| {
        let official = item.get("_meta").and_then(|meta| meta.node.get(OFFICIAL)).map(|entry| &entry.node);
        let said = |key: &str| official.and_then(|official| text(official, key));
        said("isLatest").as_deref() != Some("false") && said("status").as_deref() != Some("deleted")
    };
    fits.then(|| servers.iter().filter(|(item, _)| is_wanted(item)).map(|(_, server)| entry(server)).collect())
}

fn is_server(node: &Node) -> bool {
    let named = text(node, "name").is_some_and(|name| name.split('/').count() == 2);
    named && text(node, "version").is_some() && (node.get("packages").is_some() || node.get("remotes").is_some())
}

fn entry(server: &Node) -> Entry {
    let name = text(server, "name").unwrap_or_default();
    let key = name.rsplit('/').next().unwrap_or_default().to_owned();
    Entry { key, key_place: server.place, node: server.clone() }
}

/// The elements of a list that the object has; none where it has no such list.
fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    match node.get(key).map(|entry| &entry.node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// Converts one server: by its first package that can be started here, else by its first remote address.
pub(super) fn convert(context: &mut Context<'_, '_>, name: &str, node: &Node) -> Option<Node> {
    let mut notices = Vec::new();
    let mut fault = None;
    let mut made = None;
    for package in list(node, "packages") {
        match command(package, &mut notices) {
            Ok(entries) => {
                made = Some(entries);
                break;
            }
            Err(why) => fault = fault.or(Some((package.place, why))),
        }
    }
    if made.is_none() {
        made = list(node, "remotes").iter().find_map(|remote| address(remote, &mut notices));
    }
    let Some(entries) = made else {
        let (place, why) = fault.unwrap_or((node.place, "it has neither a package nor a remote address".to_owned()));
        let message = format!("the server `{name}` cannot be taken over: {why}");
        let error = Error::new(Code::ConfigInvalidValue, message, "add it by hand: `tutti server add NAME -- COMMAND`");
        context.problems.push(error.at(place.in_file(context.file)));
        return None;
    };
    let mut draft = Draft::new(context, name, node.place);
    entries.into_iter().for_each(|entry| draft.put(&entry.key, entry.key_place, entry.node));
    for (place, notice) in notices {
        draft.notice(place, &notice);
    }
    draft.finish()
}

/// What a person should know, and where it stands.
type Notices = Vec<(Place, String)>;

/// The programs that start packages, by the kind of package.
const PROGRAMS: [(&str, &str); 4] = [("npm", "npx"), ("pypi", "uvx"), ("oci", "docker"), ("nuget", "dnx")];

/// The command of a package, or why there is none.
fn command(package: &Node, notices: &mut Notices) -> Result<Vec<Entry>, String> {
    let place = package.place;
    let kind = text(package, "registryType").unwrap_or_default();
    let Some((_, program)) = PROGRAMS.iter().find(|(known, _)| *known == kind) else {
        let known = PROGRAMS.map(|(kind, _)| kind).join(", ");
        return Err(format!("packages of the kind `{}` are not started here, only {known}", shortened(&kind)));
    };
    let transport = package.get("transport").and_then(|transport| text(&transport.node, "type"));
    if transport.is_some_and(|transport| transport != "stdio") {
        return Err("its package serves an address of its own: start it, and add the address".to_owned());
    }
    let mut asked = Asked::default();
    let mut variables = Vec::new();
    for item in list(package, "environmentVariables") {
        variables.extend(asked.variable(item, notices));
    }
    let mut arguments = fetched(program, package)?;
    if *program == "docker" {
        let image = arguments.pop();
        arguments.extend(variables.iter().flat_map(|entry| ["-e".to_owned(), entry.key.clone()]));
        arguments.extend(image);
    }
    if *program == "dnx" && !list(package, "packageArguments").is_empty() {
        arguments.push("--".to_owned());
    }
    for item in list(package, "packageArguments") {
        arguments.extend(asked.argument(item, notices));
    }
    let own: Vec<String> = list(package, "runtimeArguments").iter().map(input::described).collect();
    if !own.is_empty() {
        let shown = shortened(&own.join(" "));
        let notice =
            format!("arguments for {program} itself were left out, for they change what the server may do: {shown}");
        notices.push((place, notice));
    }
    if let Some(digest) = text(package, "fileSha256") {
        notices.push((place, format!("{program} does not check the file's SHA-256, {}", shortened(&digest))));
    }
    notices.extend(asked.wanted(place));
    let items = arguments.into_iter().map(|argument| Node::text(place, argument)).collect();
    let mut entries = vec![
        Entry { key: "command".to_owned(), key_place: place, node: Node::text(place, (*program).to_owned()) },
        Entry { key: "args".to_owned(), key_place: place, node: Node { place, value: Value::List(items) } },
    ];
    if !variables.is_empty() {
        let node = Node { place, value: Value::Map(variables) };
        entries.push(Entry { key: "env".to_owned(), key_place: place, node });
    }
    Ok(entries)
}

/// The arguments that have the program fetch and start just this version.
fn fetched(program: &str, package: &Node) -> Result<Vec<String>, String> {
    let identifier = text(package, "identifier").unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@._/:+-".contains(&byte);
    if identifier.is_empty() || identifier.len() > 400 || identifier.starts_with('-') || !identifier.bytes().all(plain)
    {
        return Err(format!("`{}` is no name of a package", shortened(&identifier)));
    }
    let version = text(package, "version");
    let image = program == "docker";
    // An image may carry its version in its name.
    let last = identifier.rsplit('/').next().unwrap_or_default();
    if image && version.is_none() && last.contains([':', '@']) && !last.ends_with(":latest") {
        return Ok(["run", "-i", "--rm", &identifier].map(str::to_owned).to_vec());
    }
    let version = version.unwrap_or_default();
    if !is_exact(&version) {
        return Err(format!("`{}` is not one version of its package", shortened(&version)));
    }
    Ok(match program {
        "npx" => vec!["-y".to_owned(), format!("{identifier}@{version}")],
        "uvx" => vec![format!("{identifier}=={version}")],
        "dnx" => vec![format!("{identifier}@{version}"), "--yes".to_owned()],
        _ if last.contains([':', '@']) => ["run", "-i", "--rm", &identifier].map(str::to_owned).to_vec(),
        _ => vec!["run".to_owned(), "-i".to_owned(), "--rm".to_owned(), format!("{identifier}:{version}")],
    })
}

/// Whether a text is one version, and neither a range nor whatever is the latest.
fn is_exact(version: &str) -> bool {
    let plain = version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-_!".contains(&byte));
    let begins = version.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let wild = version.split(['.', '-']).any(|part| matches!(part, "x" | "X" | "latest"));
    plain && begins && !wild && version.len() <= 255 && version.bytes().any(|byte| byte.is_ascii_digit())
}

/// The entry of a remote address; nothing where it has none that is known.
fn address(remote: &Node, notices: &mut Notices) -> Option<Vec<Entry>> {
    let place = remote.place;
    let kind = text(remote, "type")?;
    if !matches!(kind.as_str(), "streamable-http" | "sse") {
        return None;
    }
    let url = text(remote, "url")?;
    let mut asked = Asked::default();
    let url = asked.filled(&url, remote.get("variables").map(|entry| &entry.node));
    let mut headers = Vec::new();
    for item in list(remote, "headers") {
        headers.extend(asked.header(item, notices));
    }
    let mut entries = vec![Entry { key: "url".to_owned(), key_place: place, node: Node::text(place, url) }];
    if kind == "sse" {
        entries.push(Entry {
            key: "transport".to_owned(),
            key_place: place,
            node: Node::text(place, "sse".to_owned()),
        });
    }
    if !headers.is_empty() {
        let node = Node { place, value: Value::Map(headers) };
        entries.push(Entry { key: "headers".to_owned(), key_place: place, node });
    }
    notices.extend(asked.wanted(place));
    Some(entries)
}

/// A stranger's text in a message.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(200).collect();
    base::visible::escaped(if short.len() < line.len() { short + "…" } else { short }.as_str())
}

#[cfg(test)]
mod tests;
