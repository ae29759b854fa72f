//! The servers of a registry (API v0.1), and those that a `server.json` at an address describes.
//!
//! The person names the registry, so it may be anywhere; what it answers is a stranger's word. It leads to no other server,
//! names no private address unless it is at one itself, and is taken for nothing but what a registry publishes.

mod web;

use super::{Found, MOST, too_many};
use crate::command::server::add;
use crate::command::server::file::File;
use crate::command::{Context, Failures};
use base::config::{Node, Place, Problems, Value, json, substitute_node};
use base::network::guard::{is_loopback_name, is_public};
use base::network::host_and_port;
use base::{Code, Error, Result};
use clap::{Arg, ArgAction, ArgMatches};
use clients::import::{self, Published};
use console::output::one_line;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use hubs::running;
use identity::oauth::address::Address;
use identity::oauth::form;
use std::collections::HashSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use web::{Web, failed};

/// The most pages of a list.
const PAGES: usize = 64;

/// How long reading a whole list may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The most bytes of a cursor.
const CURSOR: usize = 1024;

/// The options that are for a registry.
pub(super) fn options() -> [Arg; 3] {
    [
        Arg::new("registry")
            .long("registry")
            .value_name("URL")
            .conflicts_with("from")
            .help("An MCP registry to take servers from; FILE is then the name of one there, as NAME or NAME@VERSION"),
        Arg::new("search")
            .long("search")
            .value_name("TEXT")
            .requires("registry")
            .conflicts_with("files")
            .help("All servers of the registry with this in their names [default: all]"),
        Arg::new("header")
            .long("header")
            .value_name("NAME=VALUE")
            .action(ArgAction::Append)
            .help("A header for the registry, such as 'Authorization=Bearer ${REGISTRY_KEY}'"),
    ]
}

/// What is asked for.
enum Order {
    /// Servers by their names in the registry.
    Named(Vec<(String, Option<String>)>),
    /// All whose names have this in them.
    All(Option<String>),
}

impl Order {
    /// As it was typed.
    fn of(names: &[String], matches: &ArgMatches) -> Result<Self> {
        if names.is_empty() {
            return Ok(Self::All(matches.get_one::<String>("search").cloned()));
        }
        names.iter().map(|name| named(name)).collect::<Result<_>>().map(Self::Named)
    }
}

