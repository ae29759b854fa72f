//! Where the hub listens.

use base::Code;
use base::config::{Node, Section, Value, nearest};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tools::config::ALL;

/// `listen`: `host:port` with an address or `localhost`, or a port alone.
pub(super) fn address(section: &mut Section<'_>) -> Option<SocketAddr> {
    let text = section.text("listen")?;
    let local = |port: &str| port.parse().ok().map(|port: u16| SocketAddr::from(([127, 0, 0, 1], port)));
    let address = text.parse().ok().or_else(|| local(text.strip_prefix("localhost:").unwrap_or(&text)));
    if address.is_none() {
        let message = format!("`listen` is `{text}`, which is no address with a port");
        let next = "write for example `listen: 127.0.0.1:4747`";
        section.problem("listen", Code::ConfigInvalidValue, message, next.to_owned());
    }
    address
}

/// `socket`: a path that serves everything, or a map of views to paths. Relative paths count from `folder`; an empty one
/// is none.
pub(super) fn sockets(section: &mut Section<'_>, folder: &Path, views: Option<&Node>) -> Vec<(String, PathBuf)> {
    let is_map = section.node("socket").is_some_and(|node| matches!(node.value, Value::Map(_)));
    let named = if is_map {
        section.text_map("socket").unwrap_or_default()
    } else {
        section.text("socket").map(|path| (ALL.to_owned(), path)).into_iter().collect()
    };
    let sockets: Vec<_> = named.into_iter().filter(|(_, path)| !path.is_empty()).collect();
    let mut paths = HashSet::new();
    for (view, path) in &sockets {
        if view != ALL && views.is_none_or(|views| views.get(view).is_none()) {
            unknown(section, view, views);
        }
        if !paths.insert(path) {
            let message = format!("`socket` has the path {path} twice");
            section.problem("socket", Code::ConfigInvalidValue, message, "give each view a path of its own".to_owned());
        }
    }
    sockets.into_iter().map(|(view, path)| (view, folder.join(path))).collect()
}

/// Tells of a view that there is not.
fn unknown(section: &Section<'_>, view: &str, views: Option<&Node>) {
    let entries = match views.map(|views| &views.value) {
        Some(Value::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    let known = || entries.iter().map(|entry| entry.key.as_str()).chain([ALL]);
    let next = match nearest(view, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the views are {}", known().collect::<Vec<_>>().join(", ")),
    };
    let message = format!("`socket` is for the view `{view}`, which there is not");
    section.problem("socket", Code::ConfigInvalidValue, message, next);
}
