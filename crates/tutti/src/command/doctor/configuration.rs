//! The configuration, and what it says that must be there.

use super::check::Check;
use crate::command::{Context, Failures, programs};
use assembly::config::Loaded;
use assembly::wiring::{self, Resolved};
use base::config::{Document, Node, Value};
use base::network::Connector;
use base::{Code, Error};
use server::guard::Guard;
use server::keys::Keys;
use std::path::Path;
use tools::config::{Server, Transport};

/// Everything about the configuration. With `tried`, servers are started besides.
pub(super) fn checks(context: &Context, tried: bool) -> Vec<Check> {
    let loaded = match context.load() {
        Ok(loaded) => loaded,
        Err(Failures(errors)) => return faults(&errors),
    };
    let mut keys = Keys::of_operator(loaded.key.clone());
    let mut checks = match wiring::resolve(&loaded) {
        Ok(resolved) => {
            keys.clone_from(&resolved.keys);
            let servers = &resolved.settings.servers;
            let mut checks = vec![summary(&loaded, &resolved)];
            let looked_at = servers.iter().filter(|server| !(tried && is_address(server)));
            checks.extend(looked_at.map(server));
            checks.extend(servers.iter().filter_map(versions));
            checks.extend(certificates(servers));
            checks.extend(super::workflows::checks(&resolved));
            let notices = resolved.notices().into_iter();
            checks.extend(notices.map(|notice| Check::warn("configuration", notice.message, notice.next)));
            checks
        }
        Err(errors) => faults(&errors),
    };
    checks.extend(loaded.notices.iter().map(|notice| Check::info("configuration", notice)));
    checks.extend(secrets(&loaded));
    checks.push(key(&loaded, &keys));
    checks
}

/// Whether nothing can be said of a server without trying it.
fn is_address(server: &Server) -> bool {
    server.enabled && matches!(server.transport, Transport::Address { .. } | Transport::Socket { .. })
}

fn faults(errors: &[Error]) -> Vec<Check> {
    errors.iter().map(|error| Check::failed("configuration", error)).collect()
}

fn summary(loaded: &Loaded, resolved: &Resolved) -> Check {
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let (servers, views) = (resolved.settings.servers.len(), resolved.settings.views.len());
    let files: Vec<&str> = loaded.files.iter().map(|document| document.file.as_str()).collect();
    if resolved.nothing_configured {
        let folder = loaded.folder.display();
        return Check::info("configuration", format!("there is none; the files of {folder} are served, read only"))
            .with_fix("write one with `tutti init`");
    }
    let text = format!("{}: {}, {}", files.join(" and "), count(servers, "server"), count(views, "view"));
    Check::ok("configuration", text)
}

/// Whether secrets can be read by those whom they do not concern.
fn secrets(loaded: &Loaded) -> Vec<Check> {
    let mut checks = Vec::new();
    for file in &loaded.files {
        if has_clear_key(file) {
            let text = format!("a key of the hub stands in clear in {}", file.file);
            let fix = "move it into .env, such as TUTTI_KEY, and write `key: \"${TUTTI_KEY}\"`";
            checks.push(Check::warn("secrets", text, fix));
        }
    }
    let path = loaded.folder.join(".env");
    match others_may_read(&path) {
        Some(true) => {
            let text = format!("{} can be read by other users of this machine", path.display());
            checks.push(Check::warn("secrets", text, format!("chmod 600 {}", path.display())));
        }
        Some(false) => checks.push(Check::ok("secrets", ".env can be read by its owner only")),
        None => {}
    }
    checks
}