/// `NAME` or `NAME@VERSION`.
fn named(text: &str) -> Result<(String, Option<String>)> {
    let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
    let plain = |part: &str, more: &[u8]| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    let fits = name.split_once('/').is_some_and(|(space, last)| plain(space, b".-") && plain(last, b"._-"));
    let fine = |version: &str| {
        !version.is_empty() && version.len() <= 255 && version.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if !fits || name.len() > 200 || version.is_some_and(|version| !fine(version)) {
        let message = format!("`{}` is no name of a server in a registry", one_line(text, 100));
        return Err(Error::new(Code::Usage, message, "write it as com.example/weather or com.example/weather@1.0.0"));
    }
    Ok((name.to_owned(), version.filter(|version| *version != "latest").map(str::to_owned)))
}

/// The servers of the registry at `url`: those of these names, or all that `matches` select.
pub(super) fn read(
    context: &Context,
    file: &File,
    url: &str,
    names: &[PathBuf],
    matches: &ArgMatches,
) -> Result<Found, Failures> {
    let names: Vec<String> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let order = Order::of(&names, matches)?;
    let headers = headers(file, matches)?;
    let address = address(url, "https://registry.modelcontextprotocol.io")?;
    if is_own(context, file, &address) {
        let message = "the registry is the hub of this very configuration, and a hub must not call itself";
        return Err(Error::new(Code::Usage, message, "name another hub, or another configuration with --config").into());
    }
    context.block_on(ask(address, order, headers))
}

/// Whether the hub that would take over the configuration is the registry.
fn is_own(context: &Context, file: &File, address: &Address) -> bool {
    let running = running::all(&context.environment).into_iter().filter(|running| running.serves(file.folder()));
    running.filter_map(|running| Address::parse(&running.url).ok()).any(|own| {
        let here = is_loopback_name(own.host()) && is_loopback_name(address.host());
        own.port() == address.port() && (here || own.host() == address.host())
    })
}

async fn ask(address: Address, order: Order, headers: HeaderMap) -> Result<Found, Failures> {
    let path = ["/servers", "/v0.1"].iter().fold(address.path(), |path, end| path.strip_suffix(end).unwrap_or(path));
    let source = Source { web: Web::new(&address, headers)?, base: format!("{path}/v0.1/servers"), address };
    let (documents, lenient) = match order {
        Order::Named(names) => (source.named(&names).await?, false),
        Order::All(search) => {
            let list = tokio::time::timeout(PATIENCE, source.list(search.as_deref())).await;
            (list.map_err(|_| failed(&source.address, &format!("not all came within {PATIENCE:?}")))??, true)
        }
    };
    source.found(&documents, lenient)
}

/// The servers that the document at an address describes.
pub(super) async fn fetch(url: &str, headers: HeaderMap) -> Result<Found, Failures> {
    let address = address(url, "https://example.com/server.json")?;
    let source = Source { web: Web::new(&address, headers)?, base: address.target().to_owned(), address };
    let document = source.document(&source.base, |_| None).await?;
    source.found(&[document], false)
}

fn address(text: &str, example: &str) -> Result<Address> {
    let refused = |why: &str| {
        // What is wrong may be a credential, so the address itself is not shown.
        Error::new(Code::Usage, format!("the address of the registry {why}"), format!("write it as {example}"))
    };
    Address::parse(text).map_err(refused)
}

/// The headers for the registry, with the variables of the environment and of `.env` filled in.
pub(super) fn headers(file: &File, matches: &ArgMatches) -> Result<HeaderMap, Failures> {
    let mut headers = HeaderMap::new();
    let lookup = |name: &str| file.environment.get(name).map(str::to_owned);
    for text in matches.get_many::<String>("header").unwrap_or_default() {
        let problems = Problems::new();
        let (name, value) = add::header(text)?;
        let mut node = Node { place: Place::START, value: Value::Text(value) };
        substitute_node("the command line", "header", &mut node, &lookup, &problems);
        problems.into_result().map_err(|errors| Failures(errors.iter().map(add::without_place).collect()))?;
        let value = node.scalar_text().unwrap_or_default();
        let header = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()));
        let (Ok(known), Ok(mut value), false) = (header.0, header.1, value.contains("${")) else {
            let message = format!("`--header {}` cannot be sent", one_line(&name, 60));
            return Err(Error::new(
                Code::Usage,
                message,
                "write --header NAME=VALUE, with ${VARIABLES} for what is secret",
            )
            .into());
        };
        value.set_sensitive(true);
        headers.append(known, value);
    }
    Ok(headers)
}

/// Where servers come from.
struct Source {
    web: Web,
    address: Address,
    /// The path of the list, or of the document.
    base: String,
}

impl Source {
    /// The document at `target`. `missing` is the error where there is none.
    async fn document(&self, target: &str, missing: impl Fn(u16) -> Option<Error>) -> Result<Node> {
        let reply = self.web.get(target).await?;
        let status = reply.status;
        match status {
            200 => json(self.address.text(), &reply.body).map(|document| document.root).map_err(|error| {
                failed(&self.address, &format!("the answer is none of a registry: {}", error.message()))
            }),
            401 | 403 => {
                let why = format!("it wants a credential (HTTP status {status})");
                let error = failed(&self.address, &why);
                Err(Error::new(
                    error.code(),
                    error.message(),
                    "show one: --header 'Authorization=Bearer ${REGISTRY_KEY}'",
                ))
            }
            _ => Err(missing(status)
                .unwrap_or_else(|| failed(&self.address, &format!("the answer has HTTP status {status}")))),
        }
    }

