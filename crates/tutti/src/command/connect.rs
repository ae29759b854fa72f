//! `tutti connect`: writes the hub into the configuration of a client.

mod target;

use super::{Command, Context, Failures};
use base::error::Location;
use base::{Code, Error, Result, disk};
use clap::{Arg, ArgAction, ArgMatches};
use clients::connect::{self, Client, Plan, Target, Transport};
use console::output::Style;
use hubs::change::{self, Change, Consent};
use serde_json::json;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

const HELP: &str = "Examples:
  tutti connect claude-code
  tutti connect cursor --print
  tutti connect vscode --view research
  tutti connect claude-desktop --yes

The clients are claude-code, claude-desktop, cursor, vscode and codex. claude-code and vscode are connected for this
folder, the others for all of the user's. Everything else that the client's file says stays as it is, and the key of the
hub is never written into it.

Without --transport a client gets the best that it has: streamable HTTP, or for claude-desktop `tutti mcp`. Older versions
of claude-code, cursor and vscode may want `sse`; only claude-code takes `websocket`.

The change is shown first, and you are asked. Where nobody can be asked (standard input is no terminal), say --yes, or
look with --dry-run.";

fn arguments() -> clap::Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    clap::Command::new("connect")
        .about("Write the hub into the configuration of a client")
        .arg(Arg::new("client").value_name("CLIENT").required(true).help("The client"))
        .arg(flag("print", "Only print what belongs into the client's file"))
        .arg(
            Arg::new("view")
                .long("view")
                .value_name("VIEW")
                .help("The view that the client gets [default: everything]"),
        )
        .arg(
            Arg::new("transport")
                .long("transport")
                .value_name("TRANSPORT")
                .value_parser(Transport::ALL.map(Transport::name))
                .conflicts_with("stdio")
                .help("What the client speaks at the address [default: http]"),
        )
        .arg(flag("stdio", "Let the client start `tutti mcp` instead of connecting to the address"))
        .args(change::options())
        .after_help(HELP)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let client = find(matches.get_one::<String>("client").map_or("", String::as_str))?;
    let view = matches.get_one::<String>("view").map(String::as_str);
    let named = matches.get_one::<String>("transport");
    let transport = named.and_then(|name| Transport::ALL.into_iter().find(|transport| transport.name() == name));
    let way = match transport {
        Some(transport) => Way::Over(transport),
        None if matches.get_flag("stdio") => Way::Stdio,
        None => Way::Usual,
    };
    let shape = shape(client, way)?;
    let target = target::of(context, view, transport.unwrap_or(Transport::Http))?;
    if matches.get_flag("print") {
        print(context, client, &shape.snippet(&target));
        return Ok(0);
    }
    let plan = plan(context, client, shape, &target)?;
    let changes = [Change::new(plan.path.clone(), plan.text_before.clone(), plan.text_after.clone())];
    let made = change::make(context, &changes, Consent::of(matches))?;
    report(context, client, &plan, &changes, made);
    Ok(if made || matches.get_flag("dry-run") { 0 } else { 1 })
}

/// The client of this name; the error for another one lists them all.
fn find(name: &str) -> Result<Client> {
    let names = Client::ALL.map(Client::name).join(", ");
    Client::find(name).map_err(|error| {
        let is_told = error.next().contains(&names);
        if is_told { error } else { error.with_detail(format!("clients: {names}")) }
    })
}

/// How the client is to reach the hub.
enum Way {
    /// As suits it best.
    Usual,
    /// At an address, over this.
    Over(Transport),
    /// Through the bridge that it starts.
    Stdio,
}

/// The client whose form the entry takes. With the bridge that is the form of Claude Desktop, which others take too.
fn shape(client: Client, way: Way) -> Result<Client> {
    match (client, way) {
        (client, Way::Usual) => Ok(client),
        (client, Way::Over(transport)) if client.takes(transport) => Ok(client),
        (client, Way::Over(transport)) => Err(lacking(client, transport)),
        (Client::ClaudeDesktop | Client::ClaudeCode | Client::Cursor, Way::Stdio) => Ok(Client::ClaudeDesktop),
        (Client::VsCode | Client::Codex, Way::Stdio) => {
            let message = format!("{} cannot be connected with --stdio: it connects to the address", client.name());
            Err(Error::new(Code::Usage, message, "leave out --stdio"))
        }
    }
}

/// The error for a transport that the client does not have.
fn lacking(client: Client, transport: Transport) -> Error {
    let has = Transport::ALL.into_iter().filter(|transport| client.takes(*transport)).map(Transport::name);
    let has: Vec<_> = has.collect();
    let next = if has.is_empty() {
        "leave out --transport: it starts `tutti mcp`, which connects".to_owned()
    } else {
        format!("leave out --transport, or say --transport {}", has.join(" or "))
    };
    let message = format!("{} does not connect over {} by itself", client.name(), transport.name());
    Error::new(Code::Usage, message, next)
}

/// The change to the file of `client`, with an entry in the form of `shape`.
fn plan(context: &Context, client: Client, shape: Client, target: &Target) -> Result<Plan> {
    let environment = &context.environment;
    if client == shape {
        return connect::connect(client, environment, target);
    }
    let path = client.path(environment);
    let before = disk::read_text_if_exists(&path, change::LIMIT)?;
    let plan = connect::plan(shape, environment, target, before).map_err(|error| match error.location().cloned() {
        Some(place) => error.at(Location { file: path.display().to_string(), ..place }),
        None => error,
    })?;
    // The bridge finds the key by itself, so what is left to do is what the client wants without one.
    let keyless = Target { with_key: false, ..target.clone() };
    let hint = connect::plan(client, environment, &keyless, None)?.hint;
    Ok(Plan { path, hint, ..plan })
}

fn print(context: &Context, client: Client, snippet: &str) {
    let output = &context.output;
    let path = client.path(&context.environment);
    if output.json {
        return output.value(&json!({"client": client.name(), "path": path, "text": snippet}));
    }
    output.message(&format!("for {}:", change::short(context, &path)));
    output.line(snippet.trim_end());
}

fn report(context: &Context, client: Client, plan: &Plan, changes: &[Change], made: bool) {
    let output = &context.output;
    let path = change::short(context, &plan.path);
    let written = made && !plan.changes_nothing();
    if output.json {
        let files = change::to_json(changes);
        let value = json!({
            "client": client.name(), "path": plan.path, "written": written, "files": files, "next": plan.hint
        });
        return output.value(&value);
    }
    if plan.changes_nothing() {
        output.message(&format!("{path} says so already"));
    }
    if made {
        change::tell_written(context, changes);
        output.message(&format!("{} {}", output.paint_message(Style::Strong, "next:"), plan.hint));
    }
}

#[cfg(test)]
mod tests;