fn has_clear_key(file: &Document) -> bool {
    let is_clear = |node: &Node| node.scalar_text().is_some_and(|key| !key.is_empty() && !key.contains("${"));
    let of_client = |node: &Node| is_clear(node) || node.get("key").is_some_and(|entry| is_clear(&entry.node));
    let clients = match file.root.get("keys").map(|entry| &entry.node.value) {
        Some(Value::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    file.root.get("key").is_some_and(|entry| is_clear(&entry.node))
        || clients.iter().any(|entry| of_client(&entry.node))
}

#[cfg(unix)]
fn others_may_read(path: &Path) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).ok().map(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_path: &Path) -> Option<bool> {
    None
}

/// Whether what a server needs is there, without starting it.
fn server(server: &Server) -> Check {
    let name = format!("server {}", server.name);
    if !server.enabled {
        return Check::info(&name, "switched off");
    }
    match &server.transport {
        Transport::Command { program, environment, directory, .. } => {
            let path = environment.iter().find(|(name, _)| name == "PATH").map_or("", |(_, value)| value.expose());
            if !directory.is_dir() {
                let fix = format!("create it, or correct `cwd` of `{}`", server.name);
                return Check::fail(&name, format!("its folder {} does not exist", directory.display()), fix);
            }
            match programs::find(program, directory, path) {
                Some(found) => Check::ok(&name, format!("its program is {}", found.display())),
                None => {
                    let text = programs::missing(program);
                    let (what, fix) = text.split_once(": ").unwrap_or((&text, "install it"));
                    Check::fail(&name, what, fix)
                }
            }
        }
        Transport::Address { url, .. } => {
            let url = url.split('?').next().unwrap_or_default();
            Check::info(&name, format!("it is at {url}, which was not tried"))
                .with_fix("`tutti doctor --servers` tries it")
        }
        Transport::OpenApi(api) => super::openapi::check(server, api),
        Transport::Within(within) => Check::ok(&name, format!("it is built in: {}", within.kind)),
        Transport::Socket { path } if path.exists() => {
            Check::info(&name, format!("it is at the socket {}, which was not tried", path.display()))
                .with_fix("`tutti doctor --servers` tries it")
        }
        Transport::Socket { path } => {
            let fix = format!("start that server, or correct `url` of `{}`", server.name);
            Check::fail(&name, format!("there is no socket {}", path.display()), fix)
        }
        Transport::Files { root, .. } if root.is_dir() => Check::ok(&name, format!("its folder is {}", root.display())),
        Transport::Files { root, .. } => {
            let fix = format!("create it, or correct `root` of `{}`", server.name);
            Check::fail(&name, format!("its folder {} does not exist", root.display()), fix)
        }
    }
}

/// Whether a server is another program on the day that somebody publishes one.
fn versions(server: &Server) -> Option<Check> {
    let package = server.unpinned().filter(|_| server.enabled)?;
    let text = format!("it runs whatever version of `{package}` is the latest, with all that its environment holds");
    let fix = "write the version that you have looked at behind the package's name, such as `@1.2.3` (`==1.2.3` for \
               uvx, `:1.2.3` or a digest for images)";
    let name = format!("server {}", server.name);
    Some(match &server.fault {
        Some(error) if error.code() == Code::UpstreamUnpinned => Check::failed(&name, error),
        _ => Check::warn(&name, text, fix),
    })
}

/// Whether encrypted addresses can be trusted, where there are any.
fn certificates(servers: &[Server]) -> Option<Check> {
    let encrypted = |server: &&Server| matches!(&server.transport, Transport::Address { url, .. } if url.starts_with("https:") || url.starts_with("wss:"));
    servers.iter().find(encrypted)?;
    Some(match Connector::new("localhost", 443, true) {
        Ok(_) => Check::ok("certificates", "this machine has certificate authorities to check https addresses with"),
        Err(error) => Check::failed("certificates", &error),
    })
}

/// Whether the keys are as strong as the address asks for.
fn key(loaded: &Loaded, keys: &Keys) -> Check {
    let listen = loaded.listen.unwrap_or(wiring::DEFAULT_LISTEN);
    if let Err(error) = Guard::new(listen, keys) {
        return Check::failed("key", &error);
    }
    let others = match keys.clients.len() {
        0 => String::new(),
        1 => ", and there is one for a client".to_owned(),
        count => format!(", and there are {count} for clients"),
    };
    match (keys.is_empty(), listen.ip().is_loopback()) {
        (true, _) => Check::ok("key", format!("there is none, and none is needed: {} is this machine", listen.ip())),
        (false, true) => Check::ok("key", format!("strong enough{others}")),
        (false, false) => {
            let text = format!("strong enough{others}; what is sent to {listen} from other machines is not encrypted");
            Check::info("key", text).with_fix("put a proxy with TLS in front where the network is not yours alone")
        }
    }
}

#[cfg(test)]
mod tests;
