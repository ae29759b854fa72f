//! `server.json`, as the MCP registry and those who publish there write it, and the answers of a registry's API
//! (`/v0.1/servers`).
//!
//! What stands there is a stranger's word on what to start. So the program is one of four that are known, packages are of
//! one version, texts name no variables of ours but those that they ask for, and what would change the rights of the program
//! is left out and told.

mod document;
mod input;

pub(super) use document::{entries, name, published};

use super::draft::{Context, Draft};
use base::config::{Entry, Node, Place, Value};
use base::{Code, Error};
use input::{Asked, text};

/// The elements of a list that the object has; none where it has no such list.
fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    match node.get(key).map(|entry| &entry.node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// Converts one server: by its first package that can be started here, else by its first remote address.
pub(super) fn convert(context: &mut Context<'_, '_>, name: &str, node: &Node) -> Option<Node> {
    let mut fault = None;
    let packages = list(node, "packages").iter().map(|package| (package.place, command(name, package)));
    let remotes = list(node, "remotes").iter().map(|remote| (remote.place, address(name, remote)));
    let made = packages.chain(remotes).find_map(|(place, made)| match made {
        Ok(made) => Some(made),
        Err(why) => {
            fault.get_or_insert((place, why));
            None
        }
    });
    let Some((entries, notices)) = made else {
        let (place, why) = fault.unwrap_or((node.place, "it has neither a package nor a remote address".to_owned()));
        let message = format!("the server `{name}` cannot be taken over: {why}");
        let error = Error::new(Code::ConfigInvalidValue, message, "add it by hand: `tutti server add NAME -- COMMAND`");
        context.refuse(error, place);
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

/// The keys of an entry, and what a person should know of them; or why there is no entry.
type Made = Result<(Vec<Entry>, Notices), String>;

/// The programs that start packages, by the kind of package, and whose hosts each of them asks by itself.
const PROGRAMS: [(&str, &str, &str); 4] =
    [("npm", "npx", "npmjs"), ("pypi", "uvx", "pypi"), ("oci", "docker", "docker"), ("nuget", "dnx", "nuget")];

/// The command of a package, or why there is none.
fn command(server: &str, package: &Node) -> Made {
    let place = package.place;
    let mut notices = Vec::new();
    let kind = text(package, "registryType").unwrap_or_default();
    let Some((_, program, usual)) = PROGRAMS.iter().find(|(known, ..)| *known == kind) else {
        let known = PROGRAMS.map(|(kind, ..)| kind).join(", ");
        return Err(format!("packages of the kind `{}` are not started here, only {known}", shortened(&kind)));
    };
    let transport = package.get("transport").and_then(|transport| text(&transport.node, "type"));
    if transport.is_some_and(|transport| transport != "stdio") {
        return Err("its package serves an address of its own: start it, and add the address".to_owned());
    }
    let mut asked = Asked::of(server);
    let mut variables = Vec::new();
    for item in list(package, "environmentVariables") {
        add(&mut variables, asked.variable(item, &mut notices));
    }
    let mut arguments = fetched(program, usual, package)?;
    let (for_container, own): (Vec<&Node>, Vec<&Node>) =
        list(package, "runtimeArguments").iter().partition(|item| *program == "docker" && names_variable(item));
    if *program == "docker" {
        for item in for_container {
            add(&mut variables, asked.container_variable(item, &mut notices));
        }
        let image = arguments.pop();
        arguments.extend(variables.iter().flat_map(|entry| ["-e".to_owned(), entry.key.clone()]));
        arguments.extend(image);
    }
    if *program == "dnx" && !list(package, "packageArguments").is_empty() {
        arguments.push("--".to_owned());
    }
    for item in list(package, "packageArguments") {
        arguments.extend(asked.argument(item, &mut notices));
    }
    let own: Vec<String> = own.into_iter().map(input::described).collect();
    if !own.is_empty() {
        let shown = shortened(&own.join(" "));
        let notice =
            format!("arguments for {program} itself were left out, for they change what the server may do: {shown}");
        notices.push((place, notice));
    }
    if let Some(digest) = text(package, "fileSha256") {
        notices.push((place, format!("{program} does not check the file's SHA-256, {}", shortened(&digest))));
    }
    notices.extend(asked.wanted(place)?);
    let items = arguments.into_iter().map(|argument| Node::text(place, argument)).collect();
    let mut entries = vec![
        Entry { key: "command".to_owned(), key_place: place, node: Node::text(place, (*program).to_owned()) },
        Entry { key: "args".to_owned(), key_place: place, node: Node { place, value: Value::List(items) } },
    ];
    if !variables.is_empty() {
        let node = Node { place, value: Value::Map(variables) };
        entries.push(Entry { key: "env".to_owned(), key_place: place, node });
    }
    Ok((entries, notices))
}

/// Whether an argument for who starts a container sets a variable in it.
fn names_variable(argument: &Node) -> bool {
    text(argument, "name").is_some_and(|name| name == "-e" || name == "--env")
}

/// Adds a pair whose name is not there yet: of two with one name the first counts.
fn add(pairs: &mut Vec<Entry>, pair: Option<Entry>) {
    pairs.extend(pair.filter(|pair| !pairs.iter().any(|other| other.key.eq_ignore_ascii_case(&pair.key))));
}

/// The arguments that have the program fetch and start just this version. `usual` is whose hosts it asks by itself: a package of
/// another place would be one that somebody else gave the same name.
fn fetched(program: &str, usual: &str, package: &Node) -> Result<Vec<String>, String> {
    let mut identifier = text(package, "identifier").unwrap_or_default();
    let base = text(package, "registryBaseUrl").unwrap_or_default();
    let host = base.rsplit("://").next().unwrap_or_default().split('/').next().unwrap_or_default();
    let mut labels = host.rsplit('.');
    let is_usual = matches!(labels.next(), Some("org" | "com" | "io")) && labels.next() == Some(usual);
    if !host.is_empty() && !is_usual {
        if program != "docker" {
            return Err(format!("its package is at {}, where {program} does not look by itself", shortened(host)));
        }
        if !identifier.starts_with(&format!("{host}/")) {
            identifier = format!("{host}/{identifier}");
        }
    }
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

/// The entry of a remote address.
fn address(server: &str, remote: &Node) -> Made {
    let place = remote.place;
    let mut notices = Vec::new();
    let kind = text(remote, "type").unwrap_or_default();
    if !matches!(kind.as_str(), "streamable-http" | "sse") {
        return Err(format!("nothing is known of the transport `{}`", shortened(&kind)));
    }
    let url = text(remote, "url").ok_or("its remote has no address")?;
    let mut asked = Asked::of(server);
    let url = asked.filled(&url, remote.get("variables").map(|entry| &entry.node));
    let mut headers = Vec::new();
    for item in list(remote, "headers") {
        add(&mut headers, asked.header(item, &mut notices));
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
    notices.extend(asked.wanted(place)?);
    Ok((entries, notices))
}

/// A stranger's text in a message.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(200).collect();
    base::visible::escaped(if short.len() < line.len() { short + "…" } else { short }.as_str())
}

#[cfg(test)]
mod tests;
