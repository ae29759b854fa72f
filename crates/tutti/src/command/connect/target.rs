//! What a client is told: the address of the hub, or the bridge to it.

use crate::command::{Context, Failures};
use assembly::config::Loaded;
use assembly::wiring;
use base::config::nearest;
use base::{Code, Error, Result};
use clients::connect::{KEY_VARIABLE, Target, Transport};
use hubs::client;
use hubs::client::address::Address;
use hubs::running;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

/// The hub that was named, or the one of this configuration, whether it runs or not, over `transport`.
pub(super) fn of(context: &Context, view: Option<&str>, transport: Transport) -> Result<Target, Failures> {
    let key_is_set = context.environment.get(KEY_VARIABLE).is_some_and(|key| !key.is_empty());
    if let Some(url) = &context.url {
        let address = Address::parse(url)?;
        let view = view.or(address.view.as_deref());
        let bridge = bridge(&["--url", &address.url()], view)?;
        return Ok(Target { url: endpoint(&address.url(), view, transport), transport, bridge, with_key: key_is_set });
    }
    let loaded = context.load()?;
    if let Some(view) = view {
        check_view(&loaded, view)?;
    }
    let file = loaded.path.as_deref().map(|path| path.display().to_string());
    let named: Vec<&str> = file.iter().flat_map(|file| ["--config", file]).collect();
    let url = endpoint(&address(context, &loaded)?, view, transport);
    let with_key = loaded.key.is_some() || key_is_set;
    Ok(Target { url, transport, bridge: bridge(&named, view)?, with_key })
}

/// The address of the hub, without `/mcp`: where it runs, or where it is going to.
fn address(context: &Context, loaded: &Loaded) -> Result<String> {
    let (folder, is_configured) = client::folder(context);
    let found = running::find(&context.environment, &folder).filter(|hub| !is_configured || hub.serves(&folder));
    if let Some(address) = found.and_then(|hub| Address::parse(&hub.url).ok()) {
        let everywhere = address.host.parse::<IpAddr>().is_ok_and(|host| host.is_unspecified());
        let port = address.port;
        return Ok(if everywhere { local(port) } else { address.url() });
    }
    let listen = loaded.listen.unwrap_or(wiring::DEFAULT_LISTEN);
    context.output.message("note: the hub does not run yet; `tutti up` starts it");
    match listen.port() {
        0 => Err(Error::new(
            Code::Usage,
            "the hub listens on a port that is known only when it runs",
            "start it, or set a port under `listen`",
        )),
        port if listen.ip().is_unspecified() => Ok(local(port)),
        _ => Ok(format!("http://{listen}")),
    }
}

/// A hub that listens on all addresses, as clients on this machine reach it.
fn local(port: u16) -> String {
    format!("http://{}", SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

fn endpoint(address: &str, view: Option<&str>, transport: Transport) -> String {
    let path = match transport {
        Transport::Http => "mcp",
        Transport::Sse => "sse",
        Transport::WebSocket => "ws",
    };
    let address = match address.strip_prefix("http") {
        Some(rest) if transport == Transport::WebSocket => format!("ws{rest}"),
        _ => address.to_owned(),
    };
    match view {
        Some(view) => format!("{address}/{path}/{view}"),
        None => format!("{address}/{path}"),
    }
}

/// The command of the bridge. A client starts it in whatever folder it likes, so nothing in it is relative.
fn bridge(named: &[&str], view: Option<&str>) -> Result<Vec<String>> {
    let program = std::env::current_exe()
        .map_err(|error| Error::internal(format!("the path of this program is not known: {error}")))?;
    let view = view.into_iter().flat_map(|view| ["--view", view]);
    let words = ["mcp"].into_iter().chain(named.iter().copied()).chain(view);
    Ok(std::iter::once(program.display().to_string()).chain(words.map(str::to_owned)).collect())
}

fn check_view(loaded: &Loaded, view: &str) -> Result<(), Failures> {
    let resolved = wiring::resolve(loaded)?;
    let known: Vec<&str> =
        std::iter::once(tools::config::ALL).chain(resolved.settings.views.keys().map(String::as_str)).collect();
    if known.contains(&view) {
        return Ok(());
    }
    let next = match nearest(view, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the views are {}", known.join(", ")),
    };
    let file = loaded.path.as_deref().unwrap_or(Path::new("the configuration")).display();
    Err(Error::new(Code::UnknownView, format!("there is no view `{view}` in {file}"), next).into())
}

#[cfg(test)]
mod tests;