    /// Servers by their names.
    async fn named(&self, names: &[(String, Option<String>)]) -> Result<Vec<Node>> {
        let mut documents = Vec::with_capacity(names.len());
        for (name, version) in names {
            let wanted = version.as_deref().unwrap_or("latest");
            let target = format!("{}/{}/versions/{}", self.base, form::escape(name), form::escape(wanted));
            let missing = |status| {
                let which = version.as_ref().map(|version| format!(" of version `{version}`")).unwrap_or_default();
                let message = format!("the registry {} has no server `{name}`{which}", self.address.origin());
                let last = name.rsplit('/').next().unwrap_or_default();
                let registry = self.address.text();
                let next =
                    format!("look what it has: tutti server import --registry {registry} --search {last} --dry-run");
                (status == 404).then(|| Error::new(Code::ServerUnknown, message, next))
            };
            let document = self.document(&target, missing).await?;
            let server = document.get("server").map_or(&document, |entry| &entry.node);
            let said = |key: &str| server.get(key).and_then(|entry| entry.node.scalar_text());
            let right = said("name").as_ref() == Some(name)
                && version.as_ref().is_none_or(|version| said("version").as_ref() == Some(version));
            if !right {
                return Err(failed(
                    &self.address,
                    &format!("it was asked for `{name}` and answers with another server or version"),
                ));
            }
            documents.push(document);
        }
        Ok(documents)
    }

    /// All pages of the list.
    async fn list(&self, search: Option<&str>) -> Result<Vec<Node>> {
        let search = search.map(|text| format!("&search={}", form::escape(text))).unwrap_or_default();
        let mut target = format!("{}?limit=100&version=latest{search}", self.base);
        let first = target.clone();
        let (mut pages, mut count, mut seen) = (Vec::new(), 0, HashSet::new());
        while pages.len() < PAGES {
            let page = self.document(&target, |_| None).await?;
            count += match page.get("servers").map(|entry| &entry.node.value) {
                Some(Value::List(servers)) => servers.len(),
                _ => 0,
            };
            if count > MOST {
                return Err(too_many(count));
            }
            let metadata = page.get("metadata").and_then(|entry| entry.node.get("nextCursor"));
            let cursor = metadata.and_then(|entry| entry.node.scalar_text()).filter(|cursor| !cursor.is_empty());
            pages.push(page);
            match cursor {
                None => return Ok(pages),
                Some(cursor) if cursor.len() > CURSOR || !seen.insert(cursor.clone()) => break,
                Some(cursor) => target = format!("{first}&cursor={}", form::escape(&cursor)),
            }
        }
        Err(failed(&self.address, "its list does not end"))
    }

    /// What is taken over of documents. Of a list, what cannot be taken over is told of and left out.
    fn found(&self, documents: &[Node], lenient: bool) -> Result<Found, Failures> {
        let source = self.address.origin();
        let Published { imported, mut refused } = import::published(&source, documents)?;
        let import::Imported { mut servers, mut notices, .. } = imported;
        if !self.address.is_encrypted() && !is_loopback_name(self.address.host()) {
            notices
                .insert(0, format!("{source} is asked without encryption: anybody on the way can change what it says"));
        }
        servers.retain(|(name, node)| match self.private(node) {
            None => true,
            Some(url) => {
                let message = format!(
                    "the server `{name}` cannot be taken over: {source} says that it is at the private address {url}"
                );
                let next = format!("if that is meant, add it by hand: tutti server add {name} URL");
                refused.push((name.clone(), vec![Error::new(Code::AddressForbidden, message, next)]));
                false
            }
        });
        if !lenient && !refused.is_empty() {
            return Err(refused.into_iter().flat_map(|(_, errors)| errors).collect::<Vec<_>>().into());
        }
        let left_out = refused.iter().map(|(name, _)| name.clone()).collect();
        notices.extend(
            refused.iter().flat_map(|(_, errors)| errors).map(|error| format!("{source}: {}", error.message())),
        );
        Ok(Found { file: source, servers, notices, left_out, lenient, foreign: true, placed: false })
    }

    /// The private address at which a server is said to be, where the registry itself is public. Names are judged by
    /// nobody here: whoever runs the hub sees them, and what they lead to changes.
    fn private(&self, node: &Node) -> Option<String> {
        let is_private =
            |host: &str| is_loopback_name(host) || host.parse::<IpAddr>().is_ok_and(|address| !is_public(address));
        let url = node.get("url").and_then(|entry| entry.node.scalar_text())?;
        let uri: Uri = url.parse().ok()?;
        let (host, _) = host_and_port(uri.authority()?.as_str())?;
        let own = is_private(self.address.host()) || self.address.host().eq_ignore_ascii_case(host);
        (is_private(host) && !own).then(|| one_line(&url, 100))
    }
}

#[cfg(test)]
mod tests;
